"""Facts and instants of an incident: insert-only, a correction is a new row."""

from datetime import datetime

from sqlmodel import Session, col, select

from breach_service.domain.conditions import FactValue, NumberRange, Truth
from breach_service.domain.facts import Fact, Provenance, Scope, ScopeKind, to_json
from breach_service.domain.incident import Instant, InstantKind
from breach_service.store.tables import FactRow, InstantRow


def record_fact(session: Session, incident_id: int, fact: Fact) -> None:
    """Append one fact."""
    session.add(
        FactRow(
            incident_id=incident_id,
            name=fact.name,
            value=to_json(fact.value),
            scope_kind=fact.scope.kind,
            scope_key=fact.scope.key,
            provenance=fact.provenance,
            by=fact.by,
            established_at=fact.established_at,
            note=fact.note,
        )
    )
    session.flush()


def facts_of(session: Session, incident_id: int) -> tuple[Fact, ...]:
    """Every fact of an incident, oldest first."""
    rows = session.exec(select(FactRow).where(FactRow.incident_id == incident_id).order_by(col(FactRow.id)))
    return tuple(
        Fact(
            name=row.name,
            value=value_from_json(row.value),
            scope=Scope(ScopeKind(row.scope_kind), row.scope_key),
            provenance=Provenance(row.provenance),
            by=row.by,
            established_at=row.established_at,
            note=row.note,
            recorded=row.id or 0,
        )
        for row in rows
    )


def value_from_json(raw: object) -> FactValue:
    """The reverse of `facts.to_json`."""
    match raw:
        case {"at_least": least, "at_most": most}:
            return NumberRange(least, most)
        case list():
            return frozenset(map(str, raw))
        case "yes" | "no" | "unknown":
            return Truth(raw)
        case _:
            return str(raw)


def record_instant(session: Session, incident_id: int, instant: Instant, now: datetime) -> None:
    """Append one instant."""
    session.add(
        InstantRow(
            incident_id=incident_id,
            perimeter=instant.perimeter,
            kind=instant.kind,
            at=instant.at,
            reason=instant.reason,
            by=instant.by,
            recorded_at=now,
        )
    )
    session.flush()


def instants_of(session: Session, incident_id: int) -> tuple[Instant, ...]:
    """Every recorded instant of an incident, oldest record first."""
    rows = session.exec(select(InstantRow).where(InstantRow.incident_id == incident_id).order_by(col(InstantRow.id)))
    return tuple(Instant(InstantKind(row.kind), row.at, row.reason, row.by, row.perimeter, row.id or 0) for row in rows)
