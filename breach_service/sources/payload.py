"""Bytes to JSON records, whatever the content type says: content types lie, bodies come with marks and in batches."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from breach_service.errors import UnreadablePayload

Record = Mapping[str, Any]
"""One JSON object. Decimal numbers are kept as the text that the sender wrote, integers exactly, NaN as null."""

# Python refuses to turn longer texts into numbers, and back; a thing this long is an id and stays text.
_LONGEST_INTEGER = 1000
# RFC 7464 puts a record separator before each text of a sequence.
_BETWEEN = re.compile(r"[\s\x1e\ufeff\x00]*")


def records_in(body: bytes, expected: str) -> list[Record]:
    """The objects of one JSON text, of a top-level array, of JSON lines, or of a mixture of these, in order.

    `expected` says in words what the sender's records are, for the message. Raises UnreadablePayload where there is no
    object at all, or anything else beside them.
    """
    members = [member for text in _texts_in(body, expected) for member in (text if isinstance(text, list) else [text])]
    if not members:
        raise UnreadablePayload(f"The body holds no record at all; expected {expected}.")
    for number, member in enumerate(members, start=1):
        if not isinstance(member, dict):
            where = f"member {number} of the body" if len(members) > 1 else "the body"
            raise UnreadablePayload(f"Found {kind_in_words(member)} as {where}; expected {expected}.")
    return members


def kind_in_words(value: object) -> str:
    """What a JSON value is, in words, without quoting it: bodies hold personal data and secrets."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int():
            return "a number"
        case str():
            return "a text or a decimal number"
        case list():
            return "an array"
        case _:
            return "an object"


def _texts_in(body: bytes, expected: str) -> Iterator[Any]:
    """Every JSON text of the body, one after the other, with or without white space between them."""
    text = body.decode(json.detect_encoding(body), "replace")
    position = _end_of_gap(text, 0)
    if position == len(text):
        raise UnreadablePayload(f"The body is empty; expected {expected}.")
    while position < len(text):
        try:
            value, end = _DECODER.raw_decode(text, position)
        except json.JSONDecodeError as fault:
            place = f"line {fault.lineno}, column {fault.colno}"
            raise UnreadablePayload(f"The body is not JSON: {fault.msg} at {place}; expected {expected}.") from fault
        except RecursionError as fault:
            raise UnreadablePayload(f"The body is nested too deeply to be read; expected {expected}.") from fault
        yield value
        position = _end_of_gap(text, end)


def _end_of_gap(text: str, start: int) -> int:
    gap = _BETWEEN.match(text, start)
    return gap.end() if gap else start


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else digits


def _nothing(_: str) -> None:
    """NaN and infinities are not JSON and mean nothing here."""


_DECODER = json.JSONDecoder(parse_float=str, parse_int=_integer, parse_constant=_nothing, strict=False)
