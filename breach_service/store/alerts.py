"""Episodes: the same problem from the same source in one incident, counted instead of multiplied."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, case, cast, delete, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from breach_service.domain.alert import (
    REAL_STATUSES,
    Alert,
    AlertStatus,
    Entity,
    EntityKind,
    EntityRole,
    Severity,
    Signal,
)
from breach_service.domain.grouping import PlacementReason
from breach_service.domain.incident import Episode, IncidentStatus, Silenced
from breach_service.store.hot import Asked, among
from breach_service.store.many_rows import ManyRows
from breach_service.store.sight import FULL, Visibility
from breach_service.store.silence_tables import SilenceRow
from breach_service.store.tables import AlertRow, IncidentRow, SourceRow

ALERT = AlertRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
SHOWN = tuple(column for column in ALERT.c if column is not ALERT.c.sample)
"""Everything of an episode but the raw body, which may be large and is looked at one at a time."""
SILENCE = SilenceRow.__table__  # type: ignore[attr-defined]
OF_SILENCE = (
    SILENCE.c.owner.label("silence_owner"),
    func.coalesce(SILENCE.c.ended_at, SILENCE.c.ends_at).label("silence_until"),
)
IDENTITY = (ALERT.c.source_id, ALERT.c.fingerprint, text("coalesce(incident_id, 0)"), ALERT.c.slot)
"""What makes it one episode: the same problem in the same incident, or observed in the same span of time."""


@dataclass(frozen=True)
class KnownEpisode:
    """Where the same problem stands in an incident."""

    incident_id: int
    last_seen_at: datetime
    status: AlertStatus
    incident_status: IncidentStatus
    closed_at: datetime | None = None
    """When its incident was dismissed or closed."""


def latest_episodes(session: Session, identities: Iterable[tuple[int, str]]) -> dict[tuple[int, str], KnownEpisode]:
    """The newest episode in an incident of each (source, fingerprint) that has one."""
    wanted: dict[int, list[str]] = {}
    for source_id, fingerprint in identities:
        wanted.setdefault(source_id, []).append(fingerprint)
    found: dict[tuple[int, str], KnownEpisode] = {}
    for source_id, fingerprints in wanted.items():
        for row in _IN_INCIDENTS.rows(session, source=source_id, fingerprints=fingerprints):
            held = found.get((source_id, row.fingerprint))
            if held is None or row.last_seen_at >= held.last_seen_at:
                found[source_id, row.fingerprint] = KnownEpisode(
                    row.incident_id,
                    row.last_seen_at,
                    AlertStatus(row.status),
                    IncidentStatus(row.incident_status),
                    row.closed_at,
                )
    return found


_IN_INCIDENTS = Asked(
    lambda among: (
        select(
            ALERT.c.fingerprint, ALERT.c.incident_id, ALERT.c.last_seen_at, ALERT.c.status,
            col(IncidentRow.status).label("incident_status"),
            func.coalesce(IncidentRow.closed_at, IncidentRow.qualified_at).label("closed_at"),
        )
        .join(IncidentRow, IncidentRow.id == ALERT.c.incident_id)
        .where(ALERT.c.source_id == bindparam("source"), among(ALERT.c.fingerprint, "fingerprints"))
        .where(col(IncidentRow.status) != IncidentStatus.MERGED)
    )
)  # fmt: skip


def _upsert(dialect: str) -> Any:
    new = (sqlite if dialect == "sqlite" else postgresql).insert(ALERT)
    is_newer = new.excluded.last_seen_at >= ALERT.c.last_seen_at
    first = case((new.excluded.occurred_at < ALERT.c.occurred_at, new.excluded.occurred_at), else_=ALERT.c.occurred_at)
    return new.on_conflict_do_update(
        index_elements=IDENTITY,
        set_={
            "count": ALERT.c.count + new.excluded.count,
            "occurred_at": first,
            "status": case((is_newer, new.excluded.status), else_=ALERT.c.status),
            "last_seen_at": case((is_newer, new.excluded.last_seen_at), else_=ALERT.c.last_seen_at),
            "minutes": ALERT.c.minutes.op("|")(new.excluded.minutes),
            "silenced_by": case((is_newer, new.excluded.silenced_by), else_=ALERT.c.silenced_by),
        },
    )


_UPSERT = ManyRows(_upsert)


def keep_episodes(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Insert episodes, or count up those that are there: every column but the id."""
    _UPSERT.run(session.connection(), rows)


@dataclass(frozen=True)
class Moved:
    """An episode that came into an incident after it was stored."""

    incident_id: int
    signal: Signal
    count: int
    systems: tuple[str, ...]
    occurred_at: datetime
    last_seen_at: datetime


def adopt(session: Session, claims: Mapping[int, tuple[int, int]]) -> list[Moved]:
    """Move observed episodes, by id, into the incident that claims them, with the rank of the claim.

    Where the same problem stands there already, it counts up instead.
    """
    moved = []
    for row_id, (incident_id, rank) in sorted(claims.items()):
        row: Any = session.execute(select(*SHOWN).where(ALERT.c.id == row_id)).one()
        slot = 0 if rank == 0 else row.slot
        twin = _twin(session, row, incident_id, slot)
        if twin is not None:
            _fold_into(session, twin, row)
        else:
            values = {"incident_id": incident_id, "slot": slot, "claim_rank": rank}
            why = PlacementReason.OBSERVED_BEFORE if row.incident_id is None else PlacementReason.SAME_KEY
            session.execute(update(ALERT).where(ALERT.c.id == row_id).values(why_here=why, **values))
        moved.append(
            Moved(incident_id, Signal(row.signal), row.count, tuple(row.systems), row.occurred_at, row.last_seen_at)
        )
    return moved


def move_all(session: Session, loser: int, winner: int) -> None:
    """Move every episode of one incident to another; what stands in both is counted together."""
    rows = session.execute(select(*SHOWN).where(ALERT.c.incident_id == loser)).all()
    for row in rows:
        twin = _twin(session, row, winner, row.slot)
        if twin is not None:
            _fold_into(session, twin, row)
    session.execute(update(ALERT).where(ALERT.c.incident_id == loser).values(incident_id=winner))


def _twin(session: Session, row: Any, incident_id: int, slot: int) -> Any | None:
    return session.execute(
        select(*SHOWN).where(
            ALERT.c.source_id == row.source_id, ALERT.c.fingerprint == row.fingerprint,
            ALERT.c.incident_id == incident_id, ALERT.c.slot == slot, ALERT.c.id != row.id,
        )
    ).first()  # fmt: skip


def _fold_into(session: Session, twin: Any, row: Any) -> None:
    """Count one episode up by another, which goes."""
    newer = row if row.last_seen_at >= twin.last_seen_at else twin
    session.execute(
        update(ALERT).where(ALERT.c.id == twin.id).values(
            count=twin.count + row.count, occurred_at=min(row.occurred_at, twin.occurred_at),
            last_seen_at=newer.last_seen_at, status=newer.status, minutes=row.minutes | twin.minutes,
        )
    )  # fmt: skip
    session.execute(delete(ALERT).where(ALERT.c.id == row.id))


@dataclass(frozen=True)
class Total:
    """The episodes of one signal in one incident, summed up."""

    signal: Signal
    count: int
    is_firing: bool
    """True where at least one of them is."""


def totals_of(session: Session, incident_id: int) -> tuple[Total, ...]:
    """What an incident counts, by signal; the service's own alerts about it are no part of it."""
    return tuple(totals_by_incident(session, [incident_id])[incident_id])


def totals_by_incident(session: Session, ids: Collection[int]) -> dict[int, list[Total]]:
    """What incidents count, by signal; the service's own alerts about them are no part of it."""
    found: dict[int, list[Total]] = {one: [] for one in ids}
    is_firing = func.max(case((ALERT.c.status == AlertStatus.FIRING, 1), else_=0))
    rows = session.execute(
        select(
            ALERT.c.incident_id, ALERT.c.signal, func.sum(ALERT.c.count).label("alerts"), is_firing.label("is_firing")
        )
        .where(among(session, ALERT.c.incident_id, ids), ALERT.c.why_here != PlacementReason.NAMES_INCIDENT)
        .group_by(ALERT.c.incident_id, ALERT.c.signal)
    )
    for row in rows:
        found[row.incident_id].append(Total(Signal(row.signal), int(row.alerts), bool(row.is_firing)))
    return found


def episodes_of(session: Session, incident_id: int) -> tuple[Episode, ...]:
    """The episodes of one incident, by the instant of their first alert."""
    return listed(session, ALERT.c.incident_id == incident_id)


def one(session: Session, number: int, visibility: Visibility = FULL) -> Episode | None:
    """One episode by its id; None where it is not seen."""
    return next(iter(listed(session, ALERT.c.id == number, visibility.alerts)), None)


def listed(session: Session, *conditions: Any, limit: int | None = None) -> tuple[Episode, ...]:
    """Episodes that meet the conditions, by the instant of their first alert."""
    rows = session.execute(
        select(*SHOWN, *OF_SILENCE, SourceRow.name.label("source"))  # type: ignore[attr-defined]
        .join(SourceRow, SourceRow.id == ALERT.c.source_id)
        .join(SILENCE, SILENCE.c.id == ALERT.c.silenced_by, isouter=True)
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
        link_key=row.link_key,
        silenced=Silenced(row.silenced_by, row.silence_owner, row.silence_until) if row.silence_owner else None,
    )


def _entity(kind: str, value: str, role: str | None = None) -> Entity:
    return Entity(EntityKind(kind), value, EntityRole(role) if role else None)


def facts_said(session: Session, ids: Collection[int]) -> dict[int, list[Mapping[str, str]]]:
    """What the alerts of incidents speak for by themselves, each different saying once; only of those that have any."""
    found: dict[int, list[Mapping[str, str]]] = {}
    said = cast(ALERT.c.facts, String)
    rows = session.execute(
        select(ALERT.c.incident_id, said).where(among(session, ALERT.c.incident_id, ids), said != "{}").distinct()
    )
    for incident_id, one in sorted(map(tuple, rows)):
        found.setdefault(incident_id, []).append(json.loads(one))
    return found


def newest_sample(session: Session, source_id: int, visibility: Visibility = FULL) -> bytes | None:
    """The sealed request of the newest episode of a sender that kept one and is seen (`inbox.opened` opens it)."""
    found: bytes | None = session.execute(
        select(ALERT.c.sample)
        .where(ALERT.c.source_id == source_id, ALERT.c.sample.is_not(None), visibility.alerts)
        .order_by(ALERT.c.id.desc())
        .limit(1)
    ).scalar()
    return found


@dataclass(frozen=True)
class ListedAlert:
    """An episode with the reference of its incident, for the API."""

    episode: Episode
    incident: str | None


def newest(
    session: Session, source: str | None, limit: int, before: int | None, visibility: Visibility = FULL
) -> Sequence[ListedAlert]:
    """Episodes that are seen, newest row first, by source; page on with the smallest id of the page before."""
    conditions: list[Any] = [visibility.alerts, *([SourceRow.name == source] if source else [])]
    if before is not None:
        conditions.append(ALERT.c.id < before)
    rows = session.execute(
        select(
            *SHOWN, *OF_SILENCE, SourceRow.name.label("source"), col(IncidentRow.reference)  # type: ignore[attr-defined]
        )
        .join(SourceRow, SourceRow.id == ALERT.c.source_id)
        .join(IncidentRow, IncidentRow.id == ALERT.c.incident_id, isouter=True)
        .join(SILENCE, SILENCE.c.id == ALERT.c.silenced_by, isouter=True)
        .where(*conditions)
        .order_by(ALERT.c.id.desc())
        .limit(limit)
    ).all()  # fmt: skip
    return [ListedAlert(_episode(row), row.reference) for row in rows]


@dataclass(frozen=True)
class Span:
    """When an episode went on, and where it stands."""

    incident_id: int | None
    first_at: datetime
    last_at: datetime


def spans(session: Session) -> dict[tuple[str, str], list[Span]]:
    """Every episode by the name of its source and its fingerprint."""
    found: dict[tuple[str, str], list[Span]] = {}
    source = SourceRow.__table__  # type: ignore[attr-defined]
    rows = session.execute(
        select(source.c.name, ALERT.c.fingerprint, ALERT.c.incident_id, ALERT.c.occurred_at, ALERT.c.last_seen_at)
        .join(source, source.c.id == ALERT.c.source_id)
    )  # fmt: skip
    for name, fingerprint, incident_id, first_at, last_at in rows:
        found.setdefault((name, fingerprint), []).append(Span(incident_id, first_at, last_at))
    return found


@dataclass(frozen=True)
class Kept:
    """An episode as grouping can read it again; labels of the sender are not kept."""

    source: str
    kind: str
    fingerprint: str
    alert: Alert
    systems: tuple[str, ...]
    count: int
    first_at: datetime
    last_at: datetime


def kept_since(session: Session, since: datetime, visibility: Visibility = FULL) -> list[Kept]:
    """The real alerts that came in at an instant or later, as far as they are seen."""
    rows = session.execute(
        select(*SHOWN, SourceRow.name.label("source"), SourceRow.kind.label("kind"))  # type: ignore[attr-defined]
        .join(SourceRow, SourceRow.id == ALERT.c.source_id)
        .where(ALERT.c.last_seen_at >= since, ALERT.c.status.in_(sorted(REAL_STATUSES)), visibility.alerts)
        .order_by(ALERT.c.occurred_at)
    ).all()
    return [_kept(row) for row in rows]


def _kept(row: Any) -> Kept:
    alert = Alert(
        row.source, row.title, Signal(row.signal), row.fingerprint, Severity(row.severity),
        occurred_at=row.occurred_at, entities=tuple(_entity(*one) for one in row.entities), facts=row.facts,
        is_own=row.why_here == PlacementReason.NAMES_INCIDENT,
    )  # fmt: skip
    systems = tuple(row.systems)
    return Kept(row.source, row.kind, row.fingerprint, alert, systems, row.count, row.occurred_at, row.last_seen_at)
