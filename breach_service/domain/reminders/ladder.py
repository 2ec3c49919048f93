"""A ladder: at which moments before and after a date people are reminded of it, as `playbooks/ladders.yaml` says it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from breach_service.domain.text import Text
from breach_service.domain.waking import Urgency

STANDARD, GENTLE, TRIAGE = "standard", "gentle", "triage"
"""What legal and contractual terms climb; what targets climb; what the qualification of an incident climbs."""


class Rung(BaseModel):
    """One moment: a part of the term that is over, or hours before or after the date. Exactly one of the three."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    elapsed_percent: float | None = Field(default=None, gt=0, lt=100)
    hours_before: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    hours_after: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """0: the date itself."""
    again_every_hours: float | None = Field(default=None, ge=1, allow_inf_nan=False)
    """After the date: said again at this distance for as long as it is not settled."""
    urgency: Urgency
    """`working_hours`: moved earlier into working hours; `log`: at its moment; `wake`: at its moment, and wakes."""

    @model_validator(mode="after")
    def _one_moment(self) -> Self:
        given = [one for one in (self.elapsed_percent, self.hours_before, self.hours_after) if one is not None]
        if len(given) != 1:
            raise ValueError("a rung is one of elapsed_percent, hours_before and hours_after")
        if self.again_every_hours is not None and self.hours_after is None:
            raise ValueError("only what is said after the date is said again: again_every_hours needs hours_after")
        if self.hours_after is not None and self.urgency is Urgency.WORKING_HOURS:
            raise ValueError("a date that has passed is not spoken of before it passes: write log or wake")
        return self

    @property
    def id(self) -> str:
        """`50%`, `-24h`, `+0h`: what it is in keys and in the chronology."""
        if self.elapsed_percent is not None:
            return f"{self.elapsed_percent:g}%"
        return f"-{self.hours_before:g}h" if self.hours_before is not None else f"+{self.hours_after:g}h"

    @property
    def is_after(self) -> bool:
        """True from the date on."""
        return self.hours_after is not None

    @property
    def is_muteable(self) -> bool:
        """False where it may wake and from the date on: nobody mutes that."""
        return not self.is_after and self.urgency is not Urgency.WAKE


class Ladder(BaseModel):
    """One entry of `playbooks/ladders.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: Text
    rungs: tuple[Rung, ...] = Field(min_length=1)

    def faults(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Where two rungs are the same moment, and a ladder that speaks of a date after it without waking before."""
        ids = [one.id for one in self.rungs]
        twice = {one for one, number in Counter(ids).items() if number > 1}
        for index, one in enumerate(ids):
            if one in twice and one in ids[:index]:
                yield ("rungs", index), f"the rung {one} stands here twice: remove one"

    @property
    def has_end(self) -> bool:
        """True where a date that has passed is spoken of, and wakes."""
        return any(one.is_after and one.urgency is Urgency.WAKE for one in self.rungs)


def _ladder(name: str, fr: str, en: str, *rungs: Rung) -> Ladder:
    return Ladder(id=name, title=Text(fr=fr, en=en), rungs=rungs)


_AT_WORK, _LOG, _WAKE = Urgency.WORKING_HOURS, Urgency.LOG, Urgency.WAKE
SHIPPED_LADDERS: Mapping[str, Ladder] = MappingProxyType(
    {
        STANDARD: _ladder(
            STANDARD, "Échéances légales et contractuelles", "Legal and contractual dates",
            Rung(elapsed_percent=50, urgency=_AT_WORK), Rung(hours_before=24, urgency=_AT_WORK),
            Rung(hours_before=12, urgency=_AT_WORK), Rung(hours_before=6, urgency=_WAKE),
            Rung(hours_before=1, urgency=_WAKE), Rung(hours_after=0, again_every_hours=24, urgency=_WAKE),
        ),
        GENTLE: _ladder(
            GENTLE, "Objectifs", "Targets", Rung(elapsed_percent=50, urgency=_AT_WORK),
            Rung(hours_before=4, urgency=_AT_WORK),
        ),
        TRIAGE: _ladder(
            TRIAGE, "Qualification d’un incident", "Qualifying an incident",
            Rung(elapsed_percent=75, urgency=_AT_WORK), Rung(hours_after=0, again_every_hours=24, urgency=_LOG),
        ),
    }
)  # fmt: skip
"""What holds where `playbooks/ladders.yaml` does not say otherwise: content of earlier releases had no such file."""
