"""The assessment of a whole incident: each of its perimeters, and the strictest of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from breach_service.domain.assessment.perimeters import PerimeterAssessment, assess_perimeter
from breach_service.domain.assessment.places import Judge
from breach_service.domain.conditions import FactValue, Truth, any_of
from breach_service.domain.conditions import judge as judge_lines
from breach_service.domain.facts import WHOLE_INCIDENT, Fact, FactType, Scope, ScopeKind, values_of
from breach_service.domain.incident import Perimeter
from breach_service.domain.rules import NO_RISK, RiskInterval, Rule


@dataclass(frozen=True)
class OpenQuestion:
    """A fact that is not known and whose answer could change a duty."""

    fact: str
    scope: Scope
    perimeters: tuple[str, ...]
    type: FactType | None = field(default=None, repr=False, compare=False)
    """What kind of answers it has."""


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
    judge = Judge.of(rules)
    assessed = tuple(
        assess_perimeter(
            one, (*for_all, *(fact for client in _clients_in(one) for fact in of_client[client])), rules, judge
        )
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


def open_questions_of(
    assessed: Iterable[PerimeterAssessment], types: Mapping[str, FactType]
) -> tuple[OpenQuestion, ...]:
    """The unknown facts behind what is undecided, in the order in which a person should ask them.

    A question whose answer makes no sense before another (`asked_when`: the key after the encryption) gives its place
    to that other; where an answer excludes it, it is not asked at all.
    """
    wanted: dict[str, list[str]] = {}
    for one in assessed:
        values = values_of(one.facts)
        asked = [name for name in one.open_facts if name in types and types[name].question is not None]
        sensible = dict.fromkeys(ripe for name in asked for ripe in _ripe(name, values, types))
        for name in sensible or asked:
            wanted.setdefault(name, []).append(one.perimeter.key)
    return tuple(OpenQuestion(name, WHOLE_INCIDENT, tuple(keys), types[name]) for name, keys in wanted.items())


def _ripe(
    name: str, values: Mapping[str, FactValue], types: Mapping[str, FactType], behind: tuple[str, ...] = ()
) -> Iterable[str]:
    """The question itself, or those that must be answered first; nothing where it is excluded."""
    judged = judge_lines(types[name].asked_when or {}, values)
    before = [
        one for one in judged.unknown_facts
        if one in types and types[one].question is not None and one not in (name, *behind)
    ]  # fmt: skip
    if judged.truth is Truth.UNKNOWN and before:
        for one in before:
            yield from _ripe(one, values, types, (name, *behind))
    elif judged.truth is not Truth.NO:
        yield name
