"""Bitdefender GravityZone, event push service: JSON-RPC `addEvents`, CEF, or the same events in Splunk's envelope.

https://www.bitdefender.com/business/support/en/77211-135325-push-event-json-rpc-messages.html. One request holds events
of many modules and, for partners, of many companies. The authorisation is a fixed value of the push settings. Nothing
ever resolves. `_testEvent_` marks what `sendTestPushEvent` makes. Names of keys differ from module to module, in snake
and in camel case.
"""

import json

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.lines.log_event import severity_of_ten
from breach_service.sources.parts.entities import entities_of, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.masking import masked
from breach_service.sources.parts.payload import Record, records_of, text_of_body
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
from breach_service.sources.request import Delivery
from breach_service.sources.senders.bitdefender.cef import events_in_texts
from breach_service.sources.senders.bitdefender.modules import is_sign_in, object_of, signal_of_event, title_of_event
from breach_service.sources.source import Source

_EXPECTED = 'a push of GravityZone, an object with "params" that holds "events", each with a "module"'
_INSTANT_KEYS = (
    "timestamp",
    "last_blocked",
    "created",
    "detected_on",
    "detectionTime",
    "detection_time",
    "detected",
    "date",
    "lastSeen",
    "startDate",
)
_COMPUTERS = (("computer_name",), ("computerName",), ("serverName",), ("server_name",), ("endpoint_name",))
_FILES = ("file_path", "filePath", "exploit_path", "process_path", "detection_path", "process_info_path", "filePaths")
_HASHES = ("hash", "malware_hash", "file_hash_sha256", "file_hash_md5", "fileHash", "process_hash")
_SOURCES = ("source_ip", "attacker_ip", "attack_source", "remote_ip", "sourceIp")
_ADDRESSES = ("computer_ip", "computerIp", "victim_ip", "endpoint_ip")
_USERS = (("user", "name"), ("user", "userName"), ("username",), ("detection_username",), ("userName",), ("user_name",))
# Scores of incidents are from 1 to 100, where no word of GravityZone (low, medium, high) goes with them.
_SCORES = ((90, Severity.CRITICAL), (70, Severity.HIGH), (40, Severity.MEDIUM), (1, Severity.LOW))


class Bitdefender(Source):
    """One alert per event."""

    kind = "bitdefender"
    aliases = ("gravityzone", "bitdefender-gravityzone")
    title = Text(fr="Bitdefender GravityZone", en="Bitdefender GravityZone")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        try:
            pushes = records_of(delivery, _EXPECTED)
        except UnreadablePayload:
            events = events_in_texts(text_of_body(delivery).splitlines(), delivery.received_at)
            if not events:
                raise
            return [_alert_of(source_name, event) for event in events]
        return [_alert_of(source_name, event) for push in pushes for event in _events_of(push, delivery)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        event = {"module": "av", "malware_name": "Test message of an operator", "_testEvent_": True}
        return json.dumps({"jsonrpc": "2.0", "method": "addEvents", "params": {"events": [event]}, "id": 1}).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        is_push = text_at(record, "method") == "addEvents" and bool(records_at(record, "params", "events"))
        event = record_at(record, "event") or record
        return is_push or ("module" in event and ("computer_id" in event or "_testEvent_" in event))


SOURCE = Bitdefender()


def _events_of(push: Record, delivery: Delivery) -> list[Record]:
    """The events of a push, of Splunk's envelope, or an event that stands alone."""
    held = [*records_at(push, "params", "events"), *records_at(push, "events"), *records_at(push, "event")]
    texts = (*texts_at(push, "params", "events"), *texts_at(push, "events"), *texts_at(push, "event"))
    held += events_in_texts(texts, delivery.received_at)
    alone = record_at(push, "event") or push
    events = held or [alone]
    if not any(text_at(event, "module") for event in events):
        raise UnreadablePayload(f'Found no event with a "module"; expected {_EXPECTED}.')
    return events


def _alert_of(source_name: str, event: Record) -> Alert:
    module = text_at(event, "module").lower()
    is_test = text_at(event, "_testEvent_").lower() in ("true", "1")
    computer = first_text(event, ("computer_fqdn",), ("computerFqdn",), *_COMPUTERS)
    incident = first_text(event, ("incident_id",), ("incidentId",))
    severity, vendor_severity = _severity_of(event)
    machine = first_text(event, ("computer_id",), ("endpointId",), ("endpoint_id",)) or computer
    return Alert(
        source=source_name,
        title=plain_line(title_of_event(module, event, first_text(event, *_COMPUTERS) or computer)),
        signal=Signal.HEARTBEAT if is_test else signal_of_event(module, event),
        fingerprint=fingerprint_of("bitdefender", *([incident] if incident else [module, machine, object_of(event)])),
        severity=severity,
        vendor_severity=vendor_severity,
        status=AlertStatus.TEST if is_test else AlertStatus.FIRING,
        occurred_at=next(filter(None, (instant_in(value_at(event, key)) for key in _INSTANT_KEYS)), None),
        entities=_entities_of(event),
        labels=_labels_of(event, module),
        summary=plain_text(masked(first_text(event, ("process_command_line",), ("command_line_parameters",)))),
        vendor_reference=plain_line(first_text(event, ("incident_number",)) or incident),
        link=link_of(first_text(event, ("incident_link",), ("incidentLink",))),
    )


def _severity_of(event: Record) -> tuple[Severity, str]:
    word = text_at(event, "severity")
    if severity_of_word(word) is not Severity.UNKNOWN:
        return severity_of_word(word), plain_line(word)
    said = first_text(event, ("severityScore",), ("severity_score",)) or word
    if not said and "cef_severity" in event:
        return severity_of_ten(text_at(event, "cef_severity")), plain_line(text_at(event, "cef_severity"))
    try:
        score = float(said)
    except ValueError:
        return Severity.UNKNOWN, plain_line(said)
    return next((severity for least, severity in _SCORES if score >= least), Severity.UNKNOWN), plain_line(said)


def _entities_of(event: Record) -> tuple[Entity, ...]:
    company = first_text(event, ("company_name",), ("companyName",), ("companyId",), ("company_id",))
    said = (first_text(event, *_COMPUTERS), first_text(event, ("computer_fqdn",), ("computerFqdn",)))
    names = [name for name in said if name.lower() != "undefined"]
    addresses = [one for key in _ADDRESSES for one in text_at(event, key).split(",")]
    if is_sign_in(event):
        # What stands for the computer is where somebody signed in to the console from.
        sources, names, addresses = [*names, *addresses], [], []
    else:
        sources = [text_at(event, key) for key in _SOURCES]
    return gathered(
        entities_of(EntityKind.HOST, names),
        entities_of(EntityKind.ADDRESS, addresses),
        entities_of(EntityKind.SOURCE_ADDRESS, sources),
        entities_of(EntityKind.USER, (text_at(event, *path) for path in _USERS)),
        entities_of(EntityKind.USER, texts_at(event, "recipients")),
        entities_of(EntityKind.FILE, (text for key in _FILES for text in texts_at(event, key))),
        entities_of(EntityKind.FILE_HASH, (text_at(event, key) for key in _HASHES)),
        entities_of(EntityKind.URL, [text_at(event, "url")]),
        entities_of(EntityKind.ACCOUNT, [company]),
    )


def _labels_of(event: Record, module: str) -> dict[str, str]:
    return labels_from(
        (
            ("module", module),
            ("company", first_text(event, ("companyId",), ("company_id",))),
            ("status", first_text(event, ("final_status",), ("status",), ("main_action",), ("actionTaken",))),
            ("malware_type", first_text(event, ("malware_type",), ("threatType",))),
            ("attack_types", ", ".join(texts_at(event, "attack_types"))),
            ("mitre", ", ".join(texts_at(event, "att_ck_id"))),
            ("product", text_at(event, "product_installed")),
            ("count", text_at(event, "count")),
        )
    )
