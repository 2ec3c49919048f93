"""The audit trail: who read or did what; insert-only. No content stands in it, only ids and words of closed lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, or_, select
from sqlmodel import Session

from breach_service.store.access_tables import AuditEntryRow
from breach_service.store.sight import FULL, Visibility
from breach_service.store.tables import IncidentRow

AUDIT = AuditEntryRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
INCIDENT = IncidentRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class AuditEntry:
    """One line of the audit trail. `at` in UTC."""

    id: int
    at: datetime
    actor: str
    person: int | None
    kind: str
    incident: str | None
    """Reference; None where it is about none."""
    what: str
    via: str


@dataclass(frozen=True)
class AuditFilter:
    """Which lines are wanted; what is empty does not matter. `since` is included, `until` is not."""

    person: str = ""
    """A name as it stands in the trail."""
    incident: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None


def append(
    session: Session, at: datetime, actor: str, user_id: int | None, kind: str, what: str, via: str,
    incident_id: int | None = None,
) -> None:  # fmt: skip
    """Write one line."""
    session.execute(
        insert(AUDIT).values(
            at=at, actor=actor, user_id=user_id, kind=kind, incident_id=incident_id, what=what, via=via
        )
    )


def entries(
    session: Session, wanted: AuditFilter, visibility: Visibility = FULL, *, limit: int = 500,
    before: int | None = None,
) -> list[AuditEntry]:  # fmt: skip
    """Lines, newest first, page on with the smallest id of the page before; none about an incident that is not seen."""
    conditions = _conditions(wanted)
    if before is not None:
        conditions.append(AUDIT.c.id < before)
    rows = session.execute(
        select(AUDIT, INCIDENT.c.reference)
        .join(INCIDENT, INCIDENT.c.id == AUDIT.c.incident_id, isouter=True)
        .where(*conditions, _shown(visibility))
        .order_by(AUDIT.c.id.desc())
        .limit(limit)
    )
    return [
        AuditEntry(row.id, row.at, row.actor, row.user_id, row.kind, row.reference, row.what, row.via) for row in rows
    ]


def count_hidden(session: Session, visibility: Visibility) -> int:
    """How many lines are about incidents that are not seen."""
    if visibility.is_full:
        return 0
    query = select(func.count()).select_from(AUDIT.join(INCIDENT, INCIDENT.c.id == AUDIT.c.incident_id))
    return int(session.execute(query.where(~_shown(visibility))).scalar_one())


def people_in(session: Session, visibility: Visibility = FULL) -> Sequence[str]:
    """The names that stand in the lines that are seen, to choose one."""
    query = select(AUDIT.c.actor).join(INCIDENT, INCIDENT.c.id == AUDIT.c.incident_id, isouter=True)
    return list(session.execute(query.where(_shown(visibility)).distinct().order_by(AUDIT.c.actor)).scalars())


def _shown(visibility: Visibility) -> Any:
    return or_(AUDIT.c.incident_id.is_(None), and_(AUDIT.c.incident_id.is_not(None), visibility.incidents))


def _conditions(wanted: AuditFilter) -> list[Any]:
    found: list[Any] = []
    if wanted.person:
        found.append(AUDIT.c.actor == wanted.person)
    if wanted.incident:
        found.append(INCIDENT.c.reference == wanted.incident.strip().upper())
    if wanted.kind:
        found.append(AUDIT.c.kind == wanted.kind)
    if wanted.since is not None:
        found.append(AUDIT.c.at >= wanted.since)
    if wanted.until is not None:
        found.append(AUDIT.c.at < wanted.until)
    return found
