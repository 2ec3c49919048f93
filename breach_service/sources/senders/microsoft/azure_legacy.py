"""Alerts of Azure Monitor in the schemas from before the common one, which rules still send where it is not chosen.

https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-non-common-schema-definitions: metric, activity log, log
search; the classic metric alert has no schema at all; the notice of a budget is of Cost Management.
"""

from collections.abc import Iterator

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Severity, Signal
from breach_service.sources.parts.entities import entity, gathered
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
    value_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.senders.microsoft.azure_activity import (
    SECURITY,
    entities_of_activity,
    identity_of_activity,
    is_of_test_button,
    is_over,
    service_of,
    signal_of_activity,
    title_of_activity,
)
from breach_service.sources.senders.microsoft.azure_monitor import signal_of_metrics
from breach_service.sources.senders.microsoft.entities import entities_of_resource

_OVER = frozenset({"deactivated", "resolved"})
_NAMES = (
    ("context", "name"),
    ("context", "resourceId"),
    ("context", "activityLog", "resourceId"),
    ("context", "activityLog", "properties", "title"),
    ("AlertRuleName",),
    ("BudgetName",),
)


def is_legacy(record: Record) -> bool:
    """True for one of the older schemas."""
    held = record_at(record, "data") or record
    context = record_at(held, "context")
    is_metric = bool(context) and ("condition" in context or "activityLog" in context or "resourceId" in context)
    return is_metric or ("AlertRuleName" in held and "SearchQuery" in held) or "BudgetName" in held


def alert_of_legacy(source_name: str, record: Record) -> Alert:
    """The alert of one body of an older schema."""
    held = record_at(record, "data") or record
    if "AlertRuleName" in held:
        return _of_search(source_name, held)
    if "BudgetName" in held:
        return _of_budget(source_name, held)
    event = record_at(held, "context", "activityLog")
    return _of_activity(source_name, held, event) if event else _of_metric(source_name, held)


def _of_metric(source_name: str, held: Record) -> Alert:
    context = record_at(held, "context")
    severity, vendor_severity = _severity_of(text_at(context, "severity"))
    conditions = records_at(context, "condition", "allOf") or (record_at(context, "condition"),)
    metrics = [text_at(one, "metricName") for one in conditions]
    pairs = [
        (text_at(one, "name"), text_at(one, "value")) for held in conditions for one in records_at(held, "dimensions")
    ]
    resource, name = text_at(context, "resourceId"), text_at(context, "name")
    told = sorted(f"{key}={value}" for key, value in pairs)
    return Alert(
        source=source_name,
        title=plain_line(_title_of_metric(held, name)) or plain_line(", ".join(metrics)) or "Azure Monitor alert",
        signal=signal_of_metrics(text_at(context, "conditionType"), metrics, name, text_at(context, "description")),
        fingerprint=fingerprint_of("azure-metric", text_at(context, "id").lower() or name, resource.lower(), *told),
        severity=severity,
        vendor_severity=vendor_severity,
        status=_status_of(held, text_at(context, "subscriptionId")),
        occurred_at=instant_in(value_at(context, "timestamp")),
        entities=gathered(entities_of_resource(resource), _named(context)),
        labels=labels_from((*_own_pairs(held), *pairs, ("metric", ", ".join(metrics)), *_places(context))),
        summary=plain_text(text_at(context, "description")),
        vendor_reference=plain_line(text_at(context, "id").rpartition("/")[2]),
        link=link_of(text_at(context, "portalLink")),
    )


def _title_of_metric(held: Record, name: str) -> str:
    """The rule; a notice of an autoscale setting, which has no rule, says what it did."""
    operation = text_at(held, "operation")
    return f"Autoscale {name}: {operation}" if operation else name


def _of_activity(source_name: str, held: Record, event: Record) -> Alert:
    service = service_of(text_at(event, "eventSource"))
    operation = text_at(event, "operationName")
    said = (
        title_of_activity(event, service) or first_text(event, ("description",), ("properties", "title")) or operation
    )
    word = text_at(event, "properties", "severity") if service == SECURITY else text_at(event, "level")
    status = _status_of(held, text_at(event, "subscriptionId"))
    if status is AlertStatus.FIRING and is_over(event, service):
        status = AlertStatus.RESOLVED
    return Alert(
        source=source_name,
        title=plain_line(said) or "Azure activity log alert",
        signal=signal_of_activity(event, service, said, operation),
        fingerprint=fingerprint_of(
            "azure-activity", service, text_at(event, "resourceId").lower(), *identity_of_activity(event, service)
        ),
        severity=severity_of_word(word),
        vendor_severity=plain_line(word),
        status=status,
        occurred_at=instant_in(value_at(event, "eventTimestamp")),
        entities=gathered(
            entities_of_resource(text_at(event, "resourceId")),
            entities_of_activity(event, service),
            [entity(EntityKind.ACCOUNT, text_at(event, "subscriptionId"))],
        ),
        labels=labels_from((*_own_pairs(held), ("operation", operation), ("event_source", service), *_places(event))),
        summary=plain_text(first_text(event, ("properties", "details"), ("description",))),
        vendor_reference=plain_line(first_text(event, ("properties", "trackingId"), ("eventDataId",))),
    )


def _of_search(source_name: str, held: Record) -> Alert:
    severity, vendor_severity = _severity_of(text_at(held, "Severity"))
    rule, where = text_at(held, "AlertRuleName"), first_text(held, ("ResourceId",), ("WorkspaceId",))
    pairs = [(text_at(one, "name"), text_at(one, "value")) for one in records_at(held, "Dimensions")]
    return Alert(
        source=source_name,
        title=plain_line(rule) or "Azure log search alert",
        signal=signal_of_words(rule, text_at(held, "Description")) or Signal.OPERATIONS,
        fingerprint=fingerprint_of("azure-search", rule, where.lower(), *sorted(f"{key}={one}" for key, one in pairs)),
        severity=severity,
        vendor_severity=vendor_severity,
        status=_status_of(held, text_at(held, "SubscriptionId")),
        occurred_at=instant_in(value_at(held, "SearchIntervalEndtimeUtc")),
        entities=gathered(entities_of_resource(where), _machines_in(held)),
        labels=labels_from((*pairs, ("rule", rule), ("workspace", text_at(held, "WorkspaceId")))),
        summary=plain_text(first_text(held, ("Description",), ("SearchQuery",))),
        link=link_of(text_at(held, "LinkToSearchResults")),
    )


def _machines_in(held: Record) -> Iterator[Entity | None]:
    """The machines in the column `Computer` of what the search found."""
    for table in (*records_at(held, "SearchResult", "tables"), *records_at(held, "SearchResults", "tables")):
        names = [text_at(column, "name") for column in records_at(table, "columns")]
        rows = value_at(table, "rows")
        if "Computer" not in names or not isinstance(rows, list):
            continue
        place = names.index("Computer")
        for row in rows[:40]:
            if isinstance(row, list) and len(row) > place:
                yield entity(EntityKind.HOST, text_of(row[place]))


def _of_budget(source_name: str, held: Record) -> Alert:
    name = text_at(held, "BudgetName")
    return Alert(
        source=source_name,
        title=plain_line(f"Azure budget: {name} ({text_at(held, 'SpendingAmount')} {text_at(held, 'Unit')})"),
        signal=Signal.OPERATIONS,
        fingerprint=fingerprint_of("azure-budget", text_at(held, "SubscriptionId"), name),
        status=_status_of(held, text_at(held, "SubscriptionId")),
        entities=gathered([entity(EntityKind.ACCOUNT, text_at(held, "SubscriptionId"))]),
        labels=labels_from([("budget", name), ("resource_group", text_at(held, "ResourceGroup"))]),
    )


def _status_of(held: Record, subscription: str) -> AlertStatus:
    names = [text_at(held, *path) for path in _NAMES]
    if is_of_test_button([subscription], names):
        return AlertStatus.TEST
    return AlertStatus.RESOLVED if text_at(held, "status").lower() in _OVER else AlertStatus.FIRING


def _severity_of(written: str) -> tuple[Severity, str]:
    """0 to 4 are the Sev0 to Sev4 of the common schema; the classic alerts give none."""
    return severity_of_word(f"sev{written}" if written.isdecimal() else written), plain_line(written)


def _named(context: Record) -> list[Entity | None]:
    return [entity(EntityKind.ACCOUNT, text_at(context, "subscriptionId"))]


def _own_pairs(held: Record) -> list[tuple[str, str]]:
    return [(str(key), text_of(value)) for key, value in record_at(held, "properties").items()]


def _places(record: Record) -> list[tuple[str, str]]:
    group = text_at(record, "resourceGroupName").lower()
    return [("resource_group", group), ("region", text_at(record, "resourceRegion"))]
