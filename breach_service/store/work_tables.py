"""The tables of what people do about an incident: measures, evidence with each handling, the review afterwards.

`evidence`, `evidence_handling` and `review` are insert-only; the content of a piece of evidence can be deleted (that it
was destroyed is a handling), never changed.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON as Json
from sqlalchemy import Column, Date, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from breach_service.store.columns import UtcDateTime
from breach_service.store.tables import BIG


def _key() -> Any:
    return Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))


def _points_at(target: str) -> Any:
    return Field(sa_column=Column(BIG, ForeignKey(target), nullable=False, index=True))


def _instant() -> Any:
    return Field(sa_column=Column(UtcDateTime(), nullable=False))


def _words() -> Any:
    return Field(default="", sa_column=Column(Text, nullable=False))


class MeasureRow(SQLModel, table=True):
    """One measure as it stands; each change is a line of the chronology."""

    __tablename__ = "measure"
    __table_args__ = (Index("ix_measure_state_due_on", "state", "due_on"),)
    id: int | None = _key()
    incident_id: int = _points_at("incident.id")
    what: str = _words()
    kind: str = ""
    owner: str
    owner_id: int | None = Field(
        default=None, sa_column=Column(BIG, ForeignKey("user_account.id"), nullable=True, index=True)
    )
    due_on: date | None = Field(default=None, sa_column=Column(Date, nullable=True))
    state: str
    outcome: str = _words()
    perimeter: str = ""
    audience: str
    is_follow_up: bool = False
    planned_at: datetime = _instant()
    planned_by: str
    settled_on: date | None = Field(default=None, sa_column=Column(Date, nullable=True))
    settled_by: str = ""
    revision: int = 1


class EvidenceRow(SQLModel, table=True):
    """One piece of evidence as it was written down; insert-only."""

    __tablename__ = "evidence"
    id: int | None = _key()
    incident_id: int = _points_at("incident.id")
    what: str = _words()
    digest: str = Field(index=True)
    """SHA-256, hex."""
    size: int | None = Field(default=None, sa_column=Column(BIG, nullable=True))
    sealed_name: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    media_type: str = ""
    collected_by: str
    collected_at: datetime = _instant()
    place: str = _words()
    method: str = _words()
    kept_at: str = _words()
    recorded_at: datetime = _instant()
    recorded_by: str


class EvidenceContentRow(SQLModel, table=True):
    """The content of a piece that was handed in, sealed; gone once it was destroyed."""

    __tablename__ = "evidence_content"
    evidence_id: int = Field(sa_column=Column(BIG, ForeignKey("evidence.id"), primary_key=True, autoincrement=False))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class EvidenceHandlingRow(SQLModel, table=True):
    """One handling of a piece of evidence; insert-only."""

    __tablename__ = "evidence_handling"
    id: int | None = _key()
    evidence_id: int = _points_at("evidence.id")
    kind: str
    at: datetime = _instant()
    by: str
    whom: str = ""
    why: str = _words()
    digest: str = ""
    recorded_at: datetime = _instant()
    recorded_by: str


class ReviewRow(SQLModel, table=True):
    """One revision of the review of an incident; insert-only, the latest counts."""

    __tablename__ = "review"
    __table_args__ = (UniqueConstraint("incident_id", "revision"),)
    id: int | None = _key()
    incident_id: int = Field(sa_column=Column(BIG, ForeignKey("incident.id"), nullable=False))
    revision: int
    what_happened: str = _words()
    went_well: str = _words()
    went_badly: str = _words()
    causes: str = _words()
    to_change: str = _words()
    participants: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    is_closed: bool
    reason: str = _words()
    at: datetime = _instant()
    by: str
