"""One place of a perimeter, judged: an activity on a system, for one client or for ourselves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from breach_service.domain.assessment.implied import with_implied
from breach_service.domain.bounds import risk_of_loss
from breach_service.domain.conditions import (
    FactValue,
    NumberRange,
    Truth,
    all_of,
    any_of,
    facts_named_in,
    is_unknown,
    judge,
)
from breach_service.domain.facts import WHOLE_INCIDENT, Exposure, Fact, Provenance, facts_at, values_of
from breach_service.domain.incident import Perimeter
from breach_service.domain.rules import NO_RISK, Finding, Loss, RiskInterval, Rule

COMPROMISE = "incident.compromise_suspected"
"""The fact without which nothing is lost."""
TRIED_AT = datetime(2000, 1, 1, tzinfo=UTC)
"""An answer that is only tried has no instant; rules do not read it."""


@dataclass(frozen=True)
class Place:
    """What one place shows on the facts that count there."""

    personal_data: Truth
    is_breach: Truth
    is_flaw: Truth
    losses: Mapping[Loss, Truth]
    risk: RiskInterval
    findings: tuple[Finding, ...]
    facts: Mapping[str, Fact]
    values: Mapping[str, FactValue]
    """The values of the facts, and our role; an answer that is only tried stands here and not among the facts."""

    def answered(self, name: str, answer: FactValue) -> "Place":
        """This place if one more thing were known; only the rules that read what changes are judged again.

        What is known here already stays, and a range is narrowed by the answer as far as both agree.
        """
        held = self.values.get(name)
        refined = narrowed(held, answer)
        if refined == held:
            return self
        tried = Fact(name, refined, WHOLE_INCIDENT, Provenance.PERSON, "", TRIED_AT)
        values = {**self.values, **values_of(with_implied({**self.facts, name: tried}))}
        changed = {one for one, value in values.items() if value != self.values.get(one)}
        findings = tuple(
            replace(one, judgement=judge(one.rule.when, values)) if reads(one, changed) else one
            for one in self.findings
        )
        return place_from(findings, self.facts, values)


def narrowed(held: FactValue, answer: FactValue) -> FactValue:
    """What is known once an answer is added to what is held; what contradicts it is set aside."""
    if is_unknown(held):
        return answer
    if not (isinstance(held, NumberRange) and isinstance(answer, NumberRange)):
        return held
    least = max((one for one in (held.least, answer.least) if one is not None), default=None)
    most = min((one for one in (held.most, answer.most) if one is not None), default=None)
    return held if least is not None and most is not None and least > most else NumberRange(least, most)


def reads(finding: Finding, names: Collection[str]) -> bool:
    """True where a rule looks at one of these facts."""
    return any(line.fact in names for line in finding.judgement.lines)


@dataclass(frozen=True)
class Judge:
    """Rules with the facts that each one reads, and what it found so far: the same facts are judged once."""

    rules: tuple[tuple[Rule, tuple[str, ...]], ...]
    seen: dict[object, Finding] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: tuple[Rule, ...]) -> "Judge":
        """A judge by the active rules who has seen nothing yet."""
        return cls(tuple((rule, tuple(facts_named_in(rule.when))) for rule in rules if rule.status == "active"))

    def findings(self, values: Mapping[str, FactValue]) -> tuple[Finding, ...]:
        """What each rule finds in these values, in the order of the rules."""
        found = []
        for number, (rule, names) in enumerate(self.rules):
            shown = (number, *[values.get(name) for name in names])
            if shown not in self.seen:
                self.seen[shown] = Finding(rule, judge(rule.when, values))
            found.append(self.seen[shown])
        return tuple(found)


def judge_place(exposure: Exposure, perimeter: Perimeter, facts: tuple[Fact, ...], judge: Judge) -> Place:
    """Judge one place on the facts that count there."""
    counted = with_implied(facts_at(exposure, facts))
    values: dict[str, FactValue] = {**values_of(counted), "perimeter.role": str(perimeter.our_role)}
    return place_from(judge.findings(values), counted, values)


def place_from(findings: tuple[Finding, ...], facts: Mapping[str, Fact], values: Mapping[str, FactValue]) -> Place:
    """What follows from the findings of one place."""
    personal_data = personal_data_from(findings)
    losses = {loss: loss_from(loss, values) for loss in Loss}
    is_breach = all_of([personal_data, any_of(list(losses.values()))])
    risk = NO_RISK
    if is_breach is not Truth.NO:
        for loss, is_lost in losses.items():
            risk = risk.joined(risk_of_loss(loss, all_of([is_lost, personal_data]), findings))
    is_flaw = all_of([personal_data, flaw_from(findings, values)])
    return Place(personal_data, is_breach, is_flaw, losses, risk, findings, facts, values)


def personal_data_from(findings: tuple[Finding, ...]) -> Truth:
    """Whether personal data are involved: a rule that says yes outweighs one that says no."""
    concluded = {
        word: any_of([one.truth for one in findings if one.rule.then.personal_data == word]) for word in ("yes", "no")
    }
    if concluded["yes"] is Truth.YES:
        return Truth.YES
    if concluded["no"] is Truth.YES and concluded["yes"] is Truth.NO:
        return Truth.NO
    return Truth.UNKNOWN


def says_flaw(finding: Finding) -> bool:
    """True for a rule that concludes that there is a flaw."""
    return finding.rule.then.flaw == "yes"


def flaw_from(findings: tuple[Finding, ...], values: Mapping[str, FactValue]) -> Truth:
    """Whether a flaw is confirmed: no rule that says so, no flaw; nor where no compromise is suspected at all."""
    concluded = any_of([one.truth for one in findings if says_flaw(one)])
    if concluded is Truth.UNKNOWN and values.get(COMPROMISE) is Truth.NO:
        return Truth.NO
    return concluded


def loss_from(loss: Loss, values: Mapping[str, FactValue]) -> Truth:
    """Whether something was lost: said of the loss itself, else no where no compromise is suspected at all."""
    value = values.get(f"loss.{loss}")
    if isinstance(value, Truth) and value is not Truth.UNKNOWN:
        return value
    return Truth.NO if values.get(COMPROMISE) is Truth.NO else Truth.UNKNOWN
