"""Grafana Alerting (9 and later) and the legacy alerting of the dashboards before it.

Body: https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/
webhook-notifier/ and grafana/alerting, receivers/webhook/v1/webhook.go. Signature: grafana/alerting, http/hmac.go.
Test button: notify/receivers.go and notify/test_receivers.go there. When a rule's query fails or finds nothing, Grafana
sends an alert named `DatasourceError` or `DatasourceNoData` with the summary of the rule, which did not happen.
"""

import json
import re
from dataclasses import replace

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Signal
from breach_service.domain.text import Text
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.alert_groups import TRIAL_NAME, alert_of_member, entities_of_labels, members_of
from breach_service.sources.parts.entities import gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, record_at, records_at, text_at, text_of
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.request import Delivery
from breach_service.sources.signing import GITHUB, OWN, Signing
from breach_service.sources.source import Source

SIGNATURE_HEADER = "x-grafana-alerting-signature"
TIMESTAMP_HEADERS = (
    "x-grafana-alerting-timestamp",
    "x-grafana-alerting-signature-timestamp",
    "x-grafana-timestamp",
    "x-timestamp",
)
"""Its name is the operator's choice; the first is the one to recommend."""

_EXPECTED = 'the webhook body of Grafana, an object with "alerts" (or, before version 9, with "evalMatches")'
_FAILED_QUERIES = frozenset({"DatasourceError", "DatasourceNoData", "NoData"})
# Of a test the group's key is made of the receiver, the fingerprint and the time; of a group it starts with `{`.
_KEY_OF_TEST = re.compile(r"[^{]*-[0-9a-f]{16}-\d{9,11}", re.ASCII)
_LABELS_OF_TEST = re.compile(r'alertname="TestAlert", instance="Grafana"')
_GROUP_PREFIX = re.compile(r"^\[(?:FIRING|RESOLVED)[^\]]{0,40}\]\s*")
_SERIES = re.compile(r"\blabels=\{([^{}]{1,1000})\}")
_LABEL = re.compile(r"([A-Za-z_]\w*)=([^,{}]+)", re.ASCII)
_MACHINES = frozenset({EntityKind.HOST, EntityKind.ADDRESS})
_UID_OF_RULE = re.compile(r"/alerting/grafana/([\w-]{1,64})/view", re.ASCII)
_LEGACY_PREFIX = re.compile(r"^\[(?:Alerting|OK|No Data|Pending|Paused|Unknown)\]\s*", re.IGNORECASE)


def stamped(timestamp: str, body: bytes) -> bytes:
    """What is signed: `<unix seconds>:` before the body where a timestamp header is set, else the body alone."""
    return timestamp.encode("utf-8", "surrogatepass") + b":" + body if timestamp else body


class Grafana(Source):
    """One alert per member of `alerts`; one for a legacy notification."""

    kind = "grafana"
    aliases = ("grafana-alerting", "grafana-cloud")
    title = Text(fr="Grafana Alerting", en="Grafana Alerting")
    lasts_until_resolved = True
    default_auth = AuthKind.HMAC
    supported_auth = (AuthKind.HMAC, AuthKind.BEARER, AuthKind.URL)
    signings = (
        *(Signing(SIGNATURE_HEADER, timestamp_header=name, message=stamped) for name in TIMESTAMP_HEADERS),
        Signing(SIGNATURE_HEADER),
        OWN,
        GITHUB,
    )

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [alert for record in records_of(delivery, _EXPECTED) for alert in _alerts_of(source_name, record)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        labels = {"alertname": TRIAL_NAME, "instance": "Grafana"}
        annotations = {"summary": "Test message of an operator"}
        alert = {"status": "firing", "labels": labels, "annotations": annotations, "values": {}}
        body = {"version": "1", "orgId": 1, "status": "firing", "state": "alerting", "alerts": [alert]}
        return json.dumps(body).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        if isinstance(record.get("alerts"), list):
            return "orgId" in record and "groupKey" in record
        return "evalMatches" in record and ("ruleId" in record or "ruleName" in record)


SOURCE = Grafana()


def _alerts_of(source_name: str, record: Record) -> list[Alert]:
    if "alerts" not in record and ("evalMatches" in record or "ruleName" in record):
        return [_legacy_alert_of(source_name, record)]
    key = text_at(record, "groupKey")[:2000]
    is_test = _KEY_OF_TEST.fullmatch(key) is not None or _LABELS_OF_TEST.search(key) is not None
    unnamed = plain_line(_GROUP_PREFIX.sub("", text_at(record, "title")[:2000])) or "Grafana"
    name = first_text(record, ("groupLabels", "alertname"), ("commonLabels", "alertname"))
    members = (_named(name, member) for member in members_of(record, _EXPECTED))
    return [_alert_of(source_name, member, unnamed, is_test) for member in members]


def _named(name: str, member: Record) -> Record:
    """A member with the name of its rule, which may stand in the labels of the group only."""
    if not name or "alertname" in member["labels"]:
        return member
    return {**member, "labels": {"alertname": name, **member["labels"]}}


def _alert_of(source_name: str, member: Record, unnamed: str, is_test: bool) -> Alert:
    alert = alert_of_member(source_name, member, unnamed, _rule_of(member))
    if not alert.entities and (measured := _measured_in(member)):
        alert = replace(alert, entities=gathered(measured))
    name = text_at(member, "labels", "alertname")
    is_demonstration = "for demonstration purposes" in text_at(member, "annotations", "description")
    if is_test or is_demonstration or (name == "TestAlert" and text_at(member, "labels", "instance") == "Grafana"):
        return replace(alert, status=AlertStatus.TEST, signal=Signal.HEARTBEAT)
    if name in _FAILED_QUERIES:
        rule = text_at(member, "labels", "rulename")
        title = plain_line(f"{name}: {rule}" if rule else name)
        return replace(alert, title=title, signal=Signal.OPERATIONS, summary=_failure_of(member, alert))
    return alert


def _measured_in(member: Record) -> list[Entity]:
    """The machines of the measured series, which an alert of a classic condition names only there."""
    written = _SERIES.findall(text_at(member, "valueString")[:5000])
    pairs = (dict(_LABEL.findall(one)) for one in written)
    return [one for labels in pairs for one in entities_of_labels(labels) if one.kind in _MACHINES]


def _failure_of(member: Record, alert: Alert) -> str:
    error = text_at(member, "annotations", "Error")
    return plain_text(error) or alert.summary


def _rule_of(member: Record) -> str:
    given = first_text(member, ("ruleUID",), ("labels", "__alert_rule_uid__"))
    found = None if given else _UID_OF_RULE.search(text_at(member, "generatorURL")[:2000])
    return plain_line(found[1] if found else given)


def _legacy_alert_of(source_name: str, record: Record) -> Alert:
    name = plain_line(text_at(record, "ruleName") or _LEGACY_PREFIX.sub("", text_at(record, "title")))
    tags = record_at(record, "tags")
    measured = [record_at(match, "tags") for match in records_at(record, "evalMatches")]
    is_test = name == "Test notification" or "testing the alert notification" in text_at(record, "message")
    vendor_severity = first_text(tags, ("severity",), ("priority",), ("level",))
    return Alert(
        source=source_name,
        title=name or "Grafana",
        signal=Signal.HEARTBEAT if is_test else _legacy_signal_of(record, name),
        fingerprint=_legacy_fingerprint_of(record, name),
        severity=severity_of_word(vendor_severity),
        vendor_severity=plain_line(vendor_severity),
        status=AlertStatus.TEST if is_test else _legacy_status_of(record),
        entities=gathered(entities_of_labels(tags), *(entities_of_labels(one) for one in measured)),
        labels=labels_from([*((key, text_of(one)) for key, one in tags.items()), ("ruleName", name)]),
        summary=plain_text(text_at(record, "message")),
        vendor_reference=plain_line(text_at(record, "ruleId")),
        link=link_of(first_text(record, ("ruleUrl",), ("rule_url",))),
    )


def _legacy_status_of(record: Record) -> AlertStatus:
    return AlertStatus.RESOLVED if text_at(record, "state").lower() == "ok" else AlertStatus.FIRING


def _legacy_signal_of(record: Record, name: str) -> Signal:
    if text_at(record, "state").lower() == "no_data":
        return Signal.OPERATIONS
    return signal_of_words(name) or Signal.ANOMALY


def _legacy_fingerprint_of(record: Record, name: str) -> str:
    rule = text_at(record, "ruleId")
    return fingerprint_of("grafana", text_at(record, "orgId"), rule if rule not in ("", "0") else name)
