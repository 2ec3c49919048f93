"""What Wazuh says, rule by rule."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from breach_service.domain.alert import Alert, AlertStatus, EntityKind, Severity, Signal
from breach_service.errors import UnreadablePayload
from breach_service.sources.senders.wazuh.signals import severity_of_level

Recorded = Callable[[str], list[Alert]]
Normalised = Callable[[str, bytes], list[Alert]]


def record_of(**parts: Any) -> bytes:
    return json.dumps({"rule": {"id": "1", "level": 7, "description": "x"}, **parts}).encode()


@pytest.mark.parametrize(
    ("name", "signal", "severity"),
    [
        ("brute_force", Signal.BRUTE_FORCE, Severity.HIGH),
        ("clamav_update", Signal.ROUTINE, Severity.INFO),
        ("clamav_virus", Signal.MALWARE, Severity.MEDIUM),
        ("common_web_attack", Signal.WEB_EXPLOIT, Severity.LOW),
        ("disk_full", Signal.OPERATIONS, Severity.MEDIUM),
        ("dns_tunnel", Signal.EXFILTRATION, Severity.HIGH),
        ("exfiltration_tactic", Signal.EXFILTRATION, Severity.HIGH),
        ("fast_log_event", Signal.ROUTINE, Severity.LOW),
        ("file_integrity", Signal.INTEGRITY_CHANGE, Severity.MEDIUM),
        ("firewall_drop", Signal.ROUTINE, Severity.LOW),
        ("first_login", Signal.SUSPICIOUS_LOGIN, Severity.HIGH),
        ("login_session", Signal.ROUTINE, Severity.INFO),
        ("ports_changed", Signal.ANOMALY, Severity.MEDIUM),
        ("relayed_syslog", Signal.SCAN, Severity.HIGH),
        ("selinux_check", Signal.ROUTINE, Severity.INFO),
        ("single_failure", Signal.ROUTINE, Severity.LOW),
        ("sql_injection", Signal.WEB_EXPLOIT, Severity.MEDIUM),
        ("sudo_to_root", Signal.PRIVILEGE_CHANGE, Severity.INFO),
        ("suricata_event", Signal.SCAN, Severity.HIGH),
        ("vulnerability_found", Signal.VULNERABILITY, Severity.HIGH),
        ("web_400", Signal.SCAN, Severity.LOW),
        ("web_scan", Signal.SCAN, Severity.HIGH),
        ("web_shell", Signal.WEB_SHELL, Severity.CRITICAL),
        ("windows_logon", Signal.BRUTE_FORCE, Severity.HIGH),
    ],
)
def test_a_rule_tells_its_signal_and_its_severity(
    recorded: Recorded, name: str, signal: Signal, severity: Severity
) -> None:
    """Groups and techniques tell the signal, the level the severity."""
    (alert,) = recorded(f"wazuh/{name}.json")
    assert (alert.signal, alert.severity) == (signal, severity)


def test_an_alert_says_what_where_and_when(recorded: Recorded) -> None:
    """Machine, its address, where it came from and which account, with the level as the sender gave it."""
    (alert,) = recorded("wazuh/brute_force.json")
    assert alert.title == "sshd: brute force trying to get access to the system. Non existent user."
    assert alert.vendor_severity == "10"
    assert alert.occurred_at == datetime(2026, 11, 22, 18, 28, 12, 366000, tzinfo=UTC)
    assert [(str(one.kind), one.value) for one in alert.entities] == [
        ("address", "10.0.1.11"),
        ("host", "web-01"),
        ("source_address", "203.0.113.7"),
        ("user", "oracle"),
    ]
    assert alert.labels["gdpr"] == "IV_35.7.d, IV_32.2"
    assert "Failed password" in alert.summary


def test_the_envelope_of_shuffle_says_the_same(recorded: Recorded) -> None:
    """The full record inside it is the alert."""
    assert recorded("wazuh/shuffle.json") == recorded("wazuh/brute_force.json")


def test_files_and_their_hashes_are_named(recorded: Recorded) -> None:
    """Integrity monitoring names the file; the hash is in lower case."""
    (alert,) = recorded("wazuh/web_shell.json")
    assert alert.values_of(EntityKind.FILE) == ("/var/www/html/uploads/x.php",)
    assert alert.values_of(EntityKind.FILE_HASH) == (
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    )


def test_a_mapped_address_of_windows_is_the_plain_one(recorded: Recorded) -> None:
    """`::ffff:10.0.7.3` and 10.0.7.3 are one address, and the agent address `any` is none."""
    (alert,) = recorded("wazuh/windows_logon.json")
    assert alert.values_of(EntityKind.SOURCE_ADDRESS) == ("10.0.7.3",)
    assert alert.values_of(EntityKind.ADDRESS) == ()


def test_a_sensor_is_not_the_victim(recorded: Recorded) -> None:
    """An agent that saw a connection between two others is named neither as machine nor as address."""
    (alert,) = recorded("wazuh/suricata_event.json")
    assert alert.values_of(EntityKind.HOST) == ()
    assert alert.values_of(EntityKind.ADDRESS) == ("10.0.1.11",)
    assert alert.values_of(EntityKind.SOURCE_ADDRESS) == ("198.51.100.23",)
    (outgoing,) = recorded("wazuh/fast_log_event.json")
    assert outgoing.values_of(EntityKind.SOURCE_ADDRESS) == ("198.51.100.80",)


@pytest.mark.parametrize("own", ["10.0.1.11", "198.51.100.23"])
def test_an_agent_that_watches_itself_is_the_victim(
    normalised: Normalised, sample: Callable[[str], bytes], own: str
) -> None:
    """Where the agent is one end of the connection, it is ours, whichever end that is."""
    record = json.loads(sample("wazuh/suricata_event.json")) | {"agent": {"id": "9", "name": "Web-01", "ip": own}}
    (alert,) = normalised("wazuh", json.dumps(record).encode())
    assert alert.values_of(EntityKind.HOST) == ("web-01",)
    assert alert.values_of(EntityKind.ADDRESS) == (own,)


def test_a_line_that_came_by_syslog_is_of_its_own_machine(recorded: Recorded, normalised: Normalised) -> None:
    """The manager that relays it is not concerned; nor is the firewall where it names the two that spoke."""
    (alert,) = recorded("wazuh/relayed_syslog.json")
    assert alert.values_of(EntityKind.HOST) == ("fw-paris",)
    assert alert.values_of(EntityKind.ADDRESS) == ()
    relay = {"agent": {"id": "000", "name": "manager"}, "predecoder": {"hostname": "FW-Paris"}}
    (named,) = normalised("wazuh", record_of(**relay, data={"srcip": "198.51.100.23", "dstip": "10.0.1.11"}))
    assert [(str(one.kind), one.value) for one in named.entities] == [
        ("address", "10.0.1.11"),
        ("source_address", "198.51.100.23"),
    ]


def test_the_machine_itself_is_not_where_an_attack_comes_from(recorded: Recorded) -> None:
    """A source address that is the agent's own is left out."""
    (alert,) = recorded("wazuh/dns_tunnel.json")
    assert alert.values_of(EntityKind.SOURCE_ADDRESS) == ()


def test_a_vulnerability_that_is_gone_resolves_the_one_that_was_found(recorded: Recorded) -> None:
    """Two rules, one flaw on one machine: one identity."""
    (found,), (solved,) = recorded("wazuh/vulnerability_found.json"), recorded("wazuh/vulnerability_solved.json")
    assert found.fingerprint == solved.fingerprint
    assert (found.status, solved.status) == (AlertStatus.FIRING, AlertStatus.RESOLVED)


@pytest.mark.parametrize(
    "parts",
    [
        {"agent": {"id": "4", "name": "web-02"}},
        {"data": {"srcip": "203.0.113.8"}},
        {"data": {"dstuser": "bob"}},
        {"syscheck": {"path": "/etc/shadow"}},
        {"rule": {"id": "2", "level": 7, "description": "x"}},
    ],
)
def test_rule_machine_and_object_are_the_identity(normalised: Normalised, parts: dict[str, Any]) -> None:
    """Another rule, machine, source, account or file is another problem."""
    (one,) = normalised("wazuh", record_of())
    (other,) = normalised("wazuh", record_of(**parts))
    assert one.fingerprint != other.fingerprint


def test_the_id_of_the_firing_is_no_identity(normalised: Normalised) -> None:
    """The same rule on the same machine again, with another id, time and log line, is the same problem."""
    (one,) = normalised("wazuh", record_of(id="1795372092.1", timestamp="2026-11-22T18:28:12.366+0000", full_log="a"))
    (again,) = normalised("wazuh", record_of(id="1795379999.2", timestamp="2026-11-23T18:28:12.366+0000", full_log="b"))
    assert one.fingerprint == again.fingerprint


@pytest.mark.parametrize("groups", [["ids"], ["ids", "suricata"]])
def test_different_signatures_are_different_problems(normalised: Normalised, groups: list[str]) -> None:
    """All alerts of a sensor come under one rule of Wazuh; the signature tells them apart."""
    rule = {"id": "20101", "level": 6, "description": "IDS event.", "groups": groups}
    (one,) = normalised("wazuh", record_of(rule=rule, data={"id": "1:1:1"}))
    (other,) = normalised("wazuh", record_of(rule=rule, data={"id": "1:2:1"}))
    assert one.fingerprint != other.fingerprint
    assert one.signal is Signal.ANOMALY


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        (0, "info"),
        (3, "info"),
        (4, "low"),
        (6, "low"),
        (7, "medium"),
        (9, "medium"),
        (10, "high"),
        (12, "high"),
        (13, "critical"),
        (16, "critical"),
        (None, "unknown"),
        (-1, "unknown"),
    ],
)
def test_levels_are_five_steps(level: int | None, severity: str) -> None:
    """0 to 3, 4 to 6, 7 to 9, 10 to 12, 13 and more."""
    assert severity_of_level(level) == severity


def test_odd_records_are_understood_as_far_as_they_go(recorded: Recorded) -> None:
    """A number as id, a level with a decimal, one group as a text, no level: still one alert each."""
    numbered, unlevelled, ignored = recorded("wazuh/odd_shapes.json")
    assert (numbered.title, numbered.signal, numbered.severity) == ("Wazuh 100001", Signal.MALWARE, Severity.HIGH)
    assert (unlevelled.signal, unlevelled.severity) == (Signal.ANOMALY, Severity.UNKNOWN)
    assert ignored.signal is Signal.ROUTINE


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"rule": "5712"}', b'{"all_fields": {"rule": {}}}', b'{"text": "x"}'])
def test_what_is_not_of_wazuh_is_unreadable(normalised: Normalised, body: bytes) -> None:
    """The sentence names what was expected."""
    with pytest.raises(UnreadablePayload, match=r"alerts\.json"):
        normalised("wazuh", body)


def test_failures_that_end_in_a_success_are_a_log_in_to_look_at(normalised: Normalised) -> None:
    """Rule 40112: the groups speak of failures, the description of what came of them."""
    rule = {"id": "40112", "level": 12, "groups": ["syslog", "attacks", "authentication_failures"]}
    rule["description"] = "Multiple authentication failures followed by a success."
    (alert,) = normalised("wazuh", record_of(rule=rule, agent={"id": "003", "name": "app-01"}))
    assert alert.signal is Signal.SUSPICIOUS_LOGIN
