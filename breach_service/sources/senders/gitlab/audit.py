"""Audit events that GitLab streams to an HTTP destination: who did what, all day long; few of them are alerts.

https://docs.gitlab.com/user/compliance/audit_event_schema/ has the fields, audit_event_types beside it the names. The
verification token stands in X-Gitlab-Event-Streaming-Token. `details` has no schema: a message, or what was changed.
"""

import re

from breach_service.domain.alert import Alert, Entity, EntityKind, EntityRole, Severity, Signal
from breach_service.sources.parts.entities import entities_of, entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.plain_text import plain_line
from breach_service.sources.parts.reading import first_text, labels_from, record_at, text_at, value_at

_SIGNAL_OF_TYPE: tuple[tuple[Signal, re.Pattern[str]], ...] = tuple(
    (signal, re.compile(pattern, re.ASCII))
    for signal, pattern in (
        (Signal.BRUTE_FORCE, r"user_access_locked"),
        (Signal.SUSPICIOUS_LOGIN, r"ip_restricted_group_accessed"),
        (
            Signal.PRIVILEGE_CHANGE,
            r"user_(admin|auditor)_status_updated|custom_admin_role_(assigned\w*|created)|user_impersonation"
            r"|(project|group|personal)_access_token_created|deploy_key_added|(group_)?deploy_token_created"
            r"|group_share_with_group_link_created|project_group_link_created|saml_group_links_created"
            r"|oauth_application_created|member_role_created",
        ),
        (Signal.DATA_EXPOSURE, r"(project|group)_visibility_level_updated"),
        (Signal.ANOMALY, r"(project|group)_export_created|direct_transfer_relations_export_initiated"),
        (
            Signal.INTEGRITY_CHANGE,
            r"protected_branch_(removed|allow_force_push_updated)|approval_rule_deleted|ip_restrictions_changed"
            r"|\w*push_rules_(prevent_secrets|reject_unsigned_commits|commit_committer_check)_updated"
            r"|user_disable_two_factor|group_require_two_factor_authentication_updated|require_\w*_to_approve_updated"
            r"|(destroy|deleted)_\w*event_streaming_destination|\w*(s3|logging)_configuration_deleted"
            r"|\w*secret_push_protection\w*|\w*security_policy\w*deleted",
        ),
    )
)
"""By the type: what weakens a protection or gives a power (docs.gitlab.com/user/compliance/audit_event_types/)."""
_MEMBERSHIPS = frozenset({"member_created", "member_updated"})
_POWERFUL = frozenset({"owner", "maintainer"})


def is_audit_event(record: Record) -> bool:
    """True for a streamed audit event."""
    return {"author_id", "entity_id", "entity_type"} <= record.keys() and "details" in record


def alert_of_audit_event(record: Record) -> Alert:
    """The alert that an audit event is, without its source; what GitLab writes down all day is ROUTINE."""
    kind, details = text_at(record, "event_type"), record_at(record, "details")
    who, path = first_text(record, ("author_name",), ("details", "author_name")), _path_of(record)
    said = _said_in(details) or kind.replace("_", " ") or "GitLab audit event"
    about = first_text(record, ("target_details",), ("details", "target_details"))
    signal = _signal_of(kind, details)
    return Alert(
        source="",
        title=plain_line(f"{said[:1].upper()}{said[1:]} ({path})" if path else said),
        signal=signal,
        fingerprint=fingerprint_of("gitlab", "audit", kind or said, path.lower(), who.lower(), about.lower()),
        severity=Severity.INFO if signal is Signal.ROUTINE else Severity.UNKNOWN,
        occurred_at=instant_in(value_at(record, "created_at")),
        entities=_entities_of(record, who, path, about),
        labels=labels_from(
            (
                ("event_type", kind),
                ("entity_type", text_at(record, "entity_type")),
                ("target_type", first_text(record, ("target_type",), ("details", "target_type"))),
                ("target", about),
                ("author_class", text_at(details, "author_class")),
            )
        ),
        vendor_reference=plain_line(text_at(record, "id")),
    )


def _path_of(record: Record) -> str:
    return first_text(record, ("entity_path",), ("details", "entity_path"))


def _said_in(details: Record) -> str:
    """The message, or one made of what was added, removed or changed from what to what."""
    message = text_at(details, "custom_message")
    if message:
        return message
    about, role = text_at(details, "target_details"), text_at(details, "as")
    for verb in ("add", "remove", "change"):
        thing = text_at(details, verb).replace("_", " ")
        if thing:
            states = (text_at(details, "from"), text_at(details, "to"))
            change = f" from {states[0]} to {states[1]}" if any(states) else ""
            return f"{verb} {thing}{change}" + (f" as {role}" if role else "") + (f": {about}" if about else "")
    return ""


def _signal_of(kind: str, details: Record) -> Signal:
    """People come and go all day: a membership tells only where it is of those who may change everything."""
    if kind in _MEMBERSHIPS:
        role = first_text(details, ("as",), ("to",)).lower()
        return Signal.PRIVILEGE_CHANGE if role in _POWERFUL else Signal.ROUTINE
    found = next((signal for signal, pattern in _SIGNAL_OF_TYPE if pattern.fullmatch(kind[:200])), Signal.ROUTINE)
    is_closing = found is Signal.DATA_EXPOSURE and text_at(details, "to").lower() == "private"
    return Signal.ROUTINE if is_closing else found


def _entities_of(record: Record, who: str, path: str, about: str) -> tuple[Entity, ...]:
    kind = text_at(record, "entity_type").lower()
    is_person = first_text(record, ("target_type",), ("details", "target_type")).lower() == "user"
    return gathered(
        [
            entity(EntityKind.USER, who, EntityRole.ACTOR),
            entity(EntityKind.SOURCE_ADDRESS, first_text(record, ("ip_address",), ("details", "ip_address"))),
            entity(EntityKind.APPLICATION, path) if kind == "project" else None,
            entity(EntityKind.ACCOUNT, path.rpartition("/")[0] if kind == "project" else path)
            if kind in ("project", "group")
            else None,
        ],
        entities_of(EntityKind.USER, [about] if is_person and about != who else [], EntityRole.TARGET),
    )
