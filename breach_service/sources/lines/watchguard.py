"""WatchGuard Firebox: `msg_id="3000-0173" Deny 0-External Firebox 52 tcp 20 114 203.0.113.9 10.0.0.5 51413 445 …`.

Fireware Log Message Catalog, on www.watchguard.com: the number of the message, its action, then for traffic the
interfaces, the protocol and the two ends by their place, then `name="value"`, then the policy in brackets.
"""

import re

from breach_service.domain.alert import EntityKind, EntityRole, Severity, Signal
from breach_service.sources.lines.fields import lowered, origin_in, sides_between, user_in_sentence
from breach_service.sources.lines.key_values import pairs_in
from breach_service.sources.lines.log_event import LogEvent, connection_in_words, end_of, masked, user_of
from breach_service.sources.lines.signals import signal_of_attack, signal_of_message
from breach_service.sources.lines.syslog import SyslogLine
from breach_service.sources.parts.entities import address_of, entities_of
from breach_service.sources.parts.intrusion import Sides

_LINE = re.compile(r"msg_id=\"(?P<id>[0-9A-F]{2,4}-[0-9A-F]{2,4})\" (?P<rest>.*)", re.ASCII | re.DOTALL)
_TRAFFIC = re.compile(
    r"(?P<deed>(?:[A-Z][\w-]{1,20} )?(?:Allow|Deny|Block|Proxy\w{1,12}))\b.{0,160}? (?P<protocol>[a-z][\w/-]{1,20})"
    r"(?: \d{1,6}){0,3} (?P<source>[0-9A-Fa-f:.]{3,46}) (?P<destination>[0-9A-Fa-f:.]{3,46})"
    r"(?: (?P<source_port>\d{1,5}) (?P<port>\d{1,5})(?= |$))?",
    re.ASCII,
)
_POLICY = re.compile(r"\(([^()]{1,120})\)\s*$")
_NAMES = ("signature_name", "virus", "malware", "threat_name", "botnet", "rule_name")
_OF_FIVE = {
    "1": Severity.INFO,
    "2": Severity.LOW,
    "3": Severity.MEDIUM,
    "4": Severity.HIGH,
    "5": Severity.CRITICAL,
}
"""Threat levels of signatures: information, low, medium, high, critical."""


def event_of_watchguard(line: SyslogLine) -> LogEvent | None:
    """The event of one line; None where it is none of a Firebox."""
    found = _LINE.match(line.message)
    if found is None:
        return None
    traffic = _TRAFFIC.match(found["rest"])
    ends = [address_of(traffic[end]) for end in ("source", "destination")] if traffic else []
    if traffic is None or not all(ends):
        return _of_itself(found["id"], found["rest"])
    return _of_traffic(found["id"], found["rest"], traffic)


def _of_traffic(number: str, rest: str, traffic: re.Match[str]) -> LogEvent:
    fields = lowered(pairs_in(rest))
    name = next((fields[one] for one in _NAMES if fields.get(one)), "")
    policy, level = _POLICY.search(rest), fields.get("severity", "") if name else ""
    words = connection_in_words(
        traffic["deed"],
        traffic["protocol"],
        end_of(traffic["source"], traffic["source_port"] or ""),
        end_of(traffic["destination"], traffic["port"] or ""),
    )
    said = fields.get("msg", "") or fields.get("reason", "")
    is_virus = bool(fields.get("virus") or fields.get("malware") or fields.get("botnet"))
    told = signal_of_attack(name, fields.get("signature_cat", "")) if name else Signal.ROUTINE
    return LogEvent(
        title=": ".join(one for one in (said, name) if one) or words,
        signal=Signal.MALWARE if is_virus else told,
        identity=("watchguard", number, fields.get("signature_id", "") or name, policy[1] if policy else ""),
        sides=sides_between(address_of(traffic["source"]) or "", address_of(traffic["destination"]) or ""),
        severity=_OF_FIVE.get(level, Severity.UNKNOWN),
        vendor_severity=level,
        entities=(
            user_of(fields.get("src_user", "")),
            *(entities_of(EntityKind.DOMAIN, [fields.get("dstname", "")]) if name else ()),
            *entities_of(EntityKind.FILE, [fields.get("filename", "")]),
            *entities_of(EntityKind.FILE_HASH, [fields.get("md5", "")]),
        ),
        labels={"message_id": number, "policy": policy[1] if policy else "", "action": traffic["deed"]},
        vendor_reference=fields.get("signature_id", "") or number,
    )


def _of_itself(number: str, rest: str) -> LogEvent:
    """What the Firebox says of itself and of those who log in."""
    signal = signal_of_message(rest)
    failed = signal is Signal.BRUTE_FORCE
    return LogEvent(
        title=rest,
        signal=signal,
        identity=("watchguard", number, "" if failed else masked(rest)),
        sides=Sides("", origin_in(rest)),
        entities=(user_of(user_in_sentence(rest), EntityRole.TARGET if failed else None),),
        labels={"message_id": number},
        vendor_reference=number,
        is_of_device=True,
    )
