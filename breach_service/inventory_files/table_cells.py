"""A value as the text of a cell and back. No text that we write is a formula to a spreadsheet program."""

import json
import re
from typing import Any

from breach_service.inventory_files.table_columns import Form
from breach_service.inventory_files.values import day_of, yes_or_no

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_BETWEEN = " | "
_PAIR = re.compile(r"([0-9]{1,12})(?:\s*(?:-|–|à|to)\s*([0-9]{1,12}))?")
EMPTY = "'"
"""The cell of a text that is empty on purpose; an empty cell says nothing."""


class NotReadable(ValueError):
    """A cell that does not have the form of its column; the message says what it should be."""


def cell_of(value: Any, form: Form) -> str:
    """The text of a cell for a plain JSON value. Texts that would be formulas begin with an apostrophe."""
    match form:
        case Form.WORDS:
            text = _words(value)
        case Form.JSON:
            text = json.dumps(value)
        case Form.PAIR:
            text = f"{value[0]} to {value[1]}"
        case Form.YES_OR_NO:
            text = "yes" if value else "no"
        case _:
            is_whole = isinstance(value, float) and value.is_integer()
            text = value if isinstance(value, str) else json.dumps(int(value) if is_whole else value)
    return _safe(text)


def value_of(text: str, form: Form) -> Any:
    """The plain value of a cell that is not empty. Raises NotReadable."""
    text = _unsafe(text)
    match form:
        case Form.WORDS:
            return _read_words(text)
        case Form.JSON:
            found = _json(text)
            if not isinstance(found, dict):
                raise NotReadable('{"…": "…"}')
            return found
        case Form.PAIR:
            return _read_pair(text.strip())
        case Form.YES_OR_NO:
            return _known(yes_or_no(text), "oui, non (yes, no)")
        case Form.DAY:
            return _known(day_of(text), "2026-05-25").isoformat()
        case _:
            return text


def _known(value: Any, should_be: str) -> Any:
    if value is None:
        raise NotReadable(should_be)
    return value


def _read_pair(text: str) -> list[int]:
    pair = _PAIR.fullmatch(text)
    if pair is None:
        raise NotReadable("1200 to 1500")
    return [int(pair[1]), int(pair[2] or pair[1])]


def _words(value: list[str]) -> str:
    is_plain = all(one and one == one.strip() and "|" not in one and not one.startswith("[") for one in value)
    return _BETWEEN.join(value) if is_plain else json.dumps(value)


def _read_words(text: str) -> list[str]:
    if text.startswith("["):
        found = _json(text)
        if not isinstance(found, list):
            raise NotReadable("a | b")
        return found
    return [one for one in (part.strip() for part in text.split("|")) if one]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotReadable("JSON") from error


def _safe(text: str) -> str:
    if not text:
        return EMPTY
    if text != text.strip() or not all(one.isprintable() or one == "\n" for one in text):
        return "'" + json.dumps(text)
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def _unsafe(text: str) -> str:
    if text == EMPTY:
        return ""
    if text.startswith("'\""):
        try:
            return str(json.loads(text[1:]))
        except ValueError:
            return text
    return text[1:] if text.startswith("'") and text[1:].startswith(_STARTS_A_FORMULA) else text
