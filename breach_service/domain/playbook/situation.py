"""The playbooks and the plan of one incident, from everything that is known of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.alert import Signal
from breach_service.domain.assessment import Assessment
from breach_service.domain.conditions import FactValue, NumberRange, Truth
from breach_service.domain.incident import Incident, Instant, InstantKind, not_taken_back
from breach_service.domain.playbook.adapting import Adaptation, StepRecord, StepState
from breach_service.domain.playbook.applying import Offer, circumstances, is_kind_asked, playbooks_for
from breach_service.domain.playbook.changing import PlanChange, adapted
from breach_service.domain.playbook.content import Playbook
from breach_service.domain.playbook.plan import Plan, PlannedStep, plan_of, steps_due


@dataclass(frozen=True)
class Situation:
    """What an incident calls for: the playbooks, and one plan of those that are in use."""

    offers: tuple[Offer, ...]
    plan: Plan
    adaptation: Adaptation
    facts: Mapping[str, FactValue]
    """What is known, joined over the parts of the incident."""
    instants: Mapping[InstantKind, datetime]
    is_kind_asked: bool = False
    """Nothing says yet what kind of thing happened: it is asked before all else."""

    @property
    def in_use(self) -> tuple[Offer, ...]:
        """The playbooks whose steps belong to the plan."""
        return tuple(one for one in self.offers if one.is_in_use)

    @property
    def next_steps(self) -> tuple[PlannedStep, ...]:
        """The open steps, in the order of the plan."""
        return tuple(one for one in self.plan.steps if one.state is StepState.OPEN)

    def overdue(self, now: datetime) -> tuple[PlannedStep, ...]:
        """The open steps whose time has come."""
        return steps_due(self.plan, now)


def situation_of(
    incident: Incident,
    assessment: Assessment,
    instants: Iterable[Instant],
    playbooks: Sequence[Playbook],
    changes: Iterable[PlanChange] = (),
    records: Iterable[StepRecord] = (),
) -> Situation:
    """The playbooks of an incident and their plan. A playbook that left the content takes its open steps with it."""
    facts = joined_facts(assessment)
    adaptation = adapted(changes)
    offers = offers_for(facts, incident.signals, incident.patterns, playbooks, adaptation)
    known = instants_of(incident, instants)
    in_use = [one.playbook for one in offers if one.is_in_use]
    plan = plan_of(in_use, facts, known, adaptation, records)
    is_asked = is_kind_asked(circumstances(facts, incident.signals, incident.patterns), offers)
    return Situation(offers, plan, adaptation, facts, known, is_asked)


def offers_for(
    facts: Mapping[str, FactValue],
    signals: Iterable[Signal],
    patterns: Iterable[str],
    playbooks: Iterable[Playbook],
    adaptation: Adaptation,
) -> tuple[Offer, ...]:
    """The playbooks for what is known and what the alerts reported."""
    return playbooks_for(circumstances(facts, signals, patterns), playbooks, adaptation)


def joined_facts(assessment: Assessment) -> dict[str, FactValue]:
    """What is known in any part of the incident: a plan is made once, for all of it.

    A yes anywhere is a yes, sets are united, numbers span all that is said; what is said otherwise of different parts
    is not known of the whole, which asks for a step rather than against it.
    """
    places = [place.facts for one in assessment.perimeters for place in one.places]
    names = dict.fromkeys(name for facts in places for name in facts)
    return {name: _joined([facts[name].value if name in facts else None for facts in places]) for name in names}


def _joined(values: Sequence[FactValue]) -> FactValue:
    distinct = list(dict.fromkeys(values))
    if len(distinct) == 1:
        return distinct[0]
    sets = [one for one in distinct if isinstance(one, frozenset)]
    if sets:
        return frozenset[str]().union(*sets)
    if Truth.YES in distinct:
        return Truth.YES
    ranges = [one for one in distinct if isinstance(one, NumberRange)]
    if len(ranges) != len(distinct):
        return None
    leasts, mosts = [one.least for one in ranges], [one.most for one in ranges]
    return NumberRange(
        None if None in leasts else min(one for one in leasts if one is not None),
        None if None in mosts else max(one for one in mosts if one is not None),
    )


def instants_of(incident: Incident, instants: Iterable[Instant]) -> dict[InstantKind, datetime]:
    """What steps are due after: of each kind the latest that was recorded, in UTC; the earliest where parts differ."""
    latest: dict[tuple[InstantKind, str], Instant] = {}
    for one in not_taken_back(instants):
        held = latest.get((one.kind, one.perimeter))
        if held is None or one.recorded >= held.recorded:
            latest[one.kind, one.perimeter] = one
    found = {InstantKind.DETECTED_AT: incident.detected_at}
    for kind in {kind for kind, _ in latest}:
        found[kind] = min(one.at for (of_kind, _), one in latest.items() if of_kind is kind)
    return found
