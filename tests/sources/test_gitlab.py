"""GitLab: the bare secret, the signing token, and what identifies a delivery."""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from breach_service.errors import UnreadablePayload, WrongCredential
from breach_service.sources.credentials import AuthKind, Credential, CredentialFault, secret_hash, verify
from breach_service.sources.redelivery import delivery_key
from breach_service.sources.request import Delivery
from breach_service.sources.senders.gitlab import SOURCE

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
TOKEN = b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def credential(*secrets: bytes) -> Credential:
    return Credential(AuthKind.HMAC, secrets=secrets, signings=SOURCE.signings)


def signed(body: bytes, at: datetime, token: bytes = TOKEN, message: str = "m1") -> dict[str, str]:
    clock = str(int(at.timestamp()))
    key = base64.b64decode(token.removeprefix(b"whsec_"))
    digest = hmac.new(key, f"{message}.{clock}.".encode() + body, sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": message, "webhook-timestamp": clock, "webhook-signature": signature}


def refusal(secret: bytes, headers: dict[str, str], body: bytes, now: datetime = NOW) -> str:
    with pytest.raises(WrongCredential) as refused:
        verify(credential(secret), headers, body, None, now)
    return refused.value.reason


def test_one_of_several_signatures_is_enough() -> None:
    """A sender that rotates its token signs with both."""
    headers = signed(b"{}", NOW)
    headers["webhook-signature"] = "v1,AAAA " + headers["webhook-signature"] + " v1a,BBBB"
    assert verify(credential(TOKEN), headers, b"{}", None, NOW) == 0


def test_the_id_the_clock_and_the_body_are_all_signed() -> None:
    """None of them can be exchanged."""
    headers = signed(b"{}", NOW)
    assert refusal(TOKEN, headers, b"{ }") == CredentialFault.WRONG_SIGNATURE
    assert refusal(TOKEN, {**headers, "webhook-id": "m2"}, b"{}") == CredentialFault.WRONG_SIGNATURE
    later = {**headers, "webhook-timestamp": str(int(NOW.timestamp()) + 1)}
    assert refusal(TOKEN, later, b"{}") == CredentialFault.WRONG_SIGNATURE


def test_an_old_delivery_cannot_be_played_again() -> None:
    """The signature fits, the clock does not."""
    headers = signed(b"{}", NOW - timedelta(minutes=6))
    assert refusal(TOKEN, headers, b"{}") == CredentialFault.STALE_SIGNATURE


@pytest.mark.parametrize("secret", [b"whsec_not base64!", b"plain"])
def test_a_secret_in_another_form_is_taken_as_it_is(secret: bytes) -> None:
    """It fits nothing of GitLab's, and breaks nothing."""
    assert refusal(secret, signed(b"{}", NOW), b"{}") == CredentialFault.WRONG_SIGNATURE


def test_the_secret_token_stands_bare_in_its_header() -> None:
    """As GitLab sends it without a signing token."""
    held = Credential(AuthKind.BEARER, secret_hashes=(secret_hash("s"),), headers=SOURCE.secret_headers)
    assert verify(held, {"x-gitlab-token": "s"}, b"", None, NOW) == 0


def test_the_token_of_an_audit_stream_stands_in_a_header_of_its_own() -> None:
    """The verification token of a streaming destination."""
    held = Credential(AuthKind.BEARER, secret_hashes=(secret_hash("s"),), headers=SOURCE.secret_headers)
    assert verify(held, {"x-gitlab-event-streaming-token": "s"}, b"", None, NOW) == 0


def test_only_the_key_that_survives_a_retry_identifies_a_delivery() -> None:
    """Hooks that trigger each other share the UUID of the event: it is no identity."""

    def key(headers: dict[str, str]) -> object:
        return delivery_key(SOURCE.redelivery, Delivery(b"{}", headers, "", NOW))

    assert key({"idempotency-key": "1"}) == key({"idempotency-key": "1", "x-gitlab-event-uuid": "9"}) is not None
    assert key({"x-gitlab-event-uuid": "9"}) is None


def test_a_body_without_a_kind_is_unreadable() -> None:
    """Every hook of GitLab names its kind."""
    with pytest.raises(UnreadablePayload, match="object_kind"):
        SOURCE.normalise("probe", Delivery(b'{"project": {}}', {}, "", NOW))
