"""What `urgency.yaml` names, and whether each example is as urgent as it says."""

from collections.abc import Iterator

from breach_service.catalog.checks import Loaded
from breach_service.catalog.conditions import FactNames, faults_in_lines
from breach_service.catalog.faults import Fault
from breach_service.domain.alert import Signal
from breach_service.domain.waking import URGENCY_FACTS, Urgencies, urgency_of
from breach_service.domain.waking.urgency import SIGNALS


def faults_in_urgencies(loaded: Loaded[Urgencies], facts: FactNames) -> Iterator[Fault]:
    """Lines and examples that do not fit the facts, rules of one name, and examples that are judged otherwise."""
    known = FactNames({**facts.types, **URGENCY_FACTS}, facts.listed | frozenset(URGENCY_FACTS))
    faults: list[Fault] = []
    seen: set[str] = set()
    for index, rule in enumerate(loaded.part.rules):
        # An urgency is judged at once: what is not known yet must be told from what is.
        where = ("rules", index, "when")
        faults += faults_in_lines(rule.when, loaded.document, where, known, may_ask_if_known=True)
        if rule.id in seen:
            faults.append(loaded.fault(("rules", index, "id"), f"there is a rule {rule.id} already: name it otherwise"))
        seen.add(rule.id)
    yield from faults
    yield from _faults_in_examples(loaded, known, is_sound=not faults)


def _faults_in_examples(loaded: Loaded[Urgencies], facts: FactNames, *, is_sound: bool) -> Iterator[Fault]:
    for index, example in enumerate(loaded.part.examples):
        misfits = list(facts.faults_in_values(example.facts, loaded.document, ("examples", index, "facts")))
        yield from misfits
        values = None if misfits or not is_sound else facts.parsed(example.facts)
        if values is None:
            continue
        signals = values.get(SIGNALS)
        named = [Signal(one) for one in signals] if isinstance(signals, frozenset) else []
        found = urgency_of([values], named, loaded.part)
        if found.urgency is not example.urgency:
            by = f"the rule {found.rule} fits" if found.rule else "no rule fits"
            message = f"this example is {found.urgency}, since {by}: correct the example, or the lines"
            yield loaded.fault(("examples", index, "urgency"), message)
