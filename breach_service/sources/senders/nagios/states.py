"""How the things that Nagios and its family watch stand, since when, and what that reports."""

import re
from datetime import datetime

from breach_service.domain.alert import AlertStatus, Severity, Signal
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.macros import Macros
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.parts.written_dates import written_instant
from breach_service.sources.request import Delivery

SERVICE_NAMES = (
    "servicedesc",
    "servicedescription",
    "servicename",
    "service",
    "servicedisplayname",
    "servicecheckcommand",
)
"""Names under which a service stands."""
_STATES = ("severity", "state", "checkresultstate", "status", "newstate", "currentstate")
_STARTS = (
    "lastservicestatechange",
    "servicelaststatechange",
    "lasthoststatechange",
    "hostlaststatechange",
    "laststatechange",
    "lasthardstatechange",
)
_SENT = ("timet", "microtime", "timestamp", "checkresultexecutionend", "datetime", "longdatetime")
_NUMBERS = {"0": "OK", "1": "WARNING", "2": "CRITICAL", "3": "UNKNOWN"}
_HOST_NUMBERS = {"0": "UP", "1": "DOWN", "2": "UNREACHABLE"}
_GOOD = frozenset({"ok", "up", "recovered", "recovery", "resolved", "0"})
"""The last is the number that LibreNMS writes."""
_WORSE_THAN_OK = frozenset({"warning", "critical", "unknown", "down", "unreachable", "crit", "warn", "unreach"})
# Both are what a check plugin says with the exit code 2: https://nagios-plugins.org/doc/guidelines.html#AEN78.
_HOST_SEVERITIES = {"down": Severity.CRITICAL, "unreachable": Severity.UNKNOWN, "up": Severity.INFO}
_NO_ANSWER = re.compile(
    r"\btime(?:d )?-?out|\brefused|no route to host|(?:can\W?t|cannot|unable to) connect"
    r"|no (?:response|answer|data received)|HTTP/[\d.]+ 5\d\d",
    re.IGNORECASE,
)
_LONG_DATE = re.compile(
    r"(?:\w{3},? +)?(\w{3}) +(\d{1,2}) +(\d\d:\d\d:\d\d) +([A-Z]{1,5}|[+-]\d{4}) +(\d{4})", re.ASCII
)


def is_rule(macros: Macros) -> bool:
    """True for LibreNMS, whose `state` says how the alert stands, not how bad the thing is."""
    return not {"rule", "ruleid", "alertid"}.isdisjoint(macros.values)


def state_of(macros: Macros) -> str:
    """The state of what it is about, in its own word; numbers are those of plugins, or of hosts."""
    if is_rule(macros):
        return macros.first("severity")
    if macros.first("what").upper() == "HOST":
        said = macros.first("hoststate", "status", "state")
    elif macros.first(*SERVICE_NAMES):
        said = macros.first("servicestate", *_STATES)
        return _NUMBERS.get(said.removesuffix(".0"), said)
    else:
        said = macros.first("hoststate", *_STATES)
    return _HOST_NUMBERS.get(said.removesuffix(".0"), said)


def status_of(macros: Macros, kind: str, state: str) -> AlertStatus:
    """By the type of the notification, then by the state: an acknowledgement is an update of what still fires."""
    if kind in ("RECOVERY", "OK", "UP"):
        return AlertStatus.RESOLVED
    if kind == "PROBLEM":
        return AlertStatus.FIRING
    word = macros.first("state") if is_rule(macros) else state
    return AlertStatus.RESOLVED if word.lower() in _GOOD else AlertStatus.FIRING


def severity_of(state: str) -> Severity:
    """What a state means: a service's by its word, a host that is down like a service that is critical."""
    return _HOST_SEVERITIES.get(state.lower()) or severity_of_word(state)


def signal_of(kind: str, service: str, state: str, output: str) -> Signal:
    """A host that is down is down; of a service the words tell; planned downtime and flapping are no news."""
    if kind.startswith("DOWNTIME"):
        return Signal.ROUTINE
    if kind.startswith("FLAPPING"):
        return Signal.OPERATIONS
    if not service:
        is_state = state.lower() in _WORSE_THAN_OK | _GOOD
        return Signal.UNAVAILABILITY if is_state else signal_of_words(output) or Signal.OPERATIONS
    told = signal_of_words(service, output) or Signal.OPERATIONS
    is_silent = (
        told is Signal.OPERATIONS and state.upper() == "CRITICAL" and _NO_ANSWER.search(output[:500]) is not None
    )
    return Signal.UNAVAILABILITY if is_silent else told


def began_at(macros: Macros, delivery: Delivery) -> datetime | None:
    """Since when it stands so, else when that was said; None where no zone is known."""
    for name in (*_STARTS, *_SENT):
        said = macros.first(name)
        found = instant_in(said) or _long_date(said, delivery)
        if found is not None:
            return found
    return None


def _long_date(said: str, delivery: Delivery) -> datetime | None:
    """`$LONGDATETIME$`: `Sun Nov 22 19:00:00 CET 2026`; only where the name of the zone means one zone."""
    found = _LONG_DATE.fullmatch(said[:64])
    if found is None:
        return None
    return written_instant(f"{found[1]} {found[2]} {found[5]} {found[3]} {found[4]}", delivery.received_at)
