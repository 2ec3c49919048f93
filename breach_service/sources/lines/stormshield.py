"""Stormshield Network Security: one log entry of `name=value`, its kind in `logtype`, its messages often in French.

https://documentation.stormshield.eu/SNS (description of audit logs): `time` and `startime` are local and stand in the
zone of `tz`, `pri` is 0 (emergency) to 7, `classification` 1 is malware.
"""

from datetime import datetime

from breach_service.domain.alert import EntityRole, Severity, Signal
from breach_service.sources.lines.fields import (
    Fields,
    connection_of,
    first_of,
    labels_of_fields,
    sides_in,
    things_in,
    user_in,
    words_in,
)
from breach_service.sources.lines.log_event import LogEvent, masked, severity_of_syslog
from breach_service.sources.lines.signals import is_failed_log_in, signal_of_attack, signal_of_message
from breach_service.sources.parts.written_dates import written_instant, zone_of

_LABELS = words_in("fw logtype alarmid class classification action ruleid rulename risk repeat domain sandboxinglevel")
_ABOUT_IT = frozenset({"system", "server", "auth", "xvpn", "vpn", "monitor", "count", "authstat", "routerstat"})
_MALWARE_CLASS = "1"
_MAJOR = 1
"""Alarms are major (1) or minor (4)."""
_COMMANDS = ("config ", "system ", "ha ", "pki ", "user ")


def is_of_stormshield(fields: Fields) -> bool:
    """True for the members that only Stormshield writes together."""
    return "startime" in fields and ("logtype" in fields or "fw" in fields)


def event_of_stormshield(fields: Fields, received_at: datetime) -> LogEvent:
    """The event of one log entry."""
    kind, signal = fields.get("logtype", ""), _signal_of(fields)
    failed = signal is Signal.BRUTE_FORCE
    about_it = kind in _ABOUT_IT or fields.get("class") == "system"
    priority = fields.get("pri", "")
    zone = zone_of(fields.get("tz", ""))
    said = (written_instant(fields.get(name, ""), received_at, zone) for name in ("startime", "time"))
    words = "" if failed else masked(fields.get("msg", ""))
    return LogEvent(
        title=_title_of(fields),
        signal=signal,
        identity=("stormshield", kind, fields.get("alarmid", ""), fields.get("ruleid", ""), words),
        sides=sides_in(fields),
        severity=severity_of_syslog(int(priority)) if priority in tuple("01234567") else Severity.UNKNOWN,
        vendor_severity=priority,
        occurred_at=next((one for one in said if one is not None), None),
        entities=(
            user_in(fields, EntityRole.TARGET if failed else None),
            *(things_in(fields) if signal is not Signal.ROUTINE else ()),
        ),
        labels=labels_of_fields(fields, _LABELS),
        vendor_reference=fields.get("alarmid", ""),
        device=fields.get("fw", ""),
        is_of_device=about_it,
    )


def _title_of(fields: Fields) -> str:
    infected = fields.get("virus", "")
    message = fields.get("msg", "").strip()
    if message:
        return message
    if infected and infected.lower() != "clean":
        return f"Virus: {infected}"
    return connection_of(fields, fields.get("action", "") or fields.get("logtype", "")) or "Stormshield"


def _signal_of(fields: Fields) -> Signal:
    kind, message = fields.get("logtype", ""), fields.get("msg", "")
    virus = fields.get("virus", "").lower()
    if "infected" in virus or "infecté" in virus:
        return Signal.MALWARE
    match kind:
        case "alarm":
            return _signal_of_alarm(fields, message)
        case "auth" | "xvpn":
            return _signal_of_log_in(fields, message)
        case "server":
            is_change = message.lower().startswith(_COMMANDS) and " show" not in message.lower()
            return Signal.OPERATIONS if is_change else _or_routine(message)
        case "system":
            found = signal_of_message(message, _priority_of(fields))
            return Signal.OPERATIONS if found is Signal.ROUTINE else found
        case "sandboxing":
            return signal_of_attack(message) if message else Signal.ROUTINE
        case "pvm":
            return Signal.VULNERABILITY
        case _:
            return Signal.ROUTINE


def _signal_of_alarm(fields: Fields, message: str) -> Signal:
    if fields.get("class") == "system":
        found = signal_of_message(message, _priority_of(fields))
        return Signal.OPERATIONS if found is Signal.ROUTINE else found
    if fields.get("classification") == _MALWARE_CLASS:
        return Signal.MALWARE
    found = signal_of_attack(message)
    if found is not Signal.ANOMALY:
        return found
    # Minor alarms without a telling name are about packets that were dropped for their form.
    priority = _priority_of(fields)
    return Signal.ANOMALY if priority is not None and priority <= _MAJOR else Signal.ROUTINE


def _signal_of_log_in(fields: Fields, message: str) -> Signal:
    if is_failed_log_in(message) or fields.get("error", "0") not in ("", "0"):
        return Signal.BRUTE_FORCE
    lower = message.lower()
    is_access = "on the firewall" in lower or "sur le firewall" in lower or "tunnel" in lower
    return Signal.OPERATIONS if is_access else Signal.ROUTINE


def _or_routine(message: str) -> Signal:
    return Signal.BRUTE_FORCE if is_failed_log_in(message) else Signal.ROUTINE


def _priority_of(fields: Fields) -> int | None:
    return int(first_of(fields, ("pri",))) if fields.get("pri", "").isdecimal() and len(fields["pri"]) < 3 else None
