"""The report of an exercise: by role, never by person; in hours of the story, so that teams compare with the law."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from breach_service.domain.deadlines import Obligation
from breach_service.domain.drills.deeds import Done, done_of
from breach_service.domain.drills.running import Drill
from breach_service.domain.drills.scenario import Deed, DrillRole, Expectation
from breach_service.domain.drills.schedule import story_hours
from breach_service.domain.incident import TimelineEntry

ROLES: tuple[DrillRole, ...] = ("responder", "dpo", "decider")


class Outcome(StrEnum):
    """What became of one expectation."""

    IN_TIME = "in_time"
    LATE = "late"
    """Done, and after its hour."""
    OTHERWISE = "otherwise"
    """Decided, and not as expected: to be talked about, it need not be wrong."""
    WAITING = "waiting"
    """Not done, and its hour has not come."""
    MISSING = "missing"
    """Not done, and its hour has passed."""


@dataclass(frozen=True)
class ReportLine:
    """One expectation and what became of it. Hours of the story since the exercise began."""

    expected: Expectation
    outcome: Outcome
    done_after: float | None
    """None while it is not done."""
    done: int
    of: int
    """How many notices it is about; 1 where it is about none."""


@dataclass(frozen=True)
class RoleReport:
    """What was expected of one role."""

    role: DrillRole
    lines: tuple[ReportLine, ...]

    @property
    def in_time(self) -> int:
        """How many expectations were met in time."""
        return sum(one.outcome is Outcome.IN_TIME for one in self.lines)


@dataclass(frozen=True)
class DrillReport:
    """How an exercise went. It holds roles, hours and counts: no name of a person, and none of a client."""

    drill: Drill
    at: datetime
    """What it is true for: the end of the exercise, or the instant of the look."""
    hour: float
    """The hour of the story then."""
    roles: tuple[RoleReport, ...]
    milestones: tuple[tuple[Deed, float | None], ...]
    """First look, qualification, decision, released text, filing: after how many hours; None while it is not done."""
    delivered: int
    """How many injects have arrived."""


_MILESTONES = (Deed.TAKE_UP, Deed.QUALIFY, Deed.DECIDE, Deed.APPROVE, Deed.FILE)


def report_of(
    drill: Drill, entries: Sequence[TimelineEntry], obligations: Sequence[Obligation], service: str, now: datetime
) -> DrillReport:
    """What was expected and what was done until `now`, or until the exercise ended; instants in UTC."""
    at = drill.ended_at or now
    until = [one for one in entries if one.at <= at]
    hour = story_hours(drill.began_at, at, drill.scale)
    lines: dict[str, list[ReportLine]] = {role: [] for role in ROLES}
    for one in sorted(drill.scenario.expects, key=lambda one: one.within_hours):
        lines[one.role].append(_line(one, done_of(one, until, obligations, service), drill, hour))
    return DrillReport(
        drill=drill,
        at=at,
        hour=hour,
        roles=tuple(RoleReport(role, tuple(lines[role])) for role in ROLES if lines[role]),
        milestones=tuple((deed, _first(deed, lines)) for deed in _MILESTONES),
        delivered=len(drill.delivered),
    )


def _line(expected: Expectation, done: Done, drill: Drill, hour: float) -> ReportLine:
    after = None if done.at is None else round(story_hours(drill.began_at, done.at, drill.scale), 2)
    return ReportLine(expected, _outcome(expected, done, after, hour), after, done.done, done.of)


def _outcome(expected: Expectation, done: Done, after: float | None, hour: float) -> Outcome:
    if done.is_otherwise:
        return Outcome.OTHERWISE
    if after is not None:
        return Outcome.IN_TIME if after <= expected.within_hours else Outcome.LATE
    return Outcome.WAITING if hour < expected.within_hours else Outcome.MISSING


def _first(deed: Deed, lines: dict[str, list[ReportLine]]) -> float | None:
    """After how many hours the first of these deeds was done."""
    found = [
        one.done_after
        for some in lines.values()
        for one in some
        if one.expected.deed is deed and one.done_after is not None
    ]
    return min(found) if found else None
