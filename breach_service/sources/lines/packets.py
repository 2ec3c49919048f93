"""Lines about single packets and connections: netfilter of Linux, pfSense and OPNsense, Snort and Suricata alerts.

https://docs.suricata.io/en/latest/output (fast log), netfilter's `nf_log_syslog`. What a firewall dropped or let
through is its daily work; only where its own rule says that somebody scans does it say more.
"""

import re

from breach_service.domain.alert import EntityKind, Severity, Signal
from breach_service.sources.lines.fields import sides_between
from breach_service.sources.lines.filterlog import packet_of
from breach_service.sources.lines.log_event import LogEvent, connection_in_words, end_of, masked
from breach_service.sources.lines.signals import signal_of_attack
from breach_service.sources.lines.syslog import SyslogLine
from breach_service.sources.parts.entities import address_of, entity
from breach_service.sources.parts.intrusion import signal_of_signature

_MEMBER = re.compile(r"\b(IN|OUT|SRC|DST|PROTO|SPT|DPT)=(\S*)", re.ASCII)
_UPTIME = re.compile(r"^\s*\[\s*\d+\.\d+\]\s*", re.ASCII)
_FAST = re.compile(
    r"\[(?P<gid>\d{1,10}):(?P<sid>\d{1,12}):(?P<rev>\d{1,10})\]\s*\"?(?P<signature>[^\[{]{1,400})"
    r"(?P<rest>.{0,600}?)(?:\{(?P<protocol>[\w:-]{1,20})\}\s*(?P<source>\S{1,64}) -> (?P<destination>\S{1,64})|$)",
    re.ASCII | re.DOTALL,
)
_CLASSIFICATION = re.compile(r"\[Classification: ([^\]]{0,120})\]", re.ASCII)
_PRIORITY = re.compile(r"\[Priority: (\d{1,2})\]", re.ASCII)
_OF_PRIORITY = {"1": Severity.HIGH, "2": Severity.MEDIUM, "3": Severity.LOW}
_PORTED = frozenset({"TCP", "UDP", "SCTP"})
_DEEDS = {"block": "blocked", "pass": "passed", "reject": "rejected", "rdr": "redirected", "nat": "translated"}


def event_of_filterlog(line: SyslogLine) -> LogEvent | None:
    """One line of pfSense or OPNsense; None where it is none."""
    text = line.message.removeprefix("filterlog:").lstrip()
    packet = packet_of(text) if "," in text[:80] else None
    if packet is None:
        return None
    words = connection_in_words(
        _DEEDS.get(packet.action, packet.action),
        packet.protocol,
        end_of(packet.source, packet.source_port),
        end_of(packet.destination, packet.destination_port),
    )
    return LogEvent(
        title=f"{words} ({packet.interface} {packet.direction})",
        signal=Signal.ROUTINE,
        identity=("filterlog", packet.rule, packet.action, packet.protocol),
        sides=sides_between(address_of(packet.source) or "", address_of(packet.destination) or ""),
        labels={"rule": packet.rule, "action": packet.action, "interface": packet.interface},
    )


def event_of_netfilter(line: SyslogLine) -> LogEvent | None:
    """One line of the kernel's packet filter (iptables, nftables, UFW); None where it is none."""
    text = line.message
    if "SRC=" not in text or "DST=" not in text:
        return None
    members: dict[str, str] = {}
    for name, value in _MEMBER.findall(text):
        members.setdefault(name, value)
    first = text.find("IN=") if "IN=" in text else text.find("SRC=")
    prefix = _UPTIME.sub("", text[:first]).strip(" :-[]")
    scans = "scan" in prefix.lower() or "portscan" in prefix.lower()
    flooded = "flood" in prefix.lower()
    words = connection_in_words(
        "",
        members.get("PROTO", ""),
        end_of(members.get("SRC", ""), members.get("SPT", "")),
        end_of(members.get("DST", ""), members.get("DPT", "")),
    )
    return LogEvent(
        title=f"{prefix}: {words}" if prefix else words,
        signal=Signal.SCAN if scans else Signal.UNAVAILABILITY if flooded else Signal.ROUTINE,
        identity=("netfilter", masked(prefix), members.get("PROTO", "")),
        sides=sides_between(address_of(members.get("SRC", "")) or "", address_of(members.get("DST", "")) or ""),
        labels={"rule": prefix, "interface": members.get("IN", "") or members.get("OUT", "")},
        # Without a way out the packet was for the machine itself, with one for another behind it.
        entities=(
            entity(EntityKind.HOST, line.host)
            if members.get("IN") and "OUT" in members and not members["OUT"]
            else None,
        ),
    )


def event_of_fast_log(line: SyslogLine) -> LogEvent | None:
    """One line of Snort's or Suricata's fast log; None where it is none."""
    found = _FAST.search(line.message[:4000]) if "[" in line.message[:200] else None
    if found is None:
        return None
    signature = found["signature"].strip().strip('"').strip()
    category, priority = _CLASSIFICATION.search(found["rest"]), _PRIORITY.search(found["rest"])
    if not (category or priority or found["protocol"]):
        return None  # a time in brackets, such as `[00:00:00]`, looks the same
    number = f"{found['gid']}:{found['sid']}"
    signal = signal_of_signature(signature, category[1] if category else "")
    if signal is Signal.ANOMALY and not category:
        signal = signal_of_attack(signature)
    return LogEvent(
        title=signature or number,
        signal=signal,
        identity=("signature", number),
        sides=sides_between(_address(found, "source"), _address(found, "destination")),
        severity=_OF_PRIORITY.get(priority[1], Severity.INFO) if priority else Severity.UNKNOWN,
        vendor_severity=priority[1] if priority else "",
        labels={
            "signature_id": number,
            "category": category[1] if category else "",
            "action": "drop" if "[Drop]" in line.message[:200] or "[drop]" in line.message[:200] else "",
        },
        vendor_reference=number,
    )


def _address(found: re.Match[str], side: str) -> str:
    written = found[side] or ""
    if (found["protocol"] or "").upper() in _PORTED and ":" in written:
        # Addresses of version 6 stand without brackets before the port.
        bare = address_of(written.rpartition(":")[0])
        if bare is not None:
            return bare
    return address_of(written) or ""
