"""What Nagios and its family say beside their recorded bodies."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from breach_service.domain.alert import Alert, AlertStatus, Severity, Signal
from breach_service.sources.registry import source_of
from breach_service.sources.senders.nagios import SOURCE, TEMPLATE

Normalised = Callable[[str, bytes], list[Alert]]


@pytest.mark.parametrize("word", ["checkmk", "icinga", "icinga2", "centreon", "librenms", "naemon", "check_mk"])
def test_every_member_of_the_family_is_found_by_its_name(word: str) -> None:
    """All are one kind."""
    assert source_of(word) is SOURCE


@pytest.mark.parametrize(
    ("kind", "state", "status", "signal"),
    [
        ("PROBLEM", "DOWN", AlertStatus.FIRING, Signal.UNAVAILABILITY),
        ("RECOVERY", "UP", AlertStatus.RESOLVED, Signal.UNAVAILABILITY),
        ("ACKNOWLEDGEMENT", "DOWN", AlertStatus.FIRING, Signal.UNAVAILABILITY),
        ("FLAPPINGSTOP", "UP", AlertStatus.RESOLVED, Signal.OPERATIONS),
        ("DOWNTIMEEND", "UP", AlertStatus.RESOLVED, Signal.ROUTINE),
        ("CUSTOM", "UNREACHABLE", AlertStatus.FIRING, Signal.UNAVAILABILITY),
        ("Recovery", "UP", AlertStatus.RESOLVED, Signal.UNAVAILABILITY),
    ],
)
def test_the_type_of_a_notification_and_the_state_say_how_it_stands(
    normalised: Normalised, kind: str, state: str, status: AlertStatus, signal: Signal
) -> None:
    """Planned work is routine; what is acknowledged still fires."""
    body = {"notification_type": kind, "host_name": "db-01", "host_state": state}
    (alert,) = normalised("nagios", json.dumps(body).encode())
    assert (alert.status, alert.signal) == (status, signal)


@pytest.mark.parametrize(
    ("body", "word", "severity"),
    [
        ({"host": "a", "service": "b", "state": 2}, "CRITICAL", Severity.CRITICAL),
        ({"host": "a", "service": "b", "state": "1"}, "WARNING", Severity.MEDIUM),
        ({"host": "a", "service": "b", "state": 3}, "UNKNOWN", Severity.UNKNOWN),
        ({"host": "a", "state": 1}, "DOWN", Severity.CRITICAL),
        ({"host": "a", "state": 0.0}, "UP", Severity.INFO),
        ({"hostname": "a", "rule_id": 4, "name": "x", "state": "1", "severity": "warning"}, "warning", Severity.MEDIUM),
    ],
)
def test_the_number_of_a_state_is_a_hosts_or_a_services(
    normalised: Normalised, body: dict[str, object], word: str, severity: Severity
) -> None:
    """1 is a warning of a service and a host that is down; the state of LibreNMS is no severity at all."""
    (alert,) = normalised("nagios", json.dumps(body).encode())
    assert (alert.vendor_severity, alert.severity) == (word, severity)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("Wed Jul 1 12:00:00 CEST 2026", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("2026-07-01 12:00:00 +0200", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("2026-07-01 12:00:00", None),
        ("Wed Jul 1 12:00:00 XYZ 2026", None),
        ("Wed Jul 99 12:00:00 CEST 2026", None),
    ],
)
def test_a_long_date_is_used_where_its_zone_is_known(
    normalised: Normalised, written: str, instant: datetime | None
) -> None:
    """A date of the server's own clock may be off by hours, and is then no date."""
    (alert,) = normalised("nagios", json.dumps({"HOSTNAME": "a", "LONGDATETIME": written}).encode())
    assert alert.occurred_at == instant


def test_the_recommended_object_says_no_macro_that_was_not_filled(normalised: Normalised) -> None:
    """A notification about a host leaves the macros of services as they are written."""
    body = TEMPLATE | {"notification_type": "PROBLEM", "host_name": "db-01", "host_state": "DOWN"}
    (alert,) = normalised("nagios", json.dumps(body).encode())
    assert alert.title == "db-01 is DOWN"
    assert "$" not in repr(alert)
    assert SOURCE.recognises(body)
