"""Measures: when they are overdue, in which order they stand, and what letters may say of them."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.measures import Audience, Measure, MeasureOrder, MeasureState, in_order, parts_for, today_in
from breach_service.domain.text import Text

NOW = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)
LABELS = {"flaw_fixed": Text(fr="Faille corrigée"), "other": Text(fr="Autre")}
FIXED = Measure(
    1, 1, "Patch on app-01", "Zoé", date(2026, 11, 25), MeasureState.DONE, NOW, "Zoé", "flaw_fixed",
    settled_on=date(2026, 11, 24), outcome="Deployed.",
)  # fmt: skip
PLANNED = Measure(2, 1, "Pentest", "Ali", date(2026, 12, 1), MeasureState.PLANNED, NOW, "Zoé")


def test_a_day_is_that_of_the_zone_of_the_organisation() -> None:
    """Half past eleven in the evening in UTC is tomorrow in Paris."""
    assert today_in("Europe/Paris", NOW) == TODAY
    assert today_in("UTC", NOW) == date(2026, 11, 23)


def test_a_measure_is_overdue_from_the_day_after_its_own() -> None:
    """And only while it is to be done."""
    assert not PLANNED.is_overdue(date(2026, 12, 1))
    assert PLANNED.is_overdue(date(2026, 12, 2))
    assert not FIXED.is_overdue(date(2027, 1, 1))
    assert not replace(PLANNED, due_on=None).is_overdue(date(2027, 1, 1))


def test_the_authority_reads_what_was_done_and_what_is_planned_in_the_words_of_the_team() -> None:
    """Done ones first, each with its day and, where it has one, the word of the form."""
    done, planned = parts_for((PLANNED, FIXED), "own", "cnil", LABELS)
    assert (done.words, done.label, done.on) == ("Patch on app-01", LABELS["flaw_fixed"], date(2026, 11, 24))
    assert (planned.words, planned.label, planned.on) == ("Pentest", None, date(2026, 12, 1))


def test_others_read_only_of_which_kind_it_was_unless_it_is_written_for_everybody() -> None:
    """A client's letter names no machine of ours; what is only planned says nothing by its kind."""
    (part,) = parts_for((FIXED, PLANNED), "client:a", "client", LABELS)
    assert (part.words, part.label) == ("", LABELS["flaw_fixed"])
    (part,) = parts_for([replace(FIXED, audience=Audience.EVERYBODY)], "client:a", "client", LABELS)
    assert part.words == "Patch on app-01"


@given(slug=st.sampled_from(["cnil", "client", "persons"]), state=st.sampled_from(MeasureState))
def test_what_is_for_the_team_stands_in_no_letter(slug: str, state: MeasureState) -> None:
    """Not even by its kind."""
    assert parts_for([replace(FIXED, audience=Audience.TEAM, state=state)], "own", slug, LABELS) == ()


@given(slug=st.sampled_from(["cnil", "client", "persons"]), audience=st.sampled_from(Audience))
def test_a_letter_about_one_part_says_nothing_of_another(slug: str, audience: Audience) -> None:
    """What is about one client stands in that client's letter alone."""
    one = replace(FIXED, perimeter="client:b", audience=audience)
    assert parts_for([one], "client:a", slug, LABELS) == ()


@pytest.mark.parametrize("audience", Audience)
def test_what_was_dropped_is_no_measure_any_more(audience: Audience) -> None:
    """It stays in the register with its reason, and in no letter."""
    assert parts_for([replace(FIXED, state=MeasureState.DROPPED, audience=audience)], "own", "cnil", LABELS) == ()


def test_a_box_that_says_nothing_is_not_named() -> None:
    """`other` alone would be an empty word."""
    assert parts_for([replace(FIXED, kind="other")], "own", "client", LABELS) == ()


def test_measures_are_listed_by_day_by_owner_or_by_incident() -> None:
    """The newest incident first; within one owner or incident the next due first; without a day last."""
    late = replace(PLANNED, id=3, due_on=date(2026, 11, 1), owner="zoé", incident=2)
    never = replace(PLANNED, id=4, due_on=None, owner="Bea")
    some = [never, PLANNED, late]
    assert [one.id for one in in_order(some, MeasureOrder.DUE)] == [3, 2, 4]
    assert [one.id for one in in_order(some, MeasureOrder.OWNER)] == [2, 4, 3]
    assert [one.id for one in in_order(some, MeasureOrder.INCIDENT)] == [3, 2, 4]
