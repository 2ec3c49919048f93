"""What an incident means for each controller: personal data or not, risk, duties, and what is not known yet."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from breach_service.domain.conditions import FactValue, NumberRange, Truth, all_of, any_of, is_unknown, judge
from breach_service.domain.facts import (
    WHOLE_INCIDENT,
    Exposure,
    Fact,
    FactType,
    Provenance,
    Scope,
    ScopeKind,
    facts_at,
    values_of,
)
from breach_service.domain.incident import Incident, Perimeter, persons_at
from breach_service.domain.inventory import Inventory
from breach_service.domain.rules import (
    NO_RISK,
    Finding,
    Loss,
    RiskInterval,
    RiskLevel,
    Rule,
    findings_from,
    open_findings_of,
    risk_of_loss,
)

COMPROMISE = "incident.compromise_suspected"
"""The fact without which nothing is lost."""


class Duty(StrEnum):
    """Undecided means that both outcomes can be reached; the advice is then to notify, and the clock runs."""

    REQUIRED = "required"
    NOT_REQUIRED = "not_required"
    UNDECIDED = "undecided"


def duty_from(truth: Truth) -> Duty:
    """A duty as a decided or open question."""
    return {Truth.YES: Duty.REQUIRED, Truth.NO: Duty.NOT_REQUIRED, Truth.UNKNOWN: Duty.UNDECIDED}[truth]


@dataclass(frozen=True)
class Duties:
    """The controller's duties in one perimeter, and ours towards the client."""

    register: Duty
    authority: Duty
    persons: Duty
    clients: Duty


@dataclass(frozen=True)
class PerimeterAssessment:
    """The assessment of one perimeter."""

    perimeter: Perimeter
    personal_data: Truth
    is_breach: Truth
    """A breach of security that led to a loss (GDPR Art. 4(12)), of personal data."""
    losses: Mapping[Loss, Truth]
    risk: RiskInterval
    duties: Duties
    findings: tuple[Finding, ...]
    facts: Mapping[str, Fact]
    """The facts that counted, joined over the places of the perimeter (for pages and letters)."""
    data_categories: tuple[str, ...]
    number_of_persons: NumberRange | None
    open_facts: tuple[str, ...] = ()
    """The unknown facts whose answer can change a duty here, in the order in which a person should ask them."""

    @property
    def owed_by(self) -> str:
        """Who owes the notices to the authority and the persons."""
        return "us" if self.perimeter.is_ours else "client"


@dataclass(frozen=True)
class OpenQuestion:
    """A fact that is not known and whose answer could change a duty."""

    fact: str
    scope: Scope
    perimeters: tuple[str, ...]


@dataclass(frozen=True)
class Assessment:
    """The incident shows the strictest of its perimeters."""

    perimeters: tuple[PerimeterAssessment, ...]
    personal_data: Truth
    risk: RiskInterval
    open_questions: tuple[OpenQuestion, ...]


def assess(
    perimeters: Iterable[Perimeter], facts: Iterable[Fact], rules: tuple[Rule, ...], types: Mapping[str, FactType]
) -> Assessment:
    """Assess every perimeter on the recorded facts; pure, in the order of the perimeters."""
    for_all, of_client = _facts_by_client(facts)
    assessed = tuple(
        assess_perimeter(one, (*for_all, *(fact for client in _clients_in(one) for fact in of_client[client])), rules)
        for one in perimeters
    )
    risk = NO_RISK
    for one in assessed:
        risk = risk.joined(one.risk)
    return Assessment(
        perimeters=assessed,
        personal_data=any_of([one.personal_data for one in assessed]),
        risk=risk,
        open_questions=open_questions_of(assessed, types),
    )


def _facts_by_client(facts: Iterable[Fact]) -> tuple[list[Fact], Mapping[str, list[Fact]]]:
    """Facts that may concern all, and those of each client: a client's are not searched for every other client."""
    for_all: list[Fact] = []
    of_client: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.scope.kind is ScopeKind.CLIENT:
            of_client[fact.scope.key.partition("/")[2]].append(fact)
        else:
            for_all.append(fact)
    return for_all, of_client


def _clients_in(perimeter: Perimeter) -> Iterable[str]:
    return dict.fromkeys(place.client for place in perimeter.exposures if place.client is not None)


def assess_perimeter(perimeter: Perimeter, facts: tuple[Fact, ...], rules: tuple[Rule, ...]) -> PerimeterAssessment:
    """Judge every place of a perimeter and keep the strictest."""
    places = [_assess_place(exposure, perimeter, facts, rules) for exposure in perimeter.exposures or (Exposure(),)]
    personal_data = any_of([one.personal_data for one in places])
    is_breach = any_of([one.is_breach for one in places])
    risk = NO_RISK
    for one in places:
        risk = risk.joined(one.risk)
    joined = _joined_facts(places)
    return PerimeterAssessment(
        perimeter=perimeter,
        personal_data=personal_data,
        is_breach=is_breach,
        losses={loss: any_of([one.losses[loss] for one in places]) for loss in Loss},
        risk=risk,
        duties=duties_for(is_breach, risk),
        findings=_strictest_findings(places),
        facts=joined,
        data_categories=_categories(joined),
        number_of_persons=_number(places),
        open_facts=_open_facts(places, is_breach, risk),
    )


@dataclass(frozen=True)
class _Place:
    personal_data: Truth
    is_breach: Truth
    losses: Mapping[Loss, Truth]
    risk: RiskInterval
    findings: tuple[Finding, ...]
    facts: Mapping[str, Fact]


def _assess_place(exposure: Exposure, perimeter: Perimeter, facts: tuple[Fact, ...], rules: tuple[Rule, ...]) -> _Place:
    counted = facts_at(exposure, facts)
    values: dict[str, FactValue] = {**values_of(counted), "perimeter.role": str(perimeter.our_role)}
    findings = findings_from(rules, values)
    personal_data = personal_data_from(findings)
    losses = {loss: loss_from(loss, values) for loss in Loss}
    is_breach = all_of([personal_data, any_of(list(losses.values()))])
    risk = NO_RISK
    if is_breach is not Truth.NO:
        for loss, is_lost in losses.items():
            risk = risk.joined(risk_of_loss(loss, all_of([is_lost, personal_data]), findings))
    return _Place(personal_data, is_breach, losses, risk, findings, counted)


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


def loss_from(loss: Loss, values: Mapping[str, FactValue]) -> Truth:
    """Whether something was lost: said of the loss itself, else no where no compromise is suspected at all."""
    value = values.get(f"loss.{loss}")
    if isinstance(value, Truth) and value is not Truth.UNKNOWN:
        return value
    return Truth.NO if values.get(COMPROMISE) is Truth.NO else Truth.UNKNOWN


def duties_for(is_breach: Truth, risk: RiskInterval) -> Duties:
    """GDPR Art. 33(1), 33(2), 33(5) and 34(1): a register for every breach, a client without any test of risk."""
    return Duties(
        register=duty_from(is_breach),
        authority=duty_from(all_of([is_breach, risk.reaches(RiskLevel.RISK)])),
        persons=duty_from(all_of([is_breach, risk.reaches(RiskLevel.HIGH_RISK)])),
        clients=duty_from(is_breach),
    )


def open_questions_of(
    assessed: Iterable[PerimeterAssessment], types: Mapping[str, FactType]
) -> tuple[OpenQuestion, ...]:
    """The unknown facts behind what is undecided, in the order in which a person should ask them.

    A question waits until the answer that makes it meaningful is there (`asked_when`: the key after the encryption).
    """
    wanted: dict[tuple[str, Scope], list[str]] = {}
    for one in assessed:
        values = values_of(one.facts)
        asked = [name for name in one.open_facts if name in types and types[name].question is not None]
        ripe = [name for name in asked if judge(types[name].asked_when or {}, values).truth is Truth.YES]
        for name in ripe or asked:
            wanted.setdefault((name, WHOLE_INCIDENT), []).append(one.perimeter.key)
    return tuple(OpenQuestion(name, scope, tuple(keys)) for (name, scope), keys in wanted.items())


def _open_facts(places: list[_Place], is_breach: Truth, risk: RiskInterval) -> tuple[str, ...]:
    if is_breach is not Truth.UNKNOWN and risk.is_decided:
        return ()
    return tuple(dict.fromkeys(name for one in places for name in _open_facts_at(one, is_breach, risk)))


def _open_facts_at(place: _Place, is_breach: Truth, risk: RiskInterval) -> Iterable[str]:
    """The unknown facts of one place that can change the duties of a perimeter of which this is known so far."""
    if place.is_breach is Truth.NO:
        return
    lifting = {loss for loss in Loss if _possible_risk(loss, place) > risk.least}
    can_be_breach = is_breach is Truth.UNKNOWN and any_of(list(place.losses.values())) is Truth.UNKNOWN
    unknown = [loss for loss, is_lost in place.losses.items() if is_lost is Truth.UNKNOWN]
    asked = [loss for loss in unknown if can_be_breach or loss in lifting]
    if asked and is_unknown(place.facts[COMPROMISE].value if COMPROMISE in place.facts else None):
        yield COMPROMISE
    yield from (f"loss.{loss}" for loss in asked)
    moving = {id(one) for loss in lifting for one in open_findings_of(loss, place.findings, risk.least)}
    if place.personal_data is Truth.UNKNOWN and (lifting or is_breach is Truth.UNKNOWN):
        moving |= {id(one) for one in place.findings if one.rule.then.personal_data and one.truth is Truth.UNKNOWN}
    for finding in place.findings:
        if id(finding) in moving:
            yield from finding.judgement.unknown_facts


def _possible_risk(loss: Loss, place: _Place) -> RiskLevel:
    is_lost = all_of([place.losses[loss], place.personal_data])
    return risk_of_loss(loss, is_lost, place.findings).most


_ORDER = {Truth.YES: 2, Truth.UNKNOWN: 1, Truth.NO: 0}


def _strictest_findings(places: list[_Place]) -> tuple[Finding, ...]:
    """One finding per rule: for a floor the place where it holds most, for a ceiling where it holds least."""
    kept: dict[str, Finding] = {}
    for place in places:
        for finding in place.findings:
            held = kept.get(finding.rule.id)
            sign = -1 if finding.rule.then.at_most or finding.rule.then.personal_data == "no" else 1
            if held is None or sign * _ORDER[finding.truth] > sign * _ORDER[held.truth]:
                kept[finding.rule.id] = finding
    return tuple(kept.values())


def _joined_facts(places: list[_Place]) -> dict[str, Fact]:
    """Facts over all places: sets are united, the rest is taken where it is known first."""
    joined: dict[str, Fact] = {}
    for place in places:
        for name, fact in place.facts.items():
            held = joined.get(name)
            if held is None or is_unknown(held.value):
                joined[name] = fact
            elif isinstance(held.value, frozenset) and isinstance(fact.value, frozenset):
                united = held.value | fact.value
                joined[name] = Fact(name, united, held.scope, held.provenance, held.by, held.established_at, held.note)
    return joined


def _categories(facts: Mapping[str, Fact]) -> tuple[str, ...]:
    value = facts["data.categories"].value if "data.categories" in facts else None
    return tuple(sorted(value)) if isinstance(value, frozenset) else ()


def _number(places: list[_Place]) -> NumberRange | None:
    """How many persons over all places: some may be in several, so at least the largest and at most the sum."""
    said = dict.fromkeys(
        (fact.scope, fact.value) for one in places if (fact := one.facts.get("persons.number")) is not None
    )
    ranges = [value for _, value in said if isinstance(value, NumberRange)]
    if not ranges:
        return None
    leasts = [one.least for one in ranges if one.least is not None]
    mosts = [one.most for one in ranges if one.most is not None]
    is_complete = len(mosts) == len(said) and all("persons.number" in one.facts for one in places)
    return NumberRange(max(leasts, default=None), sum(mosts) if is_complete else None)


def facts_from_inventory(
    incident: Incident, perimeters: Iterable[Perimeter], inventory: Inventory, types: Mapping[str, FactType]
) -> tuple[Fact, ...]:
    """What the inventory says of the affected systems and activities, as facts that anyone may correct.

    What it leaves out (no data listed, no kinds of persons) is not known; it does not mean that there are none.
    """
    facts: list[Fact] = []

    def say(name: str, value: FactValue, scope: Scope) -> None:
        # What the inventory does not know must not hide what is known of the whole incident.
        if not is_unknown(value):
            facts.append(Fact(name, value, scope, Provenance.INVENTORY, "inventory", incident.detected_at))

    for system in filter(None, map(inventory.system, incident.systems)):
        scope = Scope(ScopeKind.SYSTEM, system.id)
        say("system.holds_personal_data", Truth.YES if system.activities else Truth.NO, scope)
        say("system.in_production", Truth.YES if system.is_in_production else Truth.NO, scope)
        for name, raw in system.facts.items():
            say(name, types[name].parse(raw) if name in types else raw, scope)
    for exposure in dict.fromkeys(place for one in perimeters for place in one.exposures):
        activity = inventory.activity(exposure.activity or "")
        if activity is None:
            continue
        client = exposure.client
        scope = Scope(ScopeKind.CLIENT, f"{activity.id}/{client}") if client else Scope(ScopeKind.ACTIVITY, activity.id)
        categories = [found for found in map(inventory.data_category, activity.data) if found]
        if categories:
            say("data.categories", frozenset(one.cnil for one in categories), scope)
            say("data.special_categories", frozenset(one.cnil for one in categories if one.is_special), scope)
        if activity.person_kinds:
            say("persons.categories", frozenset(activity.person_kinds), scope)
        number = persons_at(exposure, inventory)
        if number is not None:
            say("persons.number", NumberRange(float(number[0]), float(number[1])), scope)
    return tuple(facts)
