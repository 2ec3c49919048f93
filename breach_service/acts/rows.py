"""What acts on an incident have in common: its row, its status, and what every command must say."""

from collections.abc import Mapping
from datetime import datetime

from breach_service.domain.access import Actor
from breach_service.domain.incident import OPEN_STATUSES, EntryKind, IncidentStatus
from breach_service.errors import InvalidCommand
from breach_service.store import incidents, timeline
from breach_service.store.database import Session
from breach_service.store.tables import IncidentRow


def open_row(session: Session, reference: str) -> IncidentRow:
    """The row of an incident that somebody takes up now; InvalidCommand where it is over."""
    row = incidents.row_of(session, reference)
    need_open(row)
    row.is_muted = False  # somebody took it up: from now on it is told like any other
    row.is_held = True  # and is merged by people only
    session.add(row)
    return row


def need_open(row: IncidentRow) -> None:
    """InvalidCommand where an incident is over."""
    if row.status not in OPEN_STATUSES:
        raise InvalidCommand(f"{row.reference} is {row.status}: nothing can be added to it any more")


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
        raise InvalidCommand("give the reason: it stands in the chronology and in the register")


def refuse_future(now: datetime, **instants: datetime | None) -> None:
    """InvalidCommand where an instant lies in the future or has no time zone."""
    for name, at in instants.items():
        if at is None:
            continue
        if at.tzinfo is None:
            raise InvalidCommand(f"{name} has no time zone: write it as 2026-11-22T14:05:00+01:00")
        if at > now:
            raise InvalidCommand(f"{name} lies in the future: {at.isoformat()}")


def id_of(row: IncidentRow) -> int:
    """The id of a stored row."""
    if row.id is None:
        raise InvalidCommand("the incident is not stored yet")
    return row.id
