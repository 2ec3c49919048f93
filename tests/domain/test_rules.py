"""Written criteria: what they may conclude, and the sound bounds of the risk that follow from them."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from breach_service.domain.conditions import Judgement, Truth
from breach_service.domain.rules import (
    NO_RISK,
    Conclusion,
    Finding,
    Loss,
    RiskInterval,
    RiskLevel,
    Rule,
    findings_from,
    open_findings_of,
    risk_of_loss,
)

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
UNLIKELY, RISK, HIGH = RiskLevel
A_LOSS = Loss.CONFIDENTIALITY


def a_rule(then: dict[str, Any], **changes: Any) -> Rule:
    """A criterion as a file writes it; only its conclusion matters here."""
    text = {"fr": "critère"}
    fields: dict[str, Any] = {
        "id": "a-rule", "title": text, "why": text, "references": ["RGPD art. 33"], "owner": "dpo",
        "reviewed_on": "2026-11-22", "when": {"line": {"fact": "a", "is": "yes"}}, "then": then,
        "examples": {"applies": [{}], "does_not_apply": [{}]},
    }  # fmt: skip
    return Rule.model_validate({**fields, **changes})


def a_finding(bound: str, level: RiskLevel, truth: Truth, loss: Loss = A_LOSS) -> Finding:
    """What a criterion found."""
    return Finding(a_rule({"loss": loss, bound: level.word}), Judgement(truth, ()))


@pytest.mark.parametrize(
    "then",
    [
        {},
        {"loss": "confidentiality"},
        {"at_least": "risk"},
        {"at_most": "risk"},
        {"loss": "confidentiality", "at_least": "risk", "at_most": "risk"},
        {"loss": "confidentiality", "personal_data": "yes"},
        {"loss": "confidentiality", "at_least": "risk", "personal_data": "yes"},
        {"loss": "confidentiality", "at_least": "low"},
        {"loss": "secrecy", "at_least": "risk"},
        {"loss": "confidentiality", "flaw": "yes"},
        {"personal_data": "yes", "flaw": "yes"},
        {"flaw": "unknown"},
        {"personal_data": "unknown"},
        {"personal_data": "maybe"},
    ],
)
def test_a_rule_concludes_exactly_one_thing(then: dict[str, Any]) -> None:
    """A level at least or at most, of one loss; or whether personal data are involved."""
    with pytest.raises(ValidationError):
        Conclusion.model_validate(then)


@pytest.mark.parametrize("word", ["yes", "no"])
def test_a_rule_may_conclude_on_a_flaw_alone(word: str) -> None:
    """A flaw needs no loss: the promise to clients holds where no breach followed."""
    assert Conclusion.model_validate({"flaw": word}).flaw == word


def test_personal_data_may_be_concluded_as_a_boolean() -> None:
    """JSON and older YAML bring true and false."""
    assert Conclusion.model_validate({"personal_data": True}).personal_data == "yes"
    assert Conclusion.model_validate({"personal_data": False}).personal_data == "no"


@pytest.mark.parametrize(
    "lacking", [{"when": {}}, {"references": []}, {"examples": {"applies": [], "does_not_apply": [{}]}}]
)
def test_a_rule_has_lines_references_and_examples(lacking: dict[str, Any]) -> None:
    """A criterion that nobody can check is no criterion."""
    with pytest.raises(ValidationError):
        a_rule({"personal_data": "yes"}, **lacking)


def test_only_active_rules_are_judged_in_their_order() -> None:
    """Drafts and retired ones say nothing."""
    rules = tuple(
        a_rule({"personal_data": "yes"}, id=name, status=status)
        for name, status in (("z", "active"), ("draft", "draft"), ("old", "retired"), ("a", "active"))
    )
    found = findings_from(rules, {"a": YES})
    assert [(one.rule.id, one.truth) for one in found] == [("z", YES), ("a", YES)]


def test_levels_are_ordered_and_known_by_their_words() -> None:
    """The words of Articles 33 and 34."""
    assert UNLIKELY < RISK < HIGH
    assert [RiskLevel.from_word(one.word) for one in RiskLevel] == [UNLIKELY, RISK, HIGH]


def test_an_interval_joins_to_the_maximum_and_reaches_by_its_ends() -> None:
    """The incident is as risky as its riskiest part; a level between the ends is undecided."""
    some = RiskInterval(UNLIKELY, RISK)
    assert some.joined(RiskInterval(RISK, HIGH)) == RiskInterval(RISK, HIGH)
    assert some.joined(NO_RISK) == some
    assert [some.reaches(level) for level in RiskLevel] == [YES, UNKNOWN, NO]
    assert not some.is_decided
    assert NO_RISK.is_decided
    with pytest.raises(ValueError, match="above the most"):
        RiskInterval(HIGH, RISK)


def test_a_loss_that_did_not_happen_brings_no_risk() -> None:
    """Whatever the criteria say of it."""
    assert risk_of_loss(A_LOSS, NO, (a_finding("at_least", HIGH, YES),)) == NO_RISK


@pytest.mark.parametrize(
    ("found", "is_lost", "interval"),
    [
        ([("at_least", RISK, YES)], YES, (RISK, RISK)),
        ([("at_least", RISK, YES)], UNKNOWN, (UNLIKELY, RISK)),
        ([("at_least", RISK, YES), ("at_least", HIGH, UNKNOWN)], YES, (RISK, HIGH)),
        ([("at_least", HIGH, YES), ("at_most", UNLIKELY, YES)], YES, (UNLIKELY, UNLIKELY)),
        ([("at_least", HIGH, YES), ("at_most", UNLIKELY, UNKNOWN)], YES, (UNLIKELY, HIGH)),
        ([("at_least", HIGH, YES), ("at_most", RISK, YES)], YES, (RISK, RISK)),
        ([("at_least", RISK, YES), ("at_most", UNLIKELY, NO)], YES, (RISK, RISK)),
        ([("at_least", HIGH, NO)], YES, (UNLIKELY, UNLIKELY)),
    ],
)
def test_a_possible_floor_widens_upward_and_a_possible_ceiling_does_not_lower(
    found: list[tuple[str, RiskLevel, Truth]], is_lost: Truth, interval: tuple[RiskLevel, RiskLevel]
) -> None:
    """An encryption that may have held does not yet take anything away."""
    findings = tuple(a_finding(*one) for one in found)
    assert risk_of_loss(A_LOSS, is_lost, findings) == RiskInterval(*interval)


FINDINGS = st.builds(
    a_finding, st.sampled_from(["at_least", "at_most"]), st.sampled_from(RiskLevel), st.sampled_from(Truth)
)


def resolutions(findings: tuple[Finding, ...]) -> list[tuple[Finding, ...]]:
    """Every way in which what is not known yet can turn out."""
    ways = [[YES, NO] if one.truth is UNKNOWN else [one.truth] for one in findings]
    return [
        tuple(Finding(one.rule, Judgement(truth, ())) for one, truth in zip(findings, truths, strict=True))
        for truths in product(*ways)
    ]


def decided_risk(is_lost: Truth, findings: tuple[Finding, ...], loss: Loss = A_LOSS) -> RiskLevel:
    """The definition: the highest floor that holds, cut off by the lowest ceiling that holds."""

    def levels(bound: str) -> list[RiskLevel]:
        said = [getattr(one.rule.then, bound) for one in findings if one.truth is YES and one.rule.then.loss is loss]
        return [RiskLevel.from_word(word) for word in said if word]

    highest, lowest = max(levels("at_least"), default=UNLIKELY), min(levels("at_most"), default=HIGH)
    return min(highest, lowest) if is_lost is YES else UNLIKELY


@settings(deadline=None)
@given(st.lists(FINDINGS, max_size=6).map(tuple), st.sampled_from(Truth))
def test_the_interval_is_exactly_what_can_still_come_out(findings: tuple[Finding, ...], is_lost: Truth) -> None:
    """Every answer stays inside it, and some answers reach both ends."""
    outcomes = [
        decided_risk(lost, way)
        for lost in ([YES, NO] if is_lost is UNKNOWN else [is_lost])
        for way in resolutions(findings)
    ]
    assert risk_of_loss(A_LOSS, is_lost, findings) == RiskInterval(min(outcomes), max(outcomes))


@settings(deadline=None)
@given(st.lists(FINDINGS, max_size=6), st.sampled_from(Truth), st.data())
def test_the_order_of_rules_does_not_matter(findings: list[Finding], is_lost: Truth, data: st.DataObject) -> None:
    """Files may be renamed."""
    shuffled = tuple(data.draw(st.permutations(findings)))
    assert risk_of_loss(A_LOSS, is_lost, shuffled) == risk_of_loss(A_LOSS, is_lost, tuple(findings))


@settings(deadline=None)
@given(st.lists(FINDINGS, max_size=4).map(tuple), st.sampled_from(Truth), st.sampled_from(Truth))
def test_a_rule_speaks_for_its_own_loss_only(findings: tuple[Finding, ...], is_lost: Truth, truth: Truth) -> None:
    """A ceiling on one loss neutralises no other: encrypted data that are gone are still gone."""
    other = (
        a_finding("at_most", UNLIKELY, truth, Loss.AVAILABILITY),
        a_finding("at_least", HIGH, truth, Loss.INTEGRITY),
    )
    assert risk_of_loss(A_LOSS, is_lost, (*other, *findings)) == risk_of_loss(A_LOSS, is_lost, findings)


@settings(deadline=None)
@given(st.lists(FINDINGS, max_size=5).map(tuple), st.sampled_from(RiskLevel))
def test_the_open_findings_are_those_that_can_still_lift_the_risk(
    findings: tuple[Finding, ...], reached: RiskLevel
) -> None:
    """A finding is open exactly if some answers to the others leave the risk to it."""
    reached = max(reached, risk_of_loss(A_LOSS, YES, findings).least)
    matters = {
        index
        for way in resolutions(findings)
        for index, one in enumerate(findings)
        if one.truth is UNKNOWN
        and max(reached, decided_risk(YES, way)) != max(reached, decided_risk(YES, _turned(way, index)))
    }
    open_ones = {id(one) for one in open_findings_of(A_LOSS, findings, reached)}
    assert {index for index, one in enumerate(findings) if id(one) in open_ones} == matters


def _turned(way: tuple[Finding, ...], index: int) -> tuple[Finding, ...]:
    turned = Finding(way[index].rule, Judgement(~way[index].truth, ()))
    return (*way[:index], turned, *way[index + 1 :])
