"""Everything about one incident in one value: what the page, the API, the card and the printed file are made of."""

from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.assessment import Assessment, PerimeterAssessment
from breach_service.domain.deadlines import OPEN_STATES, FilingPhase, Obligation, state_of
from breach_service.domain.deciding import Position
from breach_service.domain.facts import Fact
from breach_service.domain.incident import (
    UNQUALIFIED_STATUSES,
    ClockState,
    Episode,
    Incident,
    Instant,
    TimelineEntry,
    clock_state,
)
from breach_service.domain.inventory import Client, Inventory, Organisation
from breach_service.domain.measures import Measure
from breach_service.domain.moving import Proposal


@dataclass(frozen=True)
class Filing:
    """One notice really sent; immutable. Instants in UTC."""

    id: int
    obligation: int
    sent_at: datetime
    by: str
    means: str
    """portal, mail, telephone, registered_letter…"""
    receipt: str
    recorded_at: datetime
    text_digest: str
    phase: FilingPhase = FilingPhase.COMPLETE


@dataclass(frozen=True)
class DelayReason:
    """Why a notice is late, as somebody said it (GDPR Art. 33(1)); a later one counts. `at` in UTC."""

    obligation: int
    reason: str
    by: str
    at: datetime


EARLIER_REGIMES = frozenset({"gdpr-art33-authority"})
"""Regimes that may be late with reasons, whose obligations of earlier releases did not keep that."""


def may_be_late_with_reasons(obligation: Obligation) -> bool:
    """True where a late notice is given together with the reasons for the delay."""
    terms = obligation.terms
    return terms.may_be_late_with == "reasons" or terms.regime in EARLIER_REGIMES


@dataclass(frozen=True)
class Dossier:
    """Everything about one incident, as it is known now."""

    incident: Incident
    organisation: Organisation
    inventory: Inventory
    assessment: Assessment
    episodes: tuple[Episode, ...]
    """Newest problem last, by the instant of the first alert."""
    instants: tuple[Instant, ...]
    facts: tuple[Fact, ...]
    """Every fact ever recorded, oldest first; what counts is in each perimeter's assessment."""
    obligations: tuple[Obligation, ...]
    filings: tuple[Filing, ...]
    timeline: tuple[TimelineEntry, ...]
    """Oldest first."""
    positions: tuple[Position, ...] = ()
    """What was advised and what was decided, oldest first."""
    measures: tuple[Measure, ...] = ()
    """What was done and what is to be done, in the order in which it was planned."""
    delay_reasons: tuple[DelayReason, ...] = ()
    """Why notices are late, oldest first."""
    proposals: tuple[Proposal, ...] = ()
    """What was proposed of its clocks, oldest first."""

    def clocks(self, now: datetime) -> tuple[Obligation, ...]:
        """Obligations in the order in which a person should look at them: open ones by date, then the rest."""

        def order(one: Obligation) -> tuple[bool, bool, datetime, str]:
            is_open = state_of(one, now) in OPEN_STATES
            return (not is_open, one.due_at is None, one.due_at or one.triggered_at, one.recipient)

        return tuple(sorted(self.obligations, key=order))

    def next_due(self, now: datetime) -> Obligation | None:
        """The open obligation that falls due first, overdue ones included."""
        return next((one for one in self.clocks(now) if one.due_at and state_of(one, now) in OPEN_STATES), None)

    def qualification_state(self, now: datetime) -> ClockState | None:
        """Where the qualification clock stands; None once somebody has said what this is."""
        if self.incident.status not in UNQUALIFIED_STATUSES:
            return None
        return clock_state(self.incident.detected_at, self.incident.qualify_by, now)

    def perimeter(self, key: str) -> PerimeterAssessment | None:
        """The assessment of one perimeter."""
        return next((one for one in self.assessment.perimeters if one.perimeter.key == key), None)

    def client_of(self, obligation: Obligation) -> Client | None:
        """The client that an obligation is owed to, None for every other recipient."""
        kind, _, client = obligation.recipient.partition(":")
        return self.inventory.client(client) if kind == "client" else None

    def name_of_recipient(self, obligation: Obligation) -> str | None:
        """The client's name; None for recipients that have a common word (cnil, persons, register)."""
        client = self.client_of(obligation)
        return client.name if client else None

    def filing_for(self, obligation: Obligation) -> Filing | None:
        """The last notice filed under an obligation."""
        return next((one for one in reversed(self.filings) if one.obligation == obligation.id), None)

    def filings_before(self, obligation: Obligation) -> tuple[Filing, ...]:
        """The notices that this one would complete, oldest first: its own, and those of the regime that it follows."""
        owed = {
            one.id for one in self.obligations
            if one.id == obligation.id
            or (one.perimeter, one.terms.regime) == (obligation.perimeter, obligation.terms.follows)
        }  # fmt: skip
        return tuple(one for one in self.filings if one.obligation in owed)

    def delay_reason_for(self, obligation: Obligation) -> DelayReason | None:
        """What was said last of why a notice is late."""
        return next((one for one in reversed(self.delay_reasons) if one.obligation == obligation.id), None)

    def delays_to_explain(self, now: datetime) -> tuple[Obligation, ...]:
        """Notices that are not sent, are overdue, and owe reasons for it that nobody has given."""
        return tuple(
            one for one in self.clocks(now)
            if may_be_late_with_reasons(one) and state_of(one, now) is ClockState.OVERDUE
            and self.delay_reason_for(one) is None
        )  # fmt: skip

    @property
    def letters(self) -> tuple[Obligation, ...]:
        """The obligations that a letter is drafted for: to the authority, the persons and the clients."""
        return tuple(one for one in self.obligations if one.duty.has_letter and one.withdrawn_at is None)
