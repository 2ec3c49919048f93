"""Incidents of Google Cloud Monitoring, as its webhooks and its Pub/Sub channel send them; schemas 1.1 and 1.2.

https://cloud.google.com/monitoring/support/notification-options#schema-pubsub. Severity came with 1.2 and may be "No
severity"; the summary of a closed incident still says what was wrong.
"""

import re
from collections.abc import Iterator

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Signal
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, record_at, text_at, text_of, value_at
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words

_RESOURCE_NAME = re.compile(r"(?:projects|organizations|folders)/\S+")
_UNAVAILABLE = re.compile(r"uptime|check_passed|healthy|instance/(state|up)|availability", re.IGNORECASE)
_MACHINES = ("instance_name", "node_name", "host", "hostname", "machine", "instance")
_APPLICATIONS = (
    "service_name",
    "function_name",
    "cluster_name",
    "database_id",
    "bucket_name",
    "module_id",
    "job_name",
    "pod_name",
    "container_name",
    "backend_service_name",
    "forwarding_rule_name",
    "topic_id",
    "subscription_id",
    "revision_name",
    "queue_id",
)
_TEST_VERSION = "test"

Pairs = list[tuple[str, str]]


def is_incident(record: Record) -> bool:
    """True for a notice of an incident."""
    held = record_at(record, "incident")
    return "incident_id" in held or ("policy_name" in held and "state" in held)


def alert_of_incident(source_name: str, record: Record) -> Alert:
    """The alert of one notice."""
    held = record_at(record, "incident")
    pairs = _pairs_of(held)
    severity = text_at(held, "severity")
    project = first_text(held, ("scoping_project_id",), ("resource", "labels", "project_id"))
    return Alert(
        source=source_name,
        title=_title_of(held),
        signal=_signal_of(held),
        fingerprint=_fingerprint_of(held, project, pairs),
        severity=severity_of_word(severity),
        vendor_severity=plain_line(severity),
        status=_status_of(record, held),
        occurred_at=instant_in(value_at(held, "started_at")),
        entities=gathered(_entities_of(held, project, pairs)),
        labels=_labels_of(held, project, pairs),
        summary=plain_text(_summary_of(held)),
        vendor_reference=plain_line(text_at(held, "incident_id")),
        link=link_of(text_at(held, "url")),
    )


def _title_of(held: Record) -> str:
    """The policy's name, or the condition's, where it is a name and not the path of a resource."""
    places = (
        ("policy_name",),
        ("condition_name",),
        ("condition", "displayName"),
        ("documentation", "subject"),
        ("summary",),
    )
    names = (plain_line(text_at(held, *path)) for path in places)
    return next(
        (name for name in names if name and not _RESOURCE_NAME.fullmatch(name)), "Google Cloud Monitoring incident"
    )


def _status_of(record: Record, held: Record) -> AlertStatus:
    if text_at(record, "version").lower() == _TEST_VERSION:
        return AlertStatus.TEST
    return AlertStatus.RESOLVED if text_at(held, "state").lower() == "closed" else AlertStatus.FIRING


def _signal_of(held: Record) -> Signal:
    kinds = (text_at(held, "metric", "type"), text_at(held, "resource", "type"), text_at(held, "condition_name"))
    names = [text_at(held, "policy_name"), text_at(held, "condition_name")]
    if any(_UNAVAILABLE.search(kind[:300]) for kind in kinds):
        return Signal.UNAVAILABILITY
    return signal_of_words(*names, text_at(held, "metric", "displayName"), _summary_of(held)) or Signal.OPERATIONS


def _fingerprint_of(held: Record, project: str, pairs: Pairs) -> str:
    """Policy, condition and time series: the id of an incident is of one opening only."""
    condition = first_text(held, ("condition", "name"), ("condition_name",))
    policy = text_at(held, "policy_name")
    if not condition and not policy:
        return fingerprint_of("google-monitoring", text_at(held, "incident_id"))
    about = first_text(held, ("resource_id",), ("resource_name",))
    told = sorted(f"{name}={value}" for name, value in pairs)
    return fingerprint_of("google-monitoring", project, policy, condition, about, *told)


def _pairs_of(held: Record) -> Pairs:
    """The labels of the resource and of the metric."""
    labels = (*record_at(held, "resource", "labels").items(), *record_at(held, "metric", "labels").items())
    return [(str(name), text_of(value)) for name, value in labels if text_of(value)]


def _entities_of(held: Record, project: str, pairs: Pairs) -> Iterator[Entity | None]:
    yield entity(EntityKind.ACCOUNT, project)
    kind = text_at(held, "resource", "type")
    name = first_text(held, ("resource_display_name",), ("metadata", "system_labels", "name"))
    if "instance" in kind:
        yield entity(EntityKind.HOST, name)
        yield entity(EntityKind.HOST, text_at(held, "metadata", "system_labels", "name"))
    elif name and not any(value == name for _, value in pairs):
        yield entity(EntityKind.APPLICATION, name)
    for label, value in pairs:
        if label in _MACHINES:
            yield entity(EntityKind.HOST, value)
        elif label in _APPLICATIONS:
            # The id of a database begins with that of its project: `project:instance`.
            yield entity(EntityKind.APPLICATION, value.removeprefix(f"{project}:"))
    if kind in ("gce_instance", "") and entity(EntityKind.HOST, name) is None:
        yield entity(EntityKind.HOST, _older_machine_of(held))


def _older_machine_of(held: Record) -> str:
    """The machine in a notice that has no name for the resource; those before 1.2 have no resource either."""
    older, given = text_at(held, "resource_name"), text_at(held, "resource_id")
    named = older.split(" ")[0] if "/" not in older else ""
    return named or given or text_at(held, "resource", "labels", "instance_id")


def _labels_of(held: Record, project: str, pairs: Pairs) -> dict[str, str]:
    own = (*record_at(held, "policy_user_labels").items(), *record_at(held, "metadata", "user_labels").items())
    return labels_from(
        (
            *((str(name), text_of(value)) for name, value in own),
            *pairs,
            ("project", project),
            ("policy", text_at(held, "policy_name")),
            ("condition", text_at(held, "condition_name")),
            ("metric", text_at(held, "metric", "type")),
            ("resource_type", text_at(held, "resource", "type")),
        )
    )


def _summary_of(held: Record) -> str:
    texts = (text_at(held, "summary"), text_at(held, "documentation", "content") or text_at(held, "documentation"))
    return "\n".join(text for text in texts if text)
