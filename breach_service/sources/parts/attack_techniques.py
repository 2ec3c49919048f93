"""What MITRE ATT&CK tags tell: endpoint protection and runtime detection carry them in many spellings.

https://attack.mitre.org: techniques are T1110 or T1505.003, tactics have names such as Credential Access. Sigma writes
`attack.t1003.001`, Falco `mitre_credential_access`, HarfangLab `persistence__t1547.001`, CrowdStrike plain names.
"""

import re
from collections.abc import Iterable

from breach_service.domain.alert import Signal

_TECHNIQUE = re.compile(r"(?<![A-Z0-9])T\d{4}(?:\.\d{3})?(?!\d)", re.ASCII)
_PREFIX = re.compile(r"^(?:attack|mitre)[._-]")
_LONGEST_TAG = 200

# In order: what is most telling first. A technique stands for its sub-techniques.
_ROWS: tuple[tuple[Signal, frozenset[str]], ...] = tuple(
    (signal, frozenset(words.split()))
    for signal, words in (
        (Signal.WEB_SHELL, "T1505.003 web-shell"),
        (
            Signal.EXFILTRATION,
            "T1048 T1041 T1071.004 T1567 T1020 T1030 T1011 T1052 T1537 T1572 exfiltration TA0010",
        ),
        (Signal.BRUTE_FORCE, "T1110 brute-force password-spraying credential-stuffing password-guessing"),
        (
            Signal.MALWARE,
            "T1486 T1490 T1485 T1496 T1014 T1204 T1620 T1547.006 T1055 T1105 command-and-control TA0011",
        ),
        (Signal.LEAKED_SECRET, "T1003 T1552 T1555 T1558 T1056 os-credential-dumping"),
        (Signal.INTEGRITY_CHANGE, "T1070 T1562 T1565 T1491"),
        (Signal.PRIVILEGE_CHANGE, "T1548 T1068 T1098 T1136 T1484 T1134 T1611"),
        (Signal.WEB_EXPLOIT, "T1190 T1203 T1210 T1211 T1212"),
        (Signal.UNAVAILABILITY, "T1498 T1499 T1489"),
        (Signal.SUSPICIOUS_LOGIN, "T1078 T1621 valid-accounts"),
        (Signal.SCAN, "T1595 T1046 T1592"),
        (Signal.LEAKED_SECRET, "credential-access TA0006"),
        (Signal.PRIVILEGE_CHANGE, "privilege-escalation TA0004"),
        (Signal.INTEGRITY_CHANGE, "persistence TA0003"),
        (Signal.MALWARE, "impact TA0040"),
    )
)


def signal_of_attack(tags: Iterable[str]) -> Signal | None:
    """What techniques and tactics report, among tags of any spelling; None where they tell nothing telling."""
    words = {word for tag in tags for word in _words_of(tag[:_LONGEST_TAG])}
    return next((signal for signal, row in _ROWS if not row.isdisjoint(words)), None)


def inside(signal: Signal) -> Signal:
    """The signal as endpoint protection means it: who enumerates from within does not scan us from afar."""
    return Signal.ANOMALY if signal is Signal.SCAN else signal


def _words_of(tag: str) -> set[str]:
    techniques = _TECHNIQUE.findall(tag.upper().replace("_", " "))
    tactic = re.sub(r"[\s_]+", "-", _PREFIX.sub("", tag.partition("__")[0].strip().lower()))
    families = {technique.partition(".")[0] for technique in techniques}
    return {*techniques, *families, tactic, tactic.upper()}
