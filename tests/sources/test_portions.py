"""Large bodies are cut where their alerts stand side by side, every alert into exactly one portion."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.errors import UnreadablePayload
from breach_service.sources.parts import portions
from breach_service.sources.parts.portions import MOST_LINES, MOST_MEMBERS, Cut, Portion, portion_of
from breach_service.sources.request import Delivery

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def delivery(body: bytes | str, **headers: str) -> Delivery:
    return Delivery(body if isinstance(body, bytes) else body.encode(), headers, "", NOW)


def all_of(one: Delivery) -> list[Portion]:
    """Every portion, until nothing is left."""
    found: list[Portion] = []
    cut: Cut | None = None
    while portion := portion_of(one, cut):
        found.append(portion)
        cut = portion.rest
        if cut is None:
            break
    return found


def members(count: int) -> list[dict[str, Any]]:
    return [{"id": number, "text": f'é "]}}, {number}', "in": [{}, [number]]} for number in range(count)]


COUNTS = st.sampled_from([MOST_MEMBERS + 1, 2 * MOST_MEMBERS - 1, 2 * MOST_MEMBERS, 2 * MOST_MEMBERS + 1])


@given(COUNTS, st.sampled_from([None, 1]), st.booleans(), st.booleans())
def test_every_member_of_an_array_is_in_exactly_one_portion(
    count: int, indent: int | None, is_packed: bool, is_escaped: bool
) -> None:
    """However it is written: with or without spaces, packed, with escapes or in UTF-8; in the order of the sender."""
    said = members(count)
    body = json.dumps(said, indent=indent, ensure_ascii=is_escaped).encode()
    found = all_of(delivery(gzip.compress(body) if is_packed else body))
    assert [one for portion in found for one in json.loads(portion.body)] == said
    assert all(portion.members <= MOST_MEMBERS for portion in found)


@given(COUNTS, st.sampled_from([None, 1]))
def test_what_stands_around_the_one_list_is_in_every_portion(count: int, indent: int | None) -> None:
    """Its keys before and after it; another list that is empty is no matter."""
    said = members(count)
    whole = {"version": "4", "labels": {"a": "[{"}, "empty": [], "alerts": said, "status": "firing"}
    found = [json.loads(one.body) for one in all_of(delivery(json.dumps(whole, indent=indent)))]
    assert [one for portion in found for one in portion["alerts"]] == said
    assert all({**portion, "alerts": said} == whole for portion in found)


@given(COUNTS, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_every_line_of_json_is_in_exactly_one_portion(count: int, end: str, is_ended: bool) -> None:
    """With either line end, with or without one at the end."""
    lines = [json.dumps(one) for one in members(count)]
    found = all_of(delivery(end.join(lines) + (end if is_ended else "")))
    assert [one for portion in found for one in portion.body.decode().split()] == [
        one for line in lines for one in line.split()
    ]
    assert len(found) == -(-count // MOST_MEMBERS)


def test_every_line_of_text_is_in_exactly_one_portion() -> None:
    """Lines of a log are cut between lines."""
    lines = [f"<13>Nov 23 08:00:00 fw-01 denied {number}" for number in range(2 * MOST_LINES + 1)]
    found = all_of(delivery("\n".join(lines)))
    assert "".join(portion.body.decode() for portion in found).splitlines() == lines
    assert [portion.members for portion in found] == [MOST_LINES, MOST_LINES, 1]


MANY = json.dumps(members(MOST_MEMBERS + 1))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        json.dumps(members(MOST_MEMBERS)),
        f'{{"a": {MANY}, "b": {MANY}}}',
        f'{{"a": {{"b": {MANY}}}}}',
        f"{MANY} {MANY}",
        json.dumps({"message": MANY}),
        json.dumps({"before": {str(one): {} for one in range(MOST_MEMBERS + 1)}, "alerts": members(MOST_MEMBERS + 1)}),
        MANY[:-1],
        f'{{"a": {MANY}',
        f'{{"a" {MANY}}}',
        "{" * (MOST_MEMBERS + 1),
        '{"a":' * 100_000,
        "\n".join(f"40 <13>Nov 23 08:00:00 fw-01 denied {number}" for number in range(2 * MOST_LINES)),
    ],
    ids=[
        "nothing", "empty", "small", "two lists", "deeper", "two texts", "as a text", "around it", "no end", "no brace",
        "no colon", "braces", "too deep", "counted octets",
    ],
)  # fmt: skip
def test_what_is_small_or_of_another_form_is_left_whole(body: str) -> None:
    """Whoever reads it whole says what it is, or what is wrong with it."""
    assert portion_of(delivery(body)) is None


def test_forms_are_left_whole() -> None:
    """The JSON in a field of a form belongs to the form."""
    body = f"payload={MANY}"
    assert portion_of(delivery(body, **{"content-type": "application/x-www-form-urlencoded"})) is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f"[{'{},' * (portions.MOST_VALUES + 1)}{{}}]", "more than 1000000 values"),
        (f"[{'{},' * portions.MOST_MEMBERS_IN_ALL}{{}}]", "more than 200000 members"),
        (f'{{"a": [{{"b": [{"{}," * (portions.MOST_VALUES_AT_ONCE + 1)}{{}}]}}]}}', "in no list of their own"),
    ],
    ids=["values", "members", "deeper"],
)
def test_what_would_fill_the_memory_is_said_to_be_too_much(body: str, words: str) -> None:
    """A few kilobytes that unfold into millions of values: kept in quarantine, never built up."""
    with pytest.raises(UnreadablePayload, match=words):
        portion_of(delivery(gzip.compress(body.encode())))


def test_a_cut_that_does_not_fit_its_body_is_said() -> None:
    """Whoever plays a changed body again is told, instead of reading something else."""
    with pytest.raises(UnreadablePayload, match="cannot be found"):
        portion_of(delivery(MANY), Cut(1, 3, len(MANY) - 1))
