"""A duty to inform one recipient by one date, with its own copy of the terms; its state is computed, never stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from breach_service.domain.assessment import Duty
from breach_service.domain.deadlines.phases import FilingPhase
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
    target: "Terms | None" = None
    """The terms of a target that stands within these: a date to aim at, never overdue."""
    counting: str = "strict"
    reminders: str = "standard"
    """The ladder that speaks of it, an id of `ladders.yaml`."""
    may_be_late_with: str = ""
    """What makes a late notice acceptable (`reasons`); empty: nothing does."""
    authority: str = ""
    """To which office, an id of `authorities.yaml`."""
    authority_name: str = ""
    """Its short name on the day on which the obligation arose."""
    follows: str = ""
    """The regime whose filed notice began it."""
    follows_phase: FilingPhase | None = None
    """Only where that notice was filed in this phase."""

    @property
    def is_read_under_1182_71(self) -> bool:
        """True for a term in hours of a law of the Union: contracts, promises and national law are outside it."""
        return self.kind is RegimeKind.LEGAL and self.hours is not None and self.counting == "strict"


@dataclass(frozen=True)
class Obligation:
    """A duty to inform one recipient by one date under one regime. All instants in UTC."""

    perimeter: str
    """Its key; empty for a duty of the company as a whole."""
    recipient: str
    """`cnil` or another authority's id, `police`, `insurer`, `persons`, `register`, or `client:<id of the client>`."""
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
    def target_at(self) -> datetime | None:
        """The date to aim at, where a target stands within the term: never later than the term, never overdue (UTC).

        It counts from the same instant as the term, whatever instant the contract names.
        """
        if self.terms.target is None or self.terms.target.hours is None:
            return None
        aimed = self.triggered_at + timedelta(hours=self.terms.target.hours)
        return aimed if self.due_at is None or aimed < self.due_at else None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same obligation when everything is computed again."""
        return (self.perimeter, self.terms.regime, self.recipient)


def state_of(obligation: Obligation, now: datetime) -> ClockState:
    """The state of an obligation, used alike by page, metrics and messages.

    The date of a target is PASSED, never OVERDUE: nothing was broken, and it is still to be done.
    """
    if obligation.fulfilled_at is not None:
        return ClockState.FULFILLED
    if obligation.withdrawn_at is not None:
        return ClockState.WITHDRAWN
    if obligation.not_required_reason is not None:
        return ClockState.NOT_REQUIRED
    state = clock_state(obligation.triggered_at, obligation.due_at, now)
    is_target = obligation.terms.kind is RegimeKind.TARGET
    return ClockState.PASSED if is_target and state is ClockState.OVERDUE else state


OPEN_STATES = frozenset({ClockState.RUNNING, ClockState.DUE_SOON, ClockState.OVERDUE, ClockState.PASSED})
