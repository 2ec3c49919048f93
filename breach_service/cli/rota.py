"""`rota`: who is on call, the rota as a file, calendars, and the gaps ahead."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from breach_service.acts.on_call import rota as acts
from breach_service.acts.on_call import rota_imports
from breach_service.acts.on_call.rota import Board
from breach_service.acts.on_call.rota_calendars import read_calendar
from breach_service.app import OPERATOR, Service
from breach_service.cli.output import AsJson, fail, instant, opened, read, show, table, text_of
from breach_service.domain.rota import Level, Shift
from breach_service.errors import NotFound
from breach_service.store import people
from breach_service.web.on_call.rota_api import on_call_out, rota_out, shift_out

rota = typer.Typer(no_args_is_help=True, help="Who is on call, and when nobody is.")
WEEKS = 4


class Events(StrEnum):
    """What the events of a calendar are."""

    ABSENCES = "absences"
    SHIFTS = "shifts"


At = Annotated[datetime | None, typer.Option(parser=instant, help="Instead of now: 2026-12-24T20:00:00+01:00.")]
Weeks = Annotated[int, typer.Option(min=1, max=52, help="How far ahead.")]


@rota.command("show")
def show_rota(
    at: At = None,
    as_file: Annotated[bool, typer.Option("--yaml", help="The whole rota as the file that `rota set` reads.")] = False,
    as_json: AsJson = False,
) -> None:
    """Who answers now, and the rota in force."""
    with opened() as service:
        when = (at or service.now()).astimezone(UTC)
        text = read(service, lambda session: acts.rota_as_text(session, when))
        board = _board(service, when, timedelta(weeks=WEEKS))
    value = {"on_call": on_call_out(board, when), **rota_out(board).model_dump(mode="json")}
    show(value, as_json, lambda: text.rstrip() if as_file else _in_words(board, when))


@rota.command("set")
def set_rota(
    file: Annotated[Path, typer.Argument(help="YAML, as `rota show --yaml` prints it.")], as_json: AsJson = False
) -> None:
    """Put a rota in force; every fault is told by line, and then nothing changes."""
    text = text_of(file)
    with opened() as service:
        now = service.now()
        service.database.write(lambda session: acts.set_rota_from_text(session, OPERATOR, text, now, file.name))
        board = _board(service, now, timedelta(weeks=WEEKS))
    found = board.gaps()
    value = {
        "on_call": on_call_out(board, now), **rota_out(board).model_dump(mode="json"),
        "gaps": [shift_out(board, one) for one in found],
    }  # fmt: skip
    nobody = [f"nobody on {one.level} from {one.from_at.isoformat()} to {one.to_at.isoformat()}" for one in found]
    show(value, as_json, lambda: "\n".join([_in_words(board, now), *nobody]))


@rota.command("gaps")
def gaps(weeks: Weeks = WEEKS, as_json: AsJson = False) -> None:
    """When nobody answers; ends with status 1 where there is a gap."""
    with opened() as service:
        board = _board(service, service.now(), timedelta(weeks=weeks))
    found = board.gaps()
    show(
        [shift_out(board, one) for one in found],
        as_json,
        lambda: table([_row(board, one) for one in found], HEADS) if found else "somebody answers at every hour",
    )
    if found:
        raise typer.Exit(1)


@rota.command("import")
def import_calendar(
    file: Annotated[Path, typer.Argument(help="A calendar (.ics).")],
    events: Annotated[Events, typer.Option("--as", help="What its events are.")] = Events.ABSENCES,
    person: Annotated[str, typer.Option(help="Whose absences: the address of the account.")] = "",
    level: Annotated[Level, typer.Option(help="Of which level the shifts are.")] = Level.FIRST,
    containing: Annotated[str, typer.Option(help="Only events whose title contains this.")] = "",
    whole: Annotated[bool, typer.Option(help="Take back what was imported earlier and stands in it no more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a calendar over; imported again it is followed."""
    try:
        content = file.read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error}")
    with opened() as service:
        now = service.now()
        found = _board(service, now, timedelta(seconds=1)).rota
        zone = found.zone if found else service.knowledge().inventory.organisations[0].zone
        calendar = read_calendar(content, zone, now, containing)
        if events is Events.SHIFTS:
            done = service.database.write(
                lambda session: rota_imports.import_shifts(session, OPERATOR, level, calendar, now, is_whole=whole)
            )
        else:
            number = _account(service, person)
            done = service.database.write(
                lambda session: rota_imports.import_absences(session, OPERATOR, number, calendar, now, is_whole=whole)
            )
    words = f"{done.added} {events} added, {done.taken_back} taken back, {done.kept} as they were"
    show(vars(done), as_json, lambda: words)


HEADS = ("level", "who", "from", "to")


def _account(service: Service, email: str) -> int:
    if not email:
        fail("say whose absences they are: --person, the address of the account")
    row = read(service, lambda session: people.user_by_email(session, email))
    if row is None:
        raise NotFound(f"there is no account for {email}")
    return row.id or 0


def _board(service: Service, at: datetime, span: timedelta) -> Board:
    found: Board = read(service, lambda session: acts.board(session, at, at + span))
    return found


def _row(board: Board, one: Shift) -> tuple[str, ...]:
    who = board.name_of(one.person) if one.person is not None else "nobody"
    return one.level, who, one.from_at.isoformat(), one.to_at.isoformat()


def _in_words(board: Board, at: datetime) -> str:
    """Who answers now, until when, and who follows."""
    lines = []
    for level in Level:
        some = [one for one in board.shifts(level) if one.to_at > at]
        if any(one.person is not None for one in some) or level is Level.FIRST:
            lines += [_row(board, one) for one in some[:2]]
    return table(lines, HEADS)
