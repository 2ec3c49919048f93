"""Records of the audit logs of Microsoft 365 and Entra ID, which an export or a Logic App passes on one by one.

Office 365: learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema (CreationTime
is in UTC and says so nowhere). Entra ID: learn.microsoft.com/graph/api/resources/signin, directoryaudit, riskdetection
and riskyuser; exported by diagnostic settings they stand in `properties`.
"""

import re
from collections.abc import Iterator
from datetime import UTC

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, EntityRole, Severity, Signal
from breach_service.sources.parts.entities import entities_of, entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, decoded
from breach_service.sources.parts.plain_text import plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, record_at, records_at, text_at, value_at
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.tactics import security_signal_of_words, signal_of_threat

_ORDER = (Severity.UNKNOWN, Severity.INFO, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
_RISK_OVER = frozenset({"remediated", "dismissed", "confirmedsafe"})
_SIGNAL_OF_OPERATION: tuple[tuple[Signal, re.Pattern[str]], ...] = tuple(
    (signal, re.compile(pattern, re.IGNORECASE))
    for signal, pattern in (
        (Signal.EXFILTRATION, r"^(new|set|update)-?(inboxrule|mailbox)|set-mailboxjunk|transportrule|forwarding"),
        (Signal.PRIVILEGE_CHANGE, r"member to role|add-mailboxpermission|mailbox ?permission|consent to application"),
        (
            Signal.PRIVILEGE_CHANGE,
            r"app role assignment|owner to|add (service principal|delegated)|credentials to service",
        ),
        (
            Signal.INTEGRITY_CHANGE,
            r"conditional access|(disable|delete).{0,30}(policy|authentication|mfa|audit)|set-admin",
        ),
        (Signal.DATA_EXPOSURE, r"^dlprule|anonymouslink(created|updated)|sharingset|companylinkcreated"),
        (Signal.MALWARE, r"malware|filemalwaredetected"),
        (Signal.ROUTINE, r"^(userloggedin|userloginfailed|file\w*|mailitemsaccessed|sign-in activity|signin)$"),
    )
)


def is_audit(record: Record) -> bool:
    """True for a record of one of these logs."""
    held = record_at(record, "properties") or record
    is_office = "Operation" in record and ("Workload" in record or "RecordType" in record)
    is_sign_in = "userPrincipalName" in held and ("ipAddress" in held or "riskLevel" in held or "riskState" in held)
    return is_office or is_sign_in or "activityDisplayName" in held or "riskEventType" in held


def alert_of_audit(source_name: str, record: Record) -> Alert:
    """The alert of one record."""
    if "Operation" in record:
        return _of_office(source_name, record)
    held = {**record, **record_at(record, "properties")}
    return (
        _of_risk(source_name, held)
        if "riskLevel" in held and "appDisplayName" not in held
        else _of_entra(source_name, held)
    )


def _of_office(source_name: str, record: Record) -> Alert:
    operation, who = text_at(record, "Operation"), text_at(record, "UserId")
    is_alert = operation in ("AlertTriggered", "AlertEntityGenerated", "AlertUpdated")
    name, severity = _graded(record, is_alert=is_alert)
    title = name or f"{text_at(record, 'Workload')} {operation}".strip()
    thing = text_at(record, "ObjectId")
    done = "/".join((operation.replace("DlpRuleUndo", "DlpRuleMatch"), who.lower(), thing.lower()))
    identity = first_text(record, ("AlertId",)) if is_alert else done
    return Alert(
        source=source_name,
        title=plain_line(title if is_alert or not who else f"{title}: {who}"),
        signal=signal_of_threat([text_at(record, "Category")], title) if is_alert else _signal_of(operation),
        fingerprint=fingerprint_of("office-365", text_at(record, "OrganizationId"), identity or title),
        severity=severity_of_word(severity),
        vendor_severity=plain_line(severity),
        status=_status_of_office(record, is_alert=is_alert),
        occurred_at=instant_in(value_at(record, "CreationTime"), UTC),
        entities=gathered(_who_of_office(record, is_alert=is_alert)),
        labels=labels_from(
            (
                ("operation", operation),
                ("workload", text_at(record, "Workload")),
                ("result", text_at(record, "ResultStatus")),
                ("tenant", text_at(record, "OrganizationId")),
                ("object", thing),
                ("category", text_at(record, "Category")),
            )
        ),
        summary=plain_text(first_text(record, ("Comments",), ("Description",))),
        vendor_reference=plain_line(first_text(record, ("AlertId",), ("Id",))),
    )


def _graded(record: Record, *, is_alert: bool) -> tuple[str, str]:
    """Name and severity: of the alert, else of the gravest of the data loss rules that matched; empty without."""
    if is_alert:
        return text_at(record, "Name"), text_at(record, "Severity")
    rules = [rule for policy in records_at(record, "PolicyDetails") for rule in records_at(policy, "Rules")]
    gravest = max(rules, key=lambda rule: _ORDER.index(severity_of_word(text_at(rule, "Severity"))), default={})
    names = ", ".join(name for rule in rules if (name := text_at(rule, "RuleName")))
    return f"Data loss rule: {names}" if names else "", text_at(gravest, "Severity")


def _status_of_office(record: Record, *, is_alert: bool) -> AlertStatus:
    is_over = is_alert and text_at(record, "Status").lower() in ("resolved", "dismissed")
    is_undone = text_at(record, "Operation") == "DlpRuleUndo"
    return AlertStatus.RESOLVED if is_over or is_undone else AlertStatus.FIRING


def _who_of_office(record: Record, *, is_alert: bool) -> Iterator[Entity | None]:
    yield entity(EntityKind.ACCOUNT, text_at(record, "OrganizationId").lower())
    who = text_at(record, "UserId")
    # Alerts are written by a service, which is nobody.
    if "@" in who or (who and not is_alert):
        yield entity(EntityKind.USER, who, None if is_alert else EntityRole.ACTOR)
    yield entity(
        EntityKind.SOURCE_ADDRESS, first_text(record, ("ClientIP",), ("ClientIPAddress",), ("ActorIpAddress",))
    )
    yield entity(EntityKind.FILE, text_at(record, "SourceFileName"))
    if is_alert:
        yield from _what_of_office(text_at(record, "AlertEntityId"), decoded(value_at(record, "Data")))


def _what_of_office(thing: str, data: object) -> Iterator[Entity | None]:
    """What the alert is about, by the form of its id (a user, an address), and whom it concerns (`trc`)."""
    concerned = [text_at(data, key) for key in ("trc", "mtrc")] if isinstance(data, dict) else []
    # The id of a mail has an @ too, and stands in angle brackets.
    people = (text for text in (thing, *concerned) if "@" in text and "<" not in text and "://" not in text)
    yield from entities_of(EntityKind.USER, people, EntityRole.TARGET)
    yield from entities_of(EntityKind.URL, [thing] if "://" in thing else [])


def _of_risk(source_name: str, held: Record) -> Alert:
    """A user, or a sign-in, that Entra ID Protection thinks is not its owner's."""
    kind, who = first_text(held, ("riskEventType",), ("riskType",)), text_at(held, "userPrincipalName")
    severity, state = text_at(held, "riskLevel"), text_at(held, "riskState")
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()
    started = first_text(held, ("activityDateTime",), ("detectedDateTime",), ("riskLastUpdatedDateTime",))
    return Alert(
        source=source_name,
        title=plain_line(f"Entra ID Protection: {words or 'user at risk'}" + (f" ({who})" if who else "")),
        signal=security_signal_of_words(words) or Signal.SUSPICIOUS_LOGIN,
        fingerprint=fingerprint_of("entra-risk", text_at(held, "userId") or who.lower(), kind),
        severity=severity_of_word(severity) if severity not in ("none", "hidden") else Severity.UNKNOWN,
        vendor_severity=plain_line(severity),
        status=AlertStatus.RESOLVED if state.lower() in _RISK_OVER else AlertStatus.FIRING,
        occurred_at=instant_in(started),
        entities=gathered(_who_of_entra(held)),
        labels=labels_from((("risk_type", kind), ("risk_state", state), ("tenant", text_at(held, "tenantId")))),
        summary=plain_text(text_at(held, "riskDetail")),
        vendor_reference=plain_line(text_at(held, "id")),
    )


def _of_entra(source_name: str, held: Record) -> Alert:
    """A sign-in, or a change in the directory."""
    activity = first_text(held, ("activityDisplayName",), ("operationName",)) or "Sign-in activity"
    who = first_text(held, ("userPrincipalName",), ("initiatedBy", "user", "userPrincipalName"))
    about = [first_text(one, ("userPrincipalName",), ("displayName",)) for one in records_at(held, "targetResources")]
    severity = first_text(held, ("riskLevelDuringSignIn",), ("riskLevelAggregated",))
    is_risky = severity not in ("", "none", "hidden")
    return Alert(
        source=source_name,
        title=plain_line(f"Entra ID: {activity}" + (f" ({who})" if who else "")),
        signal=Signal.SUSPICIOUS_LOGIN if is_risky else _signal_of(activity),
        fingerprint=fingerprint_of("entra", activity, who.lower(), *about, text_at(held, "appDisplayName")),
        severity=severity_of_word(severity) if is_risky else Severity.UNKNOWN,
        vendor_severity=plain_line(severity),
        occurred_at=instant_in(first_text(held, ("activityDateTime",), ("createdDateTime",), ("time",))),
        entities=gathered(_who_of_entra(held)),
        labels=labels_from(
            (
                ("activity", activity),
                ("category", text_at(held, "category")),
                ("result", text_at(held, "result")),
                ("application", text_at(held, "appDisplayName")),
                ("tenant", text_at(held, "tenantId")),
            )
        ),
        summary=plain_text(first_text(held, ("resultReason",), ("status", "failureReason"))),
        vendor_reference=plain_line(text_at(held, "id")),
    )


def _who_of_entra(held: Record) -> Iterator[Entity | None]:
    yield entity(EntityKind.ACCOUNT, text_at(held, "tenantId").lower())
    yield entity(EntityKind.USER, text_at(held, "userPrincipalName"), EntityRole.TARGET)
    yield entity(EntityKind.USER, text_at(held, "initiatedBy", "user", "userPrincipalName"), EntityRole.ACTOR)
    address = first_text(held, ("ipAddress",), ("initiatedBy", "user", "ipAddress"), ("callerIpAddress",))
    yield entity(EntityKind.SOURCE_ADDRESS, address)
    for one in records_at(held, "targetResources"):
        yield entity(EntityKind.USER, text_at(one, "userPrincipalName"), EntityRole.TARGET)
    yield entity(EntityKind.HOST, text_at(held, "deviceDetail", "displayName"))


def _signal_of(operation: str) -> Signal:
    """Somebody chose to be told of this operation, unless it is what everybody does all day."""
    found = (signal for signal, pattern in _SIGNAL_OF_OPERATION if pattern.search(operation[:300]))
    return next(found, Signal.ANOMALY)
