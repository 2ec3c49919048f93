"""The pages of exercises: begin one, follow it, stop it, read its report."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from breach_service.acts import drills as acts
from breach_service.acts.drills import NewDrill
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act
from breach_service.errors import N_, InvalidCommand, NotFound
from breach_service.store import drills
from breach_service.web.context import Context, Here, Who
from breach_service.web.drills.drill_seen import seen_report
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, may_of, page, said_to
from breach_service.web.seeing import note_shown, visibility_for
from breach_service.web.views.drills import drill_page, drills_page

router = APIRouter(include_in_schema=False)
PAGE = "/drills"


@router.get(PAGE, dependencies=[needs(Act.LOOK)])
def list_drills(request: Request, here: Here, who: Who, scenario: str = "") -> HTMLResponse:
    """What can be rehearsed, what runs, what is over."""
    return _answer(request, here, who, chosen=scenario)


@router.post(PAGE, dependencies=[needs(Act.RUN_DRILL)])
def begin_drill(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Begin an exercise and show its incident; the form again with what was wrong."""
    scenario, hours = text_in(form, "scenario"), text_in(form, "hours")
    systems = tuple(one for one in form.getlist("systems") if isinstance(one, str) and one)
    try:
        new = NewDrill(scenario, _hours_in(hours), systems)
        reference = here.database.write(
            lambda session: acts.start_drill(session, who.actor, new, here.knowledge(), here.now())
        )
    except (InvalidCommand, NotFound) as error:
        return _answer(request, here, who, 422, scenario, hours, said_to(request, error))
    return RedirectResponse(f"/incidents/{reference}", 303)


def _hours_in(text: str) -> float | None:
    if not text:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise InvalidCommand(N_("%(text)s is no number of hours: write 1, or 0.5"), text=text) from error


@router.get(PAGE + "/{reference}", dependencies=[needs(Act.LOOK)])
def show_drill(reference: str, request: Request, here: Here, who: Who) -> HTMLResponse:
    """The report of an exercise; while it runs, how far it is."""
    report = seen_report(here, who, request, reference)
    view = drill_page(report, language_of(request), may_of(request), here.now())
    return page(request, "drill.html", "drills", view)


@router.post(PAGE + "/{reference}/stop", dependencies=[needs(Act.RUN_DRILL)])
def stop_drill(reference: str, here: Here, who: Who, form: Posted) -> Response:
    """Stop an exercise and show how it went."""
    reason = text_in(form, "reason")
    here.database.write(
        lambda session: acts.stop_drill(session, who.actor, reference, reason, here.knowledge(), here.now())
    )
    return RedirectResponse(f"{PAGE}/{reference.upper()}?done=recorded", 303)


def _answer(
    request: Request, here: Context, who: SignedIn, status: int = 200, chosen: str = "", hours: str = "",
    error: str = "",
) -> HTMLResponse:  # fmt: skip
    knowledge, language = here.knowledge(), language_of(request)
    with here.database.reading() as session:
        found = drills.newest(session, visibility_for(who, here))
    note_shown(here, who, request, (one.reference for one in found))
    view = drills_page(
        knowledge.catalogue.drills, found, knowledge.inventory, language, may_of(request), here.now(), chosen=chosen,
        hours=hours, error=error,
    )  # fmt: skip
    return page(request, "drills.html", "drills", view, status=status)
