"""The table of muted reminders; what was said stands in `tables.ReminderRow`."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, String
from sqlmodel import Field, SQLModel

from breach_service.store.columns import UtcDateTime
from breach_service.store.tables import BIG


class ReminderMuteRow(SQLModel, table=True):
    """Reminders of an incident muted until an instant, or from now on no more; insert-only, the latest counts."""

    __tablename__ = "reminder_mute"
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    incident_id: int = Field(sa_column=Column(BIG, ForeignKey("incident.id"), nullable=False, index=True))
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    by: str
    reason: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True, index=True))
    """None: muted no more."""
