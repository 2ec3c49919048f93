"""Who may see an incident, the counsel compartment, substitutes: pages and what people post from them."""

from collections.abc import Callable, Mapping
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts.seeing import compartments as acts
from breach_service.acts.seeing import counsel
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act, AuditKind, Standing
from breach_service.errors import N_, InvalidCommand
from breach_service.store import compartments, incidents
from breach_service.store.database import Session
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import MOST_DIGITS, Posted, instant_in, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import may_of, page, said_to, zone_of
from breach_service.web.seeing import after, note_reading, note_shown, visibility_for
from breach_service.web.views.compartments import TYPED, SeeingView, counsel_page, seeing_view, substitutes_page

router = APIRouter(include_in_schema=False)


def who_may_see(
    here: Context, who: SignedIn, request: Request, reference: str, *, form: FormData | None = None, error: str = ""
) -> SeeingView:
    """Who stands how to an incident that the reader sees, with the form that could not be taken."""
    now = here.now()
    with here.database.reading() as session:
        row = incidents.row_of(session, reference, visibility_for(who, here))
        number = row.id or 0
        return seeing_view(
            row.reference, row.is_restricted, compartments.standings_of(session, number),
            compartments.accounts(session), may_of(request), now,
            is_counsel=counsel.is_counsel(session, who.actor, number, now),
            typed={name: text_in(form, name) for name in TYPED} if form is not None else None,
            named=_ticked(form, "named"), concerned=_ticked(form, "concerned"), error=error,
        )  # fmt: skip


def _ticked(form: FormData | None, name: str) -> frozenset[str]:
    values = form.getlist(name) if form is not None else []
    return frozenset(one for one in values if isinstance(one, str) and one)


@router.get("/incidents/{reference}/people", dependencies=[needs(Act.LOOK)])
def show_people(reference: str, request: Request, here: Here, who: Who) -> HTMLResponse:
    """Who may see one incident."""
    return _answer(here, who, request, reference)


def _answer(
    here: Context, who: SignedIn, request: Request, reference: str, form: FormData | None = None, error: str = ""
) -> HTMLResponse:
    view = who_may_see(here, who, request, reference, form=form, error=error)
    note_shown(here, who, request, [view.reference])
    return page(request, "incident_people.html", "incidents", view, status=422 if error else 200)


Change = Callable[[Session], None]


def _changed(
    here: Context, who: SignedIn, request: Request, reference: str, form: FormData, change: Callable[[], Change]
) -> Response:
    """Do it and show the incident again, or the list where the reader sees it no more."""
    try:
        here.database.write(change())
    except InvalidCommand as error:
        return _answer(here, who, request, reference, form, said_to(request, error))
    return RedirectResponse(after(here, who, reference), 303)


@router.post("/incidents/{reference}/restrict", dependencies=[needs(Act.RESTRICT)])
def restrict(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Close an incident to all but named people."""

    def change() -> Change:
        named, concerned = (list(map(number_of, _ticked(form, name))) for name in ("named", "concerned"))
        reason = text_in(form, "reason")
        return lambda session: acts.restrict(
            session, who.actor, reference, named, concerned, reason, here.knowledge(), here.now()
        )

    return _changed(here, who, request, reference, form, change)


@router.post("/incidents/{reference}/open-again", dependencies=[needs(Act.RESTRICT)])
def open_again(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Let everybody who may look see an incident again."""
    reason = text_in(form, "reason")
    return _changed(
        here, who, request, reference, form,
        lambda: lambda session: acts.open_again(session, who.actor, reference, reason, here.knowledge(), here.now()),
    )  # fmt: skip


@router.post("/incidents/{reference}/people", dependencies=[needs(Act.RESTRICT)])
def name_person(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Say how somebody stands to an incident."""

    def change() -> Change:
        person, standing, until = number_of(text_in(form, "person")), standing_in(form), _until_in(form, here)
        reason = text_in(form, "reason")
        return lambda session: acts.name_person(
            session, who.actor, reference, person, standing, reason, here.knowledge(), here.now(), until
        )

    return _changed(here, who, request, reference, form, change)


@router.post("/incidents/{reference}/people/end", dependencies=[needs(Act.RESTRICT)])
def end_standing(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """End that somebody stands to an incident in a way."""

    def change() -> Change:
        person, standing, reason = number_of(text_in(form, "person")), standing_in(form), text_in(form, "reason")
        return lambda session: acts.end_standing(
            session, who.actor, reference, person, standing, reason, here.now()
        )  # fmt: skip

    return _changed(here, who, request, reference, form, change)


def number_of(text: str) -> int:
    """The number of an account in a form."""
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        raise InvalidCommand(N_("choose somebody of the list"))
    return int(text)


def standing_in(form: Mapping[str, object]) -> Standing:
    """How somebody is to stand."""
    word = text_in(form, "standing")
    if word not in tuple(Standing):
        raise InvalidCommand(
            N_("choose how the person stands to the incident: %(standings)s"), standings=list(Standing)
        )
    return Standing(word)


def _until_in(form: FormData, here: Context) -> datetime | None:
    return instant_in(form, "until", zone_of(here)) if standing_in(form) is Standing.INSPECTING else None


@router.get("/incidents/{reference}/counsel", dependencies=[needs(Act.CONSULT)])
def show_counsel(reference: str, request: Request, here: Here, who: Who) -> HTMLResponse:
    """The counsel compartment, for those who are named counsel in this incident."""
    return _counsel(here, who, request, reference)


@router.post("/incidents/{reference}/counsel", dependencies=[needs(Act.CONSULT)])
def write_note(reference: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Keep a note."""
    text = text_in(form, "note")
    try:
        here.database.write(
            lambda session: counsel.write_note(session, who.actor, reference, text, here.cipher, here.now())
        )
    except InvalidCommand as error:
        return _counsel(here, who, request, reference, text, said_to(request, error))
    return RedirectResponse(f"/incidents/{reference}/counsel?done=recorded", 303)


def _counsel(
    here: Context, who: SignedIn, request: Request, reference: str, typed: str = "", error: str = ""
) -> HTMLResponse:
    with here.database.reading() as session:
        row = counsel.counsel_row(session, who.actor, reference, here.now())
        notes = counsel.read_notes(session, who.actor, reference, here.cipher, here.now())
    note_reading(here, who, request, AuditKind.READ_COUNSEL, f"notes:{len(notes)}", row.id)
    view = counsel_page(row.reference, notes, typed, error)
    return page(request, "counsel.html", "incidents", view, status=422 if error else 200)


@router.get("/access/substitutes", dependencies=[needs(Act.NAME_SUBSTITUTE)])
def show_substitutes(request: Request, here: Here) -> HTMLResponse:
    """Who takes whose place."""
    return _substitutes(request, here)


@router.post("/access/substitutes", dependencies=[needs(Act.NAME_SUBSTITUTE)])
def name_substitute(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Name who takes somebody's place, or nobody."""
    try:
        person, chosen = number_of(text_in(form, "person")), text_in(form, "substitute")
        substitute = number_of(chosen) if chosen else None
        here.database.write(
            lambda session: acts.name_substitute(session, who.actor, person, substitute, here.now())
        )  # fmt: skip
    except InvalidCommand as error:
        return _substitutes(request, here, said_to(request, error))
    return RedirectResponse("/access/substitutes?done=recorded", 303)


def _substitutes(request: Request, here: Context, error: str = "") -> HTMLResponse:
    with here.database.reading() as session:
        view = substitutes_page(
            compartments.accounts(session), compartments.substitutes(session), may_of(request), error
        )
    return page(request, "substitutes.html", "", view, status=422 if error else 200)
