"""Alerts of Azure Monitor in its common alert schema, which every kind of its rules can send.

https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema and alerts-payload-samples beside it. Alerts
of the activity log are always `Fired`: that an outage is over stands in the event within.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

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
    value_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.senders.microsoft.azure_activity import (
    RESOURCE_HEALTH,
    SECURITY,
    SERVICE_HEALTH,
    entities_of_activity,
    identity_of_activity,
    is_of_test_button,
    is_over,
    service_of,
    signal_of_activity,
    title_of_activity,
)
from breach_service.sources.senders.microsoft.azure_backup import BACKUP, signal_of_backup, title_of_backup
from breach_service.sources.senders.microsoft.entities import entities_of_resource, resource_type_of, subscription_of

_ADDRESS_DIMENSION = re.compile(r"(client|caller|remote|source|src)_?ip(address)?|ipaddress", re.IGNORECASE)
_UNAVAILABLE = re.compile(r"webtest|availabilityresults|vmavailability|\bavailability\b|heartbeat", re.IGNORECASE)

Pairs = list[tuple[str, str]]


def is_common(record: Record) -> bool:
    """True for the common alert schema."""
    return (
        bool(record_at(record, "data", "essentials"))
        or text_at(record, "schemaId") == "azureMonitorCommonAlertSchema"
        or "monitorCondition" in record_at(record, "properties", "essentials")
    )


def alert_of_common(source_name: str, record: Record) -> Alert:
    """The alert of one body of the common schema."""
    said, context = _parts_of(record)
    service = service_of(text_at(said, "monitoringService"))
    rule, targets = text_at(said, "alertRule"), texts_at(said, "alertTargetIDs") or texts_at(said, "alertTargetIds")
    severity, vendor_severity = _severity_of(said, context, service)
    title = title_of_activity(context, service, rule) or title_of_backup(context, service, rule) or rule
    pairs = _dimensions_of(context)
    return Alert(
        source=source_name,
        title=plain_line(title) or plain_line(text_at(said, "description")) or "Azure Monitor alert",
        signal=_signal_of(said, context, service, title),
        fingerprint=_fingerprint_of(said, context, service, targets, pairs),
        severity=severity,
        vendor_severity=plain_line(vendor_severity),
        status=_status_of(said, context, service, targets),
        # Some rules leave the Z away; the field is documented as UTC.
        occurred_at=_started_at(said, context, service),
        entities=gathered(
            _entities_of(said, targets, pairs),
            entities_of_activity(context, service),
            entities_of_resource(text_at(context, "linkedResourceId")),
        ),
        labels=_labels_of(record, said, targets, pairs),
        summary=plain_text(_summary_of(said, context)),
        vendor_reference=plain_line(_reference_of(said, context)),
        link=link_of(_link_of(said, context)),
    )


def _parts_of(record: Record) -> tuple[Record, Record]:
    """What every alert says and what its kind adds; smart detection sends the object of the alerts API instead.

    https://learn.microsoft.com/azure/azure-monitor/alerts/proactive-failure-diagnostics has that object.
    """
    held = record_at(record, "properties")
    if "essentials" not in held:
        return record_at(record, "data", "essentials"), record_at(record, "data", "alertContext")
    said = record_at(held, "essentials")
    named = {
        "alertId": text_at(record, "id"),
        "alertRule": text_at(record, "name") or text_at(said, "alertRule").rpartition("/")[2],
        "alertTargetIDs": [text_at(said, "targetResource")],
        "monitoringService": text_at(said, "monitorService"),
        "firedDateTime": text_at(said, "startDateTime"),
    }
    return {**said, **named}, record_at(held, "context")


def _severity_of(said: Record, context: Record, service: str) -> tuple[Severity, str]:
    """Sev0 to Sev4; an alert of Defender for Cloud, whose rule always says Sev4, has a word of its own."""
    word = text_at(context, "properties", "severity") if service == SECURITY else ""
    word = word or text_at(said, "severity")
    return severity_of_word(word), word


def _status_of(said: Record, context: Record, service: str, targets: tuple[str, ...]) -> AlertStatus:
    names = (text_at(said, "alertRule"), text_at(said, "description"), *targets)
    if is_of_test_button([subscription_of(one) for one in (*targets, text_at(said, "alertId"))], names):
        return AlertStatus.TEST
    is_resolved = text_at(said, "monitorCondition").lower() == "resolved"
    return AlertStatus.RESOLVED if is_resolved or is_over(context, service) else AlertStatus.FIRING


def _started_at(said: Record, context: Record, service: str) -> datetime | None:
    impact = instant_in(value_at(context, "properties", "impactStartTime"), UTC) if service == SERVICE_HEALTH else None
    fired = instant_in(value_at(said, "firedDateTime"), UTC)
    return impact or fired or instant_in(value_at(context, "eventTimestamp"), UTC)


def _signal_of(said: Record, context: Record, service: str, title: str) -> Signal:
    rule, description = text_at(said, "alertRule"), text_at(said, "description")
    if "activity log" in text_at(said, "signalType").lower() or service in (SERVICE_HEALTH, RESOURCE_HEALTH, SECURITY):
        return signal_of_activity(context, service, title, rule, description)
    if BACKUP in service:
        return signal_of_backup(context, rule, description)
    conditions = records_at(context, "condition", "allOf")
    if any(_UNAVAILABLE.search(text_at(one, "searchQuery")[:300]) for one in conditions if _is_of_too_little(one)):
        return Signal.UNAVAILABILITY
    metrics = [text_at(one, "metricName") for one in conditions]
    return signal_of_metrics(text_at(context, "conditionType"), metrics, rule, description)


def _is_of_too_little(condition: Record) -> bool:
    """True for `LowerThan` and `LessThan`: the search found fewer signs of life than there should be."""
    return text_at(condition, "operator").lower().startswith(("less", "lower"))


def signal_of_metrics(kind: str, metrics: list[str], rule: str, description: str) -> Signal:
    """What a rule on metrics or logs reports: by its type and its metrics, by the words of its author second."""
    if any(_UNAVAILABLE.search(text[:300]) for text in (kind, *metrics)):
        return Signal.UNAVAILABILITY
    return signal_of_words(rule, *metrics, description) or Signal.OPERATIONS


def _fingerprint_of(said: Record, context: Record, service: str, targets: tuple[str, ...], pairs: Pairs) -> str:
    """The rule and what it was about: the ids of an alert are of one firing of many kinds of rules."""
    rule = first_text(said, ("alertRuleID",), ("alertRule",)).lower()
    parts = identity_of_activity(context, service) if "activity" in text_at(said, "signalType").lower() else ()
    if not rule and not targets and not any(parts):
        return fingerprint_of("azure-monitor", first_text(said, ("originAlertId",), ("alertId",)))
    if service == SERVICE_HEALTH and any(parts):
        return fingerprint_of("azure-monitor", service, *parts)
    if BACKUP in service:
        parts = (first_text(context, ("protectedItemId",), ("sourceId",), ("linkedResourceId",)).lower(),)
    told = sorted(f"{name}={value}" for name, value in pairs)
    about = sorted(target.lower() for target in targets)
    return fingerprint_of("azure-monitor", rule, *about, "", *told, "", *parts)


def _dimensions_of(context: Record) -> Pairs:
    """Name and value of every dimension of the conditions, and the labels of a rule of Prometheus."""
    holders = (*records_at(context, "condition", "allOf"), context)
    listed = [one for holder in holders for key in ("dimensions", "Dimensions") for one in records_at(holder, key)]
    named = ((text_at(one, "name"), text_at(one, "value")) for one in listed)
    labels = ((str(key), text_of(value)) for key, value in record_at(context, "labels").items())
    return [(name, value) for name, value in (*named, *labels) if name and value]


def _entities_of(said: Record, targets: tuple[str, ...], pairs: Pairs) -> Iterator[Entity | None]:
    for target in targets:
        # Tests and scripts name a thing where Azure gives its id.
        named = entity(EntityKind.APPLICATION, target) if "/" not in target else None
        yield from (*entities_of_resource(target), named)
    kinds = {resource_type_of(target) for target in targets}
    items = texts_at(said, "configurationItems")
    for item in items:
        if item.startswith("/"):
            yield from entities_of_resource(item)
        elif "microsoft.operationalinsights/workspaces" in kinds:
            # Of a rule on logs the target is where the logs are; these are the machines that wrote them.
            yield entity(EntityKind.HOST, item)
    for name, value in pairs:
        if name.lower() in ("computer", "host", "hostname", "instance", "node"):
            yield entity(EntityKind.HOST, value)
        elif name.lower() in ("_resourceid", "resourceid") and value.startswith("/"):
            yield from entities_of_resource(value)
        elif _ADDRESS_DIMENSION.fullmatch(name[:100]):
            yield from entities_of(EntityKind.SOURCE_ADDRESS, [value])
        elif name.lower() in ("userprincipalname", "username", "account", "upn"):
            yield entity(EntityKind.USER, value)


def _labels_of(record: Record, said: Record, targets: tuple[str, ...], pairs: Pairs) -> dict[str, str]:
    own = record_at(record, "data", "customProperties") or record_at(record, "data", "alertContext", "properties")
    return labels_from(
        (
            *((str(key), text_of(value)) for key, value in own.items()),
            *pairs,
            ("rule", text_at(said, "alertRule")),
            ("monitoring_service", text_at(said, "monitoringService")),
            ("signal_type", text_at(said, "signalType")),
            ("resource_group", _group_of(targets)),
            ("subscription", next((found for one in targets if (found := subscription_of(one))), "")),
        )
    )


def _group_of(targets: tuple[str, ...]) -> str:
    for target in targets:
        parts = target.split("/")
        if len(parts) > 4 and parts[3].lower() == "resourcegroups":
            return parts[4].lower()
    return ""


def _summary_of(said: Record, context: Record) -> str:
    held = record_at(context, "properties")
    texts = (text_at(said, "description"), text_at(context, "DetectionSummary"), text_at(held, "details"))
    return "\n".join(text for text in (*texts, text_at(context, "SearchQuery"), text_at(context, "expression")) if text)


def _reference_of(said: Record, context: Record) -> str:
    tracked = text_at(context, "properties", "trackingId")
    return tracked or text_at(said, "alertId").rpartition("/")[2] or text_at(said, "originAlertId")


def _link_of(said: Record, context: Record) -> str:
    found = first_text(said, ("investigationLink",)) or first_text(context, ("LinkToSearchResults",))
    conditions = records_at(context, "condition", "allOf")
    return found or next((link for one in conditions if (link := text_at(one, "linkToSearchResultsUI"))), "")
