"""What is proposed for closing, how incidents ended, and what was dismissed as noise: read, never written here."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select
from sqlmodel import Session

from breach_service.domain.alert import Alert, Entity, EntityKind, EntityRole, Severity, Signal
from breach_service.domain.closing import (
    COUNTED_OVER,
    NOISE,
    SILENT_FOR,
    Closable,
    ClosingReason,
    Ended,
    OpenerKind,
)
from breach_service.domain.conditions import Truth
from breach_service.domain.grouping import PlacementReason
from breach_service.domain.incident import UNQUALIFIED_STATUSES, IncidentStatus, InstantKind
from breach_service.domain.noise import Dismissal
from breach_service.store.hot import among
from breach_service.store.incidents import incident_of
from breach_service.store.sight import FULL, Visibility
from breach_service.store.tables import AlertRow, FilingRow, IncidentRow, InstantRow, ObligationRow, SourceRow

ALERT = AlertRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
INCIDENT = IncidentRow.__table__  # type: ignore[attr-defined]
SOURCE = SourceRow.__table__  # type: ignore[attr-defined]
MOST_CLOSABLE = 200
"""Incidents that are proposed for closing at once; the longest silent come first."""
MOST_DISMISSALS = 500
"""Dismissals that are looked through for equal ones, the newest."""
_AWARE = exists().where(
    InstantRow.__table__.c.incident_id == INCIDENT.c.id,  # type: ignore[attr-defined]
    InstantRow.__table__.c.kind == InstantKind.AWARE_AT,  # type: ignore[attr-defined]
)
_FILED = exists().where(
    FilingRow.__table__.c.obligation_id == ObligationRow.__table__.c.id,  # type: ignore[attr-defined]
    ObligationRow.__table__.c.incident_id == INCIDENT.c.id,  # type: ignore[attr-defined]
)


def closable(session: Session, now: datetime, visibility: Visibility = FULL) -> list[Closable]:
    """The unqualified incidents that are over or silent, as far as they are seen, longest silent first."""
    quiet = or_(INCIDENT.c.has_firing.is_(False), INCIDENT.c.last_alert_at <= now - SILENT_FOR)
    rows = session.execute(
        _closable().where(
            INCIDENT.c.status.in_(sorted(UNQUALIFIED_STATUSES)), quiet, INCIDENT.c.alerts > 0, ~_AWARE,
            INCIDENT.c.is_drill.is_(False), visibility.incidents,
        )
        .order_by(INCIDENT.c.last_alert_at, INCIDENT.c.id)
        .limit(MOST_CLOSABLE)
    )  # fmt: skip
    return [_closable_in(row) for row in rows]


def closable_by_id(session: Session, number: int) -> Closable:
    """One incident that exists."""
    return _closable_in(session.execute(_closable().where(INCIDENT.c.id == number)).one())


def _closable() -> Any:
    return select(IncidentRow, _AWARE.label("is_aware"), _FILED.label("is_filed"))


def _closable_in(row: Any) -> Closable:
    held, is_aware, is_filed = row
    return Closable(incident_of(held), Truth(held.personal_data), bool(is_aware), bool(is_filed))


def ended(session: Session, now: datetime, source: str | None = None) -> list[Ended]:
    """The incidents that alerts opened within `COUNTED_OVER`, of one sender or of all; drills are left out."""
    columns = [INCIDENT.c[name] for name in (
        "opened_by", "opened_by_rule", "opened_by_signal", "patterns", "signals", "status", "closing_reason",
    )]  # fmt: skip
    query = select(*columns).where(
        INCIDENT.c.opened_at > now - COUNTED_OVER,
        INCIDENT.c.is_drill.is_(False),
        ~INCIDENT.c.opened_by.like("person:%"),
    )
    if source is not None:
        query = query.where(INCIDENT.c.opened_by == source)
    return [
        Ended(row.opened_by, _opener(row), IncidentStatus(row.status), _reason(row.closing_reason))
        for row in session.execute(query)
    ]


def _opener(row: Any) -> tuple[OpenerKind, str]:
    """What opened an incident; those from before it was kept say their weightiest signal."""
    if row.opened_by_rule:
        return OpenerKind.RULE, str(row.opened_by_rule)
    if row.patterns:
        return OpenerKind.PATTERN, str(row.patterns[0])
    return OpenerKind.SIGNAL, str(row.opened_by_signal or next(iter(row.signals), ""))


def _reason(word: str) -> ClosingReason | None:
    return ClosingReason(word) if word else None


def dismissals(
    session: Session, now: datetime, source: str | None = None, visibility: Visibility = FULL
) -> list[Dismissal]:  # fmt: skip
    """What was dismissed as noise within `COUNTED_OVER`, with the alert that opened each; newest first."""
    columns = [INCIDENT.c[name] for name in (
        "id", "reference", "status", "closing_reason", "qualified_at", "personal_data",
    )]  # fmt: skip
    query = select(*columns).where(
        INCIDENT.c.closing_reason.in_(sorted(NOISE)), INCIDENT.c.qualified_at > now - COUNTED_OVER,
        INCIDENT.c.is_drill.is_(False), visibility.incidents,
    )  # fmt: skip
    if source is not None:
        query = query.where(INCIDENT.c.opened_by == source)
    rows = session.execute(query.order_by(INCIDENT.c.qualified_at.desc()).limit(MOST_DISMISSALS))
    found = [row for row in rows if row.status == IncidentStatus.DISMISSED]  # asked here: the reason is the index
    openers = _openers(session, [row.id for row in found])
    return [_dismissal(row, openers[row.id]) for row in found if row.id in openers]


def _openers(session: Session, incidents: Iterable[int]) -> dict[int, Any]:
    """The alert that opened each of some incidents, by id of the incident."""
    wanted = set(incidents)
    if not wanted:
        return {}
    columns = [ALERT.c[name] for name in (
        "incident_id", "title", "signal", "severity", "fingerprint", "entities", "systems",
    )]  # fmt: skip
    rows = session.execute(
        select(*columns, SOURCE.c.name.label("source"), SOURCE.c.kind)
        .join(SOURCE, SOURCE.c.id == ALERT.c.source_id)
        .where(among(session, ALERT.c.incident_id, wanted), ALERT.c.why_here == PlacementReason.OPENED_INCIDENT)
        .order_by(ALERT.c.id.desc())
    )
    return {row.incident_id: row for row in rows}


def _dismissal(row: Any, opener: Any) -> Dismissal:
    entities = tuple(
        Entity(EntityKind(kind), value, EntityRole(role[0]) if role and role[0] else None)
        for kind, value, *role in opener.entities
    )
    alert = Alert(
        opener.source, opener.title, Signal(opener.signal), opener.fingerprint, Severity(opener.severity),
        entities=entities,
    )  # fmt: skip
    return Dismissal(
        row.reference, ClosingReason(row.closing_reason), row.qualified_at, Truth(row.personal_data), opener.kind,
        alert, tuple(opener.systems),
    )  # fmt: skip
