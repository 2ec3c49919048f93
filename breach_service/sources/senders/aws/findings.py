"""Events of EventBridge of the services of AWS that look for flaws and for open doors.

Inspector: https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html; Macie:
https://docs.aws.amazon.com/macie/latest/user/findings-publish-event-schemas.html; IAM Access Analyzer:
https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-access-analyzer.html; AWS Config:
https://docs.aws.amazon.com/config/latest/developerguide/example-config-rule-compliance-notification.html.
"""

import re

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Signal
from breach_service.sources.parts.entities import entity
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import first_text, record_at, records_at, text_at, texts_at, value_at
from breach_service.sources.senders.aws.alert import alert_of_event, status_of_word
from breach_service.sources.senders.aws.resources import Event, machine_named_by, tags_of


def inspector(source_name: str, event: Event) -> list[Alert]:
    """Amazon Inspector: a flaw in a package, in code, or in what the network lets through."""
    detail = event.detail
    found = records_at(detail, "resources")
    tags = [pair for one in found for pair in tags_of(one, "tags")]
    named = (
        entity(EntityKind.HOST if "INSTANCE" in text_at(one, "type") else EntityKind.APPLICATION, text_at(one, "id"))
        for one in found
        if not text_at(one, "id").startswith("arn:")
    )
    return alert_of_event(
        source_name,
        event,
        title=text_at(detail, "title") or "Inspector2 Finding",
        signal=Signal.VULNERABILITY,
        parts=("aws-finding", text_at(detail, "findingArn").rpartition("/finding/")[2] or text_at(detail, "title")),
        status=status_of_word(text_at(detail, "status")),
        occurred_at=instant_in(value_at(detail, "firstObservedAt")),
        vendor_severity=text_at(detail, "severity"),
        entities=[*named, machine_named_by(tags)],
        things=tuple(text_at(one, "id") for one in found),
        summary=text_at(detail, "description"),
        reference=text_at(detail, "findingArn"),
        account=text_at(detail, "awsAccountId"),
        labels=[*tags, ("type", text_at(detail, "type")), ("cve", _flaw_of(detail))],
    )


def _flaw_of(detail: Record) -> str:
    return text_at(detail, "packageVulnerabilityDetails", "vulnerabilityId")


def macie(source_name: str, event: Event) -> list[Alert]:
    """Amazon Macie: personal data or secrets in a bucket, or a bucket that others can read."""
    detail, kind = event.detail, text_at(event.detail, "type")
    held = record_at(detail, "resourcesAffected")
    is_secret, is_setting = "Credentials" in kind, "Encryption" in kind
    signal = Signal.VULNERABILITY if is_setting else Signal.DATA_EXPOSURE
    actor = record_at(detail, "policyDetails", "actor")
    status = AlertStatus.RESOLVED if value_at(detail, "archived") is True else AlertStatus.FIRING
    return alert_of_event(
        source_name,
        event,
        title=text_at(detail, "title") or kind or "Macie Finding",
        signal=Signal.LEAKED_SECRET if is_secret else signal,
        parts=("aws-finding", text_at(detail, "id") or kind),
        status=AlertStatus.TEST if value_at(detail, "sample") is True else status,
        occurred_at=instant_in(value_at(detail, "createdAt")),
        vendor_severity=text_at(detail, "severity", "description"),
        entities=[
            entity(EntityKind.APPLICATION, text_at(held, "s3Bucket", "name")),
            entity(EntityKind.FILE, text_at(held, "s3Object", "path")),
            entity(EntityKind.SOURCE_ADDRESS, text_at(actor, "ipAddressDetails", "ipAddressV4")),
        ],
        summary=text_at(detail, "description"),
        reference=text_at(detail, "id"),
        account=text_at(detail, "accountId"),
        labels=[*tags_of(held, "s3Bucket", "tags"), ("type", kind), ("category", text_at(detail, "category"))],
    )


def access_analyzer(source_name: str, event: Event) -> list[Alert]:
    """IAM Access Analyzer: a thing of ours that somebody outside can reach, or a right that nobody uses."""
    detail = event.detail
    thing, number = text_at(detail, "resource"), first_text(detail, ("id",), ("findingId",))
    is_unused = "Unused" in event.detail_type
    reach = "Public access" if value_at(detail, "isPublic") is True else "Access from outside the account"
    name = re.split(r"[:/]", thing)[-1]
    return alert_of_event(
        source_name,
        event,
        title=f"{event.detail_type}: {name}" if is_unused else f"{reach}: {text_at(detail, 'resourceType')} {name}",
        signal=Signal.VULNERABILITY if is_unused else Signal.DATA_EXPOSURE,
        parts=("access-analyzer", number or thing),
        status=status_of_word(text_at(detail, "status")),
        occurred_at=instant_in(value_at(detail, "createdAt")),
        things=(thing,),
        summary=", ".join(texts_at(detail, "action")),
        reference=number,
        account=text_at(detail, "accountId"),
        labels=[("resource_type", text_at(detail, "resourceType")), ("public", text_at(detail, "isPublic"))],
    )


def config(source_name: str, event: Event) -> list[Alert]:
    """AWS Config: a thing that does not comply with a rule, or does again."""
    detail, rule = event.detail, text_at(event.detail, "configRuleName")
    thing, state = text_at(detail, "resourceId"), text_at(detail, "newEvaluationResult", "complianceType")
    if not rule and not state:
        # Every change of every thing, where an operator asks for it.
        item = record_at(detail, "configurationItem")
        thing = text_at(item, "resourceId")
    return alert_of_event(
        source_name,
        event,
        title=f"{rule or event.detail_type}: {thing} {state}".strip(),
        signal=_signal_of_rule(rule),
        parts=("config", rule, text_at(detail, "resourceType"), thing),
        status=status_of_word(state),
        occurred_at=instant_in(value_at(detail, "newEvaluationResult", "resultRecordedTime")),
        entities=[] if text_at(detail, "resourceType") == "AWS::::Account" else [_thing_named(thing)],
        summary=text_at(detail, "newEvaluationResult", "annotation"),
        account=text_at(detail, "awsAccountId"),
        labels=[("rule", rule), ("resource_type", text_at(detail, "resourceType")), ("compliance", state)],
    )


def _thing_named(number: str) -> Entity | None:
    return entity(EntityKind.HOST if number.startswith("i-") else EntityKind.APPLICATION, number)


def _signal_of_rule(rule: str) -> Signal:
    """What a rule looks after; without a rule it is a mere change of something."""
    if not rule:
        return Signal.ROUTINE
    return Signal.DATA_EXPOSURE if re.search(r"public", rule, re.IGNORECASE) else Signal.VULNERABILITY
