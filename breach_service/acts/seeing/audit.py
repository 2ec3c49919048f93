"""The audit trail: write a line, and read the trail."""

from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.domain.access import Act, Actor, AuditKind, Via, sight_of
from breach_service.errors import NotSeen
from breach_service.store import audit
from breach_service.store.audit import AuditEntry, AuditFilter
from breach_service.store.database import Session
from breach_service.store.sight import Visibility

MOST_LINES = 500
"""Lines on a page."""
MOST_EXPORTED = 100_000
"""Lines in a file."""


def note(
    session: Session, actor: Actor, kind: str, what: str, now: datetime, incident_id: int | None = None,
    via: Via | None = None,
) -> None:  # fmt: skip
    """Write one line: `what` names pages, pieces of evidence and accounts by ids and closed words, never by content.

    `via` is told from the actor where it is not given.
    """
    audit.append(session, now, actor.name, actor.person, str(kind), what, str(via or via_of(actor)), incident_id)


def via_of(actor: Actor) -> Via:
    """By which way an actor most likely came."""
    if actor.is_operator:
        return Via.COMMAND
    return Via.PAGE if actor.person is not None else Via.API


def note_if_denied(session: Session, actor: Actor, error: Exception, now: datetime, via: Via | None = None) -> None:
    """Write down that somebody asked for an incident that they do not see; any other error says nothing."""
    if isinstance(error, NotSeen):
        note(session, actor, AuditKind.DENIED, "", now, error.incident_id, via)


@dataclass(frozen=True)
class Trail:
    """What somebody may see of the audit trail."""

    entries: tuple[AuditEntry, ...]
    """Newest first."""
    hidden: int
    """How many lines are about incidents that they do not see."""


def trail(
    session: Session, actor: Actor, wanted: AuditFilter, now: datetime, *, limit: int = MOST_LINES,
    before: int | None = None,
) -> Trail:  # fmt: skip
    """The lines that are wanted; those about an incident that the reader does not see are only counted."""
    authorise(actor, Act.LOOK_AT_AUDIT)
    visibility = Visibility(sight_of(actor), now)
    found = audit.entries(session, wanted, visibility, limit=limit, before=before)
    return Trail(tuple(found), audit.count_hidden(session, visibility))
