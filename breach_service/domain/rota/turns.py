"""The rota: who takes turns on each level, and at which local time one hands over to the next.

Hand-over is at a local time of the rota's zone, so a turn over a change of the clocks has an hour more or less.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from breach_service.domain.calendar import Calendar, first_instant_at

DAY = timedelta(days=1)


class Level(StrEnum):
    """Who is called first, who next, and who advises."""

    FIRST = "first"
    SECOND = "second"
    DPO = "dpo"
    """The data protection officer."""
    DEPUTY = "deputy"
    """Of the data protection officer."""


@dataclass(frozen=True)
class Turns:
    """People who take turns on one level."""

    people: tuple[int, ...]
    """Numbers of accounts, in order; at least one."""
    days: int
    """Local days in a turn, at least one: 7 for a week."""
    starts_on: date
    """A local day on which the first of the people takes over; turns are counted from it in both directions."""
    hand_over_at: time
    """Local time."""

    def hand_over_on(self, day: date, zone: tzinfo) -> datetime:
        """The instant of a hand-over on a local day, UTC: the first at which the clock shows that time or skips it."""
        return first_instant_at(datetime.combine(day, self.hand_over_at), zone)

    def turn_at(self, at: datetime, zone: tzinfo) -> int:
        """The number of the turn at an instant; 0 begins on `starts_on`, earlier ones are negative."""
        # One day ahead of the local date, because the clock may have skipped to it; in some zones whole days.
        day = at.astimezone(zone).date() + DAY
        while self.hand_over_on(day, zone) > at:
            day -= DAY
        return (day - self.starts_on).days // self.days

    def in_order(self, turn: int) -> Iterator[int]:
        """Whose turn it is, then those who would come next."""
        for step in range(len(self.people)):
            yield self.people[(turn + step) % len(self.people)]

    def hand_overs(self, from_at: datetime, to_at: datetime, zone: tzinfo) -> Iterator[datetime]:
        """The instants after `from_at` and before `to_at` at which somebody hands over, UTC, in order."""
        turn = self.turn_at(from_at, zone)
        while True:
            turn += 1
            at = self.hand_over_on(self.starts_on + turn * self.days * DAY, zone)
            if at >= to_at:
                return
            if at > from_at:
                yield at


@dataclass(frozen=True)
class WorkingHours:
    """When people are at work anyway: local times of working days."""

    days: frozenset[int]
    """0 is Monday."""
    since: time
    until: time
    """Later than `since`; not included."""


@dataclass(frozen=True)
class Rota:
    """Who is on call."""

    zone: str
    """IANA name; hand-overs and working hours are local times of it."""
    first: Turns
    second: Turns | None = None
    dpo: int | None = None
    deputy: int | None = None
    working_hours: WorkingHours | None = None
    holidays: Calendar | None = None
    """Whose public holidays count; None: none."""

    @property
    def clock(self) -> ZoneInfo:
        """The zone as a clock."""
        return ZoneInfo(self.zone)

    @property
    def people(self) -> frozenset[int]:
        """Everybody who stands in it."""
        turns = self.first.people + (self.second.people if self.second else ())
        return frozenset((*turns, *(one for one in (self.dpo, self.deputy) if one is not None)))

    def on_level(self, level: Level, at: datetime) -> tuple[int, ...]:
        """Those of a level in the order in which they are asked at an instant; nobody is away yet."""
        match level:
            case Level.FIRST | Level.SECOND:
                turns = self.first if level is Level.FIRST else self.second
                return tuple(turns.in_order(turns.turn_at(at, self.clock))) if turns else ()
            case Level.DPO:
                return (self.dpo,) if self.dpo is not None else ()
            case Level.DEPUTY:
                return (self.deputy,) if self.deputy is not None else ()
