"""The dates of a recurring event: a rule of RFC 5545 unrolled by dateutil, once it is sure to come to an end.

A rule that matches no date would be looked through for thousands of years, one of every second for ever. So only rules
of days and longer are read, and only those that the first date of the event fits, as RFC 5545, 3.8.5.3 wants it.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # it comes without types
from icalendar import Event

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTH", "BYMONTHDAY", "WKST"})
MOST_DATES = 20_000
"""Of one rule, those of the past included."""
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Unreadable(Exception):
    """An event that cannot be imported, and why."""


def starts_of(event: Event, start: datetime, zone: tzinfo, latest: datetime) -> Iterator[datetime]:
    """When a recurring event begins, naive local times of its zone, none after `latest`; `start` is the first.

    Raises Unreadable for a rule that is not read here.
    """
    if "EXRULE" in event:
        raise Unreadable("it recurs with exceptions by a rule (EXRULE): that is not read")
    rule = event.get("RRULE")
    if rule is None:
        yield start
        return
    if isinstance(rule, list):
        raise Unreadable("it recurs by several rules (RRULE): write each as an event of its own")
    parts = {str(name).upper(): list(values) for name, values in rule.items()}
    _check(parts, start)
    until = _until(parts, zone)
    text = ";".join(f"{name}={_written(values)}" for name, values in parts.items() if name != "UNTIL")
    end = min(until, latest) if until else latest
    for count, one in enumerate(rrulestr(text, dtstart=start)):
        if one > end:
            return
        if count >= MOST_DATES:
            raise Unreadable("it recurs too often: begin it later (DTSTART)")
        yield one


def _written(values: list[Any]) -> str:
    return ",".join(str(one) for one in values)


def _check(parts: dict[str, list[Any]], start: datetime) -> None:
    unknown = sorted(parts.keys() - PARTS)
    if unknown:
        raise Unreadable(f"it recurs by {', '.join(unknown)}: only {', '.join(sorted(PARTS))} are read")
    frequency = str(parts.get("FREQ", [""])[0]).upper()
    if frequency not in FREQUENCIES:
        raise Unreadable(f"it recurs {frequency.lower() or 'at no pace'}: write DAILY, WEEKLY, MONTHLY or YEARLY")
    for name in ("INTERVAL", "COUNT"):
        if not all(isinstance(one, int) and 1 <= one <= MOST_DATES for one in parts.get(name, [])):
            raise Unreadable(f"{name} of its rule is a whole number from 1 to {MOST_DATES}")
    if not _fits(parts, start, frequency):
        raise Unreadable("its first date (DTSTART) does not fit its own rule (RRULE): correct one of the two")


def _fits(parts: dict[str, list[Any]], start: datetime, frequency: str) -> bool:
    """True if the first date is one of the rule, so that others must come."""
    length = monthrange(start.year, start.month)[1]
    months = [int(one) for one in parts.get("BYMONTH", [])]
    days = [int(one) for one in parts.get("BYMONTHDAY", [])]
    if months and start.month not in months:
        return False
    if days and not {start.day, start.day - length - 1} & set(days):
        return False
    weekdays = [str(one).upper() for one in parts.get("BYDAY", [])]
    return not weekdays or any(_is_weekday(one, start, frequency, bool(months)) for one in weekdays)


def _is_weekday(written: str, start: datetime, frequency: str, has_months: bool) -> bool:
    """True if a date is the weekday `MO`, or the one that `2MO` or `-1MO` counts in its month or year."""
    count = written[:-2]
    if written[-2:] != _DAYS[start.weekday()]:
        return False
    if not count:
        return True
    if frequency in ("DAILY", "WEEKLY") or not count.lstrip("+-").isdecimal():
        return False
    if frequency == "YEARLY" and not has_months:
        place = start.timetuple().tm_yday
        length = date(start.year, 12, 31).timetuple().tm_yday
    else:
        place, length = start.day, monthrange(start.year, start.month)[1]
    return int(count) in ((place - 1) // 7 + 1, -((length - place) // 7 + 1))


def _until(parts: dict[str, list[Any]], zone: tzinfo) -> datetime | None:
    """The last local time at which the event may begin; a day counts to its end."""
    given = parts.get("UNTIL", [None])[0]
    if given is None:
        return None
    if isinstance(given, datetime):
        return given if given.tzinfo is None else given.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if isinstance(given, date):
        return datetime.combine(given, time()) + timedelta(days=1, microseconds=-1)
    raise Unreadable("UNTIL of its rule is neither a day nor a time")
