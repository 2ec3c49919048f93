"""The tables that grouping stands on: strands, tallies, who is named with whom, and what people must say."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from breach_service.store.columns import UtcDateTime
from breach_service.store.tables import BIG


class StrandRow(SQLModel, table=True):
    """Openers of one key that follow each other; minutes since 1970."""

    __tablename__ = "strand"
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    key: str
    first_minute: int = Field(sa_column=Column(BIG, nullable=False))
    last_minute: int = Field(sa_column=Column(BIG, nullable=False))
    incident_id: int = Field(sa_column=Column(BIG, ForeignKey("incident.id"), nullable=False, index=True))
    __table_args__ = (Index("ix_strand_key", "key", "last_minute"),)


class TallyRow(SQLModel, table=True):
    """What the patterns count: by pattern, step, key, minute and value; forgotten once no window reaches it."""

    __tablename__ = "tally"
    pattern: str = Field(sa_column=Column(String, primary_key=True))
    key: str = Field(sa_column=Column(String, primary_key=True))
    step: int = Field(sa_column=Column(BIG, primary_key=True, autoincrement=False))
    minute: int = Field(sa_column=Column(BIG, primary_key=True, autoincrement=False))
    value: str = Field(sa_column=Column(String, primary_key=True))
    count: int = Field(sa_column=Column(BIG, nullable=False))
    __table_args__ = (Index("ix_tally_minute", "minute"),)


class EntityUseRow(SQLModel, table=True):
    """That something which links was named beside one of our systems or machines, by day since 1970."""

    __tablename__ = "entity_use"
    key: str = Field(sa_column=Column(String, primary_key=True))
    day: int = Field(sa_column=Column(BIG, primary_key=True, autoincrement=False))
    beside: str = Field(sa_column=Column(String, primary_key=True))
    __table_args__ = (Index("ix_entity_use_day", "day"),)


class MergeProposalRow(SQLModel, table=True):
    """Two incidents that have something in common, of which a person decided about one: a person must say."""

    __tablename__ = "merge_proposal"
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    first_id: int = Field(sa_column=Column(BIG, ForeignKey("incident.id"), nullable=False, index=True))
    second_id: int = Field(sa_column=Column(BIG, ForeignKey("incident.id"), nullable=False, index=True))
    proposed_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    decided_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime(), nullable=True))
    decision: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """merged or kept_apart."""
    __table_args__ = (UniqueConstraint("first_id", "second_id"),)
