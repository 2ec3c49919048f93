"""Do conditions and values fit the facts that they name?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from breach_service.catalog.documents import Document, Where
from breach_service.catalog.faults import Fault, did_you_mean
from breach_service.domain.conditions import AllLines, AnyLine, Condition, FactLine, FactValue, Lines, NotLine
from breach_service.domain.facts import FactType

_WORDS = frozenset({"is", "is_not", "any_of", "none_of", "known"})
_SETS = frozenset({"contains", "any_of", "all_of", "none_of", "is", "is_not", "known"})
_NUMBERS = frozenset({"at_least", "at_most", "more_than", "less_than", "known"})
FITTING = {"yes_no": _WORDS, "choice": _WORDS, "set": _SETS, "number": _NUMBERS, "duration_hours": _NUMBERS}
"""The comparisons that make sense for each type of fact."""

_KINDS = {
    "yes_no": "yes or no",
    "choice": "one word of a list",
    "set": "a set of words",
    "number": "a number",
    "duration_hours": "a number of hours",
}
_ENGLISH = {"oui": "yes", "non": "no", "inconnu": "unknown", "inconnue": "unknown"}


@dataclass(frozen=True)
class FactNames:
    """The facts that may be named: those of the list, and among them those whose entry is sound."""

    types: Mapping[str, FactType]
    listed: frozenset[str]
    where_listed: str = "in facts.yaml"

    def fault(self, name: str, document: Document, where: Where, *, at_key: bool = False) -> Fault | None:
        """The fault of naming a fact that is not in the list, else None."""
        if name in self.listed:
            return None
        message = f"there is no fact {name} {self.where_listed}{did_you_mean(name, self.listed)}"
        return document.fault_at_key(where, message) if at_key else document.fault(where, message)

    def faults_in_values(self, values: Mapping[str, Any], document: Document, where: Where) -> Iterator[Fault]:
        """Every name and value of a flat mapping of facts that does not fit."""
        for name, raw in values.items():
            unknown = self.fault(name, document, (*where, name), at_key=True)
            if unknown is not None:
                yield unknown
            elif name in self.types:
                message = _misfit_of_value(self.types[name], raw)
                if message:
                    yield document.fault((*where, name), message)

    def parsed(self, values: Mapping[str, Any]) -> dict[str, FactValue] | None:
        """A flat mapping of fitting values; None where the entry of one of the facts is not sound."""
        if not all(name in self.types for name in values):
            return None
        return {name: self.types[name].parse(raw) for name, raw in values.items()}

    def without(self, unsound: frozenset[str]) -> "FactNames":
        """The same list, with fewer entries to rely on."""
        return FactNames(
            {name: fact for name, fact in self.types.items() if name not in unsound}, self.listed, self.where_listed
        )


def _misfit_of_value(fact: FactType, raw: Any) -> str:
    try:
        fact.parse(raw)
    except (TypeError, ValueError) as error:
        return f"{error}{_hint(fact, raw)}"
    return ""


def _hint(fact: FactType, raw: Any) -> str:
    if fact.type in ("number", "duration_hours"):
        return ""
    known = ("yes", "no", "unknown") if fact.type == "yes_no" else (*(fact.choices or {}), "unknown")
    given = [str(one) for one in (raw if isinstance(raw, list | tuple) else [raw])]
    strange = next((word for word in given if word not in known), "")
    return did_you_mean(_ENGLISH.get(strange.lower(), strange), known)


def faults_in_lines(
    lines: Lines, document: Document, where: Where, facts: FactNames, *, may_ask_if_known: bool
) -> Iterator[Fault]:
    """Every line on a fact that is not listed, or with a comparison that does not fit its type."""
    for line, place in _lines_in(lines, where):
        unknown = facts.fault(line.fact, document, (*place, "fact"))
        if unknown is not None:
            yield unknown
        elif line.fact in facts.types:
            yield from _misfits(line, facts.types[line.fact], document, place, may_ask_if_known)


def _lines_in(lines: Lines, where: Where) -> Iterator[tuple[FactLine, Where]]:
    for name, condition in lines.items():
        yield from _lines_below(condition, (*where, name))


def _lines_below(condition: Condition, where: Where) -> Iterator[tuple[FactLine, Where]]:
    match condition:
        case FactLine():
            yield condition, where
        case AllLines(all=inner):
            yield from _lines_in(inner, (*where, "all"))
        case AnyLine(any=inner):
            yield from _lines_in(inner, (*where, "any"))
        case NotLine(not_=negated):
            yield from _lines_below(negated, (*where, "not"))


def _misfits(
    line: FactLine, fact: FactType, document: Document, where: Where, may_ask_if_known: bool
) -> Iterator[Fault]:
    comparison, operand = line.comparison
    place = (*where, comparison)
    if comparison not in FITTING[fact.type]:
        fitting = ", ".join(sorted(FITTING[fact.type] - {"known"}))
        yield document.fault_at_key(
            place, f"{comparison} does not fit {fact.id}, which is {_KINDS[fact.type]}: use {fitting}"
        )
        return
    words = operand if isinstance(operand, tuple) else (operand,)
    if comparison == "known" or "unknown" in words:
        if not may_ask_if_known:
            yield document.fault(
                place,
                "a criterion does not ask whether a fact is known (an answer could then turn it round): "
                "compare with a value; what is unknown stays unknown by itself",
            )
        return
    for index, word in enumerate(words):
        misfit = _misfit_of_value(fact, word)
        if misfit:
            yield document.fault((*place, index) if isinstance(operand, tuple) else place, misfit)
