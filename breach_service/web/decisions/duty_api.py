"""Duties, like cases and awareness in the JSON API."""

from datetime import date, datetime
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from breach_service.acts.decisions import duties
from breach_service.acts.decisions.duties import DutyDecision
from breach_service.acts.decisions.taken_on import cases_like
from breach_service.domain.access import Act
from breach_service.domain.assessment import ExplainedDuty, PerimeterAssessment, explained_duties
from breach_service.domain.awareness import WHY_WORDS, Awareness, Candidate
from breach_service.domain.basis import DUTIES, Basis, departs_from, since
from breach_service.domain.conditions import Line
from breach_service.domain.deciding import is_to_notify
from breach_service.domain.dossier import Dossier
from breach_service.domain.facts import to_json
from breach_service.domain.precedents import LikeCase, Precedent
from breach_service.pipeline.awareness import recorded_awareness
from breach_service.pipeline.knowledge import Knowledge
from breach_service.web.api import ReasonIn, Words
from breach_service.web.context import Here, Who
from breach_service.web.decisions.deciding_out import position_out
from breach_service.web.decisions.deciding_seen import bases_for
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of
from breach_service.web.seeing import seen_dossier
from breach_service.web.views.duty_decisions import obligations_of, positions_on

router = APIRouter(prefix="/api/v1")


class PrecedentOut(BaseModel):
    """How a regulator judged one case."""

    id: str
    title: str
    authority: str
    decided_on: date
    outcome: dict[str, str]
    """By duty: required or not_required; a duty that the source does not speak of is left out."""
    why: str
    reference: str
    url: str | None


def precedent_out(one: Precedent, language: str) -> PrecedentOut:
    """A precedent as JSON."""
    return PrecedentOut(
        id=one.id, title=one.title.in_language(language), authority=one.authority, decided_on=one.decided_on,
        outcome=one.outcome.model_dump(exclude_none=True), why=one.why.in_language(language),
        reference=one.reference.title, url=one.reference.url,
    )  # fmt: skip


@router.get("/precedents", dependencies=[needs(Act.LOOK_AROUND)])
def list_precedents(request: Request, here: Here) -> list[PrecedentOut]:
    """Every case of the content in force."""
    return [precedent_out(one, language_of(request)) for one in here.knowledge().catalogue.precedents]


class DutyDecisionIn(ReasonIn):
    """Whether a notice is given under a duty of a perimeter, and why."""

    perimeter: Words = Field(min_length=1, max_length=300)
    duty: Literal["authority", "persons", "clients"]
    notify: bool


@router.post("/incidents/{reference}/decisions", status_code=204, dependencies=[needs(Act.DECIDE_NOT_REQUIRED)])
def decide_duty(reference: str, command: DutyDecisionIn, here: Here, who: Who) -> None:
    """Decide on a duty of a perimeter, with or against the advice."""
    decision = DutyDecision(command.perimeter, command.duty, command.notify, command.reason)
    here.database.write(
        lambda session: duties.decide_duty(session, who.actor, reference, decision, here.knowledge(), here.now())
    )


@router.get("/incidents/{reference}/decisions", dependencies=[needs(Act.LOOK)])
def list_decisions(reference: str, request: Request, here: Here, who: Who) -> list[dict[str, Any]]:
    """Each duty that is ours: advice with its reasons, opinion, decision, what it was taken on, like cases."""
    dossier = seen_dossier(here, who, request, reference)
    return duties_out(dossier, bases_for(here, dossier), here.knowledge(), language_of(request))


def duties_out(
    dossier: Dossier, bases: dict[int, Basis], knowledge: Knowledge, language: str
) -> list[dict[str, Any]]:  # fmt: skip
    """The duties of every perimeter as JSON."""
    return [
        _duty_out(one, duty, dossier, bases, knowledge, language)
        for one in dossier.assessment.perimeters
        for duty in explained_duties(one)
        if duty.name in DUTIES and (duty.name != "clients" or not one.perimeter.is_ours)
    ]


def _duty_out(
    one: PerimeterAssessment, duty: ExplainedDuty, dossier: Dossier, bases: dict[int, Basis], knowledge: Knowledge,
    language: str,
) -> dict[str, Any]:  # fmt: skip
    key = one.perimeter.key
    owed = obligations_of(dossier.obligations, key, duty.name)
    opinion, decision = positions_on(dossier.positions, key, duty.name, owed)
    basis = bases.get(decision.id) if decision else None
    advised = basis.advice(key, duty.name) if basis else None
    return {
        "perimeter": key,
        "controller": one.perimeter.controller,
        "duty": duty.name,
        "owed_by": duty.owed_by,
        "advice": str(duty.ours),
        "reasons": list(duty.words(language)),
        "obligations": [each.id for each in owed],
        "opinion": position_out(opinion) if opinion else None,
        "decision": position_out(decision) if decision else None,
        "departs_from_advice": departs_from(advised, is_to_notify(decision)) if decision else False,
        "departs_from_opinion": bool(opinion and decision and is_to_notify(opinion) is not is_to_notify(decision)),
        "taken_on": _basis_out(basis, dossier, knowledge, key, duty) if basis else None,
        "like_cases": [like_case_out(each, language) for each in cases_like(one, duty.name, knowledge)],
    }


def _basis_out(
    basis: Basis, dossier: Dossier, knowledge: Knowledge, perimeter: str, duty: ExplainedDuty
) -> dict[str, Any]:
    found = since(
        basis, dossier.facts, knowledge.catalogue.digest, knowledge.inventory_revision, perimeter, duty.name, duty.ours
    )
    return {
        "rules_digest": basis.content,
        "facts_digest": basis.facts,
        "inventory_revision": basis.inventory,
        "advice": str(found.advice_before) if found.advice_before else None,
        "personal_data": basis.personal_data,
        "risk_min": basis.risk_least,
        "risk_max": basis.risk_most,
        "precedents": list(basis.precedents),
        "is_on_other_facts": found.is_on_other_facts,
        "is_on_other_rules": found.is_other_content,
        "is_advice_turned": found.is_advice_turned,
        "changes": [
            {
                "fact": each.fact, "scope": str(each.scope.kind), "key": each.scope.key,
                "before": to_json(each.before), "after": to_json(each.after), "by": each.by, "at": each.at,
            }
            for each in found.facts
        ],
    }  # fmt: skip


def like_case_out(one: LikeCase, language: str) -> dict[str, Any]:
    """A like case as JSON, with what is alike in it and what differs."""
    return {
        **precedent_out(one.precedent, language).model_dump(mode="json"),
        "likeness": round(one.likeness, 2),
        "alike": [_line_out(each) for each in one.alike],
        "differs": [_line_out(each) for each in one.differs],
        "not_known": [_line_out(each) for each in one.not_known],
    }


def _line_out(line: Line) -> dict[str, Any]:
    return {
        "fact": line.fact, "value": to_json(line.value), "comparison": line.comparison, "operand": line.operand,
    }  # fmt: skip


class CandidateOut(BaseModel):
    """A recorded moment that may be awareness. `at` in UTC."""

    at: datetime
    source: str
    why: str
    words: str
    by: str
    about: str
    is_certain: bool


class AwarenessOut(BaseModel):
    """Every candidate, oldest first, the one that is proposed, and what was recorded."""

    proposed: CandidateOut | None
    candidates: list[CandidateOut]
    recorded_at: datetime | None
    is_later_than_proposed: bool


@router.get("/incidents/{reference}/awareness", dependencies=[needs(Act.LOOK)])
def show_awareness(reference: str, request: Request, here: Here, who: Who) -> AwarenessOut:
    """Since when we may be aware: what is recorded, and the earliest of it that makes a breach certain."""
    dossier = seen_dossier(here, who, request, reference)
    return awareness_out(recorded_awareness(dossier, here.knowledge()), language_of(request))


def awareness_out(found: Awareness, language: str) -> AwarenessOut:
    """Awareness as JSON."""
    return AwarenessOut(
        proposed=_candidate_out(found.proposed, language) if found.proposed else None,
        candidates=[_candidate_out(one, language) for one in found.candidates],
        recorded_at=found.recorded.at if found.recorded else None,
        is_later_than_proposed=found.is_later_than_proposed,
    )


def _candidate_out(one: Candidate, language: str) -> CandidateOut:
    return CandidateOut(
        at=one.at, source=str(one.source), why=str(one.why), words=WHY_WORDS[one.why].in_language(language), by=one.by,
        about=one.about, is_certain=one.is_certain,
    )  # fmt: skip
