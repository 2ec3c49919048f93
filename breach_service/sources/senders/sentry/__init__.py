"""Sentry: issues, errors, issue alerts and metric alerts of an integration; its older hooks, and those of GlitchTip.

https://docs.sentry.io/integrations/integration-platform/webhooks/. The header Sentry-Hook-Resource names
the kind, which the body tells too. Sentry makes the secret and signs the raw body; the plugin signs nothing. An issue
alert never resolves: the events of the issue do.
"""

import json

from breach_service.domain.alert import Alert, AlertStatus, EntityKind, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import entities_of, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import (
    first_text,
    labels_from,
    record_at,
    text_at,
    texts_at,
    value_at,
    whole_number_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.request import Delivery
from breach_service.sources.senders.sentry.events import (
    entities_of_event,
    instant_of_event,
    is_sample,
    issue_of,
    labels_of_event,
    organisation_in,
    project_in,
    signal_of_issue,
    signal_of_metric,
    telling_of,
    title_of_event,
)
from breach_service.sources.senders.sentry.glitchtip import alerts_of_glitchtip, is_of_glitchtip
from breach_service.sources.signing import Signing
from breach_service.sources.source import Source

_EXPECTED = 'a webhook body of Sentry, an object with "action" and "data", or one with "event" of the webhooks plugin'
_NO_ALERTS = frozenset({"comment", "seer", "preprod_artifact"})
_CLOSING = frozenset({"resolved", "archived", "ignored", "deleted"})
_CLOSED_STATES = frozenset({"resolved", "ignored", "archived"})
_PLACES = (("culprit",), ("location",))
# `IncidentStatus` of getsentry/sentry: 1 open, 2 closed, 10 warning, 20 critical.
_CLOSED_INCIDENT = 2


class Sentry(Source):
    """At most one alert per event."""

    kind = "sentry"
    aliases = ("sentry-io", "glitchtip")
    title = Text(fr="Sentry", en="Sentry")
    default_auth = AuthKind.HMAC
    supported_auth = (AuthKind.HMAC, AuthKind.URL)
    signings = (Signing("sentry-hook-signature"),)
    secret_is_theirs = True

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`. Comments and the progress of Sentry's own analyses come out as nothing."""
        resource = delivery.headers.get("sentry-hook-resource", "").strip().lower()
        records = records_of(delivery, _EXPECTED)
        return [alert for record in records for alert in _alerts_of(source_name, record, resource)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        event = {"issue_id": "1", "title": "Test message of an operator", "tags": [["sample_event", "yes"]]}
        return json.dumps({"action": "triggered", "data": {"event": event, "triggered_rule": "Test"}}).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        data = record_at(record, "data")
        is_hook = any(key in data for key in ("metric_alert", "issue", "event", "error", "installation")) and (
            "uuid" in record_at(record, "installation") or "triggered_rule" in data
        )
        return is_hook or ("project_slug" in record and "culprit" in record) or is_of_glitchtip(record)


SOURCE = Sentry()


def _alerts_of(source_name: str, record: Record, resource: str) -> list[Alert]:
    if is_of_glitchtip(record):
        return alerts_of_glitchtip(source_name, record)
    alert = _alert_of(source_name, record, resource)
    return [] if alert is None else [alert]


def _alert_of(source_name: str, record: Record, resource: str) -> Alert | None:
    data = record_at(record, "data")
    for key in ("event", "error"):
        if record_at(data, key):
            rule = first_text(data, ("triggered_rule",), ("issue_alert", "title"))
            return _event_alert(source_name, record_at(data, key), rule)
    if record_at(data, "metric_alert"):
        return _metric_alert(source_name, record, data)
    if record_at(data, "issue"):
        return _issue_alert(source_name, text_at(record, "action").lower(), record_at(data, "issue"))
    if record_at(data, "installation"):
        return _installation_alert(source_name, text_at(record, "action").lower(), record_at(data, "installation"))
    if _is_of_plugin(record):
        return _plugin_alert(source_name, record)
    if resource in _NO_ALERTS or "comment_id" in data or "run_id" in data or "buildId" in data:
        return None
    if text_at(record, "action") and (resource or "installation" in record):
        return _other_alert(source_name, record, resource)
    raise UnreadablePayload(f'Found an object whose "data" holds no event, issue or alert; expected {_EXPECTED}.')


def _event_alert(source_name: str, event: Record, rule: str) -> Alert:
    """An issue alert, or an error that was created: one event, which belongs to an issue."""
    issue, level = issue_of(event), text_at(event, "level")
    title = title_of_event(event)
    is_test = is_sample(event)
    return Alert(
        source=source_name,
        title=plain_line(title) or "Sentry event",
        signal=Signal.HEARTBEAT if is_test else signal_of_issue(event, title, rule),
        fingerprint=fingerprint_of("sentry", "issue", issue or f"{project_in(event)} {title}"),
        severity=severity_of_word(level),
        vendor_severity=plain_line(level),
        status=AlertStatus.TEST if is_test else AlertStatus.FIRING,
        occurred_at=instant_of_event(event),
        entities=entities_of_event(event),
        labels=labels_from((*labels_of_event(event).items(), ("rule", rule))),
        summary=plain_text("\n".join(filter(None, (rule, telling_of(event) or first_text(event, *_PLACES))))),
        vendor_reference=plain_line(issue),
        link=link_of(first_text(event, ("web_url",), ("issue_url",))),
    )


def _issue_alert(source_name: str, action: str, issue: Record) -> Alert:
    number, level, name = text_at(issue, "id"), text_at(issue, "level"), title_of_event(issue)
    link = first_text(issue, ("web_url",), ("permalink",))
    closed = action in _CLOSING or (action != "unresolved" and text_at(issue, "status").lower() in _CLOSED_STATES)
    return Alert(
        source=source_name,
        title=plain_line(name) or f"Sentry issue {plain_line(text_at(issue, 'shortId') or number)}",
        signal=signal_of_issue(issue, name, ""),
        fingerprint=fingerprint_of("sentry", "issue", number or text_at(issue, "shortId")),
        severity=severity_of_word(level),
        vendor_severity=plain_line(level),
        status=AlertStatus.RESOLVED if closed else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(issue, "firstSeen")),
        entities=entities_of_event(issue),
        labels=labels_from(
            (
                *labels_of_event(issue).items(),
                ("action", action),
                ("status", text_at(issue, "status")),
                ("substatus", text_at(issue, "substatus")),
                ("priority", text_at(issue, "priority")),
                ("category", text_at(issue, "issueCategory")),
                ("users_affected", text_at(issue, "userCount")),
            )
        ),
        summary=plain_text(text_at(issue, "culprit")),
        vendor_reference=plain_line(text_at(issue, "shortId") or number),
        link=link_of(link),
    )


def _metric_alert(source_name: str, record: Record, data: Record) -> Alert:
    alert, action = record_at(data, "metric_alert"), text_at(record, "action").lower()
    rule = record_at(alert, "alert_rule")
    name, link = text_at(rule, "name") or text_at(alert, "title"), text_at(data, "web_url")
    is_closed = action in _CLOSING or (not action and whole_number_at(alert, "status") == _CLOSED_INCIDENT)
    # One field says how grave it is and that it is over; a thing that is over is not graded.
    graded = "" if is_closed else action
    projects = texts_at(alert, "projects") or texts_at(rule, "projects")
    organisation = organisation_in(link)
    return Alert(
        source=source_name,
        title=plain_line(text_at(data, "description_title") or name) or "Sentry metric alert",
        signal=signal_of_metric(name),
        fingerprint=fingerprint_of("sentry", "metric alert", text_at(alert, "id") or f"{organisation} {name}"),
        severity=severity_of_word(graded) if graded else Severity.UNKNOWN,
        vendor_severity=plain_line(graded),
        status=AlertStatus.RESOLVED if is_closed else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(alert, "date_started")) or instant_in(value_at(alert, "date_created")),
        entities=gathered(
            entities_of(EntityKind.APPLICATION, projects), entities_of(EntityKind.ACCOUNT, [organisation])
        ),
        labels=labels_from(
            (
                ("rule", name),
                ("environment", text_at(rule, "environment")),
                ("project", ", ".join(projects)),
                ("organization", organisation),
                ("aggregate", text_at(rule, "aggregate")),
                ("query", text_at(rule, "query")),
                ("dataset", text_at(rule, "dataset")),
            )
        ),
        summary=plain_text(text_at(data, "description_text").replace("\\n", "\n")),
        vendor_reference=plain_line(text_at(alert, "identifier") or text_at(alert, "id")),
        link=link_of(link),
    )


def _installation_alert(source_name: str, action: str, installation: Record) -> Alert:
    """The integration was installed, and may speak now; or removed, and will say nothing any more."""
    is_removed = action == "deleted"
    app = first_text(installation, ("app", "slug"), ("app", "uuid"))
    organisation = text_at(installation, "organization", "slug")
    return Alert(
        source=source_name,
        title=plain_line(f"Sentry integration {app} {'removed' if is_removed else 'installed'}"),
        signal=Signal.OPERATIONS if is_removed else Signal.HEARTBEAT,
        fingerprint=fingerprint_of("sentry", "installation", text_at(installation, "uuid") or app),
        status=AlertStatus.FIRING if is_removed else AlertStatus.HANDSHAKE,
        entities=gathered(entities_of(EntityKind.ACCOUNT, [organisation])),
    )


def _is_of_plugin(record: Record) -> bool:
    named = first_text(record, ("project_slug",), ("project",), ("project_name",), ("project", "slug")) != ""
    return named and (bool(record_at(record, "event")) or ("culprit" in record and "level" in record))


def _plugin_alert(source_name: str, record: Record) -> Alert:
    """The webhooks plugin: the issue's number, address and level stand beside the event; so do those of a service hook.

    https://docs.sentry.io/api/projects/register-a-new-service-hook/ has the latter, with the issue as `group`.
    """
    rule = ", ".join(texts_at(record, "triggering_rules"))
    beside = {
        "issue_id": first_text(record, ("id",), ("group", "id")),
        "project_slug": first_text(record, ("project_slug",), ("project", "slug"), ("project",)),
        "web_url": first_text(record, ("url",), ("group", "url")),
        "level": text_at(record, "level"),
        "culprit": text_at(record, "culprit"),
        "message": text_at(record, "message"),
    }
    event = {**record_at(record, "event"), **{key: text for key, text in beside.items() if text}}
    return _event_alert(source_name, event, rule)


def _other_alert(source_name: str, record: Record, resource: str) -> Alert:
    data, action = record_at(record, "data"), text_at(record, "action")
    name = first_text(data, ("description_title",), ("title",), ("name",)) or f"Sentry {resource} {action}"
    return Alert(
        source=source_name,
        title=plain_line(name),
        signal=signal_of_metric(name),
        fingerprint=fingerprint_of("sentry", resource, first_text(data, ("id",), ("uuid",)) or name),
        status=AlertStatus.RESOLVED if action.lower() in _CLOSING else AlertStatus.FIRING,
        link=link_of(first_text(data, ("web_url",), ("url",))),
    )
