"""The risk that one loss brings: floors, and the ceilings that hold down what they name.

Where a floor and a ceiling both hold, the floor prevails unless the ceiling names it in `neutralises`. The risk is the
highest floor that holds, each held down by the lowest of the ceilings that hold and name it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from breach_service.domain.conditions import Truth
from breach_service.domain.rules import NO_RISK, Finding, Loss, RiskInterval, RiskLevel


def risk_of_loss(loss: Loss, is_lost: Truth, findings: tuple[Finding, ...]) -> RiskInterval:
    """The interval of the risk that one loss brings.

    Sound bounds: refining an unknown never leaves the interval. An `at_least` that is only possible raises the upper
    end; an `at_most` that is only possible lowers the lower end, and never the upper one.
    """
    if is_lost is Truth.NO:
        return NO_RISK
    floors, sure, possible = _sides(loss, findings)
    most = max((sure.held(one) for one in floors), default=RiskLevel.UNLIKELY)
    if is_lost is not Truth.YES:
        return RiskInterval(RiskLevel.UNLIKELY, most)
    certain = (one for one in floors if one.truth is Truth.YES)
    return RiskInterval(max((possible.held(one) for one in certain), default=RiskLevel.UNLIKELY), most)


def open_findings_of(loss: Loss, findings: tuple[Finding, ...], reached: RiskLevel) -> tuple[Finding, ...]:
    """The findings not known yet whose outcome can still lift a risk that is at least `reached` anyway.

    A floor that a sure ceiling cuts off or a sure floor exceeds changes nothing, nor does a ceiling above everything
    that it names.
    """
    floors, sure, _ = _sides(loss, findings)
    ceilings = [one for one in findings if one.rule.then.loss is loss and one.rule.then.at_most is not None]
    possible = [one for one in ceilings if one.truth is not Truth.NO]
    found = []
    for finding in findings:
        if finding.rule.then.loss is not loss or finding.truth is not Truth.UNKNOWN:
            continue
        is_floor = finding.rule.then.at_least is not None
        below = reached if is_floor else max(reached, level_of(finding))
        moved = [finding] if is_floor else [one for one in floors if holds_down(finding, one)]
        if any(sure.held(one) > max(below, _least_beside(one, finding, floors, possible)) for one in moved):
            found.append(finding)
    return tuple(found)


def _least_beside(floor: Finding, turning: Finding, floors: list[Finding], possible: list[Finding]) -> RiskLevel:
    """What the other sure floors reach at least while this one is at its highest.

    Every ceiling that spares the floor may hold; those that name it do not, unless they hold for sure. The ceiling
    that turns is judged at the turn: it holds down what it names.
    """
    holding = [one for one in possible if one.truth is Truth.YES or one is turning or not holds_down(one, floor)]
    beside = _Ceilings.of(holding)
    others = (one for one in floors if one.truth is Truth.YES and one is not floor)
    return max((beside.held(one) for one in others), default=RiskLevel.UNLIKELY)


@dataclass(frozen=True)
class Overruled:
    """What became of a floor and a ceiling that both hold for one loss."""

    floor: Finding
    ceiling: Finding
    is_neutralised: bool
    """The ceiling names the floor and holds it down; else the floor prevails."""


def overruled_among(findings: tuple[Finding, ...]) -> tuple[Overruled, ...]:
    """Every floor above a ceiling where both hold, in the order of the rules: no one of them gives way unsaid."""
    holding = [one for one in findings if one.truth is Truth.YES]
    floors = [one for one in holding if one.rule.then.at_least is not None]
    return tuple(
        Overruled(floor, ceiling, holds_down(ceiling, floor))
        for ceiling in holding
        if ceiling.rule.then.at_most is not None
        for floor in floors
        if floor.rule.then.loss is ceiling.rule.then.loss and level_of(floor) > level_of(ceiling)
    )


def level_of(finding: Finding) -> RiskLevel:
    """The level that a floor or a ceiling concludes."""
    then = finding.rule.then
    return RiskLevel.from_word(then.at_least or then.at_most or "high_risk")


def holds_down(ceiling: Finding, floor: Finding) -> bool:
    """Whether the ceiling names the floor."""
    return ceiling.rule.then.holds_down(floor.rule.id)


@dataclass(frozen=True)
class _Ceilings:
    """The lowest ceiling over every floor, and over each floor that one names."""

    overall: RiskLevel
    named: dict[str, RiskLevel]

    @classmethod
    def of(cls, ceilings: Iterable[Finding]) -> "_Ceilings":
        overall, named = RiskLevel.HIGH_RISK, dict[str, RiskLevel]()
        for one in ceilings:
            level, names = level_of(one), one.rule.then.neutralises
            if names == "all":
                overall = min(overall, level)
            else:
                named.update({name: min(level, named.get(name, level)) for name in names})
        return cls(overall, named)

    def held(self, floor: Finding) -> RiskLevel:
        """What is left of a floor."""
        return min(level_of(floor), self.overall, self.named.get(floor.rule.id, RiskLevel.HIGH_RISK))


def _sides(loss: Loss, findings: tuple[Finding, ...]) -> tuple[list[Finding], _Ceilings, _Ceilings]:
    """The floors that are sure or possible; the ceilings that are sure; those that are sure or possible."""
    floors: list[Finding] = []
    ceilings: list[Finding] = []
    for one in findings:
        then = one.rule.then
        if then.loss is loss and one.truth is not Truth.NO:
            (floors if then.at_least is not None else ceilings).append(one)
    return floors, _Ceilings.of(one for one in ceilings if one.truth is Truth.YES), _Ceilings.of(ceilings)
