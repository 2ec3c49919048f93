"""Uptime Kuma, notification type Webhook: JSON, multipart with a field `data`, or GET with a query.

louislam/uptime-kuma: server/notification-providers/webhook.js (the three ways), server/model/monitor.js and
server/model/heartbeat.js (what is in them). `heartbeat.time` and `heartbeat.lastDownTime` are UTC without saying so;
`heartbeat.localDateTime` stands in `heartbeat.timezone`. Tests and messages about the expiry of certificates and
domains have neither heartbeat nor monitor. It retries nothing and signs nothing; headers are free. A body of one's own
(src/components/notifications/Webhook.vue suggests `{"Title": …, "Body": "{{ msg }}"}`) is read by its message, which
says name and state; `heartbeatJSON` and `monitorJSON` are the names of the same objects in a template.
"""

import json
import re
from datetime import UTC, datetime

from breach_service.domain.alert import Alert, AlertStatus, EntityKind, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.masking import masked
from breach_service.sources.parts.monitors import bare_address, signal_of_check, watched_entities
from breach_service.sources.parts.payload import Record, decoded, records_of, text_of_body
from breach_service.sources.parts.plain_text import plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, record_at, records_at, text_at, value_at
from breach_service.sources.parts.zones import zone_named
from breach_service.sources.request import Delivery
from breach_service.sources.source import Source

_EXPECTED = 'the body of Uptime Kuma, an object with "heartbeat", "monitor" and "msg"'
_DOWN, _UP, _PENDING, _MAINTENANCE = "0", "1", "2", "3"
_STATES = {_DOWN: "down", _UP: "up", _PENDING: "pending", _MAINTENANCE: "maintenance"}
_STATE_IN_MESSAGE = re.compile(r"\[(?:[^\w\[\]]*\s*)?(Up|Down)\]", re.IGNORECASE)
_WHOLE_MESSAGE = re.compile(
    r"\s*\[(?P<name>.{1,300}?)\] \[(?:[^\w\[\]]*\s*)?(?:Up|Down)\] ?(?P<detail>[\s\S]*)", re.IGNORECASE
)
"""`[CRM] [🔴 Down] timeout`, as every message about a check is written."""
_CERTIFICATE = re.compile(
    r"\[(.{1,300}?)\]\[(.{0,2000}?)\] .{0,60}certificate (.{1,300}) will (?:expire|be expired) in -?\d+ days"
)
_DOMAIN = re.compile(r"Domain name (\S{1,255}) will (?:expire|be expired) in -?\d+ days")
_TEST = re.compile(r".*\bTesting\s*", re.DOTALL)
_TEST_STATE = re.compile(r"\W*Test")
"""`{{ status }}` of a template, in the message of the test button."""
_LONGEST_READ = 5000
_MOST_KEYS = 50


class UptimeKuma(Source):
    """One alert per message."""

    kind = "uptime-kuma"
    aliases = ("kuma", "uptimekuma")
    title = Text(fr="Uptime Kuma", en="Uptime Kuma")
    lasts_until_resolved = True
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [_alert_of(source_name, _as_documented(record)) for record in _records_in(delivery)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        return json.dumps({"heartbeat": None, "monitor": None, "msg": "Message of an operator Testing"}).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        return "heartbeat" in record and "monitor" in record and "msg" in record


SOURCE = UptimeKuma()


def _records_in(delivery: Delivery) -> list[Record]:
    """The objects of a request; or a text that is a message and nothing else, as some write their own body."""
    try:
        return records_of(delivery, _EXPECTED)
    except UnreadablePayload:
        text = text_of_body(delivery)[:_LONGEST_READ]
        if not _WHOLE_MESSAGE.match(text):
            raise
        return [{"msg": text}]


def _as_documented(record: Record) -> Record:
    """The body under the documented names, where an operator's own template names them otherwise."""
    if "heartbeat" in record or "monitor" in record:
        return record
    texts = {key.lower(): text_at(record, key)[:_LONGEST_READ] for key in list(record)[:_MOST_KEYS]}
    name, status = texts.get("name", ""), texts.get("status", "")
    if name and _TEST_STATE.match(status):
        return {"msg": f"{name} Testing"}
    whole = next((text for text in texts.values() if _WHOLE_MESSAGE.match(text)), "")
    whole = whole or next((text for text in texts.values() if _TEST.fullmatch(text)), "")
    written = f"[{name}] [{status}] {texts.get('msg', '')}".strip() if name and status else ""
    flat = {"name": name, "url": texts.get("url") or texts.get("hostnameorurl") or texts.get("hostname_or_url", "")}
    monitor = _inner(record, "monitorJSON") or (flat if written else {})
    message = whole or written or texts.get("msg", "")
    if not message and not monitor:
        return record
    return {**record, "heartbeat": _inner(record, "heartbeatJSON"), "monitor": monitor, "msg": message}


def _alert_of(source_name: str, record: Record) -> Alert:
    heartbeat, monitor = _inner(record, "heartbeat"), _inner(record, "monitor")
    said = _WHOLE_MESSAGE.match(text_at(record, "msg")[:_LONGEST_READ])
    if said and not monitor:
        monitor = {"name": said["name"]}
        heartbeat = heartbeat or {"msg": said["detail"]}
    message = plain_line(masked(text_at(record, "msg")))
    if not message and not heartbeat and not monitor:
        known = ", ".join(sorted(plain_line(key, 40) for key in record)[:10]) or "none"
        raise UnreadablePayload(f"Found an object with other keys ({known}); expected {_EXPECTED}.")
    if not heartbeat and not monitor:
        return _message_alone(source_name, message)
    name, status = plain_line(first_text(monitor, ("name",), ("pathName",))), _status_word(heartbeat, message)
    monitor_id = first_text(monitor, ("id",)) or text_at(heartbeat, "monitorID")
    state = " ".join(filter(None, (name or "Uptime Kuma", _STATES.get(status, ""))))
    address = text_at(monitor, "url")
    return Alert(
        source=source_name,
        title=message or state,
        signal=Signal.ROUTINE if status == _MAINTENANCE else signal_of_check(name),
        fingerprint=fingerprint_of("uptime-kuma", monitor_id or name or message),
        severity=Severity.UNKNOWN,
        status=AlertStatus.RESOLVED if status == _UP else AlertStatus.FIRING,
        occurred_at=_began_at(heartbeat, status),
        entities=gathered(watched_entities(name, address, text_at(monitor, "hostname"))),
        labels=labels_from([*_tags_of(monitor), *_labels_of(monitor)]),
        summary=plain_text(masked(text_at(heartbeat, "msg"))),
        vendor_reference=plain_line(monitor_id),
    )


def _message_alone(source_name: str, message: str) -> Alert:
    """A test, or the days left of a certificate or of a domain."""
    certificate, domain = _CERTIFICATE.match(message), _DOMAIN.match(message)
    is_test = certificate is None and domain is None and _TEST.fullmatch(message) is not None
    named = [entity(EntityKind.DOMAIN, domain[1])] if domain else []
    if certificate:
        named = watched_entities(certificate[1], certificate[2])
    what = (domain[1],) if domain else certificate.group(1, 2, 3) if certificate else (message,)
    return Alert(
        source=source_name,
        title=message,
        signal=Signal.HEARTBEAT if is_test else Signal.OPERATIONS,
        fingerprint=fingerprint_of("uptime-kuma", "message", *what),
        status=AlertStatus.TEST if is_test else AlertStatus.FIRING,
        entities=gathered(named),
    )


def _inner(record: Record, key: str) -> Record:
    """An object, or the text that a form or a query makes of it."""
    return record_at({key: decoded(value_at(record, key))}, key)


def _status_word(heartbeat: Record, message: str) -> str:
    said = text_at(heartbeat, "status")
    if said:
        return said
    found = _STATE_IN_MESSAGE.search(message)
    return (_UP if found[1].lower() == "up" else _DOWN) if found else ""


def _began_at(heartbeat: Record, status: str) -> datetime | None:
    began = instant_in(value_at(heartbeat, "lastDownTime"), UTC) if status == _UP else None
    began = began or instant_in(value_at(heartbeat, "time"), UTC)
    if began is not None:
        return began
    zone = zone_named(text_at(heartbeat, "timezone")) or zone_named(text_at(heartbeat, "timezoneOffset"))
    return instant_in(value_at(heartbeat, "localDateTime"), zone)


def _tags_of(monitor: Record) -> list[tuple[str, str]]:
    return [(text_at(tag, "name"), text_at(tag, "value") or "true") for tag in records_at(monitor, "tags")]


def _labels_of(monitor: Record) -> list[tuple[str, str]]:
    plain = (("monitor", "name"), ("type", "type"), ("host", "hostname"), ("group", "pathName"))
    return [*((label, text_at(monitor, key)) for label, key in plain), ("url", bare_address(text_at(monitor, "url")))]
