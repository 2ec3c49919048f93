"""What the fiches réflexes of `playbooks/responses/` hold: steps, evidence, questions, calls and references."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from breach_service.domain.alert import Signal
from breach_service.domain.conditions import FactLine, Lines
from breach_service.domain.facts import FactType
from breach_service.domain.incident import InstantKind
from breach_service.domain.text import Text

Name: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
StepRole: TypeAlias = Literal["responder", "dpo", "decider"]

SCENARIO = "incident.scenario"
"""What somebody said that an incident looks like: a fact of `facts.yaml`."""
SIGNALS = "incident.signals"
PATTERNS = "incident.patterns"
PLAYBOOK_FACTS: Mapping[str, FactType] = {
    SIGNALS: FactType(
        id=SIGNALS, label=Text(fr="Signaux de l’incident", en="Signals of the incident"), type="set",
        choices={str(one): Text(fr=str(one)) for one in Signal},
    ),
    PATTERNS: FactType(
        id=PATTERNS, label=Text(fr="Motifs reconnus", en="Patterns recognised"), type="set",
    ),
}  # fmt: skip
"""What the conditions of a playbook may name beside the facts of `facts.yaml`; always known."""


class Due(BaseModel):
    """By when: hours after one of the instants of the incident."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: InstantKind
    hours: float = Field(gt=0)

    def at(self, instants: Mapping[InstantKind, datetime]) -> datetime | None:
        """The instant in UTC; None while the instant that it counts from is not known."""
        started_at = instants.get(self.after)
        return None if started_at is None else started_at + timedelta(hours=self.hours)


class Phase(StrEnum):
    """What a step is for; of steps due at the same time the earlier phase comes first."""

    ALERT = "alert"
    """Say whether it is one, and get the people together."""
    EVIDENCE = "evidence"
    """Keep what would be gone: always before what the same playbook contains with."""
    CONTAINMENT = "containment"
    INQUIRY = "inquiry"
    DECISION = "decision"
    INFORMATION = "information"
    """Tell authorities, clients, persons, police, insurer."""
    RECOVERY = "recovery"
    REVIEW = "review"


class EvidenceKind(StrEnum):
    """What a piece of evidence is; the word under which its SHA-256 and handlings are kept."""

    LOGS = "logs"
    MEMORY = "memory"
    DISK = "disk"
    FILES = "files"
    CONFIGURATION = "configuration"
    MESSAGE = "message"
    SCREENSHOT = "screenshot"
    QUERY = "query"
    """A query and its result: what somebody could read or did read."""
    DOCUMENT = "document"
    """A letter, a receipt, a statement."""


class Reference(BaseModel):
    """Where something was read: in the words of the source, `dated` as the source dates itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    dated: str | None = None
    url: str | None = Field(default=None, pattern=r"^https://")


def _referred(value: Any) -> Any:
    return {"title": value} if isinstance(value, str) else value


Referred: TypeAlias = Annotated[Reference, BeforeValidator(_referred)]
"""A reference may be written as its title alone."""


class Step(BaseModel):
    """One thing that one role does. The same name in two playbooks is the same step: a plan says it once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: Name
    title: Text
    """One sentence, in the imperative."""
    role: StepRole
    due: Due | None = None
    phase: Phase = Phase.INQUIRY
    only_if: Lines = Field(default_factory=dict)
    """Left out where this is no; kept where it is not known yet."""
    how: Text | None = None
    answers: tuple[str, ...] = ()
    """The facts that a person can record once the step is done."""
    yields: tuple[Name, ...] = ()
    """The evidence of this playbook that it keeps."""

    def due_at(self, instants: Mapping[InstantKind, datetime]) -> datetime | None:
        """The instant in UTC by which it should be done; None without a term, or while its start is not known."""
        return self.due.at(instants) if self.due else None


class Evidence(BaseModel):
    """What to keep before it is gone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    evidence: Name
    kind: EvidenceKind
    what: Text
    lasts: Text
    """Where it stands and how long it usually does."""
    gone_after_hours: float | None = Field(default=None, gt=0)
    """After how many hours it may be gone already; None where nothing takes it away by itself."""


class Question(BaseModel):
    """A fact to find out, and why it is asked here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fact: str
    why: Text | None = None
    """Needed where no duty hangs on the answer."""


class Callee(StrEnum):
    """Whom to call beside those whom the regimes name."""

    POLICE = "police"
    INSURER = "insurer"
    CYBER_AUTHORITY = "cyber_authority"
    """ANSSI and its CERT-FR; 17Cyber for first advice."""
    HOST = "host"
    PROVIDER = "provider"
    BANK = "bank"
    COUNSEL = "counsel"
    HR = "hr"
    CLIENTS = "clients"
    RESPONDERS = "responders"
    """A company that responds to incidents."""
    COLLEAGUES = "colleagues"
    AUTHORITY = "authority"
    """The data protection authority."""


class Call(BaseModel):
    """Whom to call, when, and what for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    whom: Callee
    when: Text
    how: Text
    due: Due | None = None
    only_if: Lines = Field(default_factory=dict)
    source: Referred | None = None


class Playbook(BaseModel):
    """One file of `playbooks/responses/`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: Text
    why: Text
    references: tuple[Referred, ...] = ()
    owner: str
    reviewed_on: date
    is_common: bool = False
    """It goes along with the others; where both say a step, the words of the other stand."""
    signals: tuple[Signal, ...] = ()
    """The short form of `when`: an incident that has one of these."""
    when: Lines = Field(default_factory=dict)
    """It applies if these hold, and is offered while they may."""
    steps: tuple[Step, ...] = Field(min_length=1)
    evidence: tuple[Evidence, ...] = ()
    questions: tuple[Question, ...] = ()
    calls: tuple[Call, ...] = ()

    @field_validator("reviewed_on", mode="before")
    @classmethod
    def _day(cls, value: Any) -> Any:
        return value if isinstance(value, str) else str(value)

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if bool(self.signals) is bool(self.when):
            raise ValueError("a playbook says when it applies: add either when, or signals as its short form")
        return self

    @property
    def conditions(self) -> Lines:
        """When it applies, whichever way that was written."""
        if self.when:
            return self.when
        return {"signals": FactLine(fact=SIGNALS, any_of=tuple(str(one) for one in self.signals))}
