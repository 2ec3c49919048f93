"""Cisco Meraki MX, MR and MS: `1 1795370400.774 MX84 security_event ids_alerted signature=1:28423:1 …`.

Syslog Event Types and Log Samples, and Syslog Server Overview, on documentation.meraki.com. The time is in seconds
since 1970 with decimals, the version stands before it where the relay kept it. Every line has the same priority of
syslog, which says nothing; that of a signature is Snort's, 1 the worst.
"""

import re
from datetime import datetime

from breach_service.domain.alert import EntityKind, EntityRole, Severity, Signal
from breach_service.sources.lines.fields import Fields, connection_of, first_of, lowered, sides_in
from breach_service.sources.lines.key_values import pairs_in
from breach_service.sources.lines.log_event import LogEvent, masked, user_of
from breach_service.sources.lines.signals import is_failed_log_in, signal_of_attack
from breach_service.sources.lines.syslog import SyslogLine
from breach_service.sources.parts.entities import address_of, entities_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.intrusion import Sides, signal_of_signature

_LINE = re.compile(
    r"(?:1 )?(?P<at>\d{10}(?:\.\d{1,9})?) (?P<device>\S{1,128}) (?P<kind>security_event|ids-alerts|events|flows|urls"
    r"|airmarshal_events|ip_flow_start|ip_flow_end|(?:\w{1,40}_)?firewall)(?: (?P<rest>.*)|$)",
    re.ASCII | re.DOTALL,
)
_SIGNATURE = re.compile(r"(\d{1,10}:\d{1,12})(?::\d{1,10})?", re.ASCII)
_PEER = re.compile(r"\b(?:peer ip|peer_contact|connected from|remote_ip)[ =]'?([0-9A-Fa-f:.]{3,64})", re.ASCII | re.I)
_USER = re.compile(r"\b(?:user id|user|identity)[ =\[]'?([\w.@\\-]{1,128})", re.ASCII | re.I)
_OF_LINKS = ("vpn_", "anyconnect_vpn_connect", "client_vpn", "failover", "cellular", "port")
_OF_PRIORITY = {"1": Severity.HIGH, "2": Severity.MEDIUM, "3": Severity.LOW, "4": Severity.INFO}
_DEEDS = {"0": "allow", "1": "deny", "allow": "allow", "deny": "deny"}
"""What the pattern of a flow begins with; numbers are those of rules for what comes in."""
_INSPECTIONS = ("security_event", "ids-alerts")


def event_of_meraki(line: SyslogLine) -> LogEvent | None:
    """The event of one line; None where it is none of Meraki."""
    found = _LINE.match(line.message)
    if found is None:
        return None
    rest = (found["rest"] or "").replace("msg= '", "msg='")
    fields = lowered(pairs_in(rest))
    at = instant_in(first_of(fields, ("timestamp",))) or instant_in(found["at"])
    if found["kind"] in _INSPECTIONS:
        return _of_inspection(found["device"], rest, fields, at)
    if found["kind"] in ("events", "airmarshal_events"):
        return _of_event(found["device"], rest, fields, at)
    written = rest.rpartition("pattern: ")[2] if "pattern: " in rest else rest
    deed = _DEEDS.get(written.partition(" ")[0].lower(), "")
    words = connection_of(fields, deed)
    return LogEvent(
        title=f"{found['kind']}: {words}".strip(": "),
        signal=Signal.ROUTINE,
        identity=("meraki", found["kind"], deed),
        sides=sides_in(fields),
        occurred_at=at,
        labels={"pattern": written if "pattern: " in rest else ""},
        device=found["device"],
    )


def _of_inspection(device: str, rest: str, fields: Fields, at: datetime | None) -> LogEvent:
    """What the intrusion prevention (Snort) or the protection against malware (AMP) found."""
    numbered = _SIGNATURE.match(fields.get("signature", ""))
    number, priority = numbered[1] if numbered else "", fields.get("priority", "")
    name = rest.partition("message: ")[2].strip()
    if not numbered:
        return _of_file(device, rest, fields, at)
    return LogEvent(
        title=name or f"Snort {number}",
        signal=signal_of_signature(name, "") if name else Signal.ANOMALY,
        identity=("signature", number),
        sides=sides_in(fields),
        severity=_OF_PRIORITY.get(priority, Severity.UNKNOWN),
        vendor_severity=priority,
        occurred_at=at,
        labels={"signature_id": number, "direction": fields.get("direction", ""), "action": fields.get("decision", "")},
        vendor_reference=number,
        device=device,
    )


def _of_file(device: str, rest: str, fields: Fields, at: datetime | None) -> LogEvent:
    disposition, digest = fields.get("disposition", ""), fields.get("sha256", "")
    is_bad = disposition == "malicious"
    name = fields.get("name", "") or fields.get("url", "") or digest
    return LogEvent(
        title=f"{(disposition or 'file').capitalize()}: {name} ({fields.get('action', 'seen')})" if name else rest,
        signal=Signal.MALWARE if is_bad else Signal.ROUTINE,
        identity=("meraki", "file", digest or masked(name)),
        sides=sides_in(fields),
        vendor_severity=disposition,
        occurred_at=at,
        entities=(
            *entities_of(EntityKind.FILE_HASH, [digest]),
            *entities_of(EntityKind.URL, [fields.get("url", "")] if is_bad else []),
        ),
        labels={"action": fields.get("action", ""), "disposition": disposition},
        device=device,
    )


def _of_event(device: str, rest: str, fields: Fields, at: datetime | None) -> LogEvent:
    """Log-ins, tunnels, wireless clients; only who is refused and who imitates a network is more than daily work."""
    kind = fields.get("type", "") or rest.partition(" ")[0]
    said = fields.get("msg", "") or rest.partition(" ")[2]
    title = f"{kind}: {said}" if said and fields.get("type") else rest
    words = f"{kind.replace('_', ' ')} {said}"
    is_refused = is_failed_log_in(words) and "deauth" not in kind
    signal = Signal.BRUTE_FORCE if is_refused else Signal.ROUTINE
    if not is_refused and kind.lower().startswith(_OF_LINKS):
        signal = Signal.OPERATIONS
    if "spoof" in kind or "attack" in kind or "flood" in kind:
        signal = signal_of_attack(words)
    peer, user = _PEER.search(rest[:2000]), _USER.search(rest[:2000])
    return LogEvent(
        title=title or "Meraki event",
        signal=signal,
        identity=("meraki", kind, "" if is_refused else masked(said)),
        sides=Sides(
            "", (address_of(peer[1].rstrip(":.")) or address_of(peer[1].partition(":")[0]) or "") if peer else ""
        ),
        occurred_at=at,
        entities=(user_of(user[1], EntityRole.TARGET if is_refused else None) if user else None,),
        device=device,
        is_of_device=True,
    )
