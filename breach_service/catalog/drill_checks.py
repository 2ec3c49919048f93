"""What an exercise names: facts and their values; names that are given twice."""

from collections.abc import Iterator

from breach_service.catalog.checks import Loaded
from breach_service.catalog.conditions import FactNames
from breach_service.catalog.faults import Fault
from breach_service.domain.drills import Scenario


def faults_in_drill(loaded: Loaded[Scenario], facts: FactNames) -> Iterator[Fault]:
    """Facts that do not exist, values that do not fit them, and names that are written twice."""
    scenario, document = loaded.part, loaded.document
    for index, inject in enumerate(scenario.injects):
        yield from facts.faults_in_values(inject.facts, document, ("injects", index, "facts"))
    for index, expected in enumerate(scenario.expects):
        if expected.fact is not None:
            unknown = facts.fault(expected.fact, document, ("expects", index, "fact"))
            if unknown is not None:
                yield unknown
    for group, field in (("injects", "inject"), ("expects", "expect")):
        names = [getattr(one, field) for one in getattr(scenario, group)]
        for index, name in enumerate(names):
            if name in names[:index]:
                yield loaded.fault((group, index, field), f"{name} is written twice: rename one")
