"""What holds for each of the endpoint protection tools."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from breach_service.domain.alert import Alert, Severity, Signal
from breach_service.errors import UnreadablePayload
from breach_service.sources.redelivery import NEVER
from breach_service.sources.registry import source_of
from breach_service.sources.senders.crowdstrike.events import falcon_of, severity_of_event

Normalised = Callable[[str, bytes], list[Alert]]
Recorded = Callable[[str], list[Alert]]
KINDS = ["crowdstrike", "harfanglab", "sentinelone", "sophos", "tehtris"]


NOBODYS = [b"{}", b"[]", b'{"hello": 1}', b"hello", b"[3]"]
TRIALS = {("harfanglab", b"{}")}
"""HarfangLab tries a connection with an empty object."""


@pytest.mark.parametrize(
    ("kind", "body"), [(kind, body) for kind in KINDS for body in NOBODYS if (kind, body) not in TRIALS]
)
def test_a_body_of_nobody_is_unreadable(normalised: Normalised, kind: str, body: bytes) -> None:
    """The sentence says what was expected."""
    with pytest.raises(UnreadablePayload, match=r"expected"):
        normalised(kind, body)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_event_twice_counts_twice(kind: str) -> None:
    """None of them documents that it sends an event again."""
    assert source_of(kind).redelivery is NEVER


@pytest.mark.parametrize(
    ("word", "number", "severity"),
    [
        ("High", 70, Severity.HIGH),
        ("", 90, Severity.CRITICAL),
        ("", 70, Severity.HIGH),
        ("", 50, Severity.MEDIUM),
        ("", 30, Severity.LOW),
        ("", 10, Severity.INFO),
        ("", 5, Severity.CRITICAL),
        ("", 2, Severity.LOW),
        ("", 0, Severity.UNKNOWN),
        ("", 101, Severity.UNKNOWN),
        ("", None, Severity.UNKNOWN),
        ("Odd", 70, Severity.HIGH),
    ],
)
def test_the_two_scales_of_crowdstrike_are_told_apart(word: str, number: int | None, severity: Severity) -> None:
    """1 to 5 in old events, 0 to 100 in newer ones; the word wins where it is one."""
    event = {"SeverityName": word, "Severity": number}
    assert severity_of_event(falcon_of({"metadata": {}, "event": event}))[0] is severity


@pytest.mark.parametrize(
    ("kind", "name"), [("harfanglab", "yara_alert"), ("tehtris", "heuristic"), ("crowdstrike", "detection")]
)
def test_secrets_of_command_lines_are_masked(recorded: Recorded, kind: str, name: str) -> None:
    """Only the raw body keeps them."""
    (alert,) = recorded(f"{kind}/{name}.json")
    shown = json.dumps([alert.title, alert.summary, dict(alert.labels)])
    assert "***" in shown
    assert not any(secret in shown for secret in ("hunter2", "abcdef123456"))


@pytest.mark.parametrize(
    ("record", "signal"),
    [
        ({"alert_type": "hlai", "rule_name": "Suspicious binary"}, Signal.MALWARE),
        ({"alert_type": "sigma", "rule_name": "X", "tags": ["attack.t1003.001"]}, Signal.LEAKED_SECRET),
        ({"alert_type": "sigma", "rule_name": "X", "mitre_cells": ["exfiltration__t1048"]}, Signal.EXFILTRATION),
        ({"alert_type": "sigma", "rule_name": "Mimikatz execution", "tags": ["attack.t1055"]}, Signal.MALWARE),
        ({"alert_type": "sigma", "rule_name": "Odd parent process"}, Signal.ANOMALY),
    ],
)
def test_harfanglab_tells_by_its_engine_then_by_attack_tags(
    normalised: Normalised, record: dict[str, Any], signal: Signal
) -> None:
    """Engines that judge files find malware; rules about behaviour carry techniques."""
    (alert,) = normalised("harfanglab", json.dumps({"log_type": "alert", **record}).encode())
    assert alert.signal is signal


def test_a_threat_of_sentinelone_is_over_only_when_a_person_resolves_it(recorded: Recorded) -> None:
    """Mitigated means that the agent did its work, not that anybody looked."""
    assert recorded("sentinelone/threat_mitigated.json")[0].status == "firing"
    assert recorded("sentinelone/threat_resolved.json")[0].status == "resolved"
