"""How regulators judged like cases: each with the kind of case, what was weighed in it, and the outcome of each duty.

A precedent decides nothing here: whoever is about to decide reads what is alike in it, what differs, and why it was
judged as it was. Pure functions of facts; an unknown fact neither makes two cases alike nor sets them apart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from breach_service.domain.assessment import Duty
from breach_service.domain.conditions import FactLine, FactValue, Line, Lines, Truth, judge
from breach_service.domain.playbook import Reference
from breach_service.domain.text import Text

MOST_SHOWN = 5
"""Like cases that are put before whoever decides."""
Outcome = Literal["required", "not_required"]


class Outcomes(BaseModel):
    """What came out for each duty; a duty that the source does not speak of is left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    authority: Outcome | None = None
    persons: Outcome | None = None
    clients: Outcome | None = None

    def of(self, duty: str) -> Duty | None:
        """The outcome of `authority`, `persons` or `clients`; None where the source says nothing of it."""
        found = getattr(self, duty, None)
        return Duty(found) if found else None


class PrecedentExamples(BaseModel):
    """Facts with which an incident is like this case in all that was weighed, and facts with which it is not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    alike: tuple[dict[str, Any], ...] = Field(min_length=1)
    unlike: tuple[dict[str, Any], ...] = Field(min_length=1)


class Precedent(BaseModel):
    """One entry of `playbooks/precedents.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: Text
    authority: str = Field(min_length=1)
    """Who judged it: EDPB, CNIL, UODO (PL)…"""
    decided_on: date
    reference: Reference
    when: Lines = Field(min_length=1)
    """The kind of case: it is told where these hold, or may."""
    weighed: dict[str, FactLine] = Field(min_length=1)
    """The circumstances on which the judgement rests, each under a name that its author gave it."""
    outcome: Outcomes
    why: Text
    """One sentence: what tipped the scales."""
    examples: PrecedentExamples

    @field_validator("decided_on", mode="before")
    @classmethod
    def _day(cls, value: object) -> object:
        return value if isinstance(value, str) else str(value)


@dataclass(frozen=True)
class LikeCase:
    """A precedent seen from one incident: what is alike, what differs, and what is not known here yet."""

    precedent: Precedent
    is_same_kind: Truth
    alike: tuple[Line, ...]
    differs: tuple[Line, ...]
    not_known: tuple[Line, ...]

    @property
    def likeness(self) -> float:
        """From -1 (all that was weighed differs) to 1 (all of it is alike); what is not known counts for neither."""
        return (len(self.alike) - len(self.differs)) / len(self.precedent.weighed)


def likeness_to(precedent: Precedent, facts: Mapping[str, FactValue]) -> LikeCase:
    """One precedent compared with the facts of one part of an incident."""
    lines = judge(dict(precedent.weighed), facts).lines
    by_truth = {truth: tuple(one for one in lines if one.truth is truth) for truth in Truth}
    return LikeCase(
        precedent, judge(precedent.when, facts).truth, by_truth[Truth.YES], by_truth[Truth.NO], by_truth[Truth.UNKNOWN]
    )


def like_cases(
    facts: Mapping[str, FactValue], precedents: Iterable[Precedent], duty: str = "", most: int = MOST_SHOWN
) -> tuple[LikeCase, ...]:
    """The precedents that an incident is most like, those of the same kind first; of one duty alone where it is named.

    The nearest one of each outcome is always among them: whoever decides against a notice reads where it was owed, too.
    """
    asked = (one for one in precedents if not duty or one.outcome.of(duty) is not None)
    compared = (likeness_to(one, facts) for one in asked)
    found = sorted((one for one in compared if _is_told(one)), key=_distance)
    kept = found[:most]
    outcomes = {one.precedent.outcome.of(duty) for one in kept}
    other = next((one for one in found[most:] if one.precedent.outcome.of(duty) not in outcomes), None)
    return tuple(kept if other is None or not duty else [*kept[: most - 1], other])


def _is_told(one: LikeCase) -> bool:
    """An incident of which nothing is known is like no case: something must hold."""
    if one.is_same_kind is Truth.NO:
        return False
    return bool(one.alike) and (one.is_same_kind is Truth.YES or one.likeness > 0)


def _distance(one: LikeCase) -> tuple[bool, float, int, int, str]:
    is_other_kind = one.is_same_kind is not Truth.YES
    newness = -one.precedent.decided_on.toordinal()
    return is_other_kind, -one.likeness, -len(one.alike), newness, one.precedent.id


@dataclass(frozen=True)
class Tally:
    """How often the notice was owed in like cases."""

    required: int
    total: int


def tally_of(cases: Iterable[LikeCase], duty: str) -> Tally:
    """How like cases came out for a duty."""
    outcomes = [found for one in cases if (found := one.precedent.outcome.of(duty)) is not None]
    return Tally(sum(one is Duty.REQUIRED for one in outcomes), len(outcomes))
