"""Messages to get out: queued in the transaction of what they tell, claimed under a lease, at least once.

A claim is fenced by its number of attempts: a worker that comes back late changes nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func

from breach_service.store.hot import Asked
from breach_service.store.tables import CardRow, DeliveryRow, OutboxRow, ReminderRow

OUTBOX = OutboxRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
DELIVERY = DeliveryRow.__table__  # type: ignore[attr-defined]
CARD = CardRow.__table__  # type: ignore[attr-defined]
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


@dataclass(frozen=True)
class Message:
    """One message to queue, to be sent from `run_at` on; the same key is queued once."""

    key: str
    kind: str
    channel: str
    run_at: datetime
    incident_id: int | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


def enqueue(
    session: Session, key: str, kind: str, channel: str, now: datetime, *, incident_id: int | None = None,
    payload: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Queue a message; the same key is queued once."""
    enqueue_all(session, [Message(key, kind, channel, now, incident_id, payload or {})], now)


def enqueue_all(session: Session, messages: Sequence[Message], now: datetime) -> None:
    """Queue messages; the same key is queued once."""
    if not messages:
        return
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(
        dialect.insert(OUTBOX).on_conflict_do_nothing(index_elements=["key"]),
        [
            {
                "key": one.key, "kind": one.kind, "channel": one.channel, "incident_id": one.incident_id,
                "payload": dict(one.payload), "created_at": now, "run_at": one.run_at, "attempts": 0, "error": "",
            }
            for one in messages
        ],
    )  # fmt: skip


_UNDER_WAY = Asked(
    lambda among: select(OUTBOX.c.incident_id, OUTBOX.c.channel).where(
        among(OUTBOX.c.incident_id, "ids"), OUTBOX.c.kind == bindparam("kind"), OUTBOX.c.done_at.is_(None),
        OUTBOX.c.given_up_at.is_(None), OUTBOX.c.lease_until.is_(None),
    )
)  # fmt: skip


def cards_under_way(session: Session, kind: str, ids: Iterable[int]) -> frozenset[tuple[int, str]]:
    """Incident and channel of messages of a kind that wait unclaimed: what they show is read when they are sent."""
    return frozenset(_UNDER_WAY.tuples(session, kind=kind, ids=set(ids)))


def claim(session: Session, now: datetime, most: int = 1, without: Collection[str] = ()) -> list[Claim]:
    """Claim the messages that have waited longest, at most so many, for `LEASE`; none of the channels `without`.

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
    waiting = session.execute(
        select(OUTBOX.c.id, OUTBOX.c.incident_id, OUTBOX.c.kind, OUTBOX.c.channel)
        .where(
            OUTBOX.c.done_at.is_(None),
            OUTBOX.c.given_up_at.is_(None),
            OUTBOX.c.run_at <= now,
            or_(OUTBOX.c.lease_until.is_(None), OUTBOX.c.lease_until < now),
            OUTBOX.c.channel.not_in(without) if without else true(),
            ~is_under_way.exists(),
        )
        .order_by(OUTBOX.c.run_at, OUTBOX.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    first_of: dict[Any, int] = {}
    for row in waiting:
        about = (row.incident_id, row.kind, row.channel) if row.incident_id is not None else row.id
        first_of.setdefault(about, row.id)
    if not first_of:
        return []
    rows = session.execute(
        update(OUTBOX)
        .where(OUTBOX.c.id.in_(first_of.values()))
        .values(lease_until=now + LEASE, attempts=OUTBOX.c.attempts + 1)
        .returning(OUTBOX)
    ).all()
    return [
        Claim(row.id, row.key, row.kind, row.channel, row.incident_id, row.payload, row.attempts)
        for row in sorted(rows, key=lambda one: (one.run_at, one.id))
    ]


def give_back(session: Session, claims: Iterable[Claim]) -> None:
    """Let go of messages that were claimed and not sent."""
    for one in claims:
        session.execute(
            update(OUTBOX)
            .where(OUTBOX.c.id == one.id, OUTBOX.c.attempts == one.attempts)
            .values(lease_until=None, attempts=one.attempts - 1)
        )


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


_POSTED = Asked(lambda among: select(CARD.c.incident_id, CARD.c.channel).where(among(CARD.c.incident_id, "ids")))


def cards_posted(session: Session, ids: Iterable[int]) -> frozenset[tuple[int, str]]:
    """Incident and channel of the cards that stand somewhere already."""
    return frozenset(_POSTED.tuples(session, ids=set(ids)))


_CARDS = Asked(
    lambda among: select(CARD.c.incident_id, CARD.c.channel, CARD.c.external_id).where(among(CARD.c.incident_id, "ids"))
)


def cards_of(session: Session, ids: Iterable[int]) -> dict[tuple[int, str], str]:
    """Where the cards of incidents stand, by incident and channel, as the channel names it."""
    return {(number, channel): stands_at for number, channel, stands_at in _CARDS.tuples(session, ids=set(ids))}


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
