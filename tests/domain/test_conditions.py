"""Three-valued conditions: unknown is a value, and learning more never turns a decided outcome round."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from breach_service.domain.conditions import (
    COMPARISONS,
    FactLine,
    FactValue,
    Lines,
    NumberRange,
    Truth,
    all_of,
    any_of,
    compare,
    facts_named_in,
    is_unknown,
    judge,
)

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
LINES: TypeAdapter[Lines] = TypeAdapter(Lines)


def lines_of(**conditions: Any) -> Lines:
    """Named conditions as an author writes them."""
    return LINES.validate_python(conditions)


def exactly(number: float) -> NumberRange:
    """A range of one number."""
    return NumberRange(number, number)


def truth_of(condition: Any, **facts: FactValue) -> Truth:
    """One condition judged against facts (a double underscore stands for the dot of a name)."""
    return judge(lines_of(line=condition), {name.replace("__", "."): value for name, value in facts.items()}).truth


@pytest.mark.parametrize(("one", "other"), list(product(Truth, Truth)))
def test_and_is_the_least_and_or_the_greatest(one: Truth, other: Truth) -> None:
    """Kleene's tables: no < unknown < yes."""
    order = [NO, UNKNOWN, YES]
    assert all_of([one, other]) is min(one, other, key=order.index)
    assert any_of([one, other]) is max(one, other, key=order.index)


def test_not_turns_yes_and_no_round_and_leaves_the_unknown() -> None:
    """The negation of what is not known is not known."""
    assert [~one for one in (YES, NO, UNKNOWN)] == [NO, YES, UNKNOWN]


def test_all_of_nothing_holds_and_any_of_nothing_does_not() -> None:
    """The empty cases are the neutral ones."""
    assert all_of([]) is YES
    assert any_of([]) is NO


A_WORD, A_SET, A_RANGE = "trusted", frozenset({"contact", "health"}), NumberRange(100, 200)
CASES: list[tuple[FactValue, str, Any, Truth]] = [
    (YES, "is", "yes", YES), (YES, "is", "no", NO), (NO, "is_not", "yes", YES), (NO, "is_not", "no", NO),
    (A_WORD, "is", "trusted", YES), (A_WORD, "is", "public", NO), (A_WORD, "is_not", "public", YES),
    (A_WORD, "any_of", ("public", "trusted"), YES), (A_WORD, "any_of", ("public",), NO),
    (A_WORD, "none_of", ("public",), YES), (A_WORD, "none_of", ("public", "trusted"), NO),
    (A_WORD, "all_of", ("trusted",), YES), (A_WORD, "all_of", ("trusted", "public"), NO),
    (A_WORD, "contains", "trusted", YES), (A_WORD, "contains", "public", NO),
    (A_SET, "contains", "health", YES), (A_SET, "contains", "nir", NO),
    (A_SET, "any_of", ("nir", "health"), YES), (A_SET, "any_of", ("nir",), NO),
    (A_SET, "all_of", ("contact", "health"), YES), (A_SET, "all_of", ("contact", "nir"), NO),
    (A_SET, "none_of", ("nir",), YES), (A_SET, "none_of", ("nir", "contact"), NO),
    (A_SET, "is", "contact", NO), (frozenset({"contact"}), "is", "contact", YES), (A_SET, "is_not", "contact", YES),
    (frozenset(), "any_of", ("nir",), NO), (frozenset(), "none_of", ("nir",), YES),
    (A_RANGE, "at_least", 100, YES), (A_RANGE, "at_least", 101, UNKNOWN), (A_RANGE, "at_least", 201, NO),
    (A_RANGE, "more_than", 99, YES), (A_RANGE, "more_than", 100, UNKNOWN), (A_RANGE, "more_than", 200, NO),
    (A_RANGE, "at_most", 200, YES), (A_RANGE, "at_most", 199, UNKNOWN), (A_RANGE, "at_most", 99, NO),
    (A_RANGE, "less_than", 201, YES), (A_RANGE, "less_than", 200, UNKNOWN), (A_RANGE, "less_than", 100, NO),
    (exactly(50), "is", "50", YES), (A_RANGE, "is", "150", UNKNOWN), (A_RANGE, "is", "99", NO),
    (exactly(50), "is_not", "50", NO), (A_RANGE, "is_not", "150", UNKNOWN), (A_RANGE, "is_not", "99", YES),
    (NumberRange(100, None), "at_least", 100, YES), (NumberRange(100, None), "at_most", 10**9, UNKNOWN),
    (NumberRange(None, 100), "at_most", 100, YES), (NumberRange(None, 100), "at_least", -(10**9), UNKNOWN),
    (NumberRange(None, 100), "at_least", 101, NO), (NumberRange(100, None), "less_than", 100, NO),
]  # fmt: skip


@pytest.mark.parametrize(("value", "comparison", "operand", "truth"), CASES)
def test_every_comparison_with_every_kind_of_value(
    value: FactValue, comparison: str, operand: Any, truth: Truth
) -> None:
    """Words, sets and ranges are compared as a reader expects, edges included."""
    assert compare(value, comparison, operand) is truth


OPERANDS = {"any_of": ("a",), "all_of": ("a",), "none_of": ("a",)} | dict.fromkeys(
    ("at_least", "at_most", "more_than", "less_than"), 4.0
)


@pytest.mark.parametrize("value", [None, UNKNOWN, NumberRange(None, None)])
@pytest.mark.parametrize("comparison", [one for one in COMPARISONS if one != "known"])
def test_everything_compared_with_the_unknown_is_unknown(comparison: str, value: FactValue) -> None:
    """Nothing recorded, the word unknown and a range open at both ends are the same: no silent no."""
    assert compare(value, comparison, OPERANDS.get(comparison, "a")) is UNKNOWN


@pytest.mark.parametrize("value", [NO, "trusted", frozenset(), frozenset({"a"}), exactly(0), NumberRange(1, None)])
def test_whether_a_fact_is_known_is_always_decided(value: FactValue) -> None:
    """`known` and `is: unknown` ask for the unknown itself; an answer of no, of nothing or of zero is known."""
    for one, is_known in ((value, YES), (None, NO), (UNKNOWN, NO), (NumberRange(None, None), NO)):
        assert compare(one, "known", "yes") is is_known
        assert compare(one, "known", "no") is ~is_known
        assert compare(one, "is", "unknown") is ~is_known
        assert compare(one, "is_not", "unknown") is is_known
        assert is_unknown(one) is (is_known is NO)


MISFITS: list[tuple[FactValue, str, Any]] = [
    *((value, one, 4.0) for value in ("trusted", YES, A_SET) for one in ("at_least", "at_most", "more_than")),
    ("trusted", "less_than", 4.0), (A_SET, "less_than", 4.0),
    *((A_RANGE, one, ("a", "b")) for one in ("any_of", "all_of", "none_of")),
    (A_RANGE, "contains", "a"), (A_RANGE, "contains", "5"), (A_RANGE, "is", "many"), (A_RANGE, "is_not", "many"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "comparison", "operand"), MISFITS)
def test_a_comparison_that_does_not_fit_says_so(value: FactValue, comparison: str, operand: Any) -> None:
    """A number against words, or words against a number: a sentence, never a guess."""
    with pytest.raises(ValueError, match=rf"{comparison}.* compares (numbers|words), but the value is"):
        compare(value, comparison, operand)


def test_a_line_has_exactly_one_comparison() -> None:
    """None, two, and a misspelt one are refused with the names that there are."""
    for wrong in ({"fact": "a"}, {"fact": "a", "is": "yes", "is_not": "no"}, {"fact": "a", "is": None}):
        with pytest.raises(ValidationError, match="exactly one comparison out of is, is_not, any_of"):
            FactLine.model_validate(wrong)
    for wrong in ({"fact": "a", "equals": "yes"}, {"all": {}, "fact": "a"}, {"fact": "a", "known": "oui"}):
        with pytest.raises(ValidationError):
            lines_of(line=wrong)


def test_booleans_are_read_as_words() -> None:
    """JSON and older YAML bring true and false where a person wrote yes and no."""
    assert truth_of({"fact": "a", "is": True}, a=YES) is YES
    assert truth_of({"fact": "a", "is_not": False}, a=YES) is YES
    assert truth_of({"fact": "a", "any_of": [True, "likely"]}, a=YES) is YES
    assert truth_of({"fact": "a", "known": True}, a=YES) is YES


def test_groups_nest() -> None:
    """`all`, `any` and `not` in any depth, by Kleene's tables."""
    group = {
        "any": {
            "safe": {"all": {"encrypted": {"fact": "enc", "is": "yes"}, "key": {"fact": "key", "is": "no"}}},
            "small": {"not": {"fact": "persons", "more_than": 50}},
        }
    }
    assert truth_of(group, enc=YES, key=NO, persons=exactly(10_000)) is YES
    assert truth_of(group, enc=YES, key=YES, persons=exactly(50)) is YES
    assert truth_of(group, enc=NO, persons=exactly(51)) is NO
    assert truth_of(group, enc=YES, persons=exactly(51)) is UNKNOWN
    assert truth_of(group, enc=YES, key=YES, persons=NumberRange(10, 100)) is UNKNOWN


def test_named_lines_must_all_hold_and_each_is_reported() -> None:
    """The author's name, the fact, what it was compared with, its value and the outcome, in the order of the file."""
    judged = judge(lines_of(one={"fact": "a", "is": "yes"}, two={"fact": "n", "at_most": 4}), {"a": YES})
    assert judged.truth is UNKNOWN
    assert [(one.name, one.fact, one.comparison, one.operand, one.value, one.truth) for one in judged.lines] == [
        ("one", "a", "is", "yes", YES, YES),
        ("two", "n", "at_most", 4.0, None, UNKNOWN),
    ]
    assert judge({}, {}).truth is YES


def test_the_open_facts_are_those_that_keep_the_outcome_open() -> None:
    """A fact inside a group that is decided without it is not asked for; each fact is named once."""
    lines = lines_of(
        out={"any": {"hands": {"fact": "hands", "is": "public"}, "many": {"fact": "number", "more_than": 50}}},
        kind={"fact": "kind", "is": "health"},
        again={"fact": "kind", "is_not": "contact"},
    )
    assert judge(lines, {}).unknown_facts == ("hands", "number", "kind")
    assert judge(lines, {"hands": "public"}).unknown_facts == ("kind",)
    assert judge(lines, {"hands": "trusted"}).unknown_facts == ("number", "kind")
    assert judge(lines, {"kind": "nir"}).unknown_facts == ()


def test_every_fact_that_is_read_is_named() -> None:
    """Through all groups."""
    inner = {"any": {"x": {"not": {"fact": "b", "is": "yes"}}, "y": {"all": {"z": {"fact": "c", "at_least": 1}}}}}
    assert facts_named_in(lines_of(one={"fact": "a", "known": "yes"}, two=inner)) == {"a", "b", "c"}


def test_a_range_is_never_upside_down() -> None:
    """It says so, and shows itself in few signs."""
    with pytest.raises(ValueError, match="upside down"):
        NumberRange(2, 1)
    shown = [str(one) for one in (exactly(12000), NumberRange(1, 2.5), NumberRange(1, None), NumberRange(None, 2))]
    assert shown == ["12000", "1..2.5", "1..?", "?..2"]


KINDS: dict[str, st.SearchStrategy[FactValue]] = {
    "yes_or_no": st.sampled_from([YES, NO]),
    "number": st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda two: NumberRange(min(two), max(two))),
    "word": st.sampled_from(["p", "q", "r"]),
    "words": st.frozensets(st.sampled_from(["p", "q", "r"])),
}
_WORDS = st.lists(st.sampled_from(["p", "q", "r"]), min_size=1)
_LEAVES = st.one_of(
    st.sampled_from(["yes", "no"]).map(lambda word: {"fact": "yes_or_no", "is": word}),
    st.tuples(st.sampled_from(["at_least", "at_most", "more_than", "less_than"]), st.integers(0, 9)).map(
        lambda two: {"fact": "number", two[0]: two[1]}
    ),
    st.tuples(st.sampled_from(["any_of", "none_of"]), _WORDS).map(lambda two: {"fact": "word", two[0]: two[1]}),
    st.tuples(st.sampled_from(["any_of", "none_of", "all_of"]), _WORDS).map(
        lambda two: {"fact": "words", two[0]: two[1]}
    ),
)  # fmt: skip


def _named(conditions: list[Any]) -> dict[str, Any]:
    return {f"line {number}": one for number, one in enumerate(conditions)}


CONDITIONS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda some: {"all": _named(some)}),
        st.lists(inner, max_size=3).map(lambda some: {"any": _named(some)}),
        inner.map(lambda one: {"not": one}),
    ),
    max_leaves=8,
)
KNOWN = st.fixed_dictionaries(KINDS)


@st.composite
def less_known(draw: st.DrawFn, known: Mapping[str, FactValue]) -> dict[str, FactValue]:
    """The same facts with some forgotten, and some numbers known less exactly."""
    coarse: dict[str, FactValue] = {}
    for name, value in known.items():
        match draw(st.sampled_from(["same", "unknown", "absent", "wider"])):
            case "same":
                coarse[name] = value
            case "unknown":
                coarse[name] = UNKNOWN
            case "wider" if isinstance(value, NumberRange) and value.least is not None and value.most is not None:
                less, more = draw(st.integers(0, 5)), draw(st.integers(0, 5))
                is_open = draw(st.booleans())
                coarse[name] = NumberRange(None if is_open else value.least - less, value.most + more)
    return coarse


@settings(deadline=None)
@given(condition=CONDITIONS, known=KNOWN, data=st.data())
def test_learning_more_never_turns_a_decided_outcome_round(
    condition: Any, known: dict[str, FactValue], data: st.DataObject
) -> None:
    """Answering an unknown or narrowing a range keeps every yes and every no."""
    before = judge(lines_of(line=condition), data.draw(less_known(known)))
    after = judge(lines_of(line=condition), known)
    if before.truth is not UNKNOWN:
        assert after.truth is before.truth
    else:
        assert before.unknown_facts


@settings(deadline=None)
@given(condition=CONDITIONS, known=KNOWN, data=st.data())
def test_a_fact_that_is_not_open_changes_nothing(
    condition: Any, known: dict[str, FactValue], data: st.DataObject
) -> None:
    """Whatever is answered to a question that is not open, the outcome stays as it was."""
    coarse = data.draw(less_known(known))
    before = judge(lines_of(line=condition), coarse)
    answered = {name: value for name, value in known.items() if name not in before.unknown_facts}
    assert judge(lines_of(line=condition), {**coarse, **answered}).truth is before.truth


@settings(deadline=None)
@given(conditions=st.lists(CONDITIONS, max_size=4), known=KNOWN, data=st.data())
def test_the_order_of_lines_and_a_double_negation_do_not_matter(
    conditions: list[Any], known: dict[str, FactValue], data: st.DataObject
) -> None:
    """Nor does writing `not any` for `all not`."""
    facts = data.draw(less_known(known))
    truth = judge(lines_of(**_named(conditions)), facts).truth
    assert judge(lines_of(**_named(data.draw(st.permutations(conditions)))), facts).truth is truth
    assert judge(lines_of(**_named([{"not": {"not": one}} for one in conditions])), facts).truth is truth
    none_fails = {"not": {"any": _named([{"not": one} for one in conditions])}}
    assert judge(lines_of(line=none_fails), facts).truth is truth
