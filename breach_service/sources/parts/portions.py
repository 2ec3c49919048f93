"""Large bodies, one portion at a time: a request of a few kilobytes may unfold into fifty thousand alerts.

Only bodies whose alerts stand side by side are cut: a JSON array, the one list of a JSON object, lines. Of every other
form, and of every small body, there are no portions; it is read as a whole.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from breach_service.errors import UnreadablePayload
from breach_service.sources.parts.payload import form_fields, unpacked
from breach_service.sources.request import Delivery

MOST_MEMBERS = 500
"""Members of a list, or lines that each are JSON, of one portion."""
MOST_LINES = 2_000
"""Lines of text of one portion."""
MOST_VALUES = 1_000_000
"""Values of one JSON text; more would take hundreds of megabytes in memory."""
MOST_VALUES_AT_ONCE = 100_000
"""The same where it cannot be cut."""
MOST_MEMBERS_IN_ALL = 200_000
"""Members of one list: finding its end takes a third of a second by then."""

_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str, strict=False)
_SPACE = re.compile(r"[\s\x1e\ufeff\x00]*")
_COUNTED_OCTETS = re.compile(r"\d+ <")
"""RFC 6587, 3.4.1: lines that say how long they are may hold line ends."""


@dataclass(frozen=True)
class Cut:
    """What is left of a body: positions in its unpacked text, in characters."""

    opens: int
    """Where the members begin: what stands before belongs to every portion."""
    begins: int
    """Where the first member begins that was not read."""
    ends: int
    """Where the members end: what stands behind belongs to every portion."""


@dataclass(frozen=True)
class Portion:
    """Some members of a large body, as a body of its own."""

    body: bytes
    members: int
    rest: Cut | None
    """None where nothing is left."""


def portion_of(delivery: Delivery, cut: Cut | None = None) -> Portion | None:
    """The first portion of a body, or the one at which `cut` says that reading goes on; None where it is no large one.

    Raises UnreadablePayload where a JSON text holds too many values to be read.
    """
    body = unpacked(delivery)
    if cut is None and body.count(b"{") <= MOST_MEMBERS and body.count(b"\n") <= MOST_LINES:
        return None
    text = body.decode(json.detect_encoding(body), "replace")
    if cut is not None:
        return _portion_at(text, cut)
    if form_fields(delivery, body) is not None:
        return None
    start = _past_space(text, 0)
    if text[start : start + 1] in ("{", "[") and not _is_lines_of_json(text, start):
        return _first_of_json(text, start)
    if _COUNTED_OCTETS.match(text, start):
        return None
    return _of_lines(text, Cut(0, 0, len(text)))


def _portion_at(text: str, cut: Cut) -> Portion | None:
    if cut.opens == 0:
        return _of_lines(text, cut)
    try:
        return _of_list(text, cut)
    except (json.JSONDecodeError, RecursionError) as fault:  # it was read once: nothing of it can have changed
        raise UnreadablePayload("What is left of this body cannot be found in it any more.") from fault


def _first_of_json(text: str, start: int) -> Portion | None:
    values = text.count(",")
    if values > MOST_VALUES:
        raise UnreadablePayload(f"The body holds more than {MOST_VALUES} values: send smaller batches.")
    try:
        cut = _list_of(text, start)
        portion = _of_list(text, cut) if cut is not None else None
    except (json.JSONDecodeError, RecursionError):
        portion = None  # whoever reads it as a whole says what is wrong with it
    if portion is None and values > MOST_VALUES_AT_ONCE:
        raise UnreadablePayload(
            f"The body holds more than {MOST_VALUES_AT_ONCE} values in no list of their own: send smaller batches."
        )
    return portion


def _list_of(text: str, start: int) -> Cut | None:
    """The one list of a JSON text that holds its alerts; None where there is none, or something stands beside it."""
    if text[start] == "[":
        count, end = _walk(text, start)
        found, last = [(start, count, end)], end + 1
    else:
        found, last = _lists_of_object(text, start)
    if len(found) != 1 or found[0][1] <= MOST_MEMBERS or _past_space(text, last) != len(text):
        return None
    opens, ends = found[0][0] + 1, found[0][2]
    is_small = text.count("{", 0, opens) + text.count("{", ends) <= MOST_MEMBERS
    return Cut(opens, opens, ends) if is_small else None


def _lists_of_object(text: str, start: int) -> tuple[list[tuple[int, int, int]], int]:
    """Where the lists of an object begin, how much each holds and where it ends; and where the object ends."""
    found, position = [], _past_space(text, start + 1)
    while text[position : position + 1] != "}":
        _, position = _DECODER.raw_decode(text, position)
        position = _past_space(text, _past(text, position, ":"))
        if text[position : position + 1] == "[":
            count, end = _walk(text, position)
            if count:
                found.append((position, count, end))
            position = end + 1
        else:
            _, position = _DECODER.raw_decode(text, position)
        position = _past_space(text, position)
        if text[position : position + 1] != "}":
            position = _past_space(text, _past(text, position, ","))
    return found, position + 1


def _walk(text: str, start: int) -> tuple[int, int]:
    """How many members a list has, and where its bracket closes; one member at a time is held."""
    count, position = 0, _past_space(text, start + 1)
    while text[position : position + 1] != "]":
        position = _past_member(text, position, len(text))
        count += 1
        if count > MOST_MEMBERS_IN_ALL:
            raise UnreadablePayload(f"A list holds more than {MOST_MEMBERS_IN_ALL} members: send smaller batches.")
    return count, position


def _past_member(text: str, position: int, ends: int) -> int:
    """Where the next member begins, or the list ends."""
    _, position = _DECODER.raw_decode(text, position)
    position = _past_space(text, position)
    if position >= ends or text[position] == "]":
        return position
    return _past_space(text, _past(text, position, ","))


def _of_list(text: str, cut: Cut) -> Portion:
    count, position = 0, _past_space(text, cut.begins)
    while count < MOST_MEMBERS and position < cut.ends:
        position = _past_member(text, position, cut.ends)
        count += 1
    is_last = position >= cut.ends
    members = text[cut.begins : position].rstrip().removesuffix(",")
    body = f"{text[: cut.opens]}{members}{text[cut.ends :]}"
    return Portion(body.encode(), count, None if is_last else Cut(cut.opens, position, cut.ends))


def _is_lines_of_json(text: str, start: int) -> bool:
    """True where the first line is a JSON value by itself and others follow."""
    end = text.find("\n", start)
    if end < 0 or _past_space(text, end) == len(text):
        return False
    try:
        json.loads(text[start:end])
    except (ValueError, RecursionError):
        return False
    return True


def _of_lines(text: str, cut: Cut) -> Portion | None:
    start = _past_space(text, 0)
    most = MOST_MEMBERS if text[start : start + 1] in ("{", "[") else MOST_LINES
    position, count = cut.begins, 0
    while count < most and position < cut.ends:
        end = text.find("\n", position, cut.ends)
        position = cut.ends if end < 0 else end + 1
        count += 1
    is_last = _past_space(text, position) >= cut.ends
    if is_last and cut.begins == 0:
        return None
    lines = text[cut.begins : position].encode()
    return Portion(lines, count, None if is_last else Cut(0, position, cut.ends))


def _past(text: str, position: int, wanted: str) -> int:
    position = _past_space(text, position)
    if text[position : position + 1] != wanted:
        raise json.JSONDecodeError(f"Expecting {wanted!r}", text, position)
    return position + 1


def _past_space(text: str, start: int) -> int:
    found: Any = _SPACE.match(text, start)
    return int(found.end())
