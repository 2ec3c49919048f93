"""Auth0 log streams to a custom webhook: an object, an array or JSON lines, as the stream is set.

https://auth0.com/docs/customize/log-streams/custom-log-streams: each member has a `log_id` and the event in `data`.
The Authorization header holds what the operator wrote, without a scheme. There is no severity; a failed delivery is
sent again. Only a block that is released resolves.
"""

import json
from datetime import timedelta

from breach_service.domain.alert import Alert, AlertStatus, Entity, EntityKind, EntityRole
from breach_service.domain.text import Text
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.entities import entities_of, entity, first_value, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, records_of
from breach_service.sources.parts.plain_text import plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, record_at, records_at, text_at, value_at
from breach_service.sources.redelivery import Redelivery
from breach_service.sources.request import Delivery
from breach_service.sources.senders.auth0.codes import BLOCK_RELEASED, BLOCKED_ACCOUNT, meaning_of, signal_of_code
from breach_service.sources.source import Source

_EXPECTED = 'events of an Auth0 log stream, each with "data" and in it a "type" and a "date"'
_TEST = "test"
_LONGEST_DESCRIPTION = 200
_ADMINISTRATIVE = ("sapi", "fapi", "mgmt_api_read")
"""Calls to the management API: who is named did it, and nothing happened to them."""


class Auth0(Source):
    """One alert per event."""

    kind = "auth0"
    aliases = ("auth0-log-stream", "auth0-logs", "okta-customer-identity", "okta-cic")
    title = Text(fr="Auth0 (flux de journaux)", en="Auth0 (log stream)")
    default_auth = AuthKind.BEARER
    supported_auth = (AuthKind.BEARER, AuthKind.URL)
    redelivery = Redelivery(same_body_within=timedelta(hours=1))
    """Up to three attempts; the body holds the ids of its events, which never come twice otherwise."""

    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """See `Source.normalise`."""
        records = records_of(delivery, _EXPECTED)
        return [_alert_of(source_name, member) for record in records for member in _members_of(record)]

    def recognises(self, record: Record) -> bool:
        """See `Source.recognises`."""
        event = record_at(record, "data") or record
        return "log_id" in record and {"type", "date"} <= event.keys()

    def test_body(self) -> bytes:
        """See `Source.test_body`."""
        event = {"type": _TEST, "date": "2026-01-01T00:00:00.000Z", "description": "Test message of an operator"}
        return json.dumps({"log_id": "0", "data": event}).encode()


SOURCE = Auth0()


def _members_of(record: Record) -> list[Record]:
    """The events of one object: the usual one, several under `logs`, or one out of EventBridge."""
    for key in ("logs", "events"):
        if records_at(record, key):
            return list(records_at(record, key))
    return [record_at(record, "detail") or record]


def _alert_of(source_name: str, member: Record) -> Alert:
    event = record_at(member, "data") or member
    code, description = text_at(event, "type").lower(), plain_line(text_at(event, "description"), _LONGEST_DESCRIPTION)
    if not code or not ("date" in event or "log_id" in {**member, **event}):
        raise UnreadablePayload(f'Found an event without "type" and "date"; expected {_EXPECTED}.')
    entities = _entities_of(event, code)
    return Alert(
        source=source_name,
        title=plain_line(": ".join(filter(None, (meaning_of(code), description)))),
        signal=signal_of_code(code, description),
        fingerprint=_fingerprint_of(code, event, entities),
        status=_status_of(code),
        occurred_at=instant_in(value_at(event, "date")),
        entities=entities,
        labels=_labels_of(event, code),
        summary=plain_text(_summary_of(event)),
        vendor_reference=plain_line(first_text(member, ("log_id",), ("data", "log_id"), ("_id",))),
    )


def _status_of(code: str) -> AlertStatus:
    if code == _TEST:
        return AlertStatus.TEST
    return AlertStatus.RESOLVED if code == BLOCK_RELEASED else AlertStatus.FIRING


def _user_of(event: Record) -> str:
    return first_text(
        event,
        ("user_name",),
        ("details", "request", "auth", "user", "email"),
        ("details", "request", "body", "username"),
        ("details", "body", "email"),
        ("user_id",),
    )


def _tenant_of(event: Record) -> str:
    return first_text(event, ("tenant_name",), ("hostname",))


def _entities_of(event: Record, code: str) -> tuple[Entity, ...]:
    is_administrative = code in _ADMINISTRATIVE
    return gathered(
        [
            entity(EntityKind.USER, _user_of(event), EntityRole.ACTOR if is_administrative else EntityRole.TARGET),
            entity(EntityKind.APPLICATION, text_at(event, "client_name")),
            entity(EntityKind.ACCOUNT, _tenant_of(event)),
        ],
        entities_of(EntityKind.SOURCE_ADDRESS, [first_text(event, ("ip",), ("client_ip",))]),
    )


def _fingerprint_of(code: str, event: Record, entities: tuple[Entity, ...]) -> str:
    """Code, tenant, account and address; a block and its release are about the account alone."""
    tenant, user = _tenant_of(event), first_value(entities, EntityKind.USER)
    if code in (BLOCKED_ACCOUNT, BLOCK_RELEASED):
        return fingerprint_of("auth0", BLOCKED_ACCOUNT, tenant, user)
    what = plain_line(text_at(event, "description")) if code in _ADMINISTRATIVE else ""
    return fingerprint_of("auth0", code, what, tenant, user, first_value(entities, EntityKind.SOURCE_ADDRESS))


def _labels_of(event: Record, code: str) -> dict[str, str]:
    return labels_from(
        (
            ("type", code),
            ("tenant", _tenant_of(event)),
            ("hostname", text_at(event, "hostname")),
            ("client_name", text_at(event, "client_name")),
            ("client_id", text_at(event, "client_id")),
            ("connection", text_at(event, "connection")),
            ("strategy", text_at(event, "strategy")),
            ("user_id", text_at(event, "user_id")),
            ("environment", text_at(event, "environment_name")),
            ("country", text_at(event, "location_info", "country_code")),
        )
    )


def _summary_of(event: Record) -> str:
    error = first_text(event, ("details", "error", "message"), ("details", "error"), ("details", "message"))
    request = " ".join(filter(None, (text_at(event, "details", "request", key) for key in ("method", "path"))))
    return "\n".join(filter(None, (text_at(event, "description"), error, request, text_at(event, "user_agent"))))
