"""An entry of the inventory as the fields of its form, and back: the same entry, or what is wrong in which field.

A field is called by its way in the file (`match.hosts`, `contacts.2.email`), rows counted from 1. Of a number of
persons `:least` and `:most` are fields of their own, of the facts of a system each fact (`facts:backup.exists`).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from breach_service.domain.facts import FactType
from breach_service.domain.inventory import PARTS, Entry
from breach_service.errors import N_, Sentence
from breach_service.inventory_files import Column, Form, columns_of, unsound_fields, way_of

Typed: TypeAlias = Mapping[str, tuple[str, ...]]
"""The values of each field as they were typed."""

NUMBER = "N"
REMOVED = "remove"
"""The last step of the field that takes a row away: `contacts.2.remove`."""
OTHER_FACTS = "facts:"
"""Facts of a system that the form has no field for, as JSON."""
_HOURS = ("hours", "working_hours", "notice_hours")
_MOST_DIGITS = 12


@dataclass(frozen=True)
class Misfit:
    """What is wrong in which field; an empty field: in the entry as a whole."""

    field: str
    sentence: Sentence


@cache
def columns(part: str) -> Mapping[str, Column]:
    """The fields of an entry with their rows left open (`contacts.N.email`), in the order of the file."""
    return {".".join(one.way): one for one in columns_of(PARTS[part])}


def model_of(name: str) -> str:
    """A field with its rows left open: `contacts.N.email` for `contacts.2.email`."""
    return ".".join(way_of(name))


def typed_of(part: str, entry: Entry) -> dict[str, tuple[str, ...]]:
    """The fields of a form that is filled in from an entry."""
    return dict(_flat(part, entry.model_dump(mode="json"), ()))


def _flat(part: str, value: Any, way: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    name = ".".join(way)
    column = columns(part).get(model_of(name)) if way else None
    if column is not None:
        yield from _of_column(name, column, value)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _flat(part, one, (*way, key))
    elif isinstance(value, list):
        for number, one in enumerate(value, start=1):
            yield from _flat(part, one, (*way, str(number)))


def _of_column(name: str, column: Column, value: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    if value is None or value in ("", [], {}):
        return
    match column.form:
        case Form.PAIR:
            yield f"{name}:least", (str(value[0]),)
            yield f"{name}:most", (str(value[1]),)
        case Form.WORDS:
            yield name, tuple(map(str, value))
        case Form.JSON if name == "facts":
            yield from ((f"facts:{key}", _fact_as_typed(one)) for key, one in value.items())
        case Form.JSON:
            yield name, ("\n".join(f"{key} = {one}" for key, one in value.items()),)
        case Form.YES_OR_NO:
            yield name, ("yes" if value else "no",)
        case _:
            is_whole = isinstance(value, float) and value.is_integer()
            yield name, (str(int(value)) if is_whole else str(value),)


def _fact_as_typed(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(map(str, value))
    return ("yes" if value else "no",) if isinstance(value, bool) else (str(value),)


def entry_from(part: str, typed: Typed, facts: Mapping[str, FactType]) -> Entry | list[Misfit]:
    """The entry that was typed; else everything that is wrong, by the fields of `renumbered`."""
    fields = renumbered(part, typed)
    misfits: list[Misfit] = []
    document: dict[str, Any] = {}
    for name, column in _named(part, fields):
        try:
            value = _value(name, column, fields)
        except ValueError as error:
            misfits.append(Misfit(name, error.args[0]))
            continue
        if value is not None:
            _put(document, name.split("."), value)
    if part == "systems":
        document["facts"] = _facts(fields, facts)
    if misfits:
        return misfits
    try:
        entry: Entry = PARTS[part].model_validate(_lists(document))
    except ValidationError as error:
        return [_misfit(part, one) for one in error.errors(include_url=False)]
    return [Misfit(field, sentence) for field, sentence in unsound_fields(entry)] or entry


def renumbered(part: str, typed: Typed) -> dict[str, tuple[str, ...]]:
    """The fields without the rows that are empty or taken away, the others counted from 1 without gaps."""
    rows: dict[str, dict[int, dict[str, tuple[str, ...]]]] = {}
    found: dict[str, tuple[str, ...]] = {}
    for name, values in typed.items():
        before, number, rest = _row_of(name)
        if number is None:
            found[name] = values
        else:
            rows.setdefault(before, {}).setdefault(number, {})[rest] = values
    for before, numbered in rows.items():
        kept = [numbered[one] for one in sorted(numbered) if not _is_empty(part, before, numbered[one])]
        for at, row in enumerate(kept, start=1):
            found |= {f"{before}.{at}.{rest}": values for rest, values in row.items()}
    return found


def _row_of(name: str) -> tuple[str, int | None, str]:
    steps = name.split(".")
    at = next((at for at, one in enumerate(steps) if one.isascii() and one.isdigit() and len(one) < 5), None)
    if at is None or at == 0 or at == len(steps) - 1:
        return name, None, ""
    return ".".join(steps[:at]), int(steps[at]), ".".join(steps[at + 1 :])


def _is_empty(part: str, before: str, row: Mapping[str, tuple[str, ...]]) -> bool:
    """True where nothing was typed: what has a value of its own from the start tells nothing."""
    if any(row.get(REMOVED, ())):
        return True
    known = columns(part)
    for rest, values in row.items():
        column = known.get(f"{before}.{NUMBER}.{rest.partition(':')[0]}")
        is_telling = column is not None and not column.choices and column.form is not Form.YES_OR_NO
        if is_telling and not rest.endswith("order") and any(one.strip() for one in values):
            return False
    return True


def _named(part: str, fields: Typed) -> Iterator[tuple[str, Column]]:
    """Each field that was typed, once, with its column; what is no field of the part is passed over."""
    known = columns(part)
    for name in dict.fromkeys(one.partition(":")[0] for one in fields):
        column = known.get(model_of(name))
        if column is not None:
            yield name, column


def _value(name: str, column: Column, fields: Typed) -> Any:
    """The plain value of a field; None where nothing was typed. Raises ValueError with a sentence."""
    values = [one.strip() for one in fields.get(name, ()) if one.strip()]
    match column.form:
        case Form.PAIR:
            return _pair(fields.get(f"{name}:least", ()), fields.get(f"{name}:most", ()))
        case Form.WORDS:
            lines = [line.strip() for one in values for line in one.splitlines()]
            found = list(dict.fromkeys(one for one in lines if one))
            return found if found or "." not in name else None
        case Form.JSON:
            return None if name == "facts" else _pairs("\n".join(values))
        case Form.YES_OR_NO:
            return values[0] == "yes" if values else None
        case _ if not values:
            return None
        case _ if name.rpartition(".")[2] in _HOURS:
            return values[0].replace(",", ".")
        case _:
            return values[0]


def _pair(least: Iterable[str], most: Iterable[str]) -> list[int] | None:
    given = ["".join("".join(one).split()) for one in (least, most)]
    if not any(given):
        return None
    if any(one and not (one.isascii() and one.isdigit() and len(one) <= _MOST_DIGITS) for one in given):
        raise ValueError(Sentence(N_("write a number of persons in digits")))
    return [int(given[0] or given[1]), int(given[1] or given[0])]


def _pairs(text: str) -> dict[str, str] | None:
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        key, sign, value = line.partition("=")
        if not sign or not key.strip():
            raise ValueError(Sentence(N_("write one pair a line: name = value")))
        found[key.strip()] = value.strip()
    return found or None


def _facts(fields: Typed, facts: Mapping[str, FactType]) -> dict[str, Any]:
    """The facts of a system; those of more than one value stay lists."""
    found: dict[str, Any] = {}
    for name, values in fields.items():
        if not name.startswith("facts:"):
            continue
        fact, given = name.removeprefix("facts:"), [one for one in values if one.strip()]
        if name == OTHER_FACTS:
            found |= _other_facts(given)
        elif given:
            known = facts.get(fact)
            is_set = known.type == "set" if known else len(given) > 1
            found[fact] = given if is_set else given[0]
    return found


def _other_facts(given: list[str]) -> dict[str, Any]:
    """What the form carries along unseen; nothing of it where somebody has tampered with it."""
    try:
        found = json.loads(given[0]) if given else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _put(document: dict[str, Any], way: list[str], value: Any) -> None:
    for step in way[:-1]:
        document = document.setdefault(step, {})
    document[way[-1]] = value


def _lists(value: Any) -> Any:
    """Parts that are numbered, as lists; `labels` and the like hold no numbers of ours."""
    if not isinstance(value, dict):
        return value
    if value and all(isinstance(one, dict) and key.isdigit() for key, one in value.items()):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(one) for key, one in value.items()}


_SAID = (
    ("is after valid_to", N_("the first day is after the last one: write the earlier one first")),
    ("working_hours", N_("a term counts hours or working hours: keep the one that the clause says")),
    ("our_role: joint", N_("who leads and the arrangement are for a joint activity: empty them, or correct our role")),
    ("upside down", N_("the smallest number of persons is larger than the largest one")),
    ("host bits", N_("a range begins at its first address, such as 192.0.2.0/24; one address alone is 192.0.2.7/32")),
    ("network", N_("a network is written as 192.0.2.0/24 or 2001:db8::/32")),
)
"""What a part says of itself where it does not fit, by words of it."""
_KINDS = {
    "missing": N_("fill this in"),
    "string_too_short": N_("fill this in"),
    "too_short": N_("choose one at least"),
    "string_pattern_mismatch": N_("lower-case letters without accents, digits and hyphens only"),
    "literal_error": N_("choose one of the list"),
    "enum": N_("choose one of the list"),
    "date_from_datetime_parsing": N_("write a day as 2026-05-25"),
    "float_parsing": N_("write a number"),
    "int_parsing": N_("write a whole number"),
    "greater_than": N_("write a number above zero"),
    "greater_than_equal": N_("write a number of zero or more"),
}


def _misfit(part: str, error: ErrorDetails) -> Misfit:
    way = [str(one + 1) if isinstance(one, int) else one for one in error["loc"]]
    while way and model_of(".".join(way)) not in columns(part) and not _begins_a_field(part, way):
        way.pop()
    words = next((said for mark, said in _SAID if mark in error["msg"]), "") or _KINDS.get(error["type"], "")
    said = Sentence(words) if words else Sentence(N_("this does not fit: %(why)s"), why=error["msg"])
    return Misfit(".".join(way), said)


def _begins_a_field(part: str, way: list[str]) -> bool:
    model = model_of(".".join(way))
    return any(one.startswith(f"{model}.") for one in columns(part))
