"""Silences: kept, found for a slice of alerts, counted; and the past alerts that one is tried on."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import bindparam, case, literal, or_, select, update
from sqlmodel import Session

from breach_service.domain.alert import REAL_STATUSES, Alert, Entity, EntityKind, EntityRole, Severity, Signal
from breach_service.domain.conditions import Lines
from breach_service.domain.grouping import PlacementReason
from breach_service.domain.silences import PastAlert, Recurrence, Silence, withheld
from breach_service.store.columns import UtcDateTime
from breach_service.store.incidents import seen_among
from breach_service.store.sight import FULL, Visibility
from breach_service.store.silence_tables import SilenceRow
from breach_service.store.tables import AlertRow, IncidentRow, SourceRow

SILENCE = SilenceRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
ALERT = AlertRow.__table__  # type: ignore[attr-defined]
SOURCE = SourceRow.__table__  # type: ignore[attr-defined]
INCIDENT = IncidentRow.__table__  # type: ignore[attr-defined]
_LINES: TypeAdapter[Lines] = TypeAdapter(Lines)


def lines_as_json(lines: Lines) -> dict[str, Any]:
    """Conditions as they are stored and as the API shows them."""
    found: dict[str, Any] = _LINES.dump_python(lines, mode="json", by_alias=True, exclude_none=True)
    return found


@lru_cache(maxsize=500)
def _lines_in(text: str) -> Lines:
    return _LINES.validate_json(text)


def add(session: Session, silence: Silence) -> int:
    """Insert a silence; its id."""
    row = SilenceRow(
        owner=silence.owner,
        reason=silence.reason,
        starts_at=silence.starts_at,
        ends_at=silence.ends_at,
        conditions=lines_as_json(silence.when),
        scanners=list(silence.scanners),
        recurrence=_stored(silence.recurrence) if silence.recurrence else None,
        created_by=silence.created_by,
        created_at=silence.created_at or silence.starts_at,
        incident_id=silence.incident,
    )
    session.add(row)
    session.flush()
    assert row.id is not None  # noqa: S101  # given by the flush
    return row.id


def _stored(one: Recurrence) -> dict[str, Any]:
    since, until = one.since.isoformat("minutes"), one.until.isoformat("minutes")
    return {"weekdays": sorted(one.weekdays), "since": since, "until": until, "zone": one.zone}


def _recurrence_in(stored: Mapping[str, Any] | None) -> Recurrence | None:
    if not stored:
        return None
    since, until = time.fromisoformat(stored["since"]), time.fromisoformat(stored["until"])
    return Recurrence(frozenset(stored["weekdays"]), since, until, stored["zone"])


def _silence(row: Any) -> Silence:
    return Silence(
        id=row.id,
        owner=row.owner,
        reason=row.reason,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        when=_lines_in(json.dumps(row.conditions)),
        scanners=tuple(row.scanners),
        recurrence=_recurrence_in(row.recurrence),
        created_by=row.created_by,
        created_at=row.created_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        silenced=row.silenced,
        last_silenced_at=row.last_silenced_at,
        incident=row.incident_id,
    )


_SILENCES = select(*SILENCE.c)
_BETWEEN = _SILENCES.where(
    SILENCE.c.ends_at > bindparam("first"), SILENCE.c.starts_at <= bindparam("last"),
    or_(SILENCE.c.ended_at.is_(None), SILENCE.c.ended_at > bindparam("first")),
).order_by(SILENCE.c.id)  # fmt: skip
"""Built once: it is asked for with every slice of alerts."""


def between(session: Session, first: datetime, last: datetime) -> list[Silence]:
    """The silences that were in force at some instant between two, both included; oldest first."""
    return [_silence(row) for row in session.execute(_BETWEEN, {"first": first, "last": last})]


def newest(session: Session, limit: int = 200, visibility: Visibility = FULL) -> list[Silence]:
    """Silences, newest first; those that are over stay. Withheld where they tell of an incident that is not seen."""
    found = [_silence(row) for row in session.execute(_SILENCES.order_by(SILENCE.c.id.desc()).limit(limit))]
    seen = seen_among(session, {one.incident for one in found if one.incident is not None}, visibility)
    return [one if one.incident is None or one.incident in seen else withheld(one) for one in found]


def by_id(session: Session, number: int) -> Silence | None:
    """One silence."""
    row = session.execute(_SILENCES.where(SILENCE.c.id == number)).one_or_none()
    return _silence(row) if row is not None else None


def by_ids(session: Session, numbers: Iterable[int]) -> dict[int, Silence]:
    """Some silences by id; one that does not exist is left out."""
    wanted = sorted(set(numbers))
    if not wanted:
        return {}
    return {row.id: _silence(row) for row in session.execute(_SILENCES.where(SILENCE.c.id.in_(wanted)))}


def end(session: Session, number: int, by: str, now: datetime) -> None:
    """Note that a person ended a silence."""
    session.execute(update(SILENCE).where(SILENCE.c.id == number).values(ended_at=now, ended_by=by))


def count(session: Session, silenced: Mapping[int, tuple[int, datetime]]) -> None:
    """Count what silences silenced: how many more by id, and when the last one was seen."""
    for number, (more, last_at) in sorted(silenced.items()):
        held, new = SILENCE.c.last_silenced_at, literal(last_at, UtcDateTime())
        session.execute(
            update(SILENCE)
            .where(SILENCE.c.id == number)
            .values(silenced=SILENCE.c.silenced + more, last_silenced_at=case((held > new, held), else_=new))
        )


def incidents_with_silenced(session: Session, incidents: Iterable[int]) -> set[int]:
    """Those of some incidents in which an alert stands that is silenced."""
    wanted = sorted(set(incidents))
    if not wanted:
        return set()
    of_some = (ALERT.c.incident_id.in_(wanted), ALERT.c.silenced_by.is_not(None))
    return set(session.execute(select(ALERT.c.incident_id).where(*of_some).distinct()).scalars())


def incident_of_alert(session: Session, alert: int) -> int | None:
    """The incident in which an alert stands, or that one went into."""
    return session.execute(select(ALERT.c.incident_id).where(ALERT.c.id == alert)).scalar_one_or_none()


MOST_PAST = 20_000
"""Alerts that a silence is tried on: the newest ones of a flood say enough."""


def past(
    session: Session, since: datetime, limit: int = MOST_PAST, visibility: Visibility = FULL
) -> list[PastAlert]:  # fmt: skip
    """The real alerts that came in at an instant or later, as far as they are seen, newest first."""
    columns = [ALERT.c[name] for name in (
        "title", "signal", "severity", "fingerprint", "occurred_at", "last_seen_at", "count", "entities", "systems",
        "why_here",
    )]  # fmt: skip
    rows = session.execute(
        select(*columns, SOURCE.c.name.label("source"), SOURCE.c.kind, INCIDENT.c.reference)
        .join(SOURCE, SOURCE.c.id == ALERT.c.source_id)
        .join(INCIDENT, INCIDENT.c.id == ALERT.c.incident_id, isouter=True)
        .where(ALERT.c.last_seen_at >= since, ALERT.c.status.in_(sorted(REAL_STATUSES)), visibility.alerts)
        .order_by(ALERT.c.last_seen_at.desc(), ALERT.c.id.desc())
        .limit(limit)
    )
    return [_past(row) for row in rows]


def _past(row: Any) -> PastAlert:
    entities = tuple(
        Entity(EntityKind(kind), value, EntityRole(role[0]) if role and role[0] else None)
        for kind, value, *role in row.entities
    )
    alert = Alert(
        row.source, row.title, Signal(row.signal), row.fingerprint, Severity(row.severity), entities=entities,
        is_own=row.why_here == PlacementReason.NAMES_INCIDENT,
    )  # fmt: skip
    return PastAlert(
        row.source, row.kind, alert, tuple(row.systems), row.count, row.occurred_at, row.last_seen_at, row.reference
    )
