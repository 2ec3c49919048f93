"""Senders: their credentials, when they were last seen, how often they were refused."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, literal, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, select

from breach_service.store.cipher import Cipher
from breach_service.store.columns import UtcDateTime
from breach_service.store.tables import RefusalRow, SourceRow

SOURCE = SourceRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
REFUSAL = RefusalRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class StoredSource:
    """A sender as receiving needs it."""

    id: int
    name: str
    kind: str
    auth: str
    secret_hashes: tuple[str, ...]
    secrets: tuple[bytes, ...]
    header: str | None


@dataclass(frozen=True)
class SourceSummary:
    """A sender as people look at it."""

    name: str
    kind: str
    auth: str
    created_at: datetime
    last_seen_at: datetime | None
    received: int
    quarantined: int
    refused: int
    last_refusal: str
    last_refused_at: datetime | None


def add(session: Session, row: SourceRow) -> int:
    """Insert a sender; its id."""
    session.add(row)
    session.flush()
    assert row.id is not None  # noqa: S101  # given by the flush
    return row.id


def sealed_secret(cipher: Cipher, secret: bytes) -> str:
    """A signing secret as it is stored."""
    return base64.b64encode(cipher.seal(secret)).decode()


def all_active(session: Session, cipher: Cipher) -> dict[str, StoredSource]:
    """Every sender that may send, by name, with its signing secrets opened."""
    rows = session.exec(select(SourceRow).where(SourceRow.disabled_at == None))  # noqa: E711  # SQL
    return {
        row.name: StoredSource(
            id=row.id or 0,
            name=row.name,
            kind=row.kind,
            auth=row.auth,
            secret_hashes=tuple(row.secret_hashes),
            secrets=tuple(cipher.open(base64.b64decode(one)) for one in row.secrets_encrypted),
            header=row.header,
        )
        for row in rows
    }


def named(session: Session, name: str) -> SourceRow | None:
    """The sender of that name."""
    return session.exec(select(SourceRow).where(SourceRow.name == name)).first()


def names_and_kinds(session: Session) -> dict[int, tuple[str, str]]:
    """Name and kind of every sender, by id, disabled ones included."""
    return {row.id or 0: (row.name, row.kind) for row in session.exec(select(SourceRow))}


def seen(session: Session, counts: Mapping[int, int], last_seen_at: Mapping[int, datetime]) -> None:
    """Count what came in, by sender; a body that is played again does not make its sender look silent."""
    for source_id, count in counts.items():
        at = last_seen_at[source_id]
        is_newer = or_(SOURCE.c.last_seen_at.is_(None), SOURCE.c.last_seen_at < at)
        session.execute(
            update(SOURCE)
            .where(SOURCE.c.id == source_id)
            .values(
                received=SOURCE.c.received + count,
                last_seen_at=case((is_newer, literal(at, UtcDateTime())), else_=SOURCE.c.last_seen_at),
            )
        )


def count_refusals(session: Session, refusals: Mapping[tuple[str, str], int], now: datetime) -> None:
    """Add to the refusals by (source, reason); several processes may do so at once."""
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert
    for (source, reason), count in sorted(refusals.items()):
        new = insert(REFUSAL).values(source=source, reason=reason, count=count, last_at=now)
        session.execute(
            new.on_conflict_do_update(
                index_elements=["source", "reason"],
                set_={"count": REFUSAL.c.count + new.excluded.count, "last_at": new.excluded.last_at},
            )
        )


def refusals(session: Session) -> list[RefusalRow]:
    """Every refusal counted so far."""
    return list(session.exec(select(RefusalRow).order_by(RefusalRow.source, RefusalRow.reason)))


def summaries(session: Session) -> list[SourceSummary]:
    """Every sender as people look at it, by name."""
    refused: dict[str, list[RefusalRow]] = {}
    for row in refusals(session):
        refused.setdefault(row.source, []).append(row)
    found = []
    for source in session.exec(select(SourceRow).order_by(SourceRow.name)):
        mine = sorted(refused.get(source.name, []), key=lambda one: one.last_at)
        found.append(
            SourceSummary(
                name=source.name,
                kind=source.kind,
                auth=source.auth,
                created_at=source.created_at,
                last_seen_at=source.last_seen_at,
                received=source.received,
                quarantined=source.quarantined,
                refused=sum(one.count for one in mine),
                last_refusal=mine[-1].reason if mine else "",
                last_refused_at=mine[-1].last_at if mine else None,
            )
        )
    return found
