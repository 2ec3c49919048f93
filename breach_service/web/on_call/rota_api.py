"""The part of the JSON API that is about being on call: the rota, who answers, gaps, shifts, overrides, absences."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from breach_service.acts.on_call import rota as acts
from breach_service.acts.on_call.rota import LONGEST, Board
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act
from breach_service.domain.rota import Level, RotaDocument, Shift, as_document, holiday_on, is_working_time
from breach_service.errors import N_, InvalidCommand
from breach_service.web.api import Moment
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.needs import needs

router = APIRouter(prefix="/api/v1")
LOOKED_AHEAD = timedelta(weeks=4)


class PersonOut(BaseModel):
    """Somebody with an account."""

    id: int
    name: str


class OnCallOut(BaseModel):
    """Who answers at an instant; null where nobody does."""

    at: datetime
    first: PersonOut | None
    second: PersonOut | None
    dpo: PersonOut | None
    deputy: PersonOut | None
    is_working_time: bool
    holiday: str
    """Name of the public holiday on that day; empty where it is none."""


class ShiftOut(BaseModel):
    """One person, or null for nobody, on a level from one instant until another, which is not included. UTC."""

    level: Level
    person: PersonOut | None
    from_at: datetime
    to_at: datetime


class RotaOut(BaseModel):
    """The rota in force, as `rota set` reads it; null before the first was set."""

    recorded_at: datetime | None
    by: str
    rota: dict[str, Any] | None


class OverrideIn(BaseModel):
    """Somebody else on a level for a while."""

    model_config = ConfigDict(extra="forbid")
    level: Level
    person: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    """Number of the account; null: who asks."""
    from_at: Moment
    to_at: Moment


class AbsenceIn(BaseModel):
    """A person is away."""

    model_config = ConfigDict(extra="forbid")
    person: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    """Number of the account; null: who asks."""
    from_at: Moment
    to_at: Moment


class MadeOut(BaseModel):
    """The number of what was recorded."""

    id: int


def person_out(board: Board, person: int | None) -> PersonOut | None:
    """Somebody as JSON."""
    return None if person is None else PersonOut(id=person, name=board.name_of(person))


def shift_out(board: Board, one: Shift) -> ShiftOut:
    """A shift as JSON."""
    return ShiftOut(level=one.level, person=person_out(board, one.person), from_at=one.from_at, to_at=one.to_at)


def on_call_out(board: Board, at: datetime) -> OnCallOut:
    """Who answers at an instant, as JSON."""
    who, rota = board.on_call(at), board.rota
    return OnCallOut(
        at=at,
        first=person_out(board, who.first),
        second=person_out(board, who.second),
        dpo=person_out(board, who.dpo),
        deputy=person_out(board, who.deputy),
        is_working_time=rota is not None and is_working_time(rota, at),
        holiday=holiday_on(rota, at.astimezone(rota.clock).date()) if rota else "",
    )


def rota_out(board: Board) -> RotaOut:
    """The rota in force as JSON."""
    rota = as_document(board.document) if board.document else None
    return RotaOut(recorded_at=board.recorded_at, by=board.by, rota=rota)


def _person(given: int | None, who: SignedIn) -> int:
    found = given or who.actor.person
    if found is None:
        raise InvalidCommand(N_("an API token is nobody: say whose it is (person)"))
    return found


def _board(here: Context, from_at: datetime | None, to_at: datetime | None) -> Board:
    now = here.now()
    begin = (from_at or now).astimezone(UTC)
    end = (to_at or begin + LOOKED_AHEAD).astimezone(UTC)
    if not begin < end <= begin + LONGEST:
        raise InvalidCommand(N_("from_at lies before to_at, by %(days)s days at most"), days=LONGEST.days)
    with here.database.reading() as session:
        return acts.board(session, begin, end, as_of=now)


@router.get("/on-call", dependencies=[needs(Act.LOOK_AROUND)])
def show_on_call(here: Here, at: Moment | None = None) -> OnCallOut:
    """Who answers now, or at another instant."""
    when = (at or here.now()).astimezone(UTC)
    with here.database.reading() as session:
        return on_call_out(acts.board(session, when, when + timedelta(seconds=1)), when)


@router.get("/rota", dependencies=[needs(Act.LOOK_AROUND)])
def show_rota(here: Here) -> RotaOut:
    """The rota in force."""
    return rota_out(_board(here, None, None))


@router.put("/rota", dependencies=[needs(Act.MANAGE_ROTA)])
def set_rota(document: RotaDocument, here: Here, who: Who) -> RotaOut:
    """Put a rota in force; earlier ones are kept."""
    here.database.write(lambda session: acts.set_rota(session, who.actor, document, here.now()))
    return rota_out(_board(here, None, None))


@router.get("/rota/shifts", dependencies=[needs(Act.LOOK_AROUND)])
def list_shifts(here: Here, from_at: Moment | None = None, to_at: Moment | None = None) -> list[ShiftOut]:
    """The shifts of every level, four weeks from now on where nothing else is asked for."""
    board = _board(here, from_at, to_at)
    return [shift_out(board, one) for level in Level for one in board.shifts(level)]


@router.get("/rota/gaps", dependencies=[needs(Act.LOOK_AROUND)])
def list_gaps(here: Here, from_at: Moment | None = None, to_at: Moment | None = None) -> list[ShiftOut]:
    """When nobody answers; `dpo` is when neither the officer nor the deputy does."""
    board = _board(here, from_at, to_at)
    return [shift_out(board, one) for one in board.gaps()]


@router.post("/rota/overrides", status_code=201, dependencies=[needs(Act.KEEP_OWN_ACCOUNT)])
def take_over(command: OverrideIn, here: Here, who: Who) -> MadeOut:
    """Put a person on a level for a while: oneself, or anybody where one manages the rota."""
    person, span = _person(command.person, who), (command.from_at.astimezone(UTC), command.to_at.astimezone(UTC))
    number = here.database.write(
        lambda session: acts.take_over(session, who.actor, command.level, person, *span, here.now())
    )
    return MadeOut(id=number)


@router.post("/rota/overrides/{number}/end", status_code=204, dependencies=[needs(Act.KEEP_OWN_ACCOUNT)])
def give_back(number: Id, here: Here, who: Who) -> None:
    """Take an override back."""
    here.database.write(lambda session: acts.give_back(session, who.actor, number, here.now()))


@router.post("/rota/absences", status_code=201, dependencies=[needs(Act.KEEP_OWN_ACCOUNT)])
def add_absence(command: AbsenceIn, here: Here, who: Who) -> MadeOut:
    """Note that a person is away: oneself, or anybody where one manages the rota."""
    person, span = _person(command.person, who), (command.from_at.astimezone(UTC), command.to_at.astimezone(UTC))
    number = here.database.write(lambda session: acts.add_absence(session, who.actor, person, *span, here.now()))
    return MadeOut(id=number)


@router.post("/rota/absences/{number}/end", status_code=204, dependencies=[needs(Act.KEEP_OWN_ACCOUNT)])
def end_absence(number: Id, here: Here, who: Who) -> None:
    """Take an absence back."""
    here.database.write(lambda session: acts.end_absence(session, who.actor, number, here.now()))
