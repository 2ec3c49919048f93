"""What `playbooks/drills/` holds: an exercise as its author writes it, with what arrives and what is expected."""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from breach_service.domain.alert import Signal
from breach_service.domain.text import Text

Name: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
DrillRole: TypeAlias = Literal["responder", "dpo", "decider"]
STORY_HOURS = 72.0
"""How long the story of an exercise is: the hours that the law gives. They are played in `lasts_hours`."""


class Concerned(StrEnum):
    """Which systems of the inventory an exercise is about; the inventory is the operator's, scenarios are shipped."""

    SHARED = "shared"
    """The system with the data of the most clients."""
    CLIENTS = "clients"
    """Any system with the data of clients."""
    OWN = "own"
    """A system with data for which we are controller."""
    PROVIDER = "provider"
    """A system that depends on a provider."""


class Deed(StrEnum):
    """What somebody is expected to do; each shows in the chronology by itself."""

    TAKE_UP = "take_up"
    """Do anything with the incident: the first look that left a trace."""
    LEAD = "lead"
    RECORD_FACT = "record_fact"
    KEEP_EVIDENCE = "keep_evidence"
    WORK_PLAN = "work_plan"
    PLAN_MEASURE = "plan_measure"
    RESTRICT = "restrict"
    RECORD_AWARENESS = "record_awareness"
    GIVE_OPINION = "give_opinion"
    QUALIFY = "qualify"
    DECIDE = "decide"
    APPROVE = "approve"
    FILE = "file"


ABOUT_A_DUTY = frozenset({Deed.DECIDE, Deed.APPROVE, Deed.FILE})


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Inject(_Part):
    """Something that arrives while the exercise runs: an alert, a fact, a message. `at_hours` of the story."""

    inject: Name
    at_hours: float = Field(ge=0, le=STORY_HOURS)
    to: DrillRole
    """Who gets it, and passes it on."""
    says: Text
    signals: tuple[Signal, ...] = ()
    """What the alert reports that arrives with it."""
    facts: dict[str, Any] = Field(default_factory=dict)
    """What the alert establishes by itself; everything else is for people to record."""


class Expectation(_Part):
    """Something that a role should do by an hour of the story, and why."""

    expect: Name
    role: DrillRole
    deed: Deed
    within_hours: float = Field(gt=0, le=STORY_HOURS)
    title: Text
    """One sentence, in the imperative."""
    why: Text
    fact: str | None = None
    """The fact that is to be recorded."""
    perimeter: Literal["own", "clients"] | None = None
    """Under whose responsibility: our own data, or those of clients."""
    duty: Literal["authority", "persons", "client"] | None = None
    decision: Literal["breach", "no_breach", "notify", "not_required"] | None = None
    """What is expected to be said; None where only that it is done."""

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> list[str]:
        found = []
        if (self.deed is Deed.RECORD_FACT) is (self.fact is None):
            found.append("fact goes with record_fact, and only there: name the fact, or remove it")
        if (self.deed in ABOUT_A_DUTY) is (self.duty is None):
            found.append("duty goes with decide, approve and file, and only there: name it, or remove it")
        if self.duty is not None and (self.duty == "client") is (self.perimeter != "clients"):
            found.append("duty and perimeter do not fit: client goes with clients, authority and persons with own")
        fitting: dict[Deed, tuple[str, ...]] = {
            Deed.QUALIFY: ("breach", "no_breach"), Deed.GIVE_OPINION: ("breach", "no_breach"),
            Deed.DECIDE: ("notify", "not_required"),
        }  # fmt: skip
        if self.decision is not None and self.decision not in fitting.get(self.deed, ()):
            found.append(f"{self.deed} cannot come out as {self.decision}: correct one of the two")
        if self.decision is None and self.deed in (Deed.QUALIFY, Deed.DECIDE):
            found.append(f"say what is expected to be decided: decision is one of {', '.join(fitting[self.deed])}")
        return found


class Scenario(_Part):
    """One file of `playbooks/drills/`."""

    id: Name
    title: Text
    why: Text
    """What a team rehearses with it."""
    learns: tuple[Text, ...] = Field(min_length=1)
    """What everybody should have learnt by the end."""
    concerned: Concerned
    signals: tuple[Signal, ...] = ()
    """What the first alert reports; none where a person tells us."""
    lasts_hours: float = Field(default=1, gt=0, le=STORY_HOURS)
    """Hours in which the 72 hours are played, unless whoever starts it says otherwise."""
    injects: tuple[Inject, ...] = Field(min_length=1)
    expects: tuple[Expectation, ...] = Field(min_length=1)
