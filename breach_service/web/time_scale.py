"""The scale of a time line: instants to places on one axis, with its local days and the ground of days of rest."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

WIDTH = 1176.0
"""Units of the view box from edge to edge."""
LEFT = 12.0
"""Where the window begins."""


@dataclass(frozen=True)
class Tick:
    """A mark on the axis: a local midnight, or noon between two of them."""

    x: float
    at: datetime
    has_label: bool


@dataclass(frozen=True)
class Rest:
    """Ground of days on which nobody works."""

    x: float
    width: float


@dataclass(frozen=True)
class Scale:
    """Instants to x: linear from `start` at the left edge, `per_second` units for each second."""

    start: datetime
    per_second: float

    def x(self, at: datetime) -> float:
        """The place of an instant, within the box; what lies outside comes to its edge."""
        return round(min(max(LEFT + (at - self.start).total_seconds() * self.per_second, 0.0), WIDTH), 1)

    @property
    def end(self) -> datetime:
        """The instant at the right edge."""
        return self.start + timedelta(seconds=(WIDTH - LEFT) / self.per_second)

    @property
    def day(self) -> float:
        """How wide a day of 24 hours is."""
        return 86400 * self.per_second


def _local_instants(scale: Scale, zone: tzinfo, hour: int, every: int = 1) -> Iterator[datetime]:
    day = scale.start.astimezone(zone).date()
    while True:
        at = datetime.combine(day, time(hour), zone).astimezone(UTC)
        if at >= scale.end:
            return
        if at >= scale.start:
            yield at
        day += timedelta(days=every)


def days(scale: Scale, zone: tzinfo) -> Iterator[Tick]:
    """Local midnights, as many as there is room for; the day that the drawing opens in is named where room is left."""
    every = max(1, -(-84 // max(int(scale.day), 1)))
    midnights = list(_local_instants(scale, zone, 0, every))
    first_x = scale.x(midnights[0]) if midnights else WIDTH
    if first_x > 96:
        yield Tick(0.0, scale.start, True)
    for at in midnights:
        yield Tick(scale.x(at), at, scale.x(at) < WIDTH - 84)


def noons(scale: Scale, zone: tzinfo) -> Iterator[Tick]:
    """Local noons, where days are wide enough; named where there is room between the names of the days."""
    if scale.day < 60:
        return
    for at in _local_instants(scale, zone, 12):
        yield Tick(scale.x(at), at, scale.day >= 210 and 110 < scale.x(at) < WIDTH - 24)


_MOST_DAYS_WITH_GROUND = 120


def rest_grounds(scale: Scale, zone: tzinfo, is_rest_day: Callable[[date], bool]) -> Iterator[Rest]:
    """One rectangle per run of days of rest, from local midnight to local midnight."""
    if (scale.end - scale.start).days > _MOST_DAYS_WITH_GROUND:
        return
    run: Rest | None = None
    day = scale.start.astimezone(zone).date()
    while (starts_at := datetime.combine(day, time(0), zone).astimezone(UTC)) < scale.end:
        day += timedelta(days=1)
        ends_at = datetime.combine(day, time(0), zone).astimezone(UTC)
        x = scale.x(starts_at) if starts_at > scale.start else 0.0
        width = round(scale.x(ends_at) - x, 1)
        if not is_rest_day(starts_at.astimezone(zone).date()):
            if run:
                yield run
            run = None
        else:
            run = replace(run, width=round(run.width + width, 1)) if run else Rest(x, width)
    if run:
        yield run
