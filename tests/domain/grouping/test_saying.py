"""What the signals of an incident speak for, together."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.domain.alert import Signal
from breach_service.domain.conditions import FactValue, NumberRange, Truth
from breach_service.domain.grouping import SignalType, established_by_signals, outweighs, value_of

TEXT = {"fr": "mot"}


def a_type(signal: Signal, weight: int = 50, **establishes: Any) -> SignalType:
    """An entry of `signals.yaml` (a double underscore stands for the dot of a fact's name)."""
    said = {name.replace("__", "."): raw for name, raw in establishes.items()}
    fields = {"id": signal, "label": TEXT, "means": TEXT, "opens_incident": True, "weight": weight}
    return SignalType.model_validate({**fields, "establishes": said})


def spoken(*types: SignalType) -> Mapping[str, FactValue]:
    """What these signals speak for, all present."""
    return established_by_signals({one.id for one in types}, {one.id: one for one in types})


def test_yes_outweighs_unknown_and_unknown_outweighs_no() -> None:
    """Whatever the weights: one signal of doubt is enough to doubt."""
    for light, heavy, word in (
        ("yes", "unknown", Truth.YES), ("yes", "no", Truth.YES), ("unknown", "no", Truth.UNKNOWN),
        ("unknown", "yes", Truth.YES), ("no", "yes", Truth.YES), ("no", "unknown", Truth.UNKNOWN),
    ):  # fmt: skip
        one, other = a_type(Signal.SCAN, 1, a__fact=light), a_type(Signal.MALWARE, 99, a__fact=heavy)
        assert spoken(one, other) == spoken(other, one) == {"a.fact": word}


def test_of_other_words_the_weightier_signal_speaks() -> None:
    """And of equal weights always the same one."""
    light, heavy = a_type(Signal.SCAN, 10, a__fact="likely"), a_type(Signal.MALWARE, 20, a__fact="seen")
    assert spoken(light, heavy) == spoken(heavy, light) == {"a.fact": "seen"}
    one, other = a_type(Signal.SCAN, 10, a__fact="likely"), a_type(Signal.MALWARE, 10, a__fact="seen")
    assert spoken(one, other) == spoken(other, one)


def test_only_the_signals_that_are_present_speak_and_each_for_its_facts() -> None:
    """Facts of different signals stand side by side."""
    types = {Signal.SCAN: a_type(Signal.SCAN, b__fact="no"), Signal.MALWARE: a_type(Signal.MALWARE, a__fact="yes")}
    assert established_by_signals(set(types), types) == {"a.fact": Truth.YES, "b.fact": Truth.NO}
    assert established_by_signals({Signal.SCAN}, types) == {"b.fact": Truth.NO}
    assert established_by_signals(set(), types) == {}


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("yes", Truth.YES),
        (True, Truth.YES),
        (False, Truth.NO),
        ("unknown", Truth.UNKNOWN),
        ("seen", "seen"),
        (["hacking", "lost"], frozenset({"hacking", "lost"})),
        (12, NumberRange(12, 12)),
        ({"at_least": 12}, NumberRange(12, None)),
    ],
)
def test_what_a_signal_speaks_for_is_a_value_of_a_fact(raw: Any, value: FactValue) -> None:
    """Booleans are words, lists are sets, numbers are ranges: the same as when a person records them."""
    found = spoken(a_type(Signal.SCAN, a__fact=raw))["a.fact"]
    assert found == value_of(raw) == value
    assert type(found) is type(value)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(Signal), st.tuples(st.integers(0, 100), st.sampled_from(Truth)), max_size=6))
def test_one_more_signal_never_weakens_what_is_suspected(said: dict[Signal, tuple[int, Truth]]) -> None:
    """An alert that joins can raise a doubt or a certainty, it never takes one away."""
    order = [Truth.NO, Truth.UNKNOWN, Truth.YES]
    types = {one: a_type(one, weight, a__fact=str(truth)) for one, (weight, truth) in said.items()}
    found = established_by_signals(set(types), types)
    assert found.get("a.fact") == max((truth for _, truth in said.values()), key=order.index, default=None)


@given(st.sampled_from(Truth), st.sampled_from(Truth))
def test_of_two_sayings_one_never_outweighs_the_other_both_ways(one: Truth, other: Truth) -> None:
    """Else the outcome would depend on the order."""
    assert not (outweighs(one, other) and outweighs(other, one))
