"""Properties: whenever a worker looks, every moment that passed was spoken for; nothing is said twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breach_service.domain.deadlines import DutyKind
from breach_service.domain.incident import IncidentStatus
from breach_service.domain.office_hours import OfficeHours
from breach_service.domain.reminders import (
    GENTLE,
    SHIPPED_LADDERS,
    STANDARD,
    Mute,
    Owed,
    Rhythm,
    Speaking,
    look_again_at,
    passed_by,
    reminder_of,
)
from breach_service.domain.waking import Urgency
from tests.domain.reminders.builders import HOUR, told

RELAXED = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
RHYTHM = Rhythm(hours=OfficeHours(ZoneInfo("Europe/Paris")))
BEGINS = st.datetimes(datetime(2020, 1, 1), datetime(2039, 1, 1)).map(lambda one: one.replace(tzinfo=UTC))
DATES = st.lists(
    st.tuples(
        st.sampled_from(list(DutyKind)), st.integers(-30, 100), st.integers(1, 800), st.booleans(),
        st.sampled_from([STANDARD, GENTLE]),
    ),
    max_size=5,
)  # fmt: skip
GAPS = st.lists(st.floats(0.01, 60), min_size=1, max_size=60)
STATUSES = st.sampled_from([IncidentStatus.SUSPECTED, IncidentStatus.ASSESSING, IncidentStatus.CONFIRMED])


def an_incident(begin: datetime, dates: list, status: IncidentStatus, scale: float = 1) -> Speaking:  # type: ignore[type-arg]
    owed = tuple(
        Owed(duty, begin + start * HOUR, begin + (start + term) * HOUR, is_provisional, ladder)
        for duty, start, term, is_provisional, ladder in dates
    )
    return Speaking(status, begin, begin + 24 * HOUR, owed, scale)


def looks_of(begin: datetime, gaps: list[float]) -> list[datetime]:
    now, found = begin, []
    for gap in gaps:
        now += gap * HOUR
        found.append(now)
    return found


@RELAXED
@given(BEGINS, DATES, GAPS, STATUSES)
def test_every_moment_that_passed_was_spoken_for(
    begin: datetime, dates: list, gaps: list[float], status: IncidentStatus  # type: ignore[type-arg]
) -> None:  # fmt: skip
    """At any look, whatever gaps there were between the looks: no moment of a date that speaks is left unsaid."""
    one, looks = an_incident(begin, dates, status), looks_of(begin, gaps)
    found = told(one, looks, RHYTHM)
    said = {mark for _, reminder in found for mark in reminder.marks}
    last = looks[-1]
    for owed in one.owed:
        if status is not IncidentStatus.CONFIRMED and owed.is_provisional:
            continue
        ladder = SHIPPED_LADDERS[owed.ladder]
        for passing in passed_by(ladder, owed.triggered_at, owed.due_at, last, 1, RHYTHM.hours):
            if passing.at <= last:
                assert passing.mark in said


@RELAXED
@given(BEGINS, DATES, GAPS, STATUSES)
def test_nothing_is_said_twice_and_one_message_a_look(
    begin: datetime, dates: list, gaps: list[float], status: IncidentStatus  # type: ignore[type-arg]
) -> None:  # fmt: skip
    """Keys and marks are new each time; looking again at the same instant says nothing."""
    one, looks = an_incident(begin, dates, status), looks_of(begin, gaps)
    found = told(one, [each for look in looks for each in (look, look)], RHYTHM)
    keys = [reminder.key for _, reminder in found]
    marks = [mark for _, reminder in found for mark in reminder.marks]
    assert len(set(keys)) == len(keys)
    assert len(set(marks)) == len(marks)
    assert len({now for now, _ in found}) == len(found)


@RELAXED
@given(BEGINS, DATES, GAPS, STATUSES, st.floats(0, 500))
def test_what_is_urgent_is_never_muted(
    begin: datetime, dates: list, gaps: list[float], status: IncidentStatus, until: float  # type: ignore[type-arg]
) -> None:  # fmt: skip
    """Muted or not, the urgent moments are spoken of at the same looks, as urgently."""
    one, looks = an_incident(begin, dates, status), looks_of(begin, gaps)
    mute = Mute(1, begin + until * HOUR, "x", "x", begin)
    silenced = Speaking(one.status, one.detected_at, one.qualify_by, one.owed, 1, mute)

    def urgent(speaking: Speaking) -> list[datetime]:
        return [now for now, reminder in told(speaking, looks, RHYTHM) if reminder.urgency is Urgency.WAKE]

    assert urgent(silenced) == urgent(one)
    assert len(told(silenced, looks, RHYTHM)) <= len(told(one, looks, RHYTHM)) + 1


@RELAXED
@given(BEGINS, st.integers(1, 800), st.sampled_from([STANDARD, GENTLE]))
def test_a_moment_is_moved_earlier_and_never_later(begin: datetime, hours: int, ladder: str) -> None:
    """Nor before the clock began; what may wake is not moved at all."""
    due_at = begin + hours * HOUR
    stands = {
        "50%": begin + (due_at - begin) / 2, "-24h": due_at - 24 * HOUR, "-12h": due_at - 12 * HOUR,
        "-6h": due_at - 6 * HOUR, "-4h": due_at - 4 * HOUR, "-1h": due_at - HOUR, "+0h": due_at,
    }  # fmt: skip
    for passing in passed_by(SHIPPED_LADDERS[ladder], begin, due_at, due_at, 1, RHYTHM.hours):
        rung = stands[passing.mark.partition(":")[0]]
        assert begin < passing.at <= rung
        if passing.urgency is Urgency.WAKE:
            assert passing.at == rung


@RELAXED
@given(BEGINS, DATES, GAPS, STATUSES)
def test_before_the_next_moment_nothing_comes(
    begin: datetime, dates: list, gaps: list[float], status: IncidentStatus  # type: ignore[type-arg]
) -> None:  # fmt: skip
    """Between a look that finds nothing and `look_again_at` no look finds anything: so it need not be looked."""
    one = an_incident(begin, dates, status)
    said: frozenset[str] = frozenset()
    for now in looks_of(begin, gaps):
        found = reminder_of(one, now, said, RHYTHM)
        if found is not None:
            said |= frozenset(found.marks)
        again = look_again_at(one, now, RHYTHM)
        if again is not None:
            assert again > now
            before = again - timedelta(microseconds=1)
            assert before < now or reminder_of(one, before, said, RHYTHM) is None
