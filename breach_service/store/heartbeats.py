"""What was heard of senders that say that they are alive, and what is expected of each sender."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from breach_service.domain.heartbeats import Beat, Expectation, expectation_of
from breach_service.store.expected_tables import HeartbeatRow, ListeningRow
from breach_service.store.tables import SourceRow

MOST_BEATS = 50
"""Heartbeats of one sender: one that names each of its beats otherwise can never be learned, and fills nothing up."""
LISTENING = 1
GAP = timedelta(minutes=2)
"""So long may pass between two looks; after more we were not listening."""
WRITTEN_EVERY = timedelta(seconds=30)


@dataclass(frozen=True)
class Expected:
    """A sender with what is expected of it."""

    row: SourceRow
    expectation: Expectation | None


def note(session: Session, heard: Mapping[tuple[int, str], Iterable[datetime]]) -> None:
    """Write down heartbeats, by sender and fingerprint, at the instants (UTC) at which they came."""
    for (source_id, fingerprint), instants in heard.items():
        row = session.get(HeartbeatRow, (source_id, fingerprint))
        for at in sorted(instants):
            if row is None:
                _make_room(session, source_id)
                row = HeartbeatRow(source_id=source_id, fingerprint=fingerprint, first_at=at, last_at=at)
                continue
            beat = Beat(row.last_at, tuple(row.gaps)).heard(at)
            row.last_at, row.gaps = beat.last_at, list(beat.gaps)
        if row is not None:
            session.add(row)
    session.flush()


def _make_room(session: Session, source_id: int) -> None:
    """Let go of what was heard longest ago, where there are too many."""
    rows = session.exec(
        select(HeartbeatRow).where(HeartbeatRow.source_id == source_id).order_by(col(HeartbeatRow.last_at).desc())
    ).all()
    for one in rows[MOST_BEATS - 1 :]:
        session.delete(one)


def forget(session: Session, source_id: int) -> None:
    """Forget what was heard of a sender: it is learned anew."""
    session.execute(delete(HeartbeatRow).where(col(HeartbeatRow.source_id) == source_id))


def expectations(session: Session) -> list[Expected]:
    """Every sender that may send, with what is expected of it, by name."""
    beats: dict[int, list[Beat]] = {}
    for beat in session.exec(select(HeartbeatRow)):
        beats.setdefault(beat.source_id, []).append(Beat(beat.last_at, tuple(beat.gaps)))
    rows = session.exec(select(SourceRow).where(col(SourceRow.disabled_at).is_(None)).order_by(SourceRow.name))
    return [
        Expected(row, expectation_of(row.expected_every, beats.get(row.id or 0, ()), row.last_seen_at, row.created_at))
        for row in rows
    ]


def beating(session: Session) -> frozenset[int]:
    """The senders that ever sent a heartbeat, by id."""
    return frozenset(session.exec(select(HeartbeatRow.source_id).distinct()))


def listening_since(session: Session, now: datetime) -> datetime:
    """Since when we have been listening without a gap, and that we are now; to be called every few seconds."""
    row = session.get(ListeningRow, LISTENING)
    if row is None or now - row.seen_at > GAP:
        row = row or ListeningRow(id=LISTENING, since=now, seen_at=now)
        row.since = row.seen_at = now
        session.add(row)
    elif now - row.seen_at >= WRITTEN_EVERY:
        row.seen_at = now
        session.add(row)
    return row.since
