"""What Suricata says, signature by signature."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from breach_service.domain.alert import Alert, EntityKind, Severity, Signal
from breach_service.errors import UnreadablePayload
from breach_service.sources.parts.intrusion import severity_of_signature, sides_of, signal_of_signature

Recorded = Callable[[str], list[Alert]]
Normalised = Callable[[str, bytes], list[Alert]]


def test_an_alert_says_what_between_whom_and_when(recorded: Recorded) -> None:
    """The worded severity wins over the number; the name in the request is a domain, not a machine."""
    (alert,) = recorded("suricata/web_attack.json")
    assert alert.title == "ET WEB_SERVER Possible SQL Injection Attempt UNION SELECT"
    assert (alert.signal, alert.severity, alert.vendor_severity) == (Signal.WEB_EXPLOIT, Severity.HIGH, "Major")
    assert alert.occurred_at == datetime(2026, 11, 22, 18, 28, 12, 366011, tzinfo=UTC)
    assert [(str(one.kind), one.value) for one in alert.entities] == [
        ("address", "10.0.1.11"),
        ("domain", "shop.example.fr"),
        ("source_address", "198.51.100.23"),
    ]
    assert alert.summary == (
        "Web Application Attack\nTCP 198.51.100.23:40122 → 10.0.1.11:443\nGET shop.example.fr /p?id=1+UNION+SELECT"
    )
    assert alert.labels["signature_id"] == "1:2024364"
    assert alert.labels["tag"] == "SQL_Injection"


def test_who_sends_data_out_is_ours(recorded: Recorded) -> None:
    """The source of an outgoing connection is the machine concerned, its destination the other side."""
    (alert,) = recorded("suricata/outbound_tunnel.json")
    assert alert.signal is Signal.EXFILTRATION
    assert alert.values_of(EntityKind.ADDRESS) == ("10.0.1.11",)
    assert alert.values_of(EntityKind.SOURCE_ADDRESS) == ("203.0.113.53",)
    assert alert.values_of(EntityKind.DOMAIN) == ("aaaa.x.example",)


def test_records_that_are_no_alerts_are_passed_over(recorded: Recorded) -> None:
    """Flows and statistics share the stream; files and names of the alerts are kept."""
    alerts = recorded("suricata/stream.jsonl")
    assert [str(alert.signal) for alert in alerts] == ["scan", "routine", "malware"]
    assert alerts[2].severity is Severity.CRITICAL
    assert alerts[2].values_of(EntityKind.DOMAIN) == ("c2.example",)
    assert alerts[2].values_of(EntityKind.FILE) == ("/tmp/a.bin",)
    assert len(alerts[2].values_of(EntityKind.FILE_HASH)) == 1


def test_a_stream_without_alerts_is_understood(recorded: Recorded) -> None:
    """A shipper that sends everything is not at fault."""
    assert recorded("suricata/only_flows.jsonl") == []


def test_an_array_is_one_alert_each(recorded: Recorded) -> None:
    """Local rules without a category are read by their words; between two of ours the destination is concerned."""
    alerts = recorded("suricata/array.json")
    assert [str(alert.signal) for alert in alerts] == ["routine", "exfiltration", "anomaly", "routine"]
    assert alerts[1].severity is Severity.UNKNOWN
    assert alerts[2].values_of(EntityKind.ADDRESS) == ("10.0.9.9",)
    assert alerts[2].values_of(EntityKind.SOURCE_ADDRESS) == ("10.0.1.11",)


def test_between_public_addresses_the_server_is_ours(recorded: Recorded) -> None:
    """By the target that the rule names, by the flow, or by the direction of the packet."""
    for alert in recorded("suricata/public_sides.json"):
        assert alert.values_of(EntityKind.ADDRESS) == ("192.0.2.10",)
        assert alert.values_of(EntityKind.SOURCE_ADDRESS) == ("198.51.100.23",)


@pytest.mark.parametrize(
    ("event", "own", "other"),
    [
        ({"src_ip": "fd00::1", "dest_ip": "2001:db8::1"}, "fd00::1", "2001:db8::1"),
        ({"src_ip": "2001:db8::1", "dest_ip": "fd00::1"}, "fd00::1", "2001:db8::1"),
        ({"src_ip": "198.51.100.1", "dest_ip": "192.0.2.1"}, "192.0.2.1", "198.51.100.1"),
        ({"src_ip": "10.0.0.1", "dest_ip": "10.0.0.2", "direction": "to_client"}, "10.0.0.1", "10.0.0.2"),
        (
            {"src_ip": "10.0.0.1", "dest_ip": "10.0.0.2", "alert": {"target": {"ip": "10.0.0.9"}}},
            "10.0.0.2",
            "10.0.0.1",
        ),
        ({"src_ip": "10.0.0.1"}, "10.0.0.1", ""),
        ({"dest_ip": "198.51.100.1"}, "198.51.100.1", ""),
        ({}, "", ""),
    ],
)
def test_one_side_is_ours(event: dict[str, Any], own: str, other: str) -> None:
    """The private one, the target, the server, the destination: in this order."""
    assert (sides_of(event).own, sides_of(event).other) == (own, other)


@pytest.mark.parametrize(
    ("signature", "category", "signal"),
    [
        ("ET SCAN LibSSH Based Frequent SSH Connections Likely BruteForce Attack", "", Signal.BRUTE_FORCE),
        ("ET DROP Spamhaus DROP Listed Traffic Inbound group 34", "Misc Attack", Signal.SCAN),
        ("ET INFO Observed DNS Query to .cloud TLD", "Potentially Bad Traffic", Signal.ROUTINE),
        ("ET DNS Query for .example TLD", "Potentially Bad Traffic", Signal.ROUTINE),
        ("ET DNS Query to a known bad host", "A Network Trojan was detected", Signal.MALWARE),
        ("ET DNS Query for a malware domain", "Potentially Bad Traffic", Signal.MALWARE),
        ("ET HUNTING Uncommon header", "Misc activity", Signal.ROUTINE),
        ("ET FTP Suspicious login", "Attempt to login by a default username and password", Signal.SUSPICIOUS_LOGIN),
        ("ET WEB_SERVER WebShell Generic - c99", "A Network Trojan was detected", Signal.WEB_SHELL),
        ("Custom 1", "A Network Trojan was detected", Signal.MALWARE),
        ("Custom 2", "Attempted Information Leak", Signal.SCAN),
        ("Custom 3", "Successful Administrator Privilege Gain", Signal.PRIVILEGE_CHANGE),
        ("Custom 4", "Large Scale Information Leak", Signal.DATA_EXPOSURE),
        ("Custom 5", "Attempted Denial of Service", Signal.UNAVAILABILITY),
        ("Custom 6", "Successful Credential Theft Detected", Signal.LEAKED_SECRET),
        ("Custom ransomware note", "", Signal.MALWARE),
        ("Custom 7", "Misc Attack", Signal.ANOMALY),
        ("Brute force of our own test", "Not Suspicious Traffic", Signal.ROUTINE),
    ],
)
def test_a_signature_tells_its_signal(signature: str, category: str, signal: Signal) -> None:
    """Telling words first, then the class of the rule set, the category, and any words."""
    assert signal_of_signature(signature, category) is signal


@pytest.mark.parametrize(
    ("alert", "severity", "word"),
    [
        ({"severity": 1}, Severity.HIGH, "1"),
        ({"severity": "2"}, Severity.MEDIUM, "2"),
        ({"severity": 3}, Severity.LOW, "3"),
        ({"severity": 255}, Severity.INFO, "255"),
        ({"severity": 0}, Severity.UNKNOWN, "0"),
        ({}, Severity.UNKNOWN, ""),
        ({"severity": 1, "metadata": {"signature_severity": ["Informational"]}}, Severity.INFO, "Informational"),
        ({"severity": 1, "metadata": {"signature_severity": "Purple"}}, Severity.HIGH, "1"),
        ({"metadata": {"signature_severity": "Purple"}}, Severity.UNKNOWN, "Purple"),
    ],
)
def test_one_is_the_worst(alert: dict[str, Any], severity: Severity, word: str) -> None:
    """Smaller numbers are worse, and a known word wins over the number."""
    assert severity_of_signature(alert) == (severity, word)


def test_signature_and_both_sides_are_the_identity(normalised: Normalised) -> None:
    """Ports, flow and direction of the packet do not matter; another side does."""

    def fingerprint(source: str, destination: str, **more: Any) -> str:
        alert = {"signature_id": 5, "signature": "x", **more.pop("alert", {})}
        record = {"event_type": "alert", "src_ip": source, "dest_ip": destination, "alert": alert, **more}
        return normalised("suricata", json.dumps(record).encode())[0].fingerprint

    one = fingerprint("198.51.100.1", "10.0.0.1", src_port=1, flow_id=1)
    assert one == fingerprint("10.0.0.1", "198.51.100.1", src_port=2, flow_id=2, alert={"rev": 9, "gid": 1})
    assert one != fingerprint("198.51.100.2", "10.0.0.1")
    assert one != fingerprint("198.51.100.1", "10.0.0.2")
    assert one != fingerprint("198.51.100.1", "10.0.0.1", alert={"signature_id": 6})
    assert one != fingerprint("198.51.100.1", "10.0.0.1", alert={"gid": 3})


def test_a_signature_without_text_is_known_by_its_number(normalised: Normalised) -> None:
    """The number is exact, however large."""
    body = b'{"event_type": "alert", "alert": {"signature_id": 18446744073709551617}}'
    (alert,) = normalised("suricata", body)
    assert alert.title == "1:18446744073709551617"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[]", "no record"),
        (b'{"msg": "x"}', "event_type"),
        (b'{"event_type": "alert"}', "names no signature"),
        (b'{"event_type": "flow"}\nnot json', "line 2"),
        (b"<134>1 2026-11-22T18:28:12Z fw suricata - - -", "not JSON"),
    ],
)
def test_what_is_not_of_suricata_is_unreadable(normalised: Normalised, body: bytes, message: str) -> None:
    """The sentence says what is missing, or which line is at fault."""
    with pytest.raises(UnreadablePayload, match=message):
        normalised("suricata", body)
