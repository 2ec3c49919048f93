"""What the signals of an incident speak for, and which of two sayings of a fact counts."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from breach_service.domain.alert import Signal
from breach_service.domain.conditions import FactValue, Truth
from breach_service.domain.facts import parse_range
from breach_service.domain.grouping.content import Grouping, SignalType


def established_by_signals(present: set[Signal], signals: Mapping[Signal, SignalType]) -> dict[str, FactValue]:
    """What the signals of an incident speak for, together.

    For one fact yes outweighs unknown and unknown outweighs no; for other words the weightier signal speaks.
    """
    spoken: dict[str, FactValue] = {}
    for signal in sorted(present, key=lambda one: (signals[one].weight, one)):
        for name, raw in signals[signal].establishes.items():
            value = value_of(raw)
            held = spoken.get(name)
            if held is None or outweighs(value, held):
                spoken[name] = value
    return spoken


def value_of(raw: Any) -> FactValue:
    """What a word of the content files means as a value of a fact."""
    match raw:
        case bool():
            return Truth.YES if raw else Truth.NO
        case int() | float() | dict():
            return parse_range(raw)
        case list() | tuple():
            return frozenset(map(str, raw))
        case _:
            return Truth(raw) if raw in tuple(Truth) else str(raw)


def outweighs(value: FactValue, held: FactValue) -> bool:
    """True if one saying of a fact takes the place of another: yes before unknown before no, else the later one."""
    weight = {Truth.NO: 0, Truth.UNKNOWN: 1, Truth.YES: 2}
    if isinstance(value, Truth) and isinstance(held, Truth):
        return weight[value] > weight[held]
    return True


def words_of(
    present: Collection[str], patterns: Sequence[str], signals: Mapping[Signal, SignalType], grouping: Grouping,
    language: str,
) -> list[str]:  # fmt: skip
    """What an incident is about, in closed words, the most serious first.

    Where none of its signals opens an incident by itself, the pattern that they completed says more than each of them.
    """
    found = sorted((one for one in signals.values() if one.id in present), key=lambda one: -one.weight)
    words = [one.label.in_language(language) for one in found]
    if any(one.opens_incident for one in found):
        return words
    titles = {one.id: one.title.in_language(language) for one in grouping.patterns}
    return [titles[one] for one in patterns if one in titles] + words
