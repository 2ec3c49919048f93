"""Advice and decision side by side, and the days on which nobody can decide: values in, values out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.access import DECISIONS, Act, Mandate, MandateKind
from breach_service.domain.deciding import (
    BREACH,
    NO,
    YES,
    Position,
    PositionKind,
    Subject,
    SubjectKind,
    acts_of_one_person,
    approval_of,
    aware_at_of,
    can_decide,
    days_without,
    divergences,
    latest,
    notify_of,
    subject_from,
    text_of,
)
from breach_service.domain.rota import Absence

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
OPINION, DECISION = PositionKind.OPINION, PositionKind.DECISION
PARIS = "Europe/Paris"


def position(number: int, kind: PositionKind, subject: Subject, value: str) -> Position:
    return Position(number, kind, subject, value, "For a reason.", "somebody", NOW)


def mandate(number: int, person: int, **more: object) -> Mandate:
    held = Mandate(
        number,
        person,
        f"p{person}",
        MandateKind.REPRESENTATIVE,
        "",
        frozenset(),
        "the board",
        "minutes",
        NOW - DAY,
        None,
    )
    return replace(held, **more)  # type: ignore[arg-type]


# Divergence -----------------------------------------------------------------------------------------------------------


def test_a_decision_against_the_opinion_diverges() -> None:
    """On that question alone."""
    said = [
        position(1, OPINION, BREACH, YES), position(2, OPINION, notify_of(7), YES), position(3, DECISION, BREACH, YES),
        position(4, DECISION, notify_of(7), NO),
    ]  # fmt: skip
    (one,) = divergences(said)
    assert (one.subject, one.opinion.id, one.decision.id) == (notify_of(7), 2, 4)


def test_the_last_word_of_each_side_counts() -> None:
    """Who changes their mind diverges no more, and who comes round to the other side does."""
    said = [position(1, OPINION, BREACH, NO), position(2, DECISION, BREACH, YES)]
    assert len(divergences(said)) == 1
    assert divergences([*said, position(3, OPINION, BREACH, YES)]) == ()
    assert len(divergences([*said, position(3, OPINION, BREACH, YES), position(4, DECISION, BREACH, NO)])) == 1


def test_without_an_opinion_or_without_a_decision_nothing_diverges() -> None:
    """Silence is no disagreement."""
    assert divergences([position(1, OPINION, BREACH, NO)]) == ()
    assert divergences([position(1, DECISION, BREACH, NO), position(2, OPINION, notify_of(1), YES)]) == ()


def test_releasing_a_text_is_deciding_to_notify() -> None:
    """So it departs from the advice not to; and a later decision that it is not required counts before it."""
    said = [position(1, OPINION, notify_of(7), NO), position(2, DECISION, text_of(7), "a" * 64)]
    (one,) = divergences(said)
    assert (one.subject, one.decision.id) == (notify_of(7), 2)
    assert divergences([*said, position(3, DECISION, notify_of(7), NO)]) == ()


def test_awareness_is_compared_to_the_minute_and_across_zones() -> None:
    """Seconds are nobody's disagreement; an hour is."""
    advised = position(1, OPINION, aware_at_of(), "2026-11-22T10:00:00+00:00")
    same = position(2, DECISION, aware_at_of(), "2026-11-22T11:00:30+01:00")
    assert divergences([advised, same]) == ()
    assert len(divergences([advised, replace(same, value="2026-11-22T11:00:00+00:00")])) == 1


def test_the_last_release_of_a_text_is_the_one_that_holds() -> None:
    """By its digest; that of another notice is another one."""
    said = [position(1, DECISION, text_of(7), "a" * 64), position(2, DECISION, text_of(7), "b" * 64)]
    found = approval_of(said, 7)
    assert found is not None
    assert found.value == "b" * 64
    assert approval_of(said, 8) is None


@given(st.sampled_from(SubjectKind), st.integers(1, 10**12))
def test_a_question_is_read_back_as_it_was_stored(kind: SubjectKind, number: int) -> None:
    """For every kind of question."""
    about_one = kind in (SubjectKind.NOTIFY, SubjectKind.APPROVE)
    subject = Subject(kind, str(number) if about_one else "")
    assert subject_from(str(subject)) == subject
    assert subject.obligation == (number if about_one else None)


def test_an_unknown_question_is_an_error() -> None:
    """Not a silent one."""
    with pytest.raises(ValueError, match="moon"):
        subject_from("moon:1")


@given(st.lists(st.tuples(st.sampled_from(PositionKind), st.sampled_from([YES, NO])), max_size=8))
def test_whatever_was_said_it_diverges_exactly_where_the_last_words_differ(
    said: list[tuple[PositionKind, str]],
) -> None:
    """In any order of opinions and decisions."""
    known = [position(number, kind, BREACH, value) for number, (kind, value) in enumerate(said, 1)]
    ours, theirs = latest(known, OPINION).get(BREACH), latest(known, DECISION).get(BREACH)
    differs = ours is not None and theirs is not None and ours.value != theirs.value
    assert bool(divergences(known)) is differs


# Who can decide -------------------------------------------------------------------------------------------------------


def test_who_is_away_cannot_decide() -> None:
    """From the first instant of the absence to its last, not at its end."""
    held = [mandate(1, 10)]
    away = [Absence(10, NOW, NOW + DAY)]
    assert can_decide(held, Act.QUALIFY, "us", NOW, away) == []
    assert can_decide(held, Act.QUALIFY, "us", NOW + DAY, away) == held


def test_a_day_without_anybody_is_named_by_its_local_date() -> None:
    """The 25th in Paris begins at 23:00 UTC on the 24th."""
    held = [mandate(1, 10)]
    away = [Absence(10, datetime(2026, 11, 24, 23, 0, tzinfo=UTC), datetime(2026, 11, 25, 23, 0, tzinfo=UTC))]
    assert days_without(held, away, None, PARIS, NOW, NOW + 14 * DAY) == [date(2026, 11, 25)]


def test_an_hour_without_anybody_makes_the_day() -> None:
    """Also between two mandates that do not meet."""
    ends, begins = NOW + 3 * HOUR, NOW + 4 * HOUR
    held = [mandate(1, 10, to_at=ends), mandate(2, 11, from_at=begins)]
    assert days_without(held, [], None, PARIS, NOW, NOW + 2 * DAY) == [date(2026, 11, 23)]
    assert days_without([*held, mandate(3, 12, from_at=ends, to_at=begins)], [], None, PARIS, NOW, NOW + DAY) == []


def test_a_mandate_for_one_decision_covers_the_others_not() -> None:
    """Each decision needs somebody, though not the same person."""
    parts = [mandate(number, 10 + number, acts=frozenset({act})) for number, act in enumerate(sorted(DECISIONS))]
    assert days_without(parts, [], None, PARIS, NOW, NOW + HOUR) == []
    assert days_without(parts[1:], [], None, PARIS, NOW, NOW + HOUR) == [date(2026, 11, 23)]


def test_another_organisations_decider_does_not_help() -> None:
    """Unless no organisation is asked for."""
    held = [mandate(1, 10, organisation="them")]
    assert days_without(held, [], "us", PARIS, NOW, NOW + HOUR) == [date(2026, 11, 23)]
    assert days_without(held, [], None, PARIS, NOW, NOW + HOUR) == []


@pytest.mark.parametrize(
    ("day", "hours"), [(datetime(2026, 3, 28, 23, 0, tzinfo=UTC), 23), (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), 25)]
)
def test_a_day_of_23_or_25_hours_is_one_day(day: datetime, hours: int) -> None:
    """When the clocks change."""
    away = [Absence(10, day, day + hours * HOUR)]
    held = [mandate(1, 10, from_at=day - 30 * DAY)]
    found = days_without(held, away, None, PARIS, day - 2 * DAY, day + 3 * DAY)
    assert found == [(day + 5 * HOUR).date()]


def test_what_hangs_on_one_person_is_named() -> None:
    """Two people, or a dated delegation to somebody else, are enough."""
    alone = [mandate(1, 10)]
    assert acts_of_one_person([], "us", NOW) == tuple(sorted(DECISIONS))
    assert acts_of_one_person(alone, "us", NOW) == tuple(sorted(DECISIONS))
    assert acts_of_one_person([*alone, mandate(2, 10)], "us", NOW) == tuple(sorted(DECISIONS)), "the same person twice"
    assert acts_of_one_person([*alone, mandate(2, 11)], "us", NOW) == ()
    later = mandate(2, 11, kind=MandateKind.DELEGATION, from_at=NOW + DAY, to_at=NOW + 9 * DAY)
    assert acts_of_one_person([*alone, later], "us", NOW) == ()
    assert acts_of_one_person([*alone, replace(later, revoked_at=NOW)], "us", NOW) != ()
    assert acts_of_one_person([*alone, replace(later, to_at=None)], "us", NOW) != ()
