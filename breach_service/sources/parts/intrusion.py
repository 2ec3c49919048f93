"""What network intrusion detection says: the classification of its signatures, and which of two addresses is ours.

Suricata sends it itself; Wazuh, syslog relays and firewalls carry it. Categories are those of `classification.config`
of Suricata 7 (docs.suricata.io, rules/meta.html#classtype), classes those in the names of the Emerging Threats rules.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network

from breach_service.domain.alert import Severity, Signal
from breach_service.sources.parts.entities import address_of
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import text_at, whole_number_at
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words

_TELLING = frozenset({Signal.EXFILTRATION, Signal.WEB_SHELL, Signal.BRUTE_FORCE, Signal.LEAKED_SECRET})
"""What a signature's own words say better than its class does."""

_CLASS = re.compile(r"(?:ET|ETPRO|GPL) ([A-Z0-9_]+) ")

_NAMED = re.compile(r"\b(?:(ET|ETPRO|GPL) ([A-Z0-9_]+)|SURICATA [A-Z0-9]+) .*", re.DOTALL)

_LOOK_UP = re.compile(r"ET(?:PRO)? DNS .*\bQuery (?:for|to) ", re.IGNORECASE)
"""Somebody looked up a name under a little-used top-level domain: by itself everyday."""

_SIGNAL_OF_CLASS: Mapping[str, Signal] = {
    name: signal
    for signal, names in (
        (Signal.SCAN, "SCAN DROP CINS COMPROMISED TOR 3CORESEC"),
        (
            Signal.WEB_EXPLOIT,
            "WEB_SERVER WEB_SPECIFIC_APPS WEB_CLIENT EXPLOIT SHELLCODE SQL ACTIVEX ATTACK_RESPONSE",
        ),
        (
            Signal.MALWARE,
            "MALWARE TROJAN MOBILE_MALWARE WORM COINMINER CNC BOTCC EXPLOIT_KIT CURRENT_EVENTS JA3 ADWARE_PUP",
        ),
        (Signal.UNAVAILABILITY, "DOS"),
        (Signal.ROUTINE, "INFO POLICY HUNTING P2P FILE_SHARING DYN_DNS GAMES CHAT INAPPROPRIATE ICMP ICMP_INFO"),
    )
    for name in names.split()
}

_SIGNAL_OF_CATEGORY: Mapping[str, Signal] = {
    category: signal
    for signal, categories in (
        (
            Signal.ROUTINE,
            (
                "not suspicious traffic",
                "generic protocol command decode",
                "generic icmp event",
                "misc activity",
                "a tcp connection was detected",
                "decode of an rpc query",
                "inappropriate content was detected",
                "potential corporate privacy violation",
                "device retrieving external ip address detected",
            ),
        ),
        (Signal.SCAN, ("attempted information leak", "detection of a network scan")),
        (Signal.DATA_EXPOSURE, ("information leak", "large scale information leak")),
        (
            Signal.WEB_EXPLOIT,
            (
                "web application attack",
                "access to a potentially vulnerable web application",
                "executable code was detected",
                "attempted user privilege gain",
                "unsuccessful user privilege gain",
                "attempted administrator privilege gain",
            ),
        ),
        (
            Signal.PRIVILEGE_CHANGE,
            ("successful user privilege gain", "successful administrator privilege gain"),
        ),
        (
            Signal.MALWARE,
            (
                "a network trojan was detected",
                "malware command and control activity detected",
                "domain observed used for c2 detected",
                "exploit kit activity detected",
                "targeted malicious activity was detected",
                "possibly unwanted program detected",
                "crypto currency mining activity detected",
            ),
        ),
        (
            Signal.UNAVAILABILITY,
            (
                "attempted denial of service",
                "denial of service",
                "detection of a denial of service attack",
            ),
        ),
        (
            Signal.SUSPICIOUS_LOGIN,
            (
                "attempt to login by a default username and password",
                "an attempted login using a suspicious username was detected",
            ),
        ),
        (Signal.LEAKED_SECRET, ("successful credential theft detected",)),
    )
    for category in categories
}

OWN_RANGES = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)
"""Written out, because the `is_private` of Python counts documentation ranges among them."""


@dataclass(frozen=True)
class Sides:
    """The two ends of a connection, as canonical addresses, empty where unknown."""

    own: str = ""
    other: str = ""


def signal_of_signature(signature: str, category: str) -> Signal:
    """What a signature reports, by its category, its class in the rule set and its words; ANOMALY where none tells."""
    by_category = _SIGNAL_OF_CATEGORY.get(category.strip().lower())
    if category.strip().lower() == "not suspicious traffic":
        return Signal.ROUTINE
    by_words = signal_of_words(signature)
    if by_words in _TELLING:
        return by_words
    if signature.startswith("SURICATA "):
        return Signal.ROUTINE
    if by_category is None and by_words in (None, Signal.ANOMALY) and _LOOK_UP.match(signature):
        return Signal.ROUTINE
    named = _CLASS.match(signature)
    by_class = _SIGNAL_OF_CLASS.get(named[1]) if named else None
    return by_class or by_category or by_words or Signal.ANOMALY


def signal_of_named_signature(text: str) -> Signal | None:
    """What a title that carries the name of a signature reports (`ET SCAN …`, `SURICATA TLS …`), else None.

    By the class in the name: a message template of a probe has nothing else. None too where the class tells nothing.
    """
    found = _NAMED.search(text)
    if found is None:
        return None
    tells = found[2] is None or found[2] in _SIGNAL_OF_CLASS or _LOOK_UP.match(found[0])
    return signal_of_signature(found[0], "") if tells else None


def severity_of_signature(alert: Record) -> tuple[Severity, str]:
    """Severity of the `alert` part of an EVE record, and the sender's own word for it.

    The worded `metadata.signature_severity` wins over the number, whose 1 is the worst.
    """
    word = text_at(alert, "metadata", "signature_severity")
    if severity_of_word(word) is not Severity.UNKNOWN:
        return severity_of_word(word), word
    number = whole_number_at(alert, "severity")
    if number is None:
        return Severity.UNKNOWN, word
    by_number = {1: Severity.HIGH, 2: Severity.MEDIUM, 3: Severity.LOW}
    return (by_number.get(number, Severity.INFO) if number > 0 else Severity.UNKNOWN), str(number)


def sides_of(event: Record) -> Sides:
    """Which address of an EVE record is ours: neither source nor destination always is.

    Where exactly one is private, that one; else the target that the rule names; else the server of the flow, which for
    a packet on its way to the client is the packet's source; else the destination.
    """
    source, destination = address_of(text_at(event, "src_ip")) or "", address_of(text_at(event, "dest_ip")) or ""
    own = _own_side(event, source, destination)
    return Sides(own, source if own == destination else destination)


def _own_side(event: Record, source: str, destination: str) -> str:
    if _is_private(source) != _is_private(destination):
        return source if _is_private(source) else destination
    both = (source, destination)
    for path in (("alert", "target", "ip"), ("flow", "dest_ip")):
        named = address_of(text_at(event, *path))
        if named is not None and named in both:
            return named
    return source if text_at(event, "direction") == "to_client" else destination


@lru_cache(maxsize=4096)
def _is_private(address: str) -> bool:
    if not address:
        return False
    known = ip_address(address)
    return any(known in network for network in OWN_RANGES)
