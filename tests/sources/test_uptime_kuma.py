"""What Uptime Kuma says beside its recorded bodies."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from breach_service.domain.alert import Alert, AlertStatus, Signal
from breach_service.sources.registry import source_of

Normalised = Callable[[str, bytes], list[Alert]]


def body(status: int, **heartbeat: Any) -> bytes:
    monitor = {"id": 7, "name": "CRM", "url": "https://u:s3cret@crm.example.fr/?token=t0ken"}
    said = {"heartbeat": {"status": status, **heartbeat}, "monitor": monitor, "msg": "[CRM] [x] y"}
    return json.dumps(said).encode()


@pytest.mark.parametrize("word", ["kuma", "uptime_kuma", "Uptime-Kuma", "uptimekuma"])
def test_it_is_found_by_the_names_that_people_use(word: str) -> None:
    """With an underscore or with a hyphen."""
    assert source_of(word).kind == "uptime-kuma"


@pytest.mark.parametrize(
    ("status", "expected", "signal"),
    [
        (0, AlertStatus.FIRING, Signal.UNAVAILABILITY),
        (1, AlertStatus.RESOLVED, Signal.UNAVAILABILITY),
        (2, AlertStatus.FIRING, Signal.UNAVAILABILITY),
        (3, AlertStatus.FIRING, Signal.ROUTINE),
    ],
)
def test_a_number_says_how_a_monitor_stands(
    normalised: Normalised, status: int, expected: AlertStatus, signal: Signal
) -> None:
    """Down, up, pending, maintenance."""
    (alert,) = normalised("uptime-kuma", body(status))
    assert (alert.status, alert.signal) == (expected, signal)


@pytest.mark.parametrize(
    ("heartbeat", "instant"),
    [
        ({"time": "2026-07-01 10:00:00.250", "timezone": "Europe/Paris"}, datetime(2026, 7, 1, 10, 0, 0, 250000, UTC)),
        ({"localDateTime": "2026-07-01 12:00:00", "timezone": "Europe/Paris"}, datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ({"localDateTime": "2026-07-01 12:00:00", "timezoneOffset": "+05:30"}, datetime(2026, 7, 1, 6, 30, tzinfo=UTC)),
        ({"localDateTime": "2026-07-01 12:00:00", "timezone": "Mars/Base"}, None),
        ({"localDateTime": "2026-07-01 12:00:00"}, None),
        ({}, None),
    ],
)
def test_the_time_is_utc_and_the_local_one_stands_in_its_zone(
    normalised: Normalised, heartbeat: dict[str, str], instant: datetime | None
) -> None:
    """A local time without a zone is no time."""
    (alert,) = normalised("uptime-kuma", body(0, **heartbeat))
    assert alert.occurred_at == instant


def test_the_secrets_of_a_watched_address_are_kept_nowhere(normalised: Normalised) -> None:
    """Neither its password nor what follows the question mark."""
    (alert,) = normalised("uptime-kuma", body(0))
    assert "s3cret" not in repr(alert)
    assert "t0ken" not in repr(alert)
