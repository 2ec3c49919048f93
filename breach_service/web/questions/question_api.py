"""The next question over the API: what is asked, what each answer would change, and who finds out what."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from breach_service.acts.questions.assigning import LONGEST_NAME, AssignCommand, assign_question
from breach_service.domain.access import Act
from breach_service.domain.asking import Asked
from breach_service.domain.facts import FactType
from breach_service.domain.text import Text
from breach_service.web.api import Moment, Words
from breach_service.web.context import Here, Who
from breach_service.web.judgements import question_out
from breach_service.web.needs import needs
from breach_service.web.questions.question_pages import agenda_for
from breach_service.web.seeing import seen_dossier

router = APIRouter(prefix="/api/v1")


class AssignmentOut(BaseModel):
    """Who finds out the answer, by an instant in UTC."""

    who: str
    due_at: Moment
    is_overdue: bool
    by: str
    note: str


class AskedOut(BaseModel):
    """One question in the order in which it is asked."""

    fact: str
    because: str
    """`kind`: it says what kind of thing happened; `decides`: one of its answers alone changes a duty; `counts`:
    together with others; `playbook`: no duty does."""
    question: str
    help: str
    why: str
    """Why a playbook asks it; empty where none does."""
    type: str
    choices: list[str]
    effects: list[dict[str, Any]]
    assignment: AssignmentOut | None


class AgendaOut(BaseModel):
    """The questions of an incident."""

    is_ours_decided: bool
    """True where no duty of ours is undecided: what is left helps clients and the playbooks."""
    questions: list[AskedOut]


@router.get("/incidents/{reference}/questions", dependencies=[needs(Act.LOOK)])
def list_questions(reference: str, request: Request, here: Here, who: Who) -> AgendaOut:
    """What is asked next, in order."""
    dossier = seen_dossier(here, who, request, reference)
    agenda, types, now = agenda_for(here, dossier), here.knowledge().catalogue.facts, here.now()

    def asked_out(one: Asked) -> AskedOut:
        known, language, held = types[one.fact], who.language, one.assignment
        return AskedOut(
            fact=one.fact,
            because=one.because,
            question=_said(known.question or known.label, language),
            help=_said(known.help, language),
            why=_said(one.why, language),
            type=known.type,
            choices=_choices(known),
            effects=question_out(one.weighed, language)["effects"] if one.weighed else [],
            assignment=AssignmentOut(
                who=held.who, due_at=held.due_at, is_overdue=held.is_overdue(now), by=held.by, note=held.note
            )
            if held
            else None,
        )

    questions = [asked_out(one) for one in agenda.questions if one.fact in types]
    return AgendaOut(is_ours_decided=agenda.is_ours_decided, questions=questions)


def _said(text: Text | None, language: str) -> str:
    return text.in_language(language) if text else ""


def _choices(known: FactType) -> list[str]:
    return ["yes", "no"] if known.type == "yes_no" else list(known.choices or {})


class AssignIn(BaseModel):
    """Who finds out, by when (with its offset)."""

    who: Words = Field(min_length=1, max_length=LONGEST_NAME)
    due_at: Moment
    note: Words = Field("", max_length=2000)


@router.post(
    "/incidents/{reference}/questions/{fact}/assignment", status_code=204, dependencies=[needs(Act.RECORD_FACT)]
)
def assign(reference: str, fact: str, command: AssignIn, here: Here, who: Who) -> None:
    """Say who finds out the answer to a question."""
    assigned = AssignCommand(fact, command.who, command.due_at, command.note)
    here.database.write(
        lambda session: assign_question(session, who.actor, reference, assigned, here.knowledge(), here.now())
    )
