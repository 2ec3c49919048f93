"""Findings of Amazon GuardDuty, as EventBridge writes them and as its API does.

https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html (events),
guardduty_finding-format.html (types), guardduty_findings-severity.html (numbers). The same finding is sent again with a
greater count and is never resolved, only archived.
"""

import re
from collections.abc import Iterator

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, EntityRole, Severity, Signal
from breach_service.sources.parts.entities import entities_of, entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record
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
from breach_service.sources.senders.aws.resources import (
    Event,
    entity_of_account,
    entity_of_arn,
    finding_identity,
    lowered,
    machine_named_by,
    severity_of_number,
    tags_of,
)

_SIGNAL_OF_TYPE: tuple[tuple[Signal, re.Pattern[str]], ...] = tuple(
    (signal, re.compile(pattern, re.IGNORECASE))
    for signal, pattern in (
        (Signal.LEAKED_SECRET, r"instancecredentialexfiltration|resourcecredentialexfiltration|leakedcredential"),
        (Signal.EXFILTRATION, r"^exfiltration:|dnsdataexfiltration|trafficvolumeunusual|compromiseddata"),
        (Signal.SUSPICIOUS_LOGIN, r"successfulbruteforce|successfullogin"),
        (Signal.BRUTE_FORCE, r"bruteforce|failedlogin"),
        (Signal.WEB_EXPLOIT, r"metadatadnsrebind"),
        (Signal.DATA_EXPOSURE, r"^policy:(s3|.*(exposed|anonymous|public))"),
        (Signal.SUSPICIOUS_LOGIN, r"rootcredentialusage"),
        (Signal.PRIVILEGE_CHANGE, r"^(persistence|privilegeescalation|policy):"),
        (
            Signal.MALWARE,
            r"^(backdoor|trojan|cryptocurrency|execution|object):|malicious(file|software)|compromisedcluster",
        ),
        (Signal.MALWARE, r":(runtime|lambda)/|compromised(instance|ec2)"),
        # Calls that only a holder of our own keys can make: somebody uses them from where they should not be used.
        (
            Signal.SUSPICIOUS_LOGIN,
            r":(iamuser|s3|rds|kubernetes|iam)/.*(ipcaller|anomalousbehavior|kalilinux|parrot|pentoo)",
        ),
        (Signal.INTEGRITY_CHANGE, r"^(stealth|defenseevasion|impact:(s3|iamuser))"),
        (Signal.MALWARE, r"^impact:"),
        (
            Signal.SUSPICIOUS_LOGIN,
            r"^(initialaccess|credentialaccess|attacksequence):|consolelogin|^unauthorizedaccess:(iam|s3)",
        ),
        (Signal.SCAN, r"^(recon|discovery):"),
    )
)
"""In order, by `purpose:resource/family.mechanism!artifact`."""

_STEPS = (
    (9.0, Severity.CRITICAL),
    (7.0, Severity.HIGH),
    (4.0, Severity.MEDIUM),
    (1.0, Severity.LOW),
    (0.0, Severity.INFO),
)
_ACTIONS = (
    "networkConnectionAction",
    "awsApiCallAction",
    "kubernetesApiCallAction",
    "rdsLoginAttemptAction",
    "dnsRequestAction",
)


def is_finding(record: Record) -> bool:
    """True for a finding that came without an event, in either spelling."""
    plain = {key[:1].lower() + key[1:] for key in record}
    return {"accountId", "service", "type"} <= plain and bool(plain & {"resource", "schemaVersion"})


def alerts_of_finding(source_name: str, event: Event) -> list[Alert]:
    """The alert of one finding."""
    finding: Record = lowered(event.detail)
    kind, written = text_at(finding, "type"), text_at(finding, "severity")
    account = text_at(finding, "accountId") or event.account
    is_sample = text_at(finding, "service", "additionalInfo", "sample").lower() == "true"
    is_archived = value_at(finding, "service", "archived") is True
    started = first_text(finding, ("service", "eventFirstSeen"), ("createdAt",))
    return [
        Alert(
            source=source_name,
            title=plain_line(text_at(finding, "title")) or plain_line(kind) or "GuardDuty finding",
            signal=signal_of_type(kind, is_from_us=text_at(finding, "service", "resourceRole").upper() == "ACTOR"),
            fingerprint=_fingerprint_of(finding, account, kind),
            severity=severity_of_number(written, *_STEPS),
            vendor_severity=plain_line(written),
            status=_status_of(is_sample=is_sample, is_archived=is_archived),
            occurred_at=instant_in(started) or event.happened_at,
            entities=gathered([entity_of_account(account)], _resources_of(finding), _others_of(finding)),
            labels=_labels_of(finding, account, event),
            summary=plain_text(text_at(finding, "description")),
            vendor_reference=plain_line(text_at(finding, "id")),
        )
    ]


def signal_of_type(kind: str, *, is_from_us: bool = False) -> Signal:
    """What a finding of that type reports; a machine of ours that attacks others (`is_from_us`) has been taken over."""
    found = next((signal for signal, pattern in _SIGNAL_OF_TYPE if pattern.search(kind[:300])), Signal.ANOMALY)
    return Signal.MALWARE if is_from_us and found in (Signal.BRUTE_FORCE, Signal.SCAN) else found


def _status_of(*, is_sample: bool, is_archived: bool) -> AlertStatus:
    if is_sample:
        return AlertStatus.TEST
    return AlertStatus.RESOLVED if is_archived else AlertStatus.FIRING


def _fingerprint_of(finding: Record, account: str, kind: str) -> str:
    given = text_at(finding, "id") or finding_identity(text_at(finding, "arn"))
    return fingerprint_of("aws-finding", given) if given else fingerprint_of("guardduty", account, kind)


def _resources_of(finding: Record) -> Iterator[Entity | None]:
    """What of ours the finding is about."""
    held = record_at(finding, "resource")
    machine = record_at(held, "instanceDetails")
    yield entity(EntityKind.HOST, text_at(machine, "instanceId"))
    yield machine_named_by(tags_of(machine, "tags"))
    for card in records_at(machine, "networkInterfaces"):
        yield from entities_of(EntityKind.ADDRESS, (text_at(card, "privateIpAddress"), text_at(card, "publicIp")))
    yield entity(EntityKind.HOST, text_at(held, "rdsDbInstanceDetails", "dbInstanceIdentifier"))
    for path in (
        ("eksClusterDetails", "name"),
        ("ecsClusterDetails", "name"),
        ("lambdaDetails", "functionName"),
        ("kubernetesDetails", "kubernetesWorkloadDetails", "name"),
        ("containerDetails", "name"),
    ):
        yield entity(EntityKind.APPLICATION, text_at(held, *path))
    for bucket in records_at(held, "s3BucketDetails"):
        yield entity(EntityKind.APPLICATION, text_at(bucket, "name"))
    # A sequence of attacks names the things of several findings.
    for thing in records_at(finding, "service", "detection", "sequence", "resources"):
        yield entity_of_arn(text_at(thing, "uid"))
    for path in (
        ("accessKeyDetails", "userName"),
        ("rdsDbUserDetails", "user"),
        ("kubernetesDetails", "kubernetesUserDetails", "username"),
    ):
        yield entity(EntityKind.USER, text_at(held, *path))


def _others_of(finding: Record) -> Iterator[Entity | None]:
    """Who is at the other side, and the traces that they left."""
    service = record_at(finding, "service")
    action = record_at(service, "action")
    probes = records_at(action, "portProbeAction", "portProbeDetails")
    sides = [record_at(action, name) for name in _ACTIONS]
    for side in (*sides, *probes):
        yield entity(EntityKind.SOURCE_ADDRESS, text_at(side, "remoteIpDetails", "ipAddressV4"))
        yield from entities_of(EntityKind.ADDRESS, [text_at(side, "localIpDetails", "ipAddressV4")], EntityRole.TARGET)
    yield from entities_of(EntityKind.SOURCE_ADDRESS, texts_at(action, "kubernetesApiCallAction", "sourceIps"))
    yield entity(EntityKind.DOMAIN, text_at(action, "dnsRequestAction", "domain"))
    sequence = record_at(service, "detection", "sequence")
    yield from entities_of(EntityKind.SOURCE_ADDRESS, (text_at(one, "ip") for one in records_at(sequence, "endpoints")))
    yield from entities_of(EntityKind.USER, (text_at(one, "user", "name") for one in records_at(sequence, "actors")))
    process = record_at(service, "runtimeDetails", "process")
    yield entity(EntityKind.PROCESS, first_text(process, ("executablePath",), ("name",)))
    yield entity(EntityKind.FILE_HASH, text_at(process, "executableSha256"))
    for threat in _threats_of(service):
        yield from entities_of(EntityKind.FILE, [first_text(threat, ("filePath",), ("nestedItemPath",))])
        yield entity(EntityKind.FILE_HASH, text_at(threat, "hash"))


def _threats_of(service: Record) -> Iterator[Record]:
    named = record_at(service, "ebsVolumeScanDetails", "scanDetections", "threatDetectedByName")
    for threat in records_at(named, "threatNames"):
        yield from records_at(threat, "filePaths")
    for threat in records_at(service, "malwareScanDetails", "threats"):
        yield from records_at(threat, "itemPaths")


def _labels_of(finding: Record, account: str, event: Event) -> dict[str, str]:
    return labels_from(
        (
            *tags_of(finding, "resource", "instanceDetails", "tags"),
            ("account", account),
            ("region", text_at(finding, "region") or event.region),
            ("type", text_at(finding, "type")),
            ("resource_type", text_at(finding, "resource", "resourceType")),
            ("resource_role", text_at(finding, "service", "resourceRole")),
            ("detector", text_at(finding, "service", "detectorId")),
            ("count", text_at(finding, "service", "count")),
            ("api", text_at(finding, "service", "action", "awsApiCallAction", "api")),
        )
    )
