"""Azure Event Grid, in its own schema and as CloudEvents 1.0: the greeting, and the events of resources.

https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema and
end-point-validation-cloud-events-schema; event types: system-topics in the same place.
"""

import json
import re
from urllib.parse import parse_qs

from breach_service.domain.alert import Alert, AlertStatus, EntityKind, Signal
from breach_service.errors import UnreadablePayload
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, record_at, text_at, value_at
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.request import Delivery
from breach_service.sources.senders.microsoft.azure_activity import entities_of_activity, signal_of_operation
from breach_service.sources.senders.microsoft.entities import entities_of_resource
from breach_service.sources.source import Reply

_VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"
_MALWARE_SCAN = "Microsoft.Security.MalwareScanningResult"
_HEALTH = "Microsoft.ResourceNotifications.HealthResources.AvailabilityStatusChanged"
_HEALTH_NOW = ("resourceInfo", "properties", "availabilityState")
_OVER = frozenset({"resolved", "available"})
# https://learn.microsoft.com/azure/event-grid/event-schema-subscriptions: who called stands in the token's claims.
_CALLERS = (
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
)
_ORIGIN = re.compile(r"[A-Za-z0-9.*:_/-]{1,253}", re.ASCII)
_RATE = re.compile(r"\d{1,9}|\*", re.ASCII)
_LONGEST_TOKEN = 4096


def reply_to_greeting(delivery: Delivery) -> Reply | None:
    """The answer to one of the three greetings of Microsoft's senders; None where it is none."""
    if delivery.method == "OPTIONS":
        return _reply_to_origin(delivery)
    if "validationToken=" in delivery.query and not delivery.body.strip():
        return _reply_to_token(delivery)
    is_said = delivery.headers.get("aeg-event-type", "").lower() == "subscriptionvalidation"
    return _reply_to_code(delivery) if is_said or _VALIDATION.encode() in delivery.body[:20_000] else None


def _reply_to_origin(delivery: Delivery) -> Reply | None:
    """CloudEvents: the sender asks whether it may write, and how often a minute."""
    origin = delivery.headers.get("webhook-request-origin", "").strip()
    if not _ORIGIN.fullmatch(origin):
        return None
    rate = delivery.headers.get("webhook-request-rate", "").strip()
    allowed = (("webhook-allowed-origin", origin), ("webhook-allowed-rate", rate if _RATE.fullmatch(rate) else "*"))
    return Reply(b"", headers=(*allowed, ("allow", "POST, OPTIONS")))


def _reply_to_token(delivery: Delivery) -> Reply | None:
    """Graph: the token of the query, decoded, as plain text."""
    token = next(iter(parse_qs(delivery.query).get("validationToken", [])), "")
    return Reply(token.encode("utf-8", "replace")) if 0 < len(token) <= _LONGEST_TOKEN else None


def _reply_to_code(delivery: Delivery) -> Reply | None:
    """Event Grid: the code of the first event, in an object."""
    try:
        records = records_of(delivery, "the greeting of Event Grid")
    except UnreadablePayload:
        return None
    code = text_at(records[0], "data", "validationCode")
    is_alone = len(records) == 1  # a greeting never hides the events behind it
    if not code or not is_alone or text_at(records[0], "eventType") not in (_VALIDATION, ""):
        return None
    return Reply(json.dumps({"validationResponse": code[:_LONGEST_TOKEN]}).encode(), content_type="application/json")


def is_event(record: Record) -> bool:
    """True for an event of Event Grid, or for a CloudEvent of a service of Azure."""
    is_own = "eventType" in record and "data" in record and ("topic" in record or "subject" in record)
    is_cloud_event = "specversion" in record and text_at(record, "type").startswith("Microsoft.")
    return is_own or is_cloud_event


def alert_of_event(source_name: str, record: Record) -> Alert:
    """The alert of one event."""
    kind, data = first_text(record, ("eventType",), ("type",)), record_at(record, "data")
    subject = text_at(record, "subject")
    topic = first_text(record, ("topic",), ("source",))
    resource = first_text(data, ("resourceUri",), ("resourceId",)) or (
        subject if subject.startswith("/subscr") else topic
    )
    said = first_text(data, ("title",), ("operationName",), ("message",)) or _name_of(kind, data, subject)
    severity = text_at(data, "severity")
    blob = first_text(data, ("blobUri",), ("url",))
    return Alert(
        source=source_name,
        title=plain_line(f"{kind.rpartition('.')[2] or 'Event Grid event'}: {said}" if said else kind)
        or "Event Grid event",
        signal=_signal_of(kind, data, said),
        fingerprint=fingerprint_of("event-grid", kind, topic.lower(), subject.lower(), blob),
        severity=severity_of_word(severity),
        vendor_severity=plain_line(severity),
        status=AlertStatus.RESOLVED if _state_of(data) in _OVER else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(record, "eventTime")) or instant_in(value_at(record, "time")),
        entities=gathered(
            entities_of_resource(resource),
            [
                entity(EntityKind.FILE, blob),
                entity(EntityKind.FILE_HASH, text_at(data, "scanResultDetails", "sha256")),
            ],
            entities_of_activity(_activity_of(data), ""),
        ),
        labels=labels_from((("event_type", kind), ("subject", subject), ("topic", topic))),
        summary=plain_text(first_text(data, ("description",), ("scanResultType",))),
        vendor_reference=plain_line(text_at(record, "id")),
    )


def _signal_of(kind: str, data: Record, said: str) -> Signal:
    if kind == _MALWARE_SCAN:
        return Signal.MALWARE if text_at(data, "scanResultType").lower() == "malicious" else Signal.ROUTINE
    if kind.startswith("Microsoft.Storage."):
        return Signal.ROUTINE
    if kind.startswith("Microsoft.Resources."):
        return signal_of_operation(text_at(data, "operationName"), said)
    if kind == _HEALTH:
        return Signal.UNAVAILABILITY
    return signal_of_words(kind.rpartition(".")[2], said) or Signal.OPERATIONS


def _state_of(data: Record) -> str:
    return first_text(data, _HEALTH_NOW, ("status",)).lower()


def _activity_of(data: Record) -> Record:
    """An event of Azure Resource Manager in the spelling of the activity log, which it is the other half of."""
    claims = record_at(data, "claims")
    return {**data, "caller": next((text_at(claims, key) for key in _CALLERS if text_at(claims, key)), "")}


def _name_of(kind: str, data: Record, subject: str) -> str:
    if kind == _MALWARE_SCAN:
        return f"{text_at(data, 'scanResultType')} ({text_at(data, 'blobUri').rpartition('/')[2]})"
    name = first_text(data, ("objectName",), ("ObjectName",)) or subject.rstrip("/").rpartition("/")[2]
    return f"{name} is {text_at(data, *_HEALTH_NOW)}" if kind == _HEALTH else name
