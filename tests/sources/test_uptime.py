"""What the services that watch sites from outside have in common."""

import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from breach_service.domain.alert import Alert, EntityKind
from breach_service.sources.credentials import AuthKind, Credential, verify
from breach_service.sources.parts.monitors import bare_address
from breach_service.sources.registry import SOURCES, source_of
from breach_service.sources.senders.uptime import SOURCE
from breach_service.sources.senders.uptime.shapes import SHAPES, shape_of

Recorded = Callable[[str], list[Alert]]
Normalised = Callable[[str, bytes], list[Alert]]


@pytest.mark.parametrize(
    "word", ["pingdom", "uptime_robot", "site24x7", "better-stack", "statuscake", "updown", "checkly"]
)
def test_every_service_is_found_by_its_name(word: str) -> None:
    """All are one kind."""
    assert source_of(word) is SOURCE


def test_probes_are_no_victims(recorded: Recorded) -> None:
    """Their addresses stand in the body and in no alert."""
    (alert,) = recorded("uptime/pingdom_down.json")
    assert alert.values_of(EntityKind.ADDRESS) == ()
    assert alert.values_of(EntityKind.SOURCE_ADDRESS) == ()
    assert "198.51.100" not in repr(alert)


def test_the_token_of_a_form_is_kept_nowhere(normalised: Normalised) -> None:
    """StatusCake sends a hash of the account's key."""
    (alert,) = normalised(
        "uptime", json.dumps({"Name": "x", "Status": "Down", "StatusCode": "0", "Token": "0f1e2d"}).encode()
    )
    assert "0f1e2d" not in repr(alert)


def test_checkly_signs_the_body_without_a_prefix() -> None:
    """In its own header, hexadecimal."""
    body, secret = b'{"alert_type": "ALERT_FAILURE"}', b"a-secret"
    headers = {"x-checkly-signature": hmac.new(secret, body, "sha256").hexdigest()}
    credential = Credential(AuthKind.HMAC, secrets=(secret,), signings=SOURCE.signings)
    assert verify(credential, headers, body, None, datetime(2026, 11, 22, tzinfo=UTC)) == 0


@pytest.mark.parametrize(
    "record",
    [
        {"alertType": "1", "monitorFriendlyName": "x"},
        {"check_id": 1, "current_state": "DOWN", "check_name": "x"},
        {"MONITORNAME": "x", "STATUS": "DOWN"},
    ],
    ids=["UptimeRobot", "Pingdom", "Site24x7"],
)
def test_a_body_at_the_wrong_address_is_recognised(record: dict[str, Any]) -> None:
    """By this kind and by no other."""
    assert [one.kind for one in SOURCES.values() if one.recognises(record)] == ["uptime"]


def test_every_row_has_marks_that_no_earlier_row_takes() -> None:
    """A body made of the marks of a row is of that row's service."""
    for shape in SHAPES:
        record: dict[str, Any] = {}
        for path in shape.marks:
            inner = record
            for key in path[:-1]:
                inner = inner.setdefault(key, {})
            inner[path[-1]] = "x"
        found = shape_of(record)
        assert found is not None
        assert found.vendor == shape.vendor


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("https://user:secret@crm.example.fr:8443/a/b?token=x#y", "https://crm.example.fr:8443/a/b"),
        ("http://crm.example.fr", "http://crm.example.fr"),
        ("https://", ""),
        ("crm.example.fr", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_an_address_is_shown_without_its_secrets(written: str, bare: str) -> None:
    """User, password and query are left out; what is no web address is no link."""
    assert bare_address(written) == bare
