"""Calendars of due dates that people subscribed to, and the dates that stand in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from breach_service.domain.incident import UNQUALIFIED_STATUSES
from breach_service.store.expected_tables import CalendarFeedRow
from breach_service.store.incidents import OPEN
from breach_service.store.sight import Visibility
from breach_service.store.tables import IncidentRow, ObligationRow, TimelineEntryRow

MOST_DATES = 1_000


@dataclass(frozen=True)
class FeedDate:
    """A date of an incident. Instants in UTC."""

    key: str
    """Opaque and stable."""
    reference: str
    regime: str
    """Empty for the date by which the incident must be qualified."""
    due_at: datetime
    is_provisional: bool
    is_open: bool
    changes: int
    """How many lines the chronology of the incident has: it only grows."""
    changed_at: datetime


def live_by_hash(session: Session, token_hash: str) -> CalendarFeedRow | None:
    """The calendar with that token, unless it was revoked."""
    query = select(CalendarFeedRow).where(CalendarFeedRow.token_hash == token_hash)
    return session.exec(query.where(col(CalendarFeedRow.revoked_at).is_(None))).first()


def live_of(session: Session, user_id: int) -> list[CalendarFeedRow]:
    """The calendars of a person that were not revoked, oldest first."""
    query = select(CalendarFeedRow).where(CalendarFeedRow.user_id == user_id, col(CalendarFeedRow.revoked_at).is_(None))
    return list(session.exec(query.order_by(col(CalendarFeedRow.id))))


def dates(session: Session, visibility: Visibility, closed_since: datetime) -> list[FeedDate]:
    """The dates of the incidents that are seen, drills and observed ones left out; open ones first.

    What is settled stands among them while something happened in its incident since `closed_since`.
    """
    changed = (
        select(
            TimelineEntryRow.incident_id,
            func.count().label("changes"),
            func.max(TimelineEntryRow.at).label("changed_at"),
        )
        .group_by(col(TimelineEntryRow.incident_id))
        .subquery()
    )
    is_open_incident = col(IncidentRow.status).in_(OPEN)
    seen = (
        visibility.incidents,
        col(IncidentRow.is_drill).is_(False),
        col(IncidentRow.is_muted).is_(False),
        is_open_incident | (changed.c.changed_at >= closed_since),
    )
    owed = session.execute(
        select(ObligationRow, IncidentRow, changed.c.changes, changed.c.changed_at)
        .join(IncidentRow, col(IncidentRow.id) == ObligationRow.incident_id)
        .join(changed, changed.c.incident_id == IncidentRow.id)
        .where(col(ObligationRow.due_at).is_not(None), *seen)
        .order_by(col(ObligationRow.due_at).desc())
        .limit(MOST_DATES)
    ).all()
    found = [_owed(*row) for row in owed]
    qualified = session.execute(
        select(IncidentRow, changed.c.changes, changed.c.changed_at)
        .join(changed, changed.c.incident_id == IncidentRow.id)
        .where(*seen)
        .order_by(col(IncidentRow.qualify_by).desc())
        .limit(MOST_DATES)
    ).all()
    return _recent([*found, *(_to_qualify(*row) for row in qualified)], closed_since)


def _owed(row: ObligationRow, incident: IncidentRow, changes: int, changed_at: datetime) -> FeedDate:
    settled = (row.fulfilled_at, row.withdrawn_at, row.not_required_reason)
    is_open = incident.status in OPEN and all(one is None for one in settled)
    assert row.due_at is not None  # noqa: S101  # the query asks for it
    return FeedDate(
        row.public_id, incident.reference, row.regime, row.due_at, row.is_provisional, is_open, changes, changed_at
    )


def _to_qualify(incident: IncidentRow, changes: int, changed_at: datetime) -> FeedDate:
    is_open = incident.status in UNQUALIFIED_STATUSES
    key = f"{incident.reference.lower()}-qualification"
    return FeedDate(
        key, incident.reference, "", incident.qualify_by, is_provisional=False, is_open=is_open, changes=changes,
        changed_at=changed_at,
    )  # fmt: skip


def _recent(found: Iterable[FeedDate], since: datetime) -> list[FeedDate]:
    some = (one for one in found if one.is_open or one.changed_at >= since)
    return sorted(some, key=lambda one: (not one.is_open, one.due_at, one.key))
