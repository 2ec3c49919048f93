"""Records of Suricata's EVE JSON, out of whatever a shipper wrapped them in, and the alert that one of them makes.

https://docs.suricata.io/en/latest/output/eve/eve-json-format.html. Suricata itself sends nothing over HTTP: Vector,
Fluent Bit, syslog-ng, Logstash and Filebeat do, each with an envelope of its own; firewalls write them into syslog.
"""

from collections.abc import Iterable

from breach_service.domain.alert import Alert, Entity, EntityKind
from breach_service.errors import UnreadablePayload
from breach_service.sources.parts.entities import entities_of, entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.intrusion import Sides, severity_of_signature, sides_of, signal_of_signature
from breach_service.sources.parts.payload import Record, decoded
from breach_service.sources.parts.plain_text import plain_line, plain_text
from breach_service.sources.parts.reading import (
    first_text,
    labels_from,
    record_at,
    records_at,
    text_at,
    texts_at,
    value_at,
)

_ENVELOPES: tuple[tuple[str, ...], ...] = (
    ("suricata", "eve"),
    ("event", "original"),
    ("event.original",),
    ("message",),
    ("MESSAGE",),
    ("MSG",),
    ("msg",),
    ("log",),
    ("raw",),
    ("event",),
    ("eve",),
    ("data",),
    ("_source",),
)
_MOST_LAYERS = 3
_INSTANTS = ("timestamp", "timestamp_detected", "@timestamp")
"""Suricata's own, that of Gatewatcher, that of the shipper."""
# Filebeat moves these out of the record, under the names of the Elastic Common Schema.
_MOVED = (
    ("src_ip", (("source", "ip"), ("source", "address"))),
    ("src_port", (("source", "port"),)),
    ("dest_ip", (("destination", "ip"), ("destination", "address"))),
    ("dest_port", (("destination", "port"),)),
    ("proto", (("network", "transport"),)),
    ("timestamp", (("@timestamp",),)),
    ("host", (("observer", "hostname"), ("host", "name"))),
)


def eve_record(record: Record) -> Record | None:
    """The record of Suricata in an object, itself or in an envelope; None where there is none."""
    held, outer = record, record
    for _ in range(_MOST_LAYERS):
        if _is_eve(held):
            return held if held is outer else _completed(held, outer)
        outer, inner = held, _inner(held)
        if inner is None:
            return None
        held = inner
    return held if _is_eve(held) else None


def eve_in_text(text: str) -> Record | None:
    """The record that stands in a line behind a header, from the first brace on; None where there is none."""
    start = text.find('{"')
    value = decoded(text[start:].strip()) if start >= 0 else None
    return eve_record(value) if isinstance(value, dict) else None


def _is_eve(record: Record) -> bool:
    if not text_at(record, "event_type"):
        # Some shippers leave the type out; nobody else numbers signatures like that.
        return {"signature_id", "signature"} <= record_at(record, "alert").keys() and "src_ip" in record
    return any(name in record for name in ("alert", "flow_id", "src_ip", "stats"))


def is_alert(record: Record) -> bool:
    """True for a record of the type alert; False for flows and the rest of the stream."""
    return text_at(record, "event_type") == "alert" or ("event_type" not in record and "alert" in record)


def _inner(record: Record) -> Record | None:
    for path in _ENVELOPES:
        value = value_at(record, *path)
        if isinstance(value, str):
            start = value.find('{"')
            value = decoded(value[start:].strip()) if start >= 0 else None
        if isinstance(value, dict) and (_is_eve(value) or "event_type" in value or _has_envelope(value)):
            return value
    return None


def _has_envelope(record: Record) -> bool:
    return any(value_at(record, *path) is not None for path in _ENVELOPES[:6])


def _completed(record: Record, outer: Record) -> Record:
    """The record with what its shipper moved into the envelope."""
    moved = {name: text for name, paths in _MOVED if not text_at(record, name) and (text := first_text(outer, *paths))}
    return {**record, **moved}


def alerts_of_eve(source_name: str, records: Iterable[Record]) -> list[Alert]:
    """One alert per record of the type alert; flows and the rest of the stream are passed over."""
    return [alert_of_eve(source_name, one) for one in records if is_alert(one)]


def alert_of_eve(source_name: str, record: Record) -> Alert:
    """The alert of one record. Raises UnreadablePayload where it names no signature."""
    alert = record_at(record, "alert")
    signature, category = text_at(alert, "signature"), text_at(alert, "category")
    number = f"{text_at(alert, 'gid') or '1'}:{text_at(alert, 'signature_id')}"
    if not signature and not text_at(alert, "signature_id"):
        raise UnreadablePayload('Found an alert record that names no signature; expected "alert" with "signature".')
    severity, vendor_severity = severity_of_signature(alert)
    sides = sides_of(record)
    return Alert(
        source=source_name,
        title=plain_line(signature) or plain_line(number),
        signal=signal_of_signature(signature, category),
        fingerprint=fingerprint_of("suricata", number, sides.own, sides.other),
        severity=severity,
        vendor_severity=plain_line(vendor_severity),
        occurred_at=next((at for key in _INSTANTS if (at := instant_in(value_at(record, key))) is not None), None),
        entities=_entities_of(record, sides),
        labels=_labels_of(record, number),
        summary=plain_text(_summary_of(record, category)),
        vendor_reference=plain_line(number),
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
            ("cve", ", ".join(texts_at(record, "alert", "metadata", "cve"))),
            ("mitre", ", ".join(texts_at(record, "alert", "metadata", "mitre_technique_id"))),
            ("sensor", first_text(record, ("host",), ("host", "name"))),
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
