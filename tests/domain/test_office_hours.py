"""Working hours: what can wait is moved into them, earlier and never later."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.domain.calendar import Calendar
from breach_service.domain.office_hours import SETTLED, OfficeHours

ZONE = ZoneInfo("Europe/Paris")
PARIS = OfficeHours(ZONE)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def paris(text: str) -> datetime:
    """A wall time in Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("at", "moved"),
    [
        ("2026-11-23T09:00", "2026-11-23T09:00"),
        ("2026-11-23T17:59", "2026-11-23T17:59"),
        ("2026-11-23T18:00", "2026-11-23T17:00"),
        ("2026-11-24T03:12", "2026-11-23T17:00"),
        ("2026-11-24T08:59", "2026-11-23T17:00"),
        ("2026-11-22T12:00", "2026-11-20T17:00"),
        ("2026-12-25T10:00", "2026-12-24T17:00"),
        ("2026-05-25T11:00", "2026-05-22T17:00"),
        ("2026-03-29T02:30", "2026-03-27T17:00"),
        ("2026-10-25T02:30", "2026-10-23T17:00"),
        ("2026-10-26T08:00", "2026-10-23T17:00"),
    ],
)
def test_what_falls_outside_is_moved_into_the_last_working_hour_before(at: str, moved: str) -> None:
    """Nights, weekends, Christmas, Whit Monday, both changes of the clocks."""
    assert PARIS.last_before(paris(at), LONG_AGO) == paris(moved)


def test_where_nobody_was_at_work_since_it_stays_where_it_is() -> None:
    """What began on Friday evening and falls into the weekend is said in the weekend, not before it began."""
    friday, sunday = paris("2026-11-20T17:30"), paris("2026-11-22T05:00")
    assert PARIS.last_before(sunday, friday) == sunday
    assert PARIS.last_before(sunday, friday - timedelta(minutes=45)) == paris("2026-11-20T17:45")


def test_the_holidays_of_the_place_count() -> None:
    """26 December is a working day in Paris (2028: a Tuesday) and none in Strasbourg."""
    day, hour = paris("2028-12-26T10:00"), paris("2028-12-22T17:00")
    assert PARIS.last_before(day, LONG_AGO) == day
    alsace = OfficeHours(ZONE, Calendar.FR_ALSACE_MOSELLE)
    assert alsace.last_before(day, LONG_AGO) == hour


def test_naive_instants_are_refused() -> None:
    """Whose hours would they be?"""
    with pytest.raises(ValueError, match="no time zone"):
        PARIS.hold_at(datetime(2026, 11, 23, 9, 0))
    with pytest.raises(ValueError, match="no time zone"):
        PARIS.last_before(datetime(2026, 11, 23, 9, 0), LONG_AGO)


@settings(deadline=None, max_examples=200)
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2039, 12, 1)), st.integers(1, 60 * 24 * 20),
    st.sampled_from([time(7), time(9)]), st.sampled_from([time(12), time(18), time(23)]),
)  # fmt: skip
def test_it_is_moved_earlier_and_never_later(begin: datetime, minutes: int, opens: time, closes: time) -> None:
    """And into working hours, or not at all; never before what it is about has begun."""
    hours = OfficeHours(ZONE, opens=opens, closes=closes)
    since = begin.replace(tzinfo=UTC)
    at = since + timedelta(minutes=minutes)
    moved = hours.last_before(at, since)
    assert moved <= at
    assert moved == at or (hours.hold_at(moved) and moved >= since + SETTLED)
