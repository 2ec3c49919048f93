"""The tables of plans: what people changed in the plan of an incident, what they did, and which playbooks applied.

All three are insert-only: a change is undone and a record corrected by a later one.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON as Json
from sqlalchemy import Column, ForeignKey, UniqueConstraint
from sqlmodel import Field, SQLModel

from breach_service.store.columns import UtcDateTime
from breach_service.store.tables import BIG


class PlanChangeRow(SQLModel, table=True):
    """One change of the plan of an incident."""

    __tablename__ = "plan_change"
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    incident_id: int = Field(sa_column=Column(BIG, ForeignKey("incident.id"), nullable=False, index=True))
    kind: str
    """`domain.playbook.ChangeKind`."""
    subject: str
    """The id of a playbook or the name of a step."""
    reason: str
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    """`step`, `role` and `due`, as far as the change has them."""
    by: str
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))


class StepRecordRow(SQLModel, table=True):
    """What somebody said of a step."""

    __tablename__ = "step_record"
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    incident_id: int = Field(sa_column=Column(BIG, ForeignKey("incident.id"), nullable=False, index=True))
    name: str
    step: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    """As it was worded then."""
    state: str
    """`domain.playbook.StepState`."""
    result: str
    by: str
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    done_by: str = ""
    """Who did it, where that is somebody else than whoever says so."""
    done_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))


class AttachedPlaybookRow(SQLModel, table=True):
    """That a playbook applied to an incident, the first time that it did: it is told once."""

    __tablename__ = "attached_playbook"
    __table_args__ = (UniqueConstraint("incident_id", "playbook"),)
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    incident_id: int = Field(sa_column=Column(BIG, ForeignKey("incident.id"), nullable=False))
    playbook: str
    content_digest: str
    """Of the content in force then."""
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
