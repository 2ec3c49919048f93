"""What the law and our promises ask for, duty by duty: the outcome, and the codes of the reasons that led to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from breach_service.domain.conditions import NumberRange, Truth, all_of, any_of
from breach_service.domain.facts import Fact
from breach_service.domain.rules import RiskInterval, RiskLevel


class Duty(StrEnum):
    """Undecided means that both outcomes can be reached; the advice is then to notify, and the clock runs."""

    REQUIRED = "required"
    NOT_REQUIRED = "not_required"
    UNDECIDED = "undecided"


STRICTNESS = (Duty.NOT_REQUIRED, Duty.UNDECIDED, Duty.REQUIRED)
"""From the mildest to the strictest."""


def duty_from(truth: Truth) -> Duty:
    """A duty as a decided or open question."""
    return {Truth.YES: Duty.REQUIRED, Truth.NO: Duty.NOT_REQUIRED, Truth.UNKNOWN: Duty.UNDECIDED}[truth]


@dataclass(frozen=True)
class Duties:
    """The controller's duties in one perimeter, whoever the controller is, and ours towards its client."""

    register: Duty
    authority: Duty
    persons: Duty
    clients: Duty


class DutyReason(StrEnum):
    """Why a duty is required, is not, or is not decided yet; the words stand in `reason_words`."""

    NO_PERSONAL_DATA = "no_personal_data"
    NO_LOSS = "no_loss"
    BREACH = "breach"
    BREACH_POSSIBLE = "breach_possible"
    RISK = "risk"
    RISK_POSSIBLE = "risk_possible"
    RISK_UNLIKELY = "risk_unlikely"
    HIGH_RISK = "high_risk"
    HIGH_RISK_POSSIBLE = "high_risk_possible"
    NO_HIGH_RISK = "no_high_risk"
    UNINTELLIGIBLE = "unintelligible"
    LATER_MEASURES = "later_measures"
    PUBLIC_COMMUNICATION = "public_communication"
    ORDERED = "ordered"
    EXEMPTED_BY_AUTHORITY = "exempted_by_authority"
    DEFERRED_BY_POLICE = "deferred_by_police"
    VOLUNTARY = "voluntary"
    PART_ONLY = "part_only"
    FLAW = "flaw"
    FLAW_POSSIBLE = "flaw_possible"
    NO_CLIENT = "no_client"
    OWED_BY_CLIENT = "owed_by_client"
    OWED_BY_JOINT_CONTROLLER = "owed_by_joint_controller"
    LEAD_NOT_KNOWN = "lead_not_known"


INFORMATION_ORDERED = "persons.information_ordered"
EXEMPTION_FOUND = "persons.exemption_found"
INFORMATION_DEFERRED = "persons.information_deferred_by_police"
DEFERRAL_DAYS = "persons.deferral_days"
INFORMATION_VOLUNTARY = "persons.information_voluntary"
DISPROPORTIONATE_EFFORT = "persons.disproportionate_effort"
PART_INFORMED = "persons.part_informed"
PART_REASON = "persons.part_reason"
PERSONS_EVENTS = (
    INFORMATION_ORDERED, EXEMPTION_FOUND, INFORMATION_DEFERRED, DEFERRAL_DAYS, INFORMATION_VOLUNTARY,
    DISPROPORTIONATE_EFFORT, PART_INFORMED, PART_REASON,
)  # fmt: skip
"""What somebody decided or asked about the communication to the persons: it counts from the day it is recorded.

An order that nobody recorded was not given, so an unknown among them opens no duty; only a yes counts.
"""


@dataclass(frozen=True)
class Ruling:
    """The outcome of one duty and why; the first reason decides, the others add to it."""

    outcome: Duty
    reasons: tuple[DutyReason, ...]

    def adding(self, *reasons: DutyReason) -> "Ruling":
        """The same outcome with more to say."""
        return replace(self, reasons=(*self.reasons, *reasons))


@dataclass(frozen=True)
class Basis:
    """What the duties of one perimeter follow from."""

    personal_data: Truth
    is_breach: Truth
    risk: RiskInterval
    is_flaw: Truth
    """A flaw with consequences on the processing is confirmed: what our privacy policy promises clients to hear of."""
    is_ours: bool
    """We are controller, alone or with others."""
    events: frozenset[str] = frozenset()
    """What was ordered, asked or decided about the persons, among `PERSONS_EVENTS`."""


def events_in(places: Iterable[Mapping[str, Fact]]) -> frozenset[str]:
    """The events that somebody recorded at one of the places: a yes, or the part of the persons that is to be told."""
    return frozenset(
        name
        for facts in places
        for name in PERSONS_EVENTS
        if name in facts and (facts[name].value is Truth.YES or isinstance(facts[name].value, frozenset))
    )


@dataclass(frozen=True)
class Rulings:
    """Every duty of one perimeter with its reasons."""

    register: Ruling
    authority: Ruling
    persons: Ruling
    clients: Ruling

    @property
    def duties(self) -> Duties:
        """The outcomes alone."""
        return Duties(self.register.outcome, self.authority.outcome, self.persons.outcome, self.clients.outcome)


def rulings_for(basis: Basis) -> Rulings:
    """GDPR Art. 33(1), 33(2), 33(5) and 34: a register for every breach, a client without any test of risk."""
    return Rulings(_register(basis), _authority(basis), _persons(basis), _clients(basis))


def _no_breach(basis: Basis) -> Ruling:
    is_free = basis.personal_data is Truth.NO
    return Ruling(Duty.NOT_REQUIRED, (DutyReason.NO_PERSONAL_DATA if is_free else DutyReason.NO_LOSS,))


def _register(basis: Basis) -> Ruling:
    match basis.is_breach:
        case Truth.YES:
            return Ruling(Duty.REQUIRED, (DutyReason.BREACH,))
        case Truth.NO:
            return _no_breach(basis)
        case Truth.UNKNOWN:
            return Ruling(Duty.UNDECIDED, (DutyReason.BREACH_POSSIBLE,))


def _authority(basis: Basis) -> Ruling:
    return _by_risk(basis, RiskLevel.RISK, DutyReason.RISK, DutyReason.RISK_POSSIBLE, DutyReason.RISK_UNLIKELY)


def _by_risk(basis: Basis, level: RiskLevel, reached: DutyReason, possible: DutyReason, excluded: DutyReason) -> Ruling:
    if basis.is_breach is Truth.NO:
        return _no_breach(basis)
    is_reached = basis.risk.reaches(level)
    outcome = duty_from(all_of([basis.is_breach, is_reached]))
    if outcome is Duty.NOT_REQUIRED:
        return Ruling(outcome, (excluded,))
    is_sure = {Truth.YES: reached, Truth.UNKNOWN: possible}[is_reached]
    doubt = (DutyReason.BREACH_POSSIBLE,) if basis.is_breach is Truth.UNKNOWN else ()
    return Ruling(outcome, (*doubt, is_sure))


def _persons(basis: Basis) -> Ruling:
    ruling = _persons_owed(basis)
    if ruling.outcome is Duty.NOT_REQUIRED:
        return ruling.adding(DutyReason.VOLUNTARY) if INFORMATION_VOLUNTARY in basis.events else ruling
    added = []
    if DISPROPORTIONATE_EFFORT in basis.events:
        added.append(DutyReason.PUBLIC_COMMUNICATION)
    if INFORMATION_DEFERRED in basis.events:
        added.append(DutyReason.DEFERRED_BY_POLICE)
    if PART_INFORMED in basis.events:
        added.append(DutyReason.PART_ONLY)
    if ruling.outcome is Duty.UNDECIDED and INFORMATION_VOLUNTARY in basis.events:
        added.append(DutyReason.VOLUNTARY)
    return ruling.adding(*added)


def _persons_owed(basis: Basis) -> Ruling:
    """Art. 34(1); the authority's word, an order or a recognised exemption, goes before our own reading (34(4))."""
    if INFORMATION_ORDERED in basis.events:
        return Ruling(Duty.REQUIRED, (DutyReason.ORDERED,))
    if basis.is_breach is not Truth.NO and EXEMPTION_FOUND in basis.events:
        return Ruling(Duty.NOT_REQUIRED, (DutyReason.EXEMPTED_BY_AUTHORITY,))
    excluded = DutyReason.NO_HIGH_RISK if basis.risk.most is RiskLevel.RISK else DutyReason.RISK_UNLIKELY
    return _by_risk(basis, RiskLevel.HIGH_RISK, DutyReason.HIGH_RISK, DutyReason.HIGH_RISK_POSSIBLE, excluded)


def _clients(basis: Basis) -> Ruling:
    """Art. 33(2) for a breach; our own promise for a confirmed flaw, even where no breach followed from it."""
    if basis.is_ours:
        return Ruling(Duty.NOT_REQUIRED, (DutyReason.NO_CLIENT,))
    outcome = duty_from(any_of([basis.is_breach, basis.is_flaw]))
    if outcome is Duty.NOT_REQUIRED:
        return _no_breach(basis)
    if outcome is Duty.REQUIRED:
        said = ((basis.is_breach, Truth.YES, DutyReason.BREACH), (basis.is_flaw, Truth.YES, DutyReason.FLAW))
    else:
        said = (
            (basis.is_breach, Truth.UNKNOWN, DutyReason.BREACH_POSSIBLE),
            (basis.is_flaw, Truth.UNKNOWN, DutyReason.FLAW_POSSIBLE),
        )
    return Ruling(outcome, tuple(reason for truth, wanted, reason in said if truth is wanted))


LONGEST_DEFERRAL_DAYS = 36_500
"""A longer one is a slip of the pen, and no calendar reaches it."""


@dataclass(frozen=True)
class Postponement:
    """A communication to the persons that the police or a judge asked to put off."""

    fact: Fact
    """Who recorded it, and when; its note says who asked."""
    days: NumberRange | None
    """How long, in days from the recording; None where nobody said."""

    @property
    def until(self) -> datetime | None:
        """When it ends at the latest (UTC), None where nobody said."""
        most = self.days.most if self.days else None
        return None if most is None else self.fact.established_at + timedelta(days=min(most, LONGEST_DEFERRAL_DAYS))


def postponement_of(places: Iterable[Mapping[str, Fact]]) -> Postponement | None:
    """The deferral recorded at one of the places, the last one where there are several; None without one."""
    asked = [facts for facts in places if INFORMATION_DEFERRED in facts]
    asked = [facts for facts in asked if facts[INFORMATION_DEFERRED].value is Truth.YES]
    if not asked:
        return None
    last = max(asked, key=lambda facts: facts[INFORMATION_DEFERRED].established_at)
    days = last[DEFERRAL_DAYS].value if DEFERRAL_DAYS in last else None
    return Postponement(last[INFORMATION_DEFERRED], days if isinstance(days, NumberRange) else None)
