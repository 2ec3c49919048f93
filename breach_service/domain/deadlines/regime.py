"""A regime: a law, a contract or a target that makes a clock, as one file of `playbooks/regimes/` says it."""

from datetime import date
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from breach_service.domain.conditions import Lines
from breach_service.domain.incident import InstantKind
from breach_service.domain.text import Text


class RegimeKind(StrEnum):
    """What stands behind a clock."""

    LEGAL = "legal"
    CONTRACT = "contract"
    TARGET = "target"


class DutyKind(StrEnum):
    """What must be done; authority, persons and register follow the assessment of the perimeter."""

    REGISTER = "register"
    AUTHORITY = "authority"
    PERSONS = "persons"
    CLIENT = "client"


class Term(BaseModel):
    """How long: hours, calendar months, or neither (without undue delay)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hours: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    months: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if self.hours is not None and self.months is not None:
            raise ValueError("a term is in hours or in calendar months, not both")
        return self


class InForce(BaseModel):
    """From and to which day a regime applies; `to` is the last day, None while there is no end."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_: date = Field(alias="from")
    to: date | None = None

    @field_validator("from_", "to", mode="before")
    @classmethod
    def _day(cls, value: object) -> object:
        return value if value is None or isinstance(value, str) else str(value)

    def holds_on(self, day: date) -> bool:
        """True on every day from the first to the last."""
        return self.from_ <= day and (self.to is None or day <= self.to)


class Verified(BaseModel):
    """When and where somebody read the text that a regime restates."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: date
    where: str

    @field_validator("on", mode="before")
    @classmethod
    def _day(cls, value: object) -> object:
        return value if isinstance(value, str) else str(value)


class Regime(BaseModel):
    """One file of `playbooks/regimes/`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: Text
    why: Text
    kind: RegimeKind
    reference: str
    verified: Verified
    in_force: InForce
    applies_when: Lines = Field(default_factory=dict)
    """Conditions on the facts of the perimeter; `perimeter.role` is always among them."""
    duty: DutyKind
    counted_from: InstantKind
    counted_from_words: Text
    """How a page ends the phrase “72 h …”: “depuis la prise de connaissance”."""
    term: Term = Term()
    contract_may_shorten: bool = False
    """True where a client's contract hours replace a longer term."""
    counting: Literal["strict"] = "strict"
    is_switched_on: bool = True
