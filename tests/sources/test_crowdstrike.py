"""CrowdStrike Falcon Fusion: how the webhook action of a workflow signs."""

import base64
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from breach_service.errors import WrongCredential
from breach_service.sources.credentials import AuthKind, Credential, verify
from breach_service.sources.senders.crowdstrike import SOURCE

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BODY = b'{"meta": {}, "data": {}}'
SECRET = b"made in the Falcon console"
CREDENTIAL = Credential(AuthKind.HMAC, secrets=(SECRET, b"the former one"), signings=SOURCE.signings)


def signed(at: datetime, secret: bytes = SECRET, body: bytes = BODY) -> dict[str, str]:
    said = at.isoformat().replace("+00:00", "Z")
    digest = hmac.digest(secret, body + said.encode(), "sha256")
    return {"x-cs-primary-signature": base64.b64encode(digest).decode(), "x-cs-delivery-timestamp": said}


@pytest.mark.parametrize(("secret", "place"), [(SECRET, 0), (b"the former one", 1)])
def test_a_workflow_signs_the_body_and_its_clock(secret: bytes, place: int) -> None:
    """With either of two secrets while one is being replaced."""
    assert verify(CREDENTIAL, signed(NOW, secret), BODY, None, NOW) == place


@pytest.mark.parametrize("away", [timedelta(minutes=6), -timedelta(minutes=6)])
def test_an_old_request_is_refused(away: timedelta) -> None:
    """Nobody can play it again for ever."""
    with pytest.raises(WrongCredential) as refused:
        verify(CREDENTIAL, signed(NOW + away), BODY, None, NOW)
    assert refused.value.reason == "stale_signature"


def test_a_changed_body_or_clock_is_refused() -> None:
    """Both are signed."""
    with pytest.raises(WrongCredential):
        verify(CREDENTIAL, signed(NOW), BODY + b" ", None, NOW)
    other = {**signed(NOW), "x-cs-delivery-timestamp": (NOW + timedelta(seconds=1)).isoformat()}
    with pytest.raises(WrongCredential):
        verify(CREDENTIAL, other, BODY, None, NOW)
