"""Written criteria and what they conclude.

A rule concludes *at least* or *at most* a level of risk for one loss, whether personal data are involved, or whether a
flaw has consequences on what is processed.
It never sums points: each conclusion stands by its title, its reason and the lines that held.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from breach_service.domain.conditions import FactValue, Judgement, Lines, Truth, Word, judge
from breach_service.domain.text import Text


class RiskLevel(IntEnum):
    """The three words of GDPR Art. 33(1) and 34(1)."""

    UNLIKELY = 0
    RISK = 1
    HIGH_RISK = 2

    @property
    def word(self) -> str:
        """The word used in files, JSON and metrics."""
        return self.name.lower()

    @classmethod
    def from_word(cls, word: str) -> "RiskLevel":
        """The level of a word."""
        return cls[word.upper()]


class Loss(StrEnum):
    """What can be lost (GDPR Art. 4(12); EDPB Guidelines 9/2022, paragraph 17)."""

    CONFIDENTIALITY = "confidentiality"
    INTEGRITY = "integrity"
    AVAILABILITY = "availability"


LevelWord = Literal["unlikely", "risk", "high_risk"]


class Conclusion(BaseModel):
    """What a rule concludes: exactly one of `at_least`, `at_most` (both with `loss`), `personal_data` or `flaw`.

    `flaw` is what our privacy policy promises clients to hear of: a security flaw with direct or indirect consequences
    on the processing, even where no breach followed. An `at_most` holds down the floors that it names in `neutralises`
    (ids of rules, or the word all); any other floor that holds prevails over it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    loss: Loss | None = None
    at_least: LevelWord | None = None
    at_most: LevelWord | None = None
    neutralises: Literal["all"] | tuple[str, ...] = ()
    personal_data: Word | None = None
    flaw: Word | None = None

    @model_validator(mode="after")
    def _one_conclusion(self) -> Self:
        given = [name for name in ("at_least", "at_most", "personal_data", "flaw") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("a rule concludes exactly one of at_least, at_most, personal_data, flaw")
        if (self.loss is None) is not (given[0] in ("personal_data", "flaw")):
            raise ValueError("at_least and at_most need the loss that they judge; personal_data and flaw need none")
        for name in ("personal_data", "flaw"):
            if getattr(self, name) not in (None, "yes", "no"):
                raise ValueError(f"{name} is yes or no")
        if self.neutralises and self.at_most is None:
            raise ValueError("only a rule that concludes at_most neutralises others: remove neutralises")
        return self

    def holds_down(self, rule: str) -> bool:
        """Whether this ceiling names the rule of that id among those that it neutralises."""
        return self.neutralises == "all" or rule in self.neutralises


class RuleExamples(BaseModel):
    """Executed by the tests and by `check`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    applies: tuple[dict[str, Any], ...] = Field(min_length=1)
    does_not_apply: tuple[dict[str, Any], ...] = Field(min_length=1)
    not_known_yet: tuple[dict[str, Any], ...] = ()


class Rule(BaseModel):
    """One file of `playbooks/rules/`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: Text
    why: Text
    references: tuple[str, ...] = Field(min_length=1)
    owner: str
    reviewed_on: date
    status: Literal["active", "draft", "retired"] = "active"
    when: Lines = Field(min_length=1)
    then: Conclusion
    examples: RuleExamples
    known_false_alarms: Text | None = None

    @field_validator("reviewed_on", mode="before")
    @classmethod
    def _day(cls, value: Any) -> Any:
        return value if isinstance(value, str) else str(value)


@dataclass(frozen=True)
class Finding:
    """What one rule concluded in one place, and every line that led to it."""

    rule: Rule
    judgement: Judgement

    @property
    def truth(self) -> Truth:
        """Whether the rule applies: yes, no, or not known yet."""
        return self.judgement.truth


def findings_from(rules: tuple[Rule, ...], facts: Mapping[str, FactValue]) -> tuple[Finding, ...]:
    """Judge every active rule against the facts, in the order of the rules."""
    return tuple(Finding(rule, judge(rule.when, facts)) for rule in rules if rule.status == "active")


@dataclass(frozen=True)
class RiskInterval:
    """From the least to the most that is still reachable."""

    least: RiskLevel
    most: RiskLevel

    def __post_init__(self) -> None:
        if self.least > self.most:
            raise ValueError(f"the least risk {self.least} is above the most {self.most}")

    @property
    def is_decided(self) -> bool:
        """True where only one level is left."""
        return self.least is self.most

    def joined(self, other: "RiskInterval") -> "RiskInterval":
        """The interval of the maximum of two risks."""
        return RiskInterval(max(self.least, other.least), max(self.most, other.most))

    def reaches(self, level: RiskLevel) -> Truth:
        """Is the risk at least this level: yes, no, or both still reachable?"""
        if self.least >= level:
            return Truth.YES
        return Truth.NO if self.most < level else Truth.UNKNOWN


NO_RISK = RiskInterval(RiskLevel.UNLIKELY, RiskLevel.UNLIKELY)
