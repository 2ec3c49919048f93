"""New Relic: workflows with their default template, and the webhooks of notification channels before them.

https://docs.newrelic.com/docs/alerts/get-notified/notification-integrations/#webhook (workflows: `id`, `issueUrl`,
`title`, `priority`, `state`, `createdAt` in milliseconds, lists of names; numbers may come as texts) and
https://docs.newrelic.com/docs/alerts/new-relic-alerts/managing-notification-channels/ (channels: `incident_id`,
`current_state`, `severity`, `targets`).
"""

import json
from datetime import datetime

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.masking import masked
from breach_service.sources.parts.payload import Record, decoded, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import (
    first_text,
    labels_from,
    labels_of,
    record_at,
    records_at,
    text_at,
    texts_at,
    value_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.parts.words import signal_of_words
from breach_service.sources.request import Delivery
from breach_service.sources.source import Source

_EXPECTED = 'a webhook of New Relic, an object with "title" and "state", or with "condition_name" and "current_state"'
_TITLES = (
    ("title",),
    ("issueTitle",),
    ("annotations", "title"),
    ("details",),
    ("condition_name",),
    ("conditionName",),
    ("alertConditionNames",),
)
_STATES = (("state",), ("issueState",), ("current_state",), ("currentState",), ("status",))
_IDENTITIES = (("id",), ("issueId",), ("issue_id",), ("incident_id",), ("incidentId",))
_STARTS = (("createdAt",), ("activatedAt",), ("timestamp",), ("opened_at",))
_LINKS = (("issueUrl",), ("issuePageUrl",), ("incident_url",), ("incidentUrl",), ("url",), ("violationChartUrl",))
_RESOLVED = frozenset({"closed", "resolved", "deactivated", "close"})
_ENTITIES = ("impactedEntities", "entitiesData")
_HOST_TYPES = frozenset({"host", "server", "infrastructure_host", "synthetics_private_location"})


class NewRelic(Source):
    """One alert per issue, or per incident of a channel."""

    kind = "newrelic"
    aliases = ("new-relic",)
    title = Text(fr="New Relic", en="New Relic")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL)

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [_alert_of(source_name, record) for record in records_of(delivery, _EXPECTED)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        return json.dumps({"id": "0", "title": "Test message of an operator", "state": "TEST"}).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        is_workflow = "issueUrl" in record and ("impactedEntities" in record or "alertPolicyNames" in record)
        return is_workflow or ("condition_name" in record and "current_state" in record)


SOURCE = NewRelic()


def _alert_of(source_name: str, record: Record) -> Alert:
    # Templates for other tools put the incident into an object of its own.
    record = {**record, **record_at(record, "incident")}
    title, state = plain_line(first_text(record, *_TITLES)), first_text(record, *_STATES).lower()
    identity = first_text(record, *_IDENTITIES)
    if not title:
        known = ", ".join(sorted(plain_line(key, 40) for key in record)[:10]) or "none"
        raise UnreadablePayload(f"Found an object without a title (its keys: {known}); expected {_EXPECTED}.")
    is_test = state == "test" or _is_trial(record, title)
    vendor_severity = first_text(record, ("priority",), ("issuePriority",), ("severity",))
    conditions = [*_names(record, "alertConditionNames"), *_names(record, "condition_name")]
    return Alert(
        source=source_name,
        title=title,
        signal=Signal.HEARTBEAT if is_test else signal_of_words(title, *conditions) or Signal.OPERATIONS,
        fingerprint=fingerprint_of("newrelic", identity or text_at(record, "condition_id") or title),
        severity=severity_of_word(vendor_severity),
        vendor_severity=plain_line(vendor_severity),
        status=_status_of(state, is_test),
        occurred_at=_began_at(record),
        entities=gathered(_entities_of(record)),
        labels=_labels_of(record, conditions),
        summary=plain_text(masked(first_text(record, ("description",), ("details",), ("conditionDescription",)))),
        vendor_reference=plain_line(identity),
        link=next((found for path in _LINKS if (found := link_of(text_at(record, *path)))), ""),
    )


def _is_trial(record: Record, title: str) -> bool:
    """The test button of a channel says so, or plays a problem of the policy `New Relic Alert - Test Policy`."""
    policy = text_at(record, "policy_name").lower()
    return "channel test" in title.lower() or policy.endswith("- test policy")


def _status_of(state: str, is_test: bool) -> AlertStatus:
    if is_test:
        return AlertStatus.TEST
    return AlertStatus.RESOLVED if state in _RESOLVED else AlertStatus.FIRING


def _began_at(record: Record) -> datetime | None:
    found = (instant_in(value_at(record, *path)) for path in _STARTS)
    return next((instant for instant in found if instant is not None), None)


def _names(record: Record, key: str) -> tuple[str, ...]:
    """A list of names, one name, or a list that a template wrote into a text."""
    held = decoded(value_at(record, key))
    return texts_at({"names": held}, "names") or texts_at({"held": held}, "held", "names")


def _entities_of(record: Record) -> list[Entity | None]:
    """What is impacted: New Relic names applications, hosts and monitors alike, and only targets have a type."""
    found = [entity(EntityKind.APPLICATION, name) for key in _ENTITIES for name in _names(record, key)]
    for target in records_at(record, "targets"):
        is_host = text_at(target, "type").lower() in _HOST_TYPES
        host = text_at(target, "labels", "hostname") or text_at(target, "labels", "host")
        kind = EntityKind.HOST if is_host else EntityKind.APPLICATION
        found += [entity(kind, text_at(target, "name")), entity(EntityKind.HOST, host)]
    account = first_text(record, ("account_name",), ("accountName",), ("account_id",), ("accountId",))
    return [*found, entity(EntityKind.ACCOUNT, account)]


def _labels_of(record: Record, conditions: list[str]) -> dict[str, str]:
    targets = [labels_of(record_at(target, "labels")) for target in records_at(record, "targets")]
    policies = [*_names(record, "alertPolicyNames"), *_names(record, "policy_name")]
    return labels_from(
        [
            *(pair for one in targets for pair in one.items()),
            ("policy", ", ".join(policies)),
            ("condition", ", ".join(conditions)),
            ("workflow", text_at(record, "workflowName")),
            ("account", first_text(record, ("account_name",), ("accountName",), ("account_id",), ("accountId",))),
        ]
    )
