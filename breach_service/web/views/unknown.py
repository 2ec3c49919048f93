"""The page of the names that alerts use and nobody knows: what waits, what it may be, and what was answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from breach_service.domain.incident import IncidentStatus
from breach_service.domain.inventory import Elsewhere, Inventory
from breach_service.domain.unknown_names import NameKind, is_met, match_for, pattern_for, suggested_systems
from breach_service.store.unknown_answers import Given, Touched
from breach_service.store.unknown_names import Uses, Waiting

MOST_SHOWN = 50
"""Names on the page; all are counted."""
MOST_ALSO = 10
"""Names that are listed beside one which the same pattern would answer."""
ANSWER_FIELDS = ("answer", "system", "title", "written", "reason")
NOT_USED: Uses = Uses((), (), ())


@dataclass(frozen=True)
class NamedSystem:
    """A system that may be chosen."""

    id: str
    name: str


@dataclass(frozen=True)
class UnknownRow:
    """A name that waits. Instants in UTC."""

    id: int
    kind: NameKind
    value: str
    alerts: int
    first_seen_at: datetime
    last_seen_at: datetime
    sources: tuple[str, ...]
    titles: tuple[str, ...]
    incidents: tuple[str, ...]
    suggested: tuple[NamedSystem, ...]


@dataclass(frozen=True)
class GivenRow:
    """An answer, with what came of it."""

    at: datetime
    by: str
    kind: NameKind
    value: str
    answer: str
    system: str
    """Name of the system; empty where it is not ours."""
    reason: str
    others: int
    """Further names that it answered."""
    gained: tuple[str, ...]
    dismissed: tuple[str, ...]
    """Incidents that were dismissed before this was known: to be looked at again."""
    closed: tuple[str, ...]


@dataclass(frozen=True)
class ElsewhereRow:
    """What somebody said not to be ours."""

    id: str
    name: str
    found_by: tuple[str, ...]
    reason: str
    said_by: str
    said_on: date | None


@dataclass(frozen=True)
class UnknownPage:
    """The context variable `page` of `unknown_names.html`."""

    rows: tuple[UnknownRow, ...]
    total: int
    new: GivenRow | None
    """The answer that was given just now."""
    answered: tuple[GivenRow, ...]
    elsewhere: tuple[ElsewhereRow, ...]
    may_answer: bool
    now: datetime


@dataclass(frozen=True)
class UnknownNamePage:
    """The context variable `page` of `unknown_name.html`: one name with every answer to it."""

    row: UnknownRow
    pattern: str
    """For machines that are called alike; empty where there is none."""
    also: tuple[str, ...]
    """Names that wait and that the pattern would answer too."""
    more: int
    has_pattern: bool
    """True where a pattern or a range may be written."""
    systems: tuple[NamedSystem, ...]
    activities: tuple[tuple[str, str], ...]
    typed: Mapping[str, str]
    chosen: tuple[str, ...]
    error: str
    may_answer: bool
    now: datetime


def unknown_page(
    waiting: Iterable[tuple[Waiting, Uses]], total: int, answers: Sequence[Given], new: Given | None,
    inventory: Inventory, language: str, may: frozenset[str], now: datetime,
) -> UnknownPage:  # fmt: skip
    """What waits, those that most alerts use first, and the latest answers."""
    return UnknownPage(
        rows=tuple(unknown_row(one, uses, inventory, language) for one, uses in waiting),
        total=total,
        new=_given(new, inventory, language) if new is not None else None,
        answered=tuple(_given(one, inventory, language) for one in answers),
        elsewhere=tuple(_elsewhere(one) for one in inventory.elsewhere if one.valid_to is None),
        may_answer="manage_inventory" in may,
        now=now,
    )


def _elsewhere(one: Elsewhere) -> ElsewhereRow:
    match = one.match
    labels = tuple(f"{key}={value}" for key, value in match.labels.items())
    found_by = (*match.hosts, *match.networks, *match.applications, *match.accounts, *labels)
    return ElsewhereRow(one.id, one.name, found_by, one.reason, one.said_by, one.said_on)


def unknown_row(one: Waiting, uses: Uses, inventory: Inventory, language: str) -> UnknownRow:
    """One name, with the systems that it may belong to."""
    found = (inventory.system(each) for each in suggested_systems(one.name, inventory))
    return UnknownRow(
        id=one.id,
        kind=one.name.kind,
        value=one.name.value,
        alerts=one.alerts,
        first_seen_at=one.first_seen_at,
        last_seen_at=one.last_seen_at,
        sources=uses.sources,
        titles=uses.titles,
        incidents=uses.incidents,
        suggested=tuple(NamedSystem(each.id, each.name.in_language(language)) for each in found if each),
    )


def unknown_name_page(
    one: Waiting, uses: Uses, others: Iterable[Waiting], inventory: Inventory, language: str, may: frozenset[str],
    now: datetime, *, typed: Mapping[str, str] | None = None, chosen: Iterable[str] = (), error: str = "",
) -> UnknownNamePage:  # fmt: skip
    """One name with its forms, as they were typed."""
    pattern = pattern_for(one.name)
    match = match_for(one.name, pattern) if pattern else None
    also = [two.name.value for two in others if match and two.id != one.id and is_met(two.name, match)]
    row = unknown_row(one, uses, inventory, language)
    likely = [each.id for each in row.suggested]
    systems = [NamedSystem(each.id, each.name.in_language(language)) for each in inventory.systems if not each.valid_to]
    systems.sort(key=lambda each: (likely.index(each.id) if each.id in likely else len(likely), each.name.casefold()))
    return UnknownNamePage(
        row=row,
        pattern=pattern,
        also=tuple(also[:MOST_ALSO]),
        more=max(len(also) - MOST_ALSO, 0),
        has_pattern=one.name.kind in (NameKind.HOST, NameKind.ADDRESS),
        systems=tuple(systems),
        activities=tuple((each.id, each.name.in_language(language)) for each in inventory.activities),
        typed={name: (typed or {}).get(name, "") for name in ANSWER_FIELDS},
        chosen=tuple(chosen),
        error=error,
        may_answer="manage_inventory" in may,
        now=now,
    )


def _given(one: Given, inventory: Inventory, language: str) -> GivenRow:
    system = inventory.system(one.system) if one.system else None
    return GivenRow(
        at=one.at,
        by=one.by,
        kind=one.name.kind,
        value=one.name.value,
        answer=one.answer,
        system=system.name.in_language(language) if system else one.system,
        reason=one.reason,
        others=max(one.names - 1, 0),
        gained=tuple(each.reference for each in one.gained),
        dismissed=_that_are(one.ended, IncidentStatus.DISMISSED),
        closed=_that_are(one.ended, IncidentStatus.CLOSED),
    )


def _that_are(some: Iterable[Touched], status: IncidentStatus) -> tuple[str, ...]:
    return tuple(one.reference for one in some if one.status is status)
