"""A calendar of due dates (RFC 5545), for calendars that stand outside: references and kinds of dates, nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

DOMAIN = "breach_service.invalid"
"""Of the identifiers: no address is given away by them (RFC 2606)."""
REFRESH = timedelta(minutes=15)
ALARMS = (timedelta(hours=24), timedelta(hours=6), timedelta(hours=1))
"""Before a date that is open."""


@dataclass(frozen=True)
class FeedEvent:
    """One date. Instants in UTC."""

    key: str
    """Opaque and stable."""
    summary: str
    due_at: datetime
    is_provisional: bool
    is_open: bool
    changes: int
    """Grows with each change."""
    changed_at: datetime
    link: str


def calendar_of(events: Iterable[FeedEvent], name: str) -> bytes:
    """The calendar as a client subscribes to it; settled dates are cancelled, so that copies of them end too."""
    found = Calendar()
    found.add("prodid", "-//breach_service//due dates//FR")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("name", name)
    found.add("x-wr-calname", name)
    found.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    found.add("x-published-ttl", "PT15M")
    for one in events:
        found.add_component(_event(one))
    return bytes(found.to_ical())


def _event(one: FeedEvent) -> Event:
    event = Event()
    event.add("uid", f"{one.key}@{DOMAIN}")
    event.add("dtstamp", one.changed_at)
    event.add("last-modified", one.changed_at)
    event.add("sequence", one.changes)
    event.add("dtstart", one.due_at)
    event.add("summary", one.summary)
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    event.add("status", _status(one))
    if one.link:
        event.add("url", one.link)
    for before in ALARMS if one.is_open else ():
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", -before)
        alarm.add("description", one.summary)
        event.add_component(alarm)
    return event


def _status(one: FeedEvent) -> str:
    if not one.is_open:
        return "CANCELLED"
    return "TENTATIVE" if one.is_provisional else "CONFIRMED"
