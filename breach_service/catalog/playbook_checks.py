"""What a playbook names: facts, signals, its own evidence."""

from collections.abc import Iterator

from breach_service.catalog.checks import Loaded
from breach_service.catalog.conditions import FactNames, faults_in_lines
from breach_service.catalog.documents import Where
from breach_service.catalog.faults import Fault, did_you_mean
from breach_service.domain.conditions import Lines
from breach_service.domain.playbook import PATTERNS, PLAYBOOK_FACTS, Playbook


def playbook_facts(facts: FactNames) -> FactNames:
    """The facts that conditions of playbooks may name: those of the list, and what the alerts of an incident report.

    Any pattern may be named: grouping.yaml is the operator's, and a pattern that it has not is one that never comes.
    """
    reported = {name: kind for name, kind in PLAYBOOK_FACTS.items() if name != PATTERNS}
    return FactNames({**facts.types, **reported}, facts.listed | frozenset(PLAYBOOK_FACTS))


def faults_in_playbook(loaded: Loaded[Playbook], facts: FactNames) -> Iterator[Fault]:
    """Names that lead nowhere: of facts, signals and evidence; and names that are given twice."""
    conditional = playbook_facts(facts)
    for lines, where in _conditions(loaded.part):
        yield from faults_in_lines(lines, loaded.document, where, conditional, may_ask_if_known=True)
    for name, place in _facts_named(loaded.part):
        unknown = facts.fault(name, loaded.document, place)
        if unknown is not None:
            yield unknown
    yield from _written_twice(loaded)
    yield from _strange_evidence(loaded)


def _conditions(playbook: Playbook) -> Iterator[tuple[Lines, Where]]:
    yield playbook.when, ("when",)
    for index, step in enumerate(playbook.steps):
        yield step.only_if, ("steps", index, "only_if")
    for index, call in enumerate(playbook.calls):
        yield call.only_if, ("calls", index, "only_if")


def _facts_named(playbook: Playbook) -> Iterator[tuple[str, Where]]:
    for index, step in enumerate(playbook.steps):
        for number, name in enumerate(step.answers):
            yield name, ("steps", index, "answers", number)
    for index, question in enumerate(playbook.questions):
        yield question.fact, ("questions", index, "fact")


def _written_twice(loaded: Loaded[Playbook]) -> Iterator[Fault]:
    playbook = loaded.part
    lists = (
        ("steps", "step", [one.step for one in playbook.steps], "rename one"),
        ("evidence", "evidence", [one.evidence for one in playbook.evidence], "rename one"),
        ("questions", "fact", [one.fact for one in playbook.questions], "keep one"),
        ("calls", "whom", [str(one.whom) for one in playbook.calls], "keep one"),
    )
    words = {"steps": "the step", "evidence": "the evidence", "questions": "the question on", "calls": "the call to"}
    for group, field, names, remedy in lists:
        for index, name in enumerate(names):
            if name in names[:index]:
                yield loaded.fault((group, index, field), f"{words[group]} {name} is written twice: {remedy}")


def _strange_evidence(loaded: Loaded[Playbook]) -> Iterator[Fault]:
    """What a step keeps and the list of evidence does not describe, and what it describes and no step keeps."""
    described = [one.evidence for one in loaded.part.evidence]
    kept: set[str] = set()
    for index, step in enumerate(loaded.part.steps):
        for number, name in enumerate(step.yields):
            kept.add(name)
            if name not in described:
                message = f"this playbook describes no evidence {name}{did_you_mean(name, described)}"
                yield loaded.fault(("steps", index, "yields", number), message)
    for index, name in enumerate(described):
        if name not in kept:
            message = f"no step keeps {name}: name it in the yields of the step that does"
            yield loaded.fault(("evidence", index, "evidence"), message)
