"""The alerts of Prometheus, as Alertmanager posts them in groups; Grafana Alerting sends the same in a wider envelope.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config: one request is one group, whose members each
have a status of their own. The group's key and labels name the group and never an alert.
"""

import re
from collections.abc import Mapping

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Signal
from breach_service.errors import UnreadablePayload
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.identity import fingerprint_of, given_fingerprint
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, kind_in_words
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_of, record_at, text_at, text_of, value_at
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words

OWN_SERVICE = "breach_service"
"""Value of the label `service` on the rules that the service ships about itself."""
TRIAL_NAME = "BreachServiceTest"
"""Value of `alertname` in the message by which an operator tries a connection."""

_REFERENCE = re.compile(r"INC-\d{4}-\d{4,}", re.ASCII)
_HEARTBEATS = frozenset({"Watchdog", "DeadMansSwitch", "DeadMansSnitch"})
_ALWAYS_FIRING = frozenset({"InfoInhibitor"})
_SIGNALS = {str(signal): signal for signal in Signal}
_CATEGORY_LABELS = (("category",), ("type",), ("alert_type",), ("alertgroup",))
_HOST_LABELS = ("host", "hostname", "fqdn", "server", "machine", "vm", "node", "nodename")
_EXPORTER_LABELS = ("exported_instance", "instance")
"""Where the metric was read, which is the machine itself for most exporters."""
_APPLICATION_LABELS = (("app",), ("application",), ("app_kubernetes_io_name",), ("service",), ("service_name",))
_NAMESPACE = ("namespace",)
_WORKLOAD_LABELS = (
    ("deployment",),
    ("statefulset",),
    ("daemonset",),
    ("cronjob",),
    ("job_name",),
    ("pod",),
    _NAMESPACE,
)
_CLUSTER_EXPORTER = "kube-state-metrics"
"""It speaks of everything in a cluster, so that its own address and service name nothing that an alert is about."""
_OTHER_LABELS = (
    (EntityKind.ADDRESS, (("address",), ("ip",))),
    (
        EntityKind.SOURCE_ADDRESS,
        (
            ("source_address",),
            ("source_ip",),
            ("src_ip",),
            ("srcip",),
            ("client_ip",),
            ("remote_ip",),
            ("remote_addr",),
        ),
    ),
    (EntityKind.USER, (("user",), ("username",))),
)
_LINKS = (
    ("generatorURL",),
    ("panelURL",),
    ("dashboardURL",),
    ("annotations", "dashboard"),
    ("annotations", "dashboard_url"),
    ("annotations", "runbook_url"),
    ("annotations", "runbook"),
)


def members_of(group: Record, expected: str) -> list[Record]:
    """The alerts of a group, or the one alert that came without a group.

    Raises UnreadablePayload, with what was `expected`, where there is none or one has no labels.
    """
    if "alerts" not in group and "alertname" in record_at(group, "labels"):
        return [group]
    members = value_at(group, "alerts")
    if not isinstance(members, list):
        found = f'"alerts" is {kind_in_words(members)}' if "alerts" in group else 'there is no "alerts"'
        raise UnreadablePayload(f"Found an object in which {found}; expected {expected}.")
    if not members:
        raise UnreadablePayload(f'"alerts" is empty; expected {expected}, with at least one member.')
    for member in members:
        if not isinstance(member, dict) or not isinstance(member.get("labels"), dict):
            raise UnreadablePayload('Found a member of "alerts" without labels; expected an object with "labels".')
    return members


def alert_of_member(source_name: str, member: Record, unnamed: str) -> Alert:
    """What one member of a group says; `unnamed` is its title where it has no name and no summary."""
    labels = record_at(member, "labels")
    name = text_at(labels, "alertname")
    is_own = text_at(labels, "service") == OWN_SERVICE
    reference = text_at(labels, "incident")
    vendor_severity = first_text(labels, ("severity",), ("priority",), ("level",))
    return Alert(
        source=source_name,
        title=_title_of(member) or plain_line(name) or unnamed,
        signal=_signal_of(name, labels, _title_of(member), is_own),
        fingerprint=_fingerprint_of(member, labels),
        severity=severity_of_word(vendor_severity),
        vendor_severity=plain_line(vendor_severity),
        status=_status_of(member, name),
        occurred_at=instant_in(value_at(member, "startsAt")),
        entities=entities_of_labels(labels),
        labels=labels_of(labels),
        summary=plain_text(first_text(member, ("annotations", "description"), ("annotations", "message"))),
        vendor_reference=plain_line(name),
        link=next((link for path in _LINKS if (link := link_of(text_at(member, *path)))), ""),
        concerns_incident=reference if is_own and _REFERENCE.fullmatch(reference) else None,
        is_own=is_own,
    )


def entities_of_labels(labels: Record) -> tuple[Entity, ...]:
    """The things that the usual labels name."""
    is_of_cluster = any(_CLUSTER_EXPORTER in text_at(labels, name) for name in ("job", "service"))
    # The first label that names a machine: `instance` often is the exporter's address, not the machine's.
    named = _HOST_LABELS if is_of_cluster else (*_HOST_LABELS, *_EXPORTER_LABELS)
    machines = (entity(EntityKind.HOST, text_at(labels, name)) for name in named)
    machine = next((found for found in machines if found is not None), None)
    application = first_text(labels, *(_WORKLOAD_LABELS if is_of_cluster else _APPLICATION_LABELS))
    if not application and not is_of_cluster and machine is None:
        # `job` names the kind of exporter, and would tie all machines together where a machine is named.
        application = text_at(labels, "job")
    if not application and not is_of_cluster:
        application = first_text(labels, *(path for path in _WORKLOAD_LABELS if path != _NAMESPACE))
    others = (entity(kind, first_text(labels, *paths)) for kind, paths in _OTHER_LABELS)
    return gathered([machine, entity(EntityKind.APPLICATION, application), *others])


def _title_of(member: Record) -> str:
    return plain_line(first_text(member, ("annotations", "summary"), ("annotations", "title")))


def _status_of(member: Record, name: str) -> AlertStatus:
    if name == TRIAL_NAME:
        return AlertStatus.TEST
    return AlertStatus.RESOLVED if text_at(member, "status").lower() == "resolved" else AlertStatus.FIRING


def _signal_of(name: str, labels: Record, title: str, is_own: bool) -> Signal:
    """What the alert reports; a heartbeat by its well-known name, whatever else it says."""
    if name in _HEARTBEATS or name == TRIAL_NAME:
        return Signal.HEARTBEAT
    if is_own:
        return Signal.OPERATIONS
    said = _SIGNALS.get(text_at(labels, "signal").lower())
    if said is not None:
        return said
    if name in _ALWAYS_FIRING:
        return Signal.ROUTINE
    categories = (text_at(labels, *path) for path in _CATEGORY_LABELS)
    return signal_of_words(name, *categories, title) or Signal.ANOMALY


def _fingerprint_of(member: Record, labels: Mapping[str, object]) -> str:
    given = text_at(member, "fingerprint")
    if given:
        return given_fingerprint(given)
    return fingerprint_of("alertmanager", *(part for name in sorted(labels) for part in (name, text_of(labels[name]))))
