"""Named observations: what may be written, how it is kept, and which one counts in one place."""

import re
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.domain.conditions import FactValue, NumberRange, Truth
from breach_service.domain.facts import (
    WHOLE_INCIDENT,
    Exposure,
    Fact,
    FactType,
    Provenance,
    Scope,
    ScopeKind,
    facts_at,
    parse_range,
    to_json,
    values_of,
)
from breach_service.store.records import value_from_json

CHOICES = {"seen": {"fr": "constatée"}, "likely": {"fr": "probable"}}
AT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)


def a_type(kind: str, **changes: Any) -> FactType:
    """A type of fact as `facts.yaml` writes it."""
    return FactType.model_validate({"id": "a.fact", "label": {"fr": "un fait"}, "type": kind, **changes})


YES_NO, CHOICE = a_type("yes_no"), a_type("choice", choices=CHOICES)
SET, FREE_SET = a_type("set", choices=CHOICES), a_type("set")
NUMBER, HOURS = a_type("number"), a_type("duration_hours")


@pytest.mark.parametrize("kind", [YES_NO, CHOICE, SET, FREE_SET, NUMBER, HOURS], ids=lambda one: one.type)
def test_unknown_can_be_said_of_every_fact(kind: FactType) -> None:
    """As a word or by saying nothing."""
    assert kind.parse("unknown") is Truth.UNKNOWN
    assert kind.parse(None) is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (YES_NO, "yes", Truth.YES),
        (YES_NO, "no", Truth.NO),
        (YES_NO, True, Truth.YES),
        (YES_NO, False, Truth.NO),
        (CHOICE, "likely", "likely"),
        (a_type("choice", choices={"no": {"fr": "non"}, "partly": {"fr": "en partie"}}), False, "no"),
        (SET, ["seen", "likely", "seen"], frozenset({"seen", "likely"})),
        (SET, "seen", frozenset({"seen"})),
        (SET, [], frozenset()),
        (FREE_SET, ("IE", "BE"), frozenset({"IE", "BE"})),
        (NUMBER, 12, NumberRange(12, 12)),
        (HOURS, "0.5", NumberRange(0.5, 0.5)),
    ],
)
def test_what_fits_is_read(kind: FactType, raw: Any, value: FactValue) -> None:
    """From files, JSON and forms; true and false are the words yes and no."""
    assert kind.parse(raw) == value


@pytest.mark.parametrize(
    ("raw", "least", "most"),
    [
        (12000, 12000, 12000),
        (0.5, 0.5, 0.5),
        ("12000", 12000, 12000),
        (" 12 000 ", 12000, 12000),
        ("12\u202f000", 12000, 12000),
        ("12\u00a0000", 12000, 12000),
        ("12000..15000", 12000, 15000),
        ("12 000 .. 15\u00a0000", 12000, 15000),
        ("12000..", 12000, None),
        ("..15000", None, 15000),
        ("12000..?", 12000, None),
        ("?..15000", None, 15000),
        ([12000, 15000], 12000, 15000),
        (("12000", None), 12000, None),
        ({"at_least": 12000, "at_most": 15000}, 12000, 15000),
        ({"at_least": "12000"}, 12000, None),
        ({"at_most": 15000}, None, 15000),
        ({"at_least": None, "at_most": 15000}, None, 15000),
        ({"at_least": "", "at_most": "15 000"}, None, 15000),
    ],
)
def test_a_range_can_be_written_in_many_ways(raw: Any, least: float | None, most: float | None) -> None:
    """As one number, with two dots, as a pair, with bounds by name; digits grouped as in French; open ends."""
    assert parse_range(raw) == NumberRange(least, most)


@pytest.mark.parametrize("raw", ["..", "?..?", [None, None], {"at_least": "", "at_most": ""}])
def test_a_range_open_at_both_ends_is_unknown(raw: Any) -> None:
    """An empty form says nothing, and must not count as an answer."""
    assert NUMBER.parse(raw) is Truth.UNKNOWN


RUBBISH_NUMBERS = [
    "", "many", "1..2..3", [1], [1, 2, 3], [], {}, {"from": 1}, {"at_least": 1, "to": 2},
    True, False, [True, 2], {"at_most": False}, "nan", "inf", float("nan"), float("inf"), "..inf", 10**400, 1j,
    object(), [[1], 2], b"12",
]  # fmt: skip


@pytest.mark.parametrize("raw", RUBBISH_NUMBERS, ids=lambda one: str(one)[:20])
def test_what_is_no_number_is_refused_with_what_would_be_right(raw: Any) -> None:
    """Whatever it is, it is a ValueError with a sentence that names the fact and shows a range."""
    with pytest.raises(ValueError, match=r"^a\.fact is a number, or a range such as 12000\.\.15000, not "):
        HOURS.parse(raw)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ("15000..12000", "a.fact cannot be at least 15000 and at most 12000: write the smaller number first"),
        (
            {"at_least": "9", "at_most": "3"},
            "a.fact cannot be at least 9 and at most 3: write the smaller number first",
        ),
        (-5, "write a number of zero or more, not -5"),
        ("-5", "write a number of zero or more, not -5"),
        ({"at_least": "", "at_most": "-0.5"}, "write a number of zero or more, not -0.5"),
        ({"at_least": "a", "at_most": "b"}, "a.fact is a number, or a range such as 12000..15000, not 'a – b'"),
    ],
)
@pytest.mark.parametrize("kind", [NUMBER, HOURS])
def test_a_number_that_cannot_be_is_refused_in_words(kind: FactType, raw: Any, sentence: str) -> None:
    """Below zero, or a range upside down: whoever typed it reads what to write, and no notation of programs."""
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        kind.parse(raw)


@pytest.mark.parametrize("raw", ["oui", "", "YES", 1, 0, 2.5, [], ["yes"], {"yes": 1}, b"yes"])
def test_what_is_neither_yes_nor_no_is_refused(raw: Any) -> None:
    """A number is not a truth, and French words are not guessed."""
    with pytest.raises(ValueError, match=r"^a\.fact is yes, no or unknown, not "):
        YES_NO.parse(raw)


@pytest.mark.parametrize("raw", ["", "excluded", 3, ["seen"], {"seen": 1}, True])
def test_a_word_that_is_not_a_choice_is_refused(raw: Any) -> None:
    """The sentence lists the choices."""
    with pytest.raises(ValueError, match=r"^a\.fact is one of seen, likely, not "):
        CHOICE.parse(raw)


@pytest.mark.parametrize("raw", [3, 2.5, True, {"seen": 1}, object()])
def test_what_is_no_list_is_refused(raw: Any) -> None:
    """A set is a word or a list of words."""
    with pytest.raises(ValueError, match=r"^a\.fact is a list of words, not "):
        SET.parse(raw)


@pytest.mark.parametrize("raw", ["excluded", ["seen", "excluded"], ["seen", 3], [["seen"]], [None], ["unknown"]])
def test_words_that_are_not_choices_are_refused_by_name(raw: Any) -> None:
    """The sentence lists the choices and what was wrong."""
    with pytest.raises(ValueError, match=r"^a\.fact holds seen, likely, not "):
        SET.parse(raw)
    with pytest.raises(ValueError, match=r"^a\.fact holds words, not 3"):
        FREE_SET.parse(["IE", 3])


BOUNDS = st.none() | st.floats(min_value=0, allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[FactValue] = st.one_of(
    st.sampled_from(Truth),
    st.sampled_from(["seen", "likely"]),
    st.frozensets(st.sampled_from(["seen", "likely", "IE"])),
    st.tuples(BOUNDS, BOUNDS).map(
        lambda two: NumberRange(*two) if None in two else NumberRange(*sorted(two))  # type: ignore[type-var]
    ),
)


@settings(deadline=None)
@given(VALUES)
def test_a_value_comes_back_from_the_store_as_it_went_in(value: FactValue) -> None:
    """Every kind of value has one form in JSON."""
    assert value_from_json(to_json(value)) == value


@settings(deadline=None)
@given(VALUES)
def test_a_stored_value_can_be_parsed_again(value: FactValue) -> None:
    """What a page shows as JSON may be sent back as it is; a range that says nothing comes back as unknown."""
    kind = {frozenset: FREE_SET, NumberRange: NUMBER, Truth: YES_NO}.get(type(value), CHOICE)
    expected = Truth.UNKNOWN if value == NumberRange(None, None) else value
    assert kind.parse(to_json(value)) == expected


def test_nothing_recorded_is_kept_as_unknown() -> None:
    """No value and the word unknown are the same thing in JSON."""
    assert to_json(None) == to_json(Truth.UNKNOWN) == "unknown"


HERE = Exposure("db", "billing", "acme")
SCOPES = [
    WHOLE_INCIDENT,
    Scope(ScopeKind.SYSTEM, "db"),
    Scope(ScopeKind.ACTIVITY, "billing"),
    Scope(ScopeKind.CLIENT, "*/acme"),
    Scope(ScopeKind.CLIENT, "billing/acme"),
]
"""All that cover that place, the widest first."""


def a_fact(
    value: FactValue,
    scope: Scope = WHOLE_INCIDENT,
    provenance: Provenance = Provenance.PERSON,
    recorded: int = 0,
    name: str = "a.fact",
) -> Fact:
    """A fact of which only what decides is given."""
    return Fact(name, value, scope, provenance, "somebody", AT, recorded=recorded)


def value_at(place: Exposure, *facts: Fact) -> FactValue:
    """The value that counts in one place."""
    return values_of(facts_at(place, facts)).get("a.fact")


def test_the_narrower_scope_wins_over_any_author() -> None:
    """What an alert says of one activity for one client outweighs what a person said of the whole incident."""
    for wide, narrow in product(range(5), range(5)):
        if wide < narrow:
            wider = a_fact("wide", SCOPES[wide], Provenance.PERSON, recorded=9)
            narrower = a_fact("narrow", SCOPES[narrow], Provenance.ALERT)
            assert value_at(HERE, wider, narrower) == value_at(HERE, narrower, wider) == "narrow"


def test_the_inventory_holds_only_until_something_is_recorded() -> None:
    """A person who corrects a figure for the whole incident is heard, however narrow the inventory's figure is."""
    for wide, narrow in product(range(5), range(5)):
        said = a_fact("said", SCOPES[wide], Provenance.PERSON)
        assumed = a_fact("assumed", SCOPES[narrow], Provenance.INVENTORY, recorded=9)
        assert value_at(HERE, said, assumed) == value_at(HERE, assumed, said) == "said"


def test_within_a_scope_a_person_outweighs_a_rule_an_alert_and_the_inventory() -> None:
    """Whatever was recorded last."""
    ranked = [Provenance.INVENTORY, Provenance.ALERT, Provenance.RULE, Provenance.PERSON]
    for weak, strong in product(range(4), range(4)):
        if weak < strong:
            weaker = a_fact("weak", provenance=ranked[weak], recorded=9)
            stronger = a_fact("strong", provenance=ranked[strong], recorded=1)
            assert value_at(HERE, weaker, stronger) == value_at(HERE, stronger, weaker) == "strong"


def test_a_later_record_corrects_an_earlier_one_of_equal_rank() -> None:
    """Even to unknown: a person may take back what was said."""
    earlier, later = a_fact(Truth.YES, recorded=1), a_fact(Truth.UNKNOWN, recorded=2)
    assert value_at(HERE, later, earlier) is Truth.UNKNOWN


@pytest.mark.parametrize(
    "elsewhere",
    [
        Scope(ScopeKind.SYSTEM, "web"),
        Scope(ScopeKind.SYSTEM, ""),
        Scope(ScopeKind.ACTIVITY, "support"),
        Scope(ScopeKind.CLIENT, "billing/umbrella"),
        Scope(ScopeKind.CLIENT, "support/acme"),
        Scope(ScopeKind.CLIENT, "*/umbrella"),
        Scope(ScopeKind.CLIENT, "acme"),
    ],
)
def test_what_was_said_of_another_place_does_not_count(elsewhere: Scope) -> None:
    """Another system, activity or client; and an unknown place is covered by the whole incident only."""
    assert value_at(HERE, a_fact("there", elsewhere)) is None
    assert value_at(Exposure(), a_fact("there", elsewhere)) is None
    assert value_at(Exposure(), a_fact("whole")) == "whole"


FACTS = st.builds(
    a_fact,
    value=st.sampled_from([*Truth, "seen"]),
    scope=st.sampled_from([*SCOPES, Scope(ScopeKind.SYSTEM, "web")]),
    provenance=st.sampled_from(Provenance),
    name=st.sampled_from(["a.fact", "another.fact"]),
)


@settings(deadline=None)
@given(st.lists(FACTS, max_size=8), st.randoms(use_true_random=False))
def test_the_order_in_which_facts_are_given_does_not_matter(given_facts: list[Fact], random: Any) -> None:
    """Only the order in which they were recorded does."""
    recorded = [
        Fact(one.name, one.value, one.scope, one.provenance, one.by, one.established_at, recorded=number)
        for number, one in enumerate(given_facts)
    ]
    shuffled = random.sample(recorded, len(recorded))
    assert facts_at(HERE, shuffled) == facts_at(HERE, recorded)
