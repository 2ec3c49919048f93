"""Exercises: begun, what has arrived in them, ended."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from breach_service.domain.drills import Drill, Scenario
from breach_service.errors import N_, NotFound
from breach_service.store import incidents
from breach_service.store.drill_tables import DrillInjectRow, DrillRow
from breach_service.store.sight import FULL, Visibility
from breach_service.store.tables import IncidentRow


def begin(session: Session, incident_id: int, scenario: Scenario, now: datetime) -> None:
    """Keep that an incident is an exercise of this scenario since `now` (UTC)."""
    session.add(DrillRow(incident_id=incident_id, scenario=scenario.model_dump(mode="json"), began_at=now))
    session.flush()


def keep_arrival(session: Session, incident_id: int, inject: str, now: datetime) -> None:
    """Keep that something has arrived; once."""
    session.add(DrillInjectRow(incident_id=incident_id, inject=inject, at=now))
    session.flush()


def end(session: Session, incident_id: int, now: datetime) -> None:
    """Keep that an exercise is over."""
    row = session.get(DrillRow, incident_id)
    if row is not None and row.ended_at is None:
        row.ended_at = now
        session.add(row)
        session.flush()


def one(session: Session, reference: str, visibility: Visibility = FULL) -> Drill:
    """The exercise of a reference; NotFound where there is none, where it is not seen, and where it is no exercise."""
    row = incidents.row_of(session, reference, visibility)
    found = _read(session, [col(DrillRow.incident_id) == row.id], visibility, 1)
    if not found:
        raise NotFound(N_("%(reference)s is no exercise"), reference=row.reference)
    return found[0]


def newest(session: Session, visibility: Visibility = FULL, limit: int = 100) -> list[Drill]:
    """The exercises that are seen, those that run first, then the latest begun."""
    return _read(session, [], visibility, limit)


def running(session: Session) -> list[Drill]:
    """All exercises that run, for the worker."""
    return _read(session, [col(DrillRow.ended_at).is_(None)], FULL, 1000)


def _read(
    session: Session, conditions: Sequence[ColumnElement[bool]], visibility: Visibility, limit: int
) -> list[Drill]:  # fmt: skip
    rows = session.exec(
        select(DrillRow, IncidentRow)
        .join(IncidentRow, col(IncidentRow.id) == DrillRow.incident_id)
        .where(visibility.incidents, col(IncidentRow.is_drill).is_(True), *conditions)
        .order_by(col(DrillRow.ended_at).is_not(None), col(DrillRow.incident_id).desc())
        .limit(limit)
    ).all()
    arrived: dict[int, set[str]] = {row.incident_id: set() for row, _ in rows}
    for incident_id, inject in session.exec(
        select(DrillInjectRow.incident_id, DrillInjectRow.inject).where(
            col(DrillInjectRow.incident_id).in_(sorted(arrived))
        )
    ):
        arrived[incident_id].add(inject)
    return [
        Drill(
            row.incident_id, incident.reference, Scenario.model_validate(row.scenario), incident.drill_scale,
            row.began_at, row.ended_at, frozenset(arrived[row.incident_id]),
        )
        for row, incident in rows
    ]  # fmt: skip
