"""What each answer would change, and which question comes first."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.domain.assessment import (
    Answer,
    Assessment,
    Duty,
    WeighedQuestion,
    assess,
    effects_of,
    facts_digest,
    weighed_questions,
)
from breach_service.domain.assessment.effects import answers_to
from breach_service.domain.assessment.places import narrowed
from breach_service.domain.conditions import FactValue, Line, NumberRange, Truth, compare
from breach_service.domain.facts import WHOLE_INCIDENT, Exposure, Fact, FactType, Provenance, Scope, ScopeKind
from breach_service.domain.incident import Perimeter
from breach_service.domain.inventory import Role
from breach_service.domain.rules import RiskInterval, RiskLevel, Rule

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
REQUIRED, NOT_REQUIRED, UNDECIDED = Duty
AT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
TEXT = {"fr": "mot"}
HOLDS, SECRECY, GONE = "system.holds_personal_data", "loss.confidentiality", "loss.availability"


def a_rule(name: str, then: dict[str, str], **when: Any) -> Rule:
    """A criterion with its named lines."""
    fields = {
        "id": name, "title": TEXT, "why": TEXT, "references": ["RGPD art. 33"], "owner": "dpo", "when": when,
        "reviewed_on": "2026-11-22", "then": then, "examples": {"applies": [{}], "does_not_apply": [{}]},
    }  # fmt: skip
    return Rule.model_validate(fields)


RULES = (
    a_rule("data", {"personal_data": "yes"}, a={"fact": HOLDS, "is": "yes"}),
    a_rule("none", {"personal_data": "no"}, a={"fact": HOLDS, "is": "no"}),
    a_rule("lost", {"loss": "confidentiality", "at_least": "risk"}, a={"fact": SECRECY, "is": "yes"}),
    a_rule("gone", {"loss": "availability", "at_least": "risk"}, a={"fact": GONE, "is": "yes"}),
    a_rule(
        "back", {"loss": "availability", "at_most": "unlikely", "neutralises": "all"},
        a={"fact": "backup.intact", "is": "yes"}, b={"fact": "backup.hours", "at_most": 24},
    ),
    a_rule(
        "health", {"loss": "confidentiality", "at_least": "high_risk"},
        a={"fact": "data.categories", "any_of": ["health"]},
    ),
)  # fmt: skip


def a_type(name: str, kind: str, **more: Any) -> FactType:
    """A fact with a question."""
    return FactType.model_validate({"id": name, "label": TEXT, "question": TEXT, "type": kind, **more})


TYPES = {
    **{
        name: a_type(name, "yes_no")
        for name in (HOLDS, SECRECY, GONE, "loss.integrity", "incident.compromise_suspected", "backup.intact")
    },
    "backup.hours": a_type("backup.hours", "duration_hours"),
    "data.categories": a_type("data.categories", "set", choices={"health": TEXT, "contact": TEXT}),
}
OWN = Perimeter("own", Role.CONTROLLER, "Us", None, (), (), (Exposure("web"),))
CLIENTS = tuple(
    Perimeter(f"client:{one}", Role.PROCESSOR, one, one, (), (), (Exposure("web", "host", one),)) for one in "abc"
)


def facts(values: dict[str, FactValue], scope: Scope = WHOLE_INCIDENT) -> tuple[Fact, ...]:
    """Recorded by a person."""
    return tuple(Fact(name, value, scope, Provenance.PERSON, "dpo", AT) for name, value in values.items())


def assessed(values: dict[str, FactValue], *perimeters: Perimeter) -> Assessment:
    """An incident on facts of its whole."""
    return assess(perimeters or (OWN,), facts(values), RULES, TYPES)


def by_fact(assessment: Assessment) -> dict[str, WeighedQuestion]:
    """Every open question, in order."""
    return {one.question.fact: one for one in weighed_questions(assessment)}


def changed(one: WeighedQuestion) -> dict[str, dict[str, Duty]]:
    """By answer: the duties that it changes."""
    return {
        effect.answer.key: {change.duty: change.after for change in effect.changes}
        for effect in one.effects
        if effect.changes
    }


LOST: dict[str, FactValue] = {HOLDS: YES, SECRECY: YES, "loss.integrity": NO, GONE: NO}
GONE_ONLY: dict[str, FactValue] = {HOLDS: YES, SECRECY: NO, "loss.integrity": NO, GONE: YES}


def test_each_answer_says_which_duty_it_settles() -> None:
    """Health data make the notice to the persons due, others exclude it."""
    question = by_fact(assessed(LOST))["data.categories"]
    assert changed(question) == {"health": {"persons": REQUIRED}, "none_of_these": {"persons": NOT_REQUIRED}}
    health, other = question.effects
    assert (health.answer.value, other.answer.value) == (frozenset({"health"}), frozenset())
    assert health.risk == RiskInterval(RiskLevel.HIGH_RISK, RiskLevel.HIGH_RISK)
    assert other.duties["own"].persons is NOT_REQUIRED
    assert [effect.left for effect in question.effects] == [0, 0]
    assert health.changes[0].perimeters == ("own",)
    assert (health.changes[0].before, health.changes[0].after) == (UNDECIDED, REQUIRED)


def test_a_threshold_has_two_sides() -> None:
    """More than a day without the data, or not."""
    question = by_fact(assessed(GONE_ONLY | {"backup.intact": YES}))["backup.hours"]
    assert changed(question) == {"<=24": {"authority": NOT_REQUIRED}, ">24": {"authority": REQUIRED}}


def test_a_question_that_counts_only_with_others_changes_nothing_by_itself() -> None:
    """A yes on the backup waits for the hours; a no decides alone."""
    found = by_fact(assessed(GONE_ONLY))
    assert changed(found["backup.intact"]) == {"no": {"authority": REQUIRED}}
    assert changed(found["backup.hours"]) == {">24": {"authority": REQUIRED}}
    both = a_rule("both", {"loss": "confidentiality", "at_least": "high_risk"}, a={"fact": "x", "is": "yes"},
                  b={"fact": "y", "is": "yes"})  # fmt: skip
    more = a_rule("more", {"loss": "confidentiality", "at_least": "high_risk"}, a={"fact": "z", "is": "yes"},
                  b={"fact": "y", "is": "yes"})  # fmt: skip
    types = TYPES | {name: a_type(name, "yes_no") for name in "xyz"}
    rules = (*RULES[:5], both, more)
    open_now = weighed_questions(assess((OWN,), facts(LOST), rules, types))
    assert [(one.question.fact, one.changes_a_duty) for one in open_now] == [("y", True), ("x", False), ("z", False)]


def test_first_comes_the_question_whose_least_helpful_answer_leaves_least_to_ask() -> None:
    """That is the way of the fewest questions, however they are answered."""
    found = by_fact(assessed({}))
    assert set(changed(found["incident.compromise_suspected"])) == {"no"}
    alone = [max(effect.left for effect in one.effects) for one in found.values() if one.changes_a_duty]
    together = [max(effect.left for effect in one.effects) for one in found.values() if not one.changes_a_duty]
    assert alone == sorted(alone)
    assert together == sorted(together)


def test_a_judgement_is_asked_for_when_observations_did_not_settle_it() -> None:
    """Even where it would settle most."""
    grave = floor("grave", "grave")
    types = TYPES | {"grave": a_type("grave", "yes_no", asked_last=True), "x": a_type("x", "yes_no")}
    found = weighed_questions(assess((OWN,), facts(LOST), (*RULES[:5], grave, floor("both", "x", "grave")), types))
    assert [one.question.fact for one in found][-1] == "grave"


def test_an_answer_stands_only_where_the_fact_is_not_known() -> None:
    """What one client's record says is not overruled by trying an answer."""
    said = (*facts({HOLDS: YES, "loss.integrity": NO, GONE: NO}),
            *facts({SECRECY: NO}, Scope(ScopeKind.CLIENT, "*/a")))  # fmt: skip
    assessment = assess(CLIENTS, said, RULES, TYPES)
    question = by_fact(assessment)[SECRECY]
    assert question.question.perimeters == ("client:b", "client:c")
    yes = question.effects[0]
    assert set(yes.duties) == {"client:b", "client:c"}
    assert {(change.duty, change.perimeters) for change in yes.changes} >= {("clients", ("client:b", "client:c"))}


def floor(name: str, *needed: str) -> Rule:
    """A high risk if all of these hold."""
    lines = {one: {"fact": one, "is": "yes"} for one in needed}
    return a_rule(name, {"loss": "confidentiality", "at_least": "high_risk"}, **lines)


def order_of(values: dict[str, FactValue], *rules: Rule) -> list[tuple[str, bool]]:
    """The open questions in order, and whether an answer alone changes a duty."""
    names = {line.fact for rule in rules for line in rule.when.values() if hasattr(line, "fact")}
    types = TYPES | {name: a_type(name, "yes_no") for name in names - TYPES.keys()}
    found = weighed_questions(assess((OWN,), facts(values), (*RULES[:5], *rules), types))
    return [(one.question.fact, one.changes_a_duty) for one in found]


def test_the_answer_that_settles_more_duties_goes_before_the_one_that_is_written_first() -> None:
    """Encryption ends the question of the authority and of the persons; the kind of data only that of the persons."""
    ceiling = {"loss": "confidentiality", "at_most": "unlikely", "neutralises": "all"}
    safe = a_rule("safe", ceiling, a={"fact": "encrypted", "is": "yes"})
    assert order_of(LOST, floor("grave", "grave"), safe) == [("encrypted", True), ("grave", True)]


def test_among_answers_that_settle_nothing_alone_the_one_that_leaves_least_open_goes_first() -> None:
    """Each of five facts needs another one; one of them serves two criteria."""
    rules = (floor("one", "p", "q"), floor("two", "r", "s"), floor("three", "r", "t"))
    assert order_of(LOST, *rules) == [("r", False), ("p", False), ("q", False), ("s", False), ("t", False)]
    found = weighed_questions(
        assess((OWN,), facts(LOST), (*RULES[:5], *rules), {one: a_type(one, "yes_no") for one in "pqrst"})
    )
    assert [(effect.answer.key, effect.left) for effect in found[0].effects] == [("yes", 4), ("no", 2)]


def test_an_answer_takes_nothing_back_at_a_place_that_knows_better() -> None:
    """That nothing was read on one system says nothing of the other, where it was."""
    web, db = Scope(ScopeKind.SYSTEM, "web"), Scope(ScopeKind.SYSTEM, "db")
    said = (
        *facts({HOLDS: YES, "loss.integrity": NO, GONE: NO}),
        *facts({SECRECY: YES, "data.categories": frozenset({"contact"})}, web),
        *facts({"data.categories": frozenset({"health"})}, db),
    )
    perimeter = Perimeter("own", Role.CONTROLLER, "Us", None, (), (), (Exposure("web"), Exposure("db")))
    question = by_fact(assess((perimeter,), said, RULES, TYPES))[SECRECY]
    assert changed(question) == {"yes": {"persons": REQUIRED}, "no": {"persons": NOT_REQUIRED}}


def test_an_answer_narrows_a_range_and_never_contradicts_it() -> None:
    """Between ten hours and two days: a day at most means ten to twenty-four hours."""
    narrow = NumberRange(10, 48)
    assert narrowed(narrow, NumberRange(None, 24)) == NumberRange(10, 24)
    assert narrowed(narrow, NumberRange(24, None)) == NumberRange(24, 48)
    assert narrowed(narrow, NumberRange(None, None)) == narrow
    assert narrowed(narrow, NumberRange(48, 48)) == NumberRange(48, 48)
    assert narrowed(narrow, NumberRange(None, 9)) == narrowed(narrow, NumberRange(49, None)) == narrow
    assert narrowed(NumberRange(10, None), NumberRange(None, 24)) == NumberRange(10, 24)
    assert narrowed(NumberRange(None, None), NumberRange(1, 2)) == NumberRange(1, 2)
    assert narrowed(NumberRange(None, 9), NumberRange(None, 5)) == NumberRange(None, 5)
    assert narrowed(NumberRange(3, None), NumberRange(5, None)) == NumberRange(5, None)
    assert [narrowed(one, YES) for one in (None, UNKNOWN, NO, narrow)] == [YES, YES, NO, narrow]
    question = by_fact(assessed(GONE_ONLY | {"backup.intact": YES, "backup.hours": narrow}))["backup.hours"]
    assert changed(question) == {"<=24": {"authority": NOT_REQUIRED}, ">24": {"authority": REQUIRED}}


def test_clients_that_show_the_same_have_the_same_effects() -> None:
    """However many they are; one that differs is judged for itself."""
    said = (*facts(GONE_ONLY | {"backup.hours": NumberRange(1, 2)}),
            *facts({"backup.hours": NumberRange(48, 48)}, Scope(ScopeKind.CLIENT, "*/c")))  # fmt: skip
    question = by_fact(assess(CLIENTS, said, RULES, TYPES))["backup.intact"]
    assert question.question.perimeters == ("client:a", "client:b")
    assert [effect.changes[0].perimeters for effect in question.effects] == [("client:a", "client:b")] * 2


def test_a_question_without_a_type_has_no_answers() -> None:
    """A fact that the playbooks no longer know."""
    assessment = assessed(LOST)
    bare = [type(one)(one.fact, one.scope, one.perimeters) for one in assessment.open_questions]
    assert [effects_of(one, assessment.perimeters) for one in bare] == [()]


@pytest.mark.parametrize(
    ("comparison", "keys"),
    [
        ("at_most", ["<=24", ">24"]),
        ("more_than", ["<=24", ">24"]),
        ("at_least", ["<24", ">=24"]),
        ("less_than", ["<24", ">=24"]),
        ("is", ["<24", ">=24", "<=24", ">24"]),
        ("known", []),
    ],
)
def test_the_answers_to_a_number_are_the_sides_of_each_threshold(comparison: str, keys: list[str]) -> None:
    """And each of them decides the comparison that cuts there."""
    operand = "yes" if comparison == "known" else 24.0
    line = Line("line", "backup.hours", UNKNOWN, comparison, operand, None)
    answers = answers_to(TYPES["backup.hours"], [line, line])
    assert [one.key for one in answers] == keys
    if comparison != "is":
        assert UNKNOWN not in [compare(one.value, comparison, operand) for one in answers]


def test_the_answers_to_a_list_are_the_words_that_a_criterion_looks_for() -> None:
    """And none of them."""
    lines = [
        Line("one", "data.categories", UNKNOWN, "any_of", ("health", "contact"), None),
        Line("two", "data.categories", UNKNOWN, "contains", "minors", None),
        Line("three", "data.categories", UNKNOWN, "contains", "health", None),
    ]
    found = answers_to(TYPES["data.categories"], lines)
    assert [one.key for one in found] == ["health", "contact", "minors", "none_of_these"]
    choice = a_type("recipients.kind", "choice", choices={"public": TEXT, "trusted": TEXT})
    assert answers_to(choice, []) == (Answer("public", "public"), Answer("trusted", "trusted"))
    assert [one.key for one in answers_to(TYPES[HOLDS], [])] == ["yes", "no"]


VALUES = st.fixed_dictionaries(
    {},
    optional={
        **{
            name: st.sampled_from([YES, NO])
            for name in (HOLDS, SECRECY, GONE, "loss.integrity", "incident.compromise_suspected", "backup.intact")
        },
        "backup.hours": st.sampled_from([NumberRange(1, 2), NumberRange(10, 48), NumberRange(30, None)]),
        "data.categories": st.sampled_from([frozenset({"health"}), frozenset({"contact"})]),
    },
)


@settings(deadline=None)
@given(VALUES)
def test_the_effect_of_an_answer_is_what_recording_it_leads_to(values: dict[str, FactValue]) -> None:
    """The shortcut of judging again only what reads the fact never differs from assessing everything."""
    assessment = assessed(values, OWN, *CLIENTS)
    for weighed in weighed_questions(assessment):
        assert effects_of(weighed.question, assessment.perimeters) == weighed.effects
        for effect in weighed.effects:
            recorded = assessed(values | {weighed.question.fact: effect.answer.value}, OWN, *CLIENTS)
            for one in recorded.perimeters:
                if one.perimeter.key in effect.duties:
                    assert effect.duties[one.perimeter.key] == one.duties


@settings(deadline=None)
@given(VALUES)
def test_the_order_of_questions_loses_and_adds_none(values: dict[str, FactValue]) -> None:
    """Weighing sorts; what changes a duty alone stands before what does not."""
    assessment = assessed(values, OWN, *CLIENTS)
    weighed = weighed_questions(assessment)
    assert {one.question for one in weighed} == set(assessment.open_questions)
    alone = [one.changes_a_duty for one in weighed]
    assert alone == sorted(alone, reverse=True)


# ── the digest of the facts

DB = Scope(ScopeKind.SYSTEM, "db")


def a_fact(name: str, value: FactValue, scope: Scope = WHOLE_INCIDENT, recorded: int = 1, **more: Any) -> Fact:
    """As recorded by a person unless said otherwise."""
    provenance = more.pop("provenance", Provenance.PERSON)
    return Fact(name, value, scope, provenance, more.pop("by", "dpo"), more.pop("at", AT), recorded=recorded, **more)


def test_the_digest_changes_with_what_is_judged_and_with_nothing_else() -> None:
    """Value, name, scope and provenance count; the person, the hour and the note do not."""
    one = a_fact("a", YES)
    digest = facts_digest([one])
    same = [a_fact("a", YES, by="somebody else", note="seen", at=datetime(2027, 1, 1, tzinfo=UTC), recorded=7)]
    assert facts_digest(same) == facts_digest([one, *same]) == digest
    others = [
        [a_fact("a", NO)], [a_fact("b", YES)], [a_fact("a", YES, DB)], [one, a_fact("a", YES, DB)], [],
        [a_fact("a", YES, provenance=Provenance.INVENTORY)], [a_fact("a", frozenset({"yes"}))],
        [a_fact("a", NumberRange(1, 2))], [a_fact("a", NumberRange(1, None))], [a_fact("a", None)],
    ]  # fmt: skip
    digests = [facts_digest(other) for other in others]
    assert digest not in digests
    assert len(set(digests)) == len(digests)


def test_only_the_fact_that_counts_is_in_the_digest() -> None:
    """A correction changes it, what was corrected no longer does; a person's word outweighs a later alert."""
    first, corrected = a_fact("a", YES, recorded=1), a_fact("a", NO, recorded=2)
    assert facts_digest([first, corrected]) == facts_digest([corrected, first]) == facts_digest([corrected])
    alert = a_fact("a", YES, recorded=9, provenance=Provenance.ALERT)
    assert facts_digest([alert, corrected]) == facts_digest([corrected])


def test_the_digest_names_the_systems_the_content_the_inventory_and_what_the_caller_adds() -> None:
    """Any of them may change the assessment; the order of the systems does not."""
    one = [a_fact("a", YES)]
    found = {
        facts_digest(one), facts_digest(one, systems=["web"]), facts_digest(one, systems=["web", "db"]),
        facts_digest(one, content="1"), facts_digest(one, inventory="1"), facts_digest(one, also=["1"]),
        facts_digest(one, also=["1", "2"]), facts_digest(one, also=["2", "1"]),
    }  # fmt: skip
    assert len(found) == 8
    assert facts_digest(one, systems=["db", "web", "web"]) == facts_digest(one, systems=["web", "db"])


def test_the_form_of_the_digest_stays() -> None:
    """Another form would have every incident judged again after an update: then this value is changed on purpose."""
    said = [
        a_fact("loss.confidentiality", YES), a_fact("data.categories", frozenset({"health", "contact"}), DB),
        a_fact("persons.number", NumberRange(1, None), provenance=Provenance.INVENTORY), a_fact("été", "mot"),
    ]  # fmt: skip
    found = facts_digest(said, systems=["web", "db"], content="7", inventory="3", also=["suspected"])
    assert found == "84309d8c448e585a1a0dfa26d7cdd444af13d43ac2d5bbac5be16763af910925"
    assert facts_digest([]) == "38ae72df234f2e4dcab7a63a8d6094c38147921f4934f6ab3c160ba9ddcf96a7"


FACTS = st.lists(
    st.builds(
        a_fact, st.sampled_from("ab"), st.sampled_from([*Truth, None, frozenset({"x"}), NumberRange(1, 2)]),
        st.sampled_from([WHOLE_INCIDENT, DB]), st.integers(1, 1000), provenance=st.sampled_from(Provenance),
    ),
    unique_by=lambda one: one.recorded, max_size=6,
)  # fmt: skip


@settings(deadline=None)
@given(FACTS, st.data())
def test_equal_digests_mean_equal_assessments_whatever_the_order(said: list[Fact], data: st.DataObject) -> None:
    """Nothing is judged again where it would come out the same."""
    shuffled = data.draw(st.permutations(said))
    assert facts_digest(shuffled) == facts_digest(said)
    other = data.draw(FACTS)
    if facts_digest(other) == facts_digest(said):
        for place in (Exposure(), Exposure("db")):
            perimeter = Perimeter("own", Role.CONTROLLER, "Us", None, (), (), (place,))
            assert assess((perimeter,), other, RULES, TYPES).risk == assess((perimeter,), said, RULES, TYPES).risk
