"""An account of what is stored, read from the database itself, against what was acknowledged."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine, text

from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.sources.understanding import understood
from tests.system.flooding import Body, Ledger

KINDS = {"flood": "json", "hub": "github"}
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def alerts_of(body: Body) -> Counter[tuple[str, str]]:
    """Source and fingerprint of every alert of a body, with how often it is said in it."""
    alerts = understood(source_of(KINDS[body.source]), body.source, Delivery(body.data, {}, "", NOW))
    return Counter((body.source, one.fingerprint) for one in alerts)


def bounds(ledger: Ledger) -> dict[tuple[str, str], tuple[int, int]]:
    """How often each alert must, and may, have been counted: acknowledged, and sent.

    A delivery with an id counts once, however often it was sent.
    """
    found: Counter[tuple[str, str]] = Counter()
    most: Counter[tuple[str, str]] = Counter()
    for body, sent in ledger.sent.items():
        acknowledged = ledger.acknowledged[body]
        if body.source == "hub":
            sent, acknowledged = min(sent, 1), min(acknowledged, 1)
        for alert, times in alerts_of(body).items():
            found[alert] += acknowledged * times
            most[alert] += sent * times
    return {alert: (found[alert], most[alert]) for alert in most}


class Stored:
    """The database of a service, looked at from outside."""

    def __init__(self, running: Any) -> None:
        url = running.environment.get("BREACH_DATABASE_URL", "")
        path = f"sqlite:///{running.environment['BREACH_DATA_DIR']}/breach.sqlite3"
        self._engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://") or path, poolclass=NullPool)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            yield connection

    def number(self, statement: str) -> int:
        """The one number that a statement gives."""
        with self._reading() as connection:
            return int(connection.execute(text(statement)).scalar_one() or 0)

    def counted(self) -> dict[tuple[str, str], int]:
        """How often each alert is counted, by source and fingerprint."""
        statement = (
            "SELECT source.name, alert.fingerprint, sum(alert.count) FROM alert "
            "JOIN source ON source.id = alert.source_id GROUP BY source.name, alert.fingerprint"
        )
        with self._reading() as connection:
            return {(name, fingerprint): int(count) for name, fingerprint, count in connection.execute(text(statement))}

    def is_through(self) -> bool:
        """True once nothing waits: no request, no message, no entry without a seal."""
        waiting = (
            "SELECT count(*) FROM inbox",
            "SELECT count(*) FROM outbox WHERE done_at IS NULL AND given_up_at IS NULL",
            "SELECT count(*) FROM timeline_entry WHERE id NOT IN (SELECT entry_id FROM seal)",
        )
        return not any(map(self.number, waiting))

    def faults(self) -> list[str]:
        """What is missing or there twice, as sentences."""
        return [sentence for sentence, statement in NONE_OF.items() if self.number(statement)]

    def references_said(self) -> Counter[str]:
        """References of the incidents that a reminder was raised about, with how many."""
        statement = "SELECT incident.reference FROM reminder JOIN incident ON incident.id = reminder.incident_id"
        with self._reading() as connection:
            return Counter(connection.execute(text(statement)).scalars())


def _without(table: str, condition: str = "true") -> str:
    return f"SELECT count(*) FROM incident WHERE id NOT IN (SELECT incident_id FROM {table} WHERE {condition})"


def _several(table: str, columns: str, condition: str = "true") -> str:
    return (
        f"SELECT count(*) FROM (SELECT {columns} FROM {table} WHERE {condition} "
        f"GROUP BY {columns} HAVING count(*) > 1) AS several"
    )


NONE_OF = {
    "a request stands in quarantine": "SELECT count(*) FROM quarantine",
    "an incident without obligations": _without("obligation", "incident_id IS NOT NULL"),
    "an obligation twice": _several("obligation", "incident_id, perimeter, regime, recipient"),
    "an incident without the line that it was opened": _without(
        "timeline_entry", "kind = 'opened' AND incident_id IS NOT NULL"
    ),
    "a line twice that an incident was opened": _several("timeline_entry", "incident_id", "kind = 'opened'"),
    "an incident without a card": _without("card"),
    "a card twice": _several("card", "incident_id, channel"),
    "an incident without a message": _without("outbox", "kind = 'card' AND incident_id IS NOT NULL"),
    "a message that nobody took": "SELECT count(*) FROM outbox WHERE given_up_at IS NOT NULL",
    "a reminder without its message": "SELECT count(*) FROM reminder WHERE NOT EXISTS (SELECT 1 FROM outbox "
    "WHERE outbox.kind = 'reminder' AND outbox.incident_id = reminder.incident_id AND done_at IS NOT NULL)",
    "more reminders or fewer than lines about them": "SELECT abs((SELECT count(*) FROM reminder) - "
    "(SELECT count(*) FROM timeline_entry WHERE kind = 'reminded'))",
    "a line without its seal, or a seal too many": "SELECT abs((SELECT count(*) FROM seal) - "
    "(SELECT count(*) FROM timeline_entry))",
    "a line without its words": "SELECT count(*) FROM timeline_entry "
    "WHERE id NOT IN (SELECT entry_id FROM timeline_detail)",
    "two incidents of one machine": _several("incident", "group_key"),
    "an alert counted in an incident that has it not": "SELECT count(*) FROM incident WHERE alerts <> (SELECT "
    "sum(count) FROM alert WHERE incident_id = incident.id AND why_here <> 'names_incident')",
}
"""Sentences about a database, each with what must be none."""
