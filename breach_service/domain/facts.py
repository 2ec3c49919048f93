"""Named observations: what may be known of an incident, what is, who established it, and for which part.

A fact is never changed: a correction is a new one. What the inventory says holds until something is recorded; among
what is recorded the narrower scope wins; within a scope a person's word wins over an alert's; within that the latest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import isfinite
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from breach_service.domain.conditions import FactValue, Lines, NumberRange, Truth, is_unknown
from breach_service.domain.text import Text
from breach_service.errors import N_, Sentence


class ScopeKind(StrEnum):
    """What part of an incident a fact is about, widest first."""

    INCIDENT = "incident"
    SYSTEM = "system"
    ACTIVITY = "activity"
    CLIENT = "client"
    """One activity for one client; the key is `activity/client`, or `*/client` for everything of that client."""


class Provenance(StrEnum):
    """Who or what established a fact, weakest first."""

    INVENTORY = "inventory"
    ALERT = "alert"
    RULE = "rule"
    PROVIDER = "provider"
    """A provider answered so; a person of ours wrote it down, and may know better."""
    PERSON = "person"


@dataclass(frozen=True)
class Scope:
    """A part of an incident; the key is empty for the whole incident."""

    kind: ScopeKind = ScopeKind.INCIDENT
    key: str = ""


WHOLE_INCIDENT = Scope()


class FactType(BaseModel):
    """One entry of `playbooks/facts.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    label: Text
    question: Text | None = None
    question_to_provider: Text | None = None
    """The question where a provider is asked about its own service; without it they are asked the same."""
    help: Text | None = None
    type: Literal["yes_no", "choice", "number", "duration_hours", "set"]
    choices: dict[str, Text] | None = None
    unit: Text | None = None
    scope: ScopeKind = ScopeKind.INCIDENT
    asked_when: Lines | None = None
    asked_last: bool = False
    """True for a judgement: it is asked for when the observations do not settle the matter."""
    supposing: dict[str, Text] | None = None
    """An answer as the clause that opens the sentence on its effect (“If the backup is intact”)."""
    established_by: tuple[str, ...] = ()
    restricts: tuple[str, ...] = ()
    """Values that point at one of our own people: an incident of which one is known is restricted at once."""

    @model_validator(mode="after")
    def _supposes_its_answers(self) -> Self:
        answers = {"yes", "no"} if self.type == "yes_no" else set(self.choices or {})
        wrong = sorted(set(self.supposing or {}) - answers)
        if wrong:
            raise ValueError(f"supposing names {', '.join(wrong)}, which is no answer: {', '.join(sorted(answers))}")
        return self

    def parse(self, raw: Any) -> FactValue:
        """A raw value (JSON, YAML, form) as a value of this type.

        Raises ValueError with a sentence that says what would be right.
        """
        if raw is None or raw == "unknown":
            return Truth.UNKNOWN
        match self.type:
            case "yes_no":
                word = _word(raw)
                if word not in ("yes", "no"):
                    raise ValueError(
                        Sentence(N_("%(name)s is yes, no or unknown, not %(given)r"), name=self.id, given=raw)
                    )
                return Truth(word)
            case "choice":
                word = _word(raw)
                if word is None or word not in (self.choices or {}):
                    raise ValueError(
                        Sentence(
                            N_("%(name)s is one of %(choices)s, not %(given)r"),
                            name=self.id,
                            choices=", ".join(self.choices or {}),
                            given=raw,
                        )
                    )
                return word
            case "number" | "duration_hours":
                found = parse_range(raw, self.id)
                below = next((one for one in (found.least, found.most) if one is not None and one < 0), None)
                if below is not None:
                    raise ValueError(Sentence(N_("write a number of zero or more, not %(given)s"), given=_shown(below)))
                return Truth.UNKNOWN if is_unknown(found) else found
            case "set":
                return self._parse_set(raw)

    def _parse_set(self, raw: Any) -> frozenset[str]:
        if not isinstance(raw, str | list | tuple | set | frozenset):
            raise ValueError(Sentence(N_("%(name)s is a list of words, not %(given)r"), name=self.id, given=raw))
        members = [raw] if isinstance(raw, str) else list(raw)
        words = [_word(one) for one in members]
        fits = [word is not None and (self.choices is None or word in self.choices) for word in words]
        if not all(fits):
            right = "words" if self.choices is None else ", ".join(self.choices)
            wrong = ", ".join(str(one) for one, is_right in zip(members, fits, strict=True) if not is_right)
            raise ValueError(
                Sentence(N_("%(name)s holds %(right)s, not %(wrong)s"), name=self.id, right=right, wrong=wrong)
            )
        return frozenset(filter(None, words))


def _word(raw: Any) -> str | None:
    """A word as it is, true and false (JSON, older YAML) as yes and no; None for what is no word."""
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    return str(raw) if isinstance(raw, str) else None


def parse_range(raw: Any, name: str = "a number") -> NumberRange:
    """`12000`, `"12000..15000"`, `[12000, 15000]` or `{at_least: …, at_most: …}` as a range.

    Raises ValueError with a sentence where it is neither, and where the smaller number is the larger one.
    """
    try:
        bounds = _bounds_in(raw)
    except (OverflowError, TypeError, ValueError):
        bounds = None
    if bounds is None:
        raise ValueError(
            Sentence(
                N_("%(name)s is a number, or a range such as 12000..15000, not %(given)r"), name=name, given=_plain(raw)
            )
        )
    least, most = bounds
    if least is not None and most is not None and least > most:
        raise ValueError(
            Sentence(
                N_("%(name)s cannot be at least %(least)s and at most %(most)s: write the smaller number first"),
                name=name,
                least=_shown(least),
                most=_shown(most),
            )
        )
    return NumberRange(least, most)


def _bounds_in(raw: Any) -> tuple[float | None, float | None] | None:
    """The two ends that a raw value names; None where it has another shape. Raises as `_number` does."""
    match raw:
        case int() | float():
            return _number(raw), _number(raw)
        case [least, most]:
            return _bound(least), _bound(most)
        case {**bounds} if bounds and set(bounds) <= {"at_least", "at_most"}:
            return _bound(bounds.get("at_least")), _bound(bounds.get("at_most"))
        case str() if ".." in raw:
            least, most = raw.split("..", 1)
            return _bound(least), _bound(most)
        case str():
            return _number(raw), _number(raw)
    return None


def _plain(raw: Any) -> Any:
    """A range of the two fields of a form as a person would write it; anything else as it is."""
    match raw:
        case {"at_least": least, "at_most": most}:
            return " – ".join(str(one) for one in (least, most) if one not in (None, ""))
    return raw


def _shown(number: float) -> str:
    return str(int(number)) if number.is_integer() else str(number)


def _bound(raw: Any) -> float | None:
    if raw is None or (isinstance(raw, str) and raw.strip() in ("", "?")):
        return None
    return _number(raw)


def _number(raw: Any) -> float:
    """A finite number; groups of digits may be set apart by any white space, as in French."""
    if isinstance(raw, bool):
        raise ValueError("true and false are no numbers")
    number = float("".join(raw.split()) if isinstance(raw, str) else raw)
    if not isfinite(number):
        raise ValueError(f"{raw} is not a finite number")
    return number


def to_json(value: FactValue) -> Any:
    """A value as JSON: a word, a list of words, or `{"at_least": …, "at_most": …}`; unknown is the word unknown."""
    match value:
        case None:
            return str(Truth.UNKNOWN)
        case NumberRange(least=least, most=most):
            return {"at_least": least, "at_most": most}
        case frozenset():
            return sorted(value)
        case _:
            return str(value)


@dataclass(frozen=True)
class Fact:
    """One observation. `established_at` is an instant in UTC; `by` is a person, a source or a file, in words."""

    name: str
    value: FactValue
    scope: Scope
    provenance: Provenance
    by: str
    established_at: datetime
    note: str = ""
    recorded: int = 0
    """Order of recording; a later one corrects an earlier one of equal rank."""


@dataclass(frozen=True)
class Exposure:
    """One place where facts are looked up: an activity on a system, for one client or for ourselves."""

    system: str | None = None
    activity: str | None = None
    client: str | None = None

    def rank_of(self, scope: Scope) -> int | None:
        """How narrow a scope is seen from here, or None where it does not cover this place."""
        match scope.kind:
            case ScopeKind.INCIDENT:
                return 0
            case ScopeKind.SYSTEM:
                return 1 if scope.key == self.system else None
            case ScopeKind.ACTIVITY:
                return 2 if scope.key == self.activity else None
            case ScopeKind.CLIENT:
                activity, _, client = scope.key.partition("/")
                if client != self.client or activity not in ("*", self.activity):
                    return None
                return 3 if activity == "*" else 4


_PROVENANCE_RANK = {one: rank for rank, one in enumerate(Provenance)}


def facts_at(exposure: Exposure, facts: Iterable[Fact]) -> dict[str, Fact]:
    """The fact that counts for each name, seen from one place.

    What the inventory says holds until somebody or something records otherwise, for whatever part of the incident.
    """
    winners: dict[str, tuple[tuple[bool, int, int, int], Fact]] = {}
    for fact in facts:
        narrowness = exposure.rank_of(fact.scope)
        if narrowness is None:
            continue
        is_recorded = fact.provenance is not Provenance.INVENTORY
        rank = (is_recorded, narrowness, _PROVENANCE_RANK[fact.provenance], fact.recorded)
        held = winners.get(fact.name)
        if held is None or rank >= held[0]:
            winners[fact.name] = (rank, fact)
    return {name: fact for name, (_, fact) in winners.items()}


def values_of(facts: Mapping[str, Fact]) -> dict[str, FactValue]:
    """Just the values, by name."""
    return {name: fact.value for name, fact in facts.items()}
