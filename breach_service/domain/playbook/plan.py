"""Several playbooks as one plan: every step once, in order of due time, evidence before containment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import TypeAlias

from breach_service.domain.conditions import AllLines, AnyLine, FactValue, Lines, Truth, judge
from breach_service.domain.incident import InstantKind
from breach_service.domain.playbook.adapting import (
    AS_WRITTEN,
    Adaptation,
    StepRecord,
    StepState,
    latest_records,
)
from breach_service.domain.playbook.content import Call, Evidence, Phase, Playbook, Question, Reference, Step

Instants: TypeAlias = Mapping[InstantKind, datetime]


@dataclass(frozen=True)
class PlannedStep:
    """One step of a plan."""

    step: Step
    """With the role and the term that it has in this incident."""
    playbooks: tuple[str, ...]
    """Those that ask for it; empty for a step that a person added, or whose playbook is gone."""
    due_at: datetime | None
    """In UTC; None without a term, or while the instant that it counts from is not known."""
    is_certain: bool = True
    """False while its condition is open."""
    asks: tuple[str, ...] = ()
    """The facts that would decide its condition."""
    record: StepRecord | None = None
    left_out: str = ""
    """Why it is not to be done; what was done stays in the plan all the same."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.step.step

    @property
    def state(self) -> StepState:
        """Where it stands."""
        return self.record.state if self.record else StepState.OPEN

    def is_overdue(self, now: datetime) -> bool:
        """True for an open step whose time has come."""
        return self.state is StepState.OPEN and self.due_at is not None and self.due_at <= now


@dataclass(frozen=True)
class PlannedCall:
    """One call of a plan."""

    call: Call
    due_at: datetime | None
    is_certain: bool = True
    """False while its condition is open."""


@dataclass(frozen=True)
class Plan:
    """What is to be done in one incident."""

    steps: tuple[PlannedStep, ...]
    left_out: tuple[PlannedStep, ...] = ()
    """Not to be done, by its condition (`left_out` is empty then) or by a person, and never done."""
    evidence: tuple[Evidence, ...] = ()
    """What is gone first comes first."""
    questions: tuple[Question, ...] = ()
    calls: tuple[PlannedCall, ...] = ()
    references: tuple[Reference, ...] = ()

    def step(self, name: str) -> PlannedStep | None:
        """The step of a name."""
        return next((one for one in self.steps if one.name == name), None)


def plan_of(
    playbooks: Sequence[Playbook],
    facts: Mapping[str, FactValue],
    instants: Instants,
    adaptation: Adaptation = AS_WRITTEN,
    records: Iterable[StepRecord] = (),
) -> Plan:
    """One plan of several playbooks.

    A step that two playbooks name is said once, in the words of the first of them that is not common, with the
    earliest term. Steps stand in order of due time; those whose time is not known yet follow. Evidence comes before
    whatever the same playbook contains with, even if that is due earlier. Nothing that was recorded is ever lost.
    """
    ordered = sorted(playbooks, key=lambda one: one.is_common)
    known = latest_records(records)
    merged = _merged(ordered, adaptation, instants, known)
    planned = [_planned(one, facts, instants, adaptation, known.get(one.step.step)) for one in merged]
    wanted = [one for one, truth in planned if _stays(one, truth)]
    keys = {one.name: _key(one.step, instants) for one in wanted}
    return Plan(
        steps=tuple(sorted(wanted, key=lambda one: (_not_after_containment(one, wanted, keys), _rank(one.step)))),
        left_out=tuple(one for one, truth in planned if not _stays(one, truth)),
        evidence=_first_gone_first(ordered),
        questions=_questions(ordered),
        calls=_calls(ordered, facts, instants),
        references=tuple(dict.fromkeys(one for playbook in ordered for one in playbook.references)),
    )


def steps_due(plan: Plan, now: datetime, within: timedelta = timedelta(0)) -> tuple[PlannedStep, ...]:
    """The open steps whose due time has come or comes within some time, in the order of the plan."""
    return tuple(one for one in plan.steps if one.is_overdue(now + within))


@dataclass(frozen=True)
class _Merged:
    step: Step
    playbooks: tuple[str, ...]


def _merged(
    playbooks: Sequence[Playbook], adaptation: Adaptation, instants: Instants, known: Mapping[str, StepRecord]
) -> list[_Merged]:
    found: dict[str, _Merged] = {}
    for playbook in playbooks:
        for step in playbook.steps:
            held = found.get(step.step)
            if held is None:
                found[step.step] = _Merged(step, (playbook.id,))
            elif playbook.id not in held.playbooks:
                found[step.step] = _Merged(_joined(held.step, step, instants), (*held.playbooks, playbook.id))
    for step in adaptation.added:
        found.setdefault(step.step, _Merged(step, ()))
    for name, record in known.items():
        found.setdefault(name, _Merged(record.step, ()))
    return [_Merged(adaptation.of(one.step), one.playbooks) for one in found.values()]


def _joined(first: Step, second: Step, instants: Instants) -> Step:
    """The words of the first, the earlier term, what both answer and keep, and whichever condition holds."""
    earlier = min((first, second), key=lambda one: _key(one, instants))
    changes = {
        "due": earlier.due,
        "answers": tuple(dict.fromkeys((*first.answers, *second.answers))),
        "yields": tuple(dict.fromkeys((*first.yields, *second.yields))),
        "only_if": _either(first.only_if, second.only_if),
    }
    return first.model_copy(update=changes)


def _either(first: Lines, second: Lines) -> Lines:
    """One of two sets of conditions; without conditions it is wanted anyway."""
    if not first or not second or first == second:
        return first if second else {}
    return {"one of": AnyLine(any={"first": AllLines(all=first), "second": AllLines(all=second)})}


def _planned(
    merged: _Merged,
    facts: Mapping[str, FactValue],
    instants: Instants,
    adaptation: Adaptation,
    record: StepRecord | None,
) -> tuple[PlannedStep, Truth]:
    step = merged.step
    judged = judge(step.only_if, facts)
    return (
        PlannedStep(
            step=step,
            playbooks=merged.playbooks,
            due_at=step.due_at(instants),
            is_certain=judged.truth is not Truth.UNKNOWN,
            asks=judged.unknown_facts,
            record=record,
            left_out=adaptation.left_out.get(step.step, ""),
        ),
        judged.truth,
    )


def _stays(one: PlannedStep, truth: Truth) -> bool:
    is_wanted = not one.left_out and truth is not Truth.NO
    return is_wanted or one.state is not StepState.OPEN


_Key: TypeAlias = tuple[int, float, int, float]
_CLOCKS = {kind: order for order, kind in enumerate(InstantKind)}


def _key(step: Step, instants: Instants) -> _Key:
    """Known instants first, in their order; then what waits for one, by clock and hours; then what has no term."""
    due_at = step.due_at(instants)
    if due_at is not None:
        return (0, due_at.timestamp(), 0, 0.0)
    if step.due is not None:
        return (1, 0.0, _CLOCKS[step.due.after], step.due.hours)
    return (2, 0.0, 0, 0.0)


_PHASES = {phase: order for order, phase in enumerate(Phase)}


def _rank(step: Step) -> int:
    return _PHASES[step.phase]


def _not_after_containment(one: PlannedStep, steps: Iterable[PlannedStep], keys: Mapping[str, _Key]) -> _Key:
    """When a step has its turn: evidence no later than what its playbooks contain with."""
    key = keys[one.name]
    if one.step.phase is not Phase.EVIDENCE:
        return key
    mine = set(one.playbooks)
    others = (
        keys[other.name]
        for other in steps
        if other.step.phase is Phase.CONTAINMENT and not mine.isdisjoint(other.playbooks)
    )
    return min([key, *others])


def _questions(playbooks: Iterable[Playbook]) -> tuple[Question, ...]:
    """Each fact once, where it is asked first; with a reason if one of the playbooks gives one."""
    found: dict[str, Question] = {}
    for one in (question for playbook in playbooks for question in playbook.questions):
        held = found.setdefault(one.fact, one)
        if held.why is None and one.why is not None:
            found[one.fact] = one
    return tuple(found.values())


def _first_gone_first(playbooks: Iterable[Playbook]) -> tuple[Evidence, ...]:
    found: dict[str, Evidence] = {}
    for playbook in playbooks:
        for one in playbook.evidence:
            found.setdefault(one.evidence, one)
    return tuple(sorted(found.values(), key=lambda one: one.gone_after_hours or inf))


def _calls(
    playbooks: Iterable[Playbook], facts: Mapping[str, FactValue], instants: Instants
) -> tuple[PlannedCall, ...]:
    """Each callee once, in the words of the first playbook whose condition for it is not no; the earliest first."""
    found: dict[str, PlannedCall] = {}
    for playbook in playbooks:
        for call in playbook.calls:
            truth = judge(call.only_if, facts).truth
            if truth is not Truth.NO:
                due_at = call.due.at(instants) if call.due else None
                found.setdefault(call.whom, PlannedCall(call, due_at, truth is Truth.YES))
    return tuple(sorted(found.values(), key=lambda one: one.due_at.timestamp() if one.due_at else inf))
