"""Suricata EVE JSON as a shipper posts it: one record, an array, or JSON lines; Gatewatcher and firewalls alike.

https://docs.suricata.io/en/latest/output/eve/eve-json-format.html. Alerts share the stream with flow, dns, tls and
stats records, which are no alerts and are passed over.
"""

import json

from breach_service.domain.alert import Alert, Entity, EntityKind
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.entities import entities_of, entity, gathered
from breach_service.sources.identity import fingerprint_of
from breach_service.sources.instants import instant_in
from breach_service.sources.intrusion import Sides, severity_of_signature, sides_of, signal_of_signature
from breach_service.sources.payload import Record, records_in
from breach_service.sources.plain_text import plain_line, plain_text
from breach_service.sources.reading import first_text, labels_from, record_at, records_at, text_at, texts_at, value_at
from breach_service.sources.request import Delivery

_EXPECTED = 'records of Suricata\'s eve.json, each with an "event_type"'


class Suricata:
    """One alert per record whose event type is alert."""

    kind = "suricata"
    title = Text(fr="Suricata (EVE JSON)", en="Suricata (EVE JSON)")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`. Records of other event types are passed over; a body without any is unreadable."""
        records = records_in(delivery.body, _EXPECTED)
        if not any(text_at(record, "event_type") for record in records):
            raise UnreadablePayload(f'Found no record with an "event_type"; expected {_EXPECTED}.')
        return [_alert_of(source_name, record) for record in records if text_at(record, "event_type") == "alert"]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        alert = {"gid": 1, "signature_id": 1, "rev": 1, "signature": "Test message of an operator"}
        alert |= {"category": "Not Suspicious Traffic", "severity": 3}
        record = {"event_type": "alert", "src_ip": "192.0.2.1", "dest_ip": "10.0.0.1", "proto": "TCP", "alert": alert}
        return json.dumps(record).encode()


SOURCE = Suricata()


def _alert_of(source_name: str, record: Record) -> Alert:
    alert = record_at(record, "alert")
    signature, category = text_at(alert, "signature"), text_at(alert, "category")
    number = f"{text_at(alert, 'gid') or '1'}:{text_at(alert, 'signature_id')}"
    if not signature and not text_at(alert, "signature_id"):
        raise UnreadablePayload('Found an alert record that names no signature; expected "alert" with "signature".')
    severity, vendor_severity = severity_of_signature(alert)
    sides = sides_of(record)
    return Alert(
        source=source_name,
        title=plain_line(signature) or number,
        signal=signal_of_signature(signature, category),
        fingerprint=fingerprint_of("suricata", number, sides.own, sides.other),
        severity=severity,
        vendor_severity=plain_line(vendor_severity),
        occurred_at=instant_in(value_at(record, "timestamp")),
        entities=_entities_of(record, sides),
        labels=_labels_of(record, number),
        summary=plain_text(_summary_of(record, category)),
    )


def _entities_of(record: Record, sides: Sides) -> tuple[Entity, ...]:
    # Domains stay domains, even where they are ours: who writes the request chooses the name in it.
    names = [text_at(record, *path) for path in (("http", "hostname"), ("tls", "sni"), ("dns", "rrname"))]
    for key in ("query", "queries"):
        names += [text_at(question, "rrname") for question in records_at(record, "dns", key)]
    files = (*records_at(record, "files"), record_at(record, "fileinfo"))
    return gathered(
        [entity(EntityKind.ADDRESS, sides.own), entity(EntityKind.SOURCE_ADDRESS, sides.other)],
        entities_of(EntityKind.DOMAIN, names),
        entities_of(EntityKind.FILE, (text_at(one, "filename") for one in files)),
        entities_of(EntityKind.FILE_HASH, (first_text(one, ("sha256",), ("md5",)) for one in files)),
    )


def _labels_of(record: Record, number: str) -> dict[str, str]:
    return labels_from(
        (
            ("signature_id", number),
            ("category", text_at(record, "alert", "category")),
            ("action", text_at(record, "alert", "action")),
            ("tag", ", ".join(texts_at(record, "alert", "metadata", "tag"))),
            ("sensor", text_at(record, "host")),
            ("in_iface", text_at(record, "in_iface")),
            ("vlan", ", ".join(texts_at(record, "vlan"))),
            ("proto", text_at(record, "proto")),
            ("app_proto", text_at(record, "app_proto")),
        )
    )


def _summary_of(record: Record, category: str) -> str:
    """The category, who spoke to whom as the sensor saw it, and the request where there is one."""
    ends = (_end_of(record, "src_ip", "src_port"), _end_of(record, "dest_ip", "dest_port"))
    request = " ".join(filter(None, (text_at(record, "http", key) for key in ("http_method", "hostname", "url"))))
    direction = " → ".join(filter(None, ends))
    return "\n".join(filter(None, (category, f"{text_at(record, 'proto')} {direction}".strip(), request)))


def _end_of(record: Record, address: str, port: str) -> str:
    return ":".join(filter(None, (text_at(record, address), text_at(record, port))))
