"""A duty to inform one recipient by one date, with its own copy of the terms; its state is computed, never stored."""

from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.assessment import Duty
from breach_service.domain.deadlines.regime import DutyKind, RegimeKind
from breach_service.domain.incident import ClockState, InstantKind, clock_state
from breach_service.domain.inventory import NoticeForm


@dataclass(frozen=True)
class Terms:
    """The copy of a regime's terms, or of a contract's, that an obligation keeps."""

    regime: str
    kind: RegimeKind
    reference: str
    hours: float | None
    months: int | None
    counted_from: InstantKind
    working_hours: float | None = None
    """Hours of working days, where the contract counts those; `hours` is None then."""
    form: NoticeForm = NoticeForm.ANY
    """How the contract wants the notice to be given."""
    sent_to: str = ""
    """The address that this form needs."""
    notifies: tuple[str, ...] = ()
    """Whom we may notify in the client's name: authority, persons."""
    mandate_clause: str = ""
    """The clause that lets us."""
    at_most: "Terms | None" = None
    """The regime's own terms, where the contract counts from another instant or in another way: the earlier counts."""


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
