"""What changed rules of grouping would have made of the alerts of the last days; nothing is stored.

The rules in force and the changed ones are played over the same alerts, so that the difference is the change alone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from breach_service.catalog import Catalogue, Fault
from breach_service.catalog.catalogue import catalogue_from
from breach_service.domain.grouping import Reader, Role, minute_of
from breach_service.domain.grouping.simulation import Event, Simulation
from breach_service.store import alerts, dry_runs
from breach_service.store.alerts import Kept
from breach_service.store.database import Session
from breach_service.store.sight import FULL, Visibility

Handle = tuple[str, str]
"""Source and fingerprint: the same problem."""
MOST_ALERTS = 20_000
"""Alerts that one dry run looks at, the newest; more would keep a person waiting."""
FILE = "grouping.yaml"


class Change(StrEnum):
    """What becomes of an incident under the changed rules."""

    SAME = "same"
    OPENED = "opened"
    """New: none of its alerts stood in an incident."""
    GONE = "gone"
    """None of its alerts would stand in an incident any more."""
    MERGED = "merged"
    """Several are one."""
    SPLIT = "split"
    """One is several."""
    GREW = "grew"
    """Alerts join it."""
    SHRANK = "shrank"
    """Alerts leave it."""


@dataclass(frozen=True)
class PlayedAlert:
    """One alert of an incident. Instants in UTC."""

    source: str
    title: str
    first_at: datetime
    count: int


@dataclass(frozen=True)
class PlayedIncident:
    """One incident as it is or would be; of what is gone, as it is."""

    change: Change
    alerts: tuple[PlayedAlert, ...]
    """By their first instant."""
    joined: int
    """How many of them stand in no incident, or in another one, under the rules in force."""
    left: int
    """How many would leave it."""
    was: int
    """How many incidents they are under the rules in force."""
    references: tuple[str, ...]
    """The incidents of the service in which these alerts stand."""


@dataclass(frozen=True)
class Tally:
    """What became of the alerts, each counted once."""

    incidents: int
    opens: int
    joins: int
    """In an incident, without opening one."""
    observed: int
    patterns: int
    """Patterns completed."""


@dataclass(frozen=True)
class DryRun:
    """The rules in force and the changed ones, side by side."""

    looked_at: int
    is_cut: bool
    """True where there were more alerts than a dry run looks at."""
    before: Tally
    after: Tally
    incidents: tuple[PlayedIncident, ...]
    """Those that change, the newest first; then how many stay the same."""
    same: int
    new: tuple[str, ...] = ()
    """Titles of alerts that would stand in an incident and do not."""
    gone: tuple[str, ...] = ()


@dataclass
class _Played:
    """One playing: who stands where."""

    simulation: Simulation
    members: Mapping[int, frozenset[Handle]] = field(default_factory=dict)

    @property
    def standing(self) -> frozenset[Handle]:
        return frozenset(one for some in self.members.values() for one in some)


def changed_rules(catalogue: Catalogue, text: str) -> tuple[Catalogue | None, tuple[Fault, ...]]:
    """The content in force with another `grouping.yaml`, or every fault of it with its line."""
    reading = catalogue_from({**catalogue.documents, FILE: text})
    return reading.catalogue, reading.faults


def dry_run(
    session: Session, catalogue: Catalogue, changed: Catalogue, since: datetime, visibility: Visibility = FULL
) -> DryRun:
    """Play the alerts that came in at an instant or later, as far as they are seen, under both sets of rules."""
    found = alerts.kept_since(session, since, visibility)
    kept = sorted(found, key=lambda one: one.last_at)[-MOST_ALERTS:]
    before, after = (_played(one, kept) for one in (catalogue, changed))
    references = dry_runs.references_since(session, since, visibility)
    shown = {_handle(one): PlayedAlert(one.source, one.alert.title, one.first_at, one.count) for one in kept}
    compared = _compared(before, after, shown, references)
    changes = [one for one in compared if one.change is not Change.SAME]
    return DryRun(
        looked_at=len(shown),
        is_cut=len(found) > len(kept),
        before=_tally(before),
        after=_tally(after),
        incidents=tuple(sorted(changes, key=lambda one: one.alerts[0].first_at, reverse=True)),
        same=len(compared) - len(changes),
        new=tuple(sorted(shown[one].title for one in after.standing - before.standing)),
        gone=tuple(sorted(shown[one].title for one in before.standing - after.standing)),
    )


def _handle(one: Kept) -> Handle:
    return (one.source, one.fingerprint)


def _played(catalogue: Catalogue, kept: Sequence[Kept]) -> _Played:
    events = [
        Event(_handle(one), one.alert, minute_of(at), one.kind, one.systems, one.count)
        for one in kept
        for at in sorted({one.first_at, one.last_at})
    ]
    simulation = Simulation(Reader(catalogue.grouping, catalogue.signals))
    simulation.play(sorted(events, key=lambda one: one.minute))
    found = {
        number: frozenset((str(one[0]), str(one[1])) for one in handles if isinstance(one, tuple))
        for number, handles in simulation.members().items()
    }
    return _Played(simulation, found)


def _tally(played: _Played) -> Tally:
    standing = played.standing
    roles = played.simulation.readings
    opens = sum(roles[one].role is Role.OPENS for one in standing)
    return Tally(
        incidents=len(played.members),
        opens=opens,
        joins=len(standing) - opens,
        observed=len(played.simulation.placed) - len(standing),
        patterns=len(played.simulation.completed),
    )


def _compared(
    before: _Played, after: _Played, shown: Mapping[Handle, PlayedAlert], references: Mapping[Handle, Collection[str]]
) -> list[PlayedIncident]:
    was: dict[Handle, set[int]] = {}
    for number, handles in before.members.items():
        for one in handles:
            was.setdefault(one, set()).add(number)
    parts: dict[int, int] = {}
    for handles in after.members.values():
        for number in {two for one in handles for two in was.get(one, ())}:
            parts[number] = parts.get(number, 0) + 1

    def incident(change: Change, handles: frozenset[Handle], old: frozenset[Handle], number: int) -> PlayedIncident:
        told = sorted((shown[one] for one in handles), key=lambda one: (one.first_at, one.title))
        names = sorted({two for one in handles | old for two in references.get(one, ())})
        return PlayedIncident(change, tuple(told), len(handles - old), len(old - handles), number, tuple(names))

    found = []
    for handles in after.members.values():
        numbers = {two for one in handles for two in was.get(one, ())}
        old = frozenset(one for two in numbers for one in before.members[two])
        is_part = any(parts[one] > 1 for one in numbers)
        found.append(incident(_change(handles, old, len(numbers), is_part=is_part), handles, old, len(numbers)))
    for number, handles in before.members.items():
        if number not in parts:
            found.append(incident(Change.GONE, handles, frozenset(), 1))
    return found


def _change(handles: frozenset[Handle], old: frozenset[Handle], was: int, *, is_part: bool) -> Change:
    if was == 0:
        return Change.OPENED
    if was > 1:
        return Change.MERGED
    if is_part:
        return Change.SPLIT
    if handles == old:
        return Change.SAME
    return Change.GREW if handles - old else Change.SHRANK
