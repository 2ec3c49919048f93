"""A regime: a law, a contract or a target that makes a clock, as one file of `playbooks/regimes/` says it."""

from datetime import date
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from breach_service.domain.conditions import Lines
from breach_service.domain.deadlines.phases import FilingPhase
from breach_service.domain.incident import InstantKind
from breach_service.domain.inventory import ConcernKind
from breach_service.domain.text import Text


class RegimeKind(StrEnum):
    """What stands behind a clock."""

    LEGAL = "legal"
    CONTRACT = "contract"
    TARGET = "target"


class DutyKind(StrEnum):
    """Who must be told; the first four follow the assessment of a perimeter, the others belong to the incident."""

    REGISTER = "register"
    AUTHORITY = "authority"
    PERSONS = "persons"
    CLIENT = "client"
    POLICE = "police"
    INSURER = "insurer"
    CYBER_AUTHORITY = "cyber_authority"
    SECTOR_AUTHORITY = "sector_authority"

    @property
    def has_letter(self) -> bool:
        """True where this service drafts the text; the register has none, the others have a form or a desk."""
        return self in (DutyKind.AUTHORITY, DutyKind.CLIENT, DutyKind.PERSONS)

    @property
    def is_of_incident(self) -> bool:
        """True for a duty of the company as a whole, owed once however many controllers are touched."""
        return self not in (DutyKind.REGISTER, DutyKind.AUTHORITY, DutyKind.PERSONS, DutyKind.CLIENT)


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


class Limit(BaseModel):
    """A second term of the same duty; the one that ends first counts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    counted_from: InstantKind
    hours: float = Field(gt=0, allow_inf_nan=False)


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
    concern: ConcernKind | None = None
    """Only for an organisation that says in the inventory that it is concerned."""
    asked_unless_denied: bool = False
    """True where `concern` counts until the organisation says that it is not concerned."""
    asked_when: Lines = Field(default_factory=dict)
    """What must be known to hold before the regime is thought of: while it is not, there is no obligation."""
    applies_when: Lines = Field(default_factory=dict)
    """Conditions on the facts of the perimeter; `perimeter.role` is always among them. Unknown is undecided."""
    duty: DutyKind
    is_owed_by_conditions: bool = False
    """True where the conditions alone decide, whatever the assessment says of a breach (a complaint, say)."""
    authority: str | None = None
    """To which office of `authorities.yaml`."""
    counted_from: InstantKind
    counted_from_words: Text
    """How a page ends the phrase “72 h …”: “depuis la prise de connaissance”."""
    term: Term = Term()
    also_within: Limit | None = None
    contract_may_shorten: bool = False
    """True where a client's contract hours replace a longer term."""
    organisation_sets_term: bool = False
    """True where the hours stand with the organisation's `concern` in the inventory (an insurance policy)."""
    within: str | None = None
    """A target inside another regime: its obligations carry this one's date beside their own."""
    follows: str | None = None
    """The regime whose notice, once filed, begins this one; `counted_from` is then `fulfilled_at`."""
    follows_phase: FilingPhase | None = None
    """Only where that notice was filed in this phase."""
    counting: Literal["strict", "strict_only"] = "strict"
    """Strict counts in any case; `strict` of a Union law is read under Regulation 1182/71 beside it."""
    reminders: str = "standard"
    """The ladder of `ladders.yaml`."""
    may_be_late_with: Literal["reasons"] | None = None
    """What makes a late notice acceptable (GDPR Art. 33(1): the reasons for the delay)."""
    is_switched_on: bool = True

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if (self.follows is not None) is not (self.counted_from is InstantKind.FULFILLED_AT):
            raise ValueError("follows and counted_from: fulfilled_at go together: write both or neither")
        if self.follows_phase is not None and self.follows is None:
            raise ValueError("follows_phase says of which notice: write follows too")
        if self.within is not None and self.kind is not RegimeKind.TARGET:
            raise ValueError("only a target stands within another regime: write kind: target, or remove within")
        if (self.organisation_sets_term or self.asked_unless_denied) and self.concern is None:
            raise ValueError("say of which concern of the organisation: write concern")
        return self
