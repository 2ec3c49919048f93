"""GitGuardian, custom webhooks: leaked secrets, and honeytokens that somebody used.

https://docs.gitguardian.com/platform/configure-alerting/notifiers-integrations/custom-webhook and
https://docs.gitguardian.com/honeytoken/configure-alerts. A delivery is sent once. The message of the test button has
another shape than the events and carries a matched secret in clear: nothing of its matches is read, as are no hashes of
secrets, no links that open an incident to everybody, and no words that people wrote.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime

from breach_service.domain.alert import Alert, AlertStatus, EntityKind, EntityRole, Severity, Signal
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
    records_at,
    text_at,
    texts_at,
    value_at,
)
from breach_service.sources.parts.severities import severity_of_word
from breach_service.sources.request import Delivery
from breach_service.sources.signing import REPLAY_WINDOW, Signing
from breach_service.sources.source import Source

_EXPECTED = 'a custom webhook body of GitGuardian, an object with "action" and "incident" or "honeytoken"'
_CLOSING = frozenset({"incident_resolved", "incident_ignored", "honeytoken_revoked", "honeytoken_reset"})
_OPENING = frozenset(
    {"incident_triggered", "incident_reopened", "incident_regression", "honeytoken_triggered", "new_honeytoken_event"}
)
_CLOSED_STATES = frozenset({"resolved", "ignored", "revoked", "active"})
"""Of incidents and of honeytokens; an active honeytoken is one that nobody has touched."""
_EXPECTED_USES = frozenset({"allowed", "archived"})
"""Uses of a honeytoken from addresses that are known to be harmless, or that were dealt with."""


# github.com/owner/name/compare#…, with or without its scheme; on GitLab a group may stand within a group.
_REPOSITORY_IN_ADDRESS = re.compile(
    r"(?:https?://)?[^/]+/([\w.-]+(?:/[\w.-]+)+?)(?:\.git)?/(?:-/)?(?:commit|compare|blob|tree)", re.ASCII
)


def _timestamp_then_token(timestamp: str, secret: bytes) -> bytes:
    return timestamp.encode("utf-8", "surrogatepass") + secret


class _Signing(Signing):
    """The form of the clock is not documented: every form of an instant is taken."""

    def is_stale(self, headers: Mapping[str, str], now: datetime) -> bool:
        """See `Signing.is_stale`."""
        said_at = instant_in(self.timestamp_of(headers))
        return said_at is None or abs(now - said_at) > REPLAY_WINDOW


_SIGNINGS = tuple(
    _Signing(header, prefix="sha256=", timestamp_header="timestamp", key=_timestamp_then_token)
    # The second is the deprecated name of the first; both are sent.
    for header in ("gitguardian-signature", "x-gitguardian-signature")
)


class GitGuardian(Source):
    """One alert per event."""

    kind = "gitguardian"
    aliases = ("git-guardian", "ggshield", "honeytoken")
    title = Text(fr="GitGuardian", en="GitGuardian")
    default_auth = AuthKind.HMAC
    supported_auth = (AuthKind.HMAC, AuthKind.BEARER, AuthKind.URL)
    signings = _SIGNINGS

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        return [_alert_of(source_name, record) for record in records_of(delivery, _EXPECTED)]

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        body = {"origin": "GitGuardian", "type": "Welcome Message Token", "policy": "Secrets detection", "matches": []}
        return json.dumps({**body, "gitguardian_link": "", "break_url": ""}).encode()

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        is_event = text_at(record, "source") == "GitGuardian" and "action" in record
        return is_event or ("gitguardian_link" in record and "break_url" in record)


SOURCE = GitGuardian()


def _alert_of(source_name: str, record: Record) -> Alert:
    if record_at(record, "honeytoken") or record_at(record, "honeytoken_event"):
        return _honeytoken_alert(source_name, record)
    if record_at(record, "incident"):
        return _incident_alert(source_name, record)
    if "gitguardian_link" in record or ("matches" in record and "policy" in record):
        return _policy_break(source_name, record)
    if text_at(record, "action") and text_at(record, "message"):
        return _other_event(source_name, record)
    raise UnreadablePayload(f'Found an object without "incident" and "honeytoken"; expected {_EXPECTED}.')


def _incident_alert(source_name: str, record: Record) -> Alert:
    incident, place = record_at(record, "incident"), record_at(record, "occurrence")
    detector = first_text(incident, ("detector", "display_name"), ("detector", "name")) or "unknown type"
    repository = first_text(place, ("source", "full_name"), ("source", "name"))
    number = text_at(incident, "id") or text_at(place, "incident_id")
    severity, vendor_severity = _severity_of(incident)
    return Alert(
        source=source_name,
        title=plain_line(f"Leaked secret: {detector}" + (f" in {repository}" if repository else "")),
        signal=Signal.LEAKED_SECRET,
        fingerprint=fingerprint_of("gitguardian", "incident", number or text_at(incident, "gitguardian_url")),
        severity=severity,
        vendor_severity=vendor_severity,
        status=_status_of(record, incident),
        occurred_at=instant_in(value_at(incident, "date")) or instant_in(value_at(record, "timestamp")),
        entities=gathered(
            entities_of(EntityKind.APPLICATION, [repository]),
            entities_of(EntityKind.FILE, [first_text(place, ("filepath",), ("filename",))]),
            # Whoever committed it did not attack anybody.
            entities_of(EntityKind.USER, _people_of(place), EntityRole.INVOLVED),
        ),
        labels=_incident_labels(record, incident, place, repository),
        summary=plain_text(f"{text_at(record, 'message')}\n{text_at(place, 'url')}"),
        vendor_reference=plain_line(number),
        link=link_of(text_at(incident, "gitguardian_url")),
    )


def _people_of(place: Record) -> tuple[str, ...]:
    """Who committed it; public monitoring names its actors instead of an author."""
    actors = (first_text(one, ("email",), ("name",)) for one in records_at(place, "actors"))
    return (*texts_at(place, "author_info"), *actors)


def _severity_of(incident: Record) -> tuple[Severity, str]:
    """GitGuardian's word; a secret that it has tried and found to work is grave even where nobody has graded it yet."""
    word = text_at(incident, "severity")
    severity = severity_of_word(word)
    if severity is Severity.UNKNOWN and text_at(incident, "validity").lower() == "valid":
        severity = Severity.HIGH
    return severity, plain_line(word)


def _status_of(record: Record, thing: Record) -> AlertStatus:
    """By the action; by the state where the action changes none: what was reopened still has its old state."""
    action = text_at(record, "action").lower()
    is_closed = action in _CLOSING or (action not in _OPENING and text_at(thing, "status").lower() in _CLOSED_STATES)
    return AlertStatus.RESOLVED if is_closed else AlertStatus.FIRING


def _incident_labels(record: Record, incident: Record, place: Record, repository: str) -> dict[str, str]:
    return labels_from(
        (
            ("action", text_at(record, "action")),
            ("team", text_at(record, "target_team")),
            ("detector", text_at(incident, "detector", "name")),
            ("family", text_at(incident, "detector", "family")),
            ("validity", text_at(incident, "validity")),
            ("secret_revoked", text_at(incident, "secret_revoked")),
            ("status", text_at(incident, "status")),
            ("ignore_reason", text_at(incident, "ignore_reason")),
            ("occurrences", first_text(incident, ("occurrence_count",), ("occurrences_count",))),
            ("repository", repository),
            ("visibility", text_at(place, "source", "visibility")),
            ("commit", text_at(place, "sha")),
        )
    )


def _honeytoken_alert(source_name: str, record: Record) -> Alert:
    """A decoy credential was used: whoever did so has read something that nobody should read."""
    token, use = record_at(record, "honeytoken"), record_at(record, "honeytoken_event")
    number = text_at(token, "id") or text_at(use, "honeytoken_id")
    name, action = text_at(token, "name"), text_at(use, "action")
    is_expected = text_at(use, "status").lower() in _EXPECTED_USES
    what = f"Honeytoken {name} was used" if name else "A honeytoken was used"
    return Alert(
        source=source_name,
        title=plain_line(f"{what} ({action})" if action else what),
        signal=Signal.ROUTINE if is_expected else Signal.SUSPICIOUS_LOGIN,
        fingerprint=fingerprint_of("gitguardian", "honeytoken", number or name),
        severity=Severity.INFO if is_expected else Severity.HIGH,
        status=_status_of(record, token),
        occurred_at=instant_in(value_at(use, "triggered_at")) or instant_in(value_at(token, "triggered_at")),
        entities=gathered(entities_of(EntityKind.SOURCE_ADDRESS, [text_at(use, "ip_address")])),
        labels=labels_from(
            (
                ("action", text_at(record, "action")),
                ("honeytoken", name),
                ("type", text_at(token, "type")),
                ("status", text_at(token, "status") or text_at(use, "status")),
                ("used_for", action),
                ("user_agent", text_at(use, "data", "user_agent")),
                ("tags", ", ".join(texts_at(use, "tags"))),
            )
        ),
        summary=plain_text(f"{text_at(record, 'message')}\n{text_at(token, 'description')}"),
        vendor_reference=plain_line(number),
        link=link_of(text_at(token, "gitguardian_url")),
    )


def _policy_break(source_name: str, record: Record) -> Alert:
    """The test button; and the events of custom webhooks before 2023, which have the same shape and another origin."""
    kind, link = text_at(record, "type"), text_at(record, "gitguardian_link")
    is_test = text_at(record, "origin").lower() == "gitguardian" or kind.lower().startswith(("welcome", "test"))
    severity, vendor_severity = _severity_of(record)
    return Alert(
        source=source_name,
        title="GitGuardian test message" if is_test else plain_line(f"Leaked secret: {kind or 'unknown type'}"),
        signal=Signal.HEARTBEAT if is_test else Signal.LEAKED_SECRET,
        fingerprint=fingerprint_of("gitguardian", "policy break", link or text_at(record, "break_url"), kind),
        severity=severity,
        vendor_severity=vendor_severity,
        status=AlertStatus.TEST if is_test else AlertStatus.FIRING,
        occurred_at=instant_in(value_at(record, "date")),
        entities=gathered([] if is_test else entities_of(EntityKind.APPLICATION, _repository_in(record))),
        labels=labels_from((("policy", text_at(record, "policy")), ("validity", text_at(record, "validity")))),
        link=link_of(link),
    )


def _repository_in(record: Record) -> list[str]:
    found = _REPOSITORY_IN_ADDRESS.match(text_at(record, "break_url")[:500])
    return [found[1]] if found else []


def _other_event(source_name: str, record: Record) -> Alert:
    action = text_at(record, "action")
    return Alert(
        source=source_name,
        title=plain_line(text_at(record, "message")) or "GitGuardian event",
        signal=Signal.ANOMALY,
        fingerprint=fingerprint_of("gitguardian", action),
        occurred_at=instant_in(value_at(record, "timestamp")),
        labels=labels_from((("action", action),)),
    )
