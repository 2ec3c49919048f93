"""Calls on pages: who was woken when, by which way, what became of each message, and who answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.waking import CallEnd, CallState, Escalation, Stage, WakeReason, next_step_at
from breach_service.store.calls import KeptStep, ShownCall, Told


@dataclass(frozen=True)
class ToldLine:
    """One message. `outcome`: sent, waiting, failed (tried again), given_up, or unreachable: there was no way."""

    way: str
    outcome: str


@dataclass(frozen=True)
class ReachedLine:
    """A person, a pager or a channel of the team, and the messages to it."""

    name: str
    told: tuple[ToldLine, ...]
    is_person: bool


@dataclass(frozen=True)
class StepLine:
    """One step of a call. Instants UTC."""

    stage: Stage
    number: int
    at: datetime
    reached: tuple[ReachedLine, ...]

    @property
    def has_failed(self) -> bool:
        """True where somebody or something was not reached."""
        return any(not any(each.outcome in ("sent", "waiting") for each in one.told) for one in self.reached)


@dataclass(frozen=True)
class CallLine:
    """One call. Instants UTC."""

    number: int
    reference: str
    reason: WakeReason
    state: CallState
    began_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    ended_at: datetime | None
    end: CallEnd | None
    next_at: datetime | None
    """When the next ones are called; None where nobody is."""
    is_drill: bool
    steps: tuple[StepLine, ...]
    """The latest first."""
    may_answer: bool

    @property
    def is_open(self) -> bool:
        """True while somebody is awaited."""
        return self.state is CallState.OPEN


@dataclass(frozen=True)
class CallsPage:
    """The page of calls."""

    now: datetime
    open: tuple[CallLine, ...]
    answered: tuple[CallLine, ...]
    error: str = ""


def call_lines(
    found: Iterable[ShownCall], steps: Mapping[int, Sequence[KeptStep]], outcomes: Mapping[str, str],
    names: Mapping[int, str], escalation: Escalation, *, may_answer: bool,
) -> tuple[CallLine, ...]:  # fmt: skip
    """Calls as they are shown; `names` of accounts by number, `outcomes` of messages by key."""
    return tuple(
        CallLine(
            one.call.id, one.reference, one.call.reason, one.call.state, one.call.began_at, one.call.acknowledged_at,
            one.call.acknowledged_by, one.call.ended_at, one.call.end, next_step_at(one.call, escalation),
            one.is_drill,
            tuple(_step(each, outcomes, names) for each in reversed(steps.get(one.call.id, ()))),
            may_answer and one.call.state is CallState.OPEN,
        )
        for one in found
    )  # fmt: skip


def calls_page(lines: Sequence[CallLine], now: datetime, error: str = "") -> CallsPage:
    """Open calls first."""
    return CallsPage(
        now, tuple(one for one in lines if one.is_open), tuple(one for one in lines if not one.is_open), error
    )  # fmt: skip


def _step(step: KeptStep, outcomes: Mapping[str, str], names: Mapping[int, str]) -> StepLine:
    by_whom: dict[tuple[bool, str], list[ToldLine]] = {}
    for one in step.told:
        is_person = one.person is not None
        name = names.get(one.person, f"#{one.person}") if one.person is not None else one.way
        by_whom.setdefault((is_person, name), []).append(ToldLine(one.way, _outcome(one, outcomes)))
    reached = tuple(
        ReachedLine(name, tuple(told), is_person)
        for (is_person, name), told in sorted(by_whom.items(), key=lambda pair: (not pair[0][0], pair[0][1]))
    )
    return StepLine(step.stage, step.number, step.at, reached)


def _outcome(one: Told, outcomes: Mapping[str, str]) -> str:
    return outcomes.get(one.key, "sent") if one.key else "unreachable"
