"""When a clock starts and when it ends, on what is recorded of an incident."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from breach_service.domain.calendar import Calendar, strict_end, strict_end_months, working_end
from breach_service.domain.deadlines.obligation import Terms
from breach_service.domain.deadlines.regime import DutyKind
from breach_service.domain.incident import Instant, InstantKind

ONLY_ONCE_RECORDED = frozenset({InstantKind.CLASSIFIED_AT, InstantKind.CORRECTED_AT, InstantKind.FULFILLED_AT})
"""Instants that may never come: nothing counts from them before they are recorded, not even provisionally."""


@dataclass(frozen=True)
class Clock:
    """When a clock starts and ends. Instants in UTC."""

    triggered_at: datetime
    is_recorded: bool
    """True where a person recorded the instant that starts it."""
    due_at: datetime | None


def clock_for(
    duty: DutyKind, terms: Terms, instants: Mapping[InstantKind, Instant], detected_at: datetime, zone: tzinfo = UTC,
    calendar: Calendar = Calendar.FR,
) -> Clock:  # fmt: skip
    """The clock of some terms on what is recorded; of a contract and what we promise besides, the one that ends first.

    A client's clock starts at the latest when a provider's notice of the breach, or the client's own complaint,
    reached us (RECEIVED_AT): from then on nobody needs to be certain first.
    """
    clocks = []
    for one in (terms, terms.at_most):
        if one is not None:
            if one.counted_from in ONLY_ONCE_RECORDED and one.counted_from not in instants:
                clocks.append(Clock(detected_at.astimezone(UTC), False, None))
                continue
            trigger, is_recorded = trigger_for(one.counted_from, instants, detected_at)
            received = instants.get(InstantKind.RECEIVED_AT) if duty is DutyKind.CLIENT else None
            if received is not None and (not is_recorded or received.at < trigger):
                trigger, is_recorded = received.at.astimezone(UTC), True
            clocks.append(Clock(trigger, is_recorded, due_after(trigger, one, zone, calendar)))
    return min(clocks, key=lambda one: (one.due_at is None, one.due_at or one.triggered_at))


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


def due_after(
    trigger_at: datetime, terms: Terms, zone: tzinfo = UTC, calendar: Calendar = Calendar.FR
) -> datetime | None:
    """The due instant in UTC; None without a term. ValueError for a naive trigger.

    Hours are strict elapsed time (never counted on a local clock, which jumps twice a year); calendar months end at
    the same local time in `zone`; working hours are all the hours of days that are neither Saturday, nor Sunday, nor a
    public holiday of `calendar` in `zone`.
    """
    if terms.working_hours is not None:
        return working_end(trigger_at, terms.working_hours, zone, calendar)
    if terms.hours is not None:
        return strict_end(trigger_at, terms.hours)
    if terms.months is not None:
        return strict_end_months(trigger_at, terms.months, zone)
    return None
