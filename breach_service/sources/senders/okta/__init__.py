"""Okta event hooks: one POST carries several events of the System Log; log streams carry the same events.

https://developer.okta.com/docs/concepts/event-hooks/ and /docs/reference/api/system-log/. The hook must be verified
once by a GET whose challenge is sent back. Order is not kept, a failed delivery comes once more. It never resolves.
"""

import json
from datetime import timedelta

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, EntityRole
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import entity, gathered, host_of
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.log_levels import severity_of_log_level
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, record_at, records_at, text_at, value_at
from breach_service.sources.redelivery import Redelivery
from breach_service.sources.request import Delivery
from breach_service.sources.senders.okta.signals import OktaEvent, is_about_its_actor, signal_of_event
from breach_service.sources.source import Reply, Source

_EXPECTED = 'an event hook of Okta, an object with "data.events", or an event of its System Log'
_CHALLENGE = "x-okta-verification-challenge"
_HOOK = "com.okta.event_hook"
_PARTNER = "aws.partner/okta.com/"
_TEST = "test"
_ATTACK_OVER = "security.attack.end"
_PERSONS = frozenset({"user", "appuser"})
_SIGN_INS = frozenset(
    {"user.session.start", "user.authentication.auth_via_mfa", "user.authentication.sso", "user.authentication.auth"}
)
_APPLICATIONS = frozenset({"appinstance", "app", "application"})


class Okta(Source):
    """One alert per event."""

    kind = "okta"
    aliases = ("okta-event-hook", "okta-workforce", "okta-system-log")
    title = Text(fr="Okta (event hooks)", en="Okta (event hooks)")
    default_auth = AuthKind.BEARER
    """Okta sends the bare secret in Authorization, or in another header of the operator's choice."""
    supported_auth = (AuthKind.BEARER, AuthKind.URL)
    redelivery = Redelivery(same_body_within=timedelta(hours=1))
    """One retry of the same body, which holds an eventId of its own."""

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        hooks = records_of(delivery, _EXPECTED)
        return [_alert_of(source_name, hook, event) for hook in hooks for event in _events_of(hook)]

    def handshake(self, delivery: Delivery) -> Reply | None:
        """See `Source.handshake`. https://developer.okta.com/docs/concepts/event-hooks/#one-time-verification-request."""
        challenge = delivery.headers.get(_CHALLENGE, "")
        if delivery.method != "GET" or not challenge:
            return None
        return Reply(json.dumps({"verification": challenge}).encode(), "application/json")

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        event = record_at(record, "detail") or record
        is_event = {"eventType", "displayMessage", "actor", "outcome"} <= event.keys()
        return is_event or (text_at(record, "eventType") == _HOOK and "data" in record)

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        event = {"eventType": _TEST, "displayMessage": "Test message of an operator", "outcome": {"result": "SUCCESS"}}
        return json.dumps({"eventType": _HOOK, "data": {"events": [event]}}).encode()


SOURCE = Okta()


def _events_of(hook: Record) -> list[Record]:
    """The events of a hook; an event by itself, or within EventBridge, is one too."""
    if isinstance(value_at(hook, "data", "events"), list):
        return list(records_at(hook, "data", "events"))
    event = record_at(hook, "detail") or hook
    if not text_at(event, "eventType") or text_at(event, "eventType") == _HOOK:
        raise UnreadablePayload(
            f'Found an object without "data.events" and without an event type; expected {_EXPECTED}.'
        )
    return [event]


def _alert_of(source_name: str, hook: Record, event: Record) -> Alert:
    kind = text_at(event, "eventType")
    known = _event_facts(event)
    signal, level = signal_of_event(known), text_at(event, "severity")
    organisation = _organisation_of(hook)
    entities = _entities_of(event, organisation, known)
    return Alert(
        source=source_name,
        title=_title_of(event, known),
        signal=signal,
        fingerprint=_fingerprint_of(known, organisation, entities),
        severity=severity_of_log_level(level, signal),
        vendor_severity=plain_line(level),
        status=_status_of(kind),
        occurred_at=instant_in(value_at(event, "published")) or instant_in(value_at(hook, "eventTime")),
        entities=entities,
        labels=_labels_of(event, organisation),
        summary=plain_text(_summary_of(event)),
        vendor_reference=plain_line(text_at(event, "uuid")),
    )


def _event_facts(event: Record) -> OktaEvent:
    details = record_at(event, "debugContext", "debugData")
    risk = first_text(details, ("risk",), ("logOnlySecurityData",))
    threat = first_text(details, ("threatDetections",), ("threatSuspected",))
    return OktaEvent(
        text_at(event, "eventType").lower(),
        text_at(event, "outcome", "result").upper(),
        text_at(event, "outcome", "reason").upper(),
        f"{risk} {threat}"[:2000],
    )


def _title_of(event: Record, known: OktaEvent) -> str:
    """Okta's own words; a sign-in is called the same whether it succeeded or not: what was refused says so behind."""
    said = plain_line(text_at(event, "displayMessage")) or plain_line(f"Okta {text_at(event, 'eventType')}")
    outcome = ": ".join(filter(None, (known.result, known.reason)))
    return plain_line(f"{said} ({outcome})") if known.is_refused and known.kind in _SIGN_INS else said or "Okta"


def _status_of(kind: str) -> AlertStatus:
    if kind == _TEST:
        return AlertStatus.TEST
    return AlertStatus.RESOLVED if kind == _ATTACK_OVER else AlertStatus.FIRING


def _organisation_of(hook: Record) -> str:
    """The host of the organisation, such as acme.okta.com, which stands in the address of the hook.

    EventBridge has `aws.partner/okta.com/<sub-domain>/<name of the stream>`, which names the sub-domain alone.
    """
    source = text_at(hook, "source")
    if source.startswith(_PARTNER):
        return source.removeprefix(_PARTNER).partition("/")[0]
    return host_of(source) or ""


def _entities_of(event: Record, organisation: str, known: OktaEvent) -> tuple[Entity, ...]:
    actor_role = EntityRole.TARGET if is_about_its_actor(known) else EntityRole.ACTOR
    targets = [_named(target, EntityRole.TARGET) for target in records_at(event, "target")]
    # The first mention of a thing decides its role: who does something to the own account is its target.
    return gathered(
        targets,
        [
            _named(record_at(event, "actor"), actor_role),
            entity(EntityKind.SOURCE_ADDRESS, first_text(event, ("client", "ipAddress"), ("request", "ipChain", "ip"))),
            entity(EntityKind.ACCOUNT, organisation),
        ],
        (
            entity(EntityKind.SOURCE_ADDRESS, text_at(hop, "ip"))
            for hop in records_at(event, "request", "ipChain")
            if not text_at(event, "client", "ipAddress")
        ),
    )


def _named(principal: Record, role: EntityRole) -> Entity | None:
    kind, name = text_at(principal, "type").lower(), _name_of(principal)
    if kind in _PERSONS:
        return entity(EntityKind.USER, name, role)
    if kind in _APPLICATIONS:
        return entity(EntityKind.APPLICATION, text_at(principal, "displayName") or name)
    # ThreatInsight names an address as who did it.
    return entity(EntityKind.SOURCE_ADDRESS, text_at(principal, "id")) if "ip" in kind.split() else None


def _name_of(principal: Record) -> str:
    name = text_at(principal, "alternateId")
    return name if name.lower() not in ("", "unknown") else text_at(principal, "displayName")


def _fingerprint_of(known: OktaEvent, organisation: str, entities: tuple[Entity, ...]) -> str:
    """Event type, whether it was refused, who and what it is about; start and end of an attack are one."""
    if known.kind in (_ATTACK_OVER, "security.attack.start"):
        return fingerprint_of("okta", "security.attack", organisation)
    outcome = "refused" if known.is_refused else ""
    return fingerprint_of("okta", known.kind, outcome, *(part for one in entities for part in (one.kind, one.value)))


def _labels_of(event: Record, organisation: str) -> dict[str, str]:
    place = record_at(event, "client", "geographicalContext")
    groups = (_name_of(one) for one in records_at(event, "target") if "group" in text_at(one, "type").lower())
    return labels_from(
        (
            ("event_type", text_at(event, "eventType")),
            ("outcome", text_at(event, "outcome", "result")),
            ("reason", text_at(event, "outcome", "reason")),
            ("organisation", organisation),
            ("actor", text_at(event, "actor", "displayName")),
            ("groups", ", ".join(groups)),
            ("zone", text_at(event, "client", "zone")),
            ("country", text_at(place, "country")),
            ("is_proxy", text_at(event, "securityContext", "isProxy")),
            ("transaction", text_at(event, "transaction", "id")),
        )
    )


def _summary_of(event: Record) -> str:
    """The outcome and its reason, who did it to whom, from where."""
    outcome = ": ".join(filter(None, (text_at(event, "outcome", key) for key in ("result", "reason"))))
    actor = " ".join(filter(None, (text_at(event, "actor", "displayName"), f"({_name_of(record_at(event, 'actor'))})")))
    targets = ", ".join(filter(None, (text_at(target, "displayName") for target in records_at(event, "target"))))
    privileges = text_at(event, "debugContext", "debugData", "privilegeGranted")
    people = " → ".join(filter(None, (actor if actor != "()" else "", targets)))
    agent = text_at(event, "client", "userAgent", "rawUserAgent")
    return "\n".join(filter(None, (outcome, people, privileges, text_at(event, "client", "ipAddress"), agent)))
