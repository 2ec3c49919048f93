"""One normalised event from one source, and the closed words it may use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import ClassVar


class Signal(StrEnum):
    """What an alert reports: the closed list of `playbooks/signals.yaml`, which gives the words and the effects."""

    SCAN = "scan"
    BRUTE_FORCE = "brute_force"
    SUSPICIOUS_LOGIN = "suspicious_login"
    WEB_EXPLOIT = "web_exploit"
    WEB_SHELL = "web_shell"
    PRIVILEGE_CHANGE = "privilege_change"
    EXFILTRATION = "exfiltration"
    MALWARE = "malware"
    LEAKED_SECRET = "leaked_secret"  # noqa: S105  # a word, not a secret
    DATA_EXPOSURE = "data_exposure"
    VULNERABILITY = "vulnerability"
    INTEGRITY_CHANGE = "integrity_change"
    BACKUP_FAILED = "backup_failed"
    UNAVAILABILITY = "unavailability"
    ANOMALY = "anomaly"
    DECLARED = "declared"
    """Reported by a person."""
    HEARTBEAT = "heartbeat"
    """A sender saying that it is alive (`Watchdog`): opens nothing, feeds the silent-source alarm."""
    OPERATIONS = "operations"
    """About the running of machines, not about an attack: context only."""
    ROUTINE = "routine"
    """What a source says all day: observed, opens nothing."""


class AlertClass(StrEnum):
    """What an alert is about, in the widest words."""

    SECURITY = "security"
    AVAILABILITY = "availability"
    OPERATIONS = "operations"
    HEARTBEAT = "heartbeat"


_CLASS_OF_SIGNAL: Mapping[Signal, AlertClass] = {
    Signal.UNAVAILABILITY: AlertClass.AVAILABILITY,
    Signal.BACKUP_FAILED: AlertClass.AVAILABILITY,
    Signal.OPERATIONS: AlertClass.OPERATIONS,
    Signal.ROUTINE: AlertClass.OPERATIONS,
    Signal.HEARTBEAT: AlertClass.HEARTBEAT,
}


def class_of(signal: Signal) -> AlertClass:
    """The class of a signal; what is none of the other three is about security."""
    return _CLASS_OF_SIGNAL.get(signal, AlertClass.SECURITY)


class Severity(StrEnum):
    """Normalised severity; a sender that gives none stays UNKNOWN, it never becomes LOW."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class AlertStatus(StrEnum):
    """What the sender says of the problem. Resolved is not closed: people close incidents."""

    FIRING = "firing"
    RESOLVED = "resolved"
    TEST = "test"
    """A test button, or an operator's own trial: kept, counted, opens and joins nothing."""
    HANDSHAKE = "handshake"
    """What a sender says once to be let speak (a ping, a subscription): kept, opens and joins nothing."""


REAL_STATUSES = frozenset({AlertStatus.FIRING, AlertStatus.RESOLVED})
"""The statuses of alerts that are about something."""


class EntityKind(StrEnum):
    """What kind of thing an alert names."""

    HOST = "host"
    """A machine of ours, by name."""
    ADDRESS = "address"
    """An IP address of ours (the target)."""
    SOURCE_ADDRESS = "source_address"
    """The IP address that the activity comes from (or goes to, for exfiltration)."""
    USER = "user"
    APPLICATION = "application"
    FILE = "file"
    FILE_HASH = "file_hash"
    DOMAIN = "domain"
    URL = "url"
    PROCESS = "process"
    ACCOUNT = "account"
    """An account at a provider: a cloud account, a tenant, an organisation of a forge."""


class EntityRole(StrEnum):
    """The part that a thing plays in what an alert says."""

    TARGET = "target"
    """Ours: what it happened to."""
    ACTOR = "actor"
    """Who or what did it."""
    INVOLVED = "involved"
    """Named beside."""


DEFAULT_ROLE: Mapping[EntityKind, EntityRole] = {
    EntityKind.HOST: EntityRole.TARGET,
    EntityKind.ADDRESS: EntityRole.TARGET,
    EntityKind.SOURCE_ADDRESS: EntityRole.ACTOR,
    EntityKind.APPLICATION: EntityRole.TARGET,
    EntityKind.ACCOUNT: EntityRole.TARGET,
}
"""Where the sender does not say; every other kind is INVOLVED."""


@dataclass(frozen=True, order=True)
class Entity:
    """One thing that an alert names; host names are lower case, addresses in their canonical form."""

    kind: EntityKind
    value: str
    said_role: EntityRole | None = field(default=None, compare=False)
    """The role that the sender gives it; two mentions of one thing are one thing, whatever their roles."""

    @property
    def role(self) -> EntityRole:
        """The part that it plays: as said, else the usual one of its kind."""
        return self.said_role or DEFAULT_ROLE.get(self.kind, EntityRole.INVOLVED)


@dataclass(frozen=True)
class Alert:
    """One normalised event. `occurred_at` is the sender's time in UTC, None where it gives none that can be used."""

    source: str
    title: str
    signal: Signal
    fingerprint: str
    """Identity of the problem (not of the delivery): the same thing said again has the same fingerprint."""
    severity: Severity = Severity.UNKNOWN
    vendor_severity: str = ""
    """The sender's own words for its severity, verbatim."""
    status: AlertStatus = AlertStatus.FIRING
    occurred_at: datetime | None = None
    entities: tuple[Entity, ...] = ()
    """Sorted, without doubles."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """The sender's own labels, for matching against the inventory."""
    summary: str = ""
    vendor_reference: str = ""
    """What the sender calls it (a number, an id), for people who look it up there."""
    link: str = ""
    """Address of its page at the sender, http or https; empty where it gives none."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Facts of `playbooks/facts.yaml` that the alert itself speaks for, by name; a person's word outweighs them."""
    concerns_incident: str | None = None
    """Reference of the incident that one of the service's own alerts names; such an alert never opens one."""
    is_own: bool = False
    """True for alerts that the service's own Prometheus rules raise about the service."""

    likeness: ClassVar[object | None] = None
    """One object for all alerts that differ in fingerprint, status and instant alone; None where that is unknown.

    What follows from the rest of them may be remembered by it. No field: a copy with other words has none.
    """

    def __post_init__(self) -> None:
        if self.occurred_at is not None and self.occurred_at.tzinfo is None:
            raise ValueError(f"occurred_at has no time zone: {self.occurred_at}")

    @property
    def alert_class(self) -> AlertClass:
        """What it is about, in the widest words."""
        return class_of(self.signal)

    def values_of(self, kind: EntityKind) -> tuple[str, ...]:
        """The values of one kind of entity, in order."""
        return self._values.get(kind, ())

    def said_again(self, fingerprint: str, status: AlertStatus, occurred_at: datetime | None) -> "Alert":
        """The same, said of another problem or at another instant (aware); it has the likeness of this one."""
        known = self.__dict__
        if "likeness" not in known:
            known["likeness"] = object()
            _ = self.named, self._values
        # Past __init__, which sets every field of a frozen object by itself; what was found out before comes along.
        other = object.__new__(Alert)
        other.__dict__.update(known, fingerprint=fingerprint, status=status, occurred_at=occurred_at)
        return other

    @cached_property
    def named(self) -> tuple[tuple[str, str, str], ...]:
        """Its entities as plain texts: kind, value and role."""
        return tuple((str(one.kind), one.value, str(one.role)) for one in self.entities)

    @cached_property
    def _values(self) -> dict[EntityKind, tuple[str, ...]]:
        """By kind: it is asked for many times over."""
        found: dict[EntityKind, tuple[str, ...]] = {}
        for entity in self.entities:
            found[entity.kind] = (*found.get(entity.kind, ()), entity.value)
        return found


EARLIEST_CREDIBLE = datetime(2000, 1, 1, tzinfo=UTC)


def instant_of(alert: Alert, received_at: datetime) -> datetime:
    """When it happened: the sender's time, unless it is absent, zero or in the future; then the receipt, in UTC."""
    return credible_instant(alert.occurred_at, received_at)


def credible_instant(occurred_at: datetime | None, received_at: datetime) -> datetime:
    """As `instant_of`, by the sender's time alone."""
    if occurred_at is None or occurred_at < EARLIEST_CREDIBLE or occurred_at > received_at:
        return received_at.astimezone(UTC)
    return occurred_at.astimezone(UTC)


CLOCK_TOLERANCE = timedelta(days=1)
"""How far a sender's clock may be behind ours: an alert may have waited for a day in a queue."""
FUTURE_TOLERANCE = timedelta(minutes=5)
"""How far it may be ahead."""


def is_clock_off(said_at: datetime | None, received_at: datetime) -> bool:
    """True if the sender's time and ours disagree by more than waiting explains; the alert is kept all the same."""
    return said_at is not None and not (received_at - CLOCK_TOLERANCE <= said_at <= received_at + FUTURE_TOLERANCE)
