"""Prometheus Alertmanager, webhook versions 4 and 3; Grafana Alerting sends the same alerts in a wider envelope.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config: one request is one group, whose members each
have a status of their own. The group's key and labels name the group and never an alert.
"""

import json
import re
from collections.abc import Mapping

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.entities import entity, gathered
from breach_service.sources.identity import fingerprint_of, given_fingerprint
from breach_service.sources.instants import instant_in
from breach_service.sources.payload import Record, kind_in_words, records_in
from breach_service.sources.plain_text import plain_line, plain_text
from breach_service.sources.reading import first_text, labels_of, record_at, text_at, text_of, value_at
from breach_service.sources.request import Delivery
from breach_service.sources.severities import severity_of_word
from breach_service.sources.words import signal_of_words

OWN_SERVICE = "breach_service"
"""Value of the label `service` on the rules that the service ships about itself."""

_EXPECTED = 'the webhook body of Alertmanager, an object with "alerts"'
_REFERENCE = re.compile(r"INC-\d{4}-\d{4,}", re.ASCII)
_HEARTBEATS = frozenset({"Watchdog", "DeadMansSwitch", "DeadMansSnitch"})
_ALWAYS_FIRING = frozenset({"InfoInhibitor"})
_SIGNALS = {str(signal): signal for signal in Signal}
_CATEGORY_LABELS = (("category",), ("type",), ("alert_type",), ("alertgroup",))
_HOST_LABELS = ("host", "hostname", "node", "nodename", "instance")
_APPLICATION_LABELS = (("app",), ("application",), ("app_kubernetes_io_name",), ("service",))
_OTHER_LABELS = (
    (EntityKind.ADDRESS, (("address",), ("ip",))),
    (
        EntityKind.SOURCE_ADDRESS,
        (("source_address",), ("source_ip",), ("src_ip",), ("srcip",), ("client_ip",), ("remote_addr",)),
    ),
    (EntityKind.USER, (("user",), ("username",))),
)


class Alertmanager:
    """One alert per member of `alerts`, whatever the status of the group."""

    kind = "alertmanager"
    title = Text(fr="Prometheus Alertmanager", en="Prometheus Alertmanager")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        groups = records_in(delivery.body, _EXPECTED)
        return [_alert_of(source_name, member) for group in groups for member in _members_of(group)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        labels = {"alertname": "BreachServiceTest", "signal": str(Signal.HEARTBEAT), "severity": "info"}
        annotations = {"summary": "Test message of an operator"}
        alert = {"status": "firing", "labels": labels, "annotations": annotations}
        return json.dumps({"version": "4", "status": "firing", "alerts": [alert]}).encode()


SOURCE = Alertmanager()


def _members_of(group: Record) -> list[Record]:
    members = value_at(group, "alerts")
    if not isinstance(members, list):
        found = f'"alerts" is {kind_in_words(members)}' if "alerts" in group else 'there is no "alerts"'
        raise UnreadablePayload(f"Found an object in which {found}; expected {_EXPECTED}.")
    if not members:
        raise UnreadablePayload(f'"alerts" is empty; expected {_EXPECTED}, with at least one member.')
    for member in members:
        if not isinstance(member, dict) or not isinstance(member.get("labels"), dict):
            raise UnreadablePayload('Found a member of "alerts" without labels; expected an object with "labels".')
    return members


def _alert_of(source_name: str, member: Record) -> Alert:
    labels = record_at(member, "labels")
    name = text_at(labels, "alertname")
    is_own = text_at(labels, "service") == OWN_SERVICE
    reference = text_at(labels, "incident")
    summary = text_at(member, "annotations", "summary")
    vendor_severity = first_text(labels, ("severity",), ("priority",), ("level",))
    return Alert(
        source=source_name,
        title=plain_line(summary) or plain_line(name) or "Alertmanager",
        signal=_signal_of(name, labels, is_own),
        fingerprint=_fingerprint_of(member, labels),
        severity=severity_of_word(vendor_severity),
        vendor_severity=plain_line(vendor_severity),
        status=AlertStatus.RESOLVED if text_at(member, "status").lower() == "resolved" else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(member, "startsAt")),
        entities=_entities_of(labels),
        labels=labels_of(labels),
        summary=plain_text(first_text(member, ("annotations", "description"), ("annotations", "message"))),
        concerns_incident=reference if is_own and _REFERENCE.fullmatch(reference) else None,
        is_own=is_own,
    )


def _signal_of(name: str, labels: Record, is_own: bool) -> Signal:
    """What the alert reports; a heartbeat by its well-known name, whatever else it says."""
    if name in _HEARTBEATS:
        return Signal.HEARTBEAT
    if is_own:
        return Signal.OPERATIONS
    said = _SIGNALS.get(text_at(labels, "signal").lower())
    if said is not None:
        return said
    if name in _ALWAYS_FIRING:
        return Signal.ROUTINE
    categories = (text_at(labels, *path) for path in _CATEGORY_LABELS)
    return signal_of_words(name, *categories) or Signal.ANOMALY


def _fingerprint_of(member: Record, labels: Mapping[str, object]) -> str:
    given = text_at(member, "fingerprint")
    if given:
        return given_fingerprint(given)
    return fingerprint_of("alertmanager", *(part for name in sorted(labels) for part in (name, text_of(labels[name]))))


def _entities_of(labels: Record) -> tuple[Entity, ...]:
    # The first label that names a machine: `instance` often is the exporter's address, not the machine's.
    machines = (entity(EntityKind.HOST, text_at(labels, name)) for name in _HOST_LABELS)
    machine = next((found for found in machines if found is not None), None)
    # `job` names the kind of exporter, and would tie all machines together where a machine is named.
    application = first_text(labels, *_APPLICATION_LABELS) or ("" if machine else text_at(labels, "job"))
    others = (entity(kind, first_text(labels, *paths)) for kind, paths in _OTHER_LABELS)
    return gathered([machine, entity(EntityKind.APPLICATION, application), *others])
