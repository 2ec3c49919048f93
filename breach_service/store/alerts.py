"""Episodes: the same problem from the same source in one incident, counted instead of multiplied."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, case, cast, func, insert, select, update
from sqlmodel import Session, col

from breach_service.domain.alert import REAL_STATUSES, AlertStatus, Entity, EntityKind, EntityRole, Severity, Signal
from breach_service.domain.grouping import PlacementReason
from breach_service.domain.incident import OPEN_STATUSES, Episode
from breach_service.store.database import chunks
from breach_service.store.tables import AlertRow, IncidentRow, SourceRow

ALERT = AlertRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
SHOWN = tuple(column for column in ALERT.c if column is not ALERT.c.sample)
"""Everything of an episode but the raw body, which may be large and is looked at one at a time."""


@dataclass(frozen=True)
class KnownEpisode:
    """What placing needs to know of an episode that exists."""

    id: int
    source_id: int
    fingerprint: str
    incident_id: int | None
    last_seen_at: datetime
    status: AlertStatus
    is_open: bool
    """True where its incident is open, or where it stands in none."""


def latest_episodes(session: Session, identities: Iterable[tuple[int, str]]) -> dict[tuple[int, str], KnownEpisode]:
    """The newest episode of each (source, fingerprint) that exists."""
    wanted: dict[int, list[str]] = {}
    for source_id, fingerprint in identities:
        wanted.setdefault(source_id, []).append(fingerprint)
    found: dict[tuple[int, str], KnownEpisode] = {}
    for source_id, fingerprints in wanted.items():
        for some in chunks(fingerprints):
            for row in _newest_of(session, source_id, some):
                found[source_id, row.fingerprint] = _known(row)
    return found


def _newest_of(session: Session, source_id: int, fingerprints: Sequence[str]) -> Sequence[Any]:
    newest = (
        select(func.max(ALERT.c.id))
        .where(ALERT.c.source_id == source_id, ALERT.c.fingerprint.in_(fingerprints))
        .group_by(ALERT.c.fingerprint)
    )
    return session.execute(
        select(
            ALERT.c.id, ALERT.c.source_id, ALERT.c.fingerprint, ALERT.c.incident_id, ALERT.c.last_seen_at,
            ALERT.c.status, IncidentRow.status.label("incident_status"),  # type: ignore[attr-defined]
        )
        .join(IncidentRow, IncidentRow.id == ALERT.c.incident_id, isouter=True)
        .where(ALERT.c.id.in_(newest))
    ).all()  # fmt: skip


def _known(row: Any) -> KnownEpisode:
    is_open = row.incident_status is None or row.incident_status in OPEN_STATUSES
    return KnownEpisode(
        row.id,
        row.source_id,
        row.fingerprint,
        row.incident_id,
        row.last_seen_at,
        AlertStatus(row.status),
        is_open,
    )


def insert_episodes(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Insert new episodes: every column but the id."""
    if rows:
        session.execute(insert(ALERT), list(rows))


def count_up(session: Session, episode: int, count: int, last_seen_at: datetime, status: AlertStatus) -> None:
    """The same thing said again `count` times, last at `last_seen_at`, with the sender's newest status."""
    session.execute(
        update(ALERT)
        .where(ALERT.c.id == episode)
        .values(count=ALERT.c.count + count, last_seen_at=last_seen_at, status=status)
    )


def adopt(session: Session, incident_id: int, group_key: str, since: datetime, until: datetime) -> frozenset[int]:
    """Move episodes of a key that were observed between two instants into the incident that has just opened; their ids.

    What merely says that a sender is alive or well is left where it is, and so is the alert that opened the incident
    where it had been observed before.
    """
    left_alone = (Signal.HEARTBEAT, Signal.ROUTINE, Signal.OPERATIONS)
    there = ALERT.alias()
    stands_there = select(there.c.id).where(
        there.c.incident_id == incident_id,
        there.c.source_id == ALERT.c.source_id,
        there.c.fingerprint == ALERT.c.fingerprint,
    )
    result = session.execute(
        update(ALERT)
        .where(
            ALERT.c.incident_id.is_(None),
            ALERT.c.group_key == group_key,
            ALERT.c.last_seen_at >= since,
            ALERT.c.occurred_at <= until,
            ALERT.c.signal.not_in(left_alone),
            ALERT.c.status.in_(sorted(REAL_STATUSES)),
            ~stands_there.exists(),
        )
        .values(incident_id=incident_id, why_here=PlacementReason.OBSERVED_BEFORE)
        .returning(ALERT.c.id)
    )
    return frozenset(row.id for row in result)


@dataclass(frozen=True)
class Total:
    """The episodes of one signal in one incident, summed up."""

    signal: Signal
    count: int
    is_firing: bool
    """True where at least one of them is."""


def totals_of(session: Session, incident_id: int) -> tuple[Total, ...]:
    """What an incident counts, by signal; the service's own alerts about it are no part of it."""
    is_firing = func.max(case((ALERT.c.status == AlertStatus.FIRING, 1), else_=0))
    rows = session.execute(
        select(ALERT.c.signal, func.sum(ALERT.c.count).label("alerts"), is_firing.label("is_firing"))
        .where(ALERT.c.incident_id == incident_id, ALERT.c.why_here != PlacementReason.NAMES_INCIDENT)
        .group_by(ALERT.c.signal)
    )
    return tuple(Total(Signal(row.signal), int(row.alerts), bool(row.is_firing)) for row in rows)


def episodes_of(session: Session, incident_id: int) -> tuple[Episode, ...]:
    """The episodes of one incident, by the instant of their first alert."""
    return listed(session, ALERT.c.incident_id == incident_id)


def listed(session: Session, *conditions: Any, limit: int | None = None) -> tuple[Episode, ...]:
    """Episodes that meet the conditions, by the instant of their first alert."""
    rows = session.execute(
        select(*SHOWN, SourceRow.name.label("source"))  # type: ignore[attr-defined]
        .join(SourceRow, SourceRow.id == ALERT.c.source_id)
        .where(*conditions)
        .order_by(ALERT.c.occurred_at, ALERT.c.id)
        .limit(limit)
    ).all()
    return tuple(_episode(row) for row in rows)


def _episode(row: Any) -> Episode:
    return Episode(
        id=row.id,
        source=row.source,
        title=row.title,
        signal=Signal(row.signal),
        severity=Severity(row.severity),
        vendor_severity=row.vendor_severity,
        status=AlertStatus(row.status),
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        last_seen_at=row.last_seen_at,
        count=row.count,
        entities=tuple(_entity(*one) for one in row.entities),
        systems=tuple(row.systems),
        fingerprint=row.fingerprint,
        why_here=row.why_here,
        said_at=row.said_at,
        vendor_reference=row.vendor_reference,
        link=row.link,
        is_unverified=row.is_unverified,
    )


def _entity(kind: str, value: str, role: str | None = None) -> Entity:
    return Entity(EntityKind(kind), value, EntityRole(role) if role else None)


def facts_said(session: Session, incident_id: int) -> tuple[Mapping[str, str], ...]:
    """What the alerts of an incident speak for by themselves, each different saying once."""
    text = cast(ALERT.c.facts, String)
    rows = session.execute(select(text).where(ALERT.c.incident_id == incident_id, text != "{}").distinct())
    return tuple(json.loads(one) for one in sorted(rows.scalars()))


def newest_sample(session: Session, source_id: int) -> bytes | None:
    """The sealed request of the newest episode of a sender that kept one (`inbox.opened` opens it)."""
    found: bytes | None = session.execute(
        select(ALERT.c.sample)
        .where(ALERT.c.source_id == source_id, ALERT.c.sample.is_not(None))
        .order_by(ALERT.c.id.desc())
        .limit(1)
    ).scalar()
    return found


@dataclass(frozen=True)
class ListedAlert:
    """An episode with the reference of its incident, for the API."""

    episode: Episode
    incident: str | None


def newest(session: Session, source: str | None, limit: int, before: int | None) -> Sequence[ListedAlert]:
    """Episodes, newest row first, by source; page on with the smallest id of the page before."""
    conditions: list[Any] = [SourceRow.name == source] if source else []
    if before is not None:
        conditions.append(ALERT.c.id < before)
    rows = session.execute(
        select(
            *SHOWN, SourceRow.name.label("source"), col(IncidentRow.reference)  # type: ignore[attr-defined]
        )
        .join(SourceRow, SourceRow.id == ALERT.c.source_id)
        .join(IncidentRow, IncidentRow.id == ALERT.c.incident_id, isouter=True)
        .where(*conditions)
        .order_by(ALERT.c.id.desc())
        .limit(limit)
    ).all()  # fmt: skip
    return [ListedAlert(_episode(row), row.reference) for row in rows]
