"""Sophos Central: events and alerts of its SIEM integration, and alerts of the Alerts API, as connectors post them.

https://developer.sophos.com/docs/siem-v1/1/overview and the recorded events of SEKOIA-IO/intake-formats (Sophos/sophos
edr). `type` says what happened, `group` what part of the product says it; a threat that was cleaned up closes.
"""

import json
import re

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.lines.cef import cef_of
from breach_service.sources.parts.entities import entity, first_value, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, records_of, text_of_body
from breach_service.sources.parts.plain_text import plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, records_at, text_at, value_at
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.request import Delivery
from breach_service.sources.source import Source

_EXPECTED = (
    'events or alerts of Sophos Central, each with a "type" such as Event::Endpoint::… and a name or description'
)
_CLEANED = re.compile(
    r"cleanedup|::cleaned|core\w{0,10}clean(ed)?$|threat.{0,60}(removed|resolved|dismissed)|::pua(cleaned|removed)|isolationended",
    re.IGNORECASE,
)
_THREAT = re.compile(
    r"threat|malware|ransom|cryptoguard|hmpa|exploit|pua|amsi|beacon|c2|adversary|lockdown|core(clean|detect)",
    re.IGNORECASE,
)
_ENCRYPTION = re.compile(r"::D?enc::", re.IGNORECASE)
_QUOTED = re.compile(
    r"['\u2032\"\u2033]([^'\u2032\"\u2033]{2,200})['\u2032\"\u2033] at ['\u2032\"\u2033]([^'\"]{2,400})"
)
_GROUPS = {
    "MALWARE": Signal.MALWARE,
    "PUA": Signal.MALWARE,
    "RUNTIME_DETECTIONS": Signal.MALWARE,
    "COMMAND_AND_CONTROL": Signal.MALWARE,
    # What these did was stopped, or is the product's own day.
    "WEB": Signal.ROUTINE,
    "UPDATING": Signal.ROUTINE,
    "APPLICATION_CONTROL": Signal.ROUTINE,
    "PERIPHERALS": Signal.ROUTINE,
    "POLICY": Signal.OPERATIONS,
    "PROTECTION": Signal.OPERATIONS,
    "DENC": Signal.OPERATIONS,
}
_INSTANTS = (("when",), ("end",), ("raisedAt",), ("rt",), ("created_at",))
# What the prevention of intrusions saw on the other side.
_OTHER_SIDES = (("ips_threat_data", "remoteIp"), ("ips_threat", "remote_ip"), ("data", "ips_threat", "remote_ip"))
_ADDRESSES = (("source_info", "ip"), ("data", "source_info", "ip"), ("source_info_ip",))
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TEST = "Event::Test"
_LONGEST_TYPE = 200
_LEVELS = {"0": "none", "1": "low", "5": "medium", "8": "high", "10": "very_high"}
"""Of https://github.com/sophos/Sophos-Central-SIEM-Integration."""


class Sophos(Source):
    """One alert per event or alert."""

    kind = "sophos"
    aliases = ("sophos-central", "sophos-edr", "intercept-x")
    title = Text(fr="Sophos Central", en="Sophos Central")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        try:
            records = records_of(delivery, _EXPECTED)
        except UnreadablePayload:
            records = _records_of_lines(text_of_body(delivery))
            if not records:
                raise
        return [_alert_of(source_name, one) for record in records for one in (records_at(record, "items") or (record,))]

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        first = next(iter(records_at(record, "items")), record)
        return text_at(first, "type").startswith("Event::") and ("severity" in first or "allowedActions" in first)

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        return json.dumps({"type": _TEST, "name": "Test message of an operator", "severity": "none"}).encode()


SOURCE = Sophos()


def _records_of_lines(text: str) -> list[Record]:
    """The same events in CEF, as Sophos' own script for SIEMs writes them; it counts what the JSON has a word for."""
    found = [event for line in text.splitlines() if (event := cef_of(line)) is not None]
    return [
        {**one.fields, "type": one.event_id, "name": one.name, "severity": _LEVELS.get(one.severity, one.severity)}
        for one in found
        if one.event_id.startswith("Event::")
    ]


def _alert_of(source_name: str, record: Record) -> Alert:
    kind, level = text_at(record, "type")[:_LONGEST_TYPE], text_at(record, "severity")
    title = _title_of(record)
    if not title or not kind:
        raise UnreadablePayload(f'Found an object without "type" or without a name; expected {_EXPECTED}.')
    entities, is_test = _entities_of(record), kind == _TEST
    return Alert(
        source=source_name,
        title=title,
        signal=Signal.ROUTINE if is_test else _signal_of(record, kind, title),
        fingerprint=_fingerprint_of(record, kind, title, entities),
        severity=severity_of_word(level),
        vendor_severity=plain_line(level),
        status=AlertStatus.TEST if is_test else _status_of(kind),
        occurred_at=next((at for path in _INSTANTS if (at := instant_in(value_at(record, *path)))), None),
        entities=entities,
        labels=_labels_of(record),
        summary=plain_text("\n".join(filter(None, (text_at(record, "description"), kind)))),
        vendor_reference=plain_line(text_at(record, "id")),
    )


def _title_of(record: Record) -> str:
    """The name, which is a sentence, or only that of the threat: then the description or the type says the rest."""
    name, description = text_at(record, "name"), text_at(record, "description")
    told = description if name and name in description else name or description
    threat = first_text(record, ("threat",), ("detection_identity_name",))
    if threat and told in ("", threat):
        what = _HUMPS.sub(" ", text_at(record, "type")[:_LONGEST_TYPE].rpartition("Endpoint::")[2].replace("::", " "))
        return plain_line(f"{what.capitalize()}: {threat}" if what else threat)
    return plain_line(told)


def _status_of(kind: str) -> AlertStatus:
    return AlertStatus.RESOLVED if _CLEANED.search(kind) and "fail" not in kind.lower() else AlertStatus.FIRING


def _signal_of(record: Record, kind: str, title: str) -> Signal:
    """The type where it names a threat, then the group, then the words; data that left by a rule are counted."""
    if _THREAT.search(kind):
        return Signal.MALWARE
    group = first_text(record, ("group",), ("category",)).upper()
    if "NotProtected" in kind:
        return Signal.OPERATIONS
    if "DataLossPrevention" in kind:
        return Signal.ROUTINE
    if _ENCRYPTION.search(kind):
        return Signal.OPERATIONS
    by_words = signal_of_words(title)
    if by_words is Signal.MALWARE and group not in ("WEB", "UPDATING"):
        return Signal.MALWARE
    return _GROUPS.get(group) or by_words or Signal.ANOMALY


def _named_threat(record: Record, title: str) -> tuple[str, str]:
    """Name and path of what was found; old events have both only in their sentence."""
    found = _QUOTED.search(title)
    name = first_text(record, ("threat",), ("detection_identity_name",)) or (found[1] if found else "")
    return name, first_text(record, ("filePath",), ("path",)) or (found[2] if found else "")


def _entities_of(record: Record) -> tuple[Entity, ...]:
    _, path = _named_threat(record, _title_of(record))
    return gathered(
        [
            entity(EntityKind.HOST, first_text(record, ("dhost",), ("location",), ("managedAgent", "name"))),
            entity(EntityKind.ADDRESS, first_text(record, *_ADDRESSES)),
            entity(EntityKind.USER, first_text(record, ("suser",), ("source",), ("person", "name"))),
            entity(EntityKind.SOURCE_ADDRESS, first_text(record, *_OTHER_SIDES)),
            entity(EntityKind.FILE, path),
            entity(EntityKind.FILE_HASH, first_text(record, ("appSha256",), ("core_remedy_items", "sha256"))),
            entity(EntityKind.ACCOUNT, first_text(record, ("customer_id",), ("tenant", "id"))),
        ]
    )


def _fingerprint_of(record: Record, kind: str, title: str, entities: tuple[Entity, ...]) -> str:
    """The threat on the machine, found or cleaned up; else the type, the machine and what the sentence says."""
    machine = first_value(entities, EntityKind.HOST) or first_text(record, ("endpoint_id",), ("managedAgent", "id"))
    threat, path = _named_threat(record, title)
    if threat:
        return fingerprint_of("sophos", "threat", threat, machine, path)
    return fingerprint_of("sophos", kind, machine, title)


def _labels_of(record: Record) -> dict[str, str]:
    return labels_from(
        (
            ("type", text_at(record, "type")),
            ("group", first_text(record, ("group",), ("category",))),
            ("product", text_at(record, "product")),
            ("threat", text_at(record, "threat")),
            ("origin", text_at(record, "origin")),
            ("endpoint_type", first_text(record, ("endpoint_type",), ("managedAgent", "type"))),
            ("endpoint_id", first_text(record, ("endpoint_id",), ("managedAgent", "id"))),
            ("customer", first_text(record, ("customer_id",), ("tenant", "id"))),
        )
    )
