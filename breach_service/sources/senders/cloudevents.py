"""CloudEvents 1.0 over HTTP: structured, binary and batched; the envelope is read here, the data by the general reader.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md, beside its folder
formats/json-format.md, http-webhook.md for the handshake by OPTIONS, and extensions/severity.md.
"""

import base64
import binascii
import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from breach_service.domain.alert import Alert, AlertStatus, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.general.entities import entities_in
from breach_service.sources.general.guessing import alerts_of_anything
from breach_service.sources.general.leaves import leaves_of
from breach_service.sources.general.state_words import state_in_event
from breach_service.sources.general.text_bodies import records_in_text
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, decoded, records_of, text_of_body
from breach_service.sources.parts.plain_text import plain_line
from breach_service.sources.parts.reading import first_text, labels_from, text_at
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.redelivery import Redelivery
from breach_service.sources.request import Delivery
from breach_service.sources.source import Reply, Source

_EXPECTED = 'a CloudEvents event: an object with "specversion", "type" and "source", an array of these, or ce- headers'
_OPENING = frozenset({"detected", "reported", "raised"})
"""States at the end of a type that only say that something began."""
_THING = "thing"
_SEVERITY = "severity"
_HEADER = "ce-"
_ORIGIN = re.compile(r"[A-Za-z0-9._:-]{1,253}", re.ASCII)
_RATE = re.compile(r"\d{1,9}", re.ASCII)
_VERSION = re.compile(r"v?\d+(?:\.\d+)*", re.ASCII)
_SEVERITIES = (("severitytext",), ("severity",), ("severitynumber",))
# OpenTelemetry counts to 24, four for each of its levels: trace, debug, information, warning, error, fatal.
_LEVELS = ("debug", "debug", "info", "warning", "error", "fatal")
_NUMBER_OF_A_CASE = re.compile(
    r"(?:inc|incident|alert|event|case|ticket|issue|order|req|chg|prb)[-_#]?\d+", re.IGNORECASE
)
"""A subject of this kind looks like the name of a machine and is none."""
_ATTRIBUTES = ("id", "source", "type", "subject", "time", "specversion", "datacontenttype", "dataschema")


class CloudEvents(Source):
    """One alert per event, or per member of its data where these are a list."""

    kind = "cloudevents"
    aliases = ("cloud-events", "knative")
    title = Text(fr="CloudEvents", en="CloudEvents")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL, AuthKind.HMAC)
    redelivery = Redelivery(headers=("ce-source+ce-id",))

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [alert for event in _events_of(delivery) for alert in _alerts_of(source_name, event)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        data = {"title": "Test message of an operator", "signal": str(Signal.HEARTBEAT), "test": True}
        event = {"specversion": "1.0", "id": "test", "source": "/breach-service/test", "type": "test", "data": data}
        return json.dumps(event).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        return text_at(record, "specversion").startswith(("0.", "1.")) and "source" in record and "type" in record

    def handshake(self, delivery: Delivery) -> Reply | None:
        """The permission to send, to an OPTIONS request that names who asks and perhaps how often it would send."""
        if delivery.method.upper() != "OPTIONS":
            return None
        origin = delivery.headers.get("webhook-request-origin", "").strip()
        if not origin:
            return None
        rate = delivery.headers.get("webhook-request-rate", "").strip()
        allowed = (
            ("allow", "POST"),
            ("webhook-allowed-origin", origin if _ORIGIN.fullmatch(origin) else "*"),
            ("webhook-allowed-rate", rate if _RATE.fullmatch(rate) else "*"),
        )
        return Reply(b"", headers=allowed)


SOURCE = CloudEvents()


def _events_of(delivery: Delivery) -> list[Record]:
    """Every event, each with its attributes and, under `data`, what it carries."""
    if delivery.headers.get("ce-type") and delivery.headers.get("ce-source"):
        named = {key.removeprefix(_HEADER): value for key, value in delivery.headers.items() if key.startswith(_HEADER)}
        attributes = {key: unquote(value, errors="replace").strip('"') for key, value in named.items()}
        return [{**attributes, "data": _data_of_body(delivery)}]
    events = records_of(delivery, _EXPECTED)
    for event in events:
        if not text_at(event, "type") or not text_at(event, "source"):
            raise UnreadablePayload(f'Found an object without "type" and "source"; expected {_EXPECTED}.')
    return events


def _data_of_body(delivery: Delivery) -> Any:
    if not delivery.body.strip():
        return None
    try:
        records = records_of(delivery, _EXPECTED)
    except UnreadablePayload:
        return text_of_body(delivery)
    return records[0] if len(records) == 1 else records


def _alerts_of(source_name: str, event: Record) -> list[Alert]:
    data = _data_of(event)
    envelope = _envelope_of(event, data)
    members = data if isinstance(data, list) else [data]
    found = [_titled(alert, envelope, member) for member in members for alert in _read(source_name, member)]
    alerts = found or [_bare_alert(source_name, envelope)]
    is_batch = len(alerts) > 1
    return [_as_event(alert, envelope, is_batch=is_batch) for alert in alerts]


def _envelope_of(event: Record, data: Any) -> dict[str, str]:
    """The attributes, and the name of the thing that goes with it from the first event to the last.

    That is the subject; CDEvents (https://cdevents.dev) have theirs within the data.
    """
    envelope = {name: text_at(event, name) for name in _ATTRIBUTES}
    within = text_at(data, "subject", "id") if isinstance(data, dict) and "context" in data else ""
    return {**envelope, _THING: envelope["subject"] or within, _SEVERITY: first_text(event, *_SEVERITIES)}


def _titled(alert: Alert, envelope: dict[str, str], data: Any) -> Alert:
    """The alert under the name of its type where the data say no sentence, only values under their keys."""
    keys = {leaf.key for leaf in leaves_of(data).all} | data.keys() if isinstance(data, dict) else ()
    is_untitled = any(alert.title.startswith(f"{key}: ") for key in keys)
    return replace(alert, title=_title_of_type(envelope)) if is_untitled else alert


def _title_of_type(envelope: dict[str, str]) -> str:
    kind, subject = envelope["type"], envelope["subject"]
    return plain_line(f"{kind}: {subject}" if subject else kind)


def _data_of(event: Record) -> Any:
    """What the event carries: JSON, JSON as a text, a text, or either in base64."""
    data = event.get("data")
    encoded = event.get("data_base64")
    if data is None and isinstance(encoded, str):
        try:
            data = base64.b64decode(encoded).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return None
    return decoded(data)


def _read(source_name: str, data: Any) -> list[Alert]:
    if isinstance(data, dict):
        return alerts_of_anything(source_name, data)
    records = records_in_text(data) if isinstance(data, str) else []
    return [alert for record in records for alert in alerts_of_anything(source_name, record)]


def _bare_alert(source_name: str, envelope: dict[str, str]) -> Alert:
    """The alert of an event that says nothing beyond its type."""
    kind, subject = envelope["type"], envelope["subject"]
    signal = signal_of_words(kind.replace(".", " "), subject) or Signal.ANOMALY
    return Alert(source_name, _title_of_type(envelope), signal, "")


def _as_event(alert: Alert, envelope: dict[str, str], *, is_batch: bool) -> Alert:
    """The alert with what the envelope says of it.

    The id is that of the delivery. Subject, type and source are the identity where there is a subject; without one the
    data tell the problem.
    """
    kind, state = _type_and_state(envelope["type"])
    parts = [kind, envelope["source"], envelope[_THING]]
    if is_batch or not envelope[_THING]:
        parts.append(alert.fingerprint)
    subject = "" if _NUMBER_OF_A_CASE.fullmatch(envelope["subject"][:100]) else envelope["subject"]
    entities = alert.entities or entities_in(leaves_of({"source": subject}), alert.signal)
    is_ungraded = not alert.vendor_severity and alert.severity is Severity.UNKNOWN
    by_type = signal_of_words(envelope["type"].replace(".", " ")) if alert.signal is Signal.ANOMALY else None
    return replace(
        alert,
        fingerprint=fingerprint_of("cloudevents", *parts),
        entities=entities,
        signal=by_type or alert.signal,
        severity=_severity_of(envelope[_SEVERITY]) if is_ungraded else alert.severity,
        vendor_severity=plain_line(envelope[_SEVERITY], 100) if is_ungraded else alert.vendor_severity,
        status=state if state is not None and alert.status is AlertStatus.FIRING else alert.status,
        occurred_at=alert.occurred_at or instant_in(envelope["time"]),
        labels=labels_from((*alert.labels.items(), *((f"ce_{name}", envelope[name]) for name in _ATTRIBUTES[1:4]))),
        vendor_reference=alert.vendor_reference or plain_line(envelope[_THING], 100),
    )


def _severity_of(said: str) -> Severity:
    """The severity that the envelope's extension names, or counts."""
    if said.isdecimal() and 0 < int(said[:3]) <= 4 * len(_LEVELS):
        return severity_of_word(_LEVELS[(int(said[:3]) - 1) // 4])
    return severity_of_word(said)


def _type_and_state(kind: str) -> tuple[str, AlertStatus | None]:
    """The type without the state and the version at its end, and the state."""
    segments = [part for part in kind.split(".") if part and not _VERSION.fullmatch(part)]
    last = segments[-1] if segments else ""
    state = AlertStatus.FIRING if last.lower() in _OPENING else state_in_event(last) if last else None
    return ".".join(segments[:-1] if state is not None and len(segments) > 1 else segments), state
