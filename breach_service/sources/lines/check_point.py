"""Check Point: log entries as Log Exporter writes them in CEF, in its own syslog form, in LEEF or in JSON.

https://support.checkpoint.com/results/sk/sk144192 (log fields). The product (blade) says what kind of entry it is,
`Unknown` is the severity of every entry that is about no threat.
"""

from datetime import datetime

from breach_service.domain.alert import Severity, Signal
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
from breach_service.sources.lines.log_event import LogEvent, masked, severity_of_ten
from breach_service.sources.lines.signals import signal_of_attack, signal_of_message

_ACTIONS = words_in("act action rule_action")
_ATTACKS = words_in("protection_name attack attack_info malware_family threat_name")
_LABELS = words_in("act action product rule_name rule origin layer_name service_id ifname malware_action")
_CHECK_POINT = {
    "protection name": "protection_name",
    "protection id": "protection_id",
    "attack information": "attack_info",
}
_OF_FOUR = {
    "0": Severity.INFO,
    "1": Severity.LOW,
    "2": Severity.MEDIUM,
    "3": Severity.HIGH,
    "4": Severity.CRITICAL,
}
"""Severities of its own log entries; CEF has those of its header."""
_CHECK_POINT_ATTACKS = (
    "smartdefense",
    "ips",
    "anti-bot",
    "anti-virus",
    "anti-malware",
    "threat emulation",
    "threat extraction",
)
_CHECK_POINT_OWN = (
    "smartconsole",
    "web ui",
    "smartdashboard",
    "identity awareness",
    "endpoint",
    "syslog",
    "system monitor",
)


def is_of_check_point(fields: Fields) -> bool:
    """True for the members that only Check Point writes together."""
    return "loguid" in fields and ("product" in fields or "origin" in fields)


def event_of_check_point(fields: Fields, received_at: datetime) -> LogEvent:
    """The event of one log entry of Check Point, as Log Exporter writes it in CEF, in syslog or in JSON."""
    own = {_CHECK_POINT.get(name, name): value for name, value in fields.items()}
    product = own.get("product", "").lower()
    attack = first_of(own, _ATTACKS) or (own.get("name", "") if product.startswith("smartdefense") else "")
    words = " ".join(
        own.get(one, "") for one in ("msg", "name", "description", "operation", "additional_info", "status")
    )
    word = first_of(own, ("cp_severity", "severity"))
    is_raw = "vendor" not in own
    if any(one in product for one in _CHECK_POINT_ATTACKS):
        signal = signal_of_attack(attack, own.get("attack_info", ""), product)
    elif any(one in product for one in _CHECK_POINT_OWN):
        found = signal_of_message(words)
        signal = Signal.OPERATIONS if found in (Signal.ROUTINE, Signal.SUSPICIOUS_LOGIN) else found
    else:
        found = signal_of_message(words) if "log in" in words.lower() or "auth" in words.lower() else Signal.ROUTINE
        signal = Signal.SCAN if "port scan" in words.lower() else found
    return LogEvent(
        title=attack or own.get("msg", "") or connection_of(own, first_of(own, _ACTIONS) or own.get("name", "")),
        signal=signal,
        identity=(
            "check point",
            product,
            attack,
            "" if attack else first_of(own, ("rule_uid", "rule_name")),
            masked(words),
        ),
        sides=sides_in(own),
        severity=_OF_FOUR.get(word, Severity.UNKNOWN) if is_raw and word.isdecimal() else severity_of_ten(word),
        vendor_severity=word,
        occurred_at=instant_in_fields(own, received_at),
        entities=(user_in(own), *(things_in(own) if signal is not Signal.ROUTINE else ())),
        labels=labels_of_fields(own, _LABELS),
        vendor_reference=first_of(own, ("protection_id", "attack_id")),
        device=first_of(own, ("dvchost", "origin")),
        is_of_device=signal is Signal.OPERATIONS,
    )
