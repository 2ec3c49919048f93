"""A person's own calendars of due dates: made, shown once, revoked, read by whoever has the address."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.domain.access import Act, Actor, AuditKind, UserRole, is_allowed
from breach_service.domain.incident import EntryKind
from breach_service.errors import N_, InvalidCommand, NotAllowed, NotFound
from breach_service.store import audit, compartments, feeds, people, timeline
from breach_service.store.database import Session
from breach_service.store.expected_tables import CalendarFeedRow
from breach_service.store.sign_ins import hash_of

MOST_FEEDS = 10
LONGEST_NAME = 100


@dataclass(frozen=True)
class Subscriber:
    """Whom a calendar belongs to, and who they are here now."""

    feed: int
    actor: Actor
    language: str


def make_feed(session: Session, actor: Actor, name: str, now: datetime) -> str:
    """A new calendar of one's own; its token is shown once. InvalidCommand with what is wrong."""
    person = _person(actor)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise InvalidCommand(N_("name the calendar after where it will stand, in at most 100 characters"))
    if len(feeds.live_of(session, person)) >= MOST_FEEDS:
        raise InvalidCommand(N_("you have ten calendars already: revoke one first"))
    token = secrets.token_urlsafe(32)
    session.add(CalendarFeedRow(user_id=person, token_hash=hash_of(token), name=name, created_at=now))
    session.flush()
    _note(session, actor, "calendar_added", now)
    return token


def revoke_feed(session: Session, actor: Actor, number: int, now: datetime) -> None:
    """End a calendar of one's own at once. NotFound where there is none of that number."""
    person = _person(actor)
    row = next((one for one in feeds.live_of(session, person) if one.id == number), None)
    if row is None:
        raise NotFound(N_("you have no such calendar: it may have been revoked already"))
    row.revoked_at = now
    session.add(row)
    _note(session, actor, "calendar_revoked", now)


def own_feeds(session: Session, actor: Actor) -> list[CalendarFeedRow]:
    """One's own calendars."""
    return feeds.live_of(session, _person(actor))


def subscriber_of(session: Session, token: str) -> Subscriber | None:
    """Whom a token stands for; None where it is unknown or revoked, or its person may look at no incident any more.

    They see through it what they see when they are signed in, now.
    """
    row = feeds.live_by_hash(session, hash_of(token))
    person = people.user(session, row.user_id) if row is not None else None
    if row is None or person is None or person.disabled_at is not None:
        return None
    actor = Actor(person.name, UserRole(person.role), person=person.id)
    if not is_allowed(actor, Act.LOOK):
        return None
    return Subscriber(row.id or 0, actor, person.language)


def note_read(session: Session, who: Subscriber, references: frozenset[str], now: datetime) -> None:
    """Note that a calendar was read, and in the audit trail each restricted incident that it showed."""
    row = session.get(CalendarFeedRow, who.feed)
    if row is not None:
        row.last_used_at = now
        session.add(row)
    for number in compartments.restricted_among(session, references):
        kind = str(AuditKind.READ_INCIDENT)
        audit.append(session, now, who.actor.name, who.actor.person, kind, "/calendar/{token}.ics", "page", number)


def _note(session: Session, actor: Actor, note: str, now: datetime) -> None:
    words = {"note": note, "account": str(actor.person)}
    timeline.write_entry(session, None, now, EntryKind.ACCESS_CHANGED, actor.name, words)


def _person(actor: Actor) -> int:
    authorise(actor, Act.KEEP_OWN_ACCOUNT)
    if actor.person is None:
        raise NotAllowed(N_("an account belongs to a person: sign in"))
    return actor.person
