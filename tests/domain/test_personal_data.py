"""Personal data in the words of an alert: found by kind, counted, never kept."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.personal_data import HEAD, MOST_CHECKED, TAIL, DataKind, capped, kinds_in, masked, may_hold
from tests.domain.personal_texts import MISSED, MISTAKEN, SHOWING, SILENT

FOUND_RIGHT = 104
PRECISION, RECALL = 0.963, 0.929


def told(text: str) -> dict[str, int]:
    return {str(kind): count for kind, count in kinds_in(text).items()}


@pytest.mark.parametrize(("text", "expected"), SHOWING)
def test_what_a_text_shows_is_found_and_counted(text: str, expected: dict[str, int]) -> None:
    """Each kind with the number of different values."""
    assert told(text) == expected


@pytest.mark.parametrize("text", SILENT)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    """Hashes, identities, versions, instants, addresses of machines, numbers that fail their check."""
    assert told(text) == {}


def test_precision_and_recall_on_the_labelled_texts_are_known() -> None:
    """Counted in values over every labelled text, what it cannot do included."""
    labelled = [
        *((text, Counter(expected)) for text, expected in SHOWING), *((text, Counter()) for text in SILENT),
        *((text, Counter({kind: 1})) for kind, text in MISSED), *((text, Counter()) for text, _ in MISTAKEN),
    ]  # fmt: skip
    right = sum((Counter(told(text)) & expected).total() for text, expected in labelled)
    found = sum(Counter(told(text)).total() for text, _ in labelled)
    there = sum(expected.total() for _, expected in labelled)
    assert len(labelled) >= 200
    assert (right, found, there) == (FOUND_RIGHT, FOUND_RIGHT + len(MISTAKEN), FOUND_RIGHT + len(MISSED))
    assert (round(right / found, 3), round(right / there, 3)) == (PRECISION, RECALL)


@pytest.mark.parametrize(("kind", "text"), MISSED)
def test_what_it_cannot_read_is_known(kind: str, text: str) -> None:
    """Should it learn to, the text moves up."""
    assert kind not in told(text)


@pytest.mark.parametrize(("text", "expected"), MISTAKEN)
def test_where_it_is_mistaken_is_known(text: str, expected: dict[str, int]) -> None:
    """Forms that carry a check of their own, by chance or by somebody's making."""
    assert told(text) == expected


@pytest.mark.parametrize(("text", "_expected"), SHOWING)
def test_a_masked_text_shows_nothing_any_more(text: str, _expected: dict[str, int]) -> None:
    """And masking it again changes nothing."""
    hidden = masked(text)
    assert told(hidden) == {}
    assert masked(hidden) == hidden


PIECES = st.sampled_from(
    [*(text for text, _ in SHOWING), *SILENT, " ", ";", ",", "\n", "+", "@", "%40", "FR76", "0", "06", "'", "[email]"]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=6).map("".join)))
def test_no_text_makes_it_fail_or_tell_a_value(text: str) -> None:
    """Kinds and counts only, within the closed list; a text that may hold nothing holds nothing."""
    found = kinds_in(text)
    assert set(found) <= set(DataKind)
    assert all(count > 0 for count in found.values())
    assert may_hold(text) or not found
    assert not re.search(r"[0-9@]", "".join(found))


@given(st.lists(PIECES, max_size=4).map(" | ".join))
def test_masking_leaves_nothing_to_find(text: str) -> None:
    """Whatever stands beside each other."""
    assert kinds_in(masked(text)) == {}


@pytest.mark.parametrize(
    "text",
    ["1" * 50_000, "1 " * 60_000, "a@" * 30_000, "@" * 50_000, "1 rue " * 20_000, "FR76 " * 20_000, "+1 " * 20_000,
     "a." * 20_000 + "@b", "12 rue " + "75011 " * 9_000, "+336" * 20_000, "1-2-" * 20_000],
)  # fmt: skip
def test_a_text_made_to_be_slow_is_cut_short(text: str) -> None:
    """Only so much is looked at, and there is nothing in it."""
    assert len(capped(text)) <= HEAD + TAIL + 3
    assert kinds_in(text) == {}


def test_a_text_full_of_values_is_counted_up_to_a_bound() -> None:
    """The beginning and the end are looked at, and only so many candidates are checked."""
    many = " ".join(f"nom{number}@boite.net" for number in range(400))
    assert told(many) == {"email": MOST_CHECKED}
    assert told("x " * 50_000 + "rose.anselme@boite.net") == {"email": 1}
    assert told("x " * 5_000 + "rose.anselme@boite.net" + " x" * 50_000) == {}
