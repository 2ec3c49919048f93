"""Datadog: the webhooks integration, whose body is a template of variables.

https://docs.datadoghq.com/integrations/webhooks/ (variables, retries on a 5xx, form encoding), the default template
there (`id`, `title`, `body`, `last_updated`, `event_type`, `date`, `org`), and the recommended one below. Keys are read
by the names of the variables in any spelling. The title starts with the state in brackets, which is the only state of
the default template: https://docs.datadoghq.com/monitors/notify/. Templates may hold secrets of the operator: nothing
is kept but what is named here, and texts are masked.
"""

import json
import re
from datetime import timedelta

from breach_service.domain.alert import Alert, AlertStatus, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.macros import Macros, bare_name
from breach_service.sources.parts.masking import masked
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.redelivery import Redelivery
from breach_service.sources.request import Delivery
from breach_service.sources.senders.datadog.fields import (
    Heading,
    bare_values,
    entities_of,
    heading_of,
    labels_of,
    signal_of,
    state_of,
)
from breach_service.sources.source import Source

TEMPLATE = {
    "id": "$ID",
    "title": "$EVENT_TITLE",
    "body": "$TEXT_ONLY_MSG",
    "date": "$DATE",
    "last_updated": "$LAST_UPDATED",
    "event_type": "$EVENT_TYPE",
    "alert_id": "$ALERT_ID",
    "alert_title": "$ALERT_TITLE",
    "alert_transition": "$ALERT_TRANSITION",
    "alert_cycle_key": "$ALERT_CYCLE_KEY",
    "aggreg_key": "$AGGREG_KEY",
    "alert_priority": "$ALERT_PRIORITY",
    "alert_type": "$ALERT_TYPE",
    "alert_scope": "$ALERT_SCOPE",
    "hostname": "$HOSTNAME",
    "tags": "$TAGS",
    "link": "$LINK",
    "org_id": "$ORG_ID",
    "org_name": "$ORG_NAME",
    "security_signal_id": "$SECURITY_SIGNAL_ID",
    "security_signal_title": "$SECURITY_SIGNAL_TITLE",
    "security_signal_message": "$SECURITY_SIGNAL_MSG",
    "security_signal_severity": "$SECURITY_SIGNAL_SEVERITY",
    "security_signal_tags": "$SECURITY_SIGNAL_TAGS",
    "security_signal_attributes": "$SECURITY_SIGNAL_ATTRIBUTES",
    "security_rule_id": "$SECURITY_RULE_ID",
    "security_rule_name": "$SECURITY_RULE_NAME",
    "security_rule_group_by_fields": "$SECURITY_RULE_GROUP_BY_FIELDS",
}
"""The payload to recommend."""

_EXPECTED = "a webhook of Datadog, an object with at least a title (of the default or of the recommended template)"
_HEADINGS = ("title", "eventtitle", "alerttitle")
_TITLES = ("securitysignaltitle", *_HEADINGS, "securityrulename", "incidenttitle", "monitorname")
_TEXTS = (
    "securitysignalmsg",
    "securitysignalmessage",
    "textonlymsg",
    "body",
    "eventmsg",
    "incidentmsg",
    "message",
    "msg",
    "text",
    "alertstatus",
)
_LINKS = ("link", "url", "eventurl", "alerturl", "incidenturl", "monitorurl", "linksurl")
_STATES = ("alerttransition", "transition", "alertstate", "incidentstatus", "incidentfieldsstate")
_RESOLVED = frozenset({"ok", "resolved", "closed", "archived", "completed", "recovery"})
_PAGE = re.compile(
    r"https://[\w.-]{1,60}\.(?:datadoghq|ddog-gov)\.(?:com|eu)/(?:monitors|incidents|security)[^\s)\]]{0,300}"
)
"""The page of the monitor, that Datadog writes below each message."""
_ALERT_TYPES = {
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "info": Severity.INFO,
    "success": Severity.UNKNOWN,
}


class Datadog(Source):
    """One alert per notification."""

    kind = "datadog"
    title = Text(fr="Datadog", en="Datadog")
    lasts_until_resolved = True
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL)
    # A request may last 15 s and is tried five times more; a monitor says the same again after ten minutes at least.
    redelivery = Redelivery(same_body_within=timedelta(minutes=5))

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [_alert_of(source_name, record) for record in records_of(delivery, _EXPECTED)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        body = {"title": "[TEST] Test message of an operator", "alert_transition": "Triggered", "alert_cycle_key": "0"}
        return json.dumps(body).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        names = {bare_name(name) for name in record}
        if heading_of(str(record.get("title", ""))).state and "alerttransition" in names:
            return True
        is_default = {"lastupdated", "eventtype", "org", "title"} <= names
        return is_default or bool(names & {"alertcyclekey", "aggregkey"} and names & {"alerttransition", "alertid"})


SOURCE = Datadog()


def _alert_of(source_name: str, record: Record) -> Alert:
    values = bare_values(record)
    title = plain_line(values.first(*_TITLES))
    if not title:
        known = ", ".join(sorted(plain_line(key, 40) for key in record)[:10]) or "none"
        raise UnreadablePayload(f"Found an object without a title (its keys: {known}); expected {_EXPECTED}.")
    headings = [heading_of(text) for name in _HEADINGS if (text := values.first(name))] or [heading_of(title)]
    heading = next((one for one in headings if one.state), headings[0])
    transition = values.first(*_STATES) or heading.state or _stated(values)
    is_test = any(one.is_test for one in headings)
    severity, vendor_severity = _severity_of(values, heading)
    return Alert(
        source=source_name,
        title=plain_line(masked(title)),
        signal=Signal.HEARTBEAT if is_test else signal_of(values, heading, transition),
        fingerprint=_fingerprint_of(values, heading),
        severity=severity,
        vendor_severity=plain_line(vendor_severity),
        status=AlertStatus.TEST if is_test else _status_of(values, transition),
        occurred_at=instant_in(values.first("date", "timestamp")) or instant_in(values.first("lastupdated")),
        entities=entities_of(record, values, heading),
        labels=labels_of(values, heading),
        summary=plain_text(masked(values.first(*_TEXTS).replace("%%%", "").strip())),
        vendor_reference=plain_line(_reference_of(values)),
        link=_link_of(values),
    )


def _status_of(values: Macros, transition: str) -> AlertStatus:
    """Resolved by a transition (`Recovered`, `Warn Recovered`), or where none is told by the kind of the alert."""
    word = transition.lower() or ("recovery" if values.first("alerttype", "type").lower() == "success" else "")
    return AlertStatus.RESOLVED if word in _RESOLVED or "recover" in word else AlertStatus.FIRING


def _stated(values: Macros) -> str:
    """The state that a template of its own gives; `$ALERT_STATUS` is a sentence, where it is not one of the states."""
    given = (values.first(name) for name in ("status", "alertstatus", "state"))
    return next((state for text in given if (state := state_of(text))), "")


def _link_of(values: Macros) -> str:
    found = next((link for name in _LINKS if (link := link_of(values.first(name)))), "")
    page = None if found else _PAGE.search(values.first("body", "eventmsg", "message", "msg", "text")[:20_000])
    return found or (link_of(page[0]) if page else "")


def _severity_of(values: Macros, heading: Heading) -> tuple[Severity, str]:
    """Of the security signal or the incident, else the priority of the monitor, else what kind of alert it is.

    `$PRIORITY` says "normal" or "low" of the event in the stream, which is no severity. Incidents count from SEV-1,
    the most severe, as priorities do ("Incident Management" at docs.datadoghq.com).
    """
    signal, incident = values.first("securitysignalseverity", "securityruleseverity"), values.first("incidentseverity")
    if signal or incident:
        return severity_of_word(signal or incident.upper().replace("SEV-", "P")), signal or incident
    priority = values.first("priority")
    priority = "" if priority.lower() in ("normal", "low") else priority
    for word in (values.first("alertpriority"), priority, heading.priority, values.first("severity")):
        # The interface gives the priority of a monitor as a bare number.
        severity = severity_of_word(f"P{word}" if word.isdecimal() else word.replace("-", ""))
        if severity is not Severity.UNKNOWN:
            return severity, word
    kind = values.first("alerttype", "type")
    return (_ALERT_TYPES[kind.lower()], kind) if kind.lower() in _ALERT_TYPES else (Severity.UNKNOWN, "")


def _fingerprint_of(values: Macros, heading: Heading) -> str:
    """The cycle of an alert, from its trigger to its end; else the monitor and the group, as well as they are known."""
    signal, cycle = values.first("securitysignalid"), values.first("alertcyclekey")
    if signal:
        return fingerprint_of("datadog", "signal", signal)
    if cycle:
        return fingerprint_of("datadog", "cycle", cycle)
    scope = values.first("alertscope", "scopes", "securityrulegroupbyfields") or heading.scope
    aggregate = values.first("aggregkey")
    if aggregate:
        return fingerprint_of("datadog", "group", aggregate, scope)
    monitor = values.first("alertid", "monitorid", "securityruleid", "incidentpublicid") or heading.name
    return fingerprint_of("datadog", monitor, scope or values.first("hostname"))


def _reference_of(values: Macros) -> str:
    return values.first("securitysignalid", "incidentpublicid", "alertid", "monitorid", "id")
