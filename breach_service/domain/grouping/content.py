"""`playbooks/grouping.yaml` and `playbooks/signals.yaml`: what the DPO and the responders write about grouping."""

from collections.abc import Iterator
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from breach_service.domain.alert import EntityKind, Signal
from breach_service.domain.conditions import Lines
from breach_service.domain.grouping.board import Role
from breach_service.domain.grouping.strands import HOUR, Grid
from breach_service.domain.text import Text

CUT_AT_HOUR = 4
"""Of the day, UTC: when the fewest attacks and the fewest people are at work in France."""


class LinkKind(StrEnum):
    """What alerts of several systems or senders may have in common."""

    SOURCE_ADDRESS = "source_address"
    USER = "user"
    FILE_HASH = "file_hash"
    DOMAIN = "domain"
    ACCOUNT = "account"
    HOST = "host"


ENTITY_OF_LINK = {one: EntityKind(one.value) for one in LinkKind}


def _network(value: str) -> str:
    """An address, a network (`10.0.0.0/8`), or any other word as it is."""
    try:
        return str(ip_network(value, strict=False))
    except ValueError:
        return value.lower()


class Common(BaseModel):
    """What too many have in common to say anything: it never links."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    values: tuple[Annotated[str, AfterValidator(_network)], ...] = ()
    """Names of users, domains; addresses and networks."""
    seen_with: int = Field(gt=1)
    """Named beside at least so many different systems, …"""
    on_days: int = Field(gt=0)
    """… on at least so many days …"""
    within_days: int = Field(gt=0, le=90)
    """… out of so many before: a scanner, a proxy, a mail gateway."""

    def holds(self, value: str) -> bool:
        """True if a value is in the written list."""
        word = value.lower()
        if word in self.values:
            return True
        try:
            address = ip_address(word)
        except ValueError:
            return False
        return any(address in ip_network(one) for one in self.values if _is_network(one))


def _is_network(value: str) -> bool:
    try:
        ip_network(value)
    except ValueError:
        return False
    return True


class GroupingRule(BaseModel):
    """What alerts of one sort do; the first rule that fits decides."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    why: Text
    when: Lines
    role: Role
    links: bool = True
    """False where it opens an incident for itself and is linked to others by its system only."""


class AlertSort(BaseModel):
    """A sort of alerts that patterns name, so that it is written down once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Text
    when: Lines


class PatternStep(BaseModel):
    """One step of a pattern: alerts of one sort, so many of them within a time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sort: str
    """A name out of `sorts`."""
    at_least: int = Field(default=1, gt=0)
    different: EntityKind | None = None
    """Counts different things of this kind instead of alerts: twenty users tried from one address."""
    within_minutes: int = Field(default=10, gt=0, le=24 * HOUR)
    """The time in which they must come."""
    after_minutes: int | None = Field(default=None, gt=0, le=24 * HOUR)
    """How long after the step before at most; needed from the second step on."""
    absent: bool = False
    """True where it is the absence that counts: the step before, and none of these within `after_minutes`."""


class Pattern(BaseModel):
    """Several alerts that mean more together than each by itself: completed, it opens an incident."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: Text
    why: Text
    by: LinkKind | None = None
    """What they must have in common; None for the system that they are about."""
    steps: tuple[PatternStep, ...] = Field(min_length=1, max_length=5)

    @model_validator(mode="after")
    def _is_a_sequence(self) -> Self:
        for number, step in enumerate(self.steps):
            if number > 0 and step.after_minutes is None:
                raise ValueError(f"step {number + 1} needs after_minutes: how long after the step before at most")
            if number == 0 and (step.after_minutes is not None or step.absent):
                raise ValueError("the first step comes after nothing: take away after_minutes and absent")
            if step.absent and number + 1 < len(self.steps):
                raise ValueError("an absence can only be the last step")
        return self

    @property
    def has_absence(self) -> bool:
        """True where time alone completes it."""
        return self.steps[-1].absent


class Grouping(BaseModel):
    """`playbooks/grouping.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Text
    why: Text
    quiet_minutes: int = Field(gt=0, le=24 * HOUR)
    """Openers of one system that are no further apart belong together."""
    link_minutes: dict[LinkKind, Annotated[int, Field(gt=0, le=48 * HOUR)]] = Field(default_factory=dict)
    """The same for each thing that links systems and senders; what is not named links nothing."""
    around_minutes: int = Field(gt=0)
    """What opens nothing belongs to an incident this long before its first and after its last opener."""
    longest_hours: int = Field(gt=1, le=24 * 14)
    """An incident takes in alerts for this long at most; the cut falls on a fixed hour."""
    late_minutes: int = Field(default=10, gt=0, le=HOUR)
    """How late an alert may be for the grouping to be the same as if it had come in time."""
    common: Common
    rules: tuple[GroupingRule, ...] = ()
    sorts: dict[str, AlertSort] = Field(default_factory=dict)
    """What the steps of the patterns name."""
    patterns: tuple[Pattern, ...] = ()

    def faults(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Where its parts do not fit each other, and a sentence on what would."""
        yield from self._faults_of_time()
        for what, names in (("rules", [one.id for one in self.rules]), ("patterns", [one.id for one in self.patterns])):
            for index, name in enumerate(names):
                if name in names[:index]:
                    yield (what, index, "id"), f"one of the {what} is called {name} already: choose another name"
        for index, pattern in enumerate(self.patterns):
            for number, step in enumerate(pattern.steps):
                if step.sort not in self.sorts:
                    known = ", ".join(sorted(self.sorts)) or "nothing"
                    yield (
                        ("patterns", index, "steps", number, "sort"),
                        (f"there is no {step.sort} under sorts, which has {known}: name one of them, or add it"),
                    )

    def _faults_of_time(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        shortest = min((self.quiet_minutes, *self.link_minutes.values()))
        if 2 * self.around_minutes > shortest:
            yield (
                ("around_minutes",),
                (
                    f"around_minutes is at most half of the shortest quiet time ({shortest // 2}), "
                    "else one alert would belong to two incidents"
                ),
            )
        most = self.longest_hours * HOUR // 3
        links = ((("link_minutes", str(kind)), quiet) for kind, quiet in self.link_minutes.items())
        for where, quiet in ((("quiet_minutes",), self.quiet_minutes), *links):
            if quiet > most:
                yield (
                    where,
                    (
                        f"{where[-1]} is at most a third of longest_hours ({most} minutes), "
                        "else an incident could go on without end"
                    ),
                )

    @property
    def grid(self) -> Grid:
        """Where incidents are cut: cells of two thirds of the longest span, the last half of each carried over."""
        return Grid(self.longest_hours * HOUR * 2 // 3, CUT_AT_HOUR * HOUR)


class SignalType(BaseModel):
    """One entry of `playbooks/signals.yaml`: the words of a signal and what it makes of an incident."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Signal
    label: Text
    means: Text
    opens_incident: bool
    always_tells: bool = False
    """True where people are told even while the sender is under observation."""
    ignores_silences: bool = False
    """True where only a silence that names the signal silences such an alert."""
    weight: int = Field(ge=0, le=100)
    """The signal of greatest weight names the incident."""
    establishes: dict[str, Any] = Field(default_factory=dict)
    """Facts of the incident that such an alert speaks for, until a person says otherwise."""
    drafts_as: Text | None = None
    """How a letter names it, without any machine word."""
