"""The alerts of Prometheus, as Alertmanager posts them in groups; Grafana Alerting sends the same in a wider envelope.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config: one request is one group, whose members each
have a status of their own. The group's key and labels name the group and never an alert.
"""

import re
from collections.abc import Hashable, Iterable, Mapping

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Signal
from breach_service.errors import UnreadablePayload
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.identity import fingerprint_of, given_fingerprint
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, kind_in_words
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import labels_of, own_texts_of, record_at, text_at, text_of, value_at
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
_SEVERITY_LABELS = ("severity", "priority", "level")
_CATEGORY_LABELS = ("category", "type", "alert_type", "alertgroup")
_HOST_LABELS = ("host", "hostname", "fqdn", "server", "machine", "vm", "node", "nodename")
_EXPORTER_LABELS = ("exported_instance", "instance")
"""Where the metric was read, which is the machine itself for most exporters."""
_MACHINE_LABELS = (*_HOST_LABELS, *_EXPORTER_LABELS)
_APPLICATION_LABELS = ("app", "application", "app_kubernetes_io_name", "service", "service_name")
_NAMESPACE = "namespace"
_WORKLOADS = ("deployment", "statefulset", "daemonset", "cronjob", "job_name", "pod")
_WORKLOAD_LABELS = (*_WORKLOADS, _NAMESPACE)
_CLUSTER_EXPORTER = "kube-state-metrics"
"""It speaks of everything in a cluster, so that its own address and service name nothing that an alert is about."""
_OTHER_LABELS = (
    (EntityKind.ADDRESS, ("address", "ip")),
    (
        EntityKind.SOURCE_ADDRESS,
        ("source_address", "source_ip", "src_ip", "srcip", "client_ip", "remote_ip", "remote_addr"),
    ),
    (EntityKind.USER, ("user", "username")),
)
_OTHER_NAMES = frozenset(name for _, names in _OTHER_LABELS for name in names)
_LINKS = ("generatorURL", "panelURL", "dashboardURL")
_ANNOTATED_LINKS = ("dashboard", "dashboard_url", "runbook_url", "runbook")


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


def alert_of_member(source_name: str, member: Record, unnamed: str, reference: str = "") -> Alert:
    """What one member of a group says; `unnamed` is its title where it has no name and no summary.

    `reference` is what its sender calls it, where that is not the name of the rule.
    """
    question = _question_of(source_name, member, unnamed, reference)
    if question is None:
        return _alert_of(source_name, member, unnamed, reference)
    known = _KNOWN.get(question)
    if known is None:
        alert = _alert_of(source_name, member, unnamed, reference)
        _remember(question, alert)
        return alert
    labels = member["labels"]
    status = _status_of(member, labels.get("alertname", "").strip())
    return known.said_again(_fingerprint_of(member, labels), status, instant_in(member.get("startsAt")))


# The same machines say the same of themselves all day: what a member says besides its instant, its status and its
# fingerprint is read once.
_KNOWN: dict[Hashable, Alert] = {}
_MOST_KNOWN = 2000
_SEEN_ONCE: set[int] = set()
_MOST_SEEN = 20_000
_LONGEST_KNOWN = 4096
"""Characters of a member that is remembered."""


def _remember(question: Hashable, alert: Alert) -> None:
    """Keep what was said before: what is new each time would only push out what is not, and cost its memory."""
    seen = hash(question)
    if seen in _SEEN_ONCE:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[question] = alert
        return
    if len(_SEEN_ONCE) >= _MOST_SEEN:
        _SEEN_ONCE.clear()
    _SEEN_ONCE.add(seen)


def _question_of(source_name: str, member: Record, unnamed: str, reference: str) -> Hashable | None:
    """Everything that an alert follows from, besides what is read anew each time; None where it is not remembered."""
    labels, annotations = member.get("labels"), member.get("annotations")
    if not isinstance(labels, dict) or not isinstance(annotations, dict):
        return None
    links = [member.get(name, "") for name in _LINKS]
    texts = (*labels.values(), *annotations.values(), *links)
    try:
        length = len("".join(texts))  # only texts can be joined: true and 1 would be one question
    except TypeError:
        return None
    if length > _LONGEST_KNOWN:
        return None
    return source_name, unnamed, reference, tuple(labels), tuple(annotations), texts


def _alert_of(source_name: str, member: Record, unnamed: str, reference: str) -> Alert:
    labels = record_at(member, "labels")
    # Every label is asked for under one of many names: they are read once.
    said, annotated = own_texts_of(labels), own_texts_of(record_at(member, "annotations"))
    name = said.get("alertname", "")
    is_own = said.get("service") == OWN_SERVICE
    incident = said.get("incident", "")
    vendor_severity = _first_of(said, _SEVERITY_LABELS)
    title, plain_name = plain_line(_first_of(annotated, ("summary", "title"))), plain_line(name)
    return Alert(
        source=source_name,
        title=title or plain_name or unnamed,
        signal=_signal_of(name, said, title, is_own),
        fingerprint=_fingerprint_of(member, labels),
        severity=severity_of_word(vendor_severity),
        vendor_severity=plain_line(vendor_severity),
        status=_status_of(member, name),
        occurred_at=instant_in(member.get("startsAt")),
        entities=_entities_of(said),
        labels=labels_of(labels),
        summary=plain_text(_first_of(annotated, ("description", "message"))),
        vendor_reference=reference or plain_name,
        link=_link_of(member, annotated),
        concerns_incident=incident if is_own and _REFERENCE.fullmatch(incident) else None,
        is_own=is_own,
    )


def entities_of_labels(labels: Record) -> tuple[Entity, ...]:
    """The things that the usual labels name."""
    return _entities_of(own_texts_of(labels))


def _entities_of(said: Mapping[str, str]) -> tuple[Entity, ...]:
    is_of_cluster = _CLUSTER_EXPORTER in said.get("job", "") or _CLUSTER_EXPORTER in said.get("service", "")
    # The first label that names a machine: `instance` often is the exporter's address, not the machine's.
    named = (said[name] for name in (_HOST_LABELS if is_of_cluster else _MACHINE_LABELS) if name in said)
    machine = next((one for text in named if (one := entity(EntityKind.HOST, text)) is not None), None)
    application = _first_of(said, _WORKLOAD_LABELS if is_of_cluster else _APPLICATION_LABELS)
    if not application and not is_of_cluster and machine is None:
        # `job` names the kind of exporter, and would tie all machines together where a machine is named.
        application = said.get("job", "")
    if not application and not is_of_cluster:
        application = _first_of(said, _WORKLOADS)
    found = [machine, entity(EntityKind.APPLICATION, application)]
    if not _OTHER_NAMES.isdisjoint(said):
        found += [entity(kind, _first_of(said, names)) for kind, names in _OTHER_LABELS]
    return gathered(found)


def _first_of(said: Mapping[str, str], names: Iterable[str]) -> str:
    for name in names:
        if name in said:
            return said[name]
    return ""


def _link_of(member: Record, annotated: Mapping[str, str]) -> str:
    for name in _LINKS:
        if name in member and (link := link_of(text_at(member, name))):
            return link
    for name in _ANNOTATED_LINKS:
        if name in annotated and (link := link_of(annotated[name])):
            return link
    return ""


def _status_of(member: Record, name: str) -> AlertStatus:
    if name == TRIAL_NAME:
        return AlertStatus.TEST
    return AlertStatus.RESOLVED if text_at(member, "status").lower() == "resolved" else AlertStatus.FIRING


def _signal_of(name: str, said: Mapping[str, str], title: str, is_own: bool) -> Signal:
    """What the alert reports; a heartbeat by its well-known name, whatever else it says."""
    if name in _HEARTBEATS or name == TRIAL_NAME:
        return Signal.HEARTBEAT
    if is_own:
        return Signal.OPERATIONS
    signal = _SIGNALS.get(said.get("signal", "").lower())
    if signal is not None:
        return signal
    if name in _ALWAYS_FIRING:
        return Signal.ROUTINE
    categories = (said.get(label, "") for label in _CATEGORY_LABELS)
    return signal_of_words(name, *categories, title) or Signal.ANOMALY


def _fingerprint_of(member: Record, labels: Mapping[str, object]) -> str:
    given = text_at(member, "fingerprint")
    if given:
        return given_fingerprint(given)
    return fingerprint_of("alertmanager", *(part for name in sorted(labels) for part in (name, text_of(labels[name]))))
