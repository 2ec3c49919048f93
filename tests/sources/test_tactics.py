"""What a security product reports, by the tactic that it names and by its title."""

import pytest

from breach_service.domain.alert import Signal
from breach_service.sources.parts.tactics import security_signal_of_words, signal_of_threat


@pytest.mark.parametrize(
    ("tactics", "title", "signal"),
    [
        (["Ransomware"], "Suspicious activity", Signal.MALWARE),
        (["EXFILTRATION"], "Sign-in from elsewhere", Signal.EXFILTRATION),
        (["InitialAccess"], "Password spray attack", Signal.BRUTE_FORCE),
        (["Initial Access"], "Something odd", Signal.SUSPICIOUS_LOGIN),
        (["TA0004"], "Something odd", Signal.PRIVILEGE_CHANGE),
        (["DEFENSE_EVASION"], "Suspicious change", Signal.INTEGRITY_CHANGE),
        (["Persistence"], "Inbox forwarding rule", Signal.EXFILTRATION),
        (["Discovery"], "Suspicious discovery", Signal.SCAN),
        (["LateralMovement"], "Something odd", Signal.ANOMALY),
        ([], "Atypical travel", Signal.SUSPICIOUS_LOGIN),
        ([], "", Signal.ANOMALY),
    ],
)
def test_a_tactic_and_a_title_tell_together(tactics: list[str], title: str, signal: Signal) -> None:
    """What is certain first, then the words, then what the tactic usually is; in every spelling."""
    assert signal_of_threat(tactics, title) is signal


@pytest.mark.parametrize("title", ["Disk is full", "Server is down", "Backup failed", ""])
def test_the_running_of_machines_is_no_threat(title: str) -> None:
    """Where a security product speaks, such words are beside the point."""
    assert security_signal_of_words(title) is None
