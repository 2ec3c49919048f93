"""The next question: one page, answered by keyboard alone, without scripts."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts import incidents as acts
from breach_service.acts.incidents import Contradicts
from breach_service.acts.questions.assigning import AssignCommand, assign_question
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act
from breach_service.domain.asking import Agenda, agenda_of, assignments_in
from breach_service.domain.dossier import Dossier
from breach_service.errors import InvalidCommand
from breach_service.pipeline.planning import questions_of_plan
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import Posted, fact_command, needed_instant, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, may_of, page, said_to, words_of, zone_of
from breach_service.web.seeing import after, seen_dossier
from breach_service.web.views.asking import Chosen, Refused, address, questions_page

router = APIRouter(include_in_schema=False)
MOST_SKIPPED = 200
Skipped = Annotated[list[str] | None, Query(max_length=MOST_SKIPPED)]


def agenda_for(here: Context, dossier: Dossier) -> Agenda:
    """The questions of an incident, with those of its playbooks and who finds out what."""
    knowledge = here.knowledge()
    with here.database.reading() as session:
        of_playbooks, is_kind_asked = questions_of_plan(session, dossier, knowledge)
    return agenda_of(
        dossier.assessment, knowledge.catalogue.facts, of_playbooks, assignments_in(dossier.timeline),
        is_kind_asked=is_kind_asked,
    )  # fmt: skip


@router.get("/incidents/{reference}/questions", dependencies=[needs(Act.LOOK)])
def show_questions(
    reference: str, request: Request, here: Here, who: Who, fact: str = "", recorded: str = "", skip: Skipped = None
) -> HTMLResponse:
    """The next question, or the one that was chosen."""
    return _page(reference, request, here, who, Chosen(fact, tuple(skip or ()), recorded))


def _page(
    reference: str, request: Request, here: Context, who: SignedIn, chosen: Chosen, refused: Refused | None = None
) -> HTMLResponse:
    dossier = seen_dossier(here, who, request, reference)
    view = questions_page(
        dossier, agenda_for(here, dossier), words_of(here), language_of(request), here.now(), may_of(request), chosen,
        refused,
    )  # fmt: skip
    path = "" if request.method == "GET" else address(dossier.incident.reference, chosen.fact, chosen.skipped)
    return page(request, "questions.html", "incidents", view, status=422 if refused else 200, path=path)


@router.post("/incidents/{reference}/acts/record_fact", dependencies=[needs(Act.RECORD_FACT)])
def record_fact(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Record a fact from the page of the incident and show it again, or say what the fact contradicts."""
    return _recorded(reference, request, here, who, form) or RedirectResponse(after(here, who, reference), 303)


@router.post("/incidents/{reference}/questions", dependencies=[needs(Act.RECORD_FACT)])
def answer_question(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Record the answer and go on with the next question, or say what the answer contradicts."""
    refused = _recorded(reference, request, here, who, form)
    if refused is not None:
        return refused
    on = after(here, who, reference)
    seen = on.partition("?")[0]
    if not seen.startswith("/incidents/"):  # what was recorded restricted it, and the person is not named
        return RedirectResponse(on, 303)
    return RedirectResponse(address(seen.rpartition("/")[2], "", _skipped(form), text_in(form, "fact")), 303)


def _recorded(reference: str, request: Request, here: Context, who: SignedIn, form: FormData) -> Response | None:
    """Record what the form says; the page of the question with what is wrong where it cannot be."""
    try:
        command = fact_command(form, here, is_despite=bool(text_in(form, "is_despite")))
        here.database.write(
            lambda session: acts.record_fact(session, who.actor, reference, command, here.knowledge(), here.now())
        )
    except InvalidCommand as error:
        others = error.others if isinstance(error, Contradicts) else ()
        refused = Refused(said_to(request, error), others, _typed(form))
        return _page(reference, request, here, who, Chosen(text_in(form, "fact"), _skipped(form)), refused)
    return None


@router.post("/incidents/{reference}/questions/later", dependencies=[needs(Act.RECORD_FACT)])
def find_out_later(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Say who finds out the answer and by when, and go on with the next question."""
    fact, skipped = text_in(form, "fact"), _skipped(form)
    try:
        command = AssignCommand(
            fact, text_in(form, "who"), needed_instant(form, "due_at", zone_of(here)), text_in(form, "note")
        )
        here.database.write(
            lambda session: assign_question(session, who.actor, reference, command, here.knowledge(), here.now())
        )
    except InvalidCommand as error:
        refused = Refused(said_to(request, error), (), _typed(form))
        return _page(reference, request, here, who, Chosen(fact, skipped), refused)
    return RedirectResponse(address(reference, skipped=(*skipped, fact)), 303)


def _skipped(form: FormData) -> tuple[str, ...]:
    return tuple(one for one in form.getlist("skip") if isinstance(one, str) and one)[:MOST_SKIPPED]


def _typed(form: FormData) -> dict[str, Sequence[str]]:
    return {name: [one for one in form.getlist(name) if isinstance(one, str)] for name in form}
