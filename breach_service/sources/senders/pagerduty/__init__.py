"""PagerDuty: webhooks V3, the older V2 and V1, and the Events API V2 that many tools speak to PagerDuty.

https://developer.pagerduty.com/docs/webhooks-overview (V3), …/webhooks-behavior (retries for 48 hours, `X-Webhook-Id`),
…/verifying-signatures, …/webhooks-v2-overview. PagerDuty makes the secret itself and shows it once. Services that are
created or changed are settings and no alerts; `pagey.ping` is the test button.
"""

import json
import re

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.masking import masked
from breach_service.sources.parts.payload import Record, records_of
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
from breach_service.sources.redelivery import Redelivery
from breach_service.sources.request import Delivery
from breach_service.sources.senders.pagerduty.events import (
    alert_of_tool,
    entities_of_details,
    is_event_of_a_tool,
    text_of_details,
)
from breach_service.sources.signing import GITHUB, OWN, Signing
from breach_service.sources.source import Source

_EXPECTED = 'a webhook of PagerDuty, an object with "event" (V3) or "messages" (V2)'
_TITLES = (
    ("title",),
    ("summary",),
    ("description",),
    ("trigger_summary_data", "subject"),
    ("trigger_summary_data", "description"),
)
_PARTNER = "aws.partner/pagerduty.com"
_PING = "pagey.ping"
_SERVICE_EVENT = "service."
_RESOLVED_EVENTS = frozenset({"incident.resolved", "incident.resolve"})
_REOPENED_EVENTS = frozenset({"incident.reopened", "incident.triggered", "incident.trigger"})
_GRADE = re.compile(r"(?:p|sev|severity|priority)[ _-]?([1-5])\b", re.IGNORECASE)
_GRADES = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO)
"""P1 to P5, SEV-1 to SEV-5: the two schemes that PagerDuty sets up by itself, 1 the worst in both."""


class PagerDuty(Source):
    """One alert per event about an incident; its updates are the same problem by the incident's id."""

    kind = "pagerduty"
    aliases = ("pager-duty",)
    title = Text(fr="PagerDuty", en="PagerDuty")
    lasts_until_resolved = True
    default_auth = AuthKind.HMAC
    supported_auth = (AuthKind.HMAC, AuthKind.BEARER, AuthKind.URL)
    signings = (Signing("x-pagerduty-signature", prefix="v1="), OWN, GITHUB)
    secret_is_theirs = True
    redelivery = Redelivery(headers=("x-webhook-id",))

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [alert for record in records_of(delivery, _EXPECTED) for alert in _alerts_of(source_name, record)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        data = {"type": "ping", "message": "Test message of an operator"}
        return json.dumps({"event": {"id": "0", "event_type": _PING, "resource_type": "pagey", "data": data}}).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        event = record_at(record, "event")
        if "event_type" in event and "resource_type" in event:
            return True
        if is_event_of_a_tool(record) and ("routing_key" in record or "service_key" in record):
            return True
        # The second version calls the kind of a message `event`, the first `type`.
        kinds = (first_text(one, ("event",), ("type",)) for one in records_at(record, "messages"))
        return any(kind.startswith("incident.") for kind in kinds)


SOURCE = PagerDuty()


def _alerts_of(source_name: str, record: Record) -> list[Alert]:
    if text_at(record, "source").startswith(_PARTNER):
        # Amazon EventBridge, which PagerDuty speaks to by itself, has the whole webhook in its detail.
        record = record_at(record, "detail")
    event = record_at(record, "event")
    if event:
        return _alerts_of_event(source_name, event)
    messages = records_at(record, "messages")
    if messages:
        return [_alert_of_message(source_name, message) for message in messages]
    if is_event_of_a_tool(record):
        return [alert_of_tool(source_name, record)]
    if record_at(record, "incident"):
        return [_alert_of_message(source_name, record)]
    known = ", ".join(sorted(plain_line(key, 40) for key in record)[:10]) or "none"
    raise UnreadablePayload(f"Found an object without an event (its keys: {known}); expected {_EXPECTED}.")


def _alerts_of_event(source_name: str, event: Record) -> list[Alert]:
    event_type, data = text_at(event, "event_type"), record_at(event, "data")
    if event_type == _PING or text_at(data, "type") == "ping":
        return [_ping(source_name, text_at(data, "message"))]
    if event_type.startswith(_SERVICE_EVENT):
        return []
    incident = _incident_in(data)
    began = value_at(incident, "created_at") or value_at(event, "occurred_at")
    return [_alert_of_incident(source_name, event_type, incident, began, _said_in(data))]


def _ping(source_name: str, message: str) -> Alert:
    return Alert(
        source=source_name,
        title=plain_line(message) or "PagerDuty: ping",
        signal=Signal.HEARTBEAT,
        fingerprint=fingerprint_of("pagerduty", _PING),
        status=AlertStatus.TEST,
    )


def _incident_in(data: Record) -> Record:
    """The incident that an event is about, whole, or as a reference within a note, a task, a responder."""
    if text_at(data, "type") == "incident":
        return data
    assignments = records_at(data, "incident_role_assignments")
    found = record_at(data, "incident") or (record_at(assignments[0], "incident") if assignments else {})
    beside = {key: data[key] for key in ("service", "custom_fields") if key in data}
    return {**beside, **found} if found else data


def _said_in(data: Record) -> object:
    body = value_at(data, "body", "details") or value_at(data, "body", "cef_details", "details")
    return body or first_text(data, ("description",), ("content",), ("message",), ("resolve_reason",))


def _alert_of_message(source_name: str, message: Record) -> Alert:
    """V2, and V1 with its `type` and `data`; its first log entry tells what the tool had to say."""
    event_type = first_text(message, ("event",), ("type",))
    incident = record_at(message, "incident") or record_at(message, "data", "incident")
    channels = [record_at(entry, "channel") for entry in records_at(message, "log_entries")]
    details = [one.get("details") or value_at(one, "cef_details", "details") for one in channels]
    said = next((one for one in details if text_of_details(one)), _said_in(incident))
    began = value_at(incident, "created_at") or value_at(incident, "created_on") or value_at(message, "created_on")
    return _alert_of_incident(source_name, event_type, incident, began, said)


def _alert_of_incident(source_name: str, event_type: str, incident: Record, began: object, said: object) -> Alert:
    identity = first_text(incident, ("id",), ("incident_key",), ("incident_number",), ("number",))
    title, told = plain_line(first_text(incident, *_TITLES)), text_of_details(said)
    kind = plain_line(event_type.removeprefix("incident.").replace(".", " ").replace("_", " "))
    signal = signal_of_words(title, told) or Signal.ANOMALY
    severity, vendor_severity = _severity_of(incident)
    return Alert(
        source=source_name,
        title=title or f"PagerDuty: {kind or 'incident'} {plain_line(identity)}".strip(),
        signal=signal,
        fingerprint=fingerprint_of("pagerduty", identity or title),
        severity=severity,
        vendor_severity=vendor_severity,
        status=_status_of(event_type, text_at(incident, "status")),
        occurred_at=instant_in(began),
        entities=gathered(_applications_of(incident), entities_of_details(said, signal)),
        labels=labels_from(_labels_of(incident, event_type)),
        summary=plain_text(masked(told)),
        vendor_reference=plain_line(first_text(incident, ("number",), ("incident_number",), ("id",))),
        link=link_of(text_at(incident, "html_url")),
    )


def _status_of(event_type: str, status: str) -> AlertStatus:
    if event_type in _RESOLVED_EVENTS:
        return AlertStatus.RESOLVED
    if event_type in _REOPENED_EVENTS:
        return AlertStatus.FIRING
    return AlertStatus.RESOLVED if status.lower() == "resolved" else AlertStatus.FIRING


def _severity_of(incident: Record) -> tuple[Severity, str]:
    """By the priority, which people name as they like; by the urgency where there is none or its name says nothing."""
    priority = first_text(incident, ("priority", "summary"), ("priority", "name"))
    urgency, grade = text_at(incident, "urgency"), _GRADE.search(priority)
    by_name = _GRADES[int(grade[1]) - 1] if grade else severity_of_word(priority)
    return severity_of_word(urgency) if by_name is Severity.UNKNOWN else by_name, plain_line(priority or urgency)


def _applications_of(incident: Record) -> list[Entity | None]:
    service = first_text(incident, ("service", "summary"), ("service", "name"))
    impacted = [text_at(one, "summary") for one in records_at(incident, "impacted_services")]
    return [entity(EntityKind.APPLICATION, name) for name in (service, *impacted)]


def _labels_of(incident: Record, event_type: str) -> list[tuple[str, str]]:
    teams = [first_text(team, ("summary",), ("name",)) for team in records_at(incident, "teams")]
    return [
        ("service", first_text(incident, ("service", "summary"), ("service", "name"))),
        ("team", ", ".join(filter(None, teams))),
        ("urgency", text_at(incident, "urgency")),
        ("priority", first_text(incident, ("priority", "summary"), ("priority", "name"))),
        ("incident_key", text_at(incident, "incident_key")),
        ("incident_type", text_at(incident, "incident_type", "name")),
        ("event_type", event_type),
        *((text_at(one, "name"), ", ".join(texts_at(one, "value"))) for one in records_at(incident, "custom_fields")),
    ]
