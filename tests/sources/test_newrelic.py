"""What New Relic says beside its recorded bodies."""

import json
from collections.abc import Callable

import pytest

from breach_service.domain.alert import Alert, AlertStatus
from breach_service.sources.registry import source_of
from breach_service.sources.senders.newrelic import SOURCE

Normalised = Callable[[str, bytes], list[Alert]]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("CREATED", AlertStatus.FIRING),
        ("ACTIVATED", AlertStatus.FIRING),
        ("ACKNOWLEDGED", AlertStatus.FIRING),
        ("CLOSED", AlertStatus.RESOLVED),
        ("DEACTIVATED", AlertStatus.RESOLVED),
    ],
)
def test_the_state_of_an_issue_says_how_it_stands(normalised: Normalised, state: str, status: AlertStatus) -> None:
    """Acknowledged is not closed."""
    (alert,) = normalised("newrelic", json.dumps({"id": "1", "title": "x", "state": state}).encode())
    assert alert.status is status


def test_both_generations_are_recognised(sample: Callable[[str], bytes]) -> None:
    """At the address of another kind."""
    assert SOURCE.recognises(json.loads(sample("newrelic/activated.json")))
    assert SOURCE.recognises(json.loads(sample("newrelic/legacy_open.json")))
    assert source_of("new_relic") is SOURCE
