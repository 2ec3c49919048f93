"""The tables of calls: whom an incident wakes, and each step of it. `call_step` is insert-only."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON as Json
from sqlalchemy import Column, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from breach_service.store.columns import UtcDateTime
from breach_service.store.tables import BIG

_NOT_OVER = text("ended_at IS NULL")


class CallRow(SQLModel, table=True):
    """One call as it stands; each change is a line of the chronology."""

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("incident_id", "key"),
        Index("ix_call_not_over", "incident_id", sqlite_where=_NOT_OVER, postgresql_where=_NOT_OVER),
    )
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    incident_id: int = Field(sa_column=Column(BIG, ForeignKey("incident.id"), nullable=False))
    key: str
    """What it is about: an urgency, or a rung of a date; of one incident the same is called for once."""
    reason: str
    """A `domain.waking.WakeReason`."""
    began_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    acknowledged_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    acknowledged_by: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    """When what it is about was over; also of one that was acknowledged before."""
    why_ended: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """A `domain.waking.CallEnd`; empty while it has not ended."""
    steps: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    """The number of the latest step that was taken."""
    shown_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    """When pagers that forget were last told that it goes on."""


class CallStepRow(SQLModel, table=True):
    """One step: who was called, by which ways, with which messages; insert-only."""

    __tablename__ = "call_step"
    __table_args__ = (UniqueConstraint("call_id", "number"),)
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    call_id: int = Field(sa_column=Column(BIG, ForeignKey("call.id"), nullable=False))
    number: int
    stage: str
    """A `domain.waking.Stage`."""
    due_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    told: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    """`person` (number of an account, or null), `way` (a kind, or the name of a pager) and `key` of the message."""
