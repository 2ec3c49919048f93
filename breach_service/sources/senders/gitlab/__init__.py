"""GitLab: vulnerability events, tokens about to expire, incidents, failed pipelines; and streamed audit events.

https://docs.gitlab.com/user/project/integrations/webhook_events/. What else a hook can be subscribed to (pushes, merge
requests, comments, …) is no alert. A signing token (https://gitlab.com/gitlab-org/gitlab/-/issues/19367) signs by
Standard Webhooks; without one the secret token stands bare in X-Gitlab-Token. Idempotency-Key stays the same when a
delivery is sent again; X-Gitlab-Event-UUID does not name a delivery, since hooks that trigger each other share it.
"""

import json
from dataclasses import replace

from breach_service.domain.alert import Alert, EntityKind
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.reading import labels_from, text_at
from breach_service.sources.parts.standard_webhooks import STANDARD
from breach_service.sources.redelivery import Redelivery
from breach_service.sources.request import Delivery
from breach_service.sources.senders.gitlab.audit import alert_of_audit_event, is_audit_event
from breach_service.sources.senders.gitlab.events import event_of, project_of
from breach_service.sources.source import Source

_EXPECTED = 'a webhook body of GitLab, an object with "object_kind" or "event_name"'


class GitLab(Source):
    """At most one alert per event."""

    kind = "gitlab"
    aliases = ("gitlab-ultimate", "gitlab-ci", "gemnasium")
    title = Text(fr="GitLab (vulnérabilités, jetons, incidents)", en="GitLab (vulnerabilities, tokens, incidents)")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.HMAC, AuthKind.URL)
    signings = (STANDARD,)
    secret_mark = "whsec_"  # noqa: S105  # how the secret begins
    secret_headers = ("x-gitlab-token", "x-gitlab-event-streaming-token")
    redelivery = Redelivery(headers=("idempotency-key", "webhook-id"))

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`. Events that are no alerts come out as nothing."""
        found = (_alert_of(source_name, record) for record in records_of(delivery, _EXPECTED))
        return [alert for alert in found if alert is not None]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        return json.dumps({"object_kind": "test", "message": "Test message of an operator"}).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        is_event = "object_kind" in record and ("object_attributes" in record or "project" in record)
        return is_event or (is_audit_event(record) and "event_type" in record)


SOURCE = GitLab()


def _alert_of(source_name: str, record: Record) -> Alert | None:
    if is_audit_event(record):
        return replace(alert_of_audit_event(record), source=source_name)
    if not text_at(record, "object_kind") and not text_at(record, "event_name"):
        raise UnreadablePayload(f'Found an object without "object_kind" or "event_name"; expected {_EXPECTED}.')
    alert, project = event_of(record), project_of(record)
    if alert is None:
        return None
    is_group = "group" in record and "project" not in record
    application, account = ("", project) if is_group else (project, project.rpartition("/")[0])
    places = (entity(EntityKind.APPLICATION, application), entity(EntityKind.ACCOUNT, account))
    labels = (("object_kind", text_at(record, "object_kind")), ("project", project))
    return replace(
        alert,
        source=source_name,
        entities=gathered(alert.entities, places),
        labels=labels_from((*alert.labels.items(), *labels)),
    )
