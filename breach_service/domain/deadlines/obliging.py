"""Which obligations follow from the assessment of a perimeter, from what is known of an incident, and from filings.

Three sorts of regimes. Those of the GDPR and of our own promise follow the assessment of a perimeter: while a duty is
not excluded it is owed, undecided, and its clock runs. The others (police, insurer, cyber and sector authorities) are
the company's, once for the incident, and follow from conditions: nothing is owed while `asked_when` is not known to
hold, so that a fact of which nobody ever thought makes a question and no obligation. A regime that follows another
begins with the notice that was filed under it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo

from breach_service.domain.alert import Signal
from breach_service.domain.assessment import Duty, PerimeterAssessment
from breach_service.domain.calendar import Calendar
from breach_service.domain.conditions import FactValue, Lines, Truth, any_of, judge
from breach_service.domain.deadlines.authority import Authority
from breach_service.domain.deadlines.clock import clock_for, trigger_for
from breach_service.domain.deadlines.obligation import Obligation, Terms
from breach_service.domain.deadlines.phases import FilingPhase
from breach_service.domain.deadlines.regime import DutyKind, Regime
from breach_service.domain.deadlines.terms import scaled, terms_for
from breach_service.domain.facts import values_of
from breach_service.domain.incident import Instant, InstantKind, Perimeter, instants_for
from breach_service.domain.inventory import Client, Concern, Organisation

OF_THE_COMPANY = ""
"""Stands where the key of a perimeter stands, for a duty of the company as a whole."""


@dataclass(frozen=True)
class Filed:
    """A notice that was sent, as far as others follow from it. `at` in UTC."""

    perimeter: str
    regime: str
    at: datetime
    phase: FilingPhase = FilingPhase.COMPLETE


@dataclass(frozen=True)
class Obliging:
    """What obligations follow from besides the facts: the regimes, the offices, what the organisation says of itself.

    `zone` and `calendar` are the organisation's: days, calendar months and working hours are counted in them.
    `scale` is that of an exercise, see `scaled`.
    """

    regimes: tuple[Regime, ...]
    authorities: Mapping[str, Authority] = field(default_factory=dict)
    organisation: Organisation | None = None
    zone: tzinfo = UTC
    calendar: Calendar = Calendar.FR
    scale: float = 1

    def target_within(self, regime: Regime, day: date) -> Regime | None:
        """The target that stands within a regime on a day."""
        held = (one for one in self.regimes if one.within == regime.id and _is_on(one, day))
        return next(held, None)

    def terms(self, regime: Regime, client: Client | None, day: date, concern: Concern | None) -> Terms:
        """The copy of the terms that an obligation arising on a day keeps."""
        authority = self.authorities.get(regime.authority or "")
        target = self.target_within(regime, day)
        return scaled(terms_for(regime, client, day, concern, authority, target), self.scale)


def recipient_of(regime: Regime, perimeter: Perimeter | None) -> str:
    """Whom a duty is owed to: a client, an authority by its id, else the duty itself (`persons`, `insurer`…)."""
    if regime.duty is DutyKind.CLIENT:
        return f"client:{perimeter.client if perimeter else None}"
    if regime.duty is DutyKind.AUTHORITY:
        return regime.authority or "cnil"
    return regime.authority or str(regime.duty)


def obligations_for(
    assessed: PerimeterAssessment,
    obliging: Obliging,
    instants: Mapping[InstantKind, Instant],
    detected_at: datetime,
    client: Client | None,
    facts: Mapping[str, FactValue],
    filed: Iterable[Filed] = (),
) -> tuple[Obligation, ...]:
    """The obligations of one perimeter as they follow from its assessment; where a duty is excluded there is none.

    `facts` are what is known of the perimeter, and `incident.signals`, see `known_of`. The terms of a client's contract
    are those that hold on the day on which the regime's clock starts.
    """
    notices = tuple(filed)
    known = [{**facts, "perimeter.role": str(assessed.perimeter.our_role)}]
    found = []
    for regime in obliging.regimes:
        if regime.duty.is_of_incident or regime.within is not None:
            continue
        by_conditions = regime.is_owed_by_conditions or regime.follows is not None
        duty = Duty.REQUIRED if by_conditions else duty_under(regime, assessed)
        if duty is Duty.NOT_REQUIRED:
            continue
        owed = _obligation(regime, duty, known, obliging, instants, detected_at, client, notices, assessed.perimeter)
        if owed is not None:
            found.append(owed)
    return tuple(found)


def company_obligations_for(
    obliging: Obliging,
    instants: Iterable[Instant],
    detected_at: datetime,
    facts: Iterable[Mapping[str, FactValue]],
    filed: Iterable[Filed] = (),
) -> tuple[Obligation, ...]:
    """The obligations of the company as a whole: each once, if its conditions hold in any part of the incident.

    `facts` are what is known of each perimeter, see `known_of`.
    """
    notices, known = tuple(filed), tuple(facts)
    own = instants_counted(OF_THE_COMPANY, instants)
    owed = (
        _obligation(one, Duty.REQUIRED, known, obliging, own, detected_at, None, notices, None)
        for one in obliging.regimes
        if one.duty.is_of_incident and one.within is None
    )
    return tuple(one for one in owed if one is not None)


def _obligation(
    regime: Regime, duty: Duty, known: Sequence[Mapping[str, FactValue]], obliging: Obliging,
    instants: Mapping[InstantKind, Instant], detected_at: datetime, client: Client | None, filed: tuple[Filed, ...],
    perimeter: Perimeter | None,
) -> Obligation | None:  # fmt: skip
    key = perimeter.key if perimeter else OF_THE_COMPANY
    if regime.follows is not None:
        instants = with_fulfilment(instants, key, regime.follows, regime.follows_phase, filed)
        if InstantKind.FULFILLED_AT not in instants:
            return None
    day = trigger_for(regime.counted_from, instants, detected_at)[0].astimezone(obliging.zone).date()
    if not _is_on(regime, day):
        return None
    concern = _concern(regime, obliging.organisation, day)
    if not _is_concerned(regime, concern):
        return None
    if _holds(regime.asked_when, known) is not Truth.YES:
        return None
    applies = _holds(regime.applies_when, known)
    if applies is Truth.NO:
        return None
    terms = obliging.terms(regime, client, day, concern)
    clock = clock_for(regime.duty, terms, instants, detected_at, obliging.zone, obliging.calendar)
    return Obligation(
        perimeter=key,
        recipient=recipient_of(regime, perimeter),
        duty=regime.duty,
        terms=terms,
        advice=duty if applies is Truth.YES else Duty.UNDECIDED,
        is_provisional=not clock.is_recorded,
        triggered_at=clock.triggered_at,
        due_at=clock.due_at,
    )


def instants_counted(perimeter: str, instants: Iterable[Instant]) -> dict[InstantKind, Instant]:
    """The instants that count in a perimeter; for the company as a whole, of what was recorded for parts the earliest.

    Whoever knows of a breach in one part of the company knows of it.
    """
    recorded = tuple(instants)
    if perimeter != OF_THE_COMPANY:
        return instants_for(perimeter, recorded)
    parts = {one.perimeter for one in recorded if one.perimeter}
    found = [one for part in parts for one in instants_for(part, recorded).values()]
    earliest = {one.kind: one for one in sorted(found, key=lambda one: one.at, reverse=True)}
    return earliest | instants_for(OF_THE_COMPANY, recorded)


def with_fulfilment(
    instants: Mapping[InstantKind, Instant], perimeter: str, follows: str, phase: FilingPhase | None,
    filed: Iterable[Filed],
) -> Mapping[InstantKind, Instant]:  # fmt: skip
    """The instants with that at which the notice was first sent that a regime follows; as they were without one."""
    sent = [
        one.at for one in filed
        if (one.perimeter, one.regime) == (perimeter, follows) and phase in (None, one.phase)
    ]  # fmt: skip
    if not sent:
        return instants
    return {**instants, InstantKind.FULFILLED_AT: Instant(InstantKind.FULFILLED_AT, min(sent), perimeter=perimeter)}


def recounted(
    held: Obligation, wanted: Obligation, instants: Mapping[InstantKind, Instant], detected_at: datetime,
    filed: Iterable[Filed], obliging: Obliging,
) -> Obligation:  # fmt: skip
    """The held obligation, its terms untouched, counted from the instant that is known now."""
    terms = held.terms
    if terms.follows:
        instants = with_fulfilment(instants, held.perimeter, terms.follows, terms.follows_phase, filed)
    clock = clock_for(held.duty, terms, instants, detected_at, obliging.zone, obliging.calendar)
    return replace(
        held,
        advice=wanted.advice,
        is_provisional=not clock.is_recorded,
        triggered_at=clock.triggered_at,
        due_at=clock.due_at,
        withdrawn_at=None,
    )


def _is_on(regime: Regime, day: date) -> bool:
    return regime.is_switched_on and regime.in_force.holds_on(day)


def _concern(regime: Regime, organisation: Organisation | None, day: date) -> Concern | None:
    if regime.concern is None or organisation is None:
        return None
    return organisation.concern_on(regime.concern, day)


def _is_concerned(regime: Regime, concern: Concern | None) -> bool:
    if regime.concern is None:
        return True
    return regime.asked_unless_denied if concern is None else concern.is_concerned


def _holds(lines: Lines, known: Iterable[Mapping[str, FactValue]]) -> Truth:
    """True of any part of the incident is true of it; no condition always holds."""
    return any_of([judge(lines, facts).truth for facts in known]) if lines else Truth.YES


def known_of(assessed: PerimeterAssessment, signals: Iterable[Signal]) -> dict[str, FactValue]:
    """What the conditions of regimes may name: the facts of a perimeter, and what the alerts reported."""
    return {**values_of(assessed.facts), SIGNALS: frozenset(map(str, signals))}


SIGNALS = "incident.signals"
"""What the alerts reported, always known; among the facts that conditions of regimes may name."""


def duty_under(regime: Regime, assessed: PerimeterAssessment) -> Duty:
    """What the assessment says of the duty that a regime is about, as far as the duty is ours."""
    return assessed.our_duty("clients" if regime.duty is DutyKind.CLIENT else str(regime.duty))
