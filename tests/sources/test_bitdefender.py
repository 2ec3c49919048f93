"""Bitdefender GravityZone: envelopes, scores and identities."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from breach_service.domain.alert import Alert
from breach_service.errors import UnreadablePayload
from breach_service.sources.request import Delivery
from breach_service.sources.senders.bitdefender import SOURCE

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)


def alerts_of(body: Any) -> list[Alert]:
    return SOURCE.normalise("probe", Delivery(json.dumps(body).encode(), {}, "", NOW))


@pytest.mark.parametrize(
    ("score", "severity"),
    [(100, "critical"), (90, "critical"), (89, "high"), (70, "high"), (40, "medium"), (1, "low"), (0, "unknown")],
)
def test_the_score_of_an_incident_is_a_severity(score: int, severity: str) -> None:
    """Bigger is worse; the number stays beside the word."""
    [alert] = alerts_of({"module": "new-incident", "incident_id": "1", "severity_score": score})
    assert (alert.severity, alert.vendor_severity) == (severity, str(score))


def test_a_command_line_is_shown_without_its_secrets() -> None:
    """The raw body keeps everything."""
    [alert] = alerts_of({"module": "hd", "command_line_parameters": "tool --password hunter2 -v"})
    assert alert.summary == "tool --password *** -v"


def test_the_module_and_the_machine_tell_events_apart() -> None:
    """The same page on two machines is two problems, and a page is not a file."""
    bodies = [
        {"module": module, "computer_id": computer, "url": "http://mechant.example/"}
        for module in ("aph", "uc")
        for computer in ("1", "2")
    ]
    assert len({alerts_of(body)[0].fingerprint for body in bodies}) == len(bodies)


@pytest.mark.parametrize("body", [{"hello": "world"}, {"params": {"events": [{"a": 1}]}}, {"params": {"events": "x"}}])
def test_a_body_without_a_module_is_unreadable(body: Any) -> None:
    """Every event names the module that made it."""
    with pytest.raises(UnreadablePayload, match="module"):
        alerts_of(body)
