"""The review after an incident on its page: written, closed, opened again, with the measures that it asks for."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts.signing.signing_in import SignedIn
from breach_service.acts.work import measures as measure_acts
from breach_service.acts.work import reviews as acts
from breach_service.domain.access import Act
from breach_service.domain.dossier import Dossier
from breach_service.domain.measures import today_in
from breach_service.domain.review import ReviewStanding, ReviewText, standing_of
from breach_service.errors import N_, InvalidCommand
from breach_service.store import evidence, incidents, reviews
from breach_service.store.database import Session
from breach_service.store.tables import IncidentRow
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import MOST_DIGITS, Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, may_of, page, said_to, zone_of
from breach_service.web.seeing import seen_dossier
from breach_service.web.views.measures import MEASURE_FIELDS, WorkView, work_view
from breach_service.web.views.review import REVIEW_FIELDS, review_page
from breach_service.web.work.measure_pages import kinds_of, measure_in, owners_of

router = APIRouter(include_in_schema=False)


def review_standing(session: Session, row: IncidentRow) -> ReviewStanding:
    """Where the review of an incident stands."""
    return standing_of(
        reviews.latest_of(session, row.id or 0),
        is_handled=acts.is_handled(session, row),
        is_over_as_none=row.status in acts.ENDED_AS_NONE,
    )


def work_of(request: Request, here: Context, dossier: Dossier) -> WorkView:
    """What the page of an incident says of measures, evidence and review."""
    with here.database.reading() as session:
        row = incidents.row_by_id(session, dossier.incident.id)
        pieces = evidence.of_incident(session, here.cipher, dossier.incident.id)
        standing = review_standing(session, row)
    lost = sum(one.differs for one in pieces)
    return work_view(
        dossier, (len(pieces), lost), standing, row.closed_at, kinds_of(here), language_of(request), here.now(),
        may_of(request),
    )  # fmt: skip


@router.get("/incidents/{reference}/review", dependencies=[needs(Act.LOOK)])
def show_review(reference: str, request: Request, here: Here, who: Who) -> HTMLResponse:
    """The review of one incident."""
    return _answer(request, here, who, reference)


def _answer(
    request: Request, here: Context, who: SignedIn, reference: str, form: FormData | None = None, error: str = "",
    *, is_measure: bool = False,
) -> HTMLResponse:  # fmt: skip
    dossier = seen_dossier(here, who, request, reference)
    with here.database.reading() as session:
        row = incidents.row_by_id(session, dossier.incident.id)
        revisions, standing = reviews.revisions_of(session, row.id or 0), review_standing(session, row)
        is_handled = acts.is_handled(session, row)
    of_measure = {name: text_in(form, name) for name in MEASURE_FIELDS} if form is not None and is_measure else None
    view = review_page(
        dossier, revisions, standing, row.closed_at, owners_of(here, who, dossier.incident.id), kinds_of(here),
        language_of(request), here.now(), may_of(request), is_handled=is_handled,
        typed=_text_in(form) if form is not None and not is_measure else None, error="" if is_measure else error,
        typed_measure=of_measure, measure_error=error if is_measure else "",
    )  # fmt: skip
    return page(request, "incident_review.html", "incidents", view, status=422 if error else 200)


def _text_in(form: FormData) -> ReviewText:
    lines = text_in(form, "participants").replace(",", "\n").splitlines()
    participants = tuple(one.strip() for one in lines if one.strip())
    return ReviewText(**{name: text_in(form, name) for name in REVIEW_FIELDS}, participants=participants)


def _done(
    request: Request, here: Context, who: SignedIn, reference: str, form: FormData, work: Callable[[Session], object],
    *, is_measure: bool = False,
) -> Response:  # fmt: skip
    try:
        here.database.write(work)
    except InvalidCommand as error:
        return _answer(request, here, who, reference, form, said_to(request, error), is_measure=is_measure)
    place = "#follow-ups" if is_measure else ""
    return RedirectResponse(f"/incidents/{reference.upper()}/review?done=recorded{place}", 303)


@router.post("/incidents/{reference}/review", dependencies=[needs(Act.REVIEW_INCIDENT)])
def save_review(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Write the review as it is by now; `do=close` closes it."""
    now = here.now()

    def work(session: Session) -> None:
        acts.save_review(
            session, who.actor, reference, _text_in(form), _revision_in(form), now,
            is_closed=text_in(form, "do") == "close",
        )  # fmt: skip

    return _done(request, here, who, reference, form, work)


def _revision_in(form: FormData) -> int:
    text = text_in(form, "revision") or "0"
    if not (text.isascii() and text.isdecimal()) or len(text) > MOST_DIGITS:
        raise InvalidCommand(N_("the page is out of date: look again"))
    return int(text)


@router.post("/incidents/{reference}/review/reopen", dependencies=[needs(Act.REVIEW_INCIDENT)])
def reopen_review(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Open a closed review again."""
    now, reason = here.now(), text_in(form, "reason")
    here.database.write(lambda session: acts.reopen_review(session, who.actor, reference, reason, now))
    return RedirectResponse(f"/incidents/{reference.upper()}/review?done=recorded", 303)


@router.post("/incidents/{reference}/review/follow-ups", dependencies=[needs(Act.MANAGE_MEASURES)])
def add_follow_up(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Plan a measure that the review asks for."""
    now = here.now()

    def work(session: Session) -> None:
        wanted, today = measure_in(form, is_follow_up=True), today_in(zone_of(here), now)
        measure_acts.plan_measure(session, who.actor, reference, wanted, here.knowledge(), now, today)

    return _done(request, here, who, reference, form, work, is_measure=True)
