"""Floors and ceilings: the sound bounds of the risk of one loss, and what is said where both hold."""

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.domain.bounds import Overruled, open_findings_of, overruled_among, risk_of_loss
from breach_service.domain.conditions import Judgement, Truth
from breach_service.domain.rules import NO_RISK, Finding, Loss, RiskInterval, RiskLevel
from tests.domain.test_rules import a_rule

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
UNLIKELY, RISK, HIGH = RiskLevel
A_LOSS = Loss.CONFIDENTIALITY


def a_finding(
    bound: str,
    level: RiskLevel,
    truth: Truth,
    loss: Loss = A_LOSS,
    *,
    name: str = "a-rule",
    named: str | Sequence[str] = (),
) -> Finding:
    """What a criterion found; `named` counts for ceilings only."""
    then = {"loss": loss, bound: level.word} | ({"neutralises": named} if bound == "at_most" else {})
    return Finding(a_rule(then, id=name), Judgement(truth, ()))


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
    findings = tuple(a_finding(bound, level, truth, named="all") for bound, level, truth in found)
    assert risk_of_loss(A_LOSS, is_lost, findings) == RiskInterval(*interval)


@pytest.mark.parametrize(
    ("named", "floor", "interval"),
    [
        ((), YES, (HIGH, HIGH)),
        (("another",), YES, (HIGH, HIGH)),
        (("grave",), YES, (RISK, RISK)),
        ("all", YES, (RISK, RISK)),
        ((), UNKNOWN, (RISK, HIGH)),
        (("grave",), UNKNOWN, (RISK, RISK)),
        ((), NO, (RISK, RISK)),
    ],
)
def test_a_floor_prevails_over_a_ceiling_that_does_not_name_it(
    named: str | tuple[str, ...], floor: Truth, interval: tuple[RiskLevel, RiskLevel]
) -> None:
    """An annoyance on the whole does not silence a service on which persons depend."""
    findings = (
        a_finding("at_least", RISK, YES, name="lost"),
        a_finding("at_least", HIGH, floor, name="grave"),
        a_finding("at_most", RISK, YES, named=named),
    )
    assert risk_of_loss(A_LOSS, YES, findings) == RiskInterval(*interval)


def test_what_gives_way_is_said_on_both_sides() -> None:
    """A floor that a ceiling names gives way; another prevails; neither is silent, and other losses have no part."""
    lost, grave = a_finding("at_least", RISK, YES, name="lost"), a_finding("at_least", HIGH, YES, name="grave")
    safe = a_finding("at_most", UNLIKELY, YES, name="safe", named=("lost",))
    others = (
        a_finding("at_least", HIGH, UNKNOWN, name="perhaps"),
        a_finding("at_least", UNLIKELY, YES, name="low"),
        a_finding("at_least", HIGH, YES, Loss.INTEGRITY, name="altered"),
    )
    found = overruled_among((safe, lost, grave, *others))
    assert found == (Overruled(lost, safe, True), Overruled(grave, safe, False))


NAMES = st.sampled_from(["p", "q", "r"])
FLOORS = st.builds(
    lambda level, truth, name: a_finding("at_least", level, truth, name=name),
    st.sampled_from(RiskLevel), st.sampled_from(Truth), NAMES,
)  # fmt: skip
CEILINGS = st.builds(
    lambda level, truth, named: a_finding("at_most", level, truth, named=named),
    st.sampled_from(RiskLevel), st.sampled_from(Truth), st.one_of(st.just("all"), st.lists(NAMES, max_size=2)),
)  # fmt: skip
FINDINGS = st.one_of(FLOORS, CEILINGS)


def resolutions(findings: tuple[Finding, ...]) -> list[tuple[Finding, ...]]:
    """Every way in which what is not known yet can turn out."""
    ways = [[YES, NO] if one.truth is UNKNOWN else [one.truth] for one in findings]
    return [
        tuple(Finding(one.rule, Judgement(truth, ())) for one, truth in zip(findings, truths, strict=True))
        for truths in product(*ways)
    ]


def decided_risk(is_lost: Truth, findings: tuple[Finding, ...], loss: Loss = A_LOSS) -> RiskLevel:
    """The definition: the highest floor that holds, each cut off by the lowest ceiling that holds and names it."""
    holding = [one for one in findings if one.truth is YES and one.rule.then.loss is loss]

    def left_of(floor: Finding) -> RiskLevel:
        named = [one.rule.then for one in holding if one.rule.then.at_most and one.rule.then.holds_down(floor.rule.id)]
        levels = [RiskLevel.from_word(then.at_most or "") for then in named]
        return min(RiskLevel.from_word(floor.rule.then.at_least or ""), *levels, HIGH)

    highest = max((left_of(one) for one in holding if one.rule.then.at_least), default=UNLIKELY)
    return highest if is_lost is YES else UNLIKELY


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
