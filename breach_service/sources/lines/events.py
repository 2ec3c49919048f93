"""One line of text as the event that it reports: by the form of its message, and by its words where it has no form."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from breach_service.domain.alert import AlertStatus, EntityRole, Signal
from breach_service.sources.lines.authentication import event_of_audit, event_of_log_in
from breach_service.sources.lines.cef import cef_of
from breach_service.sources.lines.cisco import event_of_cisco, is_of_cisco
from breach_service.sources.lines.cisco_ise import event_of_cisco_ise
from breach_service.sources.lines.fields import origin_in, user_in_sentence
from breach_service.sources.lines.juniper import event_of_juniper
from breach_service.sources.lines.key_values import bracketed_pairs_in, is_line_of_pairs, pairs_in
from breach_service.sources.lines.leef import leef_of
from breach_service.sources.lines.log_event import LogEvent, masked, user_of
from breach_service.sources.lines.meraki import event_of_meraki
from breach_service.sources.lines.packets import event_of_fast_log, event_of_filterlog, event_of_netfilter
from breach_service.sources.lines.palo_alto import event_of_palo_alto, fields_of_palo_alto, is_of_palo_alto
from breach_service.sources.lines.product_events import event_of_cef, event_of_fields, event_of_leef
from breach_service.sources.lines.signals import signal_of_message
from breach_service.sources.lines.syslog import SyslogLine
from breach_service.sources.lines.watchguard import event_of_watchguard
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.intrusion import Sides

TEST_MESSAGE = "Test message of an operator"

_TEST = re.compile(
    r"(?:this is )?(?:an? )?(?:syslog |log |webhook )?test(?: (?:message|log|alert|event))?(?: of an operator)?[.!]?",
    re.I,
)
_MARK = re.compile(r"-- ?MARK ?--", re.ASCII)
_FIELDS_IN_BRACKETS = re.compile(r"\[(?:action|flags|origin|time):\"|; \w{1,40}:\"", re.ASCII)
_ADDRESSED = frozenset({Signal.BRUTE_FORCE, Signal.OPERATIONS, Signal.PRIVILEGE_CHANGE, Signal.SUSPICIOUS_LOGIN})


def known_event(line: SyslogLine, received_at: datetime) -> LogEvent | None:
    """The event of a line that has a form which is known here; None for a plain sentence."""
    text = line.message
    if _TEST.fullmatch(text[:80]):
        identity = ("test", masked(text))
        return LogEvent(text, Signal.ROUTINE, identity, status=AlertStatus.TEST, is_of_device=True)
    if ("CEF:" in text or text[1:2] == "|") and (cef := cef_of(text)) is not None:
        return event_of_cef(cef, received_at)
    if ("LEEF:" in text or text[1:4] == ".0|") and (leef := leef_of(text)) is not None:
        return event_of_leef(leef, received_at)
    if is_of_cisco(text):
        return event_of_cisco(text)
    if is_of_palo_alto(text):
        return event_of_palo_alto(fields_of_palo_alto(text))
    for read in _BY_FORM:
        event = read(line)
        if event is not None:
            return event
    return _event_of_pairs(line, received_at)


_BY_FORM: tuple[Callable[[SyslogLine], LogEvent | None], ...] = (
    event_of_filterlog,
    event_of_netfilter,
    event_of_fast_log,
    event_of_meraki,
    event_of_watchguard,
    event_of_juniper,
    event_of_cisco_ise,
)


def _event_of_pairs(line: SyslogLine, received_at: datetime) -> LogEvent | None:
    text = line.message
    if "type=" in text[:200] and "msg=audit(" in text and (audit := event_of_audit(text)) is not None:
        return replace(audit[0], occurred_at=instant_in(audit[1]))
    log_in = event_of_log_in(line)
    if log_in is not None:
        return log_in
    if _FIELDS_IN_BRACKETS.search(text[:400]) and len(found := bracketed_pairs_in(text)) > 2:
        return event_of_fields(found, received_at)
    pairs = pairs_in(text) if "=" in text else {}
    if is_line_of_pairs(text, pairs):
        # What stands before the first pair is what some devices call the event.
        called = (
            text[: text.find(f"{next(iter(pairs))}=")].partition("[" if text[:1] != "[" else "]")[0].strip(' []:({"')
        )
        return event_of_fields({"event_name": called, **pairs} if called else pairs, received_at)
    if line.data and (not text or len(line.data) > 2):
        # Juniper and Veeam say in structured data what others say in the message.
        return event_of_fields({"name": text or line.message_id, **line.data}, received_at)
    return None


def event_of_words(line: SyslogLine) -> LogEvent:
    """The event of a plain sentence, by its words."""
    text = line.message
    said = masked(text)
    signal = signal_of_message(text if len(text) < 200 else text[:1000], line.severity)
    if _MARK.fullmatch(text[:20]):
        signal = Signal.HEARTBEAT
    user = user_in_sentence(text) if signal in _ADDRESSED else ""
    return LogEvent(
        title=text or line.message_id or line.program or "Syslog",
        signal=signal,
        identity=(line.program, said),
        sides=Sides("", origin_in(text)),
        entities=(user_of(user, EntityRole.TARGET if signal is Signal.BRUTE_FORCE else None) if user else None,),
        is_of_device=True,
    )
