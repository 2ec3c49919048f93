"""New Relic: workflows with their default template, and the webhooks of notification channels before them.

https://docs.newrelic.com/docs/alerts/get-notified/custom-variables-incident-workflows/ (workflows: `id`, `issueUrl`,
`title`, `priority`, `state`, `createdAt` in milliseconds, lists of names; numbers may come as texts) and
"Customize your webhook payload" at docs.newrelic.com (channels: `incident_id`, `current_state`, `severity`, `targets`).
"""

import json
import re
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
    ("accumulations", "conditionName"),
)
_CONDITIONS = (("alertConditionNames",), ("condition_name",), ("conditionName",), ("accumulations", "conditionName"))
_POLICIES = (("alertPolicyNames",), ("policy_name",), ("policyName",), ("accumulations", "policyName"))
_ACCOUNTS = (
    ("account_name",),
    ("accountName",),
    ("accumulations", "tag", "account"),
    ("account_id",),
    ("accountId",),
    ("nrAccountId",),
)
_STATES = (("state",), ("issueState",), ("current_state",), ("currentState",), ("status",))
_IDENTITIES = (("id",), ("issueId",), ("issue_id",), ("incident_id",), ("incidentId",))
_STARTS = (("createdAt",), ("activatedAt",), ("timestamp",), ("opened_at",))
_LINKS = (("issueUrl",), ("issuePageUrl",), ("incident_url",), ("incidentUrl",), ("url",), ("violationChartUrl",))
_TEXTS = (
    ("description",),
    ("annotations", "description"),
    ("details",),
    ("conditionDescription",),
    ("condition_description",),
)
_RESOLVED = frozenset({"closed", "resolved", "deactivated", "close"})
_ENTITIES = ("impactedEntities", "entityNames", "entitiesData")
_HOST_TYPES = frozenset({"host", "server", "infrastructure_host", "synthetics_private_location"})
_OF_HOSTS = re.compile(r"\bhosts?\b", re.IGNORECASE)


class NewRelic(Source):
    """One alert per issue, or per incident of a channel."""

    kind = "newrelic"
    aliases = ("new-relic",)
    title = Text(fr="New Relic", en="New Relic")
    lasts_until_resolved = True
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
    conditions = _first_names(record, *_CONDITIONS)
    link = next((found for path in _LINKS if (found := link_of(text_at(record, *path)))), "")
    return Alert(
        source=source_name,
        title=title,
        signal=Signal.HEARTBEAT if is_test else _signal_of(record, title, *conditions),
        fingerprint=fingerprint_of("newrelic", identity or link or text_at(record, "condition_id") or title),
        severity=severity_of_word(vendor_severity),
        vendor_severity=plain_line(vendor_severity),
        status=_status_of(state, is_test),
        occurred_at=_began_at(record),
        entities=gathered(_entities_of(record, *conditions, title)),
        labels=_labels_of(record, conditions),
        summary=plain_text(masked(first_text(record, *_TEXTS))),
        vendor_reference=plain_line(identity),
        link=link,
    )


def _signal_of(record: Record, *titles: str) -> Signal:
    """By the words; a synthetic monitor that says nothing else watches whether something answers."""
    products = [
        *_names(record, "accumulations", "conditionProduct"),
        *(text_at(t, "product") for t in _targets_of(record)),
    ]
    is_check = any(product.lower().startswith("synth") for product in products)
    return signal_of_words(*titles) or (Signal.UNAVAILABILITY if is_check else Signal.OPERATIONS)


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


def _names(record: Record, *path: str) -> tuple[str, ...]:
    """A list of names, one name, or a list that a template wrote into a text; a number only counts them."""
    held = decoded(value_at(record, *path))
    names = texts_at({"names": held}, "names") or texts_at({"held": held}, "held", "names")
    return tuple(name for name in names if not name.isdecimal())


def _first_names(record: Record, *paths: tuple[str, ...]) -> tuple[str, ...]:
    return next((names for path in paths if (names := _names(record, *path))), ())


def _targets_of(record: Record) -> list[Record]:
    """The things with a type: targets (also written as a text, or one alone), entities of an issue, the metadata."""
    targets = decoded(value_at(record, "targets"))
    members = targets if isinstance(targets, list) else [targets]
    entities = records_at({"held": decoded(value_at(record, "entitiesData"))}, "held", "entities")
    told = {"name": value_at(record, "metadata", "entity.name"), "type": value_at(record, "metadata", "entity.type")}
    return [*(one for one in members if isinstance(one, dict)), *entities, told]


def _entities_of(record: Record, *titles: str) -> list[Entity | None]:
    """What is impacted: a target says its type; of mere names, those that a condition on hosts gives are hosts.

    What a query without an entity is about bears the name of its event type, as "Transaction query": no thing of ours.
    """
    found: list[Entity | None] = []
    targets = _targets_of(record)
    for target in targets:
        kind = _kind_of(text_at(target, "type"))
        host = text_at(target, "labels", "hostname") or text_at(target, "labels", "host")
        found += [entity(kind, _thing(text_at(target, "name"))), entity(EntityKind.HOST, host)]
    typed = {text_at(target, "name") for target in targets}
    kind = EntityKind.HOST if any(_OF_HOSTS.search(title) for title in titles) else EntityKind.APPLICATION
    names = [name for key in _ENTITIES for name in _names(record, key) if name not in typed]
    found += [entity(kind, _thing(name)) for name in names]
    return [*found, entity(EntityKind.ACCOUNT, first_text(record, *_ACCOUNTS))]


def _kind_of(type_name: str) -> EntityKind:
    return EntityKind.HOST if type_name.lower() in _HOST_TYPES else EntityKind.APPLICATION


def _thing(name: str) -> str:
    return "" if name.lower().endswith(" query") else name


def _labels_of(record: Record, conditions: tuple[str, ...]) -> dict[str, str]:
    targets = [labels_of(record_at(target, "labels")) for target in _targets_of(record)]
    return labels_from(
        [
            *(pair for one in targets for pair in one.items()),
            *labels_of(record_at(record, "labels")).items(),
            ("policy", ", ".join(_first_names(record, *_POLICIES))),
            ("condition", ", ".join(conditions)),
            ("workflow", text_at(record, "workflowName")),
            ("account", first_text(record, *_ACCOUNTS)),
        ]
    )
