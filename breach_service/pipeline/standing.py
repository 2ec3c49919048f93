"""The inventory as it stood while a breach lasted, and as far as the breach reaches into it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from breach_service.domain.conditions import NumberRange
from breach_service.domain.facts import WHOLE_INCIDENT, Fact, Provenance
from breach_service.domain.incident import OPEN_STATUSES, EntryKind, Instant, InstantKind, instants_for
from breach_service.domain.notice import DURATION
from breach_service.pipeline.knowledge import Knowledge, Narrowing
from breach_service.store import merging, provider_notices, timeline
from breach_service.store.database import Session
from breach_service.store.tables import IncidentRow

OWN = "own_systems"
"""In the entry that says that an incident took another in: the systems that it had until then, with spaces between."""


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
        found = instants_for(perimeter, instants).get(InstantKind.OCCURRED_AT)  # None once it was taken back
        if found is not None:
            yield found.at


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

    An alert says more than that: incidents with alerts are judged on all that their systems hold. What was told of
    an incident that went into another holds there too, unless somebody said more of that system.
    """
    silent = [row for row in rows if row.id is not None and row.alerts == 0]
    if not silent:
        return {}
    parts = {row.id or 0: merging.merged_into(session, row.id or 0) for row in _that_took_in(session, silent)}
    numbers = {row.id or 0 for row in silent} | {one.id or 0 for some in parts.values() for one in some}
    found = provider_notices.narrowings(session, numbers)
    joined = {
        row.id or 0: _joined([(one, found.get(one.id or 0, ())) for one in (row, *parts.get(row.id or 0, ()))], session)
        if row.id in parts
        else found.get(row.id or 0, ())
        for row in silent
    }
    return {number: one for number, one in joined.items() if one}


def _that_took_in(session: Session, rows: Iterable[IncidentRow]) -> list[IncidentRow]:
    took_in = merging.having_taken_in(session, [row.id or 0 for row in rows])
    return [row for row in rows if row.id in took_in]


def _joined(parts: Sequence[tuple[IncidentRow, Narrowing]], session: Session) -> Narrowing:
    """What is concerned of each system over incidents that became one: all of it where one of them says no less."""
    some: dict[str, set[str]] = {}
    whole: set[str] = set()
    for row, narrowing in parts:
        told = dict(narrowing)
        for system, activities in told.items():
            some.setdefault(system, set()).update(activities)
        whole.update(set(_own_systems(session, row)) - told.keys())
    return tuple((system, frozenset(some[system])) for system in sorted(some) if system not in whole)


def _own_systems(session: Session, row: IncidentRow) -> Sequence[str]:
    """The systems that an incident had before another went into it; all that it has where that was not kept."""
    taken = [one for one in timeline.entries_of(session, row.id or 0) if one.kind is EntryKind.TOOK_IN]
    if not taken:
        return row.systems
    words = taken[0].words or {}
    return words[OWN].split() if OWN in words else row.systems


def as_it_stood(
    session: Session, row: IncidentRow, instants: Iterable[Instant], facts: Iterable[Fact], knowledge: Knowledge,
    now: datetime,
) -> Knowledge:  # fmt: skip
    """What one incident is judged by."""
    narrowing = narrowings_of(session, [row]).get(row.id or 0, ())
    return knowledge.as_it_stood(*window_of(row, instants, facts, now), narrowing)
