"""The tables of clocks that people want moved, and of the reasons for a delay. Insert-only, all three."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Text
from sqlmodel import Field, SQLModel

from breach_service.store.columns import UtcDateTime
from breach_service.store.tables import BIG


class ClockProposalRow(SQLModel, table=True):
    """A later instant, one that is taken back, or a clock that is stopped: proposed, and nothing changed by it."""

    __tablename__ = "clock_proposal"
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    incident_id: int = Field(sa_column=Column(BIG, ForeignKey("incident.id"), nullable=False, index=True))
    move: str
    perimeter: str
    kind: str
    """The instant; empty where a clock is stopped."""
    at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    obligation_id: int | None = Field(default=None, sa_column=Column(BIG, ForeignKey("obligation.id"), nullable=True))
    before_record: int = Field(sa_column=Column(BIG, nullable=False))
    """Number of the record that counted then; 0 for a clock that is stopped."""
    before_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    by: str
    user_id: int | None = Field(default=None, sa_column=Column(BIG, ForeignKey("user_account.id"), nullable=True))
    ground: str
    ground_id: int | None = Field(default=None, sa_column=Column(BIG, nullable=True))
    proposed_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))


class ClockOutcomeRow(SQLModel, table=True):
    """How a proposal ended; one, for good."""

    __tablename__ = "clock_outcome"
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    proposal_id: int = Field(sa_column=Column(BIG, ForeignKey("clock_proposal.id"), nullable=False, unique=True))
    outcome: str
    reason: str = Field(sa_column=Column(Text, nullable=False))
    by: str
    user_id: int | None = Field(default=None, sa_column=Column(BIG, ForeignKey("user_account.id"), nullable=True))
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))


class DelayReasonRow(SQLModel, table=True):
    """Why a notice is late, as somebody said it; the last one counts, the former ones stay."""

    __tablename__ = "delay_reason"
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    obligation_id: int = Field(sa_column=Column(BIG, ForeignKey("obligation.id"), nullable=False, index=True))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    by: str
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
