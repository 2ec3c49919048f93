"""How an alert finds the systems that it is about, and why: each find says by what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from breach_service.domain.alert import Alert, EntityKind
from breach_service.domain.inventory.systems import System, SystemMatch


class MatchReason(IntEnum):
    """By what a system was found, the surest first."""

    HOST = 1
    """Its name, written out."""
    HOST_PATTERN = 2
    """A name with wildcards."""
    NETWORK = 3
    """An address in one of its ranges."""
    LABELS = 4
    """All of its labels."""
    ACCOUNT = 5
    """Its account at a cloud provider."""
    APPLICATION = 6
    """The name of its application."""


@dataclass(frozen=True)
class Found:
    """Why an alert is about a system: what the inventory says, and what the alert said."""

    reason: MatchReason
    rule: str
    """As the inventory writes it: a name, a pattern, a range, labels (`key=value, …`), an account."""
    value: str
    """What of the alert it met."""


@dataclass(frozen=True)
class FoundSystem:
    """A system, and why the alert is about it."""

    system: System
    found: Found


def found_by(match: SystemMatch, alert: Alert) -> Found | None:
    """The surest reason why an alert is about the system with this match; None where there is none."""
    return next(_finds(match, alert), None)


def matches(match: SystemMatch, alert: Alert) -> bool:
    """True if the alert names a host, an address, the labels, an account or an application of this system."""
    return found_by(match, alert) is not None


def systems_found(systems: Iterable[System], alert: Alert) -> tuple[FoundSystem, ...]:
    """Every system that an alert is about, the surest find first, then the narrower range, then as written.

    None is passed over for a surer one: an alert may be about several, and a doubt must not lose a client.
    """
    found = [FoundSystem(one, why) for one in systems if (why := found_by(one.match, alert)) is not None]
    return tuple(sorted(found, key=lambda one: (one.found.reason, _width(one.found))))


def _width(found: Found) -> int:
    """How many further bits a range leaves open; 0 for what is no range."""
    if found.reason is not MatchReason.NETWORK:
        return 0
    network = ip_network(found.rule)
    return network.max_prefixlen - network.prefixlen


def _finds(match: SystemMatch, alert: Alert) -> Iterator[Found]:
    hosts = alert.values_of(EntityKind.HOST)
    if match.hosts and hosts:
        for reason, is_pattern in ((MatchReason.HOST, False), (MatchReason.HOST_PATTERN, True)):
            patterns = [one for one in match.hosts if _has_wildcards(one) is is_pattern]
            yield from (Found(reason, one, host) for one in patterns for host in hosts if _is_host(one, host))
    if match.networks:
        for address in alert.values_of(EntityKind.ADDRESS):
            within = [one for one in match.networks if _is_in(one, address)]
            narrowest = sorted(within, key=lambda one: -ip_network(one).prefixlen)
            yield from (Found(MatchReason.NETWORK, one, address) for one in narrowest)
    if match.labels and all(alert.labels.get(key) == value for key, value in match.labels.items()):
        said = ", ".join(f"{key}={value}" for key, value in match.labels.items())
        yield Found(MatchReason.LABELS, said, said)
    yield from _named(MatchReason.ACCOUNT, match.accounts, alert.values_of(EntityKind.ACCOUNT))
    yield from _named(MatchReason.APPLICATION, match.applications, alert.values_of(EntityKind.APPLICATION))


def _named(reason: MatchReason, ours: Iterable[str], said: tuple[str, ...]) -> Iterator[Found]:
    for one in ours:
        yield from (Found(reason, one, value) for value in said if one.casefold() == value.casefold())


def _has_wildcards(pattern: str) -> bool:
    return any(sign in pattern for sign in "*?[")


def _is_host(pattern: str, host: str) -> bool:
    pattern, host = pattern.lower(), host.lower()
    return fnmatchcase(host, pattern) or fnmatchcase(host.split(".", 1)[0], pattern)


@lru_cache(maxsize=4096)
def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text)


def _is_in(network: str, address: str) -> bool:
    try:
        return ip_address(address) in _network(network)
    except ValueError:
        return False
