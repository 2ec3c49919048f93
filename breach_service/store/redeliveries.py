"""Which deliveries were understood already: the same one sent again is not counted again."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from breach_service.store.database import chunks
from breach_service.store.tables import DeliverySeenRow

SEEN = DeliverySeenRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__


def seen_before(session: Session, keys: Iterable[tuple[int, str]], now: datetime) -> set[tuple[int, str]]:
    """Those of the (source, key) pairs that were understood before and have not expired."""
    by_source: dict[int, list[str]] = {}
    for source_id, key in keys:
        by_source.setdefault(source_id, []).append(key)
    found: set[tuple[int, str]] = set()
    for source_id, wanted in by_source.items():
        for some in chunks(wanted):
            rows = session.execute(
                select(SEEN.c.key).where(SEEN.c.source_id == source_id, SEEN.c.key.in_(some), SEEN.c.expires_at > now)
            )
            found.update((source_id, row.key) for row in rows)
    return found


def remember(session: Session, expires: Mapping[tuple[int, str], datetime]) -> None:
    """Remember deliveries until they expire."""
    if not expires:
        return
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(SEEN)
    statement = insert.on_conflict_do_update(
        index_elements=["source_id", "key"], set_={"expires_at": insert.excluded.expires_at}
    )
    rows = [{"source_id": source, "key": key, "expires_at": at} for (source, key), at in expires.items()]
    session.execute(statement, rows)


def forget_expired(session: Session, now: datetime) -> None:
    """Let go of deliveries that nobody sends again."""
    session.execute(delete(SEEN).where(SEEN.c.expires_at <= now))
