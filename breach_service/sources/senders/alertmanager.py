"""Prometheus Alertmanager, webhook versions 4 and 3, and what speaks its language (Mimir, Thanos, VictoriaMetrics).

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config. It signs nothing; a request that was answered
with a 5xx is sent again with the same bytes (prometheus/alertmanager, notify/retry), and carries no id. A group whose
intervals are short repeats itself with the same bytes too: nothing tells the two apart, so both count.
"""

import json

from breach_service.domain.alert import Alert
from breach_service.domain.text import Text
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.alert_groups import TRIAL_NAME, alert_of_member, members_of
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.request import Delivery
from breach_service.sources.source import Source

_EXPECTED = 'the webhook body of Alertmanager, an object with "alerts"'


class Alertmanager(Source):
    """One alert per member of `alerts`, whatever the status of the group."""

    kind = "alertmanager"
    aliases = ("prometheus", "prometheus-alertmanager", "mimir", "thanos", "victoriametrics")
    title = Text(fr="Prometheus Alertmanager", en="Prometheus Alertmanager")
    lasts_until_resolved = True
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        groups = records_of(delivery, _EXPECTED)
        members = [member for group in groups for member in members_of(group, _EXPECTED)]
        return [alert_of_member(source_name, member, "Alertmanager") for member in members]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        labels = {"alertname": TRIAL_NAME, "severity": "info"}
        annotations = {"summary": "Test message of an operator"}
        alert = {"status": "firing", "labels": labels, "annotations": annotations}
        return json.dumps({"version": "4", "status": "firing", "alerts": [alert]}).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        return "groupKey" in record and isinstance(record.get("alerts"), list) and "orgId" not in record


SOURCE = Alertmanager()
