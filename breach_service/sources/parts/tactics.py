"""What a security product reports, by the tactic of MITRE ATT&CK that it names and by the words of its title.

Tactics are those of attack.mitre.org (Enterprise), as Microsoft Defender and Sentinel, Google Security Command Center
and AWS write them, in any spelling; and the few categories that Microsoft puts in their place (malware, ransomware).
"""

import re
from collections.abc import Iterable, Mapping

from breach_service.domain.alert import AlertClass, Signal, class_of
from breach_service.sources.parts.words import signal_of_words

_CERTAIN: Mapping[str, Signal] = {
    "malware": Signal.MALWARE,
    "ransomware": Signal.MALWARE,
    "virus": Signal.MALWARE,
    "unwantedsoftware": Signal.MALWARE,
    "cryptomining": Signal.MALWARE,
    "exfiltration": Signal.EXFILTRATION,
    "ta0010": Signal.EXFILTRATION,
}
"""What says more than any title."""

_USUAL: Mapping[str, Signal] = {
    "commandandcontrol": Signal.MALWARE,
    "ta0011": Signal.MALWARE,
    "execution": Signal.MALWARE,
    "ta0002": Signal.MALWARE,
    "exploit": Signal.WEB_EXPLOIT,
    "bruteforce": Signal.BRUTE_FORCE,
    "credentialaccess": Signal.SUSPICIOUS_LOGIN,
    "ta0006": Signal.SUSPICIOUS_LOGIN,
    "initialaccess": Signal.SUSPICIOUS_LOGIN,
    "ta0001": Signal.SUSPICIOUS_LOGIN,
    "persistence": Signal.PRIVILEGE_CHANGE,
    "ta0003": Signal.PRIVILEGE_CHANGE,
    "privilegeescalation": Signal.PRIVILEGE_CHANGE,
    "ta0004": Signal.PRIVILEGE_CHANGE,
    "defenseevasion": Signal.INTEGRITY_CHANGE,
    "ta0005": Signal.INTEGRITY_CHANGE,
    "discovery": Signal.SCAN,
    "ta0007": Signal.SCAN,
    "reconnaissance": Signal.SCAN,
    "ta0043": Signal.SCAN,
    "impact": Signal.INTEGRITY_CHANGE,
    "ta0040": Signal.INTEGRITY_CHANGE,
}
"""What a tactic usually is where the title tells nothing."""

_TITLES: tuple[tuple[Signal, re.Pattern[str]], ...] = tuple(
    (signal, re.compile(pattern, re.IGNORECASE))
    for signal, pattern in (
        (Signal.LEAKED_SECRET, r"leaked.{0,30}(credential|key|secret)|pass.the.(hash|ticket)|golden ticket|kerberoast"),
        (Signal.LEAKED_SECRET, r"\bdcsync\b|\blsass\b|credential(s)? (dump|theft|exfiltration)|mimikatz"),
        (Signal.EXFILTRATION, r"mass (download|export)|(suspicious|inbox|creation of).{0,20}forwarding|data exfiltrat"),
        (Signal.INTEGRITY_CHANGE, r"mass delet|(logging|audit log|trail).{0,20}(disabled|stopped|deleted)"),
        (Signal.MALWARE, r"(digital |crypto).?currency|cryptomining|eicar|reverse shell"),
        (Signal.PRIVILEGE_CHANGE, r"oauth (app|consent)|consent (grant|to)|illicit consent|anomalous grant"),
        (Signal.SUSPICIOUS_LOGIN, r"(atypical|impossible) travel|unfamiliar|anonymous ip|\btor\b|infrequent country"),
        (Signal.SUSPICIOUS_LOGIN, r"(malicious|anonymous|suspicious) ip\b|anomalous token|session cookie"),
        (Signal.DATA_EXPOSURE, r"publicly (accessible|readable|shared)|anonymous access (granted|enabled)"),
    )
)
_NOT_A_LETTER = re.compile(r"[^a-z0-9]")


def security_signal_of_words(*texts: str) -> Signal | None:
    """The security signal that the words of the first telling text name; None where none does.

    What is about the running of machines does not count: the sender speaks of attacks.
    """
    for text in texts:
        own = next((signal for signal, pattern in _TITLES if pattern.search(text[:1000])), None)
        found = own or signal_of_words(text)
        if found is not None and class_of(found) is AlertClass.SECURITY:
            return found
    return None


def signal_of_threat(tactics: Iterable[str], *titles: str) -> Signal:
    """What a security product reports by its tactics or categories and by its titles; ANOMALY where nothing tells."""
    known = [_NOT_A_LETTER.sub("", tactic.lower()) for tactic in tactics]
    certain = next((_CERTAIN[one] for one in known if one in _CERTAIN), None)
    by_words = security_signal_of_words(*titles)
    if certain is not None or by_words not in (None, Signal.ANOMALY):
        return certain or by_words or Signal.ANOMALY
    return next((_USUAL[one] for one in known if one in _USUAL), Signal.ANOMALY)
