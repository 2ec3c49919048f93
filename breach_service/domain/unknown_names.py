"""What alerts name and no system of the inventory is found by: one question for each name, however many alerts.

A question is about a machine, an address, an application, an account at a provider, or a set of labels. Whoever answers
it says of which system that is, describes a new one, or says that it is not ours or holds no personal data.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from ipaddress import IPv4Address, ip_address, ip_network
from unicodedata import normalize

from breach_service.domain.alert import REAL_STATUSES, Alert, Entity, EntityKind, EntityRole, Signal
from breach_service.domain.inventory import Elsewhere, Inventory, System, SystemMatch, matches
from breach_service.domain.text import Text

MOST_NAMES = 5
"""Names that one alert asks about: one that names fifty machines names a list."""
MOST_SUGGESTED = 3
HOLDS_PERSONAL_DATA = "system.holds_personal_data"


class NameKind(StrEnum):
    """What kind of name it is."""

    HOST = "host"
    ADDRESS = "address"
    APPLICATION = "application"
    ACCOUNT = "account"
    LABELS = "labels"


@dataclass(frozen=True, order=True)
class UnknownName:
    """A name that alerts use; labels are written `key=value, key=value`, sorted."""

    kind: NameKind
    value: str

    @property
    def labels(self) -> dict[str, str]:
        """The labels, where it is a set of them."""
        if self.kind is not NameKind.LABELS:
            return {}
        return {key: value for key, _, value in (one.partition("=") for one in self.value.split(", "))}


_PLACES = ("cluster", "environment", "env", "team", "tenant", "region")
"""Labels that say where something runs; alone they name nothing."""
_WORKLOADS = (
    "namespace", "app", "app_kubernetes_io_name", "app.kubernetes.io/name", "application", "component", "container",
    "daemonset", "deployment", "job", "product", "project", "service", "statefulset",
)  # fmt: skip
_IN_KUBERNETES = "namespace"
_KINDS = {
    EntityKind.HOST: NameKind.HOST,
    EntityKind.ADDRESS: NameKind.ADDRESS,
    EntityKind.APPLICATION: NameKind.APPLICATION,
    EntityKind.ACCOUNT: NameKind.ACCOUNT,
}
"""By what an alert is asked about; the first kind that it names counts."""
_ENTITY = {name: entity for entity, name in _KINDS.items()}


def identifying(labels: Mapping[str, str]) -> dict[str, str]:
    """Those labels that say what runs: they are the same for every alert of it. Empty where none does."""
    named = {key: value for key in _WORKLOADS if (value := labels.get(key, "")) and "," not in value}
    placed = {key: value for key in _PLACES if (value := labels.get(key, "")) and "," not in value}
    return dict(sorted({**named, **placed}.items())) if named else {}


def labels_asked(alert: Alert) -> dict[str, str]:
    """The labels that are to be kept of an alert: those by which it can be asked about and found again later.

    Only where it names nothing else of ours, or runs in Kubernetes, whose machines are called otherwise every day.
    """
    if not alert.labels or (_IN_KUBERNETES not in alert.labels and any(_named(alert))):
        return {}
    return identifying(alert.labels)


def names_asked(alert: Alert) -> tuple[UnknownName, ...]:
    """What is to be asked of an alert that no system is found by; nothing of what is over, a test, or our own."""
    if alert.is_own or alert.status not in REAL_STATUSES or alert.signal is Signal.HEARTBEAT:
        return ()
    labels = labels_asked(alert)
    if labels:
        return (UnknownName(NameKind.LABELS, ", ".join(f"{key}={value}" for key, value in labels.items())),)
    named = list(_named(alert))
    return tuple(dict.fromkeys(one for one in named if one.kind is named[0].kind))[:MOST_NAMES]


def _named(alert: Alert) -> Iterator[UnknownName]:
    """What it names of ours; a machine that did it is somebody else's."""
    for kind, name in _KINDS.items():
        for one in alert.entities:
            if one.kind is kind and one.role is not EntityRole.ACTOR and one.value:
                yield UnknownName(name, one.value)


def alert_naming(name: UnknownName) -> Alert:
    """An alert that names this and nothing else, to ask the inventory with."""
    kind = _ENTITY.get(name.kind)
    entities = (Entity(kind, name.value),) if kind is not None else ()
    return Alert("inventory", "", Signal.ROUTINE, "", entities=entities, labels=name.labels)


def systems_of(name: UnknownName, inventory: Inventory) -> tuple[str, ...]:
    """The systems that are found by a name now, by id."""
    return tuple(one.id for one in inventory.systems_of(alert_naming(name)))


def is_elsewhere(name: UnknownName, inventory: Inventory) -> bool:
    """True if somebody said that it is not ours."""
    alert = alert_naming(name)
    return any(matches(one.match, alert) for one in inventory.elsewhere)


def is_met(name: UnknownName, match: SystemMatch) -> bool:
    """True if alerts that use this name are found by a match."""
    return matches(match, alert_naming(name))


def match_for(name: UnknownName, written: str = "") -> SystemMatch:
    """The match by which alerts are found that use a name.

    `written` is a pattern for a machine, a range for an address, in place of the name itself. Raises ValueError where
    it cannot be read.
    """
    match name.kind:
        case NameKind.HOST:
            return SystemMatch(hosts=((written or name.value).lower(),))
        case NameKind.ADDRESS:
            return SystemMatch(networks=(str(ip_network(written or name.value, strict=False)),))
        case NameKind.APPLICATION:
            return SystemMatch(applications=(written or name.value,))
        case NameKind.ACCOUNT:
            return SystemMatch(accounts=(written or name.value,))
        case NameKind.LABELS:
            return SystemMatch(labels=name.labels)


_LETTERS = re.compile(r"[^*?\[\]!.\s-]")
_WIDEST = {4: 8, 6: 32}
"""Bits that a range must fix, by version of IP."""


def is_too_wide(match: SystemMatch) -> bool:
    """True for a pattern or a range that would swallow what nobody thought of."""
    if any(len(_LETTERS.findall(one)) < 3 for one in match.hosts):
        return True
    networks = [ip_network(one) for one in match.networks]
    return any(one.prefixlen < _WIDEST[one.version] for one in networks)


def with_match(held: SystemMatch, more: SystemMatch) -> SystemMatch | None:
    """A match that finds what either finds; None where both have labels, since all labels of a system must be there."""
    if held.labels and more.labels:
        return None
    lists = ("hosts", "networks", "accounts", "applications")
    joined = {name: tuple(dict.fromkeys((*getattr(held, name), *getattr(more, name)))) for name in lists}
    return SystemMatch(**joined, labels=held.labels or more.labels)


_NUMBERED = re.compile(r"(?:[-_.]?\d+|[-_.](?=[a-z0-9]*\d)[a-z0-9]{4,})$")
_POD = re.compile(r"-[a-z0-9]{8,10}-[a-z0-9]{5}$")
"""The end of a pod's name: of its replica set, and its own."""


def stem_of(host: str) -> str:
    """What machines of one kind have in common: `web-03.example.fr` and `web-4.example.fr` both give `web`."""
    stem = _POD.sub("", host.lower().partition(".")[0])
    while (shorter := _NUMBERED.sub("", stem)) != stem and len(shorter) > 1:
        stem = shorter
    return stem


def pattern_for(name: UnknownName) -> str:
    """A pattern for the machines that are called like this one; empty where its name has no number in it."""
    if name.kind is not NameKind.HOST:
        return ""
    first, dot, domain = name.value.lower().partition(".")
    stem = stem_of(name.value)
    if stem == first or len(_LETTERS.findall(stem)) < 3:
        return ""
    separator = first[len(stem)] if first[len(stem)] in "-_" else ""
    return f"{stem}{separator}*{dot}{domain}"


def suggested_systems(name: UnknownName, inventory: Inventory) -> tuple[str, ...]:
    """The systems that it most likely belongs to, by id, the likeliest first: named alike, or in the same network."""
    scored = ((_likeness(name, one), -place, one.id) for place, one in enumerate(inventory.systems) if not one.valid_to)
    return tuple(one for score, _, one in sorted(scored, reverse=True)[:MOST_SUGGESTED] if score)


def _likeness(name: UnknownName, system: System) -> int:
    match = system.match
    if name.kind is NameKind.ADDRESS:
        return max((_common_bits(name.value, one) for one in match.networks), default=0)
    if name.kind is NameKind.LABELS:
        pairs = {f"{key}={value}" for key, value in match.labels.items()}
        return sum(f"{key}={value}" in pairs for key, value in name.labels.items())
    word = stem_of(name.value) if name.kind is NameKind.HOST else name.value.casefold()
    held = [stem_of(one.rstrip("*?").rstrip("-_.") or one) for one in match.hosts]
    held += [one.casefold() for one in match.applications]
    alike = [2 for one in held if one == word]
    inside = [1 for one in (*held, system.id, system.name.fr.casefold()) if len(word) > 3 and word in one]
    return max((*alike, *inside), default=0)


def _common_bits(address: str, network: str) -> int:
    """1 where both stand in one /24, or one /64 of IPv6."""
    try:
        one, other = ip_address(address), ip_network(network).network_address
    except ValueError:
        return 0
    length = 24 if isinstance(one, IPv4Address) else 64
    return int(one.version == other.version and other in ip_network(f"{one}/{length}", strict=False))


def new_id(wanted: str, taken: Iterable[str]) -> str:
    """An id of that name which is not taken: lower case, digits and dashes."""
    plain = normalize("NFKD", wanted.lower()).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].rstrip("-") or "system"
    held = set(taken)
    numbered = (f"{base}-{number}" for number in range(2, len(held) + 3))
    return next(one for one in (base, *numbered) if one not in held)


def with_name_of(inventory: Inventory, system_id: str, match: SystemMatch) -> Inventory:
    """The inventory in which a system is found by one more match. Raises ValueError where it has other labels."""
    systems = []
    for one in inventory.systems:
        if one.id == system_id:
            both = with_match(one.match, match)
            if both is None:
                raise ValueError("the system is found by other labels already")
            one = one.model_copy(update={"match": both})
        systems.append(one)
    return inventory.model_copy(update={"systems": tuple(systems)})


def with_system(
    inventory: Inventory, name: str, match: SystemMatch, activities: tuple[str, ...] = (), *,
    without_personal_data: str = "", is_in_production: bool = True,
) -> tuple[Inventory, str]:  # fmt: skip
    """The inventory with a new system, and its id. `without_personal_data` is the reason why it holds none.

    A new system of which nobody says what it processes is not taken for one without personal data.
    """
    system_id = new_id(name, (one.id for one in inventory.systems))
    holds = {} if activities else {HOLDS_PERSONAL_DATA: "no" if without_personal_data else "unknown"}
    system = System(
        id=system_id, name=Text(fr=name), match=match, activities=activities, is_in_production=is_in_production,
        description=Text(fr=without_personal_data) if without_personal_data else None, facts=holds,
    )  # fmt: skip
    return inventory.model_copy(update={"systems": (*inventory.systems, system)}), system_id


def with_elsewhere(
    inventory: Inventory, name: str, match: SystemMatch, reason: str, said_by: str, said_on: date
) -> Inventory:  # fmt: skip
    """The inventory in which something is said not to be ours."""
    entry = Elsewhere(
        id=new_id(name, (one.id for one in inventory.elsewhere)), name=name, match=match, reason=reason,
        said_on=said_on, said_by=said_by,
    )  # fmt: skip
    return inventory.model_copy(update={"elsewhere": (*inventory.elsewhere, entry)})
