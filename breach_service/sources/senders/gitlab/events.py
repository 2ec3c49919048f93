"""The events of GitLab's hooks that are alerts, each read into one; where the event says nothing, into none.

The examples of https://docs.gitlab.com/user/project/integrations/webhook_events/ and
https://docs.gitlab.com/administration/system_hooks/. What is said of the project is added by `gitlab`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from breach_service.domain.alert import Alert, AlertStatus, EntityKind, Signal
from breach_service.sources.parts.entities import entities_of, entity, gathered
from breach_service.sources.parts.flaws import signal_of_flaw
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
    texts_at,
    value_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words

_CLOSED_STATES = frozenset({"dismissed", "resolved", "closed"})
_PIPELINE_STATES = {"failed": AlertStatus.FIRING, "success": AlertStatus.RESOLVED}
_NO_ALERTS = frozenset(
    {
        "push",
        "tag_push",
        "issue",
        "work_item",
        "note",
        "merge_request",
        "wiki_page",
        "build",
        "pipeline",
        "deployment",
        "release",
        "feature_flag",
        "emoji",
        "milestone",
        "access_token",
        "deploy_token",
        "member",
        "subgroup",
        "project",
        "repository_update",
    }
)
"""Documented kinds that are no alerts, or only where a reader says so."""
# https://host/group/project/-/…, and https://host/group/project/… of older releases without the hyphen.
_PROJECT_IN_LINK = re.compile(r"https?://[^/]+/([\w./-]{1,300}?)/(?:-/|pipelines/|issues/)", re.ASCII)


def event_of(record: Record) -> Alert | None:
    """The alert that an event is, without its source; None where it is none."""
    kind, event = text_at(record, "object_kind").lower(), text_at(record, "event_name").lower()
    reader = _READERS.get(event) or _READERS.get(kind)
    if reader is None and kind not in _NO_ALERTS and record_at(record, "object_attributes"):
        reader = _unknown
    return None if reader is None else reader(record)


def project_of(record: Record) -> str:
    """The path of the project with its groups, out of the address where the event does not name it; empty without."""
    named = first_text(record, ("project", "path_with_namespace"), ("group", "full_path"), ("group", "group_path"))
    if named:
        return named
    found = _PROJECT_IN_LINK.match(text_at(record, "object_attributes", "url")[:600])
    return found[1].strip("/") if found else ""


def place_of(record: Record) -> str:
    """The project, by its number where it has no name here."""
    numbers = (("project", "id"), ("project_id",), ("object_attributes", "project_id"), ("group", "group_id"))
    return project_of(record) or first_text(record, *numbers)


def _vulnerability(record: Record) -> Alert:
    flaw, project = record_at(record, "object_attributes"), project_of(record)
    name, report, severity = text_at(flaw, "title"), text_at(flaw, "report_type"), text_at(flaw, "severity")
    number = text_at(flaw, "url").rpartition("/vulnerabilities/")[2] or text_at(flaw, "id")
    numbers = tuple(text_at(one, "external_id") for one in records_at(flaw, "identifiers"))
    path = first_text(flaw, ("location", "file"), ("location", "path"))
    package = text_at(flaw, "location", "dependency", "package", "name")
    return Alert(
        source="",
        title=name or "Vulnerability",
        signal=signal_of_flaw(name, _weaknesses(flaw), report),
        fingerprint=fingerprint_of(
            "gitlab", "vulnerability", project, *((number,) if number else (*numbers, name, path))
        ),
        severity=severity_of_word(severity),
        vendor_severity=plain_line(severity),
        status=_status_of(text_at(flaw, "state")),
        occurred_at=instant_in(value_at(flaw, "created_at")) or instant_in(value_at(flaw, "detected_at")),
        entities=gathered(
            [entity(EntityKind.FILE, path)],
            entities_of(EntityKind.HOST, texts_at(flaw, "location", "hostname")),
        ),
        labels=labels_from(
            (
                ("report_type", report),
                ("scanner", text_at(flaw, "scanner_external_id")),
                ("state", text_at(flaw, "state")),
                ("cve", next((one for one in numbers if one.upper().startswith("CVE-")), "")),
                ("package", package),
                ("image", text_at(flaw, "location", "image")),
            )
        ),
        summary=plain_text(" ".join((report.replace("_", " "), package, *numbers)).strip()),
        vendor_reference=plain_line(f"{project}#{number}" if number else next(iter(numbers), "")),
        link=link_of(text_at(flaw, "url")),
    )


def _expiring_token(record: Record) -> Alert:
    """A token of a project or group that ends in 7, 30 or 60 days: what uses it will stop."""
    token = record_at(record, "object_attributes")
    name, expires = text_at(token, "name"), text_at(token, "expires_at")
    kind = text_at(record, "event_name").removeprefix("expiring_").replace("_", " ") or "access token"
    return Alert(
        source="",
        title=plain_line(f"{kind.capitalize()} {name} expires {expires}"),
        signal=Signal.OPERATIONS,
        fingerprint=fingerprint_of("gitlab", kind, place_of(record), text_at(token, "id") or name),
        labels=labels_from((("token", name), ("expires_at", expires))),
    )


def _pipeline(record: Record) -> Alert | None:
    """A pipeline that failed, and the next one on the same branch that did not; every other state says nothing."""
    run = record_at(record, "object_attributes")
    status, ref = _PIPELINE_STATES.get(text_at(run, "status").lower()), text_at(run, "ref")
    if status is None:
        return None
    word = "failed" if status is AlertStatus.FIRING else "passed"
    return Alert(
        source="",
        title=plain_line(f"Pipeline {word} on {ref or 'a branch'} of {place_of(record)}"),
        signal=Signal.OPERATIONS,
        fingerprint=fingerprint_of("gitlab", "pipeline", place_of(record), ref),
        status=status,
        occurred_at=instant_in(value_at(run, "finished_at")) or instant_in(value_at(run, "created_at")),
        labels=labels_from((("ref", ref), ("status", text_at(run, "detailed_status") or text_at(run, "status")))),
        vendor_reference=plain_line(text_at(run, "id")),
        link=link_of(text_at(run, "url")),
    )


def _work_item(record: Record) -> Alert | None:
    """An incident of GitLab's own incident management; other work items are no alerts."""
    item = record_at(record, "object_attributes")
    if text_at(item, "type").lower() != "incident":
        return None
    number = first_text(item, ("iid",), ("id",))
    return replace(
        _unknown(record),
        fingerprint=fingerprint_of("gitlab", "incident", place_of(record), number),
        vendor_reference=plain_line(f"{project_of(record)}#{number}"),
    )


def _failed_login(record: Record) -> Alert:
    """A system hook: somebody tried to sign in with an account that is blocked."""
    user = text_at(record, "username")
    return Alert(
        source="",
        title=plain_line(f"Blocked user {user} tried to sign in"),
        signal=Signal.SUSPICIOUS_LOGIN,
        fingerprint=fingerprint_of("gitlab", "failed login", user),
        occurred_at=instant_in(value_at(record, "created_at")),
        entities=gathered(entities_of(EntityKind.USER, [user])),
        labels=labels_from((("state", text_at(record, "state")),)),
    )


def _unknown(record: Record) -> Alert:
    """The best of an event that came after this was written, or that has a title of its own."""
    item, kind = record_at(record, "object_attributes"), text_at(record, "object_kind").replace("_", " ")
    name = first_text(item, ("title",), ("name",)) or f"GitLab event {kind}"
    return Alert(
        source="",
        title=plain_line(name),
        signal=signal_of_words(name, kind) or Signal.ANOMALY,
        fingerprint=fingerprint_of("gitlab", kind, place_of(record), first_text(item, ("iid",), ("id",)) or name),
        severity=severity_of_word(text_at(item, "severity")),
        vendor_severity=plain_line(text_at(item, "severity")),
        status=_status_of(text_at(item, "state")),
        occurred_at=instant_in(value_at(item, "created_at")),
        summary=plain_text(text_at(item, "description")),
        link=link_of(text_at(item, "url")),
    )


def _test(record: Record) -> Alert:
    return Alert(
        source="",
        title=plain_line(text_at(record, "message")) or "GitLab test",
        signal=Signal.HEARTBEAT,
        fingerprint=fingerprint_of("gitlab", "test"),
        status=AlertStatus.TEST,
    )


def _status_of(state: str) -> AlertStatus:
    return AlertStatus.RESOLVED if state.lower() in _CLOSED_STATES else AlertStatus.FIRING


def _weaknesses(flaw: Record) -> list[str]:
    """CWE numbers, which GitLab writes with their prefix in the name and bare as the id."""
    kinds = (one for one in records_at(flaw, "identifiers") if text_at(one, "external_type").lower() == "cwe")
    return [f"CWE-{text_at(one, 'external_id').upper().removeprefix('CWE-')}" for one in kinds]


_READERS: Mapping[str, Callable[[Record], Alert | None]] = {
    "vulnerability": _vulnerability,
    "pipeline": _pipeline,
    "issue": _work_item,
    "work_item": _work_item,
    "expiring_access_token": _expiring_token,
    "expiring_deploy_token": _expiring_token,
    "access_token": _expiring_token,
    "deploy_token": _expiring_token,
    "user_failed_login": _failed_login,
    "test": _test,
}
