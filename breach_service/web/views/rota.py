"""The page of the rota: who is on call now and next, the coming four weeks, where nobody answers, and its forms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from markupsafe import Markup

from breach_service.acts.on_call.rota import Board
from breach_service.acts.on_call.rota_rights import ANSWERING
from breach_service.domain.access import UserRole
from breach_service.domain.rota import DayKind, Level, Shift, holiday_on, is_working_time, kind_of_day
from breach_service.store.rota import BY_HAND, Member
from breach_service.web.on_call.rota_drawing import DrawnDay, DrawnShift, rota_drawing

DAYS_SHOWN = 28
MOST_SHIFTS = 4
"""That are listed of one person."""
FORMS = ("take", "swap", "away", "import", "document")
"""The forms of the page; a refused one is shown again with what was typed."""


@dataclass(frozen=True)
class NowRow:
    """One level now. Instants UTC."""

    level: Level
    name: str
    """Empty where nobody answers."""
    telephones: tuple[str, ...]
    until: datetime | None
    """None where nothing changes within the four weeks."""
    next_name: str
    """Empty where nobody follows, or nothing changes."""


@dataclass(frozen=True)
class Piece:
    """A part of a day on one level; `from_at` is None where it began before the day."""

    name: str
    from_at: datetime | None


@dataclass(frozen=True)
class DayRow:
    """One local day of the table."""

    day: date
    kind: DayKind
    holiday: str
    is_today: bool
    opens_week: bool
    cells: tuple[tuple[Piece, ...], ...]
    """In the order of `levels`."""


@dataclass(frozen=True)
class ShiftRow:
    """A stretch on a level. Instants UTC; `since` and `until` are what the form is filled in with, local."""

    level: Level
    from_at: datetime
    to_at: datetime
    since: str
    until: str


@dataclass(frozen=True)
class PersonRow:
    """A person and their next shifts."""

    name: str
    shifts: tuple[ShiftRow, ...]


@dataclass(frozen=True)
class KeptRow:
    """An absence, or an override where `level` is set, that stands."""

    id: int
    name: str
    level: Level | None
    from_at: datetime
    to_at: datetime
    by: str
    is_imported: bool
    may_end: bool


@dataclass(frozen=True)
class Choice:
    """A person in a menu."""

    id: int
    name: str


@dataclass(frozen=True)
class RotaForm:
    """The forms as they were typed; `error` belongs to the form `failed`, a sentence a line."""

    typed: Mapping[str, str]
    document: str
    failed: str = ""
    error: str = ""


@dataclass(frozen=True)
class RotaPage:
    """The context variable `page` of `rota.html`."""

    has_rota: bool
    recorded_at: datetime | None
    by: str
    now: datetime
    is_working_time: bool
    on_now: tuple[NowRow, ...]
    levels: tuple[Level, ...]
    days: tuple[DayRow, ...]
    drawing: Markup
    gaps: tuple[ShiftRow, ...]
    people: tuple[PersonRow, ...]
    overrides: tuple[KeptRow, ...]
    absences: tuple[KeptRow, ...]
    choices: tuple[Choice, ...]
    """Who may be put on the first levels."""
    everybody: tuple[Choice, ...]
    form: RotaForm
    own: int
    """The number of the reader's account; 0 where they have none."""
    may_manage: bool
    may_answer: bool
    """True where the reader may take a shift."""


def first_day(now: datetime, zone: str) -> datetime:
    """The local midnight before an instant: where the table begins."""
    return now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def rota_page(
    board: Board, telephones: Mapping[int, Sequence[str]], form: RotaForm, language: str, zone: str, now: datetime,
    may: frozenset[str], own: int | None,
) -> RotaPage:  # fmt: skip
    """The page; `board` spans the days that are shown."""
    levels = _levels(board)
    lines = {one: board.shifts(one) for one in levels}
    days = _days(board, levels, lines, language, zone, now)
    answering = [one for one in board.members if not one.disabled_at and UserRole(one.role) in ANSWERING[Level.FIRST]]
    may_manage = "manage_rota" in may
    may_answer = own is not None and own in {one.id for one in answering} and "keep_own_account" in may
    return RotaPage(
        has_rota=board.rota is not None,
        recorded_at=board.recorded_at,
        by=board.by,
        now=now,
        is_working_time=board.rota is not None and is_working_time(board.rota, now),
        on_now=tuple(_now_row(board, one, lines[one], telephones, now) for one in levels),
        levels=levels,
        days=days,
        drawing=_drawing(board, levels, lines, days, language, zone, now) if levels else Markup(""),
        gaps=tuple(_shift_row(one, zone) for one in board.gaps() if one.to_at > now) if board.rota else (),
        people=_people(board, zone, now),
        overrides=_overrides(board, may_manage, own, now),
        absences=_absences(board, may_manage, own, now),
        choices=_choices(answering),
        everybody=_choices(one for one in board.members if not one.disabled_at),
        form=form,
        own=own or 0,
        may_manage=may_manage,
        may_answer=may_answer,
    )


def _levels(board: Board) -> tuple[Level, ...]:
    rota = board.rota
    if rota is None:
        return ()
    wanted = {
        Level.FIRST: True, Level.SECOND: rota.second is not None, Level.DPO: rota.dpo is not None,
        Level.DEPUTY: rota.deputy is not None,
    }  # fmt: skip
    return tuple(one for one, is_there in wanted.items() if is_there)


def _name(board: Board, person: int | None) -> str:
    return board.name_of(person) if person is not None else ""


def _now_row(
    board: Board, level: Level, line: Sequence[Shift], telephones: Mapping[int, Sequence[str]], now: datetime
) -> NowRow:
    place = next(index for index, one in enumerate(line) if one.to_at > now)
    held, following = line[place], line[place + 1 :]
    return NowRow(
        level=level,
        name=_name(board, held.person),
        telephones=tuple(telephones.get(held.person, ())) if held.person is not None else (),
        until=held.to_at if following else None,
        next_name=_name(board, following[0].person) if following else "",
    )


def _days(
    board: Board, levels: Sequence[Level], lines: Mapping[Level, Sequence[Shift]], language: str, zone: str,
    now: datetime,
) -> tuple[DayRow, ...]:  # fmt: skip
    rota = board.rota
    if rota is None:
        return ()
    local = ZoneInfo(zone)
    first, found = first_day(now, zone), []
    for number in range(DAYS_SHOWN):
        start = first + timedelta(days=number)  # wall time: midnight stays midnight over a change of the clocks
        end = start + timedelta(days=1)
        found.append(
            DayRow(
                day=start.date(),
                kind=kind_of_day(rota, start.date()),
                holiday=holiday_on(rota, start.date(), "fr" if language == "fr" else "en"),
                is_today=start.date() == now.astimezone(local).date(),
                opens_week=number == 0 or start.weekday() == 0,
                cells=tuple(_pieces(board, lines[one], start, end) for one in levels),
            )
        )
    return tuple(found)


def _pieces(board: Board, line: Sequence[Shift], start: datetime, end: datetime) -> tuple[Piece, ...]:
    begin, until = start.astimezone(tz=ZoneInfo("UTC")), end.astimezone(tz=ZoneInfo("UTC"))
    return tuple(
        Piece(_name(board, one.person), one.from_at if one.from_at > begin else None)
        for one in line
        if one.from_at < until and one.to_at > begin
    )


def _drawing(
    board: Board, levels: Sequence[Level], lines: Mapping[Level, Sequence[Shift]], days: Sequence[DayRow],
    language: str, zone: str, now: datetime,
) -> Markup:  # fmt: skip
    first, locale = first_day(now, zone), "fr_FR" if language == "fr" else "en_GB"
    columns = [
        DrawnDay(
            (first + timedelta(days=number)).astimezone(ZoneInfo("UTC")),
            format_date(one.day, "EEEEE d", locale=locale),
            one.kind is not DayKind.WORKING,
        )
        for number, one in enumerate(days)
    ]
    bars = [[DrawnShift(_name(board, one.person), one.from_at, one.to_at) for one in lines[level]] for level in levels]
    return rota_drawing(columns, bars, board.to_at, now)


def _shift_row(one: Shift, zone: str) -> ShiftRow:
    local = ZoneInfo(zone)
    since, until = one.from_at.astimezone(local), one.to_at.astimezone(local)
    return ShiftRow(
        one.level, one.from_at, one.to_at, since.strftime("%Y-%m-%dT%H:%M"), until.strftime("%Y-%m-%dT%H:%M")
    )


def _people(board: Board, zone: str, now: datetime) -> tuple[PersonRow, ...]:
    if board.rota is None:
        return ()
    taken = {one.override.person for one in board.overrides}
    found = []
    for member in board.members:
        if member.id in board.rota.people | taken:
            some = [one for one in board.next_shifts(member.id, MOST_SHIFTS) if one.to_at > now]
            found.append(PersonRow(member.name, tuple(_shift_row(one, zone) for one in some)))
    return tuple(found)


def _overrides(board: Board, may_manage: bool, own: int | None, now: datetime) -> tuple[KeptRow, ...]:
    return tuple(
        KeptRow(
            id=one.id,
            name=board.name_of(one.override.person),
            level=one.override.level,
            from_at=one.override.from_at,
            to_at=one.override.to_at,
            by=one.recorded_by,
            is_imported=one.origin != BY_HAND,
            may_end=may_manage or (one.override.person == own and one.override.from_at > now),
        )
        for one in board.overrides
        if one.override.to_at > now
    )


def _absences(board: Board, may_manage: bool, own: int | None, now: datetime) -> tuple[KeptRow, ...]:
    return tuple(
        KeptRow(
            id=one.id,
            name=board.name_of(one.absence.person),
            level=None,
            from_at=one.absence.from_at,
            to_at=one.absence.to_at,
            by=one.recorded_by,
            is_imported=one.origin != BY_HAND,
            may_end=may_manage or one.absence.person == own,
        )
        for one in board.absences
        if one.absence.to_at > now
    )


def _choices(some: Iterable[Member]) -> tuple[Choice, ...]:
    return tuple(Choice(one.id, one.name) for one in some)
