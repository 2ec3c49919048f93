"""Measures on pages: the open ones of all incidents, those of one, and the forms that change them."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts.signing.signing_in import SignedIn
from breach_service.acts.work import measures as acts
from breach_service.acts.work.measures import NewMeasure
from breach_service.domain.access import Act, is_allowed
from breach_service.domain.facts import FactType
from breach_service.domain.measures import Audience, MeasureOrder, MeasureState, today_in
from breach_service.errors import N_, InvalidCommand
from breach_service.store import measures, reviews
from breach_service.store.database import Session
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.forms import MOST_DIGITS, Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, may_of, page, said_to, zone_of
from breach_service.web.seeing import note_shown, seen_dossier, visibility_for
from breach_service.web.views.measures import MEASURE_FIELDS, measure_board, measures_page

router = APIRouter(include_in_schema=False)
Wanted = Annotated[bool, Query()]


@router.get("/measures", dependencies=[needs(Act.LOOK)])
def list_measures(
    request: Request, here: Here, who: Who, order: MeasureOrder = MeasureOrder.DUE, mine: Wanted = False,
    overdue: Wanted = False,
) -> HTMLResponse:  # fmt: skip
    """The open measures of all incidents that the reader sees, and the reviews that are awaited."""
    now, zone, visibility = here.now(), zone_of(here), visibility_for(who, here)
    today = today_in(zone, now)
    with here.database.reading() as session:
        owner = who.actor.person if mine else None
        found = measures.open_measures(
            session, visibility, owner_id=owner, due_before=today if overdue else None
        )  # fmt: skip
        counts = measures.count_open(session, visibility, today)
        awaited = reviews.awaited(session, visibility)
    note_shown(here, who, request, [*(one.reference for one in found), *(one.reference for one in awaited)])
    view = measure_board(
        found, awaited, counts, kinds_of(here), language_of(request), zone, now, order=order, is_mine=mine,
        is_overdue_only=overdue,
    )  # fmt: skip
    return page(request, "measures.html", "measures", view)


@router.get("/incidents/{reference}/measures", dependencies=[needs(Act.LOOK)])
def show_measures(reference: str, request: Request, here: Here, who: Who) -> HTMLResponse:
    """The measures of one incident."""
    return _answer(request, here, who, reference)


def _answer(
    request: Request, here: Context, who: SignedIn, reference: str, form: FormData | None = None, error: str = "",
    changing: int = 0,
) -> HTMLResponse:  # fmt: skip
    dossier = seen_dossier(here, who, request, reference)
    typed = {name: text_in(form, name) for name in MEASURE_FIELDS} if form is not None else None
    view = measures_page(
        dossier, owners_of(here, who, dossier.incident.id), kinds_of(here), language_of(request), here.now(),
        may_of(request), typed=typed, error=error, changing=changing,
    )  # fmt: skip
    return page(request, "incident_measures.html", "incidents", view, status=422 if error else 200)


def kinds_of(here: Context) -> FactType | None:
    """The fact whose choices are the kinds of measures."""
    return here.knowledge().catalogue.facts.get(acts.KINDS_OF)


def owners_of(here: Context, who: SignedIn, incident_id: int) -> list[tuple[int, str]]:
    """Who can answer for a measure of an incident; nobody for whoever may plan none."""
    if not is_allowed(who.actor, Act.MANAGE_MEASURES):
        return []
    with here.database.reading() as session:
        return acts.owners_for(session, incident_id, here.now())


def _done(
    request: Request, here: Context, who: SignedIn, reference: str, form: FormData, work: Callable[[Session], object],
    changing: int = 0,
) -> Response:  # fmt: skip
    """Do it and show the measures again, with what was typed where it could not be taken."""
    try:
        here.database.write(work)
    except InvalidCommand as error:
        return _answer(request, here, who, reference, form, said_to(request, error), changing)
    place = f"#measure-{changing}" if changing else ""
    return RedirectResponse(f"/incidents/{reference.upper()}/measures?done=recorded{place}", 303)


@router.post("/incidents/{reference}/measures", dependencies=[needs(Act.MANAGE_MEASURES)])
def plan_measure(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Plan a measure, or write down one that was taken already."""
    now = here.now()

    def work(session: Session) -> None:
        wanted = measure_in(form)
        acts.plan_measure(session, who.actor, reference, wanted, here.knowledge(), now, _today(here, now))

    return _done(request, here, who, reference, form, work)


@router.post("/incidents/{reference}/measures/{number}", dependencies=[needs(Act.MANAGE_MEASURES)])
def change_measure(reference: str, number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Change what is planned."""
    now = here.now()

    def work(session: Session) -> None:
        acts.change_measure(
            session, who.actor, reference, number, measure_in(form), here.knowledge(), now, _today(here, now)
        )

    return _done(request, here, who, reference, form, work, number)


@router.post("/incidents/{reference}/measures/{number}/settle", dependencies=[needs(Act.MANAGE_MEASURES)])
def settle_measure(reference: str, number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Say what came of a measure."""
    now = here.now()

    def work(session: Session) -> None:
        acts.settle_measure(
            session, who.actor, reference, number, _state_in(form), text_in(form, "outcome"), now, _today(here, now),
            day_in(form, "done_on"),
        )  # fmt: skip

    return _done(request, here, who, reference, form, work, number)


def _today(here: Context, now: datetime) -> date:
    return today_in(zone_of(here), now)


def measure_in(form: FormData, *, is_follow_up: bool = False) -> NewMeasure:
    """The measure of a form."""
    audience = text_in(form, "audience") or str(Audience.AUTHORITY)
    if audience not in tuple(Audience):
        raise InvalidCommand(N_("choose who may read of the measure"))
    owner, revision = text_in(form, "owner_id"), text_in(form, "revision")
    return NewMeasure(
        what=text_in(form, "what"),
        owner=text_in(form, "owner"),
        owner_id=_number(owner) if owner else None,
        due_on=day_in(form, "due_on"),
        kind=text_in(form, "kind"),
        perimeter=text_in(form, "perimeter"),
        audience=Audience(audience),
        is_follow_up=is_follow_up,
        outcome=text_in(form, "outcome"),
        done_on=day_in(form, "done_on"),
        revision=_number(revision) if revision else 0,
    )


def day_in(form: FormData, name: str) -> date | None:
    """A day of a form, `2026-11-24`; None where it is empty."""
    text = text_in(form, name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidCommand(N_("%(text)r is not a day, such as 2026-11-24"), text=text) from error


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > MOST_DIGITS:
        raise InvalidCommand(N_("choose somebody who has an account that is not disabled"))
    return int(text)


def _state_in(form: FormData) -> MeasureState:
    state = text_in(form, "state")
    if state not in tuple(MeasureState):
        raise InvalidCommand(N_("say whether it is done, dropped, or to be done again"))
    return MeasureState(state)
