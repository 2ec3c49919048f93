"""The tables of what alerts name and the inventory does not know, and of what was answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON as Json
from sqlalchemy import Column, ForeignKey, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from breach_service.store.columns import UtcDateTime
from breach_service.store.tables import BIG


def _instant() -> Any:
    return Field(sa_column=Column(UtcDateTime(), nullable=False))


class AlertLabelsRow(SQLModel, table=True):
    """The labels of an alert that say what runs, where it names nothing else: others are not kept."""

    __tablename__ = "alert_labels"
    alert_id: int = Field(sa_column=Column(BIG, ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True))
    labels: dict[str, str] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))


class UnknownNameRow(SQLModel, table=True):
    """A name that waits for an answer; it goes once there is one."""

    __tablename__ = "unknown_name"
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    kind: str
    value: str
    first_seen_at: datetime = _instant()
    last_seen_at: datetime = _instant()
    episodes: int = Field(default=0, sa_column=Column(BIG, nullable=False))
    """Different problems that name it."""
    alerts: int = Field(default=0, sa_column=Column(BIG, nullable=False))
    """How often they were said, when it was last counted."""
    counted_at: datetime = _instant()
    asked_of: int = Field(default=0, sa_column=Column(BIG, nullable=False))
    """The revision of the inventory that last did not know it."""
    __table_args__ = (
        UniqueConstraint("kind", "value"),
        Index("ix_unknown_name_alerts", "alerts"),
        Index("ix_unknown_name_counted_at", "counted_at"),
        Index("ix_unknown_name_asked_of", "asked_of"),
    )


class UnknownAlertRow(SQLModel, table=True):
    """That an alert uses a name that waits for an answer."""

    __tablename__ = "unknown_alert"
    alert_id: int = Field(sa_column=Column(BIG, ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True))
    name_id: int = Field(sa_column=Column(BIG, ForeignKey("unknown_name.id", ondelete="CASCADE"), primary_key=True))
    __table_args__ = (Index("ix_unknown_alert_name", "name_id", "alert_id"),)


class UnknownAnswerRow(SQLModel, table=True):
    """What was answered of a name, and what came of it; insert-only."""

    __tablename__ = "unknown_answer"
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    by: str
    kind: str
    value: str
    answer: str
    system: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    reason: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    revision: int = Field(sa_column=Column(BIG, nullable=False))
    """Of the inventory that knows it."""
    names: int = Field(sa_column=Column(BIG, nullable=False))
    """How many names that waited it answered."""
    gained: list[int] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    """Numbers of the open incidents that gained a system."""
    ended: list[int] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    """Numbers of the incidents that were over and would have had it."""
