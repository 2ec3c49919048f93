"""The part of the JSON API that is about playbooks and the plans of incidents."""

from datetime import date, datetime
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from breach_service.acts.playbooks import plans, steps
from breach_service.acts.playbooks.plans import NewStep, StepTerms
from breach_service.acts.playbooks.steps import StepCommand
from breach_service.domain.access import Act
from breach_service.domain.facts import to_json
from breach_service.domain.incident import InstantKind
from breach_service.domain.playbook import Due, Offer, Phase, PlannedStep, Playbook, Situation, StepState
from breach_service.errors import N_, InvalidCommand
from breach_service.web.api import Moment, Words
from breach_service.web.context import Here, Who
from breach_service.web.needs import needs
from breach_service.web.playbooks.plan_seen import situation_in
from breach_service.web.playbooks.playbook_pages import playbook_of
from breach_service.web.seeing import seen_dossier

router = APIRouter(prefix="/api/v1")


class PlaybookOut(BaseModel):
    """One playbook in the list."""

    id: str
    title: str
    why: str
    steps: int
    is_common: bool
    reviewed_on: date


def playbook_out(one: Playbook, language: str) -> PlaybookOut:
    """A playbook in the list, in the language of the reader."""
    return PlaybookOut(
        id=one.id, title=one.title.in_language(language), why=one.why.in_language(language), steps=len(one.steps),
        is_common=one.is_common, reviewed_on=one.reviewed_on,
    )  # fmt: skip


@router.get("/playbooks", dependencies=[needs(Act.LOOK)])
def list_playbooks(here: Here, who: Who) -> list[PlaybookOut]:
    """Every playbook of the content in force."""
    return [playbook_out(one, who.language) for one in here.knowledge().catalogue.playbooks]


@router.get("/playbooks/{playbook}", dependencies=[needs(Act.LOOK)])
def show_playbook(playbook: str, here: Here) -> dict[str, Any]:
    """One playbook as its file says it, in both languages."""
    return playbook_of(here.knowledge(), playbook).model_dump(mode="json", by_alias=True, exclude_none=True)


class DueOut(BaseModel):
    """By when: hours after one of the instants of the incident."""

    after: InstantKind
    hours: float = Field(gt=0, le=plans.LONGEST_TERM_HOURS)


class StepOut(BaseModel):
    """One step of a plan. Instants in UTC."""

    step: str
    title: str
    role: str
    phase: str
    due: DueOut | None
    due_at: datetime | None
    state: StepState
    is_overdue: bool
    is_certain: bool
    """False while `asks` decide whether it is needed."""
    asks: list[str]
    answers: list[str]
    """The facts that can be recorded once it is done."""
    playbooks: list[str]
    left_out: str
    result: str
    done_by: str
    done_at: datetime | None


class OfferOut(BaseModel):
    """A playbook that belongs to the plan or may, and why."""

    id: str
    title: str
    reason: str
    """applies, may_apply or attached."""
    because: dict[str, list[str]]
    """The facts that speak for it with the values that do."""
    asks: list[str]


class EvidenceOut(BaseModel):
    """What to keep before it is gone."""

    evidence: str
    kind: str
    what: str
    lasts: str
    gone_after_hours: float | None


class CallOut(BaseModel):
    """Whom to call, when and what for. Instants in UTC."""

    whom: str
    when: str
    how: str
    due_at: datetime | None
    is_certain: bool


class AskedOut(BaseModel):
    """A fact to find out, with what is known of it."""

    fact: str
    why: str
    value: Any


class PlanOut(BaseModel):
    """The plan of an incident."""

    reference: str
    playbooks: list[OfferOut]
    steps: list[StepOut]
    left_out: list[StepOut]
    overdue: int
    evidence: list[EvidenceOut]
    questions: list[AskedOut]
    calls: list[CallOut]


def plan_out(reference: str, situation: Situation, language: str, now: datetime) -> PlanOut:
    """A plan in the language of the reader."""
    plan = situation.plan
    return PlanOut(
        reference=reference,
        playbooks=[_offer_out(one, language) for one in situation.offers],
        steps=[_step_out(one, language, now) for one in plan.steps],
        left_out=[_step_out(one, language, now) for one in plan.left_out],
        overdue=len(situation.overdue(now)),
        evidence=[
            EvidenceOut(
                evidence=one.evidence, kind=one.kind, what=one.what.in_language(language),
                lasts=one.lasts.in_language(language), gone_after_hours=one.gone_after_hours,
            )
            for one in plan.evidence
        ],
        questions=[
            AskedOut(
                fact=one.fact, why=one.why.in_language(language) if one.why else "",
                value=to_json(situation.facts.get(one.fact)),
            )
            for one in plan.questions
        ],
        calls=[
            CallOut(
                whom=one.call.whom, when=one.call.when.in_language(language), how=one.call.how.in_language(language),
                due_at=one.due_at, is_certain=one.is_certain,
            )
            for one in plan.calls
        ],
    )  # fmt: skip


def _offer_out(one: Offer, language: str) -> OfferOut:
    because: dict[str, list[str]] = {}
    for fact, value in one.because:
        because.setdefault(fact, []).append(value)
    return OfferOut(
        id=one.playbook.id, title=one.playbook.title.in_language(language), reason=one.reason, because=because,
        asks=list(one.open_facts),
    )  # fmt: skip


def _step_out(one: PlannedStep, language: str, now: datetime) -> StepOut:
    step, record = one.step, one.record
    is_settled = record is not None and one.state is not StepState.OPEN
    return StepOut(
        step=one.name, title=step.title.in_language(language), role=step.role, phase=step.phase,
        due=DueOut(after=step.due.after, hours=step.due.hours) if step.due else None, due_at=one.due_at,
        state=one.state, is_overdue=not one.left_out and one.is_overdue(now), is_certain=one.is_certain,
        asks=list(one.asks), answers=list(step.answers), playbooks=list(one.playbooks), left_out=one.left_out,
        result=record.result if record else "", done_by=record.who if record and is_settled else "",
        done_at=record.when if record and is_settled else None,
    )  # fmt: skip


@router.get("/incidents/{reference}/playbook", dependencies=[needs(Act.LOOK)])
def show_plan(reference: str, request: Request, here: Here, who: Who) -> PlanOut:
    """The playbooks of an incident and its plan: steps in the order in which they are due, overdue ones marked."""
    dossier = seen_dossier(here, who, request, reference)
    return plan_out(dossier.incident.reference, situation_in(here, who, dossier), who.language, here.now())


class StepIn(BaseModel):
    """Where a step stands. `done_at` with its offset; a result says what came of it, or why."""

    state: StepState
    result: Words = Field("", max_length=4000)
    done_by: Words = Field("", max_length=300)
    done_at: Moment | None = None


@router.post("/incidents/{reference}/playbook/steps/{step}", status_code=204, dependencies=[needs(Act.WORK_PLAYBOOK)])
def record_step(reference: str, step: str, command: StepIn, here: Here, who: Who) -> None:
    """Say where a step stands."""
    said = StepCommand(step, command.state, command.result, command.done_by, command.done_at)
    here.database.write(
        lambda session: steps.record_step(session, who.actor, reference, said, here.knowledge(), here.now())
    )


class PlanChangeIn(BaseModel):
    """A change of a plan: of a playbook (attach, set_aside) or of a step (leave_out, put_back, change)."""

    change: Literal["attach", "set_aside", "leave_out", "put_back", "change"]
    subject: Words = Field(min_length=1, max_length=200)
    """The id of the playbook or the name of the step."""
    reason: Words = Field("", max_length=2000)
    role: Literal["responder", "dpo", "decider"] | None = None
    due: DueOut | None = None
    """Another role or term, for `change` alone."""


@router.post("/incidents/{reference}/playbook/changes", status_code=204, dependencies=[needs(Act.WORK_PLAYBOOK)])
def change_plan(reference: str, command: PlanChangeIn, here: Here, who: Who) -> None:
    """Adapt the plan of an incident."""
    if command.change != "change" and (command.role or command.due):
        raise InvalidCommand(N_("a role and a term belong to the change of a step"))
    if command.change == "change":
        terms = StepTerms(command.subject, command.reason, command.role, _due(command.due))
        here.database.write(
            lambda session: plans.change_step(session, who.actor, reference, terms, here.knowledge(), here.now())
        )
        return
    act = {
        "attach": plans.attach, "set_aside": plans.set_aside, "leave_out": plans.leave_out, "put_back": plans.put_back,
    }[command.change]  # fmt: skip
    here.database.write(
        lambda session: act(
            session, who.actor, reference, command.subject, command.reason, here.knowledge(), here.now()
        )
    )


class NewStepIn(BaseModel):
    """A step that no playbook has."""

    title: Words = Field(min_length=1, max_length=300)
    role: Literal["responder", "dpo", "decider"]
    due: DueOut | None = None
    how: Words = Field("", max_length=4000)
    phase: Phase = Phase.INQUIRY
    reason: Words = Field("", max_length=2000)


class AddedStep(BaseModel):
    """The name of a new step in the plan."""

    step: str


@router.post("/incidents/{reference}/playbook/steps", status_code=201, dependencies=[needs(Act.WORK_PLAYBOOK)])
def add_step(reference: str, command: NewStepIn, here: Here, who: Who) -> AddedStep:
    """Add a step to the plan of an incident."""
    new = NewStep(command.title, command.role, _due(command.due), command.how, command.phase, command.reason)
    name = here.database.write(
        lambda session: plans.add_step(session, who.actor, reference, new, here.knowledge(), here.now())
    )
    return AddedStep(step=name)


def _due(given: DueOut | None) -> Due | None:
    return Due(after=given.after, hours=given.hours) if given else None
