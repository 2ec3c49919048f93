"""Like cases in words: what is alike, what differs and how, and how the regulator came out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from breach_service.domain.assessment import Duty
from breach_service.domain.conditions import Line, NumberRange, Truth
from breach_service.domain.precedents import LikeCase, Precedent
from breach_service.web.views.pieces import ContentWords, Value, value_of


@dataclass(frozen=True)
class Circumstance:
    """One thing that was weighed: what it is here, and what it was there."""

    label: str
    here: Value
    there: Value
    is_none_of: bool
    """True where there was none of what `there` names."""


@dataclass(frozen=True)
class CaseLine:
    """One like case."""

    id: str
    title: str
    authority: str
    decided_on: date
    outcome: Duty | None
    """Of the duty that is asked about; None on the page of all cases."""
    outcomes: tuple[tuple[str, Duty], ...]
    why: str
    reference: str
    url: str
    alike: tuple[Circumstance, ...] = ()
    differs: tuple[Circumstance, ...] = ()
    not_known: tuple[Circumstance, ...] = ()


def case_lines(
    cases: Iterable[LikeCase], duty: str, content: ContentWords, language: str
) -> tuple[CaseLine, ...]:  # fmt: skip
    """Like cases in the order of their likeness."""

    def circumstances(lines: Iterable[Line]) -> tuple[Circumstance, ...]:
        return tuple(_circumstance(one, content, language) for one in lines)

    return tuple(
        _case(
            one.precedent, duty, language, circumstances(one.alike), circumstances(one.differs),
            circumstances(one.not_known),
        )
        for one in cases
    )  # fmt: skip


def all_cases(precedents: Iterable[Precedent], content: ContentWords, language: str) -> tuple[CaseLine, ...]:
    """Every case with what was weighed in it, the newest first."""
    newest = sorted(precedents, key=lambda one: one.decided_on, reverse=True)
    return tuple(
        _case(one, "", language, tuple(_weighed(one, content, language))) for one in newest
    )  # fmt: skip


def _weighed(one: Precedent, content: ContentWords, language: str) -> Iterable[Circumstance]:
    for name, line in one.weighed.items():
        comparison, operand = line.comparison
        yield _circumstance(Line(name, line.fact, Truth.UNKNOWN, comparison, operand, None), content, language)


def _case(
    one: Precedent, duty: str, language: str, alike: tuple[Circumstance, ...] = (),
    differs: tuple[Circumstance, ...] = (), not_known: tuple[Circumstance, ...] = (),
) -> CaseLine:  # fmt: skip
    outcomes = ((name, one.outcome.of(name)) for name in ("authority", "persons", "clients"))
    return CaseLine(
        id=one.id, title=one.title.in_language(language), authority=one.authority, decided_on=one.decided_on,
        outcome=one.outcome.of(duty) if duty else None,
        outcomes=tuple((name, found) for name, found in outcomes if found is not None),
        why=one.why.in_language(language), reference=one.reference.title, url=one.reference.url or "",
        alike=alike, differs=differs, not_known=not_known,
    )  # fmt: skip


def _circumstance(line: Line, content: ContentWords, language: str) -> Circumstance:
    return Circumstance(
        label=content.fact(line.fact, language),
        here=value_of(line.value, line.fact, content, language),
        there=_there(line.comparison, line.operand, line.fact, content, language),
        is_none_of=line.comparison in ("none_of", "is_not"),
    )


def _there(comparison: str, operand: Any, fact: str, content: ContentWords, language: str) -> Value:
    if comparison in ("at_least", "more_than"):
        return value_of(NumberRange(float(operand), None), fact, content, language)
    if comparison in ("at_most", "less_than"):
        return value_of(NumberRange(None, float(operand)), fact, content, language)
    if operand in tuple(Truth):
        return value_of(Truth(operand), fact, content, language)
    words = operand if isinstance(operand, tuple) else (operand,)
    return value_of(frozenset(map(str, words)), fact, content, language)
