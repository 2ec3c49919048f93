"""Whatever is posted becomes a readable alert, under the names that the tools of the world use."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.domain.alert import Alert, AlertStatus, EntityKind, Severity, Signal
from breach_service.errors import UnreadablePayload
from breach_service.sources.general.state_words import (
    is_test_title,
    state_in_event,
    state_in_status,
    state_in_title,
    without_state,
)
from breach_service.sources.general.states import severity_in_words
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.sources.senders.backup.reports import Result, result_in, without_result

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
Normalised = Callable[[str, bytes], list[Alert]]


def read(body: Any, query: str = "", **headers: str) -> Alert:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    (alert,) = source_of("json").normalise("probe", Delivery(raw, named, query, NOW))
    return alert


@pytest.mark.parametrize(
    "body",
    [
        {"title": "Disk full on db"},
        {"Title": "Disk full on db"},
        {"ALERT_TITLE": "Disk full on db", "name": "x y"},
        {"alert.title": "Disk full on db"},
        {"data": {"attributes": {"headline": "Disk full on db"}}, "name": "webhook-1"},
        {"payload": json.dumps({"subject": "Disk full on db"})},
        {"id": "9b2c", "text": "Disk full on db\nmore of it"},
        {"event": "alert.created", "reason": "Disk full on db"},
        {"rule": {"name": "Disk full on db"}, "type": "x"},
        {"x": [{"y": {"z": "Disk full on db"}}]},
    ],
)
def test_a_title_is_found_under_any_name(body: Any) -> None:
    """At the top first, then in what wraps it; else the most telling text."""
    assert read(body).title == "Disk full on db"


def test_a_secret_is_never_a_title() -> None:
    """Nor a part of one."""
    alert = read({"token": "very secret words here", "status": "down", "password": "three more words"})
    assert "secret" not in alert.title
    assert "words" not in alert.title


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"state": "OK"}, AlertStatus.RESOLVED),
        ({"status": "not resolved"}, AlertStatus.FIRING),
        ({"event": "incident.resolved"}, AlertStatus.RESOLVED),
        ({"type": "ALERT_RECOVERY"}, AlertStatus.RESOLVED),
        ({"event": "connection closed"}, AlertStatus.FIRING),
        ({"resolved": True}, AlertStatus.RESOLVED),
        ({"is_active": False}, AlertStatus.RESOLVED),
        ({"resolved_at": "2026-11-22T20:00:00Z"}, AlertStatus.RESOLVED),
        ({"resolved_at": None}, AlertStatus.FIRING),
        ({"status": "acknowledged"}, AlertStatus.FIRING),
        ({"test": True}, AlertStatus.TEST),
        ({"event": "webhook.test"}, AlertStatus.TEST),
        ({}, AlertStatus.FIRING),
    ],
)
def test_the_state_is_found_under_any_name(body: dict[str, Any], status: AlertStatus) -> None:
    """Words, truth values, instants; firing where nothing is said."""
    assert read({"title": "Something happened here", **body}).status is status


def test_success_ends_a_job_and_never_an_intrusion() -> None:
    """A log-in that succeeded is no recovery."""
    assert read({"title": "Backup of db-02", "status": "success"}).status is AlertStatus.RESOLVED
    assert read({"title": "Suspicious login", "status": "success"}).status is AlertStatus.FIRING


@pytest.mark.parametrize(
    "title",
    ["Test alert", "This is a test", "Test notification from Acme", "Message de test", "[Test] Webhook test", "TEST"],
)
def test_a_test_button_is_known_by_its_words(title: str) -> None:
    """In both languages."""
    assert is_test_title(title)


@pytest.mark.parametrize(
    "title",
    ["Test server down", "Latest alert", "Alert test-web-01 unreachable", "Test Alertmanager down", "Contest started"],
)
def test_a_machine_for_tests_is_no_test(title: str) -> None:
    """What happens there is an alert."""
    assert not is_test_title(title)


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("P1 - Critical", Severity.CRITICAL),
        ("SEVERITY_HIGH", Severity.HIGH),
        ("High (3)", Severity.HIGH),
        ("élevée", Severity.HIGH),
        ("7", Severity.UNKNOWN),
        ("normal", Severity.UNKNOWN),
        ("a long text that only mentions something critical", Severity.UNKNOWN),
    ],
)
def test_a_severity_is_read_out_of_short_words(word: str, severity: Severity) -> None:
    """A number of an unknown scale stays unknown."""
    assert severity_in_words(word) is severity


def test_things_are_found_by_who_they_are() -> None:
    """The machine, its address, the attacker, the user, each as its own kind."""
    alert = read(
        {
            "message": "Brute force against the VPN",
            "agent": {"name": "VPN-01", "ip": "10.0.0.5"},
            "source": {"ip": "203.0.113.9"},
            "user.name": "alice",
            "service": {"name": "vpn"},
        }
    )
    assert alert.values_of(EntityKind.HOST) == ("vpn-01",)
    assert alert.values_of(EntityKind.ADDRESS) == ("10.0.0.5",)
    assert alert.values_of(EntityKind.SOURCE_ADDRESS) == ("203.0.113.9",)
    assert alert.values_of(EntityKind.USER) == ("alice",)
    assert alert.values_of(EntityKind.APPLICATION) == ("vpn",)


def test_an_address_without_a_side_is_the_attacker_s_only_in_an_attack() -> None:
    """A private one is always ours."""
    assert read({"title": "Brute force", "ip": "203.0.113.9"}).values_of(EntityKind.SOURCE_ADDRESS) == ("203.0.113.9",)
    assert read({"title": "Brute force", "ip": "10.0.0.1"}).values_of(EntityKind.ADDRESS) == ("10.0.0.1",)
    assert read({"title": "Host down", "ip": "203.0.113.9"}).values_of(EntityKind.ADDRESS) == ("203.0.113.9",)


def test_the_id_of_a_firing_is_no_identity_where_a_rule_and_a_thing_are_known() -> None:
    """Nor is the time, nor the number in a measure."""
    base = {"message": "CPU at 91% on db-02", "rule_id": "cpu", "host": "db-02"}
    first = read(base | {"id": "1", "timestamp": "2026-11-22T20:00:00Z"})
    again = read(base | {"id": "2", "message": "CPU at 97% on db-02", "status": "resolved"})
    assert first.fingerprint == again.fingerprint
    assert first.fingerprint != read(base | {"host": "db-03"}).fingerprint


def test_a_key_that_is_given_to_find_it_again_is_the_identity() -> None:
    """Whatever else is there."""
    assert (
        read({"message": "Disk is full", "dedup_key": "disk-db-02", "rule_id": "7", "host": "x"}).fingerprint
        == "disk-db-02"
    )


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("monitorFriendlyName=Shop&alertDetails=Connection+timeout&message=Shop+is+down", "Shop is down"),
        ("title=Disque+plein&host=db-02", "Disque plein"),
    ],
)
def test_a_query_without_a_body_is_read(query: str, title: str) -> None:
    """Some senders only know GET."""
    assert read(b"", query).title == title


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b"3", b"null", b"true", b'""', b"\x00\xff", b"   ", b'{"a": 1}', b"..."]
)
def test_only_what_says_nothing_is_unreadable(body: bytes) -> None:
    """Empty, binary, or bare numbers."""
    with pytest.raises(UnreadablePayload):
        read(body)


def test_text_is_read_line_by_line() -> None:
    """The first line is the title, `Key: value` lines are keys."""
    alert = read(b"Suspicious login on VPN\n\nHost: vpn-01\nUser: alice\nSeverity: high\nSource IP: 203.0.113.9")
    assert (alert.title, alert.severity) == ("Suspicious login on VPN", Severity.HIGH)
    assert alert.values_of(EntityKind.HOST) == ("vpn-01",)
    assert alert.values_of(EntityKind.USER) == ("alice",)


def test_json_that_a_template_broke_is_saved() -> None:
    """An unescaped quote or a body that was cut loses nothing that can be read."""
    alert = read(b'{"title": "Login of "bob" failed", "host": "web-01", "severity": "high", "text": "cut he')
    assert (alert.severity, alert.values_of(EntityKind.HOST)) == (Severity.HIGH, ("web-01",))
    assert alert.title.startswith("Login of")


def test_a_list_in_a_wrapper_is_one_alert_each(normalised: Normalised) -> None:
    """What stands around it fills what they leave open; a list of details is none."""
    body = {"severity": "high", "events": [{"name": "Login failed", "host": "a"}, {"name": "Disk full", "host": "b"}]}
    alerts = normalised("json", json.dumps(body).encode())
    assert [(one.title, one.severity) for one in alerts] == [
        ("Login failed", Severity.HIGH),
        ("Disk full", Severity.HIGH),
    ]
    (one,) = normalised("json", json.dumps({"title": "Intrusion", **body}).encode())
    assert one.title == "Intrusion"


def test_a_build_is_no_intrusion() -> None:
    """What tools of development say is about the running of machines."""
    assert read({"message": "Pipeline 12 of shop failed"}).signal is Signal.OPERATIONS
    assert read({"message": "Something nobody has a word for"}).signal is Signal.ANOMALY


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("[Recovered] Disk full", "Disk full"),
        ("RESOLVED: Disk full", "Disk full"),
        ("[FIRING:2] X y", "X y"),
        ("OK", "OK"),
    ],
)
def test_a_title_is_the_same_for_a_problem_and_its_end(title: str, bare: str) -> None:
    """Without the state in front of it."""
    assert without_state(title) == bare


def test_words_of_state_are_read_with_their_negations() -> None:
    """In both languages."""
    assert state_in_status("Résolu") is AlertStatus.RESOLVED
    assert state_in_status("unresolved") is AlertStatus.FIRING
    assert state_in_status("a long sentence about something that was resolved") is None
    assert state_in_event("issue_updated") is None
    assert state_in_title("Shop is back to normal") is AlertStatus.RESOLVED


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ("Backup completed successfully, 0 errors", Result.SUCCESS),
        ("Completed with errors", Result.FAILURE),
        ("PartiallyFailed", Result.WARNING),
        ("NoBackupForXDays", Result.MISSING),
        ("not successful", Result.FAILURE),
        ("Sauvegarde terminée", Result.SUCCESS),
        ("Échec de la sauvegarde", Result.FAILURE),
        ("has been started", Result.STARTED),
        ("db-02", None),
    ],
)
def test_the_result_of_a_backup_is_the_graver_word(said: str, result: Result | None) -> None:
    """A job that completed with errors did not succeed."""
    assert result_in(said) is result


def test_the_title_of_a_job_is_the_same_for_good_and_bad() -> None:
    """Its identity where nothing else names it."""
    assert without_result("Backup of db-02 failed") == without_result("Backup of db-02 successful")


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_is_an_alert_or_unreadable(text: str) -> None:
    """Whatever somebody pipes into curl."""
    for kind in ("json", "backup", "slack", "cloudevents", "ocsf"):
        try:
            alerts = source_of(kind).normalise("probe", Delivery(text.encode("utf-8", "replace"), {}, "", NOW))
        except UnreadablePayload:
            continue
        assert all(0 < len(alert.title) <= 300 for alert in alerts)
