"""Written criteria: what they may conclude, and the sound bounds of the risk that follow from them."""

from typing import Any

import pytest
from pydantic import ValidationError

from breach_service.domain.conditions import Truth
from breach_service.domain.rules import (
    NO_RISK,
    Conclusion,
    RiskInterval,
    RiskLevel,
    Rule,
    findings_from,
)

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
UNLIKELY, RISK, HIGH = RiskLevel


def a_rule(then: dict[str, Any], **changes: Any) -> Rule:
    """A criterion as a file writes it; only its conclusion matters here."""
    text = {"fr": "critère"}
    fields: dict[str, Any] = {
        "id": "a-rule", "title": text, "why": text, "references": ["RGPD art. 33"], "owner": "dpo",
        "reviewed_on": "2026-11-22", "when": {"line": {"fact": "a", "is": "yes"}}, "then": then,
        "examples": {"applies": [{}], "does_not_apply": [{}]},
    }  # fmt: skip
    return Rule.model_validate({**fields, **changes})


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
        {"loss": "confidentiality", "at_least": "risk", "neutralises": ["other"]},
        {"loss": "confidentiality", "at_most": "risk", "neutralises": "some"},
        {"personal_data": "no", "neutralises": "all"},
    ],
)
def test_a_rule_concludes_exactly_one_thing(then: dict[str, Any]) -> None:
    """A level at least or at most, of one loss; or whether personal data are involved. Only a ceiling neutralises."""
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
