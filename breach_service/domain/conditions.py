"""Structured, three-valued conditions: what rules, regimes and grouping are written in.

A condition is a small tree of named lines on facts. Each line is YES, NO or UNKNOWN (strong Kleene logic,
S. C. Kleene, Introduction to Metamathematics, 1952, section 64): unknown is a value, never a silent no.
There is no expression language on purpose: a DPO reads these lines aloud.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator


class Truth(StrEnum):
    """Yes, no, or not known yet."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    def __invert__(self) -> "Truth":
        return {Truth.YES: Truth.NO, Truth.NO: Truth.YES}.get(self, Truth.UNKNOWN)


def all_of(truths: "list[Truth]") -> Truth:
    """Kleene conjunction; of nothing it is YES."""
    if Truth.NO in truths:
        return Truth.NO
    return Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.YES


def any_of(truths: "list[Truth]") -> Truth:
    """Kleene disjunction; of nothing it is NO."""
    if Truth.YES in truths:
        return Truth.YES
    return Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.NO


@dataclass(frozen=True)
class NumberRange:
    """A number that is known to lie between two bounds, both included; None is an open end."""

    least: float | None
    most: float | None

    def __post_init__(self) -> None:
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"a range from {self.least} to {self.most} is upside down")

    def __str__(self) -> str:
        def shown(bound: float | None) -> str:
            return "?" if bound is None else f"{bound:g}"

        return shown(self.least) if self.least == self.most else f"{shown(self.least)}..{shown(self.most)}"


FactValue: TypeAlias = Truth | str | NumberRange | frozenset[str] | None
"""yes / no / unknown; a word of an enumeration; a range of numbers; a set of words. None: nothing recorded, unknown."""


def is_unknown(value: FactValue) -> bool:
    """True where nothing is known: no value, the word unknown, or a range that is open at both ends."""
    return value is None or value in (Truth.UNKNOWN, _OPEN_RANGE)


_OPEN_RANGE = NumberRange(None, None)


def _as_word(value: Any) -> Any:
    """YAML 1.2 keeps yes and no as words; JSON and older YAML may bring booleans."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


Word = Annotated[str, BeforeValidator(_as_word)]


class FactLine(BaseModel):
    """One line on one fact: exactly one comparison."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fact: str
    is_: Word | None = Field(default=None, alias="is")
    is_not: Word | None = None
    any_of: tuple[Word, ...] | None = None
    all_of: tuple[Word, ...] | None = None
    none_of: tuple[Word, ...] | None = None
    contains: Word | None = None
    at_least: float | None = None
    at_most: float | None = None
    more_than: float | None = None
    less_than: float | None = None
    known: Annotated[Literal["yes", "no"], BeforeValidator(_as_word)] | None = None

    @cached_property
    def comparison(self) -> tuple[str, Any]:
        """The name of the comparison and what the fact is compared with."""
        for name in ("is_", *COMPARISONS[1:]):
            operand = getattr(self, name)
            if operand is not None:
                return name.rstrip("_"), operand
        raise ValueError(f"the line on {self.fact} compares with nothing")

    @model_validator(mode="after")
    def _one_comparison(self) -> Self:
        given = [name for name in ("is_", *COMPARISONS[1:]) if getattr(self, name) is not None]
        if len(given) != 1:
            names = ", ".join(COMPARISONS)
            raise ValueError(f"a line needs exactly one comparison out of {names}; this one has {len(given)}")
        return self


COMPARISONS = (
    "is", "is_not", "any_of", "all_of", "none_of", "contains",
    "at_least", "at_most", "more_than", "less_than", "known",
)  # fmt: skip


class AllLines(BaseModel):
    """Every line must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    all: "Lines"


class AnyLine(BaseModel):
    """One line is enough."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    any: "Lines"


class NotLine(BaseModel):
    """The line must not hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    not_: "Condition" = Field(alias="not")


def _shape(value: Any) -> str:
    if isinstance(value, Mapping):
        for key in ("all", "any", "not"):
            if key in value:
                return key
    elif isinstance(value, AllLines):
        return "all"
    elif isinstance(value, AnyLine):
        return "any"
    elif isinstance(value, NotLine):
        return "not"
    return "fact"


Condition = Annotated[
    Annotated[FactLine, Tag("fact")]
    | Annotated[AllLines, Tag("all")]
    | Annotated[AnyLine, Tag("any")]
    | Annotated[NotLine, Tag("not")],
    Discriminator(_shape),
]
Lines = dict[str, Condition]
"""Conditions, each under a name that its author gave it; together they mean that every one must hold."""

AllLines.model_rebuild()
AnyLine.model_rebuild()
NotLine.model_rebuild()


@dataclass(frozen=True)
class Line:
    """One judged line: the author's name for it, what was compared, with which value, and the outcome."""

    name: str
    fact: str
    truth: Truth
    comparison: str
    operand: Any
    value: FactValue
    is_settled: bool = False
    """True for an unknown line whose group is decided whatever its fact turns out to be."""


@dataclass(frozen=True)
class Judgement:
    """The outcome of a set of conditions and every line that led to it."""

    truth: Truth
    lines: tuple[Line, ...]

    @property
    def unknown_facts(self) -> tuple[str, ...]:
        """The unknown facts that keep the outcome open, in the order of the lines, without doubles."""
        is_open = (line for line in self.lines if line.truth is Truth.UNKNOWN and not line.is_settled)
        return tuple(dict.fromkeys(line.fact for line in is_open))


def judge(lines: Lines, facts: Mapping[str, FactValue]) -> Judgement:
    """Judge named conditions against facts; a fact that is not in the mapping is unknown."""
    judged: list[Line] = []
    truth = _judge_group(lines, all_of, facts, judged)
    return Judgement(truth, tuple(judged))


def facts_named_in(lines: Lines) -> frozenset[str]:
    """Every fact that the conditions read."""
    names: set[str] = set()
    for condition in lines.values():
        match condition:
            case FactLine():
                names.add(condition.fact)
            case AllLines(all=inner) | AnyLine(any=inner):
                names |= facts_named_in(inner)
            case NotLine(not_=negated):
                names |= facts_named_in({"not": negated})
    return frozenset(names)


def lines_on(lines: Lines, fact: str) -> list[FactLine]:
    """Every line that reads one fact, however deep it stands."""
    found: list[FactLine] = []
    for condition in lines.values():
        match condition:
            case FactLine() if condition.fact == fact:
                found.append(condition)
            case AllLines(all=inner) | AnyLine(any=inner):
                found += lines_on(inner, fact)
            case NotLine(not_=negated):
                found += lines_on({"not": negated}, fact)
    return found


def _judge_group(
    lines: Lines, combined: Callable[[list[Truth]], Truth], facts: Mapping[str, FactValue], judged: list[Line]
) -> Truth:
    before = len(judged)
    truth = combined([_judge_one(name, condition, facts, judged) for name, condition in lines.items()])
    if truth is not Truth.UNKNOWN:
        judged[before:] = [
            replace(line, is_settled=True) if line.truth is Truth.UNKNOWN else line for line in judged[before:]
        ]
    return truth


def _judge_one(name: str, condition: Any, facts: Mapping[str, FactValue], judged: list[Line]) -> Truth:
    match condition:
        case AllLines(all=inner):
            return _judge_group(inner, all_of, facts, judged)
        case AnyLine(any=inner):
            return _judge_group(inner, any_of, facts, judged)
        case NotLine(not_=negated):
            return ~_judge_one(name, negated, facts, judged)
        case FactLine():
            comparison, operand = condition.comparison
            value = facts.get(condition.fact)
            truth = compare(value, comparison, operand)
            judged.append(Line(name, condition.fact, truth, comparison, operand, value))
            return truth
    raise TypeError(f"not a condition: {condition!r}")


def compare(value: FactValue, comparison: str, operand: Any) -> Truth:
    """Compare one fact value; everything compared with an unknown is unknown, but `known` itself.

    Raises ValueError where the comparison does not fit the kind of value.
    """
    if comparison == "known":
        return _yes_if((operand == "yes") is not is_unknown(value))
    if comparison in ("is", "is_not") and operand == Truth.UNKNOWN:
        # This asks for the unknown itself and is therefore decided.
        return _yes_if((comparison == "is") is is_unknown(value))
    if is_unknown(value):
        return Truth.UNKNOWN
    if isinstance(value, NumberRange):
        return _compare_range(value, comparison, operand)
    if isinstance(value, frozenset):
        return _compare_set(value, comparison, operand)
    return _compare_word(str(value), comparison, operand)


def _yes_if(condition: bool) -> Truth:
    return Truth.YES if condition else Truth.NO


def _compare_word(value: str, comparison: str, operand: Any) -> Truth:
    match comparison:
        case "is" | "contains":
            return _yes_if(value == operand)
        case "is_not":
            return _yes_if(value != operand)
        case "any_of":
            return _yes_if(value in operand)
        case "none_of":
            return _yes_if(value not in operand)
        case "all_of":
            return _yes_if(set(operand) <= {value})
    raise ValueError(f"{comparison} compares numbers, but the value is the word {value}")


def _compare_set(value: frozenset[str], comparison: str, operand: Any) -> Truth:
    match comparison:
        case "contains":
            return _yes_if(operand in value)
        case "any_of":
            return _yes_if(not value.isdisjoint(operand))
        case "all_of":
            return _yes_if(value.issuperset(operand))
        case "none_of":
            return _yes_if(value.isdisjoint(operand))
        case "is":
            return _yes_if(value == frozenset({operand}))
        case "is_not":
            return _yes_if(value != frozenset({operand}))
    raise ValueError(f"{comparison} compares numbers, but the value is a set of words")


def _compare_range(value: NumberRange, comparison: str, operand: Any) -> Truth:
    try:
        limit = float(operand)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{comparison} {operand!r} compares words, but the value is the number {value}") from error
    least = float("-inf") if value.least is None else value.least
    most = float("inf") if value.most is None else value.most
    match comparison:
        case "at_least":
            return _over_range(least >= limit, most < limit)
        case "more_than":
            return _over_range(least > limit, most <= limit)
        case "at_most":
            return _over_range(most <= limit, least > limit)
        case "less_than":
            return _over_range(most < limit, least >= limit)
        case "is":
            return _over_range(least == most == limit, limit < least or limit > most)
        case "is_not":
            return ~_over_range(least == most == limit, limit < least or limit > most)
    raise ValueError(f"{comparison} compares words, but the value is the number {value}")


def _over_range(always: bool, never: bool) -> Truth:
    if always:
        return Truth.YES
    return Truth.NO if never else Truth.UNKNOWN
