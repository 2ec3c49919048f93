"""Events of EventBridge of the services of AWS that say one thing each: Health, Backup, Inspector, Macie, and others.

Shapes: https://docs.aws.amazon.com/eventbridge/latest/ref/events.html and the guide of each service; what is in no row
of the table becomes a readable alert by its `detail-type` and the usual keys of its detail.
"""

import re
from collections.abc import Callable, Mapping

from breach_service.domain.alert import Alert, AlertStatus, EntityKind, Signal
from breach_service.sources.parts.entities import entities_of, entity
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import first_text, record_at, records_at, text_at, value_at
from breach_service.sources.parts.tactics import security_signal_of_words
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.senders.aws import findings as aws_findings
from breach_service.sources.senders.aws import scans as aws_scans
from breach_service.sources.senders.aws.alert import alert_of_event, status_of_word
from breach_service.sources.senders.aws.resources import Event

Reader = Callable[[str, Event], list[Alert]]

_SECURITY_SERVICES = ("guardduty", "securityhub", "inspector", "macie", "access-analyzer", "detective", "waf", "shield")
_FAILED_JOBS = frozenset({"FAILED", "ABORTED", "EXPIRED", "PARTIAL"})


def _health(source_name: str, event: Event) -> list[Alert]:
    """AWS Health: what goes wrong at AWS, and what AWS must tell the holder of an account."""
    detail = event.detail
    code, category = text_at(detail, "eventTypeCode"), text_at(detail, "eventTypeCategory")
    service = text_at(detail, "service")
    what = code.removeprefix("AWS_").removeprefix(f"{service}_").replace("_", " ").lower()
    said = [text_at(one, "latestDescription") for one in records_at(detail, "eventDescription")]
    signal = Signal.UNAVAILABILITY if category == "issue" else Signal.OPERATIONS
    if service in ("ABUSE", "RISK") or "Abuse" in event.detail_type:
        signal = Signal.LEAKED_SECRET if "CREDENTIAL" in code or "QUARANTINE" in code else Signal.ANOMALY
    named = [text_at(one, "entityValue") for one in records_at(detail, "affectedEntities")]
    machines = [entity(EntityKind.HOST, name) for name in named if name.startswith("i-")]
    others = [name for name in named if not name.startswith(("i-", "arn:"))]
    return alert_of_event(
        source_name,
        event,
        title=f"{event.detail_type or 'AWS Health Event'}: {service} {what}",
        signal=signal,
        parts=("health", text_at(detail, "eventArn") or code),
        status=status_of_word(text_at(detail, "statusCode")),
        occurred_at=instant_in(value_at(detail, "startTime")),
        entities=[*machines, *entities_of(EntityKind.APPLICATION, others)],
        things=named,
        summary="\n".join(said),
        reference=text_at(detail, "eventArn"),
        account=text_at(detail, "affectedAccount"),
        labels=[("service", service), ("event_type", code), ("category", category)],
    )


def _backup(source_name: str, event: Event) -> list[Alert]:
    """AWS Backup: the state of a job, by the thing that it saves; a vault that is deleted is a change of its own."""
    detail = event.detail
    state = first_text(detail, ("state",), ("status",)).upper()
    saved = first_text(
        detail, ("resourceArn",), ("sourceRecoveryPointArn",), ("recoveryPointArn",), ("backupVaultArn",)
    )
    saved = saved or next(iter(event.resources), "")
    what = event.detail_type.removesuffix(" State Change") or "Backup Job"
    is_job = "Job" in what
    name = text_at(detail, "resourceName") or re.split(r"[:/]", saved)[-1] or text_at(detail, "backupVaultName")
    signal = Signal.BACKUP_FAILED if state in _FAILED_JOBS or state == "COMPLETED" else Signal.ROUTINE
    if not is_job:
        signal = Signal.INTEGRITY_CHANGE if state == "DELETED" and "Vault" in what else Signal.ROUTINE
    return alert_of_event(
        source_name,
        event,
        title=f"AWS {what} {state}: {name}" if name else f"AWS {what} {state}",
        signal=signal,
        parts=("backup", what, saved or text_at(detail, "backupJobId")),
        status=status_of_word(state) if is_job else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(detail, "creationDate")),
        things=(saved, text_at(detail, "backupVaultArn")),
        summary=text_at(detail, "statusMessage"),
        reference=first_text(detail, ("backupJobId",), ("copyJobId",), ("restoreJobId",)),
        labels=[("resource_type", text_at(detail, "resourceType")), ("vault", text_at(detail, "backupVaultName"))],
    )


def _trusted_advisor(source_name: str, event: Event) -> list[Alert]:
    """AWS Trusted Advisor: one thing that a check found, or found in order again."""
    detail, check = event.detail, text_at(event.detail, "check-name")
    status, thing = text_at(detail, "status"), text_at(detail, "resource_id")
    is_public = re.search(r"bucket permission|public (snapshot|access)", check, re.IGNORECASE) is not None
    is_leaked = re.search(r"exposed .*keys?", check, re.IGNORECASE) is not None
    by_words = Signal.LEAKED_SECRET if is_leaked else security_signal_of_words(check)
    return alert_of_event(
        source_name,
        event,
        title=check or event.detail_type,
        signal=Signal.DATA_EXPOSURE if is_public else by_words or Signal.OPERATIONS,
        parts=("trusted-advisor", check, thing),
        status=status_of_word(status),
        vendor_severity=status,
        things=(thing,),
        summary="\n".join(f"{key}: {text_at(detail, 'check-item-detail', key)}" for key in _item_keys(detail)),
        reference=text_at(detail, "uuid"),
        labels=[("check", check), ("status", status)],
    )


def _item_keys(detail: Record) -> list[str]:
    return [key for key in record_at(detail, "check-item-detail") if isinstance(key, str)]


def any_event(source_name: str, event: Event) -> list[Alert]:
    """The alert of an event that has no reader of its own."""
    detail = event.detail
    said = first_text(detail, ("title",), ("Message",), ("message",), ("eventName",), ("alarmName",))
    state = first_text(detail, ("state",), ("status",), ("lastStatus",), ("build-status",), ("completed-phase-status",))
    runner = first_text(
        detail, ("project-name",), ("pipeline",), ("application",), ("AutoScalingGroupName",), ("group",), ("name",)
    ).removeprefix("service:")
    kind = event.detail_type or event.source or "AWS event"
    is_security = any(name in event.source for name in _SECURITY_SERVICES)
    by_words = signal_of_words(said, kind, first_text(detail, ("description",), ("reason",)))
    usual = Signal.ANOMALY if is_security or not event.source.startswith("aws.") else Signal.OPERATIONS
    if kind == "Inspector2 Coverage":
        by_words = Signal.OPERATIONS
    if kind == "Scheduled Event":
        by_words = Signal.HEARTBEAT
    return alert_of_event(
        source_name,
        event,
        title=": ".join(part for part in (kind, said or " ".join(one for one in (runner, state) if one)) if part),
        signal=by_words or usual,
        parts=("event", event.source, kind, said, *event.resources, _thing_of(detail)),
        status=status_of_word(state),
        vendor_severity=first_text(detail, ("severity",), ("Severity",), ("priority",)),
        entities=[
            entity(EntityKind.HOST, first_text(detail, ("instance-id",), ("SourceIdentifier",), ("EC2InstanceId",)))
        ],
        things=event.resources,
        summary=first_text(detail, ("description",), ("reason",), ("cause",), ("stoppedReason",), ("error",)),
        labels=[("state", state)],
    )


def _thing_of(detail: Record) -> str:
    return first_text(detail, ("instance-id",), ("SourceArn",), ("resourceArn",), ("id",))


def _guardduty(source_name: str, event: Event) -> list[Alert]:
    read = aws_scans.object_scan if "scanResultDetails" in event.detail else any_event
    return read(source_name, event)


def _images(source_name: str, event: Event) -> list[Alert]:
    read = aws_scans.image_scan if aws_scans.is_image_scan(event.detail) else any_event
    return read(source_name, event)


def _inspector(source_name: str, event: Event) -> list[Alert]:
    if aws_scans.is_image_scan(event.detail):
        return aws_scans.image_scan(source_name, event)
    read = any_event if event.detail_type == "Inspector2 Coverage" else aws_findings.inspector
    return read(source_name, event)


READERS: Mapping[str, Reader] = {
    "aws.ecr": _images,
    "aws.guardduty": _guardduty,
    "aws.health": _health,
    "aws.backup": _backup,
    "aws.inspector2": _inspector,
    "aws.macie": aws_findings.macie,
    "aws.access-analyzer": aws_findings.access_analyzer,
    "aws.trustedadvisor": _trusted_advisor,
    "aws.config": aws_findings.config,
}
"""By the source of the event."""
