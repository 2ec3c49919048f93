"""The tables of what is expected to be heard, of calendar feeds, and of the backups that were made."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON as Json
from sqlalchemy import Column, ForeignKey, String
from sqlmodel import Field, SQLModel

from breach_service.store.columns import UtcDateTime
from breach_service.store.tables import BIG


def _instant(*, nullable: bool = False, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime(), nullable=nullable, index=index))


def _key() -> Any:
    return Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))


class HeartbeatRow(SQLModel, table=True):
    """One heartbeat alert of a sender: when it was heard last, and the newest gaps between two."""

    __tablename__ = "heartbeat"
    source_id: int = Field(sa_column=Column(BIG, ForeignKey("source.id", ondelete="CASCADE"), primary_key=True))
    fingerprint: str = Field(sa_column=Column(String, primary_key=True))
    first_at: datetime = _instant()
    last_at: datetime = _instant()
    gaps: list[int] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    """Whole seconds, the newest last."""


class ListeningRow(SQLModel, table=True):
    """Since when we have been listening without a gap: while we were down nobody could be heard. One row."""

    __tablename__ = "listening"
    id: int = Field(sa_column=Column(BIG, primary_key=True, autoincrement=False))
    since: datetime = _instant()
    seen_at: datetime = _instant()


class CalendarFeedRow(SQLModel, table=True):
    """A calendar of due dates that somebody subscribed to; its address holds the token, the row its hash."""

    __tablename__ = "calendar_feed"
    id: int | None = _key()
    user_id: int = Field(sa_column=Column(BIG, ForeignKey("user_account.id"), nullable=False, index=True))
    token_hash: str = Field(unique=True)
    name: str
    created_at: datetime = _instant()
    last_used_at: datetime | None = _instant(nullable=True)
    revoked_at: datetime | None = _instant(nullable=True)


class BackupRow(SQLModel, table=True):
    """A backup that was made and verified; it is not in itself."""

    __tablename__ = "backup"
    id: int | None = _key()
    at: datetime = _instant(index=True)
    digest: str
    """SHA-256 of the file, hex."""
    size: int = Field(sa_column=Column(BIG, nullable=False))
    """Bytes."""
    seals: int = Field(sa_column=Column(BIG, nullable=False))
    """How many seals of the chronology it holds."""
