"""Accepted requests, raw and encrypted, from the moment of the answer until their effects are committed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, delete, func, insert, select
from sqlalchemy.engine import Dialect
from sqlmodel import Session

from breach_service.store.cipher import Cipher
from breach_service.store.columns import UtcDateTime
from breach_service.store.hot import among
from breach_service.store.tables import InboxRow, QuarantineRow, SourceRow

INBOX = InboxRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
QUARANTINE = QuarantineRow.__table__  # type: ignore[attr-defined]
_INSTANT = UtcDateTime()
_HEAD = json.JSONEncoder(ensure_ascii=False)


METHOD = ":method"
"""Stands among the headers where the request was no POST."""
TRIAL = ":trial"
"""Stands among the headers of a message that somebody here played in the place of its sender."""


@dataclass(frozen=True)
class Received:
    """One accepted request, opened."""

    id: int
    source_id: int
    received_at: datetime
    headers: Mapping[str, str]
    query: str
    body: bytes
    sealed: bytes = b""
    """The three as they are stored; empty where one of them was changed since."""


def sealed(cipher: Cipher, headers: Mapping[str, str], query: str, body: bytes) -> bytes:
    """Headers, query and body as one encrypted value: a length, the JSON head, the body as it came."""
    head = _HEAD.encode({"headers": dict(headers), "query": query}).encode()
    return cipher.seal(len(head).to_bytes(4, "big") + head + body)


def opened(cipher: Cipher, value: bytes) -> tuple[dict[str, str], str, bytes]:
    """The reverse of `sealed`: headers, query, body."""
    clear = cipher.open(value)
    size = int.from_bytes(clear[:4], "big")
    head = json.loads(clear[4 : 4 + size])
    return head["headers"], head["query"], clear[4 + size :]


def insert_received(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert accepted requests: `source_id`, `received_at`, `sealed`; in as few statements as is wise.

    One statement for many rows costs least. SQLite keeps the values of a statement until it is used again: so there are
    few different ones, and large rows go one by one.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    values = [_values_of(one, connection.dialect) for one in rows]
    first = 0
    while first < len(values):
        size = min(1 << (len(values) - first).bit_length() - 1, MOST_ROWS)
        some = values[first : first + size]
        first += size
        if sum(len(one[2]) for one in some) > MOST_BYTES:
            connection.exec_driver_sql(_insert_of(1, is_sqlite=is_sqlite), some)
        else:
            connection.exec_driver_sql(_insert_of(size, is_sqlite=is_sqlite), tuple(chain.from_iterable(some)))


MOST_ROWS = 64
MOST_BYTES = 512 * 1024
"""Of one statement."""


def _values_of(row: Mapping[str, Any], dialect: Dialect) -> tuple[Any, Any, bytes]:
    at = _INSTANT.process_bind_param(row["received_at"], dialect)
    if not isinstance(row["sealed"], bytes):
        raise TypeError("what is stored of a request is its sealed bytes")
    is_sqlite = dialect.name == "sqlite"
    return row["source_id"], at.isoformat(" ", "microseconds") if at and is_sqlite else at, row["sealed"]


@cache
def _insert_of(rows: int, *, is_sqlite: bool) -> str:
    """The statement for so many rows. Bytes go to PostgreSQL in binary: as text they would be twice as long."""
    row = "(?, ?, ?)" if is_sqlite else "(%s, %s, %b)"
    return f"INSERT INTO inbox (source_id, received_at, sealed) VALUES {', '.join([row] * rows)}"  # noqa: S608


def take(session: Session, cipher: Cipher, limit: int, most_bytes: int | None = None) -> list[Received]:
    """The oldest waiting requests, oldest first, at least one; they stay until `remove` is committed."""
    sizes = session.connection().execute(_SIZES, {"most": limit}).all()
    number = total = 0
    for _, size in sizes:
        total += size
        if number and most_bytes is not None and total > most_bytes:
            break
        number += 1
    rows = session.connection().execute(_OLDEST, {"most": number}).all() if number else ()
    return [
        Received(row.id, row.source_id, row.received_at, *opened(cipher, row.sealed), sealed=row.sealed) for row in rows
    ]


_SIZES = select(INBOX.c.id, func.length(INBOX.c.sealed)).order_by(INBOX.c.id).limit(bindparam("most", type_=Integer))
_OLDEST = select(INBOX).order_by(INBOX.c.id).limit(bindparam("most", type_=Integer))


def remove(session: Session, ids: Sequence[int]) -> None:
    """Remove requests in the transaction of their effects."""
    session.execute(delete(INBOX).where(among(session, INBOX.c.id, ids)))


def pending(session: Session) -> tuple[int, datetime | None]:
    """How many requests wait, and since when the oldest does."""
    row = session.execute(select(func.count(), func.min(INBOX.c.received_at))).one()
    return row[0], row[1]


def backlog(session: Session, limit: int) -> int:
    """How many requests wait; looked up and not counted where they are clearly fewer than `limit`.

    Requests are numbered as they come and removed oldest first. Numbers that were left out, as PostgreSQL does after a
    failure, make the difference of the first and the last too large, never too small.
    """
    first, last = session.execute(select(func.min(INBOX.c.id), func.max(INBOX.c.id))).one()
    span = int(last - first + 1) if last is not None else 0
    if span < limit or session.get_bind().dialect.name == "sqlite":
        return span
    return int(session.execute(select(func.count()).select_from(INBOX)).scalar_one())


def put_in_quarantine(session: Session, received: Received, cipher: Cipher, reason: str) -> None:
    """Keep what could not be understood, with the sentence that says why."""
    value = sealed(cipher, received.headers, received.query, received.body)
    _keep(session, received.source_id, received.received_at, value, reason)


def set_oldest_aside(session: Session, reason: str) -> int:
    """Move the oldest waiting request to quarantine as it is, without opening it; how many there were."""
    row = session.execute(select(INBOX).order_by(INBOX.c.id).limit(1)).first()
    if row is None:
        return 0
    _keep(session, row.source_id, row.received_at, row.sealed, reason)
    remove(session, [row.id])
    return 1


def _keep(session: Session, source_id: int, received_at: datetime, value: bytes, reason: str) -> None:
    session.execute(
        insert(QUARANTINE).values(source_id=source_id, received_at=received_at, reason=reason, sealed=value)
    )
    source = SourceRow.__table__  # type: ignore[attr-defined]
    session.execute(source.update().where(source.c.id == source_id).values(quarantined=source.c.quarantined + 1))


@dataclass(frozen=True)
class Quarantined:
    """A request that could not be understood."""

    id: int
    source: str
    source_id: int
    received_at: datetime
    reason: str
    replayed_at: datetime | None


def quarantined(session: Session, *, limit: int = 200, source: str | None = None) -> list[Quarantined]:
    """The newest requests in quarantine, newest first; of one sender where it is named."""
    conditions: list[Any] = [SourceRow.name == source] if source is not None else []
    rows = session.execute(
        select(QUARANTINE, SourceRow.name.label("source"))  # type: ignore[attr-defined]
        .join(SourceRow, SourceRow.id == QUARANTINE.c.source_id)
        .where(*conditions)
        .order_by(QUARANTINE.c.id.desc())
        .limit(limit)
    ).all()
    return [
        Quarantined(row.id, row.source, row.source_id, row.received_at, row.reason, row.replayed_at) for row in rows
    ]


def waiting_in_quarantine(session: Session) -> dict[int, int]:
    """How many requests stand in quarantine that were not played again, by sender."""
    rows = session.execute(
        select(QUARANTINE.c.source_id, func.count()).where(QUARANTINE.c.replayed_at.is_(None))
        .group_by(QUARANTINE.c.source_id)
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}


def quarantined_body(
    session: Session, cipher: Cipher, item: int
) -> tuple[Quarantined, dict[str, str], str, bytes] | None:
    """One request in quarantine with its headers, query and body; None where there is none of that number."""
    row = session.get(QuarantineRow, item)
    if row is None or row.id is None:
        return None
    source = session.get(SourceRow, row.source_id)
    name = source.name if source else ""
    head = Quarantined(row.id, name, row.source_id, row.received_at, row.reason, row.replayed_at)
    return head, *opened(cipher, row.sealed)


def mark_replayed(session: Session, item: int, now: datetime) -> None:
    """Note that a request in quarantine was played again."""
    session.execute(QUARANTINE.update().where(QUARANTINE.c.id == item).values(replayed_at=now))
