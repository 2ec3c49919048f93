"""Messages to get out: queued in the transaction of what they tell, claimed under a lease, at least once.

A claim is fenced by its number of attempts: a worker that comes back late changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func

from breach_service.store.hot import among
from breach_service.store.tables import CardRow, DeliveryRow, OutboxRow, ReminderRow

OUTBOX = OutboxRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
DELIVERY = DeliveryRow.__table__  # type: ignore[attr-defined]
LEASE = timedelta(seconds=60)
"""Longer than any sending may take; then another worker takes over."""


@dataclass(frozen=True)
class Claim:
    """One message that this worker may send now."""

    id: int
    key: str
    kind: str
    channel: str
    incident_id: int | None
    payload: Mapping[str, Any]
    attempts: int


def enqueue(
    session: Session, key: str, kind: str, channel: str, now: datetime, *, incident_id: int | None = None,
    payload: Mapping[str, Any] | None = None, run_at: datetime | None = None,
) -> None:  # fmt: skip
    """Queue a message, from now or from `run_at` on; the same key is queued once."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(
        dialect.insert(OUTBOX)
        .values(
            key=key, kind=kind, channel=channel, incident_id=incident_id, payload=dict(payload or {}),
            created_at=now, run_at=run_at or now, attempts=0, error="",
        )
        .on_conflict_do_nothing(index_elements=["key"])
    )  # fmt: skip


def cards_under_way(session: Session, kind: str, ids: Iterable[int]) -> frozenset[tuple[int, str]]:
    """Incident and channel of messages of a kind that wait unclaimed: what they show is read when they are sent."""
    found: set[tuple[int, str]] = set()
    rows = session.execute(
        select(OUTBOX.c.incident_id, OUTBOX.c.channel).where(
            among(session, OUTBOX.c.incident_id, set(ids)),
            OUTBOX.c.kind == kind,
            OUTBOX.c.done_at.is_(None),
            OUTBOX.c.given_up_at.is_(None),
            OUTBOX.c.lease_until.is_(None),
        )
    )
    found.update((row.incident_id, row.channel) for row in rows)
    return frozenset(found)


def claim_one(session: Session, now: datetime) -> Claim | None:
    """Claim the message that has waited longest, for `LEASE`; None where there is nothing to send.

    Messages of one kind about one incident go out one at a time: two workers would post its card twice.
    """
    other = OUTBOX.alias()
    is_under_way = select(other.c.id).where(
        other.c.incident_id == OUTBOX.c.incident_id,
        other.c.kind == OUTBOX.c.kind,
        other.c.channel == OUTBOX.c.channel,
        other.c.id != OUTBOX.c.id,
        other.c.lease_until >= now,
    )
    waiting = (
        select(OUTBOX.c.id)
        .where(
            OUTBOX.c.done_at.is_(None),
            OUTBOX.c.given_up_at.is_(None),
            OUTBOX.c.run_at <= now,
            or_(OUTBOX.c.lease_until.is_(None), OUTBOX.c.lease_until < now),
            ~is_under_way.exists(),
        )
        .order_by(OUTBOX.c.run_at, OUTBOX.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found = session.execute(waiting).scalar()
    if found is None:
        return None
    row = session.execute(
        update(OUTBOX)
        .where(OUTBOX.c.id == found)
        .values(lease_until=now + LEASE, attempts=OUTBOX.c.attempts + 1)
        .returning(OUTBOX)
    ).one()
    return Claim(row.id, row.key, row.kind, row.channel, row.incident_id, row.payload, row.attempts)


def finish(session: Session, claim: Claim, now: datetime) -> bool:
    """Note that a message is out; False where another worker has taken over since."""
    return _settle(session, claim, now, "sent", "", done_at=now, lease_until=None, error="")


def put_off(session: Session, claim: Claim, now: datetime, run_at: datetime, reason: str) -> bool:
    """Note that sending failed and when to try again."""
    return _settle(session, claim, now, "failed", reason, run_at=run_at, lease_until=None, error=reason)


def give_up(session: Session, claim: Claim, now: datetime, reason: str) -> bool:
    """Note that a message can never go out; it stays visible."""
    return _settle(session, claim, now, "given_up", reason, given_up_at=now, lease_until=None, error=reason)


def _settle(session: Session, claim: Claim, now: datetime, result: str, reason: str, **values: Any) -> bool:
    changed = session.execute(
        update(OUTBOX).where(OUTBOX.c.id == claim.id, OUTBOX.c.attempts == claim.attempts).values(**values)
    )
    session.execute(
        insert(DeliveryRow).values(outbox_id=claim.id, at=now, channel=claim.channel, result=result, reason=reason)
    )
    return bool(getattr(changed, "rowcount", 0))


def pending(session: Session) -> dict[str, tuple[int, datetime]]:
    """By channel: how many messages wait, and since when the oldest does."""
    rows = session.execute(
        select(OUTBOX.c.channel, func.count(), func.min(OUTBOX.c.created_at))
        .where(OUTBOX.c.done_at.is_(None), OUTBOX.c.given_up_at.is_(None))
        .group_by(OUTBOX.c.channel)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def deliveries(session: Session) -> dict[tuple[str, str, str], int]:
    """How many attempts there were, by channel, result and reason."""
    rows = session.execute(
        select(DELIVERY.c.channel, DELIVERY.c.result, DELIVERY.c.reason, func.count()).group_by(
            DELIVERY.c.channel, DELIVERY.c.result, DELIVERY.c.reason
        )
    )
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def cards_posted(session: Session, ids: Iterable[int]) -> frozenset[tuple[int, str]]:
    """Incident and channel of the cards that stand somewhere already."""
    found: set[tuple[int, str]] = set()
    card = CardRow.__table__  # type: ignore[attr-defined]
    rows = session.execute(
        select(card.c.incident_id, card.c.channel).where(among(session, card.c.incident_id, set(ids)))
    )
    found.update((row[0], row[1]) for row in rows)
    return frozenset(found)


def card_of(session: Session, incident_id: int, channel: str) -> str | None:
    """Where the card of an incident stands in a channel, as the channel names it."""
    return session.execute(
        select(CardRow.external_id).where(CardRow.incident_id == incident_id, CardRow.channel == channel)  # type: ignore[call-overload]
    ).scalar()


def keep_card(session: Session, incident_id: int, channel: str, external_id: str, now: datetime) -> None:
    """Remember where the card stands."""
    row = session.execute(
        select(CardRow).where(col(CardRow.incident_id) == incident_id, col(CardRow.channel) == channel)
    ).scalar() or CardRow(incident_id=incident_id, channel=channel, external_id=external_id, updated_at=now)
    row.external_id, row.updated_at = external_id, now
    session.add(row)


def said(session: Session, incident_id: int) -> frozenset[str]:
    """Keys of the reminders that were raised for an incident."""
    rows = session.execute(select(ReminderRow.key).where(col(ReminderRow.incident_id) == incident_id))  # type: ignore[call-overload]
    return frozenset(row[0] for row in rows)


def remember_said(session: Session, incident_id: int, key: str, now: datetime) -> None:
    """Note that a reminder was raised."""
    session.add(ReminderRow(incident_id=incident_id, key=key, said_at=now))
