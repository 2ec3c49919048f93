"""Patterns: several alerts that mean more together. Counted by the minute, so that order and batching do not matter."""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from breach_service.domain.grouping.content import Pattern, PatternStep

Tally = Mapping[int, Mapping[str, int]]
"""Minute to what was counted in it: value to how often."""


@dataclass(frozen=True)
class Completion:
    """A pattern that was completed."""

    minute: int
    """The minute of the alert that completed it, or until which nothing came."""
    minutes: frozenset[int]
    """The minutes of all alerts that count for it."""
    own_keys: frozenset[str]
    """The own keys of the alerts of its last step; empty where they are not told."""
    count: int
    """How many alerts or different things completed its last step."""


@dataclass(frozen=True)
class _Met:
    minute: int
    minutes: frozenset[int]
    count: int


def completions(pattern: Pattern, tallies: Mapping[int, Tally], watermark: int) -> list[Completion]:
    """Every completion of a pattern for one key, by minute.

    `tallies` by the place of the step; `watermark` is the minute up to which everything has been heard, which only an
    absence needs.
    """
    for place, step in enumerate(pattern.steps):
        if not step.absent and not tallies.get(place):
            return []  # most keys never come as far as the second step
    met = _met(pattern.steps[0], tallies.get(0, {}))
    for place, step in enumerate(pattern.steps[1:], 1):
        here = tallies.get(place, {})
        met = _absent(step, here, met, watermark) if step.absent else _followed(step, here, met)
    last = len(pattern.steps) - 1
    tells_keys = last > 0 and not pattern.steps[last].absent and pattern.steps[last].different is None
    return [
        Completion(
            one.minute,
            one.minutes,
            frozenset(tallies[last][one.minute]) if tells_keys else frozenset(),
            one.count,
        )
        for one in met
    ]


def _total(counted: Mapping[str, int]) -> int:
    return sum(counted.values())


def _met(step: PatternStep, tally: Tally) -> list[_Met]:
    """The minutes in which there were enough within the time, each with all that count."""
    if step.at_least > 1 and step.different is None and sum(map(_total, tally.values())) < step.at_least:
        return []
    found = []
    window: deque[int] = deque()
    for minute in sorted(tally):
        window.append(minute)
        while window[0] <= minute - step.within_minutes:
            window.popleft()
        if step.different is None:
            count = sum(sum(tally[one].values()) for one in window)
        else:
            count = len({value for one in window for value in tally[one]})
        if count >= step.at_least:
            found.append(_Met(minute, frozenset(window), count))
    return found


def _followed(step: PatternStep, tally: Tally, before: list[_Met]) -> list[_Met]:
    """Those that come after the step before, within the time; in the same minute counts as after."""
    found = []
    minutes = [one.minute for one in before]
    for one in _met(step, tally):
        first = bisect_left(minutes, one.minute - (step.after_minutes or 0))
        last = bisect_right(minutes, one.minute)
        if first < last:
            earlier = (two.minutes for two in before[first:last])
            found.append(_Met(one.minute, one.minutes.union(*earlier), one.count))
    return found


def _absent(step: PatternStep, tally: Tally, before: list[_Met], watermark: int) -> list[_Met]:
    """The ends of the times in which nothing came although it should have."""
    came = [one.minute for one in _met(step, tally)]
    after = step.after_minutes or 0
    found = []
    for one in before:
        until = one.minute + after
        place = bisect_left(came, one.minute)
        is_missing = place >= len(came) or came[place] > until
        if is_missing and until <= watermark:
            found.append(_Met(until, one.minutes, 0))
    return found


def reach_of(pattern: Pattern) -> int:
    """Minutes before and after an alert within which others can matter to the pattern."""
    return sum(one.within_minutes + (one.after_minutes or 0) for one in pattern.steps)
