"""Open Cybersecurity Schema Framework: findings (2001 to 2007), authentications (3002) and activities of every class.

https://schema.ocsf.io, versions 1.0 to 1.6: `class_uid`, `severity_id`, `status_id`, `activity_id`, `finding_info`.
Amazon Security Lake, Security Hub (v2) and pipelines send it. `time` is in milliseconds, in UTC.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.general.state_words import is_test_title
from breach_service.sources.parts.entities import first_value
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
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
    whole_number_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.request import Delivery
from breach_service.sources.senders.ocsf.classes import COMPLIANCE, FINDINGS, INCIDENT, class_of, signal_of_event
from breach_service.sources.senders.ocsf.entities import entities_of_event
from breach_service.sources.source import Source

_EXPECTED = 'an event of OCSF, an object with "class_uid" and "severity_id" or "activity_id", or an array of these'

_SEVERITIES: Mapping[int, Severity] = {
    1: Severity.INFO,
    2: Severity.LOW,
    3: Severity.MEDIUM,
    4: Severity.HIGH,
    5: Severity.CRITICAL,
    6: Severity.CRITICAL,
}
"""`severity_id`; 6 is fatal, 0 unknown, 99 the sender's own."""
_CLOSE = 3
_CLOSED: Mapping[int, frozenset[int]] = {2005: frozenset({4, 5})}
"""`status_id` by class: 4 is resolved in all findings, 5 is closed for an incident (2005) and archived nowhere else."""
_CLOSED_FINDING = frozenset({3, 4, 5, 6})
"""`status_id` of the other findings: suppressed, resolved, archived, deleted."""


class Ocsf(Source):
    """One alert per event; plain activities, which are no findings, are what a source says all day."""

    kind = "ocsf"
    aliases = ("amazon-security-lake", "security-lake", "aws-security-lake", "security-hub-v2")
    title = Text(fr="OCSF (Amazon Security Lake)", en="OCSF (Amazon Security Lake)")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL, AuthKind.HMAC)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [_alert_of(source_name, _event_in(record)) for record in records_of(delivery, _EXPECTED)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        finding = {"uid": "test", "title": "Test message of an operator"}
        event = {"class_uid": 2004, "activity_id": 1, "severity_id": 1, "time": 1795377600000, "finding_info": finding}
        return json.dumps({**event, "metadata": {"version": "1.3.0", "product": {"name": "test"}}}).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        return whole_number_at(record, "class_uid") is not None and ("activity_id" in record or "severity_id" in record)


SOURCE = Ocsf()


def _event_in(record: Record) -> Record:
    """The event, out of the envelope of EventBridge where there is one."""
    event = next((one for one in (record, record_at(record, "detail")) if text_at(one, "class_uid")), record)
    if whole_number_at(event, "class_uid") is None:
        raise UnreadablePayload(f'Found an object without "class_uid"; expected {_EXPECTED}.')
    return event


def _alert_of(source_name: str, event: Record) -> Alert:
    info = _finding_of(event)
    title = _title_of(event, info)
    is_test = is_test_title(title)
    entities = entities_of_event(event)
    severity, vendor_severity = _severity_of(event)
    return Alert(
        source=source_name,
        title=title,
        signal=Signal.ROUTINE if is_test else signal_of_event(event, info, title),
        fingerprint=_fingerprint_of(event, info, title, entities),
        severity=severity,
        vendor_severity=plain_line(vendor_severity),
        status=AlertStatus.TEST if is_test else _status_of(event),
        occurred_at=_occurred_at_of(event, info),
        entities=entities,
        labels=_labels_of(event),
        summary=plain_text(first_text(info, ("desc",)) or first_text(event, ("message",), ("status_detail",))),
        vendor_reference=plain_line(text_at(info, "uid"), 200),
        link=next((link for path in _LINKS if (link := link_of(first_text(event, path) or text_at(info, *path)))), ""),
    )


_LINKS = (("src_url",), ("ticket", "src_url"))


def _finding_of(event: Record) -> Record:
    """What is found: `finding_info`, or `finding` as version 1.0 calls it, or the first of an incident's findings."""
    held = (record_at(event, "finding_info"), record_at(event, "finding"), *records_at(event, "finding_info_list"))
    return next((one for one in held if one), {})


def _title_of(event: Record, info: Record) -> str:
    own = text_at(event, "desc") if whole_number_at(event, "class_uid") == INCIDENT else ""
    said = own or first_text(info, ("title",), ("desc",)) or text_at(event, "message")
    flaws = texts_at({"uids": [text_at(one, "cve", "uid") for one in records_at(event, "vulnerabilities")]}, "uids")
    parts = (text_at(event, "class_name") or class_of(event), text_at(event, "activity_name"))
    named = text_at(event, "type_name") or ": ".join(filter(None, parts))
    return plain_line(said or ", ".join(flaws) or named) or f"OCSF {plain_line(text_at(event, 'class_uid'), 20)}"


def _severity_of(event: Record) -> tuple[Severity, str]:
    number, word = whole_number_at(event, "severity_id"), text_at(event, "severity")
    if number is None and not word:
        # Findings may say how great the risk is instead.
        number, word = None, text_at(event, "risk_level")
    by_number = _SEVERITIES.get(number) if number is not None else None
    return by_number or severity_of_word(word), word or text_at(event, "severity_id")


def _status_of(event: Record) -> AlertStatus:
    class_uid, status = whole_number_at(event, "class_uid") or 0, whole_number_at(event, "status_id")
    if class_uid not in FINDINGS:
        return AlertStatus.FIRING
    closed = _CLOSED.get(class_uid, _CLOSED_FINDING)
    if class_uid == COMPLIANCE and text_at(event, "compliance", "status").lower() in ("pass", "passed"):
        return AlertStatus.RESOLVED
    is_closed = whole_number_at(event, "activity_id") == _CLOSE or status in closed
    return AlertStatus.RESOLVED if is_closed else AlertStatus.FIRING


def _occurred_at_of(event: Record, info: Record) -> datetime | None:
    starts = (
        value_at(info, "first_seen_time"),
        value_at(event, "start_time"),
        value_at(info, "created_time"),
        value_at(event, "time"),
        value_at(event, "time_dt"),
    )
    return next((at for one in starts if (at := instant_in(one)) is not None), None)


def _fingerprint_of(event: Record, info: Record, title: str, entities: tuple[Entity, ...]) -> str:
    """The finding's own id; of other events the class and the things concerned."""
    class_uid = whole_number_at(event, "class_uid") or 0
    uid = text_at(info, "uid") if class_uid in FINDINGS else ""
    if uid and class_uid != INCIDENT:
        return fingerprint_of("ocsf", uid)
    own = first_text(event, ("incident_uid",), ("ticket", "uid"), ("metadata", "correlation_uid")) or uid
    if own:
        return fingerprint_of("ocsf", own)
    kinds = (EntityKind.HOST, EntityKind.ACCOUNT, EntityKind.SOURCE_ADDRESS, EntityKind.USER)
    return fingerprint_of("ocsf", str(class_uid), title, *(first_value(entities, kind) for kind in kinds))


def _labels_of(event: Record) -> dict[str, str]:
    return labels_from(
        (
            ("class_uid", text_at(event, "class_uid")),
            ("class_name", text_at(event, "class_name")),
            ("product", first_text(event, ("metadata", "product", "name"), ("metadata", "product", "uid"))),
            ("vendor", text_at(event, "metadata", "product", "vendor_name")),
            ("region", text_at(event, "cloud", "region")),
            ("account", first_text(event, ("cloud", "account", "uid"), ("cloud", "account_uid"))),
            ("account_name", text_at(event, "cloud", "account", "name")),
            ("confidence", first_text(event, ("confidence",), ("confidence_id",))),
        )
    )
