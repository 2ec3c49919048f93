"""Events of EventBridge of the services of AWS that look through files and images: what a whole scan came to.

GuardDuty: https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html; Amazon
ECR: https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html; Inspector sends a summary of the same
kind beside its findings (eventbridge-integration.html in its guide).
"""

from dataclasses import replace

from breach_service.domain.alert import Alert, EntityKind, EntityRole, Severity, Signal
from breach_service.sources.parts.entities import entity
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import record_at, records_at, text_at, texts_at, whole_number_at
from breach_service.sources.senders.aws.alert import alert_of_event
from breach_service.sources.senders.aws.resources import Event, arn_of

_SIGNAL_OF_RESULT = {"THREATS_FOUND": Signal.MALWARE, "NO_THREATS_FOUND": Signal.ROUTINE}
_COUNTED = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL")


def object_scan(source_name: str, event: Event) -> list[Alert]:
    """GuardDuty Malware Protection: what was found in a file that came into a bucket; most scans find nothing."""
    detail = event.detail
    held, found = record_at(detail, "s3ObjectDetails"), record_at(detail, "scanResultDetails")
    bucket, key = text_at(held, "bucketName"), text_at(held, "objectKey")
    result = text_at(found, "scanResultStatus")
    threats = [text_at(one, "name") for one in records_at(found, "threats")]
    said = ", ".join(name for name in threats if name) or result.replace("_", " ").lower()
    where = f"{bucket}/{key}".strip("/")
    kind = "GuardDuty Malware Protection" if where else event.detail_type
    alerts = alert_of_event(
        source_name,
        event,
        title=f"{kind}: {said or 'scan'}{f' in {where}' if where else ''}",
        signal=_SIGNAL_OF_RESULT.get(result, Signal.OPERATIONS),
        parts=("object-scan", bucket, key, text_at(held, "versionId")),
        entities=[
            entity(EntityKind.APPLICATION, bucket),
            entity(EntityKind.FILE, where, EntityRole.TARGET),
            entity(EntityKind.FILE_HASH, text_at(held, "hash")),
        ],
        labels=[("bucket", bucket), ("result", result), ("scan_status", text_at(detail, "scanStatus"))],
    )
    # The finding that GuardDuty makes of the same file (Object:S3/MaliciousFile) is documented as high.
    return [replace(one, severity=Severity.HIGH) for one in alerts] if result == "THREATS_FOUND" else alerts


def image_scan(source_name: str, event: Event) -> list[Alert]:
    """A scan of an image or of a machine: how many flaws of which severity; Inspector tells each by itself besides."""
    detail = event.detail
    counts = {word: whole_number_at(detail, "finding-severity-counts", word) or 0 for word in _COUNTED}
    worst = next((word for word in _COUNTED if counts[word]), "")
    name = text_at(detail, "repository-name") or text_at(detail, "instance-id")
    thing = arn_of(name).rest.removeprefix("repository/") or name
    has_own_findings = event.source == "aws.inspector2"
    said = ", ".join(f"{number} {word.lower()}" for word, number in counts.items() if number)
    return alert_of_event(
        source_name,
        event,
        title=f"{event.detail_type}: {thing or 'image'}{f' ({said})' if said else ''}",
        signal=Signal.VULNERABILITY if worst and not has_own_findings else Signal.ROUTINE,
        parts=("image-scan", event.source, thing),
        vendor_severity=worst,
        entities=[entity(EntityKind.HOST if thing.startswith("i-") else EntityKind.APPLICATION, thing)],
        summary=" ".join((text_at(detail, "image-digest"), *texts_at(detail, "image-tags"))).strip(),
        labels=[("scan_status", text_at(detail, "scan-status"))],
    )


def is_image_scan(detail: Record) -> bool:
    """True for the summary of a scan, and false for a finding."""
    return "scan-status" in detail or "finding-severity-counts" in detail
