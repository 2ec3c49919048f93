"""How Okta asks to be let speak, and which of its events are dangers."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.alert import Alert
from breach_service.errors import UnreadablePayload
from breach_service.sources.redelivery import delivery_key
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.sources.senders.okta.signals import OktaEvent, signal_of_event

OKTA = source_of("okta")
RECEIVED_AT = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
CHALLENGE = "x-okta-verification-challenge"
Normalised = Callable[[str, bytes], list[Alert]]


def asked(challenge: str, method: str = "GET") -> Delivery:
    return Delivery(b"", {CHALLENGE: challenge}, "", RECEIVED_AT, method)


@given(challenge=st.text(min_size=1, max_size=80))
def test_the_challenge_is_sent_back_as_json(challenge: str) -> None:
    """Whatever it holds, it is one text in one object."""
    reply = OKTA.handshake(asked(challenge))
    assert reply is not None
    assert reply.content_type == "application/json"
    assert json.loads(reply.body) == {"verification": challenge}


def test_nothing_else_is_a_handshake() -> None:
    """Neither an event that carries the header, nor a GET without it."""
    assert OKTA.handshake(asked("x", "POST")) is None
    assert OKTA.handshake(Delivery(b"", {}, "", RECEIVED_AT, "GET")) is None


@pytest.mark.parametrize(
    ("kind", "result", "risk", "signal"),
    [
        ("user.session.start", "FAILURE", "", "brute_force"),
        ("user.session.start", "SUCCESS", "", "routine"),
        ("user.session.start", "SUCCESS", "{level=HIGH}", "suspicious_login"),
        ("user.authentication.auth_via_mfa", "FAILURE", "", "brute_force"),
        ("user.authentication.sso", "SUCCESS", "{level=LOW}", "routine"),
        ("policy.evaluate_sign_on", "DENY", "", "brute_force"),
        ("policy.evaluate_sign_on", "ALLOW", "", "routine"),
        ("user.account.lock", "FAILURE", "", "brute_force"),
        ("user.mfa.okta_verify.deny_push", "FAILURE", "", "suspicious_login"),
        ("user.mfa.attempt_bypass", "FAILURE", "", "suspicious_login"),
        ("user.mfa.factor.deactivate", "SUCCESS", "", "privilege_change"),
        ("user.mfa.factor.activate", "SUCCESS", "", "routine"),
        ("user.account.privilege.grant", "SUCCESS", "", "privilege_change"),
        ("user.account.privilege.grant", "FAILURE", "", "routine"),
        ("group.privilege.grant", "SUCCESS", "", "privilege_change"),
        ("system.api_token.create", "SUCCESS", "", "privilege_change"),
        ("system.idp.lifecycle.create", "SUCCESS", "", "privilege_change"),
        ("policy.rule.deactivate", "SUCCESS", "", "integrity_change"),
        ("policy.lifecycle.delete", "SUCCESS", "", "integrity_change"),
        ("policy.rule.update", "SUCCESS", "", "routine"),
        ("security.threat.detected", "ALLOW", "{Password Spray=HIGH}", "brute_force"),
        ("security.threat.detected", "DENY", "true", "anomaly"),
        ("security.request.blocked", "DENY", "", "routine"),
        ("security.breached_credential.detected", "", "", "leaked_secret"),
        ("user.session.impersonation.initiate", "SUCCESS", "", "suspicious_login"),
        ("user.account.report_suspicious_activity_by_enduser", "SUCCESS", "", "suspicious_login"),
        ("system.org.rate_limit.violation", "SUCCESS", "", "operations"),
        ("user.lifecycle.create", "SUCCESS", "", "routine"),
    ],
)
def test_an_event_type_and_its_outcome_tell_the_signal(kind: str, result: str, risk: str, signal: str) -> None:
    """What Okta does not tell as a danger is what an organisation does all day."""
    assert signal_of_event(OktaEvent(kind, result, "", risk)) == signal


def test_one_post_again_is_the_same_delivery(sample: Callable[[str], bytes]) -> None:
    """Okta tries once more; another event has another id in its body."""
    first, second = (
        delivery_key(OKTA.redelivery, Delivery(sample(f"okta/{name}.json"), {}, "", RECEIVED_AT))
        for name in ("failed_login", "failed_login_again")
    )
    assert first is not None
    assert second is not None
    assert first.key != second.key
    again = delivery_key(OKTA.redelivery, Delivery(sample("okta/failed_login.json"), {}, "", RECEIVED_AT))
    assert again == first


@pytest.mark.parametrize("body", [{}, {"data": {}}, {"eventType": "com.okta.event_hook"}, {"data": {"events": "x"}}])
def test_what_is_no_hook_is_unreadable(normalised: Normalised, body: Any) -> None:
    """The sentence says what was expected."""
    with pytest.raises(UnreadablePayload, match=r"event hook of Okta"):
        normalised("okta", json.dumps(body).encode())


def test_a_hook_without_events_says_nothing(normalised: Normalised) -> None:
    """An empty list is no alert and no fault."""
    assert normalised("okta", b'{"eventType": "com.okta.event_hook", "data": {"events": []}}') == []
