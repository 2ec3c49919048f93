"""Public keys of senders, once fetched."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from breach_service.store.tables import SigningKeyRow


@dataclass(frozen=True)
class StoredKey:
    """What stood at an address, and when."""

    key: bytes
    """A certificate (PEM) or a set of keys (JSON)."""
    fetched_at: datetime


def key_at(session: Session, url: str) -> StoredKey | None:
    """What was fetched from an address; None where it never was."""
    row = session.get(SigningKeyRow, url)
    return StoredKey(row.certificate, row.fetched_at) if row else None


def keep(session: Session, url: str, key: bytes, now: datetime) -> None:
    """Keep what stands at an address now."""
    session.merge(SigningKeyRow(url=url, certificate=key, fetched_at=now))
