"""What makes alerts one incident: the key of a problem, the window of time, and the reason of each placement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from breach_service.domain.alert import REAL_STATUSES, Alert, EntityKind, Signal
from breach_service.domain.conditions import FactValue, Truth
from breach_service.domain.facts import parse_range
from breach_service.domain.text import Text


class PlacementReason(StrEnum):
    """Why an alert stands where it stands."""

    OPENED_INCIDENT = "opened_incident"
    SAME_ALERT = "same_alert"
    SAME_KEY = "same_key"
    OBSERVED_BEFORE = "observed_before"
    """Seen before the incident was opened, adopted when it was."""
    NAMES_INCIDENT = "names_incident"
    """One of the service's own alerts, joined to the incident that it names."""
    OPENS_NOTHING = "opens_nothing"
    """A heartbeat, a test, an own alert, an operations or routine message: observed and counted."""
    DECLARED = "declared"


class Grouping(BaseModel):
    """`playbooks/grouping.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Text
    why: Text
    quiet_hours: float = Field(gt=0)
    """An alert joins an open incident of its key if it comes within this time of the incident's last alert."""
    longest_hours: float = Field(gt=0)
    """An incident takes in alerts for this long at most after its first one; then a new one opens."""

    @property
    def quiet(self) -> timedelta:
        """The sliding window."""
        return timedelta(hours=self.quiet_hours)

    @property
    def longest(self) -> timedelta:
        """The longest span of one incident."""
        return timedelta(hours=self.longest_hours)


class SignalType(BaseModel):
    """One entry of `playbooks/signals.yaml`: the words of a signal and what it makes of an incident."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Signal
    label: Text
    means: Text
    opens_incident: bool
    always_tells: bool = False
    """True where people are told even while the sender is under observation."""
    weight: int = Field(ge=0, le=100)
    """The signal of greatest weight names the incident."""
    establishes: dict[str, Any] = Field(default_factory=dict)
    """Facts of the incident that such an alert speaks for, until a person says otherwise."""
    drafts_as: Text | None = None
    """How a letter names it, without any machine word."""


@dataclass(frozen=True)
class OpenIncident:
    """What grouping needs to know of an incident that can still take alerts in."""

    id: int
    reference: str
    group_key: str
    first_alert_at: datetime
    last_alert_at: datetime


@dataclass(frozen=True)
class Placement:
    """Where an alert goes: into an incident, into a new one, or nowhere."""

    reason: PlacementReason
    incident: int | None = None
    opens: bool = False


def group_key_for(alert: Alert, system_ids: tuple[str, ...]) -> str:
    """The key of the problem: our system, else our machine, else where it comes from, else the sender."""
    if system_ids:
        return f"system:{system_ids[0]}"
    for kind, word in (
        (EntityKind.HOST, "host"),
        (EntityKind.ADDRESS, "host"),
        (EntityKind.APPLICATION, "application"),
        (EntityKind.USER, "user"),
        (EntityKind.SOURCE_ADDRESS, "from"),
    ):
        values = alert.values_of(kind)
        if values:
            return f"{word}:{values[0]}"
    return f"source:{alert.source}"


def place(
    alert: Alert, at: datetime, key: str, candidates: tuple[OpenIncident, ...], signals: Mapping[Signal, SignalType],
    grouping: Grouping,
) -> Placement:  # fmt: skip
    """Decide where a new alert goes; `candidates` are the open incidents of its key or that it names."""
    if alert.is_own:
        named = next((one for one in candidates if one.reference == alert.concerns_incident), None)
        if named is None:
            return Placement(PlacementReason.OPENS_NOTHING)
        return Placement(PlacementReason.NAMES_INCIDENT, named.id)
    if alert.signal is Signal.HEARTBEAT or alert.status not in REAL_STATUSES:
        return Placement(PlacementReason.OPENS_NOTHING)
    fitting = [one for one in candidates if one.group_key == key and is_within(one, at, grouping)]
    if fitting:
        return Placement(PlacementReason.SAME_KEY, max(fitting, key=lambda one: one.last_alert_at).id)
    if signals[alert.signal].opens_incident:
        return Placement(PlacementReason.OPENED_INCIDENT, opens=True)
    return Placement(PlacementReason.OPENS_NOTHING)


def is_within(incident: OpenIncident, at: datetime, grouping: Grouping) -> bool:
    """True if an instant falls into the sliding window and the longest span of an incident."""
    after_last = at - incident.last_alert_at
    before_first = incident.first_alert_at - at
    span = max(at, incident.last_alert_at) - min(at, incident.first_alert_at)
    return after_last <= grouping.quiet and before_first <= grouping.quiet and span <= grouping.longest


def established_by_signals(present: set[Signal], signals: Mapping[Signal, SignalType]) -> dict[str, FactValue]:
    """What the signals of an incident speak for, together.

    For one fact yes outweighs unknown and unknown outweighs no; for other words the weightier signal speaks.
    """
    spoken: dict[str, FactValue] = {}
    for signal in sorted(present, key=lambda one: (signals[one].weight, one)):
        for name, raw in signals[signal].establishes.items():
            value = value_of(raw)
            held = spoken.get(name)
            if held is None or outweighs(value, held):
                spoken[name] = value
    return spoken


def value_of(raw: Any) -> FactValue:
    """What a word of the content files means as a value of a fact."""
    match raw:
        case bool():
            return Truth.YES if raw else Truth.NO
        case int() | float() | dict():
            return parse_range(raw)
        case list() | tuple():
            return frozenset(map(str, raw))
        case _:
            return Truth(raw) if raw in tuple(Truth) else str(raw)


def outweighs(value: FactValue, held: FactValue) -> bool:
    """True if one saying of a fact takes the place of another: yes before unknown before no, else the later one."""
    weight = {Truth.NO: 0, Truth.UNKNOWN: 1, Truth.YES: 2}
    if isinstance(value, Truth) and isinstance(held, Truth):
        return weight[value] > weight[held]
    return True
