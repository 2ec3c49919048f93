"""Promises about every file of playbooks/rules/."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.catalog import Catalogue, read_documents
from breach_service.domain.assessment import loss_from
from breach_service.domain.bounds import risk_of_loss
from breach_service.domain.conditions import FactValue, NumberRange, Truth, facts_named_in, judge
from breach_service.domain.facts import FactType
from breach_service.domain.rules import Loss, RiskLevel, Rule, findings_from

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
DOCUMENTS, _ = read_documents(PLAYBOOKS)
RULES = sorted(path for path in DOCUMENTS if path.startswith("rules/"))


def _rule(catalogue: Catalogue, path: str) -> Rule:
    return next(one for one in catalogue.rules if f"rules/{one.id}.yaml" == path)


def _values(catalogue: Catalogue, example: dict[str, object]) -> dict[str, FactValue]:
    return {name: catalogue.facts[name].parse(raw) for name, raw in example.items()}


@pytest.mark.parametrize("path", RULES)
def test_the_examples_of_a_rule_are_true(catalogue: Catalogue, path: str) -> None:
    """It applies, does not apply, or is not known yet, as each example says."""
    rule = _rule(catalogue, path)
    promised = {"applies": Truth.YES, "does_not_apply": Truth.NO, "not_known_yet": Truth.UNKNOWN}
    for group, truth in promised.items():
        for example in getattr(rule.examples, group):
            assert judge(rule.when, _values(catalogue, example)).truth is truth, example


@pytest.mark.parametrize("path", RULES)
def test_a_rule_shows_an_example_of_each_kind(catalogue: Catalogue, path: str) -> None:
    """A reader sees when it applies, when not, and what is still open in between."""
    examples = _rule(catalogue, path).examples
    assert examples.applies
    assert examples.does_not_apply
    assert examples.not_known_yet


@pytest.mark.parametrize("path", RULES)
def test_a_rule_is_written_in_french_and_english_with_its_sources(catalogue: Catalogue, path: str) -> None:
    """Title, reason and false alarms in both languages; an article, a guideline or a decision; an owner."""
    rule = _rule(catalogue, path)
    for text in filter(None, (rule.title, rule.why, rule.known_false_alarms)):
        assert text.fr.strip()
        assert (text.en or "").strip()
    assert all(reference.strip() for reference in rule.references)
    assert rule.owner == "dpo"


@pytest.mark.parametrize("path", RULES)
def test_a_rule_fits_on_one_screen(path: str) -> None:
    """Sixty lines at most, and it opens with a comment that says what it decides."""
    lines = DOCUMENTS[path].splitlines()
    assert len(lines) <= 60
    assert lines[0].startswith("# ")


@pytest.mark.parametrize("path", RULES)
def test_a_rule_reads_only_what_somebody_can_know(catalogue: Catalogue, path: str) -> None:
    """Each fact it reads can be asked of a person, so that the rule can be reached."""
    for name in facts_named_in(_rule(catalogue, path).when):
        assert catalogue.facts[name].question is not None, name


@pytest.mark.parametrize("path", RULES)
def test_a_rule_that_applies_binds_the_result(catalogue: Catalogue, path: str) -> None:
    """A ceiling holds beside all the floors that it neutralises; a floor holds beside all other floors."""
    rule = _rule(catalogue, path)
    then = rule.then
    if then.loss is None:
        return
    for example in rule.examples.applies:
        facts = _values(catalogue, example)
        if then.at_most is not None:
            ceiling = RiskLevel.from_word(then.at_most)
            held = tuple(one for one in catalogue.rules if one.then.at_most or then.holds_down(one.id))
            assert risk_of_loss(then.loss, Truth.YES, findings_from(held, facts)).most <= ceiling
        elif then.at_least is not None:
            floors = tuple(one for one in catalogue.rules if one.then.at_least is not None)
            level = RiskLevel.from_word(then.at_least)
            assert risk_of_loss(then.loss, Truth.YES, findings_from(floors, facts)).least >= level


@pytest.mark.parametrize("loss", Loss)
def test_a_bare_loss_of_personal_data_may_be_anything_until_more_is_known(catalogue: Catalogue, loss: Loss) -> None:
    """With nothing but the loss, no duty is settled either way: the advice is then to notify."""
    facts: dict[str, FactValue] = {f"loss.{loss}": Truth.YES}
    interval = risk_of_loss(loss, Truth.YES, findings_from(catalogue.rules, facts))
    assert (interval.least, interval.most) == (RiskLevel.UNLIKELY, RiskLevel.HIGH_RISK)


@pytest.mark.parametrize("loss", Loss)
def test_a_loss_can_come_out_at_each_of_the_three_levels(catalogue: Catalogue, loss: Loss) -> None:
    """The rules have a way down to unlikely, a plain risk, and a way up to high risk."""
    floors = {one.then.at_least for one in catalogue.rules if one.then.loss is loss}
    ceilings = {one.then.at_most for one in catalogue.rules if one.then.loss is loss}
    assert {"risk", "high_risk"} <= floors
    assert "unlikely" in ceilings


@pytest.mark.parametrize("word", ["yes", "no"])
def test_a_flaw_can_be_concluded_either_way(catalogue: Catalogue, word: str) -> None:
    """The promise to clients has a way to hold and a way not to."""
    assert any(one.then.flaw == word for one in catalogue.rules)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_flaw_is_never_concluded_both_ways(catalogue: Catalogue, data: st.DataObject) -> None:
    """Whatever is known, the criteria do not contradict each other."""
    rules = tuple(one for one in catalogue.rules if one.then.flaw is not None)
    read = sorted(frozenset[str]().union(*(facts_named_in(rule.when) for rule in rules)))
    known, _ = data.draw(_known_and_later({name: catalogue.facts[name] for name in read}))
    applying = {one.rule.then.flaw for one in findings_from(rules, known) if one.truth is Truth.YES}
    assert len(applying) <= 1


def _exact(fact: FactType) -> st.SearchStrategy[FactValue]:
    words = sorted(fact.choices or {})
    match fact.type:
        case "yes_no":
            return st.sampled_from([Truth.YES, Truth.NO])
        case "choice":
            return st.sampled_from(words)
        case "set":
            return st.frozensets(st.sampled_from(words), max_size=3)
    return st.sampled_from([1.0, 4.0, 24.0, 50.0, 51.0, 301.0, 501.0, 5000.0, 5001.0]).map(
        lambda one: NumberRange(one, one)
    )


@st.composite
def _known_and_later(draw: st.DrawFn, facts: dict[str, FactType]) -> tuple[dict[str, FactValue], dict[str, FactValue]]:
    later = {name: draw(_exact(fact)) for name, fact in facts.items()}
    known: dict[str, FactValue] = {}
    for name, value in later.items():
        match draw(st.sampled_from(["unknown", "known", "range"])), value:
            case "known", _:
                known[name] = value
            case "range", NumberRange(least=float(number)):
                known[name] = NumberRange(number - draw(st.integers(0, 60)), number + draw(st.integers(0, 6000)))
    return known, later


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_learning_more_never_leaves_the_interval_that_was_shown(catalogue: Catalogue, data: st.DataObject) -> None:
    """Whatever is learnt later, the risk stays within the bounds given before: no rule turns an unknown round."""
    read = frozenset[str]().union(*(facts_named_in(rule.when) for rule in catalogue.rules))
    known, later = data.draw(_known_and_later({name: catalogue.facts[name] for name in sorted(read)}))
    before, after = findings_from(catalogue.rules, known), findings_from(catalogue.rules, later)
    for loss in Loss:
        wide = risk_of_loss(loss, loss_from(loss, known), before)
        narrow = risk_of_loss(loss, loss_from(loss, later), after)
        assert wide.least <= narrow.least <= narrow.most <= wide.most
        assert narrow.is_decided
