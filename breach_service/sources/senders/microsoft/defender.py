"""Alerts and incidents of Microsoft's security products: Defender XDR, Defender for Cloud, and Sentinel.

Graph: learn.microsoft.com/graph/api/resources/security-alert and security-incident. Sentinel: the body of a playbook,
learn.microsoft.com/azure/sentinel/automation/playbook-triggers-actions, an object with `object.properties`. Defender
for Cloud: learn.microsoft.com/azure/defender-for-cloud/alerts-schemas. The older APIs say the same under other names,
and half of them begin their keys with a capital.
"""

from collections.abc import Iterator

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind
from breach_service.sources.parts.entities import entities_of, entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, decoded
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import (
    first_text,
    labels_from,
    record_at,
    records_at,
    text_at,
    texts_at,
    value_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.tactics import signal_of_threat
from breach_service.sources.senders.microsoft.entities import (
    entities_in,
    entities_of_resource,
    lowered,
    plain_key,
    records_in,
    subscription_of,
)
from breach_service.sources.senders.microsoft.hunting_rows import entities_of_row, is_table

_SAMPLE = "[SAMPLE ALERT]"
"""What the button "Sample alerts" of Defender for Cloud writes before its titles."""
_CLOSED = frozenset({"resolved", "closed", "dismissed", "redirected", "autoresolved"})
_TITLES = (("title",), ("alertDisplayName",), ("alertTitle",), ("displayName",), ("incidentName",), ("alertName",))
_STARTED = (
    ("firstActivityDateTime",),
    ("firstActivityTimeUtc",),
    ("firstActivityTime",),
    ("startTimeUtc",),
    ("startTime",),
    ("eventDateTime",),
    ("firstEventTime",),
    ("createdDateTime",),
    ("createdTimeUtc",),
    ("alertCreationTime",),
    ("createdTime",),
    ("creationTime",),
    ("timeGenerated",),
    ("timestamp",),
    ("time",),
)
_IDS = (("systemAlertId",), ("alertId",), ("providerAlertId",), ("incidentId",), ("name",), ("incidentNumber",))
_LINKS = (
    ("incidentUrl",),
    ("alertWebUrl",),
    ("incidentWebUrl",),
    ("incidentUri",),
    ("alertUri",),
    ("alertLink",),
    ("providerIncidentUrl",),
)
_CATEGORIES = (("category",), ("tactics",), ("intent",), ("categories",))
_PRODUCTS = (
    ("serviceSource",),
    ("productName",),
    ("providerName",),
    ("detectionSource",),
    ("vendorInformation", "provider"),
)


def is_finding(record: Record) -> bool:
    """True for an alert or an incident of one of these products."""
    plain = {plain_key(key) for key in record}
    held = record_at(record, "object", "properties") or record_at(record, "properties")
    within = {plain_key(key) for key in held}
    if "objectSchemaType" in plain or {"incidentNumber", "title"} <= within or "alertDisplayName" in within:
        return True
    said = plain | within
    has_title = any(path[0] in said for path in _TITLES)
    return has_title and bool(said & {"severity", "alertSeverity"}) and bool(said & _MARKS)


_MARKS = frozenset(
    {
        "systemAlertId",
        "alertId",
        "alertDisplayName",
        "incidentNumber",
        "evidence",
        "detectionSource",
        "serviceSource",
        "incidentWebUrl",
        "alertWebUrl",
        "providerAlertId",
        "vendorInformation",
        "incidentUri",
        "compromisedEntity",
        "machineId",
        "@odata.type",
        "incidentName",
        "relatedEntities",
    }
)


def alert_of_finding(source_name: str, original: Record) -> Alert:
    """The alert of one alert or incident."""
    outer: Record = lowered(original)
    record = record_at(outer, "object") or outer
    held: Record = {**record, **record_at(record, "properties")}
    severity = first_text(held, ("severity",), ("alertSeverity",))
    title, inner = first_text(held, *_TITLES), _alerts_within(held)
    inner_titles = [first_text(one, *_TITLES) for one in inner]
    return Alert(
        source=source_name,
        title=plain_line(title) or plain_line(next(iter(inner_titles), "")) or "Microsoft security alert",
        signal=signal_of_threat(_categories_of(held, inner), title, *inner_titles, text_at(held, "description")),
        fingerprint=fingerprint_of("microsoft-security", _identity_of(record, held, title)),
        severity=severity_of_word(severity),
        vendor_severity=plain_line(severity),
        status=_status_of(held, title),
        occurred_at=next((at for path in _STARTED if (at := instant_in(value_at(held, *path))) is not None), None),
        entities=gathered(_entities_of(outer, held, inner), _accounts_of(outer, held)),
        labels=_labels_of(outer, held),
        summary=plain_text(text_at(held, "description")),
        vendor_reference=plain_line(_reference_of(record, held)),
        link=link_of(first_text(held, *_LINKS)),
    )


def _alerts_within(held: Record) -> list[Record]:
    """The alerts that an incident holds, each with its properties unfolded; a shipper may split them one by one."""
    alone = record_at(held, "alerts")
    return [{**one, **record_at(one, "properties")} for one in ([alone] if alone else records_at(held, "alerts"))]


def _status_of(held: Record, title: str) -> AlertStatus:
    """The state of the finding; that an analyst classified it says nothing until it is closed."""
    if title.startswith(_SAMPLE):
        return AlertStatus.TEST
    word = first_text(held, ("status",), ("alertStatus",)).lower()
    return AlertStatus.RESOLVED if word in _CLOSED else AlertStatus.FIRING


def _categories_of(held: Record, inner: list[Record]) -> list[str]:
    own = [text for path in _CATEGORIES for text in texts_at(held, *path)]
    said = [*own, *texts_at(held, "additionalData", "tactics")]
    within = [text for one in inner for path in _CATEGORIES for text in texts_at(one, *path)]
    parts = (part.strip(' []"') for text in (*said, *within) for part in text.split(","))
    return [part for part in parts if part and not is_table(part)]


def _identity_of(record: Record, held: Record, title: str) -> str:
    """The id that the product gives; of the id of a resource its end, which both of its spellings share."""
    given = text_at(record, "id").rpartition("/")[2] if text_at(record, "id") else first_text(held, *_IDS)
    return given or "/".join((title, first_text(held, ("compromisedEntity",), ("computerDnsName",))))


def _reference_of(record: Record, held: Record) -> str:
    return text_at(held, "incidentNumber") or text_at(record, "id").rpartition("/")[2] or first_text(held, *_IDS)


def _entities_of(outer: Record, held: Record, inner: list[Record]) -> Iterator[Entity | None]:
    for one in (held, *inner):
        for key in ("evidence", "relatedEntities", "entities", "devices", "userStates", "hostStates"):
            yield from entities_in(_typed(key, records_in(value_at(one, key))))
        yield from _older_parts(one)
    yield from entities_of_row(held)
    for resource in records_at(held, "resourceIdentifiers"):
        yield from entities_of_resource(text_at(resource, "azureResourceId"))
    yield from entities_of_resource(text_at(held, "associatedResource"))
    yield entity(EntityKind.HOST, text_at(held, "computerDnsName"))
    named = text_at(held, "compromisedEntity")
    if named.startswith("/subscriptions/"):
        yield from entities_of_resource(named)
    elif named:
        yield entity(EntityKind.USER if "@" in named else EntityKind.HOST, named)
    yield entity(EntityKind.USER, text_at(held, "relatedUser", "userName"))


def _typed(key: str, records: tuple[Record, ...]) -> Iterator[Record]:
    """The members of lists that are of one kind have no type of their own."""
    kind = {"devices": "device", "userStates": "user", "hostStates": "host"}.get(key)
    return ({"kind": kind, **one} if kind else one for one in records)


def _older_parts(held: Record) -> Iterator[Entity | None]:
    """The lists of the first version of the alerts of Graph."""
    for user in records_at(held, "userStates"):
        yield entity(EntityKind.SOURCE_ADDRESS, text_at(user, "logonIp"))
    for file in records_at(held, "fileStates"):
        yield entity(EntityKind.FILE, first_text(file, ("path",), ("name",)))
        yield from entities_of(EntityKind.FILE_HASH, [text_at(file, "fileHash", "hashValue")])
    for connection in records_at(held, "networkConnections"):
        yield entity(EntityKind.SOURCE_ADDRESS, first_text(connection, ("sourceAddress",), ("destinationAddress",)))
        yield entity(EntityKind.DOMAIN, text_at(connection, "destinationDomain"))


def _accounts_of(outer: Record, held: Record) -> list[Entity | None]:
    tenant = first_text(held, ("tenantId",), ("azureTenantId",), ("aadTenantId",)) or text_at(outer, "tenantId")
    workspace = record_at(outer, "workspaceInfo")
    subscription = first_text(held, ("azureSubscriptionId",), ("workspaceSubscriptionId",))
    subscription = subscription or text_at(workspace, "subscriptionId")
    return entities_of_accounts(tenant, subscription or subscription_of(text_at(held, "id")))


def entities_of_accounts(*texts: str) -> list[Entity | None]:
    """Tenants and subscriptions, by their ids."""
    return [entity(EntityKind.ACCOUNT, text.lower()) for text in texts if text]


def _labels_of(outer: Record, held: Record) -> dict[str, str]:
    extended = decoded(value_at(held, "extendedProperties"))
    tags = [text_at(one, "labelName") for one in records_at(held, "labels")]
    alert_type = first_text(held, ("alertType",), ("detectorId",))
    return labels_from(
        (
            (
                "product",
                ", ".join(texts_at(held, "additionalData", "alertProductNames")) or first_text(held, *_PRODUCTS),
            ),
            ("category", ", ".join(_categories_of(held, []))),
            ("classification", text_at(held, "classification")),
            ("determination", text_at(held, "determination")),
            ("status", first_text(held, ("status",), ("alertStatus",))),
            ("alert_type", alert_type),
            ("incident", text_at(held, "incidentId")),
            ("workspace", text_at(outer, "workspaceInfo", "workspaceName")),
            ("resource_group", text_at(outer, "workspaceInfo", "resourceGroupName")),
            ("tags", ", ".join(tag for tag in tags if tag)),
            ("techniques", ", ".join(texts_at(held, "mitreTechniques") or texts_at(held, "techniques"))),
            ("resource_type", text_at(extended, "resourceType") if isinstance(extended, dict) else ""),
        )
    )
