"""What a line of text says, whoever wrote it, and the alert that this makes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, EntityRole, Severity, Signal
from breach_service.sources.lines.syslog import SyslogLine
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.intrusion import Sides
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import labels_from
from breach_service.sources.parts.severities import severity_of_word

_DIGIT = re.compile(r"\d", re.ASCII)
_LONGEST_MASKED = 2000
_OF_TEN = ((3, Severity.LOW), (6, Severity.MEDIUM), (8, Severity.HIGH), (10, Severity.CRITICAL))
_OF_SYSLOG = (
    Severity.CRITICAL,
    Severity.CRITICAL,
    Severity.CRITICAL,
    Severity.HIGH,
    Severity.MEDIUM,
    Severity.INFO,
    Severity.INFO,
    Severity.INFO,
)


NO_SIDES = Sides()
"""Nobody is named."""


@dataclass(frozen=True)
class LogEvent:
    """One line, understood. What it leaves empty is taken from the header of the line."""

    title: str
    signal: Signal
    identity: tuple[str, ...]
    """The rule or the signature, and what else tells one problem from another besides its two sides."""
    sides: Sides = NO_SIDES
    severity: Severity = Severity.UNKNOWN
    vendor_severity: str = ""
    occurred_at: datetime | None = None
    entities: tuple[Entity | None, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    vendor_reference: str = ""
    link: str = ""
    status: AlertStatus = AlertStatus.FIRING
    device: str = ""
    """The machine that wrote it, where the line names it better than its header does."""
    is_of_device: bool = False
    """True if it is about that machine, which otherwise only saw two others."""
    summary: str = ""


def alert_of(source_name: str, line: SyslogLine, event: LogEvent) -> Alert:
    """The alert of a line that was understood as an event."""
    device = event.device or line.host
    machine = entity(EntityKind.HOST, device) if event.is_of_device else None
    about = (event.sides.own, event.sides.other)
    severity, vendor_severity = event.severity, event.vendor_severity
    if not vendor_severity and line.severity is not None:
        severity, vendor_severity = severity_of_syslog(line.severity), line.severity_word
    return Alert(
        source=source_name,
        title=plain_line(event.title) or "Syslog",
        signal=event.signal,
        fingerprint=fingerprint_of("log", *event.identity, *about, _place_of(event, device)),
        severity=severity,
        vendor_severity=plain_line(vendor_severity),
        status=event.status,
        occurred_at=event.occurred_at or line.said_at,
        entities=gathered(
            [machine],
            [entity(EntityKind.ADDRESS, event.sides.own), entity(EntityKind.SOURCE_ADDRESS, event.sides.other)],
            event.entities,
        ),
        labels=labels_from((*event.labels.items(), *_labels_of(line, device))),
        summary=plain_text(event.summary or line.message),
        vendor_reference=plain_line(event.vendor_reference),
        link=link_of(event.link),
    )


def _place_of(event: LogEvent, device: str) -> str:
    """Two firewalls that saw the same two machines say the same; what is about the machine that wrote it differs."""
    is_seen_from_afar = bool(event.sides.own) or (bool(event.sides.other) and not event.is_of_device)
    return "" if is_seen_from_afar else device.lower()


def _labels_of(line: SyslogLine, device: str) -> Iterable[tuple[str, str]]:
    return (("device", device), ("program", line.program), ("message_id", line.message_id))


def masked(text: str) -> str:
    """A message without its variable parts: words that hold a digit (numbers, addresses, times, ids) are left out."""
    words = text[:_LONGEST_MASKED].split()
    return " ".join("#" if _DIGIT.search(word) else word.lower() for word in words)


def severity_of_syslog(number: int) -> Severity:
    """Severities of syslog: 0 (emergency) to 7 (debug)."""
    return _OF_SYSLOG[number] if 0 <= number <= 7 else Severity.UNKNOWN


def severity_of_ten(text: str) -> Severity:
    """Severities of CEF and LEEF: 0 to 10, 10 the worst (ArcSight: 0–3 low, 4–6, 7–8 high, 9–10), or a word."""
    word = text.strip().lower().replace("-", " ")
    if word.isdecimal():
        return next((severity for most, severity in _OF_TEN if int(word[:3]) <= most), Severity.UNKNOWN)
    return Severity.CRITICAL if word == "very high" else severity_of_word(word)


def user_of(text: str, role: EntityRole | None = None) -> Entity | None:
    """A user name, without the `N/A` and the stars that devices write where they know none."""
    name = text.strip(" '\"<>[]")
    return entity(EntityKind.USER, name, role) if name.strip("*") else None


def connection_in_words(action: str, protocol: str, source: str, destination: str) -> str:
    """`Blocked TCP 203.0.113.9:5123 → 10.0.0.5:22`, with what is known of it."""
    ends = " → ".join(one for one in (source, destination) if one)
    return " ".join(one for one in (action.capitalize(), protocol.upper(), ends) if one)


def end_of(address: str, port: str) -> str:
    """An address with its port, where it has one."""
    return f"{address}:{port}" if address and port and port != "0" else address
