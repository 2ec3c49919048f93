"""What Falco says that no recording shows by itself."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from breach_service.domain.alert import Alert, EntityKind
from breach_service.errors import UnreadablePayload
from breach_service.sources.redelivery import NEVER
from breach_service.sources.registry import source_of
from breach_service.sources.senders.falco.signals import signal_of_rule

Normalised = Callable[[str, bytes], list[Alert]]
Recorded = Callable[[str], list[Alert]]


def event(**parts: Any) -> bytes:
    return json.dumps({"rule": "R", "priority": "Warning", "output_fields": {}, **parts}).encode()


def test_secrets_of_command_lines_reach_neither_summary_nor_labels(recorded: Recorded) -> None:
    """The raw body keeps them; whatever is shown or sent on does not."""
    (alert,) = recorded("falco/shell_in_container.json")
    shown = json.dumps([alert.title, alert.summary, dict(alert.labels), [one.value for one in alert.entities]])
    assert "hunter2" not in shown
    assert "abcdef123456" not in shown
    assert "Notice A shell was spawned in a container" in alert.summary


def test_a_time_too_large_for_a_double_is_read_to_the_microsecond(normalised: Normalised) -> None:
    """`evt.time` counts nanoseconds and is greater than 2^53."""
    (alert,) = normalised("falco", event(time=1795372092366011831))
    assert alert.occurred_at is not None
    assert alert.occurred_at.isoformat() == "2026-11-22T18:28:12.366011+00:00"


@pytest.mark.parametrize(
    ("rule", "priority", "tags", "signal"),
    [
        ("Read sensitive file untrusted", "Warning", ["mitre_credential_access", "T1555"], "leaked_secret"),
        ("Clear Log Activities", "Warning", ["mitre_defense_evasion", "T1070"], "integrity_change"),
        ("Write below etc", "Error", ["mitre_persistence"], "integrity_change"),
        ("Fileless execution via memfd_create", "Critical", ["mitre_defense_evasion", "T1620"], "malware"),
        ("Linux Kernel Module Injection Detected", "Warning", ["mitre_persistence"], "malware"),
        ("Sudo Potential Privilege Escalation", "Critical", ["mitre_privilege_escalation"], "privilege_change"),
        ("Launch Remote File Copy Tools in Container", "Notice", ["mitre_exfiltration"], "exfiltration"),
        ("Contact K8S API Server From Container", "Notice", ["mitre_discovery", "T1565"], "integrity_change"),
        ("System user interactive", "Informational", ["mitre_execution", "T1059"], "routine"),
        ("K8s Service Created", "Informational", ["k8s"], "routine"),
        ("Terminal shell in container", "Notice", ["mitre_execution", "T1059"], "anomaly"),
        ("A rule of our own", "Warning", [], "anomaly"),
    ],
)
def test_a_rule_tells_its_signal_by_name_then_by_tags(rule: str, priority: str, tags: list[str], signal: str) -> None:
    """Names of the shipped rules first; what only informs is routine."""
    assert signal_of_rule(rule, priority, tags) == signal


def test_another_machine_or_workload_is_another_problem(normalised: Normalised) -> None:
    """The same rule on the same pod is the same problem, whatever its uuid."""
    (one,) = normalised("falco", event(hostname="a", output_fields={"k8s.pod.name": "p"}, uuid="1"))
    (same,) = normalised("falco", event(hostname="a", output_fields={"k8s.pod.name": "p"}, uuid="2"))
    (host,) = normalised("falco", event(hostname="b", output_fields={"k8s.pod.name": "p"}))
    (pod,) = normalised("falco", event(hostname="a", output_fields={"k8s.pod.name": "q"}))
    assert one.fingerprint == same.fingerprint
    assert len({one.fingerprint, host.fingerprint, pod.fingerprint}) == 3


def test_the_end_of_a_connection_that_is_ours_is_no_source(normalised: Normalised) -> None:
    """Both directions of a connection name the same two sides."""
    for text in ("10.0.3.4:51334->203.0.113.9:443", "203.0.113.9:443->10.0.3.4:51334"):
        (alert,) = normalised("falco", event(output_fields={"fd.name": text}))
        assert alert.values_of(EntityKind.SOURCE_ADDRESS) == ("203.0.113.9",)
        assert alert.values_of(EntityKind.ADDRESS) == ("10.0.3.4",)
        assert alert.values_of(EntityKind.FILE) == ()


@pytest.mark.parametrize("body", [b'{"text": "Falco says"}', b"[]", b'{"rule": "x"}', b'{"priority": "Error"}'])
def test_what_is_no_event_is_unreadable(normalised: Normalised, body: bytes) -> None:
    """The sentence says what was expected."""
    with pytest.raises(UnreadablePayload, match=r"event of Falco"):
        normalised("falco", body)


def test_the_same_event_twice_counts_twice() -> None:
    """Neither Falco nor falcosidekick sends anything again."""
    assert source_of("falcosidekick").redelivery is NEVER
