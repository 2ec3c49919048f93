"""Which moments of a ladder have passed for one date, and when the next one comes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from breach_service.domain.office_hours import OfficeHours
from breach_service.domain.reminders.ladder import Ladder, Rung
from breach_service.domain.waking import Urgency

LONGEST_AHEAD = timedelta(hours=1)
SHORTEST_AHEAD = timedelta(minutes=15)


@dataclass(frozen=True)
class Passing:
    """One moment of one date. Instants in UTC."""

    mark: str
    """The rung and the date: what was spoken of is kept under it."""
    at: datetime
    """When it is spoken of: never later than the rung stands."""
    due_at: datetime
    urgency: Urgency
    is_muteable: bool
    is_after: bool
    ahead: timedelta
    """How much sooner it may be spoken of together with another, so that many dates in a row are one sentence."""


def passed_by(
    ladder: Ladder, triggered_at: datetime, due_at: datetime, now: datetime, scale: float, hours: OfficeHours
) -> tuple[Passing, ...]:
    """The moments that have come by `now`, or come so soon that they may be spoken of with another.

    Of what is said again and again only the latest time. `scale` is that of an exercise: the hours of its rungs are as
    much shorter as its terms, and nobody's working hours count.
    """
    fixed = _moments(ladder, triggered_at, due_at, scale, hours)
    return tuple(one for one in (*fixed, *_repeats(ladder, due_at, now, scale)) if one.at - one.ahead <= now)


def next_after(
    ladder: Ladder, triggered_at: datetime, due_at: datetime, now: datetime, scale: float, hours: OfficeHours
) -> datetime | None:
    """The next moment after `now`; None where none comes any more."""
    coming = [one.at for one in _moments(ladder, triggered_at, due_at, scale, hours) if one.at > now]
    for rung in ladder.rungs:
        if rung.again_every_hours is not None and rung.hours_after is not None:
            first, every = due_at + _hours(rung.hours_after, scale), _hours(rung.again_every_hours, scale)
            coming.append(first + every * ((now - first) // every + 1) if now >= first else first)
    return min(coming, default=None)


@lru_cache(maxsize=20_000)
def _moments(
    ladder: Ladder, triggered_at: datetime, due_at: datetime, scale: float, hours: OfficeHours
) -> tuple[Passing, ...]:
    """Every moment but those that are said again; what would come before the clock began does not come."""
    found = (_moment(one, triggered_at, due_at, scale, hours) for one in ladder.rungs)
    return tuple(one for one in found if one.at > triggered_at or one.is_after)


def _moment(rung: Rung, triggered_at: datetime, due_at: datetime, scale: float, hours: OfficeHours) -> Passing:
    mark = f"{rung.id}:{due_at.isoformat()}"
    if rung.elapsed_percent is not None:
        at = triggered_at + (due_at - triggered_at) * rung.elapsed_percent / 100
        mark = f"{mark}:{triggered_at.isoformat()}"
    else:
        at = due_at + _hours((rung.hours_after or 0) - (rung.hours_before or 0), scale)
    if rung.urgency is Urgency.WORKING_HOURS and scale == 1 and at > triggered_at:
        at = hours.last_before(at, triggered_at)
    ahead = min(LONGEST_AHEAD, max(SHORTEST_AHEAD, (due_at - at) / 4)) * scale
    return Passing(mark, at, due_at, rung.urgency, rung.is_muteable, rung.is_after, ahead)


def _repeats(ladder: Ladder, due_at: datetime, now: datetime, scale: float) -> Iterator[Passing]:
    """The latest time at which it is said again: a message at its hour that wakes nobody a second time."""
    for rung in ladder.rungs:
        if rung.again_every_hours is None or rung.hours_after is None:
            continue
        first, every = due_at + _hours(rung.hours_after, scale), _hours(rung.again_every_hours, scale)
        times = (now - first) // every
        if times >= 1:
            mark = f"{rung.id}+{times}:{due_at.isoformat()}"
            yield Passing(mark, first + every * times, due_at, Urgency.LOG, False, True, SHORTEST_AHEAD * scale)


def _hours(number: float, scale: float) -> timedelta:
    return timedelta(hours=number * scale)
