"""When people are at work: what can wait is said while they are, and never later than it would be otherwise."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache

from breach_service.domain.calendar import Calendar, first_instant_at, is_working_day

LAST_HOUR = timedelta(hours=1)
"""Whoever is told in the last minute has no time left to do anything."""
SETTLED = timedelta(hours=1)
"""What just began needs no reminder yet: it was told when it began."""
_LONGEST_BREAK_DAYS = 14


@dataclass(frozen=True)
class OfficeHours:
    """The hours of one organisation, in its zone: the same on every working day."""

    zone: tzinfo = UTC
    calendar: Calendar = Calendar.FR
    opens: time = time(9)
    closes: time = time(18)

    def hold_at(self, at: datetime) -> bool:
        """True while people are at work. ValueError for a naive instant."""
        local = _aware(at).astimezone(self.zone)
        return is_working_day(local.date(), self.calendar) and self.opens <= local.time() < self.closes

    def last_before(self, at: datetime, since: datetime) -> datetime:
        """The instant itself while people are at work; otherwise in their last working hour before it (UTC).

        Never later than `at`. Where they were not at work between an hour after `since` and `at` it stays where it is.
        ValueError for a naive instant.
        """
        return _last_before(self, _aware(at), _aware(since))


@lru_cache(maxsize=20_000)
def _last_before(hours: OfficeHours, at: datetime, since: datetime) -> datetime:
    if hours.hold_at(at):
        return at
    day = at.astimezone(hours.zone).date()
    for _ in range(_LONGEST_BREAK_DAYS):
        if is_working_day(day, hours.calendar):
            closes_at = first_instant_at(datetime.combine(day, hours.closes), hours.zone)
            opens_at = first_instant_at(datetime.combine(day, hours.opens), hours.zone)
            if closes_at <= at:
                moved = max(closes_at - LAST_HOUR, opens_at, since + SETTLED)
                return moved if moved < closes_at else at
        day -= timedelta(days=1)
    return at


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone: whose working hours are meant cannot be told")
    return at.astimezone(UTC)
