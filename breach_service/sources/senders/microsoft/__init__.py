"""Microsoft: Azure Monitor, Defender, Sentinel, Graph, Event Grid, and the logs of Microsoft 365 and Entra ID.

Each shape has a module of its own, which names its pages. Sentinel and Defender send through a playbook (Logic App),
whose author may unwrap or wrap the body once more.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from urllib.parse import quote

from breach_service.domain.alert import Alert, AlertStatus, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.payload import Record, decoded, records_of
from breach_service.sources.parts.plain_text import plain_line
from breach_service.sources.parts.reading import records_at, text_at, value_at
from breach_service.sources.proofs import Expectation, Proof, must_say
from breach_service.sources.redelivery import Redelivery
from breach_service.sources.request import Delivery
from breach_service.sources.senders.microsoft import assessments, azure_legacy, azure_monitor, defender, event_grid
from breach_service.sources.senders.microsoft import audit as microsoft_audit
from breach_service.sources.senders.microsoft import graph as microsoft_graph
from breach_service.sources.source import Reply, Source
from breach_service.sources.tokens import TokenSigned, token_of

_EXPECTED = "an alert of Azure Monitor, Defender or Sentinel, or a notification of Microsoft Graph or Event Grid"

_READERS: tuple[tuple[Callable[[Record], bool], Callable[[str, Record], Alert]], ...] = (
    (azure_monitor.is_common, azure_monitor.alert_of_common),
    (microsoft_graph.is_notification, microsoft_graph.alert_of_notification),
    (azure_legacy.is_legacy, azure_legacy.alert_of_legacy),
    (event_grid.is_event, event_grid.alert_of_event),
    (assessments.is_assessment, assessments.alert_of_assessment),
    (defender.is_finding, defender.alert_of_finding),
    (microsoft_audit.is_audit, microsoft_audit.alert_of_audit),
)
"""In order: whose body it is, and who reads it."""
_WRAPPERS = ("value", "records", "body", "data", "alert", "incident", "event", "object")
"""Keys under which a list of results, an export or a playbook hands the object over."""
_MOST_WRAPPED = 3


class Microsoft(Source):
    """One alert per alert, incident, notification or record."""

    kind = "microsoft"
    aliases = (
        "azure",
        "azure-monitor",
        "azuremonitoring",
        "defender",
        "microsoft-defender",
        "sentinel",
        "microsoft-sentinel",
        "graph",
        "microsoft-graph",
        "entra",
        "entra-id",
        "azure-ad",
        "office-365",
        "microsoft-365",
        "event-grid",
        "logic-app",
    )
    title = Text(fr="Microsoft (Azure, Defender, Sentinel, Graph)", en="Microsoft (Azure, Defender, Sentinel, Graph)")
    default_auth = AuthKind.URL
    """Action groups and Graph can send no header of ours."""
    supported_auth = (AuthKind.URL, AuthKind.BEARER)
    redelivery = Redelivery(same_body_within=timedelta(minutes=15))
    """Azure Monitor tries up to five times within two minutes, and every body of it holds ids and instants."""

    expectations = (
        Expectation(
            "tenant",
            Text(fr="identifiant du locataire Entra", en="id of the Entra tenant"),
            r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            needs="audience",
            is_in_token=True,
        ),
        Expectation(
            "audience",
            Text(fr="application protégée (webhook sécurisé)", en="protected application (secure webhook)"),
            needs="tenant",
            is_in_token=True,
        ),
        Expectation(
            "client-state", Text(fr="clientState des abonnements Graph", en="clientState of Graph"), is_secret=True
        ),
    )

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        records = records_of(delivery, _EXPECTED)
        return [alert for record in records for alert in _alerts_of(source_name, record, _MOST_WRAPPED)]

    def proof_in(self, delivery: Delivery, expected: Mapping[str, str]) -> Proof | None:
        """See `Source.proof_in`. Whatever is no notification of Graph has no `clientState` and needs none."""
        if "client-state" in expected:
            for state in microsoft_graph.client_states_in(delivery):
                must_say(expected, "client-state", state)
        return _entra_token(delivery, expected) if "audience" in expected else None

    def test_body(self) -> bytes:
        """See `Source.test_body`. What the test button of an action group sends, with our words."""
        said = {
            "alertId": "/subscriptions/11111111-1111-1111-1111-111111111111/providers/Microsoft.AlertsManagement/x",
            "alertRule": "Test message of an operator",
            "severity": "Sev4",
            "monitorCondition": "Fired",
            "monitoringService": "Platform",
        }
        return json.dumps({"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": said}}).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        is_common = text_at(record, "schemaId") == "azureMonitorCommonAlertSchema" or azure_monitor.is_common(record)
        is_sentinel = "objectSchemaType" in record and "workspaceInfo" in record
        is_graph = text_at(record, "@odata.type").startswith("#microsoft.graph.security.")
        is_notice = any(microsoft_graph.is_notification(one) for one in records_at(record, "value"))
        is_alert = {"SystemAlertId", "AlertDisplayName"} <= record.keys() or assessments.is_assessment(record)
        is_row = text_at(record, "category").startswith("AdvancedHunting-") and "tenantId" in record
        return is_common or is_sentinel or is_graph or is_notice or is_alert or is_row

    def handshake(self, delivery: Delivery) -> Reply | None:
        """See `Source.handshake`."""
        return event_grid.reply_to_greeting(delivery)


SOURCE = Microsoft()


def _entra_token(delivery: Delivery, expected: Mapping[str, str]) -> Proof:
    """The token of a secure webhook; applications get those of version 1 or 2, as their manifest says.

    https://learn.microsoft.com/entra/identity-platform/access-tokens
    """
    tenant = expected["tenant"]
    return TokenSigned(
        key_url=f"https://login.microsoftonline.com/{quote(tenant, safe='')}/discovery/v2.0/keys",
        token=token_of(delivery),
        issuers=(f"https://sts.windows.net/{tenant}/", f"https://login.microsoftonline.com/{tenant}/v2.0"),
        audience=expected["audience"],
        received_at=delivery.received_at,
        claims={"tid": (tenant,)},
    )


def _alerts_of(source_name: str, record: Record, wrapped: int) -> list[Alert]:
    reader = next((read for fits, read in _READERS if fits(record)), None)
    if reader is not None:
        return [reader(source_name, record)]
    if "schemaId" in record:
        return [_unknown(source_name, record)]
    inner = _unwrapped(record) if wrapped else []
    if inner:
        return [alert for one in inner for alert in _alerts_of(source_name, one, wrapped - 1)]
    if "value" in record and not record["value"]:
        return []
    raise UnreadablePayload(f"Found an object that Microsoft does not send; expected {_EXPECTED}.")


def _unwrapped(record: Record) -> list[Record]:
    for key in _WRAPPERS:
        held = decoded(value_at(record, key))
        members = held if isinstance(held, list) else [held]
        objects: list[Record] = [one for one in members if isinstance(one, dict) and one]
        if objects:
            return objects
    return []


def _unknown(source_name: str, record: Record) -> Alert:
    """A body of Azure Monitor in a schema that this release does not know."""
    schema = plain_line(text_at(record, "schemaId"))
    return Alert(
        source=source_name,
        title=plain_line(f"Azure Monitor: {schema}") if schema else "Azure Monitor alert",
        signal=Signal.ANOMALY,
        fingerprint=fingerprint_of("azure-monitor", "schema", schema),
        status=AlertStatus.FIRING,
    )
