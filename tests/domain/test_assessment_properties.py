"""Learning more never turns a duty round, and only the questions that are asked can change one."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from breach_service.domain.assessment import (
    PERSONS_EVENTS,
    Duty,
    DutyReason,
    PerimeterAssessment,
    assess_perimeter,
    explained_duties,
    severity_in,
)
from breach_service.domain.conditions import Truth
from breach_service.domain.facts import WHOLE_INCIDENT, Exposure, Fact, Provenance, Scope, ScopeKind
from breach_service.domain.incident import Perimeter
from breach_service.domain.inventory import Role
from breach_service.domain.rules import Loss, Rule

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
COMPROMISE = "incident.compromise_suspected"
LOSSES = [f"loss.{loss}" for loss in Loss]
HOLDS = "system.holds_personal_data"
NAMES = [COMPROMISE, *LOSSES, HOLDS, "a", "b", "c"]
PLACES = (Exposure("web"), Exposure("db"))
PERIMETER = Perimeter("own", Role.CONTROLLER, "Nous", None, ("web", "db"), (), PLACES)
PERIMETERS = st.one_of(
    st.just(PERIMETER),
    st.just(replace(PERIMETER, key="client:acme", our_role=Role.PROCESSOR, controller="Acme", client="acme")),
    st.sampled_from(["us", "them", None]).map(lambda leads: replace(PERIMETER, our_role=Role.JOINT, leads=leads)),
)
EVENTS = st.dictionaries(st.sampled_from(PERSONS_EVENTS), st.sampled_from(Truth), max_size=3).map(
    lambda said: {(name, WHOLE_INCIDENT): value for name, value in said.items()}
)
"""What was ordered, asked or decided about the persons: it counts from its recording, and is no unknown before."""
SCOPES = [WHOLE_INCIDENT, Scope(ScopeKind.SYSTEM, "web"), Scope(ScopeKind.SYSTEM, "db")]
AT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)


def a_rule(number: int, then: dict[str, Any], when: dict[str, Any]) -> Rule:
    """A criterion as a file writes it."""
    text = {"fr": "critère"}
    fields = {
        "id": f"rule-{number}", "title": text, "why": text, "references": ["RGPD art. 33"], "owner": "dpo",
        "reviewed_on": "2026-11-22", "when": when, "then": then,
        "examples": {"applies": [{}], "does_not_apply": [{}]},
    }  # fmt: skip
    return Rule.model_validate(fields)


LEVELS = st.sampled_from(["unlikely", "risk", "high_risk"])
FLOORS = st.builds(lambda loss, level: {"loss": str(loss), "at_least": level}, st.sampled_from(Loss), LEVELS)
NAMED = st.one_of(st.just("all"), st.lists(st.sampled_from([f"rule-{one}" for one in range(6)]), max_size=3))
CEILINGS = st.builds(
    lambda loss, level, named: {"loss": str(loss), "at_most": level, "neutralises": named},
    st.sampled_from(Loss),
    LEVELS,
    NAMED,
)
BOUNDS = st.one_of(FLOORS, CEILINGS)
WORDS = st.sampled_from(["yes", "no"])
THEN = st.one_of(
    BOUNDS, BOUNDS, WORDS.map(lambda word: {"personal_data": word}), WORDS.map(lambda word: {"flaw": word})
)
LEAVES = st.builds(
    lambda name, word: {"fact": name, "is": word}, st.sampled_from(NAMES), st.sampled_from(["yes", "no"])
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=2).map(lambda some: {"any": dict(zip("pq", some, strict=False))}),
        st.lists(inner, min_size=1, max_size=2).map(lambda some: {"all": dict(zip("pq", some, strict=False))}),
        inner.map(lambda one: {"not": one}),
    ),
    max_leaves=3,
)
WHEN = st.lists(CONDITIONS, min_size=1, max_size=2).map(lambda some: dict(zip("xy", some, strict=False)))
RULES = st.lists(st.tuples(THEN, WHEN), max_size=6).map(
    lambda some: tuple(a_rule(number, *one) for number, one in enumerate(some))
)
DATA_RULES = tuple(
    a_rule(100 + number, {"personal_data": word}, {"holds": {"fact": HOLDS, "is": word}})
    for number, word in enumerate(["yes", "no"])
)


@dataclass(frozen=True)
class Knowledge:
    """What is recorded, by fact and scope; what is missing was never recorded."""

    values: dict[tuple[str, Scope], Truth]

    @property
    def facts(self) -> tuple[Fact, ...]:
        """As recorded by people."""
        return tuple(
            Fact(name, value, scope, Provenance.PERSON, "somebody", AT) for (name, scope), value in self.values.items()
        )

    @property
    def is_free_of_compromise(self) -> bool:
        """True where somebody excluded a compromise, which stands for every loss of which nothing is known."""
        return any(value is NO for (name, _), value in self.values.items() if name == COMPROMISE)


KNOWLEDGE = st.builds(
    lambda values, events: Knowledge(values | events),
    st.dictionaries(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(SCOPES)), st.sampled_from([*Truth, UNKNOWN]), max_size=10
    ),
    EVENTS,
)


def refined(before: Knowledge, answers: dict[str, Truth]) -> Knowledge:
    """The same with unknown facts answered, for the whole incident and wherever they were recorded as unknown.

    That something was lost although no compromise is suspected is a contradiction, in which the loss is believed: no
    refinement of what was known.
    """
    values = dict(before.values)
    for name, answer in answers.items():
        if name in LOSSES and answer is YES and before.is_free_of_compromise:
            continue
        for key in [(name, scope) for scope in SCOPES if (name, scope) in values or scope == WHOLE_INCIDENT]:
            if values.get(key, UNKNOWN) is UNKNOWN:
                values[key] = answer
    return Knowledge(values)


ANSWERS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from([YES, NO]), max_size=4)


def judged(knowledge: Knowledge, rules: tuple[Rule, ...], perimeter: Perimeter = PERIMETER) -> PerimeterAssessment:
    """Two places under one controller."""
    return assess_perimeter(perimeter, knowledge.facts, rules)


def is_flaw_believed_against(old: PerimeterAssessment, new: PerimeterAssessment) -> bool:
    """A flaw was found where a compromise had been excluded: the flaw is believed, as a loss would be."""
    return any(
        was.values.get(COMPROMISE) is NO and was.is_flaw is NO and now.is_flaw is not NO
        for was, now in zip(old.places, new.places, strict=True)
    )


@settings(deadline=None, max_examples=150)
@given(RULES, KNOWLEDGE, ANSWERS, PERIMETERS)
def test_learning_more_never_widens_the_risk_nor_turns_a_duty_round(
    rules: tuple[Rule, ...], before: Knowledge, answers: dict[str, Truth], perimeter: Perimeter
) -> None:
    """What was decided stays decided, and the risk stays inside the interval that was shown."""
    rules += DATA_RULES
    old, new = judged(before, rules, perimeter), judged(refined(before, answers), rules, perimeter)
    assume(not is_flaw_believed_against(old, new))
    assert old.risk.least <= new.risk.least <= new.risk.most <= old.risk.most
    for name, duty in vars(old.duties).items():
        assert duty is Duty.UNDECIDED or getattr(new.duties, name) is duty
        ours = old.our_duty(name)
        assert ours is Duty.UNDECIDED or new.our_duty(name) is ours
    for name in ("personal_data", "is_breach", "is_flaw"):
        assert getattr(old, name) is UNKNOWN or getattr(new, name) is getattr(old, name)


@settings(deadline=None, max_examples=150)
@given(RULES, KNOWLEDGE, ANSWERS, PERIMETERS)
def test_a_question_that_is_not_asked_changes_no_duty(
    rules: tuple[Rule, ...], before: Knowledge, answers: dict[str, Truth], perimeter: Perimeter
) -> None:
    """Answer one of them as you like: the duties and the risk stay as they were."""
    rules += DATA_RULES
    old = judged(before, rules, perimeter)
    for name, answer in answers.items():
        if name not in old.open_facts:
            new = judged(refined(before, {name: answer}), rules, perimeter)
            if is_flaw_believed_against(old, new):
                continue
            assert (new.duties, new.risk) == (old.duties, old.risk)


@settings(deadline=None, max_examples=150)
@given(RULES, KNOWLEDGE, PERIMETERS)
def test_what_is_undecided_always_has_a_question_and_what_is_decided_has_none(
    rules: tuple[Rule, ...], before: Knowledge, perimeter: Perimeter
) -> None:
    """Nobody is left with an open duty and nothing to find out; an authority's word may leave the risk alone open."""
    found = judged(before, rules + DATA_RULES, perimeter)
    if Duty.UNDECIDED in vars(found.duties).values():
        assert found.open_facts
    elif found.rulings.persons.reasons[0] not in (DutyReason.ORDERED, DutyReason.EXEMPTED_BY_AUTHORITY):
        assert found.open_facts == ()


@settings(deadline=None)
@given(RULES, KNOWLEDGE, PERIMETERS)
def test_answering_the_questions_decides_everything(
    rules: tuple[Rule, ...], before: Knowledge, perimeter: Perimeter
) -> None:
    """Every answer brings an end nearer; there is no question for ever."""
    rules += DATA_RULES
    for _ in NAMES:
        found = judged(before, rules, perimeter)
        if not found.open_facts:
            break
        answer = NO if found.open_facts[0] == COMPROMISE or found.open_facts[0] in LOSSES else YES
        before = refined(before, {found.open_facts[0]: answer})
    assert Duty.UNDECIDED not in vars(judged(before, rules, perimeter).duties).values()


def named(found: PerimeterAssessment) -> set[tuple[str, str]]:
    """Everything with a name that a duty can rest on: findings, losses and events, place by place."""
    return {
        (f"{number} {name}", str(truth))
        for number, place in enumerate(found.places)
        for name, truth in (
            *((one.rule.id, one.truth) for one in place.findings),
            *((str(loss), truth) for loss, truth in place.losses.items()),
            *((name, place.facts[name].value) for name in PERSONS_EVENTS if name in place.facts),
            (COMPROMISE, place.values.get(COMPROMISE)),
        )
    }


@settings(deadline=None)
@given(RULES, KNOWLEDGE, ANSWERS, PERIMETERS)
def test_a_duty_never_turns_without_a_finding_a_loss_or_an_event_that_says_so(
    rules: tuple[Rule, ...], before: Knowledge, answers: dict[str, Truth], perimeter: Perimeter
) -> None:
    """Whatever was recorded: another outcome has another reason, and something with a name behind it."""
    rules += DATA_RULES
    old = judged(before, rules, perimeter)
    new = judged(Knowledge(before.values | {(name, SCOPES[0]): one for name, one in answers.items()}), rules, perimeter)
    if old.duties != new.duties:
        assert named(old) != named(new)
    for was, now in zip(explained_duties(old), explained_duties(new), strict=True):
        assert was.reasons
        assert (was.outcome, was.name) == (getattr(old.duties, was.name), now.name)
        assert was.outcome is now.outcome or was.reasons != now.reasons
        assert was.is_advised is (Duty.UNDECIDED in (was.outcome, was.ours))


@settings(deadline=None)
@given(RULES, KNOWLEDGE, st.data())
def test_neither_the_order_of_rules_nor_of_facts_nor_of_places_matters(
    rules: tuple[Rule, ...], knowledge: Knowledge, data: st.DataObject
) -> None:
    """Files may be renamed, and systems listed otherwise."""
    old = judged(knowledge, rules)
    shuffled = tuple(data.draw(st.permutations(knowledge.facts)))
    places = tuple(data.draw(st.permutations(PLACES)))
    order = tuple(data.draw(st.permutations(rules)))
    new = assess_perimeter(replace(PERIMETER, exposures=places), shuffled, order)
    assert (new.personal_data, new.is_breach, new.losses) == (old.personal_data, old.is_breach, old.losses)
    assert (new.risk, new.duties, set(new.open_facts)) == (old.risk, old.duties, set(old.open_facts))
    assert (new.is_flaw, new.rulings) == (old.is_flaw, old.rulings)
    scores = [(one.least, one.most) if one else None for one in (severity_in(old), severity_in(new))]
    assert scores[0] == scores[1]
    assert {(one.rule.id, one.truth) for one in new.findings} == {(one.rule.id, one.truth) for one in old.findings}


def test_no_place_lowers_what_another_one_shows() -> None:
    """More places can only make an incident more serious."""
    rule = a_rule(0, {"loss": "confidentiality", "at_least": "high_risk"}, {"line": {"fact": "a", "is": "yes"}})
    for here, there in product(Truth, Truth):
        known = Knowledge(
            {("a", SCOPES[1]): here, ("a", SCOPES[2]): there, ("loss.confidentiality", WHOLE_INCIDENT): YES}
        )
        rules = (rule, *DATA_RULES)
        alone = assess_perimeter(replace(PERIMETER, exposures=PLACES[:1]), known.facts, rules)
        together = judged(known, rules)
        assert together.risk.least >= alone.risk.least
        assert together.risk.most >= alone.risk.most
