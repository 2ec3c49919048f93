"""A calendar file (.ics, RFC 5545) as stretches of time, with bounds on everything that a file can make endless."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from breach_service.acts.on_call.rota_recurrence import Unreadable, starts_of
from breach_service.domain.calendar import first_instant_at
from breach_service.errors import N_, InvalidCommand, Sentence, Sentences

MOST_BYTES = 1_048_576
MOST_EVENTS = 5_000
MOST_RECURRING = 200
MOST_HAPPENINGS = 2_000
"""Within the time that is looked at; recurring events counted each time."""
LOOKED_AHEAD = timedelta(days=400)
LONGEST = timedelta(days=400)
MOST_FAULTS = 20
"""That are told at once."""
READ = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID")
"""Properties that say when an event is."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Happening:
    """One event on one date. Instants UTC; the end is not included."""

    origin: str
    """The identity of the event in its calendar, always of the same length: `ics:` and a digest of its UID."""
    title: str
    attendees: tuple[str, ...]
    """Addresses."""
    from_at: datetime
    to_at: datetime


@dataclass(frozen=True)
class CalendarFile:
    """What a calendar says about the time from now on."""

    happenings: tuple[Happening, ...]
    origins: frozenset[str]
    """Of every event in it, cancelled and past ones included."""
    taken_from: datetime
    """The instant from which on it was looked at."""


def read_calendar(content: bytes, zone: str, now: datetime, containing: str = "") -> CalendarFile:
    """The events that are not over yet, up to `LOOKED_AHEAD`; those with `containing` in their title where it is given.

    Days and times without a zone are those of `zone`. Raises InvalidCommand with every fault as a sentence a line.
    """
    calendars = _calendars(content)
    components: list[tuple[int, Event, bool]] = []
    for calendar in calendars:
        is_cancelling = str(calendar.get("METHOD", "")).upper() == "CANCEL"
        components += [(len(components) + 1 + n, one, is_cancelling) for n, one in enumerate(calendar.walk("VEVENT"))]
    if len(components) > MOST_EVENTS:
        raise InvalidCommand(
            N_("the calendar has more than %(most_events)s events: export the coming months only"),
            most_events=MOST_EVENTS,
        )
    if not components:
        raise InvalidCommand(N_("the calendar has no events (VEVENT): choose the file that your calendar exports"))
    return _Reader(zone, now, containing.strip().casefold()).read(components)


def _calendars(content: bytes) -> list[Any]:
    if len(content) > MOST_BYTES:
        raise InvalidCommand(
            N_("the file is larger than %(most)s KiB: export the coming months only"), most=MOST_BYTES // 1024
        )
    if b"BEGIN:VCALENDAR" not in content.upper():
        raise InvalidCommand(N_("this is not a calendar file: it must begin with BEGIN:VCALENDAR (.ics)"))
    try:
        found = Calendar.from_ical(content.replace(b"\0", b""), multiple=True)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError, AttributeError) as error:
        raise InvalidCommand(N_("the calendar file is damaged and cannot be read: export it again")) from error
    calendars = [one for one in found if isinstance(one, Calendar)]
    if not calendars:
        raise InvalidCommand(N_("the calendar file is cut off before its end: export it again"))
    return calendars


def origin_of(uid: str) -> str:
    """How the identity of an event is kept: a digest, since a UID may be long or hold an address."""
    return f"ics:{hashlib.sha256(uid.encode()).hexdigest()[:32]}"


@dataclass(frozen=True)
class _Span:
    """When an event begins and how long it lasts, on the clock of its zone."""

    start: datetime
    """Naive."""
    length: timedelta
    zone: ZoneInfo | Any
    is_all_day: bool

    def at(self, start: datetime) -> tuple[datetime, datetime]:
        """The instants of the event where it begins at another local time."""
        return first_instant_at(start, self.zone), first_instant_at(start + self.length, self.zone)


class _Reader:
    def __init__(self, zone: str, now: datetime, containing: str) -> None:
        self._zone = ZoneInfo(zone)
        self._now = now
        self._until = now + LOOKED_AHEAD
        self._containing = containing
        self._faults: list[str] = []
        self._recurring = 0
        self._count = 0

    def read(self, components: Iterable[tuple[int, Event, bool]]) -> CalendarFile:
        by_uid: dict[str, list[tuple[int, Event, bool]]] = defaultdict(list)
        for number, event, is_cancelling in components:
            by_uid[str(event.get("UID", "")).strip() or f"event {number}"].append((number, event, is_cancelling))
        found: list[Happening] = []
        for uid, same in by_uid.items():
            found += self._series(uid, same)
        if self._faults:
            more = len(self._faults) - MOST_FAULTS
            told = self._faults[:MOST_FAULTS] + ([f"and {more} more"] if more > 0 else [])
            raise InvalidCommand(Sentences(*(Sentence(N_("nothing was imported:")), *told)))
        found.sort(key=lambda one: (one.from_at, one.origin))
        return CalendarFile(tuple(found), frozenset(map(origin_of, by_uid)), self._now)

    def _series(self, uid: str, same: list[tuple[int, Event, bool]]) -> Iterator[Happening]:
        """The events of one UID: one that recurs or not, and those that stand for single dates of it."""
        moved: set[datetime] = set()
        for number, event, _ in same:
            if "RECURRENCE-ID" in event:
                at = self._recurrence_at(number, event)
                moved |= {at} if at else set()
        for number, event, is_cancelling in same:
            if is_cancelling or str(event.get("STATUS", "")).upper() == "CANCELLED" or not self._is_wanted(event):
                continue
            passed = set() if "RECURRENCE-ID" in event else moved
            try:
                yield from self._happenings(uid, event, passed)
            except Unreadable as error:
                self._faults.append(f"event {number}: {error}")

    def _is_wanted(self, event: Event) -> bool:
        return not self._containing or self._containing in str(event.get("SUMMARY", "")).casefold()

    def _recurrence_at(self, number: int, event: Event) -> datetime | None:
        try:
            return self._instant(_value(event, "RECURRENCE-ID"))
        except Unreadable as error:
            self._faults.append(f"event {number}: {error}")
        return None

    def _happenings(self, uid: str, event: Event, passed: set[datetime]) -> Iterator[Happening]:
        _check_readable(event)
        span = self._span(event)
        is_recurring = "RECURRENCE-ID" not in event and any(name in event for name in ("RRULE", "RDATE", "EXRULE"))
        self._recurring += is_recurring
        if self._recurring > MOST_RECURRING:
            raise Unreadable(f"more than {MOST_RECURRING} events recur: import only those that you need")
        dropped = passed | {self._instant(one) for one in _dates(event, "EXDATE")} if is_recurring else set()
        for start in self._starts(event, span) if is_recurring else [span.start]:
            from_at, to_at = span.at(start)
            if from_at in dropped or to_at <= self._now or from_at >= self._until:
                continue
            self._count += 1
            if self._count > MOST_HAPPENINGS:
                raise Unreadable(f"there are more than {MOST_HAPPENINGS} dates in the coming year: import fewer events")
            yield Happening(origin_of(uid), str(event.get("SUMMARY", ""))[:200], _attendees(event), from_at, to_at)

    def _starts(self, event: Event, span: _Span) -> list[datetime]:
        latest = self._until.astimezone(span.zone).replace(tzinfo=None)
        found = set(starts_of(event, span.start, span.zone, latest))
        for one in _dates(event, "RDATE"):
            found.add(self._instant(one).astimezone(span.zone).replace(tzinfo=None))
        return sorted(found)

    def _span(self, event: Event) -> _Span:
        start = _value(event, "DTSTART")
        is_all_day = not isinstance(start, datetime)
        zone = (start.tzinfo if isinstance(start, datetime) else None) or self._zone
        local = _naive(start, zone)
        if not 2000 <= local.year <= 2200:
            raise Unreadable(f"it begins in the year {local.year}: check DTSTART")
        length = self._length(event, local, zone, is_all_day)
        if length <= timedelta():
            raise Unreadable("it ends before or when it begins: check DTEND or DURATION")
        if length > LONGEST:
            raise Unreadable(f"it lasts more than {LONGEST.days} days: check DTEND")
        return _Span(local, length, zone, is_all_day)

    def _length(self, event: Event, start: datetime, zone: Any, is_all_day: bool) -> timedelta:
        if "DTEND" in event:
            end = _value(event, "DTEND")
            if isinstance(end, datetime) is is_all_day:
                raise Unreadable("DTSTART and DTEND are not of the same kind: both a day, or both a time")
            return _naive(end, zone) - start
        if "DURATION" in event:
            found = getattr(event["DURATION"], "dt", None)
            if not isinstance(found, timedelta):
                raise Unreadable("DURATION cannot be read")
            return found
        return _DAY if is_all_day else timedelta()

    def _instant(self, value: date | datetime) -> datetime:
        if not isinstance(value, datetime):
            return first_instant_at(datetime.combine(value, time()), self._zone)
        if value.tzinfo is None:
            return first_instant_at(value, self._zone)
        return value.astimezone(UTC)


def _naive(value: date | datetime, zone: Any) -> datetime:
    """A day or an instant on the clock of a zone, without the zone."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value if value.tzinfo is None else value.astimezone(zone).replace(tzinfo=None)


def _check_readable(event: Event, names: Iterable[str] = READ) -> None:
    """Raise Unreadable where the library could not make sense of a property that is read here."""
    broken = {one[0] for one in event.errors}
    for name in names:
        if name in broken:
            raise Unreadable(f"{name} cannot be read: correct it in the calendar")


def _value(event: Event, name: str) -> date | datetime:
    if name not in event:
        raise Unreadable(f"it has no {name}: nobody knows when it is")
    _check_readable(event, (name,))
    held = event[name]
    found = None if isinstance(held, list) else getattr(held, "dt", None)
    if not isinstance(found, date):
        raise Unreadable(f"{name} is neither a day nor a time")
    return found


def _dates(event: Event, name: str) -> Iterator[date | datetime]:
    """The days or instants of EXDATE or RDATE."""
    held = event.get(name, [])
    for part in held if isinstance(held, list) else [held]:
        for one in getattr(part, "dts", ()):
            if not isinstance(one.dt, date):
                raise Unreadable(f"{name} holds a period: only days and times are read")
            yield one.dt


def _attendees(event: Event) -> tuple[str, ...]:
    held = event.get("ATTENDEE", [])
    some = held if isinstance(held, list) else [held]
    return tuple(str(one).strip().casefold().removeprefix("mailto:") for one in some[:50])
