"""How Keycloak signs, and what its log lines hold."""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.alert import Alert
from breach_service.errors import UnreadablePayload, WrongCredential
from breach_service.sources.credentials import AuthKind, Credential, verify
from breach_service.sources.redelivery import delivery_key
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery

KEYCLOAK = source_of("keycloak")
NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
OLD, NEW = b"the-old-secret", b"the-new-secret"
CREDENTIAL = Credential(AuthKind.HMAC, secrets=(NEW, OLD), signings=KEYCLOAK.signings)
Normalised = Callable[[str, bytes], list[Alert]]


def signed(secret: bytes, body: bytes, algorithm: str) -> dict[str, str]:
    return {"x-keycloak-signature": hmac.new(secret, body, algorithm).hexdigest()}


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
@pytest.mark.parametrize(("secret", "place"), [(NEW, 0), (OLD, 1)])
def test_the_raw_body_is_signed_with_either_algorithm_and_either_secret(
    sample: Callable[[str], bytes], algorithm: str, secret: bytes, place: int
) -> None:
    """HmacSHA256 by default, HmacSHA1 by setting; two secrets while one is being replaced."""
    body = sample("keycloak/webhook_login_error.json")
    assert verify(CREDENTIAL, signed(secret, body, algorithm), body, None, NOW) == place


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "sha512"])
def test_a_body_that_was_changed_is_refused(sample: Callable[[str], bytes], algorithm: str) -> None:
    """One byte more is another body; an algorithm that Keycloak does not have is none."""
    body = sample("keycloak/webhook_login_error.json")
    changed = body + b" " if algorithm != "sha512" else body
    with pytest.raises(WrongCredential):
        verify(CREDENTIAL, signed(NEW, body, algorithm), changed, None, NOW)


def test_an_attempt_to_deliver_again_is_the_same_delivery(sample: Callable[[str], bytes]) -> None:
    """The uid of the body stays the same for up to 15 minutes of attempts; the next event has another."""
    first, again, other = (
        delivery_key(KEYCLOAK.redelivery, Delivery(sample(f"keycloak/{name}.json"), {}, "", NOW))
        for name in ("webhook_login_error", "webhook_login_error", "webhook_again")
    )
    assert first == again != other


@pytest.mark.parametrize("body", [b"{}", b'{"loggerName": "org.infinispan", "message": "started"}', b"[1]", b"hello"])
def test_what_holds_no_event_is_unreadable(normalised: Normalised, body: bytes) -> None:
    """The sentence says what was expected."""
    with pytest.raises(UnreadablePayload, match=r"Keycloak"):
        normalised("keycloak", body)


def test_a_quoted_value_may_hold_commas_and_quotes(normalised: Normalised) -> None:
    """The logger escapes what stands between quotes; nothing in it can forge another field."""
    line = 'type="LOGIN_ERROR", realmName="shop", error="x", username="a\\", ipAddress=\\"203.0.113.9"'
    (alert,) = normalised("keycloak", line.encode())
    assert [one for one in alert.entities if one.kind == "source_address"] == []


@given(text=st.text(max_size=300))
def test_any_text_after_an_event_line_is_read_or_passed_over(text: str) -> None:
    """A log line is never a fault of its own."""
    body = f'type="LOGIN_ERROR", realmId="r", username="{text}"'.encode("utf-8", "replace")
    alerts = KEYCLOAK.normalise("probe", Delivery(body, {}, "", NOW))
    assert len(alerts) >= 1
