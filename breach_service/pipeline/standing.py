"""The inventory as it stood while a breach lasted, and as far as the breach reaches into it."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from breach_service.domain.conditions import NumberRange
from breach_service.domain.facts import WHOLE_INCIDENT, Fact, Provenance
from breach_service.domain.incident import OPEN_STATUSES, Instant, InstantKind, instants_for
from breach_service.domain.notice import DURATION
from breach_service.pipeline.knowledge import Knowledge, Narrowing
from breach_service.store import provider_notices
from breach_service.store.database import Session
from breach_service.store.tables import IncidentRow


def window_of(
    row: IncidentRow, instants: Iterable[Instant], facts: Iterable[Fact], now: datetime
) -> tuple[datetime, datetime]:
    """From when to when a breach may have touched something (UTC, in order).

    It begins with its occurrence, where somebody recorded that, else with its first alert. It goes on until now, or
    until the incident was closed; where a person recorded how long it lasted, until then.
    """
    begun_at = min((row.detected_at, *_occurrences(tuple(instants))))
    ended_at = now if row.status in OPEN_STATUSES else row.closed_at or row.qualified_at or row.last_alert_at
    lasted = _longest(facts)
    if lasted is not None and begun_at < row.detected_at:
        ended_at = min(ended_at, begun_at + lasted)
    return begun_at, max(begun_at, ended_at)


def _occurrences(instants: tuple[Instant, ...]) -> Iterable[datetime]:
    for perimeter in {one.perimeter for one in instants if one.kind is InstantKind.OCCURRED_AT}:
        yield instants_for(perimeter, instants)[InstantKind.OCCURRED_AT].at


def _longest(facts: Iterable[Fact]) -> timedelta | None:
    """How long it lasted at most, as a person said last of the whole incident."""
    said = [
        one
        for one in facts
        if one.name == DURATION and one.scope == WHOLE_INCIDENT and one.provenance is Provenance.PERSON
    ]
    value = max(said, key=lambda one: one.recorded).value if said else None
    return timedelta(hours=value.most) if isinstance(value, NumberRange) and value.most is not None else None


def narrowings_of(session: Session, rows: Collection[IncidentRow]) -> dict[int, Narrowing]:
    """Of which activities alone some systems are concerned, by incident: what a provider told us of, and no more.

    An alert says more than that: incidents with alerts are judged on all that their systems hold.
    """
    silent = [row.id for row in rows if row.id is not None and row.alerts == 0]
    return provider_notices.narrowings(session, silent) if silent else {}


def as_it_stood(
    session: Session, row: IncidentRow, instants: Iterable[Instant], facts: Iterable[Fact], knowledge: Knowledge,
    now: datetime,
) -> Knowledge:  # fmt: skip
    """What one incident is judged by."""
    narrowing = narrowings_of(session, [row]).get(row.id or 0, ())
    return knowledge.as_it_stood(*window_of(row, instants, facts, now), narrowing)
