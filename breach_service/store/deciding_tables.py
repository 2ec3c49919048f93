"""What opinions and decisions were taken on. Insert-only, as the positions themselves."""

from typing import Any

from sqlalchemy import JSON as Json
from sqlalchemy import Column, ForeignKey
from sqlmodel import Field, SQLModel

from breach_service.store.tables import BIG


class DecisionBasisRow(SQLModel, table=True):
    """The rules, the facts and the result of the moment at which somebody advised or decided."""

    __tablename__ = "decision_basis"
    id: int | None = Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))
    position_id: int = Field(sa_column=Column(BIG, ForeignKey("position.id"), nullable=False, unique=True))
    content_digest: str
    """Of the content in force, SHA-256, hex."""
    inventory_revision: int = Field(sa_column=Column(BIG, nullable=False))
    facts_digest: str
    """Of the recorded facts that counted, and of the systems, SHA-256, hex."""
    last_fact: int = Field(sa_column=Column(BIG, nullable=False))
    """Number of the last fact recorded by then: all up to it were known."""
    result: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    """Personal data, risk, and what was ours of each duty."""
    precedents: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    """Ids of the like cases that were shown."""
