"""The page of calls: who is being woken, who was reached, and the button that says that somebody is there."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from breach_service.acts.on_call import calls as acts
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act, is_allowed
from breach_service.errors import InvalidCommand
from breach_service.store import calls, compartments
from breach_service.store.calls import ShownCall
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import page, said_to
from breach_service.web.seeing import note_shown, visibility_for
from breach_service.web.views.calls import CallLine, call_lines, calls_page

router = APIRouter(include_in_schema=False)


def lines_for(here: Context, who: SignedIn, incident: int | None = None) -> tuple[CallLine, ...]:
    """The calls that the reader sees, newest first; of one incident the open ones alone."""
    with here.database.reading() as session:
        found: list[ShownCall] = calls.shown(session, visibility_for(who, here))
        if incident is not None:
            found = [one for one in found if one.call.incident_id == incident and one.call.state == "open"]
        steps = calls.steps_of(session, [one.call.id for one in found])
        told = [one for some in steps.values() for step in some for one in step.told]
        outcomes = calls.outcomes(session, [one.key for one in told if one.key])
        names = compartments.names_of(session, {one.person for one in told if one.person is not None})
    may_answer = is_allowed(who.actor, Act.ANSWER_CALL)
    return call_lines(found, steps, outcomes, names, here.knowledge().escalation, may_answer=may_answer)


@router.get("/calls", dependencies=[needs(Act.LOOK)])
def list_calls(request: Request, here: Here, who: Who) -> HTMLResponse:
    """Open calls first, then those of before."""
    return _answer(request, here, who)


def _answer(request: Request, here: Context, who: SignedIn, error: str = "") -> HTMLResponse:
    lines = lines_for(here, who)
    note_shown(here, who, request, (one.reference for one in lines))
    view = calls_page(lines, here.now(), error)
    return page(request, "calls.html", "calls", view, status=422 if error else 200, path="/calls")


@router.post("/incidents/{reference}/calls/acknowledge", dependencies=[needs(Act.ANSWER_CALL)])
def acknowledge(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Say that one is there; back to the page that the button stood on."""
    now = here.now()
    try:
        here.database.write(lambda session: acts.acknowledge(session, who.actor, reference, now))
    except InvalidCommand as error:
        return _answer(request, here, who, said_to(request, error))
    place = "/calls" if text_in(form, "from") == "calls" else f"/incidents/{reference.upper()}"
    return RedirectResponse(f"{place}?done=recorded", 303)
