"""Findings of the newer AWS Security Hub, in the Open Cybersecurity Schema Framework.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-v2-cwe-event-formats.html and
schema.ocsf.io (classes 2002 vulnerability, 2003 compliance, 2004 detection, 2005 incident, 2006 data security).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Severity, Signal
from breach_service.sources.parts.entities import entities_of, entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record
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
from breach_service.sources.parts.tactics import signal_of_threat
from breach_service.sources.senders.aws.guardduty import signal_of_type
from breach_service.sources.senders.aws.resources import (
    Event,
    entity_of_account,
    entity_of_arn,
    finding_identity,
    machine_named_by,
    tags_of,
)

_SEVERITY_OF_ID: Mapping[int, Severity] = {
    1: Severity.INFO,
    2: Severity.LOW,
    3: Severity.MEDIUM,
    4: Severity.HIGH,
    5: Severity.CRITICAL,
    6: Severity.CRITICAL,
}
_CLOSED_WORDS = frozenset({"resolved", "suppressed", "archived", "closed", "deleted"})
_CLOSED_IDS = frozenset({3, 4, 5})
_CLOSING_ACTIVITY = 3
_SIGNAL_OF_CLASS: Mapping[int | None, Signal] = {
    2002: Signal.VULNERABILITY,
    2003: Signal.VULNERABILITY,
    2006: Signal.DATA_EXPOSURE,
}
_PASSED = "pass"


def is_finding(record: Record) -> bool:
    """True for a finding of OCSF."""
    return "finding_info" in record and ("class_uid" in record or "metadata" in record)


def alert_of_finding(source_name: str, finding: Record, event: Event) -> Alert:
    """The alert of one finding."""
    info = record_at(finding, "finding_info")
    account = text_at(finding, "cloud", "account", "uid") or event.account
    severity, vendor_severity = _severity_of(finding)
    title = text_at(info, "title")
    identity = finding_identity(text_at(info, "uid") or text_at(finding, "metadata", "uid"))
    return Alert(
        source=source_name,
        title=plain_line(title) or plain_line(next(iter(texts_at(info, "types")), "")) or "Security Hub finding",
        signal=_signal_of(finding, title),
        fingerprint=fingerprint_of("aws-finding", identity) if identity else fingerprint_of("ocsf", account, title),
        severity=severity,
        vendor_severity=plain_line(vendor_severity),
        status=_status_of(finding),
        occurred_at=_started_at(finding) or event.happened_at,
        entities=gathered([entity_of_account(account)], _resources_of(finding), _traces_of(finding)),
        labels=_labels_of(finding, account, event),
        summary=plain_text(text_at(info, "desc") or text_at(finding, "message")),
        vendor_reference=plain_line(text_at(info, "uid")),
        link=link_of(text_at(info, "src_url")),
    )


def _severity_of(finding: Record) -> tuple[Severity, str]:
    word, number = text_at(finding, "severity"), whole_number_at(finding, "severity_id")
    by_number = _SEVERITY_OF_ID.get(number, Severity.UNKNOWN) if number is not None else Severity.UNKNOWN
    by_word = severity_of_word(word)
    return (by_number if by_word is Severity.UNKNOWN else by_word), word or text_at(finding, "severity_id")


def _status_of(finding: Record) -> AlertStatus:
    is_passed = text_at(finding, "compliance", "status").lower() == _PASSED
    word = text_at(finding, "status").lower()
    is_closed = word in _CLOSED_WORDS or (not word and whole_number_at(finding, "status_id") in _CLOSED_IDS)
    is_closing = whole_number_at(finding, "activity_id") == _CLOSING_ACTIVITY
    return AlertStatus.RESOLVED if is_closed or is_closing or is_passed else AlertStatus.FIRING


def _started_at(finding: Record) -> datetime | None:
    places = (
        ("finding_info", "first_seen_time_dt"),
        ("finding_info", "first_seen_time"),
        ("finding_info", "created_time_dt"),
        ("finding_info", "created_time"),
        ("time_dt",),
        ("time",),
    )
    return next((at for path in places if (at := instant_in(value_at(finding, *path))) is not None), None)


def _signal_of(finding: Record, title: str) -> Signal:
    kinds = texts_at(finding, "finding_info", "types")
    of_guardduty = next((kind for kind in kinds if ":" in kind and "/" in kind and "/" not in kind.split(":")[0]), "")
    if of_guardduty:
        return signal_of_type(of_guardduty)
    by_class = _SIGNAL_OF_CLASS.get(whole_number_at(finding, "class_uid"))
    if by_class is not None:
        return by_class
    attacks = records_at(finding, "finding_info", "attacks")
    if any("Exposure" in kind for kind in kinds):
        # An exposure is a way in that nobody is known to have taken.
        return Signal.VULNERABILITY
    return signal_of_threat([text_at(one, "tactic", "name") for one in attacks], title, *kinds)


def _resources_of(finding: Record) -> Iterator[Entity | None]:
    for resource in (*records_at(finding, "resources"), record_at(finding, "resource")):
        yield entity_of_arn(text_at(resource, "uid"))
        yield machine_named_by(tags_of(resource, "tags"))
        yield entity_of_account(text_at(resource, "owner", "account", "uid"))
    device = record_at(finding, "device")
    yield entity(EntityKind.HOST, first_text(device, ("hostname",), ("name",)))
    yield entity(EntityKind.ADDRESS, text_at(device, "ip"))


def _traces_of(finding: Record) -> Iterator[Entity | None]:
    for evidence in records_at(finding, "evidences"):
        yield entity(EntityKind.SOURCE_ADDRESS, text_at(evidence, "src_endpoint", "ip"))
        yield entity(EntityKind.USER, first_text(evidence, ("actor", "user", "name"), ("user", "name")))
        yield entity(EntityKind.PROCESS, text_at(evidence, "process", "name"))
        yield entity(EntityKind.FILE, first_text(evidence, ("file", "path"), ("file", "name")))
        hashes = (text_at(one, "value") for one in records_at(evidence, "file", "hashes"))
        yield from entities_of(EntityKind.FILE_HASH, hashes)
        yield entity(EntityKind.DOMAIN, text_at(evidence, "query", "hostname"))


def _labels_of(finding: Record, account: str, event: Event) -> dict[str, str]:
    tags = [pair for resource in records_at(finding, "resources") for pair in tags_of(resource, "tags")]
    flaws = [text_at(flaw, "cve", "uid") for flaw in records_at(finding, "vulnerabilities")]
    return labels_from(
        (
            *tags,
            ("account", account),
            ("account_name", text_at(finding, "cloud", "account", "name")),
            ("region", text_at(finding, "cloud", "region") or event.region),
            ("product", text_at(finding, "metadata", "product", "name")),
            ("type", ", ".join(texts_at(finding, "finding_info", "types"))),
            ("class", text_at(finding, "class_name")),
            ("status", text_at(finding, "status")),
            ("control", text_at(finding, "compliance", "control")),
            ("cve", ", ".join(flaw for flaw in flaws if flaw)),
        )
    )
