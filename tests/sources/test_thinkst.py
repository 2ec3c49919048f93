"""Thinkst: decoys, and the secrets that intruders type into them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from breach_service.domain.alert import Alert
from breach_service.errors import UnreadablePayload
from breach_service.sources.request import Delivery
from breach_service.sources.senders.thinkst import SOURCE

SAMPLES = Path(__file__).parent / "samples" / "thinkst"
NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)


def alert_of(body: Any) -> Alert:
    [alert] = SOURCE.normalise("probe", Delivery(json.dumps(body).encode(), {}, "", NOW))
    return alert


@pytest.mark.parametrize("name", ["canary_login", "token_of_the_console"])
def test_what_an_intruder_types_stays_in_the_body(name: str) -> None:
    """Passwords and cookies may be real ones of ours."""
    body = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    assert "in-the-clear" not in repr(alert_of(body))


@pytest.mark.parametrize(("intruder", "signal"), [("10.0.0.5", "anomaly"), ("8.8.8.8", "scan"), ("", "anomaly")])
def test_a_scan_from_within_is_more_than_a_scan(intruder: str, signal: str) -> None:
    """From outside, everything is scanned all day."""
    body = {"AlertType": "CanaryIncident", "Description": "Host Port Scan", "SourceIP": intruder}
    assert alert_of(body).signal == signal


def test_a_body_that_is_not_of_thinkst_is_unreadable() -> None:
    """It is neither an incident nor a token."""
    with pytest.raises(UnreadablePayload, match="AlertType"):
        alert_of({"hello": "world"})
