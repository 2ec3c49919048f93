"""Countdowns: of obligations, and of the assessment of an incident that nobody has assessed yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from markupsafe import Markup

from breach_service.domain.deadlines import OPEN_STATES, DutyKind, Obligation, Regime, Terms, state_of
from breach_service.domain.incident import ClockState, Incident, InstantKind, clock_state
from breach_service.domain.readings import Readings
from breach_service.rendering.formats import LONGEST_IN_HOURS
from breach_service.web.drawings import term_bar
from breach_service.web.views.pieces import Badge, ContentWords, Recipient, badge_for, recipient_of

MOST_CLOCKS = 5
"""How many clocks a page shows; the others are counted."""


@dataclass(frozen=True)
class Span:
    """A length of time to or from an instant; `length` is never negative."""

    length: timedelta
    is_late: bool
    is_in_days: bool


def span_until(at: datetime, now: datetime) -> Span:
    """How long until an instant, or since it."""
    length = abs(at - now)
    return Span(length, now >= at, length > LONGEST_IN_HOURS)


@dataclass(frozen=True)
class Clock:
    """One countdown. Instants in UTC."""

    recipient: Recipient
    badge: Badge
    css: str
    due_at: datetime
    left: Span | None
    """None once it is fulfilled."""
    took: timedelta | None
    """From trigger to fulfilment."""
    fulfilled_at: datetime | None
    bar: Markup
    hours: float | None
    counted_from: InstantKind
    counted_from_words: str
    reference: str
    incident: str
    incident_title: str
    obligation: int
    href: str
    act: str
    """What the link does: `open_draft`, `qualify`, `open_register`, `see_filing`, `see_duty`."""
    working_hours: float | None = None
    """Hours of working days, where a contract counts those; `hours` is None then."""
    other_reading_at: datetime | None = None
    """Under Regulation 1182/71, where that reading has a date; never what is alerted on."""
    first_alert_at: datetime | None = None
    """Counted from the first alert, where that is another date; it stays in sight until closure."""
    others: int = 0
    """Further clients whose clock is the same in every respect; they are told of in one piece."""


def clock_of(
    obligation: Obligation, incident: Incident, names: Mapping[str, str], content: ContentWords, language: str,
    now: datetime, readings: Readings | None = None,
) -> Clock | None:  # fmt: skip
    """The countdown of an obligation; None where it has no date or is not, or no longer, required.

    `readings` are its other dates, shown beside the strict one while it runs.
    """
    state = state_of(obligation, now)
    if obligation.due_at is None or state not in (*OPEN_STATES, ClockState.FULFILLED):
        return None
    badge = badge_for(state, obligation.is_provisional, obligation.advice)
    ended_at = obligation.fulfilled_at
    href, act = link_for(obligation, incident.reference)
    regime = content.regimes.get(obligation.terms.regime)
    return Clock(
        recipient=recipient_of(obligation, names),
        badge=badge,
        css=badge.css + (" is-maybe" if is_drawn_provisional(badge) else ""),
        due_at=obligation.due_at,
        left=None if ended_at else span_until(obligation.due_at, now),
        took=max(ended_at - obligation.triggered_at, timedelta()) if ended_at else None,
        fulfilled_at=ended_at,
        bar=term_bar(obligation.triggered_at, obligation.due_at, ended_at or now),
        hours=obligation.terms.hours,
        counted_from=obligation.terms.counted_from,
        counted_from_words=counted_from_words(obligation.terms, regime, language),
        reference=obligation.terms.reference,
        working_hours=obligation.terms.working_hours,
        other_reading_at=readings.reg_1182_71_at if readings and not ended_at else None,
        first_alert_at=_from_first_alert(obligation, readings) if readings and not ended_at else None,
        incident=incident.reference,
        incident_title=incident.title,
        obligation=obligation.id,
        href=href,
        act=act,
    )


def _from_first_alert(obligation: Obligation, readings: Readings) -> datetime | None:
    return readings.first_alert_at if readings.first_alert_at != obligation.due_at else None


def counted_from_words(terms: Terms, regime: Regime | None, language: str) -> str:
    """How the regime says from when it counts; empty where a contract counts from another instant."""
    says_so = regime is not None and regime.counted_from is terms.counted_from
    return regime.counted_from_words.in_language(language) if regime and says_so else ""


def is_drawn_provisional(badge: Badge) -> bool:
    """True where frame and bar are dashed and hatched."""
    return badge.is_provisional or badge.code in ("provisional", "undecided")


def link_for(obligation: Obligation, reference: str) -> tuple[str, str]:
    """Where a person goes to serve an obligation, and the code of what they do there."""
    if obligation.fulfilled_at is not None:
        return f"/incidents/{reference}#log", "see_filing"
    if obligation.duty is DutyKind.REGISTER:
        return "/register", "open_register"
    if not obligation.duty.has_letter:
        return f"/incidents/{reference}#obligations", "see_duty"
    return f"/incidents/{reference}/drafts/{obligation.id}", "open_draft"


def qualification_clock(incident: Incident, now: datetime) -> Clock:
    """The countdown until somebody must have said what an unqualified incident is."""
    state = clock_state(incident.detected_at, incident.qualify_by, now)
    badge = badge_for(state, is_provisional=False)
    return Clock(
        recipient=Recipient("qualification"),
        badge=badge,
        css=badge.css,
        due_at=incident.qualify_by,
        left=span_until(incident.qualify_by, now),
        took=None,
        fulfilled_at=None,
        bar=term_bar(incident.detected_at, incident.qualify_by, now),
        hours=round((incident.qualify_by - incident.detected_at) / timedelta(hours=1), 1),
        counted_from=InstantKind.DETECTED_AT,
        counted_from_words="",
        reference="",
        incident=incident.reference,
        incident_title=incident.title,
        obligation=0,
        href=f"/incidents/{incident.reference}#qualify",
        act="qualify",
    )


def nearest_first(clocks: Iterable[Clock]) -> tuple[Clock, ...]:
    """Open clocks by date, overdue ones first, then what is fulfilled; clients whose clocks agree share one."""
    alike: dict[object, list[Clock]] = {}
    for one in sorted(clocks, key=lambda one: (one.fulfilled_at is not None, one.due_at, one.recipient.name)):
        is_client = one.recipient.kind == "client"
        shared = (one.incident, one.badge, one.due_at, one.hours, one.reference, one.counted_from, one.fulfilled_at)
        alike.setdefault(shared if is_client else (one.incident, one.recipient, one.obligation), []).append(one)
    return tuple(replace(some[0], others=len(some) - 1) for some in alike.values())
