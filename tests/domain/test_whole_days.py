"""The readings of a term in hours side by side, 2020 to 2040: strict, prudent, complete working days."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breach_service.domain.calendar import Calendar, is_working_day, reg_1182_71, strict, strict_end, strict_end_months
from breach_service.domain.calendar_steps import StepRule
from breach_service.domain.whole_days import reg_1182_71_whole_days

PARIS = ZoneInfo("Europe/Paris")
ZONES = st.sampled_from([PARIS, ZoneInfo("UTC"), ZoneInfo("Indian/Reunion"), ZoneInfo("America/Guadeloupe")])
TRIGGERS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 12, 1), timezones=st.just(UTC))
HOURS = st.sampled_from([4.0, 24.0, 48.0, 72.0, 96.0])
CALENDARS = st.sampled_from(Calendar)
slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)

KNOWN = [
    ("2026-11-26T10:15+01:00", "2026-11-29T10:15+01:00", "2026-11-29T11:00+01:00", "2026-12-01T00:00+01:00"),
    ("2026-11-27T18:30+01:00", "2026-11-30T18:30+01:00", "2026-11-30T19:00+01:00", "2026-12-02T00:00+01:00"),
    ("2026-11-23T09:00+01:00", "2026-11-26T09:00+01:00", "2026-11-26T10:00+01:00", "2026-11-26T10:00+01:00"),
    ("2026-04-03T17:10+02:00", "2026-04-06T17:10+02:00", "2026-04-08T00:00+02:00", "2026-04-09T00:00+02:00"),
    ("2026-03-27T18:30+01:00", "2026-03-30T19:30+02:00", "2026-03-30T20:00+02:00", "2026-04-01T00:00+02:00"),
    ("2026-10-23T18:30+02:00", "2026-10-26T17:30+01:00", "2026-10-26T18:00+01:00", "2026-10-28T00:00+01:00"),
]
"""Trigger, strict, prudent, complete working days; in Paris."""


@pytest.mark.parametrize("row", KNOWN)
def test_the_three_readings_end_to_the_minute(row: tuple[str, str, str, str]) -> None:
    """A period over a week-end, on weekdays, over Easter, and over both changes of the clocks."""
    at, *ends = map(datetime.fromisoformat, row)
    found = (
        strict(at, 72, PARIS),
        reg_1182_71(at, 72, PARIS, Calendar.FR),
        reg_1182_71_whole_days(at, 72, PARIS, Calendar.FR),
    )
    assert [one.due_at for one in found] == ends


def test_a_naive_instant_is_refused_by_the_third_reading_too() -> None:
    """An hour without a zone is an hour too early or too late."""
    with pytest.raises(ValueError, match="no offset"):
        reg_1182_71_whole_days(datetime(2026, 11, 27, 18, 30), 72, PARIS, Calendar.FR)


@slow
@given(TRIGGERS, HOURS, ZONES, CALENDARS)
def test_no_reading_ends_before_trigger_and_term(
    trigger: datetime, hours: float, zone: ZoneInfo, calendar: Calendar
) -> None:
    """Each is at least the trigger and the term, and they stand in one order."""
    first = strict_end(trigger, hours)
    prudent = reg_1182_71(trigger, hours, zone, calendar).due_at
    whole = reg_1182_71_whole_days(trigger, hours, zone, calendar).due_at
    assert first == trigger + timedelta(hours=hours)
    assert first <= prudent <= whole


@slow
@given(TRIGGERS, HOURS, ZONES, ZONES)
def test_the_strict_reading_is_the_same_in_every_zone(
    trigger: datetime, hours: float, zone: ZoneInfo, other: ZoneInfo
) -> None:
    """Whatever the clocks on the wall do: the instant is one."""
    assert (
        strict(trigger.astimezone(zone), hours, zone).due_at == strict(trigger.astimezone(other), hours, other).due_at
    )


@slow
@given(TRIGGERS, TRIGGERS, HOURS, ZONES, st.integers(1, 3))
def test_who_starts_later_never_ends_earlier(
    one: datetime, other: datetime, hours: float, zone: ZoneInfo, months: int
) -> None:
    """Strict hours and calendar months are monotone, at month ends and on the days on which the clocks change."""
    first, second = sorted((one, other))
    assert strict_end(first, hours) <= strict_end(second, hours)
    ends = [strict_end_months(at, months, zone) for at in (first, second)]
    # Between two readings of one wall hour (autumn) the later one is taken as the first: an hour at most.
    assert ends[0] <= ends[1] + timedelta(hours=1)
    assert ends[0] >= first + timedelta(days=28 * months, hours=-1)


@slow
@given(TRIGGERS, ZONES, CALENDARS)
def test_two_complete_working_days_lie_in_the_third_reading(
    trigger: datetime, zone: ZoneInfo, calendar: Calendar
) -> None:
    """Counted again, day by day."""
    reading = reg_1182_71_whole_days(trigger, 72, zone, calendar)
    steps = {one.rule: one for one in reading.steps}
    starts_at = steps[StepRule.EVENT_HOUR_NOT_COUNTED].at
    assert starts_at is not None
    local, end = starts_at.astimezone(zone), reading.due_at.astimezone(zone)
    day = local.date() if local.time().isoformat() == "00:00:00" else local.date() + timedelta(days=1)
    complete = 0
    while day < end.date():
        complete += is_working_day(day, calendar)
        day += timedelta(days=1)
    assert complete >= 2
