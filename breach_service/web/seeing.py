"""What the reader sees, and the line that a reading of what is restricted leaves before anything is shown."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future

from fastapi import Request

from breach_service.acts.rows import visibility_of
from breach_service.acts.seeing.audit import note
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import AuditKind, Via
from breach_service.domain.dossier import Dossier
from breach_service.errors import NotAudited, NotSeen
from breach_service.logs import logger
from breach_service.pipeline.dossiers import dossier_of
from breach_service.store import compartments, incidents
from breach_service.store.database import Closed, DatabaseError, Session
from breach_service.store.sight import Visibility
from breach_service.web.context import Context

log = logger(__name__)


def visibility_for(who: SignedIn, here: Context) -> Visibility:
    """What the reader sees now; asked again with every request, so that a session that is open sees no more either."""
    return visibility_of(who.actor, here.now())


def via_of(request: Request) -> Via:
    """By which way somebody came."""
    return Via.API if request.url.path.startswith("/api/") else Via.PAGE


def seen_dossier(here: Context, who: SignedIn, request: Request, reference: str) -> Dossier:
    """The dossier of an incident that the reader sees; of a restricted one the reading is written down first.

    NotFound for what is not seen, NotAudited where the reading cannot be written down.
    """
    with here.database.reading() as session:
        dossier = dossier_of(session, reference, here.knowledge(), visibility_for(who, here))
        is_restricted = incidents.row_by_id(session, dossier.incident.id).is_restricted
    if is_restricted:
        note_reading(here, who, request, AuditKind.READ_INCIDENT, page_of(request), dossier.incident.id)
    return dossier


def after(here: Context, who: SignedIn, reference: str, done: str = "recorded") -> str:
    """Where an act leads: back to its incident, or to the list where the reader does not see it any more."""
    with here.database.reading() as session:
        try:
            row = incidents.row_of(session, reference, visibility_for(who, here))
        except NotSeen:  # no denied try: who restricts an incident may shut themselves out
            return "/incidents?done=restricted"
    return f"/incidents/{row.reference}?done={done}"


def page_of(request: Request) -> str:
    """Which page it was: the pattern of its address, without any value."""
    route = request.scope.get("route")
    return str(getattr(route, "path", "")) or "?"


def note_reading(
    here: Context, who: SignedIn, request: Request, kind: AuditKind, what: str, incident_id: int | None = None
) -> None:
    """Write a reading into the audit trail and wait for it; NotAudited where that cannot be done."""
    now, via = here.now(), via_of(request)
    _written(here, lambda session: note(session, who.actor, kind, what, now, incident_id, via))


def note_denied(here: Context, who: SignedIn, request: Request, error: NotSeen) -> None:
    """Write a denied try down without waiting: the answer must take no longer than that of what does not exist."""
    now, via = here.now(), via_of(request)
    denied = here.database.submit(
        lambda session: note(session, who.actor, AuditKind.DENIED, page_of(request), now, error.incident_id, via)
    )
    denied.add_done_callback(_log_if_lost)


def _log_if_lost(done: "Future[None]") -> None:
    error = done.exception()
    if error is not None:
        log.error("denied_try_not_audited", error=type(error).__name__)


def note_shown(here: Context, who: SignedIn, request: Request, references: Iterable[str | None]) -> None:
    """Write down that a list showed incidents, one line for each that is restricted; NotAudited where it cannot be."""
    wanted = sorted({one for one in references if one})
    with here.database.reading() as session:
        restricted = compartments.restricted_among(session, wanted)
    if not restricted:
        return
    now, via, what = here.now(), via_of(request), page_of(request)

    def work(session: Session) -> None:
        for number in restricted:
            note(session, who.actor, AuditKind.READ_INCIDENT, what, now, number, via)

    _written(here, work)


def _written(here: Context, work: Callable[[Session], None]) -> None:
    try:
        here.database.write(work)
    except (DatabaseError, Closed) as error:
        log.error("reading_not_audited", error=type(error).__name__)
        raise NotAudited from error


def register_dossiers(here: Context, who: SignedIn, request: Request) -> tuple[list[Dossier], int]:
    """The dossiers that the reader sees, newest first, and how many restricted incidents there are besides."""
    knowledge, visibility = here.knowledge(), visibility_for(who, here)
    with here.database.reading() as session:
        found = [
            dossier_of(session, one.incident.reference, knowledge, visibility)
            for one in incidents.summaries(session, limit=1000, visibility=visibility, with_drills=False)
        ]
        unseen = compartments.count_unseen(session, visibility)
    note_shown(here, who, request, (one.incident.reference for one in found))
    return found, unseen
