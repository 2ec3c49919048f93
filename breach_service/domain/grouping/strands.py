"""Strands: when something of one key went on, in whole minutes, so that order and batching make no difference.

Openers of one key that follow each other closely are one strand. Every relation here only ever joins what is already
there and never parts it again, whichever alert arrives first; that is why the settled grouping is the same for every
order of arrival. The one thing that parts, the cut that keeps steady noise from hiding a new attack, falls on a fixed
grid of time for the same reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

HOUR = 60
"""Minutes."""
MASK_BITS = HOUR
"""Minutes of one hour in the mask of an observed alert."""


def minute_of(at: datetime) -> int:
    """Whole minutes since 1970."""
    return int(at.timestamp() // 60)


def instant_at(minute: int) -> datetime:
    """The instant at which a minute begins, UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)


@dataclass(frozen=True)
class Grid:
    """The cut: cells of equal length; what begins late in a cell may go on through the next one."""

    cell: int
    """Minutes."""
    phase: int
    """Minutes after 1970 at which a cell begins."""

    def number_of(self, minute: int) -> int:
        """The cell that a minute lies in."""
        return (minute - self.phase) // self.cell

    def begin_of(self, number: int) -> int:
        """The first minute of a cell."""
        return number * self.cell + self.phase

    def is_carried_over(self, first: int) -> bool:
        """True if what began at a minute may go on into the next cell: it began in the second half of its own."""
        return first >= self.begin_of(self.number_of(first)) + self.cell // 2


@dataclass(frozen=True, order=True)
class Key:
    """What alerts may have in common."""

    text: str
    """The kind of the key, a colon, and a value: `system:shop`, `from:203.0.113.9`."""
    quiet: int = field(compare=False, default=HOUR)
    """Minutes without an opener after which another strand begins."""


@dataclass
class Strand:
    """Openers of one key that follow each other, in one cell."""

    key: str
    first: int
    """Minute of the first opener."""
    last: int
    incident: int
    row: int | None = None
    """Its number in the database, None where it is new."""
    is_changed: bool = False

    def reaches(self, minute: int, quiet: int) -> bool:
        """True if a minute is at most `quiet` minutes from it."""
        return self.first - quiet <= minute <= self.last + quiet


def mask_of(minutes: Iterable[int]) -> int:
    """Minutes of one hour as the bits of a number."""
    mask = 0
    for minute in minutes:
        mask |= 1 << (minute % HOUR)
    return mask


def is_touched(hour: int, mask: int, since: int, until: int) -> bool:
    """True if one of the minutes of a mask lies between two minutes, both included."""
    begin = hour * HOUR
    low, high = max(since - begin, 0), min(until - begin, HOUR - 1)
    if low > high:
        return False
    window = ((1 << (high - low + 1)) - 1) << low
    return bool(mask & window)
