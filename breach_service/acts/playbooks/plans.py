"""How people make a plan fit one incident: playbooks attached and set aside, steps left out, put back, added, changed.

Nothing is rewritten: each change is kept with who made it, when and why, and the next one undoes it.
"""

from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.playbooks.plan_rows import LONGEST_TITLE, Held, bounded, held_plan, needed_reason, taken_up
from breach_service.domain.access import Actor
from breach_service.domain.incident import EntryKind, InstantKind
from breach_service.domain.playbook import ChangeKind, Due, Phase, PlanChange, Playbook, Step, StepState
from breach_service.domain.playbook.content import StepRole
from breach_service.domain.text import Text
from breach_service.errors import N_, InvalidCommand, NotFound
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.planning import titles_of
from breach_service.store import playbooks, timeline
from breach_service.store.database import Session

LONGEST_TERM_HOURS = 24 * 366


@dataclass(frozen=True)
class NewStep:
    """A step that no playbook has."""

    title: str
    role: StepRole
    due: Due | None = None
    how: str = ""
    phase: Phase = Phase.INQUIRY
    reason: str = ""


@dataclass(frozen=True)
class StepTerms:
    """Another role or another term; None leaves what the playbook says."""

    step: str
    reason: str
    role: StepRole | None = None
    due: Due | None = None


def attach(
    session: Session, actor: Actor, reference: str, playbook: str, reason: str, knowledge: Knowledge, now: datetime
) -> None:
    """Put the steps of a playbook into the plan, whatever its conditions."""
    held = held_plan(session, actor, reference, knowledge, now)
    found = _playbook(playbook, knowledge)
    if any(one.playbook.id == playbook for one in held.situation.in_use):
        raise InvalidCommand(N_("this playbook belongs to the plan already"))
    change = PlanChange(ChangeKind.ATTACHED, playbook, actor.name, now, bounded(reason))
    _keep(session, held, actor, change, titles_of([found]), knowledge)


def set_aside(
    session: Session, actor: Actor, reference: str, playbook: str, reason: str, knowledge: Knowledge, now: datetime
) -> None:
    """Take a playbook out of the plan, with the reason; what was done of it stays."""
    held = held_plan(session, actor, reference, knowledge, now)
    found = _playbook(playbook, knowledge)
    if all(one.playbook.id != playbook for one in held.situation.offers):
        raise InvalidCommand(N_("this playbook does not belong to the plan"))
    change = PlanChange(ChangeKind.SET_ASIDE, playbook, actor.name, now, needed_reason(reason))
    _keep(session, held, actor, change, titles_of([found]), knowledge)


def leave_out(
    session: Session, actor: Actor, reference: str, step: str, reason: str, knowledge: Knowledge, now: datetime
) -> None:
    """Leave a step out of the plan, with the reason; one that was done stays as it is."""
    held = held_plan(session, actor, reference, knowledge, now)
    planned = held.step(step)
    if planned.state is not StepState.OPEN:
        raise InvalidCommand(N_("it was said already where this step stands: open it again first"))
    if planned.left_out:
        raise InvalidCommand(N_("this step is left out already"))
    change = PlanChange(ChangeKind.LEFT_OUT, step, actor.name, now, needed_reason(reason))
    _keep(session, held, actor, change, _titles(planned.step), knowledge)


def put_back(
    session: Session, actor: Actor, reference: str, step: str, reason: str, knowledge: Knowledge, now: datetime
) -> None:
    """Put a step back that a person had left out."""
    held = held_plan(session, actor, reference, knowledge, now)
    planned = held.step(step)
    if not planned.left_out:
        raise InvalidCommand(N_("nobody left this step out"))
    change = PlanChange(ChangeKind.PUT_BACK, step, actor.name, now, bounded(reason))
    _keep(session, held, actor, change, _titles(planned.step), knowledge)


def add_step(
    session: Session, actor: Actor, reference: str, new: NewStep, knowledge: Knowledge, now: datetime
) -> str:  # fmt: skip
    """Add a step that no playbook has; its name in the plan."""
    held = held_plan(session, actor, reference, knowledge, now)
    title, how = bounded(new.title, LONGEST_TITLE), bounded(new.how)
    if not title:
        raise InvalidCommand(N_("say in one sentence what is to be done"))
    _check_term(new.due)
    number = 1 + sum(one.kind is ChangeKind.ADDED for one in playbooks.changes_of(session, [held.id]))
    step = Step(
        step=f"added-{held.id}-{number}", title=Text(fr=title), role=new.role, due=new.due, phase=new.phase,
        how=Text(fr=how) if how else None,
    )  # fmt: skip
    change = PlanChange(ChangeKind.ADDED, step.step, actor.name, now, bounded(new.reason), step=step)
    _keep(session, held, actor, change, _titles(step), knowledge)
    return step.step


def change_step(
    session: Session, actor: Actor, reference: str, terms: StepTerms, knowledge: Knowledge, now: datetime
) -> None:
    """Give a step to another role or by another term, with the reason."""
    held = held_plan(session, actor, reference, knowledge, now)
    planned = held.step(terms.step)
    if terms.role in (None, planned.step.role) and terms.due in (None, planned.step.due):
        raise InvalidCommand(N_("say what changes: the role, or by when"))
    _check_term(terms.due)
    reason = needed_reason(terms.reason)
    before = held.situation.adaptation.changed.get(terms.step)
    role, due = (terms.role or before.role, terms.due or before.due) if before else (terms.role, terms.due)
    change = PlanChange(ChangeKind.CHANGED, terms.step, actor.name, now, reason, role=role, due=due)
    _keep(session, held, actor, change, _titles(planned.step), knowledge)


def due_from(after: str, hours: float | None) -> Due | None:
    """A term of so many hours after an instant; None without hours. InvalidCommand where it cannot be one."""
    if hours is None:
        return None
    if after not in tuple(InstantKind):
        raise InvalidCommand(N_("choose the instant that the hours count from"))
    if not 0 < hours <= LONGEST_TERM_HOURS:
        raise InvalidCommand(N_("give the term in hours, more than none and at most a year"))
    return Due(after=InstantKind(after), hours=hours)


def _check_term(due: Due | None) -> None:
    if due is not None:
        due_from(due.after, due.hours)


def _playbook(name: str, knowledge: Knowledge) -> Playbook:
    for one in knowledge.catalogue.playbooks:
        if one.id == name:
            return one
    raise NotFound(N_("there is no playbook %(name)s"), name=name)


def _titles(step: Step) -> dict[str, str]:
    return {f"title_{one}": step.title.in_language(one) for one in ("fr", "en")}


def _keep(
    session: Session, held: Held, actor: Actor, change: PlanChange, titles: dict[str, str], knowledge: Knowledge
) -> None:
    playbooks.add_change(session, held.id, change)
    words = {"change": str(change.kind), "subject": change.subject, "reason": change.reason, **titles}
    if change.role is not None:
        words["role"] = change.role
    if change.due is not None:
        words |= {"hours": f"{change.due.hours:g}", "after": str(change.due.after)}
    kind = EntryKind.PLAYBOOK_ATTACHED if change.kind is ChangeKind.ATTACHED else EntryKind.PLAN_CHANGED
    timeline.write_entry(session, held.id, change.at, kind, actor.name, words)
    if change.kind is ChangeKind.ATTACHED:
        _note_told(session, held, change, knowledge)
    taken_up(session, held, actor, knowledge, change.at)


def _note_told(session: Session, held: Held, change: PlanChange, knowledge: Knowledge) -> None:
    """What a person attached is not told again when its conditions come to hold."""
    if change.subject not in playbooks.attached(session, [held.id]):
        playbooks.note_attached(session, held.id, [change.subject], knowledge.catalogue.digest, change.at)
