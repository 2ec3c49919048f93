"""What recorded facts say of others without anybody being asked again.

Nothing here is a guess: each follows from the words of the questions. Whatever somebody records of the fact itself
goes before, whichever way it reads.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from breach_service.domain.conditions import FactValue, NumberRange, Truth, is_unknown
from breach_service.domain.facts import Fact, Provenance

HOLDS_PERSONAL_DATA = "system.holds_personal_data"
CATEGORIES = "data.categories"
SPECIAL_CATEGORIES = "data.special_categories"
COMPROMISE_SUSPECTED = "incident.compromise_suspected"
MALICIOUS = "incident.malicious"
CAUSE = "incident.cause"
KIND = "incident.scenario"
ORIGINS = "incident.origins"
IMPLIED = (HOLDS_PERSONAL_DATA, SPECIAL_CATEGORIES, COMPROMISE_SUSPECTED, MALICIOUS)
"""The facts that may follow from others."""

SPECIAL = frozenset(
    {
        "racial_origin", "political", "philosophical", "trade_union", "sexual_orientation", "health", "biometric",
        "genetic",
    }
)  # fmt: skip
"""The words of `data.categories` that are special categories (GDPR Art. 9)."""
_LOSSES = ("loss.confidentiality", "loss.integrity", "loss.availability")
_NAMING = (CATEGORIES, SPECIAL_CATEGORIES, "persons.categories", "persons.number")
_ORIGINS_OF = {
    "ransomware": "hacking",
    "credential_stuffing": "hacking",
    "account_takeover": "hacking",
    "web_shell": "hacking",
    "phishing": "hacking",
    "lost_device": "device_lost",
    "misdirected_mail": "wrong_recipient",
    "other_client_data": "wrong_person_shown",
}
"""The box of the CNIL form that a kind of incident is; of the others several boxes can be right."""
_CAUSES = {
    "internal_malicious": Truth.YES,
    "external_malicious": Truth.YES,
    "internal_accidental": Truth.NO,
    "external_accidental": Truth.NO,
}


def with_implied(counted: Mapping[str, Fact]) -> dict[str, Fact]:
    """The facts that count at one place, and those that follow from them.

    Who names data or persons speaks of personal data; the list of data says which are special; what was lost was
    reached; the cause says whether it was malice; what happened says the origin. An implied fact keeps the scope, the
    author and the instant of the fact that it follows from; its provenance is `RULE`.
    """
    found = dict(counted)
    for name, value, source in _implied(counted):
        held = found.get(name)
        if held is None or is_unknown(held.value) or _is_overruled(held, source):
            found[name] = replace(source, name=name, value=value, provenance=Provenance.RULE, note="")
    return found


def _is_overruled(held: Fact, source: Fact) -> bool:
    """What the inventory says holds until a person says what goes against it."""
    return held.provenance is Provenance.INVENTORY and source.provenance is Provenance.PERSON


def _implied(counted: Mapping[str, Fact]) -> Iterable[tuple[str, FactValue, Fact]]:
    naming = next((counted[name] for name in _NAMING if name in counted and _names(counted[name].value)), None)
    if naming is not None:
        yield HOLDS_PERSONAL_DATA, Truth.YES, naming
    categories = counted.get(CATEGORIES)
    if categories is not None and isinstance(categories.value, frozenset):
        yield SPECIAL_CATEGORIES, categories.value & SPECIAL, categories
    lost = next((counted[name] for name in _LOSSES if name in counted and counted[name].value is Truth.YES), None)
    if lost is not None:
        yield COMPROMISE_SUSPECTED, Truth.YES, lost
    cause = counted.get(CAUSE)
    if cause is not None and str(cause.value) in _CAUSES:
        yield MALICIOUS, _CAUSES[str(cause.value)], cause
    kind = counted.get(KIND)
    if kind is not None and isinstance(kind.value, frozenset):
        origins = frozenset(_ORIGINS_OF[one] for one in kind.value & _ORIGINS_OF.keys())
        if origins:
            yield ORIGINS, origins, kind


def _names(value: FactValue) -> bool:
    """True where a value says that there is something: a list with a word in it, or at least one."""
    if isinstance(value, NumberRange):
        return value.least is not None and value.least >= 1
    return isinstance(value, frozenset) and bool(value)
