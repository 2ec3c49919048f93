"""What one file says about another, and what a sound form does not yet promise."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePosixPath
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from breach_service.catalog.conditions import FactNames, faults_in_lines
from breach_service.catalog.documents import Document, Where
from breach_service.catalog.faults import Fault, did_you_mean
from breach_service.domain.alert import Signal
from breach_service.domain.conditions import Judgement, Lines, Truth, judge
from breach_service.domain.facts import FactType
from breach_service.domain.grouping import ALERT_FACTS, Grouping, SignalType
from breach_service.domain.inventory import Inventory
from breach_service.domain.rules import Rule
from breach_service.domain.text import Text

Part = TypeVar("Part", bound=BaseModel)

FACTS_THE_SERVICE_READS = {
    "incident.compromise_suspected": "yes_no",
    "loss.confidentiality": "yes_no",
    "loss.integrity": "yes_no",
    "loss.availability": "yes_no",
    "system.holds_personal_data": "yes_no",
    "system.in_production": "yes_no",
    "data.categories": "set",
    "data.special_categories": "set",
    "persons.categories": "set",
    "persons.number": "number",
    "perimeter.role": "choice",
}
"""Their names and types are part of the code of `domain/assessment.py`."""

ESTABLISHED_BY = ("inventory", "alert", "responder", "dpo", "decider")


@dataclass(frozen=True)
class Loaded(Generic[Part]):
    """A part of the content and where it stands."""

    part: Part
    document: Document
    where: Where = ()

    def fault(self, where: Where, message: str) -> Fault:
        """A fault at a place inside this part."""
        return self.document.fault((*self.where, *where), message)

    @property
    def is_named_after_its_id(self) -> bool:
        """True where the file is called as the part that it holds."""
        return PurePosixPath(self.document.path).stem == getattr(self.part, "id", None)


def faults_in_texts(loaded: Loaded[Any]) -> Iterator[Fault]:
    """Texts of which a language is there but empty."""
    for text, where in _texts_in(loaded.part, ()):
        for language in ("fr", "en"):
            words = getattr(text, language)
            if words is not None and not words.strip():
                yield loaded.fault((*where, language), f"{language} is empty: write the text")


def _texts_in(value: Any, where: Where) -> Iterator[tuple[Text, Where]]:
    match value:
        case Text():
            yield value, where
        case BaseModel():
            for name, field in type(value).model_fields.items():
                yield from _texts_in(getattr(value, name), (*where, field.alias or name))
        case Mapping():
            for key, one in value.items():
                yield from _texts_in(one, (*where, key))
        case tuple():
            for index, one in enumerate(value):
                yield from _texts_in(one, (*where, index))


def faults_in_names(loaded: Sequence[Loaded[Any]]) -> Iterator[Fault]:
    """Ids that are used twice, or that differ from the name of their file."""
    rightful = {one.part.id: one.document.path for one in loaded if one.is_named_after_its_id}
    for one in loaded:
        part_id, path = one.part.id, one.document.path
        first = rightful.setdefault(part_id, path)
        if first != path:
            yield one.fault(("id",), f"the id {part_id} is already that of {first}: choose another one")
        elif not one.is_named_after_its_id:
            yield one.fault(("id",), f"the file of {part_id} is called {part_id}.yaml: rename the file or the id")


def _faults_in_fact(loaded: Loaded[FactType], facts: FactNames) -> Iterator[Fault]:
    """Choices that are missing or not wanted, a condition that does not fit, and who may establish it."""
    fact = loaded.part
    if fact.type == "choice" and not fact.choices:
        yield loaded.fault((), f"{fact.id} is one word of a list: add the list as choices")
    if fact.type not in ("choice", "set") and fact.choices:
        yield loaded.fault(("choices",), f"choices go with the types choice and set, not with {fact.type}: remove them")
    if "unknown" in (fact.choices or {}):
        yield loaded.fault(("choices", "unknown"), "unknown is what is not known yet, never a choice: rename it")
    for index, word in enumerate(fact.established_by):
        if word not in ESTABLISHED_BY:
            hint = did_you_mean(word, ESTABLISHED_BY)
            message = f"a fact is established by {', '.join(ESTABLISHED_BY)}, not {word}{hint}"
            yield loaded.fault(("established_by", index), message)
    known = frozenset({"yes_no": {"yes", "no"}}.get(fact.type, fact.choices or {}))
    for index, word in enumerate(fact.restricts):
        if word not in known:
            hint = did_you_mean(word, known)
            message = f"{word} is no value of {fact.id} at which an incident could be restricted{hint}"
            yield loaded.fault(("restricts", index), message)
    if fact.asked_when:
        where = (*loaded.where, "asked_when")
        yield from faults_in_lines(fact.asked_when, loaded.document, where, facts, may_ask_if_known=True)


def faults_in_facts(
    loaded: Sequence[Loaded[FactType]], document: Document, facts: FactNames
) -> tuple[list[Fault], frozenset[str]]:
    """Every fault in the list of facts, and the facts that cannot be relied on for further checks."""
    faults: list[Fault] = []
    unsound: set[str] = set()
    for one in loaded:
        found = list(_faults_in_fact(one, facts))
        needed = FACTS_THE_SERVICE_READS.get(one.part.id, one.part.type)
        if one.part.type != needed:
            found.append(
                one.fault(("type",), f"the service itself reads {one.part.id} as {needed}: put that type back")
            )
        if found:
            unsound.add(one.part.id)
        faults += found
    for name in FACTS_THE_SERVICE_READS:
        if name not in facts.listed:
            faults.append(document.fault((), f"the service itself reads the fact {name}: put it back"))
    return faults, frozenset(unsound)


def faults_in_signal(loaded: Loaded[SignalType], facts: FactNames) -> Iterator[Fault]:
    """Facts that a signal speaks for and that do not exist, or values that do not fit them."""
    yield from facts.faults_in_values(loaded.part.establishes, loaded.document, (*loaded.where, "establishes"))


def faults_in_grouping(loaded: Loaded[Grouping]) -> Iterator[Fault]:
    """Lines that do not fit what an alert says, and parts that do not fit each other."""
    grouping, document = loaded.part, loaded.document
    facts = FactNames(ALERT_FACTS, frozenset(ALERT_FACTS), "of an alert")
    rules = ((one.when, ("rules", index, "when")) for index, one in enumerate(grouping.rules))
    sorts = ((one.when, ("sorts", name, "when")) for name, one in grouping.sorts.items())
    conditions: Iterator[tuple[Lines, Where]] = chain(rules, sorts)
    for lines, where in conditions:
        # An alert never changes: what it does not say it will not say later either.
        yield from faults_in_lines(lines, document, where, facts, may_ask_if_known=True)
    for place, sentence in grouping.faults():
        yield loaded.fault(place, sentence)


def faults_in_list_of_signals(document: Document) -> Iterator[Fault]:
    """Signals that the service knows and that the list leaves out."""
    missing = sorted(set(Signal) - set(document.data))
    if missing:
        yield document.fault((), f"the list leaves out {', '.join(missing)}: every signal needs its entry")


def faults_in_rule(loaded: Loaded[Rule], facts: FactNames) -> Iterator[Fault]:
    """Lines and examples that do not fit the facts, and examples that are not judged as they say."""
    rule, document = loaded.part, loaded.document
    faults = list(faults_in_lines(rule.when, document, ("when",), facts, may_ask_if_known=False))
    promised = {"applies": Truth.YES, "does_not_apply": Truth.NO, "not_known_yet": Truth.UNKNOWN}
    for group, truth in promised.items():
        for index, example in enumerate(getattr(rule.examples, group)):
            where = ("examples", group, index)
            misfits = list(facts.faults_in_values(example, document, where))
            yield from misfits
            values = None if misfits or faults else facts.parsed(example)
            if values is not None:
                yield from _broken_promise(loaded, where, judge(rule.when, values), truth)
    yield from faults


_FOUND = {
    Truth.YES: "the criterion applies to this example, every line holds",
    Truth.NO: "the criterion does not apply to this example",
    Truth.UNKNOWN: "it is not known yet whether the criterion applies to this example",
}


def _broken_promise(loaded: Loaded[Rule], where: Where, judged: Judgement, promised: Truth) -> Iterator[Fault]:
    if judged.truth is not promised:
        lines = [line.name for line in judged.lines if line.truth is judged.truth]
        because = f" (« {' », « '.join(lines)} »)" if lines and judged.truth is not Truth.YES else ""
        yield loaded.fault(where, f"{_FOUND[judged.truth]}{because}: correct the example, or the lines")


def faults_in_inventory(loaded: Loaded[Inventory], facts: FactNames | None) -> Iterator[Fault]:
    """Broken references, and, where the facts are given, words that these do not know."""
    for where, sentence in loaded.part.faults():
        yield loaded.fault(where, sentence)
    if facts is not None:
        yield from _strange_words(loaded, facts)


def _strange_words(loaded: Loaded[Inventory], facts: FactNames) -> Iterator[Fault]:
    inventory = loaded.part
    for index, system in enumerate(inventory.systems):
        yield from facts.faults_in_values(system.facts, loaded.document, ("systems", index, "facts"))
    known, special = _choices(facts, "data.categories"), _choices(facts, "data.special_categories")
    for index, category in enumerate(inventory.data_categories):
        where: Where = ("data_categories", index, "cnil")
        yield from _strange(loaded, where, category.cnil, known)
        if category.cnil in special and not category.is_special:
            yield loaded.fault(where, f"{category.cnil} is a special category: add is_special: yes")
        if category.is_special and special and category.cnil not in special:
            message = f"a special category is one of {', '.join(sorted(special))}: correct cnil or is_special"
            yield loaded.fault(where, message)
    persons = _choices(facts, "persons.categories")
    for index, activity in enumerate(inventory.activities):
        for number, word in enumerate(activity.person_kinds):
            yield from _strange(loaded, ("activities", index, "person_kinds", number), word, persons)


def _choices(facts: FactNames, name: str) -> frozenset[str]:
    fact = facts.types.get(name)
    return frozenset((fact.choices if fact else None) or {})


def _strange(loaded: Loaded[Inventory], where: Where, word: str, known: frozenset[str]) -> Iterator[Fault]:
    if known and word not in known:
        message = f"{word} is not among the words of facts.yaml ({', '.join(sorted(known))}){did_you_mean(word, known)}"
        yield loaded.fault(where, message)
