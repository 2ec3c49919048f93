"""What a regime says of others: its authority, the regimes that it follows or stands within, its conditions."""

from collections.abc import Iterator, Sequence

from breach_service.catalog.checks import Loaded
from breach_service.catalog.conditions import FactNames, faults_in_lines
from breach_service.catalog.faults import Fault, did_you_mean
from breach_service.domain.deadlines import Authority, Regime
from breach_service.domain.playbook import PLAYBOOK_FACTS


def faults_in_regime(loaded: Loaded[Regime], facts: FactNames) -> Iterator[Fault]:
    """Conditions that do not fit the facts, and an end before the beginning."""
    regime, document = loaded.part, loaded.document
    known = FactNames({**facts.types, **PLAYBOOK_FACTS}, facts.listed | frozenset(PLAYBOOK_FACTS))
    yield from faults_in_lines(regime.applies_when, document, ("applies_when",), known, may_ask_if_known=False)
    yield from faults_in_lines(regime.asked_when, document, ("asked_when",), known, may_ask_if_known=True)
    force = regime.in_force
    if force.to is not None and force.to < force.from_:
        yield loaded.fault(("in_force", "to"), f"the last day {force.to} is before the first day {force.from_}")


def faults_between_regimes(
    regimes: Sequence[Loaded[Regime]], authorities: Sequence[Loaded[Authority]]
) -> Iterator[Fault]:  # fmt: skip
    """Regimes and authorities that are named and that nothing is called after, and targets within nothing fitting."""
    by_id = {one.part.id: one.part for one in regimes}
    offices = [one.part.id for one in authorities]
    for loaded in regimes:
        regime = loaded.part
        if regime.authority is not None and regime.authority not in offices:
            hint = did_you_mean(regime.authority, offices) or ": add it there, or name another one"
            yield loaded.fault(("authority",), f"there is no authority {regime.authority} in authorities.yaml{hint}")
        for field, name in (("follows", regime.follows), ("within", regime.within)):
            if name is None:
                continue
            if name == regime.id or name not in by_id:
                hint = did_you_mean(name, set(by_id) - {regime.id}) or ": add its file, or name another one"
                yield loaded.fault((field,), f"there is no other regime {name}{hint}")
            elif field == "follows" and by_id[name].duty.is_of_incident is not regime.duty.is_of_incident:
                yield loaded.fault((field,), f"{name} is owed by another part of an incident: it cannot begin this")
            elif field == "within" and by_id[name].duty is not regime.duty:
                yield loaded.fault((field,), f"{name} is another duty than {regime.duty}: name one of its own")
