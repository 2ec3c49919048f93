"""Hot statements: what is written and read past SQLAlchemy's own conversions is what SQLAlchemy itself would say."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import select

from breach_service.domain.incident import IncidentStatus
from breach_service.store import alerts, incidents
from breach_service.store.database import Database, Session
from breach_service.store.tables import AlertRow, IncidentRow

AT = datetime(2026, 11, 22, 20, 0, 0, 123456, tzinfo=UTC)
PARIS = timezone(timedelta(hours=1))


def an_episode(source_id: int, **changes: Any) -> dict[str, Any]:
    """Every column but the id."""
    values: dict[str, Any] = {
        "source_id": source_id, "incident_id": None, "fingerprint": "a1", "group_key": "host:web-01", "link_key": "",
        "slot": 5, "minutes": 1 << 59, "claim_rank": 9, "title": "Café « œuvre » 'x' \\ {}", "signal": "scan",
        "severity": "low", "vendor_severity": "", "status": "firing", "occurred_at": AT, "received_at": AT,
        "last_seen_at": AT, "count": 1, "entities": (("host", "web-01", "target"),), "systems": (), "summary": "é\n\t",
        "said_at": None, "vendor_reference": "", "link": "", "facts": {}, "is_unverified": True, "why_here": "linked",
        "silenced_by": None, "sample": b"\x00\xff\\x41",
    }  # fmt: skip
    return values | changes


def stored(database: Database) -> list[AlertRow]:
    with database.reading() as session:
        return list(session.execute(select(AlertRow).order_by(AlertRow.fingerprint)).scalars())  # type: ignore[arg-type]


def keep(database: Database, *rows: dict[str, Any]) -> None:
    database.write(lambda session: alerts.keep_episodes(session, rows))


def test_rows_that_are_written_together_come_back_as_they_were(database: Database, source_id: int) -> None:
    """Texts with quotes and accents, bytes, truth values, instants of any zone, lists and what is not there."""
    local_at = (AT - timedelta(hours=1)).astimezone(PARIS)
    keep(database, an_episode(source_id), an_episode(source_id, fingerprint="b2", said_at=local_at, sample=None))
    first, second = stored(database)
    assert (first.title, first.summary, first.sample) == ("Café « œuvre » 'x' \\ {}", "é\n\t", b"\x00\xff\\x41")
    assert (first.occurred_at, first.said_at, first.is_unverified, first.minutes) == (AT, None, True, 1 << 59)
    assert (first.entities, first.systems, first.facts) == ([["host", "web-01", "target"]], [], {})
    assert (second.said_at, second.sample) == (local_at, None)


def test_a_row_that_is_there_counts_up(database: Database, source_id: int) -> None:
    """The same episode once more is no other row: what is newer replaces, what is counted adds up."""
    keep(database, an_episode(source_id, minutes=1))
    later = AT + timedelta(minutes=3)
    keep(database, an_episode(source_id, count=2, minutes=8, last_seen_at=later, occurred_at=later, status="resolved"))
    (found,) = stored(database)
    assert (found.count, found.minutes, found.status) == (3, 9, "resolved")
    assert (found.occurred_at, found.last_seen_at) == (AT, later)


def test_incidents_are_counted_up_row_by_row(database: Database, incident_id: int) -> None:
    """Each row of an update finds its own incident."""
    later = AT + timedelta(days=1)

    def work(session: Session) -> None:
        rows = [{"number": incident_id, "more": 4, "first_at": AT, "last_at": later}]
        incidents.count_alerts(session, [*rows, {**rows[0], "number": incident_id + 1}])

    database.write(work)
    with database.reading() as session:
        row = session.get(IncidentRow, incident_id)
        assert row is not None
        assert (row.alerts, row.first_alert_at, row.last_alert_at) == (4, AT, later)


def test_what_is_read_is_what_the_rows_of_sqlalchemy_say(database: Database, incident_id: int) -> None:
    """Instants in UTC, truth values as such, lists as tuples."""
    with database.reading() as session:
        row = session.get(IncidentRow, incident_id)
        assert row is not None
        found = incidents.on_board(session, [incident_id], ["nothing"])[incident_id]
        assert (found.detected_at, found.detected_at.tzinfo) == (row.detected_at, UTC)
        assert (found.systems, found.signals, found.status) == ((), (), IncidentStatus.SUSPECTED)
        assert found.has_firing is row.has_firing
        assert found.is_muted is False
        assert incidents.told(session, [incident_id]) == [incident_id]
