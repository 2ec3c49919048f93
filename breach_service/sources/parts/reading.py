"""Looking things up in records whose shape cannot be trusted: whatever is there, the answer has the type asked for."""

import re
from collections.abc import Iterable
from typing import Any

from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.plain_text import VALUE_LIMIT, plain_line

LABEL_LIMIT = 64
"""Labels kept of one alert."""

_WHOLE_NUMBER = re.compile(r"([+-]?\d{1,18})(?:\.0*)?", re.ASCII)
_NOTHING: Record = {}


def value_at(record: Record, *path: str) -> Any:
    """What is at the end of the path, None where any part of the way is missing."""
    value: Any = record
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text_of(value: object) -> str:
    """A text as it is, a number or a truth value as JSON writes it; empty for everything else."""
    if isinstance(value, str):
        return value
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case _:
            return ""


def text_at(record: Record, *path: str) -> str:
    """The text at the end of the path, without white space around it; the first member's where it is a list."""
    # Asked for a dozen times of every alert: it walks by itself, and asks first for what is usual.
    value: Any = record
    for key in path:
        if not isinstance(value, dict):
            return ""
        value = value.get(key)
    return value.strip() if isinstance(value, str) else _stripped(value)


def texts_at(record: Record, *path: str) -> tuple[str, ...]:
    """The texts of the list at the end of the path, or the one text that stands there instead; no empty ones."""
    value = value_at(record, *path)
    if value is None:
        return ()
    return tuple([text for one in (value if isinstance(value, list) else [value]) if (text := text_of(one).strip())])


def first_text(record: Record, *paths: tuple[str, ...]) -> str:
    """The first of several places that has a text."""
    if not isinstance(record, dict):
        return ""
    for path in paths:
        # Most places are of no key of most records.
        if path[0] in record and (text := text_at(record, *path)):
            return text
    return ""


def all_texts(record: Record, *paths: tuple[str, ...]) -> list[str]:
    """The texts of several places, without empty ones."""
    if not isinstance(record, dict):
        return []
    return [text for path in paths if path[0] in record and (text := text_at(record, *path))]


def own_texts_of(record: Record) -> dict[str, str]:
    """Every text that `text_at` finds directly in the object, by name, without the empty ones."""
    return {name: text for name, value in record.items() if (text := _stripped(value))}


def _stripped(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    return text_of(value[0] if isinstance(value, list) and value else value).strip()


def record_at(record: Record, *path: str) -> Record:
    """The object at the end of the path, empty where there is none."""
    value = value_at(record, *path)
    return value if isinstance(value, dict) else _NOTHING


def records_at(record: Record, *path: str) -> tuple[Record, ...]:
    """The objects of the list at the end of the path; what is no object is left out."""
    value = value_at(record, *path)
    return tuple([one for one in value if isinstance(one, dict)]) if isinstance(value, list) else ()


def whole_number_at(record: Record, *path: str) -> int | None:
    """The whole number at the end of the path, written as a number or as a text; None where there is none."""
    found = _WHOLE_NUMBER.fullmatch(text_at(record, *path))
    return int(found[1]) if found else None


def labels_of(record: Record) -> dict[str, str]:
    """The texts of an object, as labels: sorted by name, of sane length and number."""
    return labels_from((name, text_of(value)) for name, value in record.items())


def labels_from(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Pairs as labels: without empty ones, sorted by name, of sane length and number."""
    clean = [(plain_line(name, VALUE_LIMIT), plain_line(value, VALUE_LIMIT)) for name, value in pairs if value]
    return dict(sorted([pair for pair in clean if pair[0] and pair[1]])[:LABEL_LIMIT])
