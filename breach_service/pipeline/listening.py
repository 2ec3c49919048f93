"""A silent sender is an alarm: heartbeats are noted as they come, and the team hears of a silence, and of its end."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from breach_service.domain.alert import AlertStatus, Signal
from breach_service.domain.heartbeats import Expectation
from breach_service.domain.incident import EntryKind
from breach_service.pipeline.folding import Arrival
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.opening import SERVICE
from breach_service.store import heartbeats, inbox, outbox, timeline
from breach_service.store.database import Session
from breach_service.store.tables import SourceRow

NOTE = "note"
"""Kind of a message to the team that is about no incident."""
TELL_AGAIN_AFTER = timedelta(hours=1)
"""A sender that falls silent and speaks in turn is told of at most this often."""
OWN_BACKLOG = timedelta(minutes=1)
"""While what came in waits for longer, what was heard is not known: the silence may be ours."""


def note_beats(session: Session, arrivals: Iterable[Arrival]) -> None:
    """Write down the heartbeats among what came in; a test, or that it is over, is none."""
    heard: dict[tuple[int, str], list[datetime]] = {}
    for one in arrivals:
        alert = one.alert
        if alert.signal is Signal.HEARTBEAT and alert.status is AlertStatus.FIRING and not one.is_unverified:
            heard.setdefault((one.source_id, alert.fingerprint), []).append(one.received_at)
    if heard:
        heartbeats.note(session, heard)


def watch_silence(session: Session, knowledge: Knowledge, now: datetime) -> None:
    """See which senders fell silent, and which speak again; to be called every few seconds."""
    since = heartbeats.listening_since(session, now)
    _, oldest = inbox.pending(session)
    if oldest is not None and now - oldest > OWN_BACKLOG:
        return
    is_time_to_tell = knowledge.office_hours.hold_at(now)  # at other hours it waits: nobody is woken by it
    for one in heartbeats.expectations(session):
        if one.expectation is not None and one.expectation.is_silent(now, since):
            _silent(session, one.row, one.expectation, now)
        elif one.row.silent_since is not None and one.expectation is None:
            one.row.silent_since = None  # nothing is expected of it any more
            session.add(one.row)
        elif one.row.silent_since is not None and one.expectation is not None and _is_heard(one.expectation, now):
            _speaks(session, one.row, knowledge, now)
        if is_time_to_tell and _is_to_be_told(one.row, now):
            one.row.silence_told_at = now
            session.add(one.row)
            _tell(session, one.row, "silent", knowledge, now)


def _is_heard(expectation: Expectation, now: datetime) -> bool:
    """True where it was really heard: that we just began to listen again ends no silence."""
    return now < expectation.silent_from


def _silent(session: Session, row: SourceRow, expectation: Expectation, now: datetime) -> None:
    if row.silent_since is not None:
        return
    row.silent_since = expectation.heard_at
    session.add(row)
    minutes = str(round(expectation.interval.total_seconds() / 60))
    words = {"note": "source_silent", "source": row.name, "every_minutes": minutes}
    timeline.write_entry(session, None, now, EntryKind.NOTED, SERVICE, words)


def _speaks(session: Session, row: SourceRow, knowledge: Knowledge, now: datetime) -> None:
    """Whoever was told of the silence is told that it is over; where nobody was, nobody is."""
    if _was_told(row):
        _tell(session, row, "speaks", knowledge, now)
    row.silent_since = None
    session.add(row)
    words = {"note": "source_speaks", "source": row.name}
    timeline.write_entry(session, None, now, EntryKind.NOTED, SERVICE, words)


def _is_to_be_told(row: SourceRow, now: datetime) -> bool:
    is_observed = row.observed_until is not None and now < row.observed_until
    if row.silent_since is None or is_observed or _was_told(row):
        return False
    if row.refusing_since is not None:  # that it is refused was told, with the remedy
        return False
    return row.silence_told_at is None or now - row.silence_told_at >= TELL_AGAIN_AFTER


def _was_told(row: SourceRow) -> bool:
    """True where the team heard of the silence that lasts."""
    told, since = row.silence_told_at, row.silent_since
    return told is not None and since is not None and told > since


def _tell(session: Session, row: SourceRow, about: str, knowledge: Knowledge, now: datetime) -> None:
    since = row.silent_since or now
    for channel in knowledge.channels:
        payload = {"about": about, "source": row.name, "what": "", "at": since.isoformat()}
        key = f"note:{channel}:{about}:{row.name}:{since.isoformat()}"
        outbox.enqueue(session, key, NOTE, channel, now, payload=payload)
