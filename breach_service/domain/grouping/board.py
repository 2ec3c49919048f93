"""The board on which alerts are placed: strands, the incidents they belong to, and what was only observed.

It is filled with what a slice of alerts may touch, places them one by one, and can then say what changed. It knows
nothing of a database: the service fills it from its tables, a dry run from a recording.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from breach_service.domain.grouping.strands import Grid, Key, Strand, is_touched


class Role(StrEnum):
    """What an alert may do to an incident."""

    OPENS = "opens"
    """Opens one, keeps it open, and joins those that it has something in common with."""
    JOINS = "joins"
    """Belongs to an incident that is there, or comes to be there, around the same time."""
    OBSERVES = "observes"
    """Is counted and stands in none."""


class PlacementReason(StrEnum):
    """Why an alert stands where it stands."""

    OPENED_INCIDENT = "opened_incident"
    SAME_ALERT = "same_alert"
    SAME_KEY = "same_key"
    LINKED = "linked"
    """It shares an address, an account, a file or the like with what stands there."""
    OBSERVED_BEFORE = "observed_before"
    """Seen before the incident was opened, adopted when it was."""
    PATTERN = "pattern"
    """It completed a pattern: so many of a kind, or one thing after another."""
    NAMES_INCIDENT = "names_incident"
    """One of the service's own alerts, joined to the incident that it names."""
    OPENS_NOTHING = "opens_nothing"
    """A heartbeat, a test, an own alert, an operations or routine message: observed and counted."""
    DECLARED = "declared"


@dataclass(frozen=True)
class OpenIncident:
    """What grouping needs to know of an incident that can still take alerts in."""

    id: int
    began: int
    """Minute in which it was detected."""
    is_held: bool = False
    """True once a person decided something about it: it is merged by people only."""


@dataclass(frozen=True)
class Item:
    """One alert at one minute, as grouping reads it."""

    role: Role
    minute: int
    keys: tuple[Key, ...]
    """Its own key first, then what links it to others; of a joiner the first two count."""
    continues: int | None = None
    """The incident in which the same problem stands and goes on."""


@dataclass
class Observed:
    """A joiner that no opener of its own key has claimed yet."""

    handle: Hashable
    """What the caller calls it."""
    keys: tuple[str, ...]
    hour: int
    mask: int
    """The minutes of that hour in which it was seen, as bits."""
    incident: int | None = None
    rank: int = 9
    """The place of the key by which it stands in the incident; a smaller one takes it away."""


@dataclass(frozen=True)
class Placed:
    """Where an alert goes: into an incident, or nowhere (None)."""

    incident: int | None
    reason: PlacementReason
    rank: int = 9


@dataclass
class Board:
    """One slice of alerts under way."""

    grid: Grid
    around: int
    """Minutes around a strand within which joiners belong to it; at most half of the shortest quiet time."""
    strands: dict[str, list[Strand]] = field(default_factory=dict)
    incidents: dict[int, OpenIncident] = field(default_factory=dict)
    observed: dict[str, list[Observed]] = field(default_factory=dict)
    """By key."""
    opened: list[int] = field(default_factory=list)
    """Numbers, negative, of the incidents that the board opened."""
    merged: dict[int, int] = field(default_factory=dict)
    """Incident to the one that it was merged into."""
    proposed: set[tuple[int, int]] = field(default_factory=set)
    """Pairs that have something in common and of which a person must say whether they are one."""
    adopted: list[Observed] = field(default_factory=list)
    gone: list[Strand] = field(default_factory=list)
    """Strands that went into another one."""

    def add_strands(self, strands: Iterable[Strand]) -> None:
        """Put strands on the board."""
        for one in strands:
            self.strands.setdefault(one.key, []).append(one)

    def add_observed(self, one: Observed) -> None:
        """Put a joiner on the board that stands in no incident by its own key."""
        for key in one.keys[:2]:
            self.observed.setdefault(key, []).append(one)

    def incident(self, number: int) -> int:
        """The number of an incident after all merging."""
        while number in self.merged:
            number = self.merged[number]
        return number

    def place(self, item: Item) -> Placed:
        """Place one alert."""
        match item.role:
            case Role.OPENS:
                return self._open(item)
            case Role.JOINS:
                return self._join(item)
            case _:
                return Placed(None, PlacementReason.OPENS_NOTHING)

    def complete(self, minute: int, minutes: Iterable[int], keys: tuple[Key, ...]) -> Placed:
        """Place what a completed pattern means: something that opens, in every minute of what counts for it."""
        placed = self._open(Item(Role.OPENS, minute, keys))
        cell = self.grid.number_of(minute)
        for one in sorted(one for one in minutes if self.grid.number_of(one) == cell):  # else it would undo the cut
            placed = self._open(Item(Role.OPENS, one, keys[:1], continues=placed.incident))
        return Placed(placed.incident, PlacementReason.PATTERN)

    def _open(self, item: Item) -> Placed:
        settled = self._settled(item)
        if settled is not None:
            return settled
        touched = [self._touch(key, item.minute) for key in item.keys]
        before = [self.incident(one.incident) for strands in touched for one in strands]
        if item.continues is not None:
            before.insert(0, self.incident(item.continues))
        target, reason = self._united(before, item, bool(touched and touched[0]))
        for key, strands in zip(item.keys, touched, strict=True):
            self._claim(key, self._drawn(key, item.minute, strands, target), target, item.keys.index(key))
        return Placed(target, reason, 0)

    def _settled(self, item: Item) -> Placed | None:
        """Where an opener goes that changes nothing on the board, as most of a flood do; None where one may."""
        key = item.keys[0]
        held = self.strands.get(key.text)
        if held is None or len(held) != 1 or len(item.keys) != 1 or key.text in self.observed:
            return None
        strand, minute = held[0], item.minute
        target = strand.incident
        if not strand.first <= minute <= strand.last or self.grid.number_of(strand.first) != self.grid.number_of(
            minute
        ):
            return None
        if target in self.merged or self.incidents[target].began > minute:
            return None
        if item.continues is None:
            return Placed(target, PlacementReason.SAME_KEY, 0)
        if self.incident(item.continues) == target:
            return Placed(target, PlacementReason.SAME_ALERT, 0)
        return None

    def _touch(self, key: Key, minute: int) -> list[Strand]:
        """The strands that an opener of a key at a minute belongs to: its own cell's, then those carried over."""
        cell = self.grid.number_of(minute)
        held = self.strands.get(key.text, ())
        own = [one for one in held if self.grid.number_of(one.first) == cell and one.reaches(minute, key.quiet)]
        first = min((minute, *(one.first for one in own)))
        last = max((minute, *(one.last for one in own)))
        beside = [one for one in held if self._is_carried(one, cell, first, last, key.quiet)]
        return [*own, *beside]

    def _is_carried(self, one: Strand, cell: int, first: int, last: int, quiet: int) -> bool:
        number = self.grid.number_of(one.first)
        if number == cell - 1:
            return first - one.last <= quiet and self.grid.is_carried_over(one.first)
        return number == cell + 1 and one.first - last <= quiet and self.grid.is_carried_over(first)

    def _united(self, before: list[int], item: Item, is_same_key: bool) -> tuple[int, PlacementReason]:
        """One incident out of those that have something in common; a new one where there is none."""
        for one in before:
            if item.minute < self.incidents[one].began:
                self.incidents[one] = replace(self.incidents[one], began=item.minute)
        found = sorted(set(before), key=lambda one: (self.incidents[one].began, one < 0, abs(one)))
        if not found:
            number = -1 - len(self.opened)
            self.opened.append(number)
            self.incidents[number] = OpenIncident(number, item.minute)
            return number, PlacementReason.OPENED_INCIDENT
        target = next((one for one in found if self.incidents[one].is_held), found[0])
        for other in found:
            if other == target:
                continue
            if self.incidents[other].is_held or self.incidents[target].is_held:
                self.proposed.add((min(other, target), max(other, target)))
            else:
                self.merged[other] = target
        if item.continues is not None and self.incident(item.continues) == target:
            return target, PlacementReason.SAME_ALERT
        return target, PlacementReason.SAME_KEY if is_same_key else PlacementReason.LINKED

    def _drawn(self, key: Key, minute: int, strands: list[Strand], target: int) -> Strand:
        """The strand of a key with one more minute; strands of its cell that it now fills the gap between are one."""
        cell = self.grid.number_of(minute)
        own = [
            one for one in strands
            if self.grid.number_of(one.first) == cell and self.incident(one.incident) == target
        ]  # fmt: skip
        if not own:
            base = Strand(key.text, minute, minute, target, is_changed=True)
            self.strands.setdefault(key.text, []).append(base)
            return base
        base = own[0]
        first, last = min(minute, *(one.first for one in own)), max(minute, *(one.last for one in own))
        if (first, last, target) != (base.first, base.last, base.incident):
            base.first, base.last, base.incident, base.is_changed = first, last, target, True
        for other in own[1:]:
            self.strands[key.text].remove(other)
            self.gone.append(other)
        return base

    def _claim(self, key: Key, strand: Strand, target: int, rank: int) -> None:
        """Take in the joiners around a strand that nothing nearer to them has claimed."""
        since, until = self._span(strand)
        for one in self.observed.get(key.text, ()):
            place = one.keys.index(key.text)
            if place < one.rank and is_touched(one.hour, one.mask, since, until):
                one.incident, one.rank = target, place
                self.adopted.append(one)

    def _span(self, strand: Strand) -> tuple[int, int]:
        """The minutes in which joiners belong to a strand; never beyond its cell."""
        begin = self.grid.begin_of(self.grid.number_of(strand.first))
        return max(strand.first - self.around, begin), min(strand.last + self.around, begin + self.grid.cell - 1)

    def _join(self, item: Item) -> Placed:
        for rank, key in enumerate(item.keys[:2]):
            for strand in self.strands.get(key.text, ()):
                since, until = self._span(strand)
                if since <= item.minute <= until:
                    reason = PlacementReason.LINKED if rank else PlacementReason.SAME_KEY
                    return Placed(self.incident(strand.incident), reason, rank)
        return Placed(None, PlacementReason.OPENS_NOTHING)
