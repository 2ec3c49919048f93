"""Keycloak: events of users and administrators, by the webhooks of p2-inc/keycloak-events or out of its log.

https://github.com/p2-inc/keycloak-events and https://www.keycloak.org/docs/latest/server_admin/#auditing-user-events.
The webhook signs the raw body with HMAC SHA-256, or SHA-1 by setting, hexadecimal, in `X-Keycloak-Signature`; it sends
the same body again for up to 15 minutes until it is answered with 2xx. Nothing ever resolves.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, EntityRole, Signal
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.log_levels import severity_of_log_level
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.plain_text import plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, text_at
from breach_service.sources.proofs import Expectation, Proof
from breach_service.sources.redelivery import Redelivery
from breach_service.sources.request import Delivery
from breach_service.sources.senders.keycloak.events import EXPECTED, KeycloakEvent, events_of, has_event_line
from breach_service.sources.senders.keycloak.signals import signal_of_event
from breach_service.sources.signing import OWN, Signing
from breach_service.sources.source import Source
from breach_service.sources.tokens import TokenSigned, token_of

_TEST = "TEST"
_HEADER = "x-keycloak-signature"


class Keycloak(Source):
    """One alert per event."""

    kind = "keycloak"
    aliases = ("keycloak-events", "phasetwo", "phase-two", "red-hat-sso", "rhbk")
    title = Text(fr="Keycloak", en="Keycloak")
    default_auth = AuthKind.HMAC
    supported_auth = (AuthKind.HMAC, AuthKind.BEARER, AuthKind.URL)
    signings = (Signing(_HEADER), Signing(_HEADER, algorithm="sha1"), OWN)
    redelivery = Redelivery(same_body_within=timedelta(minutes=20))
    expectations = (
        Expectation(
            "issuer",
            Text(fr="adresse du royaume, https://…/realms/…", en="address of the realm, https://…/realms/…"),
            r"https://[^\s?#@]{1,300}",
            needs="audience",
            is_in_token=True,
        ),
        Expectation(
            "audience", Text(fr="audience du webhook", en="audience of the webhook"), needs="issuer", is_in_token=True
        ),
    )

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`. Lines of other loggers are passed over; a body without any event is unreadable."""
        events = list(events_of(delivery))
        if not events:
            raise UnreadablePayload(f"Found no event of Keycloak; expected {EXPECTED}.")
        return [_alert_of(source_name, event) for event in events]

    def proof_in(self, delivery: Delivery, expected: Mapping[str, str]) -> Proof | None:
        """See `Source.proof_in`. `authType` `bearer`: the realm signs a token that holds the hash of the body."""
        if "issuer" not in expected:
            return None
        issuer = expected["issuer"].rstrip("/")
        return TokenSigned(
            key_url=f"{issuer}/protocol/openid-connect/certs",
            token=token_of(delivery),
            issuers=(issuer,),
            audience=expected["audience"],
            received_at=delivery.received_at,
            claims={"request_body_sha256": (sha256(delivery.body).hexdigest(),)},
        )

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        kind = text_at(record, "type")
        is_unified = kind.startswith(("access.", "admin.")) and "authDetails" in record
        is_core = "realmId" in record and ("ipAddress" in record or "operationType" in record)
        logger = first_text(record, ("log.logger",), ("loggerName",))
        is_logged = "keycloak" in logger and (has_event_line(text_at(record, "message")) or "mdc" in record)
        return is_unified or is_core or is_logged

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        return json.dumps({"type": f"access.{_TEST}", "realmId": "test", "details": {}}).encode()


SOURCE = Keycloak()


def _alert_of(source_name: str, event: KeycloakEvent) -> Alert:
    is_test = event.kind == _TEST
    signal = Signal.ROUTINE if is_test else signal_of_event(event)
    return Alert(
        source=source_name,
        title=_title_of(event),
        signal=signal,
        fingerprint=_fingerprint_of(event),
        severity=severity_of_log_level(event.level, signal),
        vendor_severity=plain_line(event.level),
        status=AlertStatus.TEST if is_test else AlertStatus.FIRING,
        occurred_at=instant_in(event.said_at),
        entities=_entities_of(event),
        labels=labels_from(
            (
                *event.labels,
                ("type", event.kind),
                ("error", event.error),
                ("realm", event.realm),
                ("client", event.client),
                ("host", event.machine),
                ("resource_path", event.resource_path),
            )
        ),
        summary=plain_text(_summary_of(event)),
        vendor_reference=plain_line(event.reference),
    )


def _title_of(event: KeycloakEvent) -> str:
    """Type and error in Keycloak's words, and the account."""
    what = ": ".join(filter(None, (event.kind, event.error)))
    whom = event.subject or event.resource_path if event.is_of_administrator else event.user
    return plain_line(f"{what} ({whom})" if whom else what) or "Keycloak"


def _entities_of(event: KeycloakEvent) -> tuple[Entity, ...]:
    is_admin = event.is_of_administrator
    return gathered(
        [
            entity(EntityKind.USER, event.subject, EntityRole.TARGET),
            entity(EntityKind.USER, event.user, EntityRole.ACTOR if is_admin else EntityRole.TARGET),
            entity(EntityKind.SOURCE_ADDRESS, event.address),
            entity(EntityKind.APPLICATION, event.client),
            entity(EntityKind.ACCOUNT, event.realm),
            entity(EntityKind.HOST, event.machine),
        ]
    )


def _fingerprint_of(event: KeycloakEvent) -> str:
    """Type, error, realm and whom it is about, from where; for administrators what was changed and by whom."""
    parts = (event.kind, event.error, event.realm, event.user, event.address)
    if event.is_of_administrator:
        return fingerprint_of("keycloak", *parts, event.resource_path)
    return fingerprint_of("keycloak", *parts, event.client)


def _summary_of(event: KeycloakEvent) -> str:
    pairs = (
        ("realm", event.realm),
        ("client", event.client),
        ("user", event.user),
        ("address", event.address),
        ("resource", event.resource_path),
    )
    return "\n".join(f"{name}: {value}" for name, value in pairs if value)
