"""GitHub: Dependabot, secret scanning and code scanning alerts, security advisories.

https://docs.github.com/webhooks/webhook-events-and-payloads. The kind of event stands in the header X-GitHub-Event
only; where a relay lost it, the body tells it. That a repository is made public or loses its protection is an alert
too; every other event (push, issues, …) is none. An alert alone, as the API lists it, is read like that of a hook. The
secret of a secret scanning alert is in the body and is never read.
"""

import json
import re

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, EntityRole, Severity, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import link_of, plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, record_at, text_at, value_at
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.redelivery import Redelivery
from breach_service.sources.request import Delivery
from breach_service.sources.senders.github.findings import Finding, finding_of, kind_of_body
from breach_service.sources.senders.github.protection import protection_of
from breach_service.sources.senders.github.visibility import visibility_of
from breach_service.sources.signing import GITHUB
from breach_service.sources.source import Source

_EXPECTED = 'a webhook body of GitHub, an object with "repository", "organization" or "security_advisory"'
_MARKS = ("repository", "organization", "enterprise", "installation", "hook", "security_advisory")
_CLOSING = frozenset(
    {
        "fixed",
        "resolved",
        "resolve",
        "dismissed",
        "dismiss",
        "auto_dismissed",
        "closed_by_user",
        "closed",
        "withdrawn",
        "revoked",
    }
)
_OPENING = frozenset(
    {
        "created",
        "create",
        "reopened",
        "reopen",
        "reopened_by_user",
        "auto_reopened",
        "reintroduced",
        "appeared_in_branch",
        "reported",
        "published",
        "performed",
        "publicly_leaked",
    }
)
_CLOSED_STATES = frozenset({"fixed", "dismissed", "auto_dismissed", "resolved", "closed", "withdrawn"})
_REPOSITORY_IN_LINK = re.compile(r"https?://[^/]+/(?:api/v3/repos/|repos/)?([\w.-]+/[\w.-]+)/", re.ASCII)


class GitHub(Source):
    """At most one alert per event."""

    kind = "github"
    aliases = ("dependabot", "code-scanning", "secret-scanning", "codeql", "github-advanced-security")
    title = Text(
        fr="GitHub (Dependabot, secrets, analyse de code)",
        en="GitHub (Dependabot, secret scanning, code scanning)",
    )
    default_auth = AuthKind.HMAC
    supported_auth = (AuthKind.HMAC, AuthKind.URL)
    signings = (GITHUB,)
    redelivery = Redelivery(headers=("x-github-delivery",))

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`. Events that are no alerts come out as nothing."""
        named = delivery.headers.get("x-github-event", "").strip().lower()
        records = (_with_alert(record) for record in records_of(delivery, _EXPECTED))
        found = (_alert_of(source_name, record, named) for record in records)
        return [alert for alert in found if alert is not None]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        hook = {"type": "Repository", "id": 1, "events": ["dependabot_alert", "secret_scanning_alert"]}
        return json.dumps({"zen": "Test message of an operator", "hook_id": 1, "hook": hook}).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`: the shapes of GitHub's own alerts, and what forges that imitate it do not send."""
        record = _with_alert(record)
        is_event = bool(text_at(record, "repository", "node_id") and text_at(record, "sender", "node_id"))
        return is_event or kind_of_body(record) is not None


SOURCE = GitHub()


def _with_alert(record: Record) -> Record:
    """A hook's body as it is; an alert alone, as the API lists them and relays pass them on, as the body of a hook."""
    is_alert = "number" in record and "html_url" in record and "alert" not in record
    return {**record, "alert": record} if is_alert and kind_of_body({"alert": record}) else record


def _alert_of(source_name: str, record: Record, named: str) -> Alert | None:
    kind = kind_of_body(record) or named
    if kind == "ping":
        return _ping_of(source_name, record)
    if kind == "meta" and text_at(record, "action") == "deleted":
        return _farewell_of(source_name, record)
    finding = finding_of(kind, record) or visibility_of(kind, record) or protection_of(kind, record)
    if finding is not None:
        return _alert_of_finding(source_name, record, finding)
    if not named and not any(record_at(record, key) for key in _MARKS):
        raise UnreadablePayload(f"Found an object that names no repository and no organisation; expected {_EXPECTED}.")
    return None


def _ping_of(source_name: str, record: Record) -> Alert:
    zen = text_at(record, "zen")
    return Alert(
        source=source_name,
        title=plain_line(f"GitHub ping: {zen}" if zen else "GitHub ping"),
        signal=Signal.HEARTBEAT,
        fingerprint=fingerprint_of("github", "ping", text_at(record, "hook_id")),
        status=AlertStatus.TEST,
        entities=gathered(_places_of(record)),
    )


def _farewell_of(source_name: str, record: Record) -> Alert:
    """The last thing that a hook says: that somebody deleted it."""
    return Alert(
        source=source_name,
        title="GitHub webhook deleted, nothing will come from it any more",
        signal=Signal.OPERATIONS,
        fingerprint=fingerprint_of("github", "hook", text_at(record, "hook_id")),
        entities=gathered(
            _places_of(record), [entity(EntityKind.USER, text_at(record, "sender", "login"), EntityRole.ACTOR)]
        ),
    )


def _alert_of_finding(source_name: str, record: Record, finding: Finding) -> Alert:
    repository = _repository_of(record, finding)
    return Alert(
        source=source_name,
        title=plain_line(finding.title),
        signal=finding.signal,
        fingerprint=fingerprint_of("github", repository.lower(), finding.family, finding.identity),
        severity=_severity_of(finding),
        vendor_severity=plain_line(finding.severity),
        status=_status_of(record, finding),
        occurred_at=instant_in(finding.occurred_at),
        entities=gathered(_places_of(record, repository), _things_of(finding)),
        labels=labels_from((*_labels_of(record, repository), *finding.labels)),
        summary=plain_text(finding.summary),
        vendor_reference=plain_line(f"{repository}#{finding.number}" if finding.number else finding.identity),
        link=link_of(finding.link),
    )


def _severity_of(finding: Finding) -> Severity:
    word = finding.severity.lower()
    # The ladder of code scanning is that of SARIF: none, note ("a minor problem"), warning, error.
    return Severity.LOW if word == "note" else severity_of_word(word) if word else finding.default_severity


def _status_of(record: Record, finding: Finding) -> AlertStatus:
    """By the action; by the state of the alert where the action changes neither (an assignment, a validation)."""
    action = text_at(record, "action").lower()
    is_closed = action in _CLOSING or (action not in _OPENING and finding.state.lower() in _CLOSED_STATES)
    return AlertStatus.RESOLVED if is_closed else AlertStatus.FIRING


def _repository_of(record: Record, finding: Finding) -> str:
    """Owner and name; out of the alert's own address where the event does not name it."""
    named = first_text(record, ("repository", "full_name"), ("repository", "nameWithOwner"))
    if named:
        return named
    found = _REPOSITORY_IN_LINK.match(finding.link[:500])
    return found[1] if found and found[1].lower() != "github.com/advisories" else text_at(record, "repository", "name")


def _places_of(record: Record, repository: str = "") -> list[Entity | None]:
    owner = first_text(record, ("organization", "login"), ("repository", "owner", "login"))
    return [
        entity(EntityKind.APPLICATION, repository or text_at(record, "repository", "full_name")),
        entity(EntityKind.ACCOUNT, owner or repository.rpartition("/")[0]),
    ]


def _things_of(finding: Finding) -> list[Entity | None]:
    files = [entity(EntityKind.FILE, path) for path in finding.files]
    concerned = [entity(EntityKind.USER, user, EntityRole.TARGET) for user in finding.concerned]
    return [*files, *concerned, *(entity(EntityKind.USER, user, EntityRole.ACTOR) for user in finding.users)]


def _labels_of(record: Record, repository: str) -> tuple[tuple[str, str], ...]:
    return (
        ("repository", repository),
        ("organization", text_at(record, "organization", "login")),
        ("enterprise", text_at(record, "enterprise", "slug")),
        ("visibility", _visibility_of(record)),
        ("action", text_at(record, "action")),
    )


def _visibility_of(record: Record) -> str:
    said = text_at(record, "repository", "visibility")
    if said:
        return said
    is_private = value_at(record, "repository", "private")
    return {True: "private", False: "public"}.get(is_private, "") if isinstance(is_private, bool) else ""
