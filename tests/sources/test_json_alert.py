"""Plain JSON, for whoever writes the body himself."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from breach_service.domain.alert import Alert, AlertStatus, EntityKind, Severity, Signal
from breach_service.errors import UnreadablePayload

Recorded = Callable[[str], list[Alert]]
Normalised = Callable[[str, bytes], list[Alert]]


def test_every_documented_key_is_read(recorded: Recorded) -> None:
    """Unknown keys are ignored, lists of things are all kept, in one spelling each."""
    (alert,) = recorded("json/one.json")
    assert (alert.title, alert.summary) == ("Table des clients lue en entier", "12 000 lignes en 40 s")
    assert (alert.signal, alert.severity, alert.vendor_severity) == (
        Signal.EXFILTRATION,
        Severity.CRITICAL,
        "critique",
    )
    assert alert.occurred_at == datetime(2026, 11, 22, 18, 28, 12, tzinfo=UTC)
    assert alert.fingerprint == "crm-full-read"
    assert alert.labels == {"env": "prod", "team": "data"}
    assert alert.values_of(EntityKind.SOURCE_ADDRESS) == ("203.0.113.7", "203.0.113.8")
    assert alert.values_of(EntityKind.HOST) == ("db-02.intra.example",)
    assert alert.values_of(EntityKind.APPLICATION) == ("crm",)


def test_an_array_is_one_alert_each(recorded: Recorded) -> None:
    """The same id again is the same problem, here resolved; without a signal the words of the title decide."""
    failed, recovered, odd = recorded("json/array.json")
    assert failed.fingerprint == recovered.fingerprint == "7"
    assert (failed.status, recovered.status) == (AlertStatus.FIRING, AlertStatus.RESOLVED)
    assert failed.signal is Signal.BACKUP_FAILED
    assert (odd.signal, odd.severity, odd.vendor_severity) == (Signal.ANOMALY, Severity.UNKNOWN, "4")
    assert odd.values_of(EntityKind.HOST) == ("web-01", "web-02")


def test_one_object_per_line_is_read(normalised: Normalised) -> None:
    """The last line end may be missing."""
    assert [alert.title for alert in normalised("json", b'{"title": "a"}\r\n\r\n{"title": "b"}')] == ["a", "b"]


def test_without_an_identity_the_title_and_the_things_named_are_it(normalised: Normalised) -> None:
    """Their order does not matter, nor does when it happened."""

    def fingerprint(**keys: object) -> str:
        return normalised("json", json.dumps({"title": "t", **keys}).encode())[0].fingerprint

    one = fingerprint(host=["a", "b"], user="u")
    assert one == fingerprint(user="u", host=["B", "a"], occurred_at=1795372092, severity="low")
    assert one != fingerprint(host=["a"], user="u")
    assert one != fingerprint(host=["a", "b"], user="u", title="t2")


def test_an_identity_too_long_to_keep_is_kept_by_its_hash(normalised: Normalised) -> None:
    """Long identities stay different from one another."""
    first, second = (normalised("json", json.dumps({"title": "t", "id": "x" * 99 + end}).encode())[0] for end in "ab")
    assert len(first.fingerprint) == 32
    assert first.fingerprint != second.fingerprint


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"summary": "x", "host": "y"}', r"its keys: host, summary"),
        (b"{}", "its keys: none"),
        (b'{"title": "  "}', "without"),
        (b'[{"title": "a"}, {"title": null}]', "without"),
        (b'["a", "b"]', "member 1 of the body"),
        (b"3", "Found a number as the body"),
        (b"1.5", "a text or a decimal number"),
        (b"null", "Found null"),
        (b"true", "true or false"),
        (b"[[1]]", "Found an array"),
    ],
)
def test_an_object_without_a_title_is_unreadable(normalised: Normalised, body: bytes, message: str) -> None:
    """The sentence names what was found instead."""
    with pytest.raises(UnreadablePayload, match=message):
        normalised("json", body)
