"""What the scanners of code and dependencies report: nearly always a flaw, now and then something worse."""

import re
from collections.abc import Iterable

from breach_service.domain.alert import Signal

# https://cwe.mitre.org/data/definitions/506.html and its children: malicious code embedded on purpose.
_MALICIOUS_CODE = frozenset({"CWE-506", "CWE-507", "CWE-508", "CWE-509", "CWE-510", "CWE-511", "CWE-512"})
# Advisories of hostile packages are named so by GitHub, GitLab, OSV and Snyk alike.
_MALICIOUS_TITLE = re.compile(
    r"\s*(?:embedded )?(?:malware|malicious (?:package|code|software|version))", re.IGNORECASE
)
_SECRET_SCANNERS = re.compile(
    r"gitleaks|truffle ?hog|ggshield|gitguardian|detect[-_ ]secrets|secret[-_ ](?:detection|scanning)|whispers",
    re.IGNORECASE,
)


def signal_of_flaw(title: str, weaknesses: Iterable[str] = (), tool: str = "") -> Signal:
    """What a finding of that title reports; `weaknesses` are CWE numbers, `tool` the name of the scanner.

    A dependency that is hostile itself is MALWARE; what a scanner of secrets finds is a LEAKED_SECRET.
    """
    if _MALICIOUS_TITLE.match(title) or _MALICIOUS_CODE.intersection(one.strip().upper() for one in weaknesses):
        return Signal.MALWARE
    return Signal.LEAKED_SECRET if is_secret_scanner(tool) else Signal.VULNERABILITY


def is_secret_scanner(tool: str) -> bool:
    """True for tools whose findings are secrets, and whose messages may therefore quote one."""
    return _SECRET_SCANNERS.search(tool[:200]) is not None
