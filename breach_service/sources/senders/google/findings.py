"""Findings of Google Security Command Center, and entries of Cloud Logging that a sink passes on.

https://cloud.google.com/security-command-center/docs/reference/rest/v1/organizations.sources.findings and
docs/how-to-notifications there; https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry.
"""

import re
from collections.abc import Iterator

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, EntityRole, Signal
from breach_service.sources.parts.entities import entities_of, entity, gathered
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
    texts_at,
    value_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.tactics import signal_of_threat
from breach_service.sources.parts.words import signal_of_words

_PUBLIC = re.compile(
    r"(^|_)PUBLIC_(BUCKET|DATASET|LOG_BUCKET|SQL|STORAGE|COMPUTE_IMAGE)|(OPEN|PUBLIC)_.*DATABASE", re.I
)
_LEAKED = re.compile(r"leaked.{0,40}(credential|key)|credential.{0,10}leak", re.IGNORECASE)
_POSTURE = frozenset({"VULNERABILITY", "MISCONFIGURATION", "POSTURE_VIOLATION", "TOXIC_COMBINATION", "CHOKEPOINT"})
# The detectors of settings have such names, those of threats are written in words.
_DETECTOR = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)+", re.ASCII)
_FINDING = re.compile(r"(?P<parent>.*?/sources/[^/]+)(?:/locations/[^/]+)?/findings/(?P<id>[^/]+)")
_OF_FINDINGS = frozenset({"resourceName", "sourceProperties", "findingClass"})
_PROJECT = re.compile(r"/projects/([^/]+)")
_HELD = re.compile(r"/(?:datasets|buckets|instances)/([^/]+)")
_MOST_ATTEMPTS = 20
"""Of a brute force against SSH, as Event Threat Detection lists them."""
_INSTANCE = re.compile(r"/instances/([^/]+)$")


def is_finding(record: Record) -> bool:
    """True for a notice of a finding, or for a finding."""
    held = record_at(record, "finding") or record
    is_named = _FINDING.fullmatch(text_at(held, "name")[:1000]) is not None
    return "category" in held and (is_named or bool(_OF_FINDINGS & held.keys()))


def alert_of_finding(source_name: str, record: Record) -> Alert:
    """The alert of one finding."""
    held, resource = record_at(record, "finding") or record, record_at(record, "resource")
    category = text_at(held, "category")
    severity = first_text(held, ("severity",), ("sourceProperties", "SeverityLevel"), ("sourceProperties", "severity"))
    is_muted = text_at(held, "mute").upper() == "MUTED"
    is_over = text_at(held, "state").upper() == "INACTIVE"
    about = text_at(held, "resourceName")
    return Alert(
        source=source_name,
        title=plain_line(category) or "Security Command Center finding",
        signal=_signal_of(held, category),
        fingerprint=_fingerprint_of(held, category, about),
        severity=severity_of_word(severity),
        vendor_severity=plain_line(severity),
        status=AlertStatus.RESOLVED if is_over or is_muted else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(held, "eventTime")) or instant_in(value_at(held, "createTime")),
        entities=gathered(_resources_of(held, resource), _actors_of(held), _traces_of(held)),
        labels=_labels_of(record, held, resource),
        summary=plain_text(_summary_of(held)),
        vendor_reference=plain_line(text_at(held, "name").rpartition("/")[2]),
        link=link_of(first_text(held, ("externalUri",), ("sourceProperties", "ExternalUri"))),
    )


def _signal_of(held: Record, category: str) -> Signal:
    if _LEAKED.search(category.replace("_", " ")):
        return Signal.LEAKED_SECRET
    if _PUBLIC.search(category):
        return Signal.DATA_EXPOSURE
    kind = text_at(held, "findingClass").upper()
    if kind in _POSTURE or (not kind and _DETECTOR.fullmatch(category)):
        return Signal.VULNERABILITY
    if kind == "SCC_ERROR":
        return Signal.OPERATIONS
    tactic, colon, _ = category.partition(":")
    said = [tactic] if colon else []
    return signal_of_threat([*said, text_at(held, "mitreAttack", "primaryTactic")], category, _summary_of(held))


def _fingerprint_of(held: Record, category: str, about: str) -> str:
    """The name of the finding without its location, which only the second version of the API writes."""
    name = _FINDING.fullmatch(text_at(held, "name")[:1000])
    if name is None:
        return fingerprint_of("google-finding", text_at(held, "name") or category, about)
    return fingerprint_of("google-finding", name["parent"], name["id"])


def _resources_of(held: Record, resource: Record) -> Iterator[Entity | None]:
    about = text_at(held, "resourceName") or text_at(resource, "name")
    instance, project = _INSTANCE.search(about), _PROJECT.search(f"/{about}")
    name = first_text(resource, ("displayName",)) or about.rpartition("/")[2]
    named = first_text(resource, ("projectDisplayName",), ("gcpMetadata", "projectDisplayName"))
    yield entity(EntityKind.ACCOUNT, named or (project[1] if project else ""))
    is_machine = instance is not None and "compute.googleapis.com" in about
    is_project = "cloudresourcemanager" in about
    if not is_project:
        yield entity(EntityKind.HOST if is_machine else EntityKind.APPLICATION, name)
    # Event Threat Detection names the project as the resource, and the machine among its own properties.
    properties = record_at(held, "sourceProperties")
    told = first_text(properties, ("properties", "instanceDetails"), ("properties_instanceDetails",))
    yield entity(EntityKind.HOST, told.rpartition("/")[2])


def _actors_of(held: Record) -> Iterator[Entity | None]:
    access = record_at(held, "access")
    properties = record_at(held, "sourceProperties", "properties")
    who = first_text(access, ("principalEmail",), ("principalSubject",)) or text_at(properties, "principalEmail")
    yield entity(EntityKind.USER, who, EntityRole.ACTOR)
    yield entity(EntityKind.SOURCE_ADDRESS, text_at(access, "callerIp") or text_at(properties, "callerIp"))
    for attempt in records_at(properties, "attempts")[:_MOST_ATTEMPTS]:
        yield entity(EntityKind.SOURCE_ADDRESS, text_at(attempt, "sourceIp"))
        yield entity(EntityKind.USER, text_at(attempt, "username"), EntityRole.TARGET)
        yield entity(EntityKind.HOST, text_at(attempt, "vmName"))
    leaked = first_text(held, ("sourceProperties", "compromised_account"), ("sourceProperties", "compromisedAccount"))
    yield entity(EntityKind.USER, leaked, EntityRole.TARGET)
    for binding in records_at(held, "iamBindings"):
        yield entity(EntityKind.USER, text_at(binding, "member").partition(":")[2] or text_at(binding, "member"))


def _traces_of(held: Record) -> Iterator[Entity | None]:
    signs = record_at(held, "indicator")
    yield from entities_of(EntityKind.SOURCE_ADDRESS, texts_at(signs, "ipAddresses"))
    yield from entities_of(EntityKind.DOMAIN, texts_at(signs, "domains"))
    yield from entities_of(EntityKind.URL, texts_at(signs, "uris"))
    for process in records_at(held, "processes"):
        yield entity(EntityKind.PROCESS, first_text(process, ("binary", "path"), ("name",)))
        yield entity(EntityKind.FILE_HASH, text_at(process, "binary", "sha256"))
    for file in records_at(held, "files"):
        yield entity(EntityKind.FILE, text_at(file, "path"))
        yield entity(EntityKind.FILE_HASH, text_at(file, "sha256"))
    for source in records_at(held, "exfiltration", "sources"):
        yield entity(EntityKind.APPLICATION, _thing_in(text_at(source, "name")))
    for container in records_at(held, "containers"):
        yield entity(EntityKind.APPLICATION, text_at(container, "name"))


def _thing_in(name: str) -> str:
    """The data set, bucket or instance in the full name of a resource, `//bigquery…/projects/p/datasets/d/tables/t`."""
    found = _HELD.search(name[:1000])
    return found[1] if found else name.rpartition("/")[2]


def _summary_of(held: Record) -> str:
    places = (("description",), ("sourceProperties", "Explanation"), ("sourceProperties", "Description"))
    return first_text(held, *places, ("sourceProperties", "summary_message"))


def _labels_of(record: Record, held: Record, resource: Record) -> dict[str, str]:
    marks = record_at(held, "securityMarks", "marks")
    return labels_from(
        (
            *((str(name), text_of(value)) for name, value in marks.items()),
            ("category", text_at(held, "category")),
            ("class", text_at(held, "findingClass")),
            ("state", text_at(held, "state")),
            ("resource", text_at(held, "resourceName")),
            ("resource_type", text_at(resource, "type")),
            ("project", first_text(resource, ("projectDisplayName",), ("gcpMetadata", "projectDisplayName"))),
            ("source", text_at(held, "parentDisplayName")),
            ("tactic", text_at(held, "mitreAttack", "primaryTactic")),
            ("cve", text_at(held, "vulnerability", "cve", "id")),
            ("config", text_at(record, "notificationConfigName").rpartition("/")[2]),
        )
    )


def is_log_entry(record: Record) -> bool:
    """True for an entry of Cloud Logging."""
    return "logName" in record and ("insertId" in record or "resource" in record)


def alert_of_log_entry(source_name: str, record: Record) -> Alert:
    """The alert of one entry; of an audit log, who called what."""
    call = record_at(record, "protoPayload")
    said = first_text(record, ("jsonPayload", "message"), ("textPayload",), ("jsonPayload", "msg"))
    method, who = text_at(call, "methodName"), text_at(call, "authenticationInfo", "principalEmail")
    severity = text_at(record, "severity")
    project = text_at(record, "resource", "labels", "project_id")
    title = f"{method} by {who}" if method and who else method or said.partition("\n")[0]
    usual = Signal.ANOMALY if method else Signal.OPERATIONS
    changes_access = re.search(r"SetIamPolicy|CreateServiceAccountKey|CreateRole|UpdateRole", method) is not None
    return Alert(
        source=source_name,
        title=plain_line(title) or "Cloud Logging entry",
        signal=Signal.PRIVILEGE_CHANGE if changes_access else signal_of_words(said) or usual,
        fingerprint=fingerprint_of("google-log", text_at(record, "logName"), method or said[:200], who, project),
        severity=severity_of_word(severity),
        vendor_severity=plain_line(severity),
        occurred_at=instant_in(value_at(record, "timestamp")) or instant_in(value_at(record, "receiveTimestamp")),
        entities=gathered(
            [
                entity(EntityKind.ACCOUNT, project),
                entity(EntityKind.USER, who, EntityRole.ACTOR),
                entity(EntityKind.SOURCE_ADDRESS, text_at(call, "requestMetadata", "callerIp")),
                entity(EntityKind.APPLICATION, text_at(call, "resourceName").rpartition("/")[2]),
            ]
        ),
        labels=labels_from((("log", text_at(record, "logName")), ("project", project), ("method", method))),
        summary=plain_text(said or text_at(call, "status", "message")),
        vendor_reference=plain_line(text_at(record, "insertId")),
    )
