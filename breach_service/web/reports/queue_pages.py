"""The queue of reports: what waits, one report with its files, and what becomes of it. Each reading is written down."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts import reporting
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act, AuditKind
from breach_service.domain.incident import OPEN_STATUSES
from breach_service.domain.reports import ReporterKind
from breach_service.errors import N_, InvalidCommand, NotFound
from breach_service.store import incidents
from breach_service.store.database import Session
from breach_service.store.reports import JOINED, OPENED, SET_ASIDE
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, may_of, page, said_to
from breach_service.web.reports.declare_pages import kind_named
from breach_service.web.seeing import after, note_reading, note_shown, visibility_for
from breach_service.web.views import reports as views

MOST_SETTLED = 50
MOST_INCIDENTS = 200
"""Open incidents to choose one from; another can be typed."""
Number = Annotated[str, Path(max_length=40)]
Place = Annotated[int, Path(ge=1, le=10_000)]
Doing = Callable[[Session], str]

router = APIRouter(include_in_schema=False, prefix="/reports")


@router.get("", dependencies=[needs(Act.LOOK_AT_REPORTS)])
def list_reports(request: Request, here: Here, who: Who) -> HTMLResponse:
    """What waits, the oldest first, and what was settled lately."""
    return _queue(request, here, who)


def _queue(
    request: Request, here: Context, who: SignedIn, *, error: str = "", reason: str = "", chosen: tuple[str, ...] = (),
    status: int = 200,
) -> HTMLResponse:  # fmt: skip
    visibility = visibility_for(who, here)
    with here.database.reading() as session:
        waiting = reporting.list_waiting(session, who.actor, visibility)
        settled = reporting.list_reports(session, who.actor, visibility, (OPENED, JOINED, SET_ASIDE))[:MOST_SETTLED]
    note_shown(here, who, request, (one.incident or one.answers_incident for one in (*waiting, *settled)))
    view = views.reports_page(
        waiting, settled, here.knowledge().inventory, may_of(request), error=error, typed={"reason": reason},
        chosen=chosen,
    )  # fmt: skip
    return page(request, "reports.html", "reports", view, status=status)


@router.post("/set-aside", dependencies=[needs(Act.SORT_REPORTS)])
def set_several_aside(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Set the chosen reports aside with one reason."""
    chosen = tuple(one for one in form.getlist("number") if isinstance(one, str) and one)
    reason = text_in(form, "reason")
    try:
        here.database.write(lambda session: reporting.set_aside(session, who.actor, chosen, reason, here.now()))
    except InvalidCommand as error:
        return _queue(request, here, who, error=said_to(request, error), reason=reason, chosen=chosen, status=422)
    return RedirectResponse("/reports?done=changed", 303)


@router.get("/{number}", dependencies=[needs(Act.LOOK_AT_REPORTS)])
def show_report(number: Number, request: Request, here: Here, who: Who) -> HTMLResponse:
    """One report with all that it says."""
    return _one(request, here, who, number)


def _one(
    request: Request, here: Context, who: SignedIn, number: str, form: FormData | None = None, error: str = "",
    status: int = 200,
) -> HTMLResponse:  # fmt: skip
    found = read_report(request, here, who, number)
    with here.database.reading() as session:
        some = incidents.summaries(
            session, limit=MOST_INCIDENTS, visibility=visibility_for(who, here), with_drills=False
        )
    to_join = [
        views.OpenIncident(one.incident.reference, one.incident.title)
        for one in some
        if one.incident.status in OPEN_STATUSES
    ]
    note_shown(here, who, request, (one.reference for one in to_join))
    typed = {name: text_in(form, name) for name in views.SORTING} if form is not None else {}
    view = views.one_report(
        found, to_join, here.knowledge().inventory, language_of(request), may_of(request), typed=typed, error=error
    )  # fmt: skip
    return page(request, "one_report.html", "reports", view, status=status)


def read_report(
    request: Request, here: Context, who: SignedIn, number: str, what: str = ""
) -> reporting.Opened:  # fmt: skip
    """One report; that it was read is written down before anything of it is shown."""
    with here.database.reading() as session:
        found = reporting.open_report(session, who.actor, number, here.cipher, visibility_for(who, here))
    name = f"report:{found.listed.report.number}{what}"
    note_reading(here, who, request, AuditKind.READ_EVIDENCE, name, found.incident_id)
    return found


@router.get("/{number}/original", dependencies=[needs(Act.LOOK_AT_REPORTS)])
def download_original(number: Number, request: Request, here: Here, who: Who) -> Response:
    """The report as it came."""
    found = read_report(request, here, who, number, ":original")
    kept = found.listed.report
    if not found.original:
        raise NotFound(N_("what %(number)s said was let go of"), number=kept.number)
    return as_file(found.original, f"{kept.number}.{'eml' if kept.channel == 'mail' else 'json'}")


@router.get("/{number}/files/{place}", dependencies=[needs(Act.LOOK_AT_REPORTS)])
def download_file(number: Number, place: Place, request: Request, here: Here, who: Who) -> Response:
    """One file that came with it; it is handed out as a file, never shown."""
    found = read_report(request, here, who, number, f":file:{place}")
    if place > len(found.files):
        raise NotFound(
            N_("%(number)s came without a file number %(place)s"), number=found.listed.report.number, place=place
        )
    return as_file(found.files[place - 1].content, f"{found.listed.report.number}-{place}.bin")


def as_file(content: bytes, name: str) -> Response:
    """Bytes that a browser keeps and neither opens nor guesses at: they come from strangers."""
    headers = {
        "content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store",
        "content-security-policy": "sandbox; default-src 'none'",
    }  # fmt: skip
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.post("/{number}/take-up", dependencies=[needs(Act.SORT_REPORTS)])
def take_up(number: Number, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Open an incident for a report that waits."""

    def work(session: Session) -> str:
        return reporting.take_up(
            session, who.actor, number, here.cipher, here.knowledge(), here.now(), kind=_kind(form),
            points_at_staff=bool(text_in(form, "points_at_staff")),
        )  # fmt: skip

    return _sorted(number, request, here, who, form, work, "declared")


@router.post("/{number}/join", dependencies=[needs(Act.SORT_REPORTS)])
def join(number: Number, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Say which incident a report that waits is about."""
    reference = text_in(form, "other") or text_in(form, "reference")

    def work(session: Session) -> str:
        return reporting.join(
            session, who.actor, number, reference, here.cipher, here.knowledge(), here.now(), kind=_kind(form)
        )

    return _sorted(number, request, here, who, form, work, "recorded")


@router.post("/{number}/set-aside", dependencies=[needs(Act.SORT_REPORTS)])
def set_aside(number: Number, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Say that a report that waits asks for nothing, and why."""

    def work(session: Session) -> str:
        reporting.set_aside(session, who.actor, number, text_in(form, "reason"), here.now())
        return ""

    return _sorted(number, request, here, who, form, work, "")


def _kind(form: FormData) -> ReporterKind | None:
    word = text_in(form, "kind")
    return kind_named(word) if word else None


def _sorted(
    number: str, request: Request, here: Context, who: SignedIn, form: FormData, work: Doing, done: str
) -> Response:  # fmt: skip
    """Do it and go where it stands now; the page again with what was typed where it cannot be."""
    try:
        reference = here.database.write(work)
    except NotFound:  # the page would not be found either, unless it is the incident that was typed
        if not text_in(form, "other"):
            raise
        error = said_to(
            request, InvalidCommand(N_("there is no incident %(reference)s"), reference=text_in(form, "other"))
        )
        return _one(request, here, who, number, form, error, status=422)
    except InvalidCommand as error:
        return _one(request, here, who, number, form, said_to(request, error), status=422)
    return RedirectResponse(after(here, who, reference, done) if reference else "/reports?done=changed", 303)
