"""What a calendar says, taken over: the absences of a person, or the shifts of a level.

A second import of the same calendar follows it: events that moved move, cancelled ones are taken back, the rest stays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from breach_service.acts.authorise import authorise
from breach_service.acts.on_call.rota_calendars import CalendarFile, Happening
from breach_service.acts.on_call.rota_rights import authorise_for, fault_of_member, note
from breach_service.domain.access import Act, Actor
from breach_service.domain.rota import Absence, Level, Override
from breach_service.errors import N_, InvalidCommand, NotFound, Sentence, Sentences
from breach_service.store import rota
from breach_service.store.database import Session
from breach_service.store.rota import Member


@dataclass(frozen=True)
class Imported:
    """What an import changed."""

    added: int
    taken_back: int
    kept: int


class _Kept(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def origin(self) -> str: ...


def import_absences(
    session: Session, actor: Actor, person: int, calendar: CalendarFile, now: datetime, *, is_whole: bool = False
) -> Imported:
    """Take the events of a calendar as the absences of a person: one's own, or anybody's who manages the rota.

    `is_whole`: what was imported earlier and stands in the calendar no more is taken back too.
    """
    authorise_for(actor, person, Sentence(N_("import your own calendar, or ask somebody who manages the rota")))
    if not any(one.id == person for one in rota.members(session)):
        raise NotFound(N_("there is no account number %(person)s"), person=person)
    standing = {
        (one.origin, one.absence): one
        for one in rota.imported_absences(session, person)
        if one.absence.to_at > calendar.taken_from and (is_whole or one.origin in calendar.origins)
    }
    wanted = {(one.origin, Absence(person, one.from_at, one.to_at)) for one in calendar.happenings}
    new = [(absence, origin) for origin, absence in sorted(wanted - standing.keys(), key=_by_time)]
    over = _ids(standing[one] for one in standing.keys() - wanted)
    rota.add_absences(session, new, actor.name, now)
    rota.end_absences(session, over, now)
    done = Imported(len(new), len(over), len(wanted) - len(new))
    _note(session, actor, now, "absences_imported", done, account=person)
    return done


def import_shifts(
    session: Session, actor: Actor, level: Level, calendar: CalendarFile, now: datetime, *, is_whole: bool = False
) -> Imported:
    """Take the events of a calendar as shifts of a level, each of the person that it names.

    The person is the only attendee with an account here, else the account whose address or name the title holds.
    Raises InvalidCommand with every event of which that cannot be said.
    """
    authorise(actor, Act.MANAGE_ROTA)
    members = rota.members(session)
    faults: list[str] = []
    wanted: set[tuple[str, Absence]] = set()
    for one in calendar.happenings:
        person, fault = _person_of(one, members, level)
        if fault:
            faults.append(f"{one.from_at.isoformat()}: {fault}")
        else:
            wanted.add((one.origin, Absence(person, one.from_at, one.to_at)))
    faults += _overlaps(sorted(wanted, key=_by_time))
    if faults:
        raise InvalidCommand(Sentences(*(Sentence(N_("nothing was imported:")), *faults[:20])))
    standing = {
        (one.origin, Absence(one.override.person, one.override.from_at, one.override.to_at)): one
        for one in rota.imported_overrides(session, level)
        if one.override.to_at > calendar.taken_from and (is_whole or one.origin in calendar.origins)
    }
    new = sorted(wanted - standing.keys(), key=_by_time)
    over = _ids(standing[one] for one in standing.keys() - wanted)
    shifts = [(Override(0, level, span.person, span.from_at, span.to_at), origin) for origin, span in new]
    rota.add_overrides(session, shifts, actor.name, now)
    rota.end_overrides(session, over, now)
    done = Imported(len(new), len(over), len(wanted) - len(new))
    _note(session, actor, now, "shifts_imported", done, level=level)
    return done


def _person_of(one: Happening, members: Sequence[Member], level: Level) -> tuple[int, str]:
    """Whose shift an event is, or why that cannot be said. The title stays out of the sentence."""
    title = one.title.casefold()
    invited = [member for member in members if member.email.casefold() in one.attendees]
    named = [member for member in members if member.email.casefold() in title or member.name.casefold() in title]
    found = invited if len(invited) == 1 else named or invited
    if not found:
        return 0, "the event names nobody who has an account here: write the name or the address into its title"
    if len(found) > 1:
        names = ", ".join(member.name for member in found)
        return 0, f"the event names several people ({names}): one person is on call at a time on a level"
    return found[0].id, fault_of_member(found[0], level)


def _overlaps(some: Sequence[tuple[str, Absence]]) -> Iterable[str]:
    latest: Absence | None = None
    for _, one in some:
        if latest is not None and one.from_at < latest.to_at and one.person != latest.person:
            yield f"{one.from_at.isoformat()}: two shifts of the same level overlap: correct the calendar"
        latest = one if latest is None or one.to_at > latest.to_at else latest


def _by_time(one: tuple[str, Absence]) -> tuple[datetime, datetime, str]:
    return one[1].from_at, one[1].to_at, one[0]


def _ids(some: Iterable[_Kept]) -> list[int]:
    return sorted(one.id for one in some)


def _note(session: Session, actor: Actor, now: datetime, what: str, done: Imported, **words: object) -> None:
    if done.added or done.taken_back:
        note(session, actor, now, what, added=done.added, taken_back=done.taken_back, **words)
