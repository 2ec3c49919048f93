"""The tables of what providers told us of their breaches, and of what we asked them."""

from datetime import datetime

from sqlalchemy import JSON as Json
from sqlalchemy import Column, ForeignKey, UniqueConstraint
from sqlmodel import Field, SQLModel

from breach_service.store.columns import UtcDateTime
from breach_service.store.tables import BIG


class ProviderNoticeRow(SQLModel, table=True):
    """One notice of a provider; insert-only. What it said stands in the chronology, here only its digest."""

    __tablename__ = "provider_notice"
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    incident_id: int = Field(sa_column=Column(BIG, ForeignKey("incident.id"), nullable=False, index=True))
    """The incident that it opened or joined; where that was merged, what it goes on as is looked up."""
    provider: str
    """Id in the inventory."""
    name: str
    """Its name then."""
    channel: str
    received_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    recorded_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    recorded_by: str
    reference: str = ""
    """The provider's own reference of the incident."""
    digest: str
    """SHA-256 of what it said, hex."""
    systems: list[str] = Field(sa_column=Column(Json, nullable=False))
    """Ids of the systems that are concerned."""
    activities: dict[str, list[str]] = Field(sa_column=Column(Json, nullable=False))
    """By system the activities that depend on the provider; a system that is not named is concerned as a whole."""


class ProviderQuestionRow(SQLModel, table=True):
    """One question that was put to a provider: which fact, when, and until when an answer is due."""

    __tablename__ = "provider_question"
    __table_args__ = (UniqueConstraint("notice_id", "fact"),)
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    notice_id: int = Field(sa_column=Column(BIG, ForeignKey("provider_notice.id"), nullable=False, index=True))
    fact: str
    asked_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    asked_by: str
    means: str
    due_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False, index=True))
    answered_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    """When the provider answered; the answer itself is a fact of the incident."""
    answered_by: str = ""
    """Who wrote the answer down."""
