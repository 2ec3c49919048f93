"""Cloudflare: the bare secret, and what identifies a thing from its start to its end."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.alert import Alert, AlertStatus
from breach_service.errors import UnreadablePayload, WrongCredential
from breach_service.sources.credentials import AuthKind, Credential, secret_hash, verify
from breach_service.sources.request import Delivery
from breach_service.sources.senders.cloudflare import SOURCE

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)


def alert_of(body: dict[str, Any]) -> Alert:
    [alert] = SOURCE.normalise("probe", Delivery(json.dumps(body).encode(), {}, "", NOW))
    return alert


def test_the_secret_stands_bare_in_its_header() -> None:
    """By either secret of a rotation; another one is refused."""
    held = Credential(
        AuthKind.BEARER, secret_hashes=(secret_hash("new"), secret_hash("old")), headers=SOURCE.secret_headers
    )
    assert verify(held, {"cf-webhook-auth": "old"}, b"", None, NOW) == 1
    with pytest.raises(WrongCredential):
        verify(held, {"cf-webhook-auth": "other"}, b"", None, NOW)


@pytest.mark.parametrize("correlation", [None, "", "0" * 32, "00000000-0000-0000-0000-000000000000"])
def test_without_a_correlation_the_places_tell_problems_apart(correlation: str | None) -> None:
    """The same zone is the same problem, another zone is another."""

    def body(zone: str, text: str) -> dict[str, Any]:
        data = {"zone_name": zone}
        return {
            "alert_type": "http_alert_origin_error",
            "alert_correlation_id": correlation,
            "text": text,
            "data": data,
        }

    assert alert_of(body("a.example", "x")).fingerprint == alert_of(body("a.example", "y")).fingerprint
    assert alert_of(body("a.example", "x")).fingerprint != alert_of(body("b.example", "x")).fingerprint


def test_what_a_health_check_says_outweighs_start_and_end() -> None:
    """A check that is unhealthy is not over, whatever the envelope says."""
    body = {"alert_type": "health_check_status_notification", "alert_event": "ALERT_STATE_EVENT_END", "text": "x"}
    assert alert_of({**body, "data": {"new_status": "Unhealthy"}}).status is AlertStatus.FIRING
    assert alert_of({**body, "data": {"new_status": "Healthy"}}).status is AlertStatus.RESOLVED


def test_the_message_of_save_and_test_is_a_test() -> None:
    """It has a text and nothing else, in whatever words."""
    assert alert_of({"text": "Bonjour"}).status is AlertStatus.TEST


def test_a_body_that_is_not_of_cloudflare_is_unreadable() -> None:
    """It has neither a text nor a type."""
    with pytest.raises(UnreadablePayload, match="alert_type"):
        alert_of({"hello": "world"})


@given(
    data=st.dictionaries(
        st.sampled_from(["zone_name", "zones", "resource", "hostnames", "severity", "new_status", "scripts", "event"]),
        st.none() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=3) | st.none(), max_size=3),
    ),
    kind=st.sampled_from(["brand_protection_alert", "scriptmonitor_alert_new_hosts", "workers_alert", "other"]),
)
def test_any_data_is_an_alert(data: dict[str, Any], kind: str) -> None:
    """Whatever stands in its places."""
    assert 0 < len(alert_of({"alert_type": kind, "text": "x", "data": data}).title) <= 300
