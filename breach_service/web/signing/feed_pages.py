"""`/account/calendars`: one's own calendars of due dates, for a calendar program outside."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from breach_service.acts.people import feeds as acts
from breach_service.domain.access import Act
from breach_service.errors import InvalidCommand
from breach_service.web import views
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import page, said_to
from breach_service.web.sender_pages import base_of

router = APIRouter(include_in_schema=False, dependencies=[needs(Act.KEEP_OWN_ACCOUNT)])


@router.get("/account/calendars")
def show_calendars(request: Request, here: Here, who: Who) -> HTMLResponse:
    """Where they are made and revoked."""
    return _shown(request, here, who)


@router.post("/account/calendars")
def make_calendar(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """A new one; its address is shown in the answer and never again."""
    name = text_in(form, "name")
    try:
        token = here.database.write(lambda session: acts.make_feed(session, who.actor, name, here.now()))
    except InvalidCommand as error:
        return _shown(request, here, who, said_to(request, error), status=422)
    answer = _shown(request, here, who, address=f"{base_of(request, here)}/calendar/{token}.ics", status=201)
    answer.headers["cache-control"] = "no-store"
    return answer


@router.post("/account/calendars/{number}/revoke")
def revoke_calendar(number: Id, here: Here, who: Who) -> Response:
    """Its address opens nothing any more."""
    here.database.write(lambda session: acts.revoke_feed(session, who.actor, number, here.now()))
    return RedirectResponse("/account/calendars?done=changed", 303)


def _shown(
    request: Request, here: Context, who: Who, error: str = "", *, address: str = "", status: int = 200
) -> HTMLResponse:
    with here.database.reading() as session:
        rows = acts.own_feeds(session, who.actor)
    lines = tuple(views.CalendarLine(one.id or 0, one.name, one.created_at, one.last_used_at) for one in rows)
    return page(request, "account_calendars.html", "", views.CalendarsPage(lines, address, error), status=status)
