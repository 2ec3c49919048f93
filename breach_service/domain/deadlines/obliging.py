"""Which obligations follow from the assessment of a perimeter."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo

from breach_service.domain.assessment import Duty, PerimeterAssessment
from breach_service.domain.calendar import Calendar
from breach_service.domain.conditions import Truth, judge
from breach_service.domain.deadlines.clock import clock_for, trigger_for
from breach_service.domain.deadlines.obligation import Obligation
from breach_service.domain.deadlines.regime import DutyKind, Regime
from breach_service.domain.deadlines.terms import scaled, terms_for
from breach_service.domain.incident import Instant, InstantKind, Perimeter
from breach_service.domain.inventory import Client


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
    calendar: Calendar = Calendar.FR,
    scale: float = 1,
) -> tuple[Obligation, ...]:
    """The obligations of one perimeter as they follow from its assessment; where a duty is excluded there is none.

    `zone` and `calendar` are the organisation's: days, calendar months and working hours are counted in them. The terms
    of a client's contract are those that hold on the day on which the regime's clock starts.
    `scale` is that of an exercise, see `scaled`.
    """
    obligations = []
    for regime in regimes:
        duty = duty_under(regime, assessed)
        if duty is Duty.NOT_REQUIRED or not regime.is_switched_on:
            continue
        day = trigger_for(regime.counted_from, instants, detected_at)[0].astimezone(zone).date()
        if not regime.in_force.holds_on(day):
            continue
        known = {**facts, "perimeter.role": str(assessed.perimeter.our_role)}
        applies = judge(regime.applies_when, known).truth  # type: ignore[arg-type]  # facts are FactValues
        if applies is Truth.NO:
            continue
        terms = scaled(terms_for(regime, client, day), scale)
        clock = clock_for(regime.duty, terms, instants, detected_at, zone, calendar)
        obligations.append(
            Obligation(
                perimeter=assessed.perimeter.key,
                recipient=recipient_of(regime.duty, assessed.perimeter),
                duty=regime.duty,
                terms=terms,
                advice=duty if applies is Truth.YES else Duty.UNDECIDED,
                is_provisional=not clock.is_recorded,
                triggered_at=clock.triggered_at,
                due_at=clock.due_at,
            )
        )
    return tuple(obligations)


def duty_under(regime: Regime, assessed: PerimeterAssessment) -> Duty:
    """What the assessment says of the duty that a regime is about, as far as the duty is ours."""
    return assessed.our_duty("clients" if regime.duty is DutyKind.CLIENT else str(regime.duty))
