"""The pages of the broken glass: break it for one incident, and say afterwards what is thought of it."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from breach_service.acts.decisions import glass as acts
from breach_service.acts.decisions.glass import Breaking
from breach_service.acts.on_call.rota_board import on_call
from breach_service.acts.rows import incident_of
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act
from breach_service.errors import InvalidCommand
from breach_service.store import deciding
from breach_service.store.database import Session
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import may_of, page, said_to
from breach_service.web.seeing import note_shown, visibility_for
from breach_service.web.views.glasses import break_page, glasses_page

router = APIRouter(include_in_schema=False)


@router.get("/incidents/{reference}/glass", dependencies=[needs(Act.BREAK_GLASS)])
def glass_form(reference: str, request: Request, here: Here, who: Who) -> HTMLResponse:
    """Who should be reached first, and the form."""
    return _form(reference, request, here, who)


@router.post("/incidents/{reference}/glass", dependencies=[needs(Act.BREAK_GLASS)])
def break_glass(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Take the place of a decider in one incident."""
    breaking, now = Breaking(text_in(form, "reason"), text_in(form, "tried")), here.now()

    def work(session: Session) -> None:
        acts.break_glass(session, who.actor, reference, breaking, here.cipher, now, lasts=here.glass_lasts)

    try:
        here.database.write(work)
    except InvalidCommand as error:
        return _form(reference, request, here, who, breaking, said_to(request, error), 422)
    return RedirectResponse(f"/incidents/{reference}?done=recorded#deciding", 303)


def _form(
    reference: str, request: Request, here: Context, who: SignedIn, typed: Breaking | None = None, error: str = "",
    status: int = 200,
) -> HTMLResponse:  # fmt: skip
    now, typed = here.now(), typed or Breaking("", "")
    with here.database.reading() as session:
        row = incident_of(session, reference, who.actor, now)
        reach, answering = acts.who_to_reach(session, row, now), on_call(session, now)
        names = deciding.names_of(session, answering.in_order)
    levels = [(level, getattr(answering, level)) for level in ("first", "second", "dpo", "deputy")]
    view = break_page(
        row.reference, row.title, reach, here.glass_lasts.total_seconds() / 3600, now,
        [(level, names[person]) for level, person in levels if person in names], typed.reason, typed.tried, error,
    )  # fmt: skip
    return page(request, "glass.html", "incidents", view, status=status)


@router.get("/glass", dependencies=[needs(Act.LOOK)])
def list_glasses(request: Request, here: Here, who: Who) -> HTMLResponse:
    """What waits for a review, and what was reviewed."""
    return _list(request, here, who)


@router.post("/glass/{number}/review", dependencies=[needs(Act.REVIEW_GLASS)])
def review_glass(number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Say what is thought of a broken glass."""
    words, now = text_in(form, "review"), here.now()
    try:
        here.database.write(lambda session: acts.review_glass(session, who.actor, number, words, now))
    except InvalidCommand as error:
        return _list(request, here, who, words, number, said_to(request, error), 422)
    return RedirectResponse("/glass?done=recorded", 303)


def _list(
    request: Request, here: Context, who: SignedIn, typed: str = "", typed_for: int = 0, error: str = "",
    status: int = 200,
) -> HTMLResponse:  # fmt: skip
    with here.database.reading() as session:
        found = acts.broken(session, visibility_for(who, here))
    note_shown(here, who, request, (reference for _, reference in found))
    view = glasses_page(found, who.actor.person, may_of(request), here.now(), typed, typed_for, error)
    return page(request, "glasses.html", "glass", view, status=status)
