"""Findings of AWS Security Hub in the AWS Security Finding Format, of AWS services and of the products of others.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html and
securityhub-cwe-event-formats.html in the same guide.
"""

import re
from collections.abc import Iterator, Mapping

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
    text_of,
    texts_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.tactics import signal_of_threat
from breach_service.sources.senders.aws.guardduty import signal_of_type
from breach_service.sources.senders.aws.resources import (
    Event,
    decimal_in,
    entity_of_account,
    entity_of_arn,
    finding_identity,
    lowered,
    machine_named_by,
    severity_of_number,
    tags_of,
)

_CLOSED = frozenset({"RESOLVED", "SUPPRESSED"})
_SIGNAL_OF_NAMESPACE: tuple[tuple[Signal, str], ...] = (
    (Signal.EXFILTRATION, "effects/data exfiltration"),
    (Signal.DATA_EXPOSURE, "effects/data exposure"),
    (Signal.DATA_EXPOSURE, "sensitive data identifications"),
    (Signal.VULNERABILITY, "software and configuration checks"),
    (Signal.UNAVAILABILITY, "effects/denial of service"),
)
"""By the beginning of the finding's type: namespace, category."""

# The controls that find data within the reach of anybody, not only a setting that could be better.
_PUBLIC = re.compile(r"publicly (accessible|restorable|readable|writable)|(block|prohibit|not be|allow) public", re.I)
_THREAT_OF_GUARDDUTY = re.compile(r"[A-Za-z]+:[A-Za-z0-9]+[-/]\S+")
_NORMALIZED = (
    (90.0, Severity.CRITICAL),
    (70.0, Severity.HIGH),
    (40.0, Severity.MEDIUM),
    (1.0, Severity.LOW),
    (0.0, Severity.INFO),
)
_REMOTE_ADDRESS_FIELD = "remoteIpDetails/ipAddressV4"


def is_finding(record: Record) -> bool:
    """True for a finding that came without an event."""
    return "ProductArn" in record and "AwsAccountId" in record


def alert_of_finding(source_name: str, original: Record, event: Event) -> Alert:
    """The alert of one finding."""
    finding: Record = lowered(original)
    account = text_at(finding, "awsAccountId") or event.account
    severity, vendor_severity = _severity_of(finding)
    kinds, title = texts_at(finding, "types"), text_at(finding, "title")
    identity = finding_identity(text_at(finding, "id"))
    started = first_text(finding, ("firstObservedAt",), ("createdAt",))
    return Alert(
        source=source_name,
        title=plain_line(title) or plain_line(next(iter(kinds), "")) or "Security Hub finding",
        signal=_signal_of(finding, kinds, title),
        fingerprint=fingerprint_of("aws-finding", identity) if identity else fingerprint_of("asff", account, title),
        severity=severity,
        vendor_severity=plain_line(vendor_severity),
        status=_status_of(finding),
        occurred_at=instant_in(started) or event.happened_at,
        entities=gathered([entity_of_account(account)], _resources_of(finding), _others_of(finding)),
        labels=_labels_of(finding, kinds, account, event),
        summary=plain_text(text_at(finding, "description")),
        vendor_reference=plain_line(text_at(finding, "id")),
        link=link_of(text_at(finding, "sourceUrl")),
    )


def _severity_of(finding: Record) -> tuple[Severity, str]:
    """The label wins over the number from 0 to 100, which products fill as they like."""
    label = text_at(finding, "severity", "label")
    number = text_at(finding, "severity", "normalized")
    if label or decimal_in(number) is None:
        return severity_of_word(label), label
    return severity_of_number(number, *_NORMALIZED), number


def _status_of(finding: Record) -> AlertStatus:
    if text_at(finding, "sample").lower() == "true":
        return AlertStatus.TEST
    is_closed = text_at(finding, "workflow", "status").upper() in _CLOSED
    is_archived = text_at(finding, "recordState").upper() == "ARCHIVED"
    is_passed = text_at(finding, "compliance", "status").upper() == "PASSED"
    return AlertStatus.RESOLVED if is_closed or is_archived or is_passed else AlertStatus.FIRING


def _signal_of(finding: Record, kinds: tuple[str, ...], title: str) -> Signal:
    if text_at(finding, "compliance", "status"):
        return Signal.DATA_EXPOSURE if _PUBLIC.search(title) else Signal.VULNERABILITY
    for kind in kinds:
        namespace, _, rest = kind.partition("/")
        threat = kind.split("/", 2)[-1]
        if namespace == "TTPs" and _THREAT_OF_GUARDDUTY.fullmatch(threat):
            is_from_us = _product_field(finding, "resourceRole").upper() == "ACTOR"
            return signal_of_type(threat.replace("-", "/", 1), is_from_us=is_from_us)
        found = next((signal for signal, start in _SIGNAL_OF_NAMESPACE if kind.lower().startswith(start)), None)
        if found is not None:
            return found
        if namespace == "TTPs":
            return signal_of_threat([rest.partition("/")[0]], title)
    return Signal.MALWARE if records_at(finding, "malware") else signal_of_threat(kinds, title)


def _product_field(finding: Record, ending: str) -> str:
    """The field of the product's own, such as `aws/guardduty/service/resourceRole`, whose name ends so."""
    fields: Mapping[str, object] = record_at(finding, "productFields")
    return next((text_of(value) for key, value in fields.items() if key.endswith(ending)), "")


def _resources_of(finding: Record) -> Iterator[Entity | None]:
    for resource in records_at(finding, "resources"):
        yield entity_of_arn(text_at(resource, "id"))
        yield machine_named_by(tags_of(resource, "tags"))
        details = record_at(resource, "details")
        machine = record_at(details, "awsEc2Instance")
        yield from entities_of(EntityKind.ADDRESS, texts_at(machine, "ipV4Addresses"))
        yield from entities_of(EntityKind.USER, [text_at(details, "awsIamAccessKey", "userName")])
        yield entity(EntityKind.APPLICATION, text_at(details, "container", "name"))


def _others_of(finding: Record) -> Iterator[Entity | None]:
    network, action = record_at(finding, "network"), record_at(finding, "action")
    is_inbound = text_at(network, "direction").upper() != "OUT"
    yield entity(EntityKind.SOURCE_ADDRESS, text_at(network, "sourceIpV4" if is_inbound else "destinationIpV4"))
    yield entity(EntityKind.DOMAIN, text_at(network, "sourceDomain" if is_inbound else "destinationDomain"))
    for side in ("networkConnectionAction", "awsApiCallAction"):
        yield entity(EntityKind.SOURCE_ADDRESS, text_at(action, side, "remoteIpDetails", "ipAddressV4"))
    for probe in records_at(action, "portProbeAction", "portProbeDetails"):
        yield entity(EntityKind.SOURCE_ADDRESS, text_at(probe, "remoteIpDetails", "ipAddressV4"))
    yield entity(EntityKind.SOURCE_ADDRESS, _product_field(finding, _REMOTE_ADDRESS_FIELD))
    yield entity(EntityKind.DOMAIN, text_at(action, "dnsRequestAction", "domain"))
    for sign in records_at(finding, "threatIntelIndicators"):
        kinds = {"IPV4_ADDRESS": EntityKind.SOURCE_ADDRESS, "DOMAIN": EntityKind.DOMAIN, "URL": EntityKind.URL}
        kind = kinds.get(text_at(sign, "type").upper(), EntityKind.FILE_HASH)
        yield entity(kind, text_at(sign, "value"))
    for malware in records_at(finding, "malware"):
        yield entity(EntityKind.FILE, text_at(malware, "path"))
    yield entity(EntityKind.PROCESS, first_text(finding, ("process", "path"), ("process", "name")))


def _labels_of(finding: Record, kinds: tuple[str, ...], account: str, event: Event) -> dict[str, str]:
    tags = [pair for resource in records_at(finding, "resources") for pair in tags_of(resource, "tags")]
    flaws = [text_at(flaw, "id") for flaw in records_at(finding, "vulnerabilities")]
    return labels_from(
        (
            *tags,
            ("account", account),
            ("account_name", text_at(finding, "awsAccountName")),
            ("region", text_at(finding, "region") or event.region),
            ("product", text_at(finding, "productName")),
            ("type", ", ".join(kinds)),
            ("generator", text_at(finding, "generatorId")),
            ("workflow", text_at(finding, "workflow", "status")),
            ("record_state", text_at(finding, "recordState")),
            ("compliance", text_at(finding, "compliance", "status")),
            ("cve", ", ".join(flaw for flaw in flaws if flaw)),
        )
    )
