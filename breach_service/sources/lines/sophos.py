"""Sophos Firewall (XG, SFOS) and the older Sophos UTM: one log entry of `name=value`.

https://docs.sophos.com/nsg/sophos-firewall (syslog guide): `log_type`, `log_component` and `log_subtype` say what it
is, `priority` or `severity` how grave. The UTM names its part in `sub`.
"""

from datetime import datetime

from breach_service.domain.alert import EntityRole, Signal
from breach_service.sources.lines.fields import (
    Fields,
    connection_of,
    first_of,
    instant_in_fields,
    labels_of_fields,
    sides_in,
    things_in,
    user_in,
    words_in,
)
from breach_service.sources.lines.log_event import LogEvent, masked
from breach_service.sources.lines.signals import is_failed_log_in, signal_of_attack, signal_of_message
from breach_service.sources.parts.intrusion import signal_of_signature
from breach_service.sources.parts.severities import severity_of_word

_LABELS = words_in(
    "device_name device_model log_id log_type log_component log_subtype fw_rule_id action status sub sys"
)
_NAMES = words_in("signature_msg threatname threat virus malware name")
_TITLES = words_in("message reason name log_component")
_WORKING = frozenset({"firewall", "sd-wan", "wireless protection", "ssl/tls inspection", "anti-spam", "heartbeat"})
_BLOCKED_PARTS = frozenset({"packetfilter", "http", "smtp", "dns", "ssl"})


def is_of_sophos(fields: Fields) -> bool:
    """True for the members that only a firewall of Sophos writes together."""
    return ("log_type" in fields and "log_component" in fields) or ("sys" in fields and "sub" in fields)


def event_of_sophos(fields: Fields, received_at: datetime) -> LogEvent:
    """The event of one log entry."""
    signal = _signal_of(fields)
    word = first_of(fields, ("severity", "priority"))
    failed = signal is Signal.BRUTE_FORCE
    is_own = fields.get("log_type", "") in ("Event", "System Health") or fields.get("sub") in ("auth", "system")
    number = first_of(fields, ("signature_id", "sid", "threatname", "log_id", "id"))
    return LogEvent(
        title=_title_of(fields),
        signal=signal,
        identity=(
            "sophos",
            number,
            first_of(fields, ("fw_rule_id", "fwrule")),
            masked(first_of(fields, ("message", "name"))) if is_own and not failed else "",
        ),
        sides=sides_in(fields),
        severity=severity_of_word(word),
        vendor_severity=word,
        occurred_at=instant_in_fields(fields, received_at),
        entities=(
            user_in(fields, EntityRole.TARGET if failed else None),
            *(things_in(fields) if signal is not Signal.ROUTINE else ()),
        ),
        labels=labels_of_fields(fields, _LABELS),
        vendor_reference=first_of(fields, ("signature_id", "sid", "log_id", "id")),
        device=first_of(fields, ("device_name", "device_serial_id", "device_id")),
        is_of_device=is_own,
    )


def _title_of(fields: Fields) -> str:
    named = first_of(fields, _NAMES[:-1])
    message = first_of(fields, ("message", "reason"))
    if fields.get("log_type") == "Firewall" or fields.get("sub") == "packetfilter":
        deed = first_of(fields, ("log_subtype", "name", "action"))
        return connection_of(fields, deed) if not message else f"{message.rstrip('.')}: {connection_of(fields, deed)}"
    if named:
        return f"{message.rstrip('.')}: {named}" if message and named not in message else named
    return message or first_of(fields, _TITLES) or connection_of(fields, fields.get("log_type", ""))


def _signal_of(fields: Fields) -> Signal:
    if "sub" in fields and "log_type" not in fields:
        return _signal_of_utm(fields)
    kind, component = fields.get("log_type", "").lower(), fields.get("log_component", "").lower()
    deed, message = fields.get("log_subtype", "").lower(), fields.get("message", "")
    if kind in ("idp", "ips"):
        signature, category = fields.get("signature_msg", ""), fields.get("classification", "")
        found = signal_of_signature(signature, category)
        return signal_of_attack(signature, category, message) if found is Signal.ANOMALY else found
    if kind in ("anti-virus", "atp", "sandbox", "zero-day protection"):
        return Signal.ROUTINE if deed in ("allowed", "clean", "pending") and kind != "atp" else Signal.MALWARE
    if kind in ("waf", "web server protection"):
        return Signal.ROUTINE if deed == "allowed" else Signal.WEB_EXPLOIT
    if kind == "firewall" and component == "dos attack":
        return Signal.UNAVAILABILITY
    if kind == "event":
        return _signal_of_system(component, fields.get("status", "").lower(), message)
    if kind == "content filtering" or kind in _WORKING:
        return Signal.ROUTINE
    return signal_of_message(message)


def _signal_of_system(component: str, status: str, message: str) -> Signal:
    is_access = "authentication" in component or component in ("gui", "cli", "ssh", "api")
    if (is_access and status.startswith("fail")) or is_failed_log_in(message):
        return Signal.BRUTE_FORCE
    if "firewall authentication" in component:
        return Signal.ROUTINE
    if is_access or "vpn" in component:
        return Signal.OPERATIONS
    found = signal_of_message(message)
    return Signal.OPERATIONS if found is Signal.SUSPICIOUS_LOGIN else found


def _signal_of_utm(fields: Fields) -> Signal:
    part, name = fields.get("sub", ""), fields.get("name", "")
    if part == "ips":
        reason, category = fields.get("reason", ""), fields.get("class", "")
        return signal_of_signature(reason, category) if reason else signal_of_attack(name)
    if part == "auth":
        return Signal.BRUTE_FORCE if is_failed_log_in(name) else Signal.OPERATIONS
    if "scan" in name.lower():
        return Signal.SCAN
    if "virus" in name.lower() or fields.get("virus"):
        return Signal.MALWARE
    return Signal.ROUTINE if part in _BLOCKED_PARTS else signal_of_message(name)
