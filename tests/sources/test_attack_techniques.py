"""What ATT&CK tags tell, in every spelling that senders have."""

import pytest

from breach_service.domain.alert import Signal
from breach_service.sources.parts.attack_techniques import inside, signal_of_attack


@pytest.mark.parametrize(
    ("tag", "signal"),
    [
        ("attack.t1003.001", Signal.LEAKED_SECRET),
        ("mitre_credential_access", Signal.LEAKED_SECRET),
        ("Credential Access", Signal.LEAKED_SECRET),
        ("persistence__t1547.001", Signal.INTEGRITY_CHANGE),
        ("T1505.003", Signal.WEB_SHELL),
        ("TA0010", Signal.EXFILTRATION),
        ("attack.exfiltration", Signal.EXFILTRATION),
        ("attack.t1110", Signal.BRUTE_FORCE),
        ("T1486", Signal.MALWARE),
        ("Command and Control", Signal.MALWARE),
        ("mitre_privilege_escalation", Signal.PRIVILEGE_CHANGE),
    ],
)
def test_a_tag_is_read_in_any_spelling(tag: str, signal: Signal) -> None:
    """Sigma, Falco, HarfangLab and CrowdStrike mean the same."""
    assert signal_of_attack([tag]) is signal


@pytest.mark.parametrize("tag", ["", "attack.execution", "T99", "container", "PCI_DSS_11.5.1", "XT1110", "T11101"])
def test_what_tells_nothing_is_left_to_the_words(tag: str) -> None:
    """Execution and discovery are parts of every attack and of every working day."""
    assert signal_of_attack([tag]) is None


def test_the_more_telling_technique_wins() -> None:
    """Data that leave weigh more than how somebody got in."""
    assert signal_of_attack(["attack.t1078", "attack.t1048"]) is Signal.EXFILTRATION


def test_a_scan_from_within_is_no_scan_from_afar() -> None:
    """Endpoint protection that sees one has somebody inside."""
    assert inside(Signal.SCAN) is Signal.ANOMALY
    assert inside(Signal.MALWARE) is Signal.MALWARE
