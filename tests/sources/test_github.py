"""GitHub: who signed, which event it was, and what never leaves the body."""

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from breach_service.domain.alert import Alert
from breach_service.errors import UnreadablePayload
from breach_service.sources.credentials import AuthKind, Credential, verify
from breach_service.sources.redelivery import delivery_key
from breach_service.sources.request import Delivery
from breach_service.sources.senders.github import SOURCE

SAMPLES = Path(__file__).parent / "samples" / "github"
NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
SECRET = b"It's a Secret to Everybody"


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def delivery(body: Any, headers: dict[str, str] | None = None) -> Delivery:
    return Delivery(json.dumps(body).encode(), headers or {}, "", NOW)


def alerts_of(body: Any, headers: dict[str, str] | None = None) -> list[Alert]:
    return SOURCE.normalise("probe", delivery(body, headers))


def credential(*secrets: bytes) -> Credential:
    return Credential(AuthKind.HMAC, secrets=secrets, signings=SOURCE.signings)


def test_a_form_is_signed_as_it_was_sent() -> None:
    """The signature is of the encoded form, not of the JSON within it."""
    body = (SAMPLES / "dependabot_as_a_form.form").read_bytes()
    signature = hmac.new(SECRET, body, sha256).hexdigest()
    assert verify(credential(SECRET), {"x-hub-signature-256": f"sha256={signature}"}, body, None, NOW) == 0


def test_the_same_delivery_sent_again_by_hand_has_the_same_key() -> None:
    """GitHub keeps the id of a delivery when a person redelivers it."""
    again = {"x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958"}
    keys = [delivery_key(SOURCE.redelivery, delivery({"a": number}, again)) for number in (1, 2)]
    assert keys[0] == keys[1] is not None
    assert delivery_key(SOURCE.redelivery, delivery({"a": 1})) is None


def test_the_secret_that_was_found_stays_in_the_body() -> None:
    """It is in no title, summary, label, entity or identity."""
    for name in ("secret_created", "secret_location"):
        assert all("NOT-A-REAL-SECRET" not in repr(alert) for alert in alerts_of(sample(name)))


def test_words_that_people_wrote_when_they_dismissed_stay_in_the_body() -> None:
    """A comment may hold anything; the reason that GitHub offers is kept."""
    [alert] = alerts_of(sample("dependabot_dismissed"))
    assert "see ticket" not in repr(alert)


@pytest.mark.parametrize("event", ["push", "issues", "workflow_run", "star", "made_up"])
def test_events_that_are_no_alerts_come_out_as_nothing(event: str) -> None:
    """A hook that is subscribed to everything does no harm, whatever GitHub adds."""
    body = {"action": "created", "repository": {"full_name": "exemple-sa/boutique"}, "sender": {"login": "c"}}
    assert alerts_of(body, {"x-github-event": event}) == []


def test_a_body_that_is_not_of_github_is_unreadable() -> None:
    """It names nothing that GitHub's events name, and no header says otherwise."""
    with pytest.raises(UnreadablePayload, match="names no repository"):
        alerts_of({"hello": "world"})


@pytest.mark.parametrize("name", ["dependabot_created", "secret_created", "code_scanning_created", "ping"])
def test_github_is_recognised_at_the_wrong_address(name: str) -> None:
    """By its shape alone; what other forges send as well is not enough."""
    assert SOURCE.recognises(sample(name))
    assert not SOURCE.recognises(sample("push_is_no_alert"))


def test_an_alert_without_its_repository_is_found_by_its_address() -> None:
    """A relay that passes on the alert alone loses neither the place nor the identity."""
    whole = sample("dependabot_created")
    [alone] = alerts_of({"action": "created", "alert": whole["alert"]})
    [full] = alerts_of(whole)
    assert alone.fingerprint == full.fingerprint
    assert alone.vendor_reference == "exemple-sa/boutique#12"
