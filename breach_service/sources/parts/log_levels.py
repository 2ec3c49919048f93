"""Severity of senders that give each event the level of a log line."""

from breach_service.domain.alert import Severity, Signal
from breach_service.sources.parts.severities import severity_of_word

_WITHOUT_WEIGHT = (Signal.ROUTINE, Signal.OPERATIONS, Signal.HEARTBEAT)


def severity_of_log_level(level: str, signal: Signal) -> Severity:
    """The severity that a log level means for an event of that signal.

    INFO and DEBUG say how loud a line is, not how grave the event: an administrator role is granted at INFO. Of what
    concerns security they say nothing.
    """
    severity = severity_of_word(level)
    return Severity.UNKNOWN if severity is Severity.INFO and signal not in _WITHOUT_WEIGHT else severity
