"""Alerts of the Alert Center of Google Workspace, which it publishes to a topic of Pub/Sub.

https://developers.google.com/workspace/admin/alertcenter/guides/notifications (the message) and
https://developers.google.com/workspace/admin/alertcenter/reference/alert-types (types, and what `data` holds of each).
"""

import re
from collections.abc import Iterator

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, EntityRole, Signal
from breach_service.sources.parts.entities import entities_of, entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import (
    first_text,
    labels_from,
    record_at,
    records_at,
    text_at,
    texts_at,
    value_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words

_SIGNAL_OF_TYPE: tuple[tuple[Signal, re.Pattern[str]], ...] = tuple(
    (signal, re.compile(pattern, re.IGNORECASE))
    for signal, pattern in (
        (Signal.LEAKED_SECRET, r"leaked password"),
        (
            Signal.SUSPICIOUS_LOGIN,
            r"suspicious (programmatic )?login|user suspended|government|state.?sponsored|attack",
        ),
        (Signal.EXFILTRATION, r"takeout|data export"),
        (Signal.DATA_EXPOSURE, r"data loss|dlp|sharing|drive settings"),
        (Signal.MALWARE, r"malware|device compromised"),
        (Signal.ANOMALY, r"phishing|spoof|spam|suspicious|whitelist|abuse"),
        (Signal.PRIVILEGE_CHANGE, r"admin|sso profile|password reset|new user|user (granted|deleted|restored|added)"),
        (Signal.OPERATIONS, r"google operations|outage|certificate|app ?maker|settings changed|access approvals"),
    )
)
"""In order, by the type of the alert."""
_WHO = (("email",), ("actorEmail",), ("ruleViolationInfo", "triggeringUserEmail"))


def is_workspace_alert(record: Record) -> bool:
    """True for an alert of the Alert Center."""
    return "alertId" in record and "type" in record and ("customerId" in record or "source" in record)


def alert_of_workspace(source_name: str, record: Record) -> Alert:
    """The alert of one notice; an alert that an administrator closed or deleted is over."""
    data, kind = record_at(record, "data"), text_at(record, "type")
    said = first_text(data, ("displayName",), ("title",), ("ruleViolationInfo", "ruleInfo", "displayName"))
    severity = first_text(record, ("metadata", "severity"), ("severity",))
    is_closed = text_at(record, "metadata", "status").upper() == "CLOSED" or value_at(record, "deleted") is True
    about = said or first_text(data, *_WHO)
    return Alert(
        source=source_name,
        title=plain_line(": ".join(part for part in (kind, about) if part)) or "Google Workspace alert",
        signal=_signal_of(kind, said),
        fingerprint=fingerprint_of("google-workspace", text_at(record, "alertId")),
        severity=severity_of_word(severity),
        vendor_severity=plain_line(severity),
        status=AlertStatus.RESOLVED if is_closed else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(record, "startTime")) or instant_in(value_at(record, "createTime")),
        entities=gathered(_entities_of(data, text_at(record, "customerId"))),
        labels=labels_from(
            (
                ("type", kind),
                ("origin", text_at(record, "source")),
                ("customer", text_at(record, "customerId")),
                ("state", text_at(record, "metadata", "status")),
                ("action", text_at(data, "systemActionType")),
            )
        ),
        summary=plain_text(first_text(data, ("description",), ("header",), ("nextUpdateTime",))),
        vendor_reference=plain_line(text_at(record, "alertId")),
        link=link_of(text_at(record, "securityInvestigationToolLink")),
    )


def _signal_of(kind: str, said: str) -> Signal:
    found = next((signal for signal, pattern in _SIGNAL_OF_TYPE if pattern.search(kind[:200])), None)
    return found or signal_of_words(said, kind) or Signal.ANOMALY


def _entities_of(data: Record, customer: str) -> Iterator[Entity | None]:
    """Whose account it is, where somebody came from, and who wrote the message."""
    yield entity(EntityKind.ACCOUNT, text_at(data, "domainId", "customerPrimaryDomain") or customer)
    for path in _WHO:
        role = EntityRole.ACTOR if path != ("email",) else EntityRole.TARGET
        yield entity(EntityKind.USER, text_at(data, *path), role)
    yield from entities_of(EntityKind.USER, texts_at(data, "affectedUserEmails"), EntityRole.TARGET)
    address = first_text(data, ("loginDetails", "ipAddress"), ("sourceIp",), ("ipAddress",))
    yield entity(EntityKind.SOURCE_ADDRESS, address)
    writer = first_text(data, ("maliciousEntity", "entity", "emailAddress"), ("maliciousEntity", "fromHeader"))
    yield entity(EntityKind.USER, writer, EntityRole.ACTOR)
    for message in records_at(data, "messages")[:20]:
        yield entity(EntityKind.USER, text_at(message, "recipient"), EntityRole.TARGET)
    for event in records_at(data, "events")[:20]:
        yield entity(EntityKind.HOST, first_text(event, ("serialNumber",), ("deviceId",), ("resourceId",)))
    yield entity(EntityKind.FILE, text_at(data, "ruleViolationInfo", "resourceInfo", "resourceTitle"))
