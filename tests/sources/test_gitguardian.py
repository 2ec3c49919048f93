"""GitGuardian: its way to sign, and the secrets that its messages carry."""

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from breach_service.domain.alert import AlertStatus
from breach_service.errors import UnreadablePayload, WrongCredential
from breach_service.sources.credentials import AuthKind, Credential, CredentialFault, verify
from breach_service.sources.request import Delivery
from breach_service.sources.senders.gitguardian import SOURCE

SAMPLES = Path(__file__).parent / "samples" / "gitguardian"
NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
NAMES = [signing.header for signing in SOURCE.signings]


def signed(timestamp: str, token: str, body: bytes, header: str = "gitguardian-signature") -> dict[str, str]:
    digest = hmac.new((timestamp + token).encode(), body, sha256).hexdigest()
    return {"timestamp": timestamp, header: f"sha256={digest}"}


def check(headers: dict[str, str], body: bytes, *tokens: bytes) -> int:
    credential = Credential(AuthKind.HMAC, secrets=tokens, signings=SOURCE.signings)
    return verify(credential, headers, body, None, NOW)


def test_the_published_signature_fits() -> None:
    """The example of the vendor's page; its clock says 1970, which no delivery may."""
    headers = {
        "timestamp": "0",
        "gitguardian-signature": "sha256=172fe3d694b734aa53dc892fd3b8d62163fc240064de570ba006900bb54a0fc2",
    }
    assert SOURCE.signings[0].fitting([b"foo"], headers, b"bar") == 0
    with pytest.raises(WrongCredential) as refused:
        check(headers, b"bar", b"foo")
    assert refused.value.reason == CredentialFault.STALE_SIGNATURE


@pytest.mark.parametrize("header", NAMES)
@pytest.mark.parametrize(
    "timestamp",
    [str(int(NOW.timestamp())), f"{NOW.timestamp()}", "2026-11-22T21:00:10Z", "2026-11-22T21:00:10.5+00:00"],
)
def test_a_fresh_signature_is_accepted_however_its_clock_is_written(header: str, timestamp: str) -> None:
    """Under the present header and the deprecated one, by either secret of a rotation."""
    headers = signed(timestamp, "token", b"{}", header)
    assert check(headers, b"{}", b"token") == 0
    assert check(headers, b"{}", b"newer", b"token") == 1


@pytest.mark.parametrize("timestamp", ["", "soon", str(int((NOW - timedelta(hours=1)).timestamp()))])
def test_a_signature_without_a_fresh_clock_is_refused(timestamp: str) -> None:
    """Nobody can play a delivery again."""
    with pytest.raises(WrongCredential) as refused:
        check(signed(timestamp, "token", b"{}"), b"{}", b"token")
    assert refused.value.reason == CredentialFault.STALE_SIGNATURE


def test_a_clock_that_was_exchanged_is_refused() -> None:
    """It is a part of the key."""
    headers = {**signed(str(int(NOW.timestamp())), "token", b"{}"), "timestamp": str(int(NOW.timestamp()) + 1)}
    with pytest.raises(WrongCredential) as refused:
        check(headers, b"{}", b"token")
    assert refused.value.reason == CredentialFault.WRONG_SIGNATURE


@pytest.mark.parametrize(
    ("name", "kept_in_the_body"),
    [
        ("test_button", ["in-the-clear-1", "in-the-clear-2"]),
        ("policy_break_of_an_old_server", ["in-the-clear-1", "in-the-clear-2"]),
        ("incident_triggered", ["hash-of-it", "open-to-all"]),
        ("incident_note_after_closing", ["hunter2"]),
    ],
)
def test_secrets_stay_in_the_body(name: str, kept_in_the_body: list[str]) -> None:
    """Matches, hashes, links that open an incident to everybody, and what people wrote are in no alert."""
    [alert] = SOURCE.normalise("probe", Delivery((SAMPLES / f"{name}.json").read_bytes(), {}, "", NOW))
    assert not [secret for secret in kept_in_the_body if secret in repr(alert)]


def test_the_message_to_try_the_connection_is_a_test() -> None:
    """It has the shape of GitGuardian's own."""
    [alert] = SOURCE.normalise("probe", Delivery(SOURCE.test_body(), {}, "", NOW))
    assert alert.status is AlertStatus.TEST


def test_a_body_that_is_not_of_gitguardian_is_unreadable() -> None:
    """It holds neither an incident nor a honeytoken."""
    with pytest.raises(UnreadablePayload, match="incident"):
        SOURCE.normalise("probe", Delivery(b'{"hello": "world"}', {}, "", NOW))
