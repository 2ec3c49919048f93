"""The tables of exercises: which scenario an incident plays, and what has arrived in it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON as Json
from sqlalchemy import Column, ForeignKey, UniqueConstraint
from sqlmodel import Field, SQLModel

from breach_service.store.columns import UtcDateTime
from breach_service.store.tables import BIG


class DrillRow(SQLModel, table=True):
    """One exercise. What its terms are multiplied by stands with its incident."""

    __tablename__ = "drill"
    incident_id: int = Field(sa_column=Column(BIG, ForeignKey("incident.id"), primary_key=True, autoincrement=False))
    scenario: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    """As it was when the exercise began: one that is changed since changes nothing here."""
    began_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True, index=True))


class DrillInjectRow(SQLModel, table=True):
    """Something that arrived in an exercise; insert-only, each once."""

    __tablename__ = "drill_inject"
    __table_args__ = (UniqueConstraint("incident_id", "inject"),)
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    incident_id: int = Field(sa_column=Column(BIG, ForeignKey("drill.incident_id"), nullable=False))
    inject: str
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
