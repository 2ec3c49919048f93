"""The page on which duties are decided, with how regulators judged like cases; and the page of all of these."""

from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts.decisions import deciding, duties
from breach_service.acts.decisions.deciding import Opinion
from breach_service.acts.decisions.duties import DutyDecision
from breach_service.acts.decisions.taken_on import cases_like
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act
from breach_service.domain.deciding import NO, YES
from breach_service.errors import N_, InvalidCommand
from breach_service.web.context import Context, Here, Who
from breach_service.web.decisions.deciding_seen import bases_for, deciding_of
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, page, said_to, words_of
from breach_service.web.seeing import seen_dossier
from breach_service.web.views.duty_decisions import decide_page
from breach_service.web.views.precedents import all_cases

router = APIRouter(include_in_schema=False)
FIELDS = ("perimeter", "duty", "outcome", "reason")


@router.get("/incidents/{reference}/decide", dependencies=[needs(Act.LOOK)])
def show_duties(reference: str, request: Request, here: Here, who: Who, perimeter: str = "") -> HTMLResponse:
    """Each duty of each perimeter: advice, opinion, decision, and like cases."""
    return _page(reference, request, here, who, only=perimeter)


@router.post("/incidents/{reference}/decide", dependencies=[needs(Act.DECIDE_NOT_REQUIRED)])
def decide_duty(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Decide on one duty; the page again with what was typed where it is not clear."""
    try:
        decision = DutyDecision(
            text_in(form, "perimeter"), text_in(form, "duty"), _answer_in(form), text_in(form, "reason")
        )
        here.database.write(
            lambda session: duties.decide_duty(
                session, who.actor, reference, decision, here.knowledge(), here.now()
            )
        )  # fmt: skip
    except InvalidCommand as error:
        return _again(reference, request, here, who, form, "decide", error)
    return _back(reference, decision.perimeter)


@router.post("/incidents/{reference}/decide/opinion", dependencies=[needs(Act.GIVE_OPINION)])
def advise_on_duty(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Record what the data protection officer advises on one duty."""
    perimeter = text_in(form, "perimeter")
    try:
        opinion = Opinion(text_in(form, "reason"), duties={(perimeter, text_in(form, "duty")): _answer_in(form)})
        here.database.write(
            lambda session: deciding.give_opinion(
                session, who.actor, reference, opinion, here.knowledge(), here.now()
            )
        )  # fmt: skip
    except InvalidCommand as error:
        return _again(reference, request, here, who, form, "opinion", error)
    return _back(reference, perimeter)


def _answer_in(form: FormData) -> bool:
    answer = text_in(form, "outcome")
    if answer not in (YES, NO):
        raise InvalidCommand(N_("choose: notify, or do not notify"))
    return answer == YES


def _back(reference: str, perimeter: str) -> Response:
    return RedirectResponse(f"/incidents/{reference}/decide?done=recorded&perimeter={perimeter}", 303)


def _again(
    reference: str, request: Request, here: Context, who: SignedIn, form: FormData, act: str, error: InvalidCommand
) -> Response:
    typed = {"act": act, **{name: text_in(form, name) for name in FIELDS}}
    return _page(reference, request, here, who, typed["perimeter"], said_to(request, error), typed, 422)


def _page(
    reference: str, request: Request, here: Context, who: SignedIn, only: str = "", error: str = "",
    typed: dict[str, str] | None = None, status: int = 200,
) -> HTMLResponse:  # fmt: skip
    dossier, knowledge = seen_dossier(here, who, request, reference), here.knowledge()
    _, may = deciding_of(here, who, dossier)
    view = decide_page(
        dossier, bases_for(here, dossier), words_of(here), language_of(request), here.now(), may,
        partial(cases_like, knowledge=knowledge), version=(knowledge.catalogue.digest, knowledge.inventory_revision),
        only=only, error=error, typed=typed,
    )  # fmt: skip
    return page(request, "decide.html", "incidents", view, status=status)


@router.get("/precedents", dependencies=[needs(Act.LOOK_AROUND)])
def list_precedents(request: Request, here: Here) -> HTMLResponse:
    """How regulators judged: every case of the content in force."""
    found = all_cases(here.knowledge().catalogue.precedents, words_of(here), language_of(request))
    return page(request, "precedents.html", "incidents", {"cases": found, "now": here.now()})
