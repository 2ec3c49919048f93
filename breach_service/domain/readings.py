"""The dates of one clock side by side: strict, under Regulation 1182/71, and counted from the first alert."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from breach_service.domain.calendar import Calendar, reg_1182_71
from breach_service.domain.deadlines import Obligation, clock_for
from breach_service.domain.incident import Instant, InstantKind, instants_for


@dataclass(frozen=True)
class Readings:
    """When a clock ends. Instants in UTC; None where that reading has no date."""

    strict_at: datetime | None
    """Elapsed hours from the instant that counts: what is alerted on."""
    reg_1182_71_at: datetime | None
    """The prudent reading of Regulation (EEC, Euratom) 1182/71: of a law's own term in hours, and an argument only."""
    first_alert_at: datetime | None
    """As if it counted from the first alert; it stays in sight until closure, whatever instants are recorded."""


def readings_of(
    obligation: Obligation, instants: Iterable[Instant], detected_at: datetime, zone: tzinfo, calendar: Calendar
) -> Readings:
    """The readings of one obligation. `zone` and `calendar` are the organisation's.

    A term that a contract sets, or a promise of ours, is outside the Regulation. What a client's clock counts from
    besides (the receipt of its complaint) counts in the date from the first alert too.
    """
    terms = obligation.terms
    other = None
    if terms.is_read_under_1182_71 and terms.hours is not None:
        other = reg_1182_71(obligation.triggered_at, terms.hours, zone, calendar).due_at
    received = instants_for(obligation.perimeter, instants).get(InstantKind.RECEIVED_AT)
    kept = {InstantKind.RECEIVED_AT: received} if received is not None else {}
    first = clock_for(obligation.duty, terms, kept, detected_at, zone, calendar)
    return Readings(obligation.due_at, other, first.due_at)
