"""Values that an inventory takes as texts and that have a form all the same: mailboxes, countries, SIREN numbers.

They are checked where somebody types or imports them; an inventory that is stored already is read as it is.
"""

from collections.abc import Iterator
from typing import Any

from breach_service.domain.inventory import PARTS, Entry, Inventory
from breach_service.errors import N_, Sentence
from breach_service.inventory_files.values import country_of, is_mailbox

UNKNOWN_COUNTRY = "ZZ"
"""ISO 3166 keeps it free for users: the country is still to be found out."""
_SAID = {
    "email": N_("no e-mail address: write it as name@example.org, or leave it empty"),
    "country": N_("no country: write its code of two letters, such as FR or BE"),
    "siren": N_("no SIREN: it has nine digits, the last of which checks the others; correct it, or leave it empty"),
}
EXAMPLES = {"email": "dpo@example.org", "country": "FR", "siren": "732829320"}
"""A sound value of each, for whoever corrects a cell."""


def unsound_value(field: str, text: str) -> Sentence | None:
    """What is wrong with the text of a field, known by its last step (`email`, `country`, `siren`); None if nothing."""
    match field:
        case "email":
            is_sound = not text or is_mailbox(text)
        case "country":
            is_sound = text == UNKNOWN_COUNTRY or (text.isupper() and len(text) == 2 and country_of(text) == text)
        case "siren":
            is_sound = not text or _is_siren(text)
        case _:
            is_sound = True
    return None if is_sound else Sentence(_SAID[field])


def unsound_fields(entry: Entry) -> Iterator[tuple[str, Sentence]]:
    """Each field of an entry whose text is none of its kind (`contacts.2.email`), with what is wrong."""
    yield from _unsound(entry.model_dump(mode="json"), ())


def unsound_entries(inventory: Inventory) -> Iterator[str]:
    """The same of a whole inventory, each with its way: `clients.vernolles.siren: …`."""
    for part in PARTS:
        for entry in getattr(inventory, part):
            for field, sentence in unsound_fields(entry):
                yield f"{part}.{entry.id}.{field}: {sentence}"


def _unsound(value: Any, way: tuple[str, ...]) -> Iterator[tuple[str, Sentence]]:
    if isinstance(value, dict):
        for key, one in value.items():
            # Facts and labels have names of their own, which tell nothing of the form.
            if key not in ("facts", "labels"):
                yield from _unsound(one, (*way, key))
    elif isinstance(value, list):
        for number, one in enumerate(value, start=1):
            yield from _unsound(one, (*way, str(number)))
    elif isinstance(value, str) and way and (sentence := unsound_value(way[-1], value)):
        yield ".".join(way), sentence


def _is_siren(text: str) -> bool:
    from stdnum.fr import siren

    return bool(siren.is_valid(text))
