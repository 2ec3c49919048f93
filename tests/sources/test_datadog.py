"""What Datadog says beside its recorded bodies."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from breach_service.domain.alert import Alert, AlertStatus
from breach_service.sources.redelivery import delivery_key
from breach_service.sources.request import Delivery
from breach_service.sources.senders.datadog import SOURCE, TEMPLATE
from breach_service.sources.senders.datadog.fields import Heading, heading_of

Normalised = Callable[[str, bytes], list[Alert]]
NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


def alert_of(normalised: Normalised, **body: Any) -> Alert:
    (alert,) = normalised("datadog", json.dumps({"title": "x", **body}).encode())
    return alert


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("[Triggered] Disk", Heading("Disk", "Triggered")),
        ("[P2] [Re-Triggered on {host:a,env:b}] Disk", Heading("Disk", "Triggered", "host:a,env:b", "P2")),
        ("[No Data on {host:a}] Disk", Heading("Disk", "No Data", "host:a")),
        ("[TEST] [Warn] [Memory Alert] Disk", Heading("[Memory Alert] Disk", "Warn", is_test=True)),
        ("[Synthetics] Disk", Heading("[Synthetics] Disk")),
        ("Disk [Triggered]", Heading("Disk [Triggered]")),
        ("[" * 5000, Heading("[" * 299 + "…")),
    ],
)
def test_the_brackets_before_a_title_are_read(title: str, heading: Heading) -> None:
    """Those that are none of Datadog's belong to the name."""
    assert heading_of(title) == heading


@pytest.mark.parametrize(
    ("transition", "status"),
    [
        ("Triggered", AlertStatus.FIRING),
        ("Re-Triggered", AlertStatus.FIRING),
        ("Warn", AlertStatus.FIRING),
        ("Re-No Data", AlertStatus.FIRING),
        ("Renotify", AlertStatus.FIRING),
        ("Recovered", AlertStatus.RESOLVED),
        ("Warn Recovered", AlertStatus.RESOLVED),
    ],
)
def test_a_transition_says_how_an_alert_stands(normalised: Normalised, transition: str, status: AlertStatus) -> None:
    """Whatever the title says."""
    assert alert_of(normalised, title="[Triggered] x", alert_transition=transition).status is status


def test_the_cycle_is_the_identity_where_it_is_sent(normalised: Normalised) -> None:
    """From the trigger to the recovery; then the group, then the monitor with its scope, then the name."""
    keys: tuple[dict[str, str], ...] = (
        {"alert_cycle_key": "1"},
        {"aggreg_key": "g"},
        {"alert_id": "9", "alert_scope": "host:a"},
        {"title": "[Triggered on {host:a}] Disk"},
    )
    for key in keys:
        first, again = (alert_of(normalised, **key, id=number, date=f"179537{number}000000") for number in ("4", "5"))
        assert first.fingerprint == again.fingerprint
    assert len({alert_of(normalised, **key).fingerprint for key in keys}) == len(keys)


def test_secrets_of_a_template_end_nowhere(normalised: Normalised) -> None:
    """A field of the operator's own is not kept, and a secret in the text is masked."""
    body = "connect with password=hunter2hunter2 and https://bot:pass4ever@db.example.fr"
    alert = alert_of(normalised, body=body, api_key="k3y-of-ours", token="t0ken-of-ours", tags="env:prod")
    assert alert.labels == {"env": "prod"}
    assert not [secret for secret in ("hunter2", "pass4ever", "k3y-of-ours", "t0ken-of-ours") if secret in repr(alert)]


def test_a_retry_within_five_minutes_is_the_same_delivery() -> None:
    """It tries a request again without any id."""
    key = delivery_key(SOURCE.redelivery, Delivery(b"{}", {}, "", NOW))
    assert key is not None
    assert key.lasts == timedelta(minutes=5)


def test_the_recommended_payload_without_values_says_nothing(normalised: Normalised) -> None:
    """A variable that Datadog had nothing for is left out."""
    alert = alert_of(normalised, **(TEMPLATE | {"title": "Disk"}))
    assert "$" not in repr(alert)
    assert SOURCE.recognises(TEMPLATE)
