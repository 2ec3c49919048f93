"""A call: whom an incident wakes one after the other until somebody acknowledges. Pure; instants in UTC.

The first level at once, the next one later, then everybody, again and again. A level on which nobody is leaves no gap:
the next one is called in its place.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class WakeReason(StrEnum):
    """Why somebody is woken."""

    URGENT = "urgent"
    """What happened is urgent by itself (`playbooks/urgency.yaml`)."""
    DEADLINE = "deadline"
    """A date is six hours away, one hour away, or has passed."""


class Stage(StrEnum):
    """How far a call has come."""

    FIRST = "first"
    SECOND = "second"
    EVERYONE = "everyone"


class CallState(StrEnum):
    """Where a call stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ENDED = "ended"
    """Nobody need answer it any more: what it was about is over."""


class CallEnd(StrEnum):
    """Why a call ended."""

    QUALIFIED = "qualified"
    """Somebody said what the incident is, or it is over."""
    LESS_URGENT = "less_urgent"
    """What is known of it by now wakes nobody."""
    NOTHING_OWED = "nothing_owed"
    """No date is left that anybody could miss."""


@dataclass(frozen=True)
class Escalation:
    """When the next ones are called. `second` and `everyone` are counted from the beginning of a call."""

    second: timedelta = timedelta(minutes=10)
    everyone: timedelta = timedelta(minutes=20)
    again: timedelta = timedelta(minutes=30)
    """Between one call to everybody and the next."""

    def __post_init__(self) -> None:
        if not timedelta(0) < self.second < self.everyone or self.again <= timedelta(0):
            raise ValueError("the second level is called after the first, everybody after the second, and again later")

    def at(self, number: int) -> tuple[Stage, timedelta]:
        """The stage of a step (1 is the first) and how long after the beginning it is due."""
        match number:
            case 1:
                return Stage.FIRST, timedelta(0)
            case 2:
                return Stage.SECOND, self.second
        return Stage.EVERYONE, self.everyone + (number - 3) * self.again

    def last_due(self, waited: timedelta) -> int:
        """The number of the latest step that is due after so long."""
        if waited < self.second:
            return 1
        return 2 if waited < self.everyone else 3 + (waited - self.everyone) // self.again


@dataclass(frozen=True)
class Call:
    """One call of one incident."""

    id: int
    incident_id: int
    reason: WakeReason
    key: str
    began_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    ended_at: datetime | None = None
    end: CallEnd | None = None
    steps: int = 0
    """How many steps were taken, those that were passed over after an outage included."""

    @property
    def state(self) -> CallState:
        """Where it stands."""
        if self.acknowledged_at is not None:
            return CallState.ACKNOWLEDGED
        return CallState.ENDED if self.ended_at is not None else CallState.OPEN


@dataclass(frozen=True)
class Roster:
    """Who can be called now: numbers of accounts."""

    first: int | None = None
    second: int | None = None
    everyone: Collection[int] = field(default_factory=frozenset)

    def of(self, stage: Stage) -> frozenset[int]:
        """Whom a stage calls: where it has nobody, whom the next one calls. At each stage the ones before are called
        again: who slept through the first ring may hear the second."""
        first = frozenset(one for one in (self.first,) if one is not None)
        second = first | frozenset(one for one in (self.second,) if one is not None)
        everyone = second | frozenset(self.everyone)
        match stage:
            case Stage.FIRST:
                return first or second or everyone
            case Stage.SECOND:
                return second if self.second is not None else everyone
        return everyone


@dataclass(frozen=True)
class WakeStep:
    """One step that is to be taken now."""

    number: int
    stage: Stage
    due_at: datetime
    people: frozenset[int]


def steps_due(call: Call, now: datetime, roster: Roster, escalation: Escalation) -> Iterator[WakeStep]:
    """The step that is to be taken now, if any: at most one, the latest that is due.

    After an outage the steps that were missed are not made up for one by one: the latest calls whom they would have.
    """
    if call.state is not CallState.OPEN or now < call.began_at:
        return
    number = escalation.last_due(now - call.began_at)
    if number > call.steps:
        stage, after = escalation.at(number)
        yield WakeStep(number, stage, call.began_at + after, roster.of(stage))


def next_step_at(call: Call, escalation: Escalation) -> datetime | None:
    """When the next step is due; None where nobody is called any more."""
    if call.state is not CallState.OPEN:
        return None
    return call.began_at + escalation.at(call.steps + 1)[1]
