"""Grouping of a slice of alerts: places each, counts what patterns count, and completes them."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from breach_service.domain.grouping.board import Board, Item, Observed, Placed, Role
from breach_service.domain.grouping.content import Grouping, Pattern
from breach_service.domain.grouping.patterns import Completion, completions
from breach_service.domain.grouping.reading import Counted, Reading
from breach_service.domain.grouping.strands import HOUR, Key, mask_of

TallyKey = tuple[str, str]
"""Pattern, and the key that its alerts have in common."""
Tallies = dict[TallyKey, dict[int, dict[int, dict[str, int]]]]
"""To the place of the step, the minute, and what was counted there how often."""


@dataclass(frozen=True)
class Due:
    """A pattern that is complete, with the keys that what it opens has."""

    pattern: str
    key: str
    completion: Completion
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class Completed:
    """A pattern that was completed, and where it led."""

    pattern: str
    key: str
    completion: Completion
    incident: int


@dataclass
class Grouper:
    """One slice under way, or a whole recording."""

    grouping: Grouping
    board: Board
    tallies: Tallies = field(default_factory=dict)
    """What was counted before and matters still; counts of the slice are added."""
    watermark: int = 0
    """The minute up to which everything has been heard."""
    counted: dict[tuple[Counted, int], int] = field(default_factory=dict)
    """What the slice added to the tallies, by minute."""
    _touched: dict[TallyKey, int] = field(default_factory=dict)
    """To the minute of the first new count."""
    _patterns: dict[str, Pattern] = field(default_factory=dict)

    def place(
        self, handle: Hashable, reading: Reading, minute: int, count: int = 1, continues: int | None = None
    ) -> Placed:  # fmt: skip
        """Place one alert, said `count` times in that minute; `handle` is what the caller calls it."""
        if reading.steps:
            self._count(reading.steps, minute, count)
        placed = self.board.place(Item(reading.role, minute, reading.keys, continues))
        if reading.role is Role.JOINS and placed.rank > 0:
            keys = tuple(key.text for key in reading.keys[:2])
            self.board.add_observed(
                Observed(handle, keys, minute // HOUR, mask_of((minute,)), placed.incident, placed.rank)
            )
        return placed

    def complete(self) -> list[Completed]:
        """Complete the patterns that what was placed may have completed; in the order of their time."""
        return [self.finish(one) for one in self.due()]

    def due(self) -> list[Due]:
        """The patterns that what was placed has completed, in the order of their time; each is told once."""
        found: list[Due] = []
        least = {one.id: sum(not step.absent for step in one.steps) for one in self.grouping.patterns}
        for name, key in sorted(self._touched):
            pattern, since = self._pattern(name), self._touched[name, key]
            tallies: Mapping[int, Mapping[int, Mapping[str, int]]] = self.tallies.get((name, key), {})
            if len(tallies) < least[name]:
                continue  # most keys never come as far as the second step
            for one in completions(pattern, tallies, self.watermark):
                if one.minute >= since:
                    found.append(Due(name, key, one, self._keys_of(pattern, key, one)))
        self._touched.clear()
        return sorted(found, key=lambda one: (one.completion.minute, one.pattern, one.key))

    def finish(self, due: Due) -> Completed:
        """Place what a completed pattern means; the strands of its keys are on the board."""
        placed = self.board.complete(due.completion.minute, due.completion.minutes, due.keys)
        return Completed(due.pattern, due.key, due.completion, placed.incident or 0)

    def touch(self, keys: Iterable[TallyKey], since: int) -> None:
        """Look at these patterns too, from a minute on: time has passed, and something did not come."""
        for one in keys:
            self._touched[one] = min(since, self._touched.get(one, since))

    def _count(self, counting: Iterable[Counted], minute: int, count: int) -> None:
        counted, touched = self.counted, self._touched
        for one in counting:  # for every alert of a flood, and several times: hence no calls
            pattern, step, key, value = one
            tally = (pattern, key)
            cell = self.tallies.setdefault(tally, {}).setdefault(step, {}).setdefault(minute, {})
            cell[value] = cell.get(value, 0) + count
            at = (one, minute)
            counted[at] = counted.get(at, 0) + count
            if touched.setdefault(tally, minute) > minute:
                touched[tally] = minute

    def _keys_of(self, pattern: Pattern, key: str, completion: Completion) -> tuple[Key, ...]:
        own = (Key(one, self.grouping.quiet_minutes) for one in sorted(completion.own_keys - {key}))
        return (Key(key, self._quiet_of(pattern)), *own)

    def _pattern(self, name: str) -> Pattern:
        if not self._patterns:
            self._patterns = {one.id: one for one in self.grouping.patterns}
        return self._patterns[name]

    def _quiet_of(self, pattern: Pattern) -> int:
        if pattern.by is None:
            return self.grouping.quiet_minutes
        return self.grouping.link_minutes.get(pattern.by, self.grouping.quiet_minutes)
