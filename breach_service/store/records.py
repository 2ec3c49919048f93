"""Facts and instants of an incident: insert-only, a correction is a new row."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select
from sqlmodel import Session

from breach_service.domain.conditions import FactValue, NumberRange, Truth
from breach_service.domain.facts import Fact, Provenance, Scope, ScopeKind, to_json
from breach_service.domain.incident import Instant, InstantKind
from breach_service.store.hot import among
from breach_service.store.tables import FactRow, InstantRow

FACT = FactRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
INSTANT = InstantRow.__table__  # type: ignore[attr-defined]


def record_fact(session: Session, incident_id: int, fact: Fact) -> None:
    """Append one fact."""
    record_facts(session, [(incident_id, fact)])


def record_facts(session: Session, new: Sequence[tuple[int, Fact]]) -> list[Fact]:
    """Append facts of incidents; the facts as they are kept, in the same order."""
    if not new:
        return []
    numbers = session.execute(
        insert(FACT).returning(FACT.c.id, sort_by_parameter_order=True),
        [
            {
                "incident_id": incident_id, "name": fact.name, "value": to_json(fact.value),
                "scope_kind": str(fact.scope.kind), "scope_key": fact.scope.key, "provenance": str(fact.provenance),
                "by": fact.by, "established_at": fact.established_at, "note": fact.note,
            }
            for incident_id, fact in new
        ],
    ).scalars()  # fmt: skip
    return [replace(fact, recorded=number) for number, (_, fact) in zip(numbers, new, strict=True)]


def facts_of(session: Session, incident_id: int) -> tuple[Fact, ...]:
    """Every fact of an incident, oldest first."""
    return tuple(facts_by_incident(session, [incident_id])[incident_id])


def facts_by_incident(session: Session, ids: Collection[int]) -> dict[int, list[Fact]]:
    """Every fact of some incidents, oldest first."""
    found: dict[int, list[Fact]] = {one: [] for one in ids}
    rows = session.execute(select(FACT).where(among(session, FACT.c.incident_id, ids)).order_by(FACT.c.id))
    for row in rows.mappings():
        found[row["incident_id"]].append(
            Fact(
                name=row["name"],
                value=value_from_json(row["value"]),
                scope=Scope(ScopeKind(row["scope_kind"]), row["scope_key"]),
                provenance=Provenance(row["provenance"]),
                by=row["by"],
                established_at=row["established_at"],
                note=row["note"],
                recorded=row["id"],
            )
        )
    return found


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
            is_taken_back=instant.is_taken_back,
        )
    )
    session.flush()


def instants_of(session: Session, incident_id: int) -> tuple[Instant, ...]:
    """Every recorded instant of an incident, oldest record first."""
    return tuple(instants_by_incident(session, [incident_id])[incident_id])


def instants_by_incident(session: Session, ids: Collection[int]) -> dict[int, list[Instant]]:
    """Every recorded instant of some incidents, oldest record first."""
    found: dict[int, list[Instant]] = {one: [] for one in ids}
    rows = session.execute(select(INSTANT).where(among(session, INSTANT.c.incident_id, ids)).order_by(INSTANT.c.id))
    for row in rows.mappings():
        kind = InstantKind(row["kind"])
        found[row["incident_id"]].append(
            Instant(
                kind,
                row["at"],
                row["reason"],
                row["by"],
                row["perimeter"],
                row["id"],
                bool(row["is_taken_back"]),
                row["recorded_at"],
            )
        )
    return found
