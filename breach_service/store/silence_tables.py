"""The table of silences: what nobody is woken by for a while."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON as Json
from sqlalchemy import Column, String
from sqlmodel import Field, SQLModel

from breach_service.store.columns import UtcDateTime
from breach_service.store.tables import BIG


class SilenceRow(SQLModel, table=True):
    """A silence; what it matches is never changed, and it is never deleted."""

    __tablename__ = "silence"
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    owner: str
    reason: str
    starts_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    ends_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    conditions: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    """`domain.conditions.Lines` as JSON."""
    scanners: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    recurrence: dict[str, Any] | None = Field(default=None, sa_column=Column(Json(none_as_null=True), nullable=True))
    """weekdays, since, until, zone; null where it is in force all the time."""
    created_by: str
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    ended_by: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    silenced: int = Field(default=0, sa_column=Column(BIG, nullable=False, server_default="0"))
    """How many alerts it silenced."""
    last_silenced_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    incident_id: int | None = Field(default=None, sa_column=Column(BIG, nullable=True))
    """Of the alert from which it was made; null where it was made from none, or from one of no incident."""
