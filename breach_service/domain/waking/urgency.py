"""How soon somebody must look at an incident: the first rule of `playbooks/urgency.yaml` that fits, in its worst place.

What is not known never lets anybody sleep: a rule that wakes fits unless one of its lines is known not to hold, a rule
that does not fits only where all of them are known to.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from breach_service.domain.alert import Signal
from breach_service.domain.conditions import FactValue, Lines, Truth, facts_named_in, judge
from breach_service.domain.facts import FactType
from breach_service.domain.text import Text


class Urgency(StrEnum):
    """How soon somebody must look at an incident."""

    LOG = "log"
    WORKING_HOURS = "working_hours"
    WAKE = "wake"


_ORDER = {one: place for place, one in enumerate(Urgency)}

SIGNALS = "incident.signals"
URGENCY_FACTS: Mapping[str, FactType] = {
    SIGNALS: FactType(
        id=SIGNALS, label=Text(fr="Signaux de l’incident", en="Signals of the incident"), type="set",
        choices={str(one): Text(fr=str(one)) for one in Signal},
    ),
}  # fmt: skip
"""What the conditions of an urgency may name beside the facts of `facts.yaml`; always known."""


class UrgencyRule(BaseModel):
    """When an incident has an urgency, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    urgency: Urgency
    why: Text
    when: Lines = Field(min_length=1)


class UrgencyExample(BaseModel):
    """One place of an incident and the urgency that it must have; executed by `check`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    facts: dict[str, Any]
    urgency: Urgency


class Urgencies(BaseModel):
    """The file `playbooks/urgency.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Text
    why: Text
    rules: tuple[UrgencyRule, ...] = Field(min_length=1)
    otherwise: Urgency
    """Of an incident that no rule fits."""
    examples: tuple[UrgencyExample, ...] = ()

    @model_validator(mode="after")
    def _never_wakes_otherwise(self) -> Self:
        if self.otherwise is Urgency.WAKE:
            raise ValueError("otherwise is working_hours or log: what wakes somebody says why, in a rule of its own")
        return self

    @property
    def facts(self) -> tuple[str, ...]:
        """Every fact that a rule looks at."""
        return tuple(sorted(frozenset().union(*(facts_named_in(one.when) for one in self.rules))))


@dataclass(frozen=True)
class Verdict:
    """An urgency, and the id of the rule that said so; empty where none fitted."""

    urgency: Urgency
    rule: str = ""


def facts_of_urgency(signals: Iterable[Signal]) -> dict[str, FactValue]:
    """What is always known of an incident."""
    return {SIGNALS: frozenset(map(str, signals))}


def urgency_of(
    places: Iterable[Mapping[str, FactValue]], signals: Iterable[Signal], urgencies: Urgencies
) -> Verdict:  # fmt: skip
    """The urgency of an incident: that of its most urgent place. `places`: what is known at each of them.

    Places of which the rules see the same are judged once: a shared system has one for each of its clients.
    """
    known, names = facts_of_urgency(signals), urgencies.facts
    different = {tuple(values.get(name) for name in names): values for values in places} or {(): {}}
    verdicts = [_verdict({**values, **known}, urgencies) for values in different.values()]
    return max(verdicts, key=lambda one: _ORDER[one.urgency])


def _verdict(values: Mapping[str, FactValue], urgencies: Urgencies) -> Verdict:
    for one in urgencies.rules:
        truth = judge(one.when, values).truth
        if truth is Truth.YES or (truth is Truth.UNKNOWN and one.urgency is Urgency.WAKE):
            return Verdict(one.urgency, one.id)
    return Verdict(urgencies.otherwise)


USUAL_URGENCIES = Urgencies.model_validate(
    {
        "title": {"fr": "Qui est réveillé", "en": "Who is woken"},
        "why": {
            "fr": "Le contenu en vigueur ne dit rien de l’urgence : une atteinte possible à des données réveille.",
            "en": "The content in force says nothing of urgency: a possible compromise of data wakes.",
        },
        "rules": [
            {
                "id": "compromise-of-personal-data",
                "urgency": "wake",
                "why": {"fr": "Des données personnelles peuvent être atteintes.", "en": "Data may be affected."},
                "when": {
                    "atteinte-suspectée": {"fact": "incident.compromise_suspected", "is_not": "no"},
                    "données-personnelles": {"fact": "system.holds_personal_data", "is_not": "no"},
                },
            }
        ],
        "otherwise": "working_hours",
    }
)
"""In force with content that was put in force before there was `urgency.yaml`: nobody sleeps through an upgrade."""
