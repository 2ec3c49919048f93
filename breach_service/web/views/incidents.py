"""The page `/`: where we stand, what falls next, and every incident."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.conditions import Truth
from breach_service.domain.deadlines import OPEN_STATES, Obligation, state_of
from breach_service.domain.incident import (
    OPEN_STATUSES,
    UNQUALIFIED_STATUSES,
    ClockState,
    Incident,
    IncidentStatus,
)
from breach_service.domain.inventory import Inventory
from breach_service.domain.rules import RiskInterval
from breach_service.web.views.clocks import MOST_CLOCKS, Clock, clock_of, nearest_first, qualification_clock
from breach_service.web.views.closing import ClosingForm, NoiseLine, reason_label
from breach_service.web.views.pieces import ContentWords, Risk, risk_of
from breach_service.web.views.pieces import system_names as system_names


@dataclass(frozen=True)
class IncidentOverview:
    """What the list needs to know of one incident."""

    incident: Incident
    personal_data: Truth
    risk: RiskInterval
    obligations: tuple[Obligation, ...] = ()


@dataclass(frozen=True)
class Standing:
    """The numbers of the first sentence."""

    open: int
    unqualified: int
    overdue: int
    due: int
    """Open clocks with a date that is still to come."""
    next: Clock | None
    """The clock that falls next, None where none is to come."""


@dataclass(frozen=True)
class IncidentRow:
    """One line of the list."""

    reference: str
    title: str
    status: IncidentStatus
    systems: tuple[str, ...]
    personal_data: Truth
    risk: Risk
    next: Clock | None
    alerts: int
    last_alert_at: datetime
    has_firing: bool
    closing: str = ""
    """As what it ended, in words; empty while it has not, or where nobody said so."""
    duplicate_of: str = ""


@dataclass(frozen=True)
class IncidentsPage:
    """The context variable `page` of `incidents.html`."""

    standing: Standing
    clocks: tuple[Clock, ...]
    more: int
    """How many open clocks are not shown."""
    open: tuple[IncidentRow, ...]
    closed: tuple[IncidentRow, ...]
    is_empty: bool
    now: datetime
    closing: ClosingForm | None = None
    """What is proposed for closing; None where nothing is."""
    noise: tuple[NoiseLine, ...] = ()
    """What was dismissed alike again and again."""
    unseen: int = 0
    """Restricted incidents that the reader does not see: how many there are is all that they may know."""
    exercises: tuple[str, ...] = ()
    """References of exercises that are running: they stand in no list of incidents."""


def incidents_page(
    summaries: Iterable[IncidentOverview], inventory: Inventory, content: ContentWords, language: str, now: datetime,
    closing: ClosingForm | None = None, noise: tuple[NoiseLine, ...] = (), unseen: int = 0,
    exercises: tuple[str, ...] = (),
) -> IncidentsPage:  # fmt: skip
    """Every incident that the person may see; open ones with the nearest date first, closed ones latest first."""
    known = tuple(summaries)
    clocks = {one.incident.id: _open_clocks(one, inventory, content, language, now) for one in known}
    nearest = nearest_first(clock for some in clocks.values() for clock in some)
    rows = [(one, _row(one, clocks[one.incident.id], inventory, language)) for one in known]
    open_rows = [row for one, row in rows if one.incident.status in OPEN_STATUSES]
    closed = [row for one, row in rows if one.incident.status not in OPEN_STATUSES]
    return IncidentsPage(
        standing=standing_of(nearest, [one.incident for one in known]),
        clocks=nearest[:MOST_CLOCKS],
        more=max(len(nearest) - MOST_CLOCKS, 0),
        open=tuple(sorted(open_rows, key=lambda row: (row.next is None, row.next.due_at if row.next else now))),
        closed=tuple(sorted(closed, key=lambda row: row.last_alert_at, reverse=True)),
        is_empty=not known,
        now=now,
        closing=closing,
        noise=noise,
        unseen=unseen,
        exercises=exercises,
    )


def standing_of(clocks: Iterable[Clock], incidents: Iterable[Incident]) -> Standing:
    """Where we stand, from the open clocks in order of their dates."""
    open_incidents = [one for one in incidents if one.status in OPEN_STATUSES]
    running = [one for one in clocks if one.left]
    to_come = [one for one in running if one.badge.code != "overdue"]
    return Standing(
        open=len(open_incidents),
        unqualified=sum(one.status in UNQUALIFIED_STATUSES for one in open_incidents),
        overdue=sum(1 + one.others for one in running if one.badge.code == "overdue"),
        due=sum(1 + one.others for one in to_come),
        next=to_come[0] if to_come else None,
    )


def _open_clocks(
    summary: IncidentOverview, inventory: Inventory, content: ContentWords, language: str, now: datetime
) -> tuple[Clock, ...]:
    incident = summary.incident
    if incident.status not in OPEN_STATUSES:
        return ()
    return open_clocks(incident, summary.obligations, inventory, content, language, now)


def open_clocks(
    incident: Incident, obligations: Iterable[Obligation], inventory: Inventory, content: ContentWords, language: str,
    now: datetime,
) -> tuple[Clock, ...]:  # fmt: skip
    """The clocks of one incident that count among those of others, nearest first.

    Until it is qualified an incident has one clock, that of its qualification; a provisional date joins it only
    when it is near or past.
    """
    names = {one.id: one.name for one in inventory.clients}
    is_unqualified = incident.status in UNQUALIFIED_STATUSES

    def counted() -> Iterator[Clock]:
        if is_unqualified:
            yield qualification_clock(incident, now)
        for obligation in obligations:
            state = state_of(obligation, now)
            if state not in OPEN_STATES or (is_unqualified and state is ClockState.RUNNING):
                continue
            clock = clock_of(obligation, incident, names, content, language, now)
            if clock:
                yield clock

    return nearest_first(counted())


def _row(summary: IncidentOverview, clocks: tuple[Clock, ...], inventory: Inventory, language: str) -> IncidentRow:
    incident = summary.incident
    return IncidentRow(
        reference=incident.reference,
        title=incident.title,
        status=incident.status,
        systems=system_names(incident.systems, inventory, language),
        personal_data=summary.personal_data,
        risk=risk_of(summary.risk),
        next=clocks[0] if clocks else None,
        alerts=incident.alerts,
        last_alert_at=incident.last_alert_at,
        has_firing=incident.has_firing and incident.status in OPEN_STATUSES,
        closing=reason_label(incident.closing_reason, language),
        duplicate_of=incident.duplicate_of,
    )
