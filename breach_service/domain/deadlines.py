"""Who must be told, and by when: regimes make obligations, obligations have states.

A regime is a law, a contract or a target written in `playbooks/regimes/`; each obligation keeps a copy of its terms,
so that a changed regime never rewrites the past.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from breach_service.domain.assessment import Duty, PerimeterAssessment
from breach_service.domain.calendar import strict_end, strict_end_months
from breach_service.domain.conditions import Lines, Truth, judge
from breach_service.domain.incident import ClockState, Instant, InstantKind, Perimeter, clock_state
from breach_service.domain.inventory import Client
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


@dataclass(frozen=True)
class Terms:
    """The copy of a regime's terms that an obligation keeps."""

    regime: str
    kind: RegimeKind
    reference: str
    hours: float | None
    months: int | None
    counted_from: InstantKind


@dataclass(frozen=True)
class Obligation:
    """A duty to inform one recipient by one date under one regime. All instants in UTC."""

    perimeter: str
    recipient: str
    """`cnil`, `persons`, `register`, or `client:<id of the client>`."""
    duty: DutyKind
    terms: Terms
    advice: Duty
    """REQUIRED, or UNDECIDED while both outcomes can be reached: the clock runs and the advice is to notify."""
    is_provisional: bool
    """True until a person recorded the instant that starts the clock, with a reason."""
    triggered_at: datetime
    due_at: datetime | None
    """None: without undue delay, no date."""
    fulfilled_at: datetime | None = None
    not_required_reason: str | None = None
    withdrawn_at: datetime | None = None
    id: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same obligation when everything is computed again."""
        return (self.perimeter, self.terms.regime, self.recipient)


def state_of(obligation: Obligation, now: datetime) -> ClockState:
    """The state of an obligation, used alike by page, metrics and messages."""
    if obligation.fulfilled_at is not None:
        return ClockState.FULFILLED
    if obligation.withdrawn_at is not None:
        return ClockState.WITHDRAWN
    if obligation.not_required_reason is not None:
        return ClockState.NOT_REQUIRED
    return clock_state(obligation.triggered_at, obligation.due_at, now)


OPEN_STATES = frozenset({ClockState.RUNNING, ClockState.DUE_SOON, ClockState.OVERDUE})


def recipient_of(duty: DutyKind, perimeter: Perimeter) -> str:
    """Whom a duty of a perimeter is owed to."""
    match duty:
        case DutyKind.AUTHORITY:
            return "cnil"
        case DutyKind.CLIENT:
            return f"client:{perimeter.client}"
        case _:
            return str(duty)


def obligations_for(
    assessed: PerimeterAssessment,
    regimes: Iterable[Regime],
    instants: Mapping[InstantKind, Instant],
    detected_at: datetime,
    client: Client | None,
    facts: Mapping[str, object],
    zone: tzinfo = UTC,
) -> tuple[Obligation, ...]:
    """The obligations of one perimeter as they follow from its assessment; where a duty is excluded there is none.

    `zone` is the organisation's: days and calendar months are counted in it.
    """
    obligations = []
    for regime in regimes:
        duty = duty_under(regime, assessed)
        if duty is Duty.NOT_REQUIRED or not regime.is_switched_on:
            continue
        trigger, is_recorded = trigger_for(regime.counted_from, instants, detected_at)
        if not regime.in_force.holds_on(trigger.astimezone(zone).date()):
            continue
        known = {**facts, "perimeter.role": str(assessed.perimeter.our_role)}
        applies = judge(regime.applies_when, known).truth  # type: ignore[arg-type]  # facts are FactValues
        if applies is Truth.NO:
            continue
        terms = terms_for(regime, client)
        obligations.append(
            Obligation(
                perimeter=assessed.perimeter.key,
                recipient=recipient_of(regime.duty, assessed.perimeter),
                duty=regime.duty,
                terms=terms,
                advice=duty if applies is Truth.YES else Duty.UNDECIDED,
                is_provisional=not is_recorded,
                triggered_at=trigger,
                due_at=due_after(trigger, terms, zone),
            )
        )
    return tuple(obligations)


def duty_under(regime: Regime, assessed: PerimeterAssessment) -> Duty:
    """What the assessment says of the duty that a regime is about, as far as the duty is ours."""
    return assessed.our_duty("clients" if regime.duty is DutyKind.CLIENT else str(regime.duty))


def trigger_for(
    kind: InstantKind, instants: Mapping[InstantKind, Instant], detected_at: datetime
) -> tuple[datetime, bool]:
    """The instant that a clock counts from, and whether a person recorded it.

    A flaw cannot be known later than the breach that it led to: without its own date it counts from awareness.
    Before anything is recorded every clock counts from the first alert, provisionally.
    """
    recorded = instants.get(kind)
    if recorded is None and kind is InstantKind.FLAW_DISCOVERED_AT:
        recorded = instants.get(InstantKind.AWARE_AT)
    if recorded is None:
        return detected_at.astimezone(UTC), False
    return recorded.at.astimezone(UTC), True


def terms_for(regime: Regime, client: Client | None) -> Terms:
    """A copy of the terms; a contract's shorter hours replace the regime's where the regime allows it."""
    terms = Terms(regime.id, regime.kind, regime.reference, regime.term.hours, regime.term.months, regime.counted_from)
    agreed = client.contract.notice_hours if client and regime.contract_may_shorten else None
    longest = terms.hours if terms.months is None else terms.months * _HOURS_OF_SHORTEST_MONTH
    if client and agreed is not None and (longest is None or agreed < longest):
        clause = client.contract.clause or terms.reference
        return replace(terms, kind=RegimeKind.CONTRACT, hours=agreed, months=None, reference=clause)
    return terms


_HOURS_OF_SHORTEST_MONTH = 28 * 24


def due_after(trigger_at: datetime, terms: Terms, zone: tzinfo = UTC) -> datetime | None:
    """The due instant in UTC; None without a term. ValueError for a naive trigger.

    Hours are strict elapsed time (never counted on a local clock, which jumps twice a year); calendar months end at
    the same local time in `zone`.
    """
    if terms.hours is not None:
        return strict_end(trigger_at, terms.hours)
    if terms.months is not None:
        return strict_end_months(trigger_at, terms.months, zone)
    return None
