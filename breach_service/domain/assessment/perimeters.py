"""The assessment of one perimeter: its places judged, and the strictest kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from breach_service.domain.assessment.duties import Basis, Duties, Duty, Rulings, events_in, rulings_for
from breach_service.domain.assessment.openness import open_facts_of
from breach_service.domain.assessment.places import Judge, Place, judge_place
from breach_service.domain.conditions import NumberRange, Truth, any_of, is_unknown
from breach_service.domain.facts import Exposure, Fact
from breach_service.domain.incident import Perimeter
from breach_service.domain.inventory import Role
from breach_service.domain.rules import NO_RISK, Finding, Loss, RiskInterval, Rule


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
    is_flaw: Truth = Truth.NO
    """A flaw with consequences on the processing of these data is confirmed, whether or not a breach followed."""
    places: tuple[Place, ...] = field(default=(), repr=False)

    @property
    def owed_by(self) -> str:
        """Who owes the notices to the authority and the persons.

        `us`; `client` where we are processor; `joint_controller` where the arrangement gives the lead to the other;
        `undecided` where the inventory does not say who leads (GDPR Art. 26).
        """
        if not self.perimeter.is_ours:
            return "client"
        if self.perimeter.our_role is not Role.JOINT or self.perimeter.leads == "us":
            return "us"
        return "joint_controller" if self.perimeter.leads == "them" else "undecided"

    @property
    def rulings(self) -> Rulings:
        """Every duty with the codes of its reasons."""
        return rulings_for(basis_of(self.perimeter, self.places))

    def our_duty(self, name: str) -> Duty:
        """What is ours of a duty (`register`, `authority`, `persons`, `clients`).

        Where nobody wrote down which joint controller leads, what is owed is undecided for us, and advised.
        """
        duty: Duty = getattr(self.duties, name)
        if name == "clients":
            return Duty.NOT_REQUIRED if self.perimeter.is_ours else duty
        owed_by = self.owed_by
        if owed_by == "us" or (name == "register" and owed_by != "client"):
            return duty
        if owed_by == "undecided":
            return Duty.UNDECIDED if duty is Duty.REQUIRED else duty
        return Duty.NOT_REQUIRED


def assess_perimeter(
    perimeter: Perimeter, facts: tuple[Fact, ...], rules: tuple[Rule, ...], judge: Judge | None = None
) -> PerimeterAssessment:
    """Judge every place of a perimeter and keep the strictest; a `judge` of these rules remembers what it has seen."""
    judge = judge or Judge.of(rules)
    exposures = perimeter.exposures or (Exposure(),)
    return joined_places(perimeter, tuple(judge_place(exposure, perimeter, facts, judge) for exposure in exposures))


def joined_places(perimeter: Perimeter, places: tuple[Place, ...]) -> PerimeterAssessment:
    """The assessment of a perimeter from its judged places."""
    basis, joined = basis_of(perimeter, places), _joined_facts(places)
    return PerimeterAssessment(
        perimeter=perimeter,
        personal_data=basis.personal_data,
        is_breach=basis.is_breach,
        losses={loss: any_of([one.losses[loss] for one in places]) for loss in Loss},
        risk=basis.risk,
        duties=rulings_for(basis).duties,
        findings=_strictest_findings(places),
        facts=joined,
        data_categories=_categories(joined),
        number_of_persons=_number(places),
        open_facts=open_facts_of(places, basis),
        is_flaw=basis.is_flaw,
        places=places,
    )


def basis_of(perimeter: Perimeter, places: Sequence[Place]) -> Basis:
    """What the duties of a perimeter follow from: the strictest of its places."""
    return Basis(
        personal_data=any_of([one.personal_data for one in places]),
        is_breach=any_of([one.is_breach for one in places]),
        risk=risk_over(places),
        is_flaw=any_of([one.is_flaw for one in places]),
        is_ours=perimeter.is_ours,
        events=events_in(one.facts for one in places),
    )


@dataclass(frozen=True)
class Outlook:
    """What a perimeter would show if one more fact were known."""

    duties: Duties
    risk: RiskInterval
    open_facts: tuple[str, ...]


def outlook_of(perimeter: Perimeter, places: Sequence[Place]) -> Outlook:
    """What follows from these places, without what only pages and letters need."""
    basis = basis_of(perimeter, places)
    return Outlook(rulings_for(basis).duties, basis.risk, open_facts_of(places, basis))


def risk_over(places: Sequence[Place]) -> RiskInterval:
    """The interval of the highest risk among some places."""
    risk = NO_RISK
    for one in places:
        risk = risk.joined(one.risk)
    return risk


_ORDER = {Truth.YES: 2, Truth.UNKNOWN: 1, Truth.NO: 0}


def _strictest_findings(places: Sequence[Place]) -> tuple[Finding, ...]:
    """One finding per rule: for a floor the place where it holds most, for a ceiling where it holds least."""
    if len(places) == 1:
        return places[0].findings
    kept: dict[str, Finding] = {}
    for place in places:
        for finding in place.findings:
            held = kept.get(finding.rule.id)
            sign = -1 if finding.rule.then.at_most or finding.rule.then.personal_data == "no" else 1
            if held is None or sign * _ORDER[finding.truth] > sign * _ORDER[held.truth]:
                kept[finding.rule.id] = finding
    return tuple(kept.values())


def _joined_facts(places: Sequence[Place]) -> dict[str, Fact]:
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


def _number(places: Sequence[Place]) -> NumberRange | None:
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
