"""Hours of the story in real time: the terms are scaled, the clock is not touched."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from breach_service.domain.drills.scenario import STORY_HOURS, Inject, Scenario

SHORTEST_HOURS = 0.1
"""Six minutes: below that nobody reads what arrives."""
ENDS_AFTER = 2
"""An exercise that nobody stops ends after so many times its length: forgotten ones remind nobody for days."""


def scale_for(hours: float) -> float:
    """What terms are multiplied by so that the story takes `hours`; ValueError for what is no length of an exercise."""
    if not SHORTEST_HOURS <= hours <= STORY_HOURS:
        raise ValueError(hours)
    return hours / STORY_HOURS


def at_hours(began_at: datetime, hours: float, scale: float) -> datetime:
    """The instant (as `began_at`, UTC) of an hour of the story."""
    return began_at + timedelta(hours=hours * scale)


def story_hours(began_at: datetime, at: datetime, scale: float) -> float:
    """The hour of the story at an instant; both aware."""
    return (at - began_at) / timedelta(hours=1) / scale


def ends_by(began_at: datetime, scale: float) -> datetime:
    """When an exercise is over even if nobody says so."""
    return at_hours(began_at, STORY_HOURS * ENDS_AFTER, scale)


def injects_due(
    scenario: Scenario, began_at: datetime, scale: float, delivered: Collection[str], now: datetime
) -> tuple[Inject, ...]:
    """What has to arrive now, in the order of the story; after a downtime all that was missed, each once."""
    return tuple(
        one
        for one in in_order(scenario.injects)
        if one.inject not in delivered and at_hours(began_at, one.at_hours, scale) <= now
    )


def in_order(injects: Iterable[Inject]) -> tuple[Inject, ...]:
    """By the hour of the story, then as they are written."""
    return tuple(sorted(injects, key=lambda one: one.at_hours))
