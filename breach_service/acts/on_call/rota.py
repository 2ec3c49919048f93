"""Who is on call: set the rota, take over from one another, be away; and the answers that others ask for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from breach_service.acts.authorise import authorise
from breach_service.acts.on_call import rota_files
from breach_service.acts.on_call.rota_board import INSTANT
from breach_service.acts.on_call.rota_board import Board as Board
from breach_service.acts.on_call.rota_board import absences_between as absences_between
from breach_service.acts.on_call.rota_board import absent as absent
from breach_service.acts.on_call.rota_board import board as board
from breach_service.acts.on_call.rota_board import on_call as on_call
from breach_service.acts.on_call.rota_rights import authorise_for, fault_of_member, note
from breach_service.catalog.documents import Document
from breach_service.catalog.faults import did_you_mean
from breach_service.domain import rota as domain
from breach_service.domain.access import Act, Actor, is_allowed
from breach_service.domain.rota import Absence, Level, Override, RotaDocument
from breach_service.errors import N_, InvalidCommand, NotAllowed, NotFound, Sentence, Sentences
from breach_service.store import rota
from breach_service.store.database import Session
from breach_service.store.rota import BY_HAND, Member

LONGEST = timedelta(days=400)
"""Of an absence or an override."""
FARTHEST = timedelta(days=1000)
"""How far ahead one may begin."""
SHOWN_AHEAD = timedelta(weeks=4)


# ---------- the rota as a whole ----------


def set_rota(
    session: Session, actor: Actor, document: RotaDocument, now: datetime, *, written: Document | None = None
) -> None:
    """Put a rota in force from now on; earlier ones are kept. People are given by the addresses of their accounts.

    Raises InvalidCommand with every fault; by line where `written` says where each part stands.
    """
    authorise(actor, Act.MANAGE_ROTA)
    members = rota.members(session)
    faults = list(_faults_of_people(document, members))
    if faults and written is not None:
        raise rota_files.refusal([written.fault(where, said) for where, said in faults])
    if faults:
        raise InvalidCommand(Sentences(*(said for _, said in faults)))
    by_email = {one.email.casefold(): one for one in members}
    numbers = {name: str(by_email[name.casefold()].id) for _, name in document.everybody()}
    stored = domain.as_document(document.with_people(numbers))
    kept = rota.in_force(session, now)
    if kept is not None and kept.document == stored:
        return
    rota.keep(session, stored, actor.name, now)
    note(session, actor, now, "rota_set")


def set_rota_from_text(session: Session, actor: Actor, text: str, now: datetime, path: str = "rota.yaml") -> None:
    """Put the rota of a YAML file in force; InvalidCommand with every fault by line."""
    authorise(actor, Act.MANAGE_ROTA)
    document, written = rota_files.document_in(text, path)
    set_rota(session, actor, document, now, written=written)


def rota_as_text(session: Session, now: datetime) -> str:
    """The rota in force as YAML; NotFound before the first was set."""
    document = board(session, now, now + INSTANT).document
    if document is None:
        raise NotFound(N_("there is no rota yet: set one on the page /rota, or with `breach-service rota set FILE`"))
    return rota_files.text_of(document)


def _faults_of_people(document: RotaDocument, members: Iterable[Member]) -> Iterable[tuple[tuple[str | int, ...], str]]:
    by_email = {one.email.casefold(): one for one in members}
    for where, name in document.everybody():
        member = by_email.get(name.casefold())
        if member is None:
            hint = did_you_mean(name, (one.email for one in by_email.values()))
            yield (
                where,
                (
                    f"there is no account {name}{hint}"
                    if hint
                    else Sentence(N_("there is no account %(name)s: invite the person first"), name=name)
                ),
            )
        elif fault := fault_of_member(member, Level(str(where[0]))):
            yield where, fault


# ---------- taking over ----------


def take_over(
    session: Session, actor: Actor, level: Level, person: int, from_at: datetime, to_at: datetime, now: datetime
) -> int:
    """Put a person on a level for a while: oneself, or anybody where the actor manages the rota; its number."""
    authorise_for(actor, person, Sentence(N_("take a shift yourself, or ask somebody who manages the rota")))
    _check_stretch(from_at, to_at, now)
    _check_member(session, person, level)
    if board(session, now, now + INSTANT).rota is None:
        raise InvalidCommand(N_("there is no rota yet that somebody could take a shift of: set one first"))
    (number,) = rota.add_overrides(session, [(Override(0, level, person, from_at, to_at), BY_HAND)], actor.name, now)
    note(session, actor, now, "shift_taken", level=level, account=person, from_at=from_at, to_at=to_at)
    return number


@dataclass(frozen=True)
class Stretch:
    """A person and a stretch of time in which they are on call."""

    person: int
    from_at: datetime
    to_at: datetime


def swap(session: Session, actor: Actor, level: Level, one: Stretch, other: Stretch, now: datetime) -> None:
    """Let two people exchange shifts of a level; it takes who manages the rota: no colleague puts another on call."""
    authorise(actor, Act.MANAGE_ROTA)
    if one.person == other.person:
        raise InvalidCommand(N_("a swap is between two people: choose another one"))
    if one.from_at < other.to_at and other.from_at < one.to_at:
        raise InvalidCommand(N_("the two shifts overlap: choose stretches that follow one another"))
    for each in (one, other):
        _check_stretch(each.from_at, each.to_at, now)
        found = board(session, each.from_at, each.to_at, as_of=now)
        if found.on_call(max(each.from_at, now)).on(level) != each.person:
            raise InvalidCommand(
                N_("%(name)s is not on call on this level at %(instant)s: choose one of their shifts"),
                name=found.name_of(each.person),
                instant=each.from_at.isoformat(),
            )
    for shift, person in ((one, other.person), (other, one.person)):
        take_over(session, actor, level, person, shift.from_at, shift.to_at, now)


def give_back(session: Session, actor: Actor, number: int, now: datetime) -> None:
    """Take an override back: one's own before it begins, any where the actor manages the rota."""
    held = rota.override(session, number)
    if held is None or held.ended_at is not None or held.override.to_at <= now:
        raise NotFound(N_("there is no override number %(number)s that could be taken back"), number=number)
    is_manager = is_allowed(actor, Act.MANAGE_ROTA)
    if not is_manager and (actor.person != held.override.person or held.override.from_at <= now):
        raise NotAllowed(N_("only who took a shift gives it back, before it begins: ask somebody who manages the rota"))
    if not is_manager:
        authorise(actor, Act.KEEP_OWN_ACCOUNT)
    rota.end_overrides(session, [number], now)
    note(session, actor, now, "shift_given_back", level=held.override.level, account=held.override.person)


# ---------- being away ----------


def add_absence(session: Session, actor: Actor, person: int, from_at: datetime, to_at: datetime, now: datetime) -> int:
    """Note that a person is away: oneself, or anybody where the actor manages the rota; its number."""
    authorise_for(actor, person, Sentence(N_("record your own absences, or ask somebody who manages the rota")))
    _check_stretch(from_at, to_at, now)
    if not any(one.id == person for one in rota.members(session)):
        raise NotFound(N_("there is no account number %(person)s"), person=person)
    (number,) = rota.add_absences(session, [(Absence(person, from_at, to_at), BY_HAND)], actor.name, now)
    note(session, actor, now, "absence_recorded", account=person, from_at=from_at, to_at=to_at)
    return number


def end_absence(session: Session, actor: Actor, number: int, now: datetime) -> None:
    """Take an absence back: one's own, or any where the actor manages the rota."""
    held = rota.absence(session, number)
    if held is None or held.ended_at is not None or held.absence.to_at <= now:
        raise NotFound(N_("there is no absence number %(number)s that could be taken back"), number=number)
    authorise_for(
        actor, held.absence.person, Sentence(N_("take back your own absences, or ask somebody who manages the rota"))
    )
    rota.end_absences(session, [number], now)
    note(session, actor, now, "absence_taken_back", account=held.absence.person)


def _check_stretch(from_at: datetime, to_at: datetime, now: datetime) -> None:
    if to_at <= from_at:
        raise InvalidCommand(N_("the end lies before the beginning: exchange them"))
    if to_at <= now:
        raise InvalidCommand(
            N_("the end (%(instant)s) lies in the past: choose a later one"), instant=to_at.isoformat()
        )
    if to_at - from_at > LONGEST:
        raise InvalidCommand(N_("%(days)s days are the most at once: choose an earlier end"), days=LONGEST.days)
    if from_at - now > FARTHEST:
        raise InvalidCommand(N_("%(instant)s lies too far ahead: check the year"), instant=from_at.isoformat())


def _check_member(session: Session, person: int, level: Level) -> None:
    member = next((one for one in rota.members(session) if one.id == person), None)
    if member is None:
        raise NotFound(N_("there is no account number %(person)s"), person=person)
    if fault := fault_of_member(member, level):
        raise InvalidCommand(fault)
