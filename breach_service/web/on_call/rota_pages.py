"""The page of the rota: look, set it, take over, be away, import a calendar."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.datastructures import FormData, UploadFile

from breach_service.acts.on_call import rota as acts
from breach_service.acts.on_call import rota_files, rota_imports
from breach_service.acts.on_call.contact_ways import telephones_of
from breach_service.acts.on_call.rota import Board, Stretch
from breach_service.acts.on_call.rota_calendars import MOST_BYTES, read_calendar
from breach_service.acts.on_call.rota_rights import ANSWERING
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act, UserRole
from breach_service.domain.calendar import first_instant_at
from breach_service.domain.rota import Level, RotaDocument
from breach_service.errors import N_, InvalidCommand
from breach_service.store.database import Session
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.forms import Posted, needed_instant, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import language_of, may_of, page, said_to, zone_of
from breach_service.web.views import rota as views

router = APIRouter(include_in_schema=False)
MOST_DIGITS = 18
FIELDS = ("level", "person", "from_at", "to_at", "other", "other_from_at", "other_to_at", "kind", "containing", "whole")
"""Of all forms of the page, kept where one is shown again."""
Filled = Annotated[str, Query(max_length=20)]


@router.get("/rota", dependencies=[needs(Act.LOOK_AROUND)])
def show_rota(
    request: Request, here: Here, who: Who, level: Filled = "", from_at: Filled = "", to_at: Filled = ""
) -> HTMLResponse:
    """The rota; with `?level=…&from_at=…&to_at=…` the form to take a shift is filled in."""
    return _answer(request, here, who, typed={"level": level, "from_at": from_at, "to_at": to_at})


@router.get("/rota.yaml", dependencies=[needs(Act.LOOK_AROUND)])
def download_rota(here: Here) -> Response:
    """The rota as the file that can be set again."""
    with here.database.reading() as session:
        text = acts.rota_as_text(session, here.now())
    headers = {"content-disposition": 'attachment; filename="rota.yaml"', "cache-control": "no-store"}
    return PlainTextResponse(text, media_type="application/yaml", headers=headers)


@router.post("/rota", dependencies=[needs(Act.MANAGE_ROTA)])
def set_rota(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Put the rota in force as it was written."""
    text = str(form.get("document", "")).replace("\r\n", "\n")

    def work(session: Session) -> None:
        acts.set_rota_from_text(session, who.actor, text, here.now(), "rota.yaml")

    return _done(request, here, who, "document", form, lambda: here.database.write(work))


@router.post("/rota/overrides", dependencies=[needs(Act.KEEP_OWN_ACCOUNT)])
def take_over(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Take a shift, or give it to somebody."""

    def work() -> None:
        level, person = _level(form), _person(form, "person", who)
        from_at, to_at = _instants(form, "", here)
        here.database.write(
            lambda session: acts.take_over(session, who.actor, level, person, from_at, to_at, here.now())
        )

    return _done(request, here, who, "take", form, work)


@router.post("/rota/swaps", dependencies=[needs(Act.MANAGE_ROTA)])
def swap(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Let two people exchange shifts."""

    def work() -> None:
        level = _level(form)
        one = Stretch(_person(form, "person", who), *_instants(form, "", here))
        other = Stretch(_person(form, "other", who), *_instants(form, "other_", here))
        here.database.write(lambda session: acts.swap(session, who.actor, level, one, other, here.now()))

    return _done(request, here, who, "swap", form, work)


@router.post("/rota/overrides/{number}/end", dependencies=[needs(Act.KEEP_OWN_ACCOUNT)])
def give_back(number: Id, here: Here, who: Who) -> Response:
    """Take an override back."""
    here.database.write(lambda session: acts.give_back(session, who.actor, number, here.now()))
    return RedirectResponse("/rota?done=recorded", 303)


@router.post("/rota/absences", dependencies=[needs(Act.KEEP_OWN_ACCOUNT)])
def add_absence(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Be away, or note that somebody is."""

    def work() -> None:
        person = _person(form, "person", who)
        from_at, to_at = _instants(form, "", here)
        here.database.write(lambda session: acts.add_absence(session, who.actor, person, from_at, to_at, here.now()))

    return _done(request, here, who, "away", form, work)


@router.post("/rota/absences/{number}/end", dependencies=[needs(Act.KEEP_OWN_ACCOUNT)])
def end_absence(number: Id, here: Here, who: Who) -> Response:
    """Take an absence back."""
    here.database.write(lambda session: acts.end_absence(session, who.actor, number, here.now()))
    return RedirectResponse("/rota?done=recorded", 303)


async def file_in(form: Posted) -> bytes:
    """The file of a form, at most one byte more than may be; empty where none was chosen."""
    given = form.get("file")
    if not isinstance(given, UploadFile):
        return b""
    try:
        return await given.read(MOST_BYTES + 1)
    finally:
        await given.close()


@router.post("/rota/imports", dependencies=[needs(Act.KEEP_OWN_ACCOUNT)])
def import_calendar(
    request: Request, here: Here, who: Who, form: Posted, content: Annotated[bytes, Depends(file_in)]
) -> Response:
    """Take the events of a calendar over, as absences of a person or as shifts of a level."""

    def work() -> None:
        if not content:
            raise InvalidCommand(N_("choose the calendar file (.ics) first"))
        now, is_whole = here.now(), bool(text_in(form, "whole"))
        calendar = read_calendar(content, _zone_of_rota(here), now, text_in(form, "containing"))
        if text_in(form, "kind") == "shifts":
            level = _level(form)
            here.database.write(
                lambda session: rota_imports.import_shifts(session, who.actor, level, calendar, now, is_whole=is_whole)
            )
            return
        person = _person(form, "person", who)
        here.database.write(
            lambda session: rota_imports.import_absences(session, who.actor, person, calendar, now, is_whole=is_whole)
        )

    return _done(request, here, who, "import", form, work)


def _done(
    request: Request, here: Context, who: SignedIn, name: str, form: FormData, work: Callable[[], object]
) -> Response:
    """Do an act; where it cannot be done as asked, the page again with what was typed."""
    try:
        work()
    except InvalidCommand as error:
        typed = {field: text_in(form, field) for field in FIELDS}
        document = str(form.get("document", "")) if name == "document" else None
        return _answer(request, here, who, typed=typed, failed=name, error=said_to(request, error), document=document)
    return RedirectResponse("/rota?done=recorded", 303)


def _answer(
    request: Request, here: Context, who: SignedIn, *, typed: Mapping[str, str], failed: str = "", error: str = "",
    document: str | None = None,
) -> HTMLResponse:  # fmt: skip
    zone, now, may = zone_of(here), here.now(), may_of(request)
    first = views.first_day(now, zone)
    ends_at = first + timedelta(days=views.DAYS_SHOWN)
    with here.database.reading() as session:
        board = acts.board(session, _utc(first, zone), _utc(ends_at, zone), as_of=now)
        called = board.on_call(now).in_order if "declare" in may else ()
        telephones = {one: telephones_of(session, here.cipher, one) for one in called}
    text = document if document is not None else rota_files.text_of(board.document or starter(board, here))
    form = views.RotaForm({name: typed.get(name, "") for name in FIELDS}, text, failed, error)
    view = views.rota_page(board, telephones, form, language_of(request), zone, now, may, who.actor.person)
    return page(request, "rota.html", "rota", view, status=422 if failed else 200)


def _utc(local: datetime, zone: str) -> datetime:
    return first_instant_at(local.replace(tzinfo=None), ZoneInfo(zone))


def starter(board: Board, here: Context) -> RotaDocument:
    """A rota to begin with: everybody who may be on call in turn, a week each, from this Monday on."""
    organisation, now = here.knowledge().inventory.organisations[0], here.now()
    monday = now.date() - timedelta(days=now.weekday())
    able = [one.email for one in board.members if not one.disabled_at and _may_answer(one.role, Level.FIRST)]
    officers = [one.email for one in board.members if not one.disabled_at and _may_answer(one.role, Level.DPO)]
    return RotaDocument.model_validate(
        {
            "zone": organisation.zone,
            "holidays": organisation.calendar,
            "working_hours": {},
            "first": {"people": able or ["somebody@example.org"], "starts_on": monday.isoformat()},
            **({"dpo": officers[0]} if officers else {}),
        }
    )


def _may_answer(role: str, level: Level) -> bool:
    return UserRole(role) in ANSWERING[level]


def _zone_of_rota(here: Context) -> str:
    with here.database.reading() as session:
        found = acts.board(session, here.now(), here.now() + timedelta(seconds=1)).rota
    return found.zone if found else zone_of(here)


def _level(form: FormData) -> Level:
    text = text_in(form, "level")
    if text not in tuple(Level):
        raise InvalidCommand(N_("choose the level: first, second, data protection officer or deputy"))
    return Level(text)


def _person(form: FormData, name: str, who: SignedIn) -> int:
    text = text_in(form, name)
    if not text and who.actor.person is not None:
        return who.actor.person
    if not text.isdecimal() or not text.isascii() or len(text) > MOST_DIGITS:
        raise InvalidCommand(N_("choose the person"))
    return int(text)


def _instants(form: FormData, prefix: str, here: Context) -> tuple[datetime, datetime]:
    zone = zone_of(here)
    found = (needed_instant(form, f"{prefix}{name}", zone) for name in ("from_at", "to_at"))
    from_at, to_at = (one.astimezone(UTC) for one in found)
    return from_at, to_at
