"""Letting go of what has been kept long enough, some rows at a time, each found by an index.

Nothing here touches an open incident, its chronology, facts, instants, obligations, filings, seals or deliveries.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, false, func, select, update
from sqlmodel import Session

from breach_service.domain.incident import OPEN_STATUSES, IncidentStatus
from breach_service.store.access_tables import ChallengeRow, OneTimeLinkRow
from breach_service.store.grouping_tables import StrandRow
from breach_service.store.tables import AlertRow, DeliverySeenRow, IncidentRow, QuarantineRow, SessionRow

ALERT = AlertRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
INCIDENT = IncidentRow.__table__  # type: ignore[attr-defined]
QUARANTINE = QuarantineRow.__table__  # type: ignore[attr-defined]
CHALLENGE = ChallengeRow.__table__  # type: ignore[attr-defined]
LINK = OneTimeLinkRow.__table__  # type: ignore[attr-defined]
SESSION = SessionRow.__table__  # type: ignore[attr-defined]
SEEN = DeliverySeenRow.__table__  # type: ignore[attr-defined]
STRAND = StrandRow.__table__  # type: ignore[attr-defined]
ENDED = tuple(sorted(set(IncidentStatus) - OPEN_STATUSES))


def observed_before(before: datetime, most: int) -> Select[Any]:
    """Ids of episodes that stand in no incident and were last seen before an instant."""
    return (
        select(ALERT.c.id)
        .where(ALERT.c.incident_id.is_(None), ALERT.c.last_seen_at < before)
        .order_by(ALERT.c.last_seen_at)
        .limit(most)
    )


def with_bodies_before(before: datetime, most: int) -> Select[Any]:
    """Ids of episodes with a raw body whose incident ended before an instant, and of which nothing came since."""
    return (
        select(ALERT.c.id)
        .join(INCIDENT, INCIDENT.c.id == ALERT.c.incident_id)
        .where(ALERT.c.sample.is_(None) == false(), *_ended_before(before))  # said as the index says it
        .limit(most)
    )


def strands_before(before: datetime, most: int) -> Select[Any]:
    """Ids of strands of incidents that ended before an instant."""
    return (
        select(STRAND.c.id)
        .join(INCIDENT, INCIDENT.c.id == STRAND.c.incident_id)
        .where(*_ended_before(before))
        .limit(most)
    )


def quarantined_before(before: datetime, most: int) -> Select[Any]:
    """Ids of requests in quarantine that came before an instant."""
    return select(QUARANTINE.c.id).where(QUARANTINE.c.received_at < before).limit(most)


def _ended_before(before: datetime) -> tuple[Any, ...]:
    ended_at = func.coalesce(INCIDENT.c.closed_at, INCIDENT.c.qualified_at, INCIDENT.c.last_alert_at)
    return INCIDENT.c.status.in_(ENDED), ended_at < before, INCIDENT.c.last_alert_at < before


def let_go_of_observed(session: Session, before: datetime, most: int) -> int:
    """Delete episodes that opened and joined nothing; how many."""
    return _count(session, delete(ALERT).where(ALERT.c.id.in_(observed_before(before, most))))


def let_go_of_bodies(session: Session, before: datetime, most: int) -> int:
    """Delete the raw bodies of episodes whose incident ended; the episodes stay; how many."""
    ids = with_bodies_before(before, most)
    return _count(session, update(ALERT).where(ALERT.c.id.in_(ids)).values(sample=None))


def let_go_of_quarantined(session: Session, before: datetime, most: int) -> int:
    """Delete requests that nobody could understand; how many."""
    return _count(session, delete(QUARANTINE).where(QUARANTINE.c.id.in_(quarantined_before(before, most))))


def let_go_of_strands(session: Session, before: datetime, most: int) -> int:
    """Delete what kept the alerts of an incident together; how many rows."""
    return _count(session, delete(STRAND).where(STRAND.c.id.in_(strands_before(before, most))))


def let_go_of_deliveries_seen(session: Session, now: datetime, most: int) -> int:
    """Delete the marks of deliveries that nobody sends again; how many."""
    expired = select(SEEN.c.source_id, SEEN.c.key).where(SEEN.c.expires_at <= now).limit(most)
    keys = [(row.source_id, row.key) for row in session.execute(expired)]
    by_source: dict[int, list[str]] = {}
    for source_id, key in keys:
        by_source.setdefault(source_id, []).append(key)
    for source_id, some in by_source.items():
        session.execute(delete(SEEN).where(SEEN.c.source_id == source_id, SEEN.c.key.in_(some)))
    return len(keys)


def let_go_of_sessions(session: Session, before: datetime, most: int) -> int:
    """Delete sessions that ended before an instant: they say when and how somebody was here; how many."""
    ended = select(SESSION.c.id).where((SESSION.c.expires_at < before) | (SESSION.c.revoked_at < before)).limit(most)
    return _count(session, delete(SESSION).where(SESSION.c.id.in_(ended)))


def let_go_of_challenges(session: Session, now: datetime, most: int) -> int:
    """Delete what was asked of a browser and is awaited no more; how many."""
    ended = select(CHALLENGE.c.id).where(CHALLENGE.c.expires_at <= now).limit(most)
    return _count(session, delete(CHALLENGE).where(CHALLENGE.c.id.in_(ended)))


def let_go_of_links(session: Session, before: datetime, most: int) -> int:
    """Delete links that opened or ended before an instant; how many."""
    ended = select(LINK.c.id).where((LINK.c.expires_at < before) | (LINK.c.used_at < before)).limit(most)
    return _count(session, delete(LINK).where(LINK.c.id.in_(ended)))


def _count(session: Session, statement: Any) -> int:
    return int(session.connection().execute(statement).rowcount)
