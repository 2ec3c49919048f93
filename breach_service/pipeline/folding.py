"""Fold: repeats of one alert within a slice, before they cost anything."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from breach_service.domain.alert import Alert, AlertStatus, credible_instant
from breach_service.domain.grouping import minute_of
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.remembering import Remembered


@dataclass(slots=True)
class Arrival:
    """One normalised alert with the request that it came in."""

    source_id: int
    alert: Alert
    received_at: datetime
    sample: bytes | None
    """The sealed request; None where another alert of the same request keeps it."""
    kind: str = "json"
    """The kind of its sender."""
    lasts: bool = False
    """True where it is said again until it is said to be over."""
    is_observed: bool = False
    """True where its sender is under observation: nothing is sent because of it alone."""
    is_unverified: bool = False
    """True where its signature could not be checked."""
    body: bytes = b""
    """The request, where it held this alert alone; to be looked at in the slice and let go."""


@dataclass(slots=True)
class Folded:
    """One alert as it was said in one minute, however often."""

    first: Arrival
    last: Arrival
    count: int
    minute: int
    first_at: datetime
    last_at: datetime
    systems: tuple[str, ...]
    fired: Arrival | None
    """One that fired; None where its sender only said that it was over."""
    is_observed: bool
    """True where nothing may be sent because of it."""
    silenced_by: int | None = None
    """The silence that keeps all of it from waking anybody."""

    @property
    def identity(self) -> tuple[int, str]:
        """What makes it the same alert: its source and its fingerprint."""
        return self.first.source_id, self.first.alert.fingerprint

    @property
    def alert(self) -> Alert:
        """What it said last."""
        return self.last.alert

    @property
    def has_fired(self) -> bool:
        """False where its sender only said that it was over."""
        return self.fired is not None

    @property
    def placed_by(self) -> Alert:
        """What it is placed by: that it was over in the end does not undo that it fired."""
        return self.fired.alert if self.fired is not None else self.last.alert


Silencing = Callable[[Arrival, tuple[str, ...]], int | None]
"""The silence of an alert on systems of ours; None where it may wake."""


def nothing_silenced(_arrival: Arrival, _systems: tuple[str, ...]) -> None:
    """There are no silences."""


def fold(arrivals: Iterable[Arrival], knowledge: Knowledge, silence_of: Silencing = nothing_silenced) -> list[Folded]:
    """Fold repeats of the same source, fingerprint and minute; in the order of their first instant."""
    folded: dict[tuple[int, str, int], Folded] = {}
    for arrival in arrivals:
        alert = arrival.alert
        at, minute = _time_of(alert.occurred_at, arrival.received_at)
        held = folded.get((arrival.source_id, alert.fingerprint, minute))
        is_firing = alert.status is AlertStatus.FIRING
        if held is None:
            systems = _systems_of(alert, knowledge)
            is_observed = arrival.is_observed and not knowledge.catalogue.signals[alert.signal].always_tells
            folded[arrival.source_id, alert.fingerprint, minute] = Folded(
                arrival, arrival, 1, minute, at, at, systems, arrival if is_firing else None, is_observed,
                silence_of(arrival, systems),
            )  # fmt: skip
            continue
        if held.silenced_by is not None:  # one that may wake is enough
            held.silenced_by = silence_of(arrival, held.systems)
        if at >= held.last_at:
            held.last, held.last_at = arrival, at
        held.count += 1
        held.first_at = min(held.first_at, at)
        held.fired = held.fired or (arrival if is_firing else None)
    return sorted(folded.values(), key=lambda one: one.first_at)


@lru_cache(maxsize=4096)
def _time_of(occurred_at: datetime | None, received_at: datetime) -> tuple[datetime, int]:
    """Instant and minute of an alert; those of one request mostly have them in common."""
    at = credible_instant(occurred_at, received_at)
    return at, minute_of(at)


_SYSTEMS: Remembered[tuple[str, ...]] = Remembered(20_000)
"""By everything of an alert that it is matched by: the same machines are named again and again."""


def _systems_of(alert: Alert, knowledge: Knowledge) -> tuple[str, ...]:
    """The systems of ours that an alert is about, by id."""
    question = alert.likeness or (alert.entities, tuple(alert.labels.items()))
    return _SYSTEMS.get(knowledge, question, lambda: tuple(one.id for one in knowledge.inventory.systems_of(alert)))
