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
    text_of,
    texts_at,
    value_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.redelivery import Redelivery
from breach_service.sources.request import Delivery
from breach_service.sources.signing import GITHUB, OWN, Signing
from breach_service.sources.source import Source

_EXPECTED = 'a webhook of PagerDuty, an object with "event" (V3) or "messages" (V2)'
_TITLES = (("title",), ("summary",), ("description",), ("trigger_summary_data", "subject"))
_PING = "pagey.ping"
_SERVICE_EVENT = "service."
_RESOLVED_EVENTS = frozenset({"incident.resolved", "incident.resolve", "resolve"})
_REOPENED_EVENTS = frozenset({"incident.reopened", "incident.triggered", "incident.trigger", "trigger"})
_GRADE = re.compile(r"(?:p|sev|severity|priority)[ _-]?([1-5])\b", re.IGNORECASE)
_GRADES = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO)
"""P1 to P5, SEV-1 to SEV-5: the two schemes that PagerDuty sets up by itself, 1 the worst in both."""


class PagerDuty(Source):
    """One alert per event about an incident; its updates are the same problem by the incident's id."""

    kind = "pagerduty"
    aliases = ("pager-duty",)
    title = Text(fr="PagerDuty", en="PagerDuty")
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
        if "routing_key" in record and "event_action" in record:
            return True
        # The second version calls the kind of a message `event`, the first `type`.
        kinds = (first_text(one, ("event",), ("type",)) for one in records_at(record, "messages"))
        return any(kind.startswith("incident.") for kind in kinds)


SOURCE = PagerDuty()


def _alerts_of(source_name: str, record: Record) -> list[Alert]:
    event = record_at(record, "event")
    if event:
        return _alerts_of_event(source_name, event)
    messages = records_at(record, "messages")
    if messages:
        return [_alert_of_message(source_name, message) for message in messages]
    if "event_action" in record:
        return [_alert_of_action(source_name, record)]
    known = ", ".join(sorted(plain_line(key, 40) for key in record)[:10]) or "none"
    raise UnreadablePayload(f"Found an object without an event (its keys: {known}); expected {_EXPECTED}.")


def _alerts_of_event(source_name: str, event: Record) -> list[Alert]:
    event_type, data = text_at(event, "event_type"), record_at(event, "data")
    if event_type == _PING or text_at(data, "type") == "ping":
        return [_ping(source_name, text_at(data, "message"))]
    if event_type.startswith(_SERVICE_EVENT):
        return []
    began = value_at(_incident_in(data), "created_at") or value_at(event, "occurred_at")
    return [_alert_of_incident(source_name, event_type, _incident_in(data), began, _said_in(data))]


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
    return record_at(data, "incident") or (record_at(assignments[0], "incident") if assignments else {}) or data


def _said_in(data: Record) -> str:
    return first_text(data, ("body", "details"), ("description",), ("content",), ("message",), ("resolve_reason",))


def _alert_of_message(source_name: str, message: Record) -> Alert:
    """V2, and V1 with its `type` and `data`."""
    event_type = first_text(message, ("event",), ("type",))
    incident = record_at(message, "incident") or record_at(message, "data", "incident")
    details = [value_at(entry, "channel", "details") for entry in records_at(message, "log_entries")]
    said = next((text for one in details if (text := text_of(one))), "")
    began = value_at(incident, "created_at") or value_at(incident, "created_on")
    return _alert_of_incident(source_name, event_type, incident, began, said)


def _alert_of_incident(source_name: str, event_type: str, incident: Record, began: object, said: str) -> Alert:
    identity = first_text(incident, ("id",), ("incident_key",), ("incident_number",), ("number",))
    title = plain_line(first_text(incident, *_TITLES))
    kind = plain_line(event_type.removeprefix("incident.").replace(".", " ").replace("_", " "))
    priority, urgency = (
        first_text(incident, ("priority", "summary"), ("priority", "name")),
        text_at(incident, "urgency"),
    )
    return Alert(
        source=source_name,
        title=title or f"PagerDuty: {kind or 'incident'} {plain_line(identity)}".strip(),
        signal=signal_of_words(title, said) or Signal.ANOMALY,
        fingerprint=fingerprint_of("pagerduty", identity or title),
        severity=_severity_of(priority) or severity_of_word(urgency),
        vendor_severity=plain_line(priority or urgency),
        status=_status_of(event_type, text_at(incident, "status")),
        occurred_at=instant_in(began),
        entities=gathered(_applications_of(incident)),
        labels=labels_from(_labels_of(incident, event_type)),
        summary=plain_text(masked(said)),
        vendor_reference=plain_line(first_text(incident, ("number",), ("incident_number",), ("id",))),
        link=link_of(text_at(incident, "html_url")),
    )


def _status_of(event_type: str, status: str) -> AlertStatus:
    if event_type in _RESOLVED_EVENTS:
        return AlertStatus.RESOLVED
    if event_type in _REOPENED_EVENTS:
        return AlertStatus.FIRING
    return AlertStatus.RESOLVED if status.lower() == "resolved" else AlertStatus.FIRING


def _severity_of(priority: str) -> Severity | None:
    found = _GRADE.search(priority)
    if found:
        return _GRADES[int(found[1]) - 1]
    return severity_of_word(priority) if priority else None


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
    ]


def _alert_of_action(source_name: str, record: Record) -> Alert:
    """An event as tools send it to PagerDuty. The routing key is a secret, and is kept nowhere."""
    payload, action = record_at(record, "payload"), text_at(record, "event_action").lower()
    title = plain_line(text_at(payload, "summary"))
    source, component = text_at(payload, "source"), text_at(payload, "component")
    dedup = text_at(record, "dedup_key")
    labels = [(name, text_at(payload, name)) for name in ("source", "component", "group", "class")]
    links = [text_at(record, "client_url"), *(text_at(one, "href") for one in records_at(record, "links"))]
    return Alert(
        source=source_name,
        title=title or f"PagerDuty: {action or 'event'} {plain_line(dedup)}".strip(),
        signal=signal_of_words(text_at(payload, "class"), title) or Signal.ANOMALY,
        fingerprint=fingerprint_of("pagerduty", dedup) if dedup else fingerprint_of("pagerduty", title, source),
        severity=severity_of_word(text_at(payload, "severity")),
        vendor_severity=plain_line(text_at(payload, "severity")),
        status=_status_of(action, ""),
        occurred_at=instant_in(value_at(payload, "timestamp")),
        entities=gathered([entity(EntityKind.HOST, source), entity(EntityKind.APPLICATION, component)]),
        labels=labels_from(labels),
        summary=plain_text(masked("\n".join(texts_at(payload, "custom_details")))),
        vendor_reference=plain_line(dedup),
        link=next((found for one in links if (found := link_of(one))), ""),
    )
