"""Who sees an incident: restrict it, open it again, name people, say whom it concerns, who takes whose place."""

from collections.abc import Collection
from datetime import datetime, timedelta

from breach_service.acts.authorise import authorise
from breach_service.acts.rows import id_of, incident_of, need_reason
from breach_service.acts.seeing.audit import via_of
from breach_service.acts.telling import Told, ToldKind, tell_people
from breach_service.domain.access import ALLOWED, Act, Actor, AuditKind, Standing, UserRole
from breach_service.domain.incident import EntryKind
from breach_service.errors import N_, Code, InvalidCommand, NotFound
from breach_service.pipeline import compartments
from breach_service.pipeline.compartments import By
from breach_service.pipeline.judging import enqueue_cards
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import audit, timeline
from breach_service.store import compartments as stored
from breach_service.store.cipher import Cipher
from breach_service.store.compartments import Account
from breach_service.store.database import Session, lock_placing
from breach_service.store.tables import IncidentRow

TOLD_WITHIN = timedelta(days=1)
"""Whoever was named so long ago was told, or has looked."""


def restrict(
    session: Session, actor: Actor, reference: str, named: Collection[int], concerned: Collection[int], reason: str,
    knowledge: Knowledge, now: datetime,
) -> None:  # fmt: skip
    """Close an incident to all but named people; whoever does it is one of them.

    Where nobody is named and no person does it, those in charge are named; those whom it concerns never are.
    """
    row = _row(session, actor, reference, reason, now)
    if row.is_restricted:
        raise InvalidCommand(
            N_("%(reference)s is restricted already: name people, or end that they are named"), reference=row.reference
        )
    known = _known(session)
    for one in named:
        _need_may_see(known, one)
    for one in concerned:
        _need_account(known, one)
    both = sorted(set(named) & set(concerned))
    if both:
        raise InvalidCommand(
            N_("%(name)s cannot be named in an incident that concerns them: name others"), name=known[both[0]].name
        )
    people = {*named, *({actor.person} if actor.person is not None else ())} - set(concerned)
    compartments.restrict(session, row, _by(actor), reason.strip(), now, named=people, concerned=concerned)
    enqueue_cards(session, [id_of(row)], knowledge, now)


def open_again(
    session: Session, actor: Actor, reference: str, reason: str, knowledge: Knowledge, now: datetime
) -> None:  # fmt: skip
    """Let everybody who may look see an incident again, but those whom it concerns."""
    row = _row(session, actor, reference, reason, now)
    if not row.is_restricted:
        raise InvalidCommand(N_("%(reference)s is not restricted"), reference=row.reference)
    compartments.open_again(session, row, _by(actor), reason.strip(), now)
    enqueue_cards(session, [id_of(row)], knowledge, now)


def name_person(
    session: Session, actor: Actor, reference: str, person: int, standing: Standing, reason: str,
    knowledge: Knowledge, now: datetime, until: datetime | None = None,
) -> None:  # fmt: skip
    """Say how somebody stands to an incident: named, concerned, counsel, or inspecting it until a date.

    Saying whom it concerns restricts it: whoever may read it could tell them.
    """
    row = _row(session, actor, reference, reason, now)
    known, shut = _known(session), stored.concerned_in(session, id_of(row), now)
    _need_account(known, person)
    if standing is Standing.CONCERNED:
        if row.is_restricted:
            compartments.shut_out(session, row, [person], _by(actor), reason.strip(), now)
        else:
            restrict(session, actor, reference, (), [person], reason, knowledge, now)
        return
    if person in shut:
        raise InvalidCommand(N_("the incident concerns %(name)s: choose somebody else"), name=known[person].name)
    _need_fitting(known[person], standing, until, now)
    compartments.stand(session, row, [person], standing, _by(actor), reason.strip(), now, until)


def end_standing(
    session: Session, actor: Actor, reference: str, person: int, standing: Standing, reason: str, now: datetime
) -> None:
    """End that somebody is named, concerned, counsel or inspecting; one who is named remains."""
    row = _row(session, actor, reference, reason, now)
    others = {
        one.person
        for one in stored.standings_of(session, id_of(row))
        if one.standing is Standing.NAMED and one.holds(now) and one.person != person
    }
    is_last = not others & set(_known(session))
    if standing is Standing.NAMED and row.is_restricted and is_last:
        raise InvalidCommand(N_("nobody could read the incident any more: name somebody else first, or open it again"))
    if not compartments.end_standing(session, row, person, standing, _by(actor), reason.strip(), now):
        raise InvalidCommand(
            N_("this person is not %(standing)s in %(reference)s"), standing=standing, reference=row.reference
        )


def name_substitute(session: Session, actor: Actor, person: int, substitute: int | None, now: datetime) -> None:
    """Say in advance who takes somebody's place in an incident that concerns them, or when they are away."""
    authorise(actor, Act.NAME_SUBSTITUTE)
    known, everybody = _known(session), stored.addresses(session)
    if person not in everybody:
        raise NotFound(N_("there is no account number %(person)s"), person=person)
    if substitute is not None:
        _need_account(known, substitute)
        if substitute == person:
            raise InvalidCommand(N_("nobody is their own substitute: choose somebody else"))
        if known[substitute].role not in ALLOWED[Act.QUALIFY]:
            raise InvalidCommand(
                N_(
                    "%(name)s (%(role)s) cannot take the place of somebody who judges: choose a data "
                    "protection officer or a decider"
                ),
                name=known[substitute].name,
                role=Code(known[substitute].role),
            )
    lock_placing(session)
    stored.set_substitute(session, person, substitute, actor.name, now)
    names = stored.names_of(session, [person, *([substitute] if substitute is not None else [])])
    words = {"person": names[person], "substitute": names[substitute] if substitute is not None else ""}
    timeline.write_entry(session, None, now, EntryKind.SUBSTITUTE_NAMED, actor.name, words)
    what = f"person:{person} by:{'nobody' if substitute is None else f'person:{substitute}'}"
    audit.append(session, now, actor.name, actor.person, str(AuditKind.SUBSTITUTE), what, str(via_of(actor)))


def tell_named(session: Session, cipher: Cipher, now: datetime) -> None:
    """Tell by mail whoever was named in a restricted incident, each once; the mail holds the reference alone."""
    for line, person, reference in stored.named_since(session, now - TOLD_WITHIN):
        told = Told(ToldKind.NAMED, {"reference": reference}, f"/incidents/{reference}")
        tell_people(session, cipher, [person], told, f"named:{line}", now)


def may_be_told(session: Session, incident_id: int, people: Collection[int], now: datetime) -> set[int]:
    """Those of some people to whom anything may be said about an incident: whom it concerns never is."""
    return set(people) - stored.concerned_in(session, incident_id, now)


def _row(session: Session, actor: Actor, reference: str, reason: str, now: datetime) -> IncidentRow:
    authorise(actor, Act.RESTRICT)
    need_reason(reason)
    lock_placing(session)
    return incident_of(session, reference, actor, now)


def _by(actor: Actor) -> By:
    return By(actor.name, actor.person, via_of(actor))


def _known(session: Session) -> dict[int, Account]:
    return {one.id: one for one in stored.accounts(session)}


def _need_account(known: dict[int, Account], person: int) -> None:
    if person not in known:
        raise InvalidCommand(N_("choose somebody who has an account that is not disabled"))


def _need_may_see(known: dict[int, Account], person: int) -> None:
    _need_account(known, person)
    if known[person].role is UserRole.INSPECTOR:
        raise InvalidCommand(
            N_("%(name)s is an inspector: choose the incident for them until a date instead"), name=known[person].name
        )


def _need_fitting(account: Account, standing: Standing, until: datetime | None, now: datetime) -> None:
    """InvalidCommand where the role of an account does not go with a standing."""
    if standing is Standing.INSPECTING:
        if account.role is not UserRole.INSPECTOR:
            raise InvalidCommand(N_("%(name)s is no inspector: name them instead"), name=account.name)
        if until is None or until <= now:
            raise InvalidCommand(N_("an inspection ends: give a date that lies ahead"))
        return
    if until is not None and until <= now:
        raise InvalidCommand(N_("the date lies in the past"))
    _need_may_see({account.id: account}, account.id)
    if standing is Standing.COUNSEL and account.role not in ALLOWED[Act.CONSULT]:
        raise InvalidCommand(
            N_("the role %(role)s does not allow consulting (%(act)s): choose somebody else"),
            role=Code(account.role),
            act=Act.CONSULT,
        )
