"""Splunk Observability Cloud (SignalFx), webhook of a detector; Splunk On-Call (VictorOps), outbound webhook.

https://help.splunk.com/splunk-observability-cloud, "Send alert notifications to a webhook": the raw body is signed
with HMAC SHA-256, base64, in `X-SFX-Signature`, and sent again for up to 24 hours. Splunk On-Call carries either the
`incident` of its outbound webhook or the `entity_id` and `message_type` of its alert fields.
"""

import json
from datetime import timedelta

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import entities_of, entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, record_at, text_at, text_of, value_at
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.redelivery import Redelivery
from breach_service.sources.request import Delivery
from breach_service.sources.signing import OWN, Signing
from breach_service.sources.source import Source

_EXPECTED = 'a detector alert of Splunk Observability Cloud, with "detector" and "incidentId", or of Splunk On-Call'
_OVER = frozenset({"ok", "stopped", "manually resolved", "manually_resolved", "recovery", "resolved"})
_INSTANTS = ("timestampISO8601", "timestamp", "state_start_time", "incident_timestamp")
_TEST = "breach-service-test"


class SplunkObservability(Source):
    """One alert per request."""

    kind = "splunk-observability"
    aliases = ("signalfx", "splunk-o11y", "splunk-on-call", "splunk-oncall", "victorops")
    title = Text(fr="Splunk Observability et On-Call", en="Splunk Observability and On-Call")
    lasts_until_resolved = True
    default_auth = AuthKind.HMAC
    supported_auth = (AuthKind.HMAC, AuthKind.BEARER, AuthKind.URL)
    signings = (Signing("x-sfx-signature", is_base64=True), OWN)
    redelivery = Redelivery(same_body_within=timedelta(hours=24))

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [_alert_of(source_name, record) for record in records_of(delivery, _EXPECTED)]

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        incident = record_at(record, "incident")
        is_detector = {"incidentId", "detector"} <= record.keys() and "detectorUrl" in record
        is_on_call = {"incident_name", "current_phase"} <= incident.keys()
        return is_detector or is_on_call or {"entity_id", "message_type"} <= record.keys()

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        body = {
            "detector": "Test message of an operator",
            "incidentId": _TEST,
            "severity": "Info",
            "status": "anomalous",
        }
        return json.dumps(body).encode()


SOURCE = SplunkObservability()


def _alert_of(source_name: str, record: Record) -> Alert:
    event = record_at(record, "incident") or record
    title = first_text(
        event,
        ("messageTitle",),
        ("entity_display_name",),
        ("rule",),
        ("detector",),
        ("service",),
        ("incident_name",),
        ("entity_id",),
    )
    identity = first_text(event, ("incidentId",), ("entity_id",), ("incident_id",))
    if not title or not identity:
        raise UnreadablePayload(f"Found an object without a title or an incident; expected {_EXPECTED}.")
    level = first_text(event, ("severity",), ("message_type",), ("entity_state",))
    is_test = identity == _TEST
    return Alert(
        source=source_name,
        title=plain_line(title) or "Splunk",
        signal=Signal.ROUTINE if is_test else _signal_of(event, title),
        fingerprint=fingerprint_of("splunk-observability", identity),
        severity=severity_of_word(level),
        vendor_severity=plain_line(level),
        status=AlertStatus.TEST if is_test else _status_of(event),
        occurred_at=next((at for key in _INSTANTS if (at := instant_in(value_at(event, key)))), None),
        entities=_entities_of(event),
        labels=_labels_of(event),
        summary=plain_text(
            first_text(event, ("messageBody",), ("state_message",), ("description",), ("statusExtended",))
        ),
        vendor_reference=plain_line(identity),
        link=next(
            (link for key in ("detectorUrl", "incident_link", "link") if (link := link_of(text_at(event, key)))), ""
        ),
    )


def _status_of(event: Record) -> AlertStatus:
    states = ("status", "statusExtended", "message_type", "current_phase", "entity_state")
    said = (text_at(event, key).lower() for key in states)
    return AlertStatus.RESOLVED if _OVER.intersection(said) else AlertStatus.FIRING


def _signal_of(event: Record, title: str) -> Signal:
    """By the words of its names; a detector that nobody can tell watches the running of machines."""
    return signal_of_words(title, text_at(event, "detector"), text_at(event, "rule")) or Signal.OPERATIONS


def _dimensions_of(event: Record) -> Record:
    """The dimensions of the first input, where the detector has inputs."""
    own = record_at(event, "dimensions")
    inputs = (record_at(one, "key") for one in record_at(event, "inputs").values() if isinstance(one, dict))
    return own or next((key for key in inputs if key), {})


def _entities_of(event: Record) -> tuple[Entity, ...]:
    where = _dimensions_of(event)
    host = first_text(where, ("host",), ("host.name",), ("hostname",), ("k8s.node.name",)) or first_text(
        event, ("host",)
    )
    service = first_text(where, ("service.name",), ("service",), ("sf_service",), ("app",))
    return gathered(
        [entity(EntityKind.HOST, host), entity(EntityKind.APPLICATION, service)],
        entities_of(EntityKind.ACCOUNT, [first_text(where, ("aws_account_id",), ("gcp_id",))]),
    )


def _labels_of(event: Record) -> dict[str, str]:
    return labels_from(
        (
            *((name, text_of(value)) for name, value in _dimensions_of(event).items()),
            ("detector", text_at(event, "detector")),
            ("rule", text_at(event, "rule")),
            ("monitor", text_at(event, "monitor_name")),
            ("organisation", text_at(event, "orgId")),
        )
    )
