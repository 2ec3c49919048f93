"""Change notifications of Microsoft Graph: that something changed, hardly ever what; and the life of a subscription.

https://learn.microsoft.com/graph/change-notifications-delivery-webhooks and change-notifications-lifecycle-events. The
`clientState` of each is a secret that the subscriber chose: it is in nothing that is made of it here.
"""

import re
from collections.abc import Mapping

from breach_service.domain.alert import Alert, AlertStatus, Signal
from breach_service.sources.parts.entities import gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import plain_line
from breach_service.sources.parts.reading import first_text, labels_from, record_at, records_at, text_at, value_at
from breach_service.sources.request import Delivery
from breach_service.sources.senders.microsoft.defender import alert_of_finding, entities_of_accounts, is_finding

_LIFE: Mapping[str, str] = {
    "reauthorizationrequired": "the subscription must be authorised again",
    "subscriptionremoved": "the subscription was removed, nothing will come any more",
    "missed": "notifications were lost",
}
_SIGNAL_OF_RESOURCE: tuple[tuple[Signal, re.Pattern[str]], ...] = tuple(
    (signal, re.compile(pattern, re.IGNORECASE))
    for signal, pattern in (
        (Signal.ANOMALY, r"security/(alerts|incidents)"),
        (Signal.SUSPICIOUS_LOGIN, r"identityprotection|riskyusers|riskdetections"),
        (Signal.PRIVILEGE_CHANGE, r"rolemanagement|directoryroles|serviceprincipals|applications"),
    )
)


def is_notification(record: Record) -> bool:
    """True for one member of `value`."""
    return "subscriptionId" in record and ("changeType" in record or "lifecycleEvent" in record)


def client_states_in(delivery: Delivery) -> list[str]:
    """The `clientState` of every notification of a body, empty where one has none."""
    records = records_of(delivery, "notifications of Microsoft Graph")
    members = [member for record in records for member in (record, *records_at(record, "value"))]
    return [text_at(one, "clientState") for one in members if is_notification(one)]


def alert_of_notification(source_name: str, record: Record) -> Alert:
    """The alert of one notification; a rich one that holds a whole alert becomes that alert."""
    held = record_at(record, "resourceData")
    if is_finding(held):
        return alert_of_finding(source_name, held)
    event = text_at(record, "lifecycleEvent")
    resource, change = text_at(record, "resource"), text_at(record, "changeType")
    kind = text_at(held, "@odata.type").rpartition(".")[2] or _kind_of(resource)
    identity = ("life", text_at(record, "subscriptionId"), event.lower()) if event else ("change", resource.lower())
    said = _LIFE.get(event.lower(), event) if event else f"{kind or 'resource'} {change or 'changed'}"
    is_deleted = change.lower() == "deleted"
    return Alert(
        source=source_name,
        title=plain_line(f"Microsoft Graph: {said}"),
        signal=Signal.OPERATIONS if event else _signal_of(resource),
        fingerprint=fingerprint_of("microsoft-graph", *identity),
        status=AlertStatus.RESOLVED if is_deleted else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(held, "eventDateTime")) or instant_in(value_at(held, "createdDateTime")),
        entities=gathered(entities_of_accounts(text_at(record, "tenantId") or text_at(record, "organizationId"))),
        labels=labels_from(
            (
                ("resource", resource),
                ("change", change),
                ("lifecycle_event", event),
                ("subscription", text_at(record, "subscriptionId")),
                ("tenant", text_at(record, "tenantId")),
            )
        ),
        vendor_reference=plain_line(first_text(held, ("id",)) or resource.rpartition("/")[2]),
    )


def _kind_of(resource: str) -> str:
    """`security/alerts_v2/<id>` is one of the alerts_v2; a path of one name is that name."""
    parts = resource.strip("/").split("/")
    return (parts[-2] if len(parts) > 1 else parts[0]).partition("(")[0]


def _signal_of(resource: str) -> Signal:
    """Mails, events and files change all day."""
    found = (signal for signal, pattern in _SIGNAL_OF_RESOURCE if pattern.search(resource[:300]))
    return next(found, Signal.ROUTINE)
