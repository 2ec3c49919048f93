"""What acts on an incident have in common: its row, its status, and what every command must say."""

from collections.abc import Mapping
from datetime import datetime

from breach_service.domain.access import Actor, sight_of
from breach_service.domain.incident import OPEN_STATUSES, EntryKind, IncidentStatus
from breach_service.errors import N_, Code, InvalidCommand
from breach_service.store import incidents, timeline
from breach_service.store.database import Session
from breach_service.store.sight import Visibility
from breach_service.store.tables import IncidentRow


def incident_of(session: Session, reference: str, actor: Actor, now: datetime) -> IncidentRow:
    """The row of an incident that the actor sees; NotFound in the same words where there is none and where it is not.

    Where it is there and not seen the error is NotSeen, which the edge writes into the audit trail.
    """
    return incidents.row_of(session, reference, visibility_of(actor, now))


def visibility_of(actor: Actor, now: datetime) -> Visibility:
    """What the actor sees now, for reading."""
    return Visibility(sight_of(actor), now)


def open_row(session: Session, reference: str, actor: Actor, now: datetime) -> IncidentRow:
    """The row of an incident that somebody takes up now; InvalidCommand where it is over, NotFound if it is unseen."""
    row = incident_of(session, reference, actor, now)
    need_open(row)
    row.is_muted = False  # somebody took it up: from now on it is told like any other
    row.is_held = True  # and is merged by people only
    session.add(row)
    return row


def need_open(row: IncidentRow) -> None:
    """InvalidCommand where an incident is over."""
    if row.status not in OPEN_STATUSES:
        raise InvalidCommand(
            N_("%(reference)s is %(status)s: nothing can be added to it any more"),
            reference=row.reference,
            status=Code(row.status),
        )


def begin_assessing(session: Session, row: IncidentRow, actor: Actor, now: datetime) -> None:
    """From the first thing that a person records on, an incident is being assessed."""
    if row.status == IncidentStatus.SUSPECTED:
        change_status(session, row, IncidentStatus.ASSESSING, actor, "", now)


def change_status(
    session: Session, row: IncidentRow, status: IncidentStatus, actor: Actor, reason: str, now: datetime,
    more: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Change the status with its line in the chronology; `more` are further words of the line."""
    words = {"from": row.status, "to": str(status), "reason": reason.strip(), **(more or {})}
    row.status = status
    session.add(row)
    session.flush()
    timeline.write_entry(session, id_of(row), now, EntryKind.STATUS_CHANGED, actor.name, words)


def need_reason(reason: str) -> None:
    """InvalidCommand where none is given."""
    if not reason.strip():
        raise InvalidCommand(N_("give the reason: it stands in the chronology and in the register"))


def refuse_future(now: datetime, **instants: datetime | None) -> None:
    """InvalidCommand where an instant lies in the future or has no time zone."""
    for name, at in instants.items():
        if at is None:
            continue
        if at.tzinfo is None:
            raise InvalidCommand(
                N_("%(name)s has no time zone: write it as 2026-11-22T14:05:00+01:00"), name=Code(name)
            )
        if at > now:
            raise InvalidCommand(
                N_("%(name)s lies in the future: %(instant)s"), name=Code(name), instant=at.isoformat()
            )


def id_of(row: IncidentRow) -> int:
    """The id of a stored row."""
    if row.id is None:
        raise InvalidCommand(N_("the incident is not stored yet"))
    return row.id
