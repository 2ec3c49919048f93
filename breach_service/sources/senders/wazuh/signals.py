"""What a Wazuh rule reports, by its groups, its MITRE ATT&CK techniques and its level.

Groups are those of the rule set of Wazuh 4 (documentation.wazuh.com, ruleset), techniques those of attack.mitre.org.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from breach_service.domain.alert import Severity, Signal
from breach_service.sources.parts.words import signal_of_words

HIGHEST_ROUTINE_LEVEL = 3
"""Levels 0 to 3 are ignored, informational or successful events (Wazuh manual, rules classification)."""
LOWEST_GRAVE_LEVEL = 10
"""From here on rules have counted repetitions: one failed login is level 5, many are level 10."""


@dataclass(frozen=True)
class RuleFacts:
    """What a rule says about itself."""

    level: int
    description: str
    groups: frozenset[str]
    """In lower case."""
    techniques: frozenset[str]
    """MITRE ids such as T1110 or T1505.003."""
    tactics: frozenset[str]
    """In lower case, as names or as ids."""

    @property
    def is_routine(self) -> bool:
        """True for what Wazuh itself rates as no concern."""
        return self.level <= HIGHEST_ROUTINE_LEVEL


@dataclass(frozen=True)
class _Row:
    """Words between blanks. One group, technique or tactic is enough; a technique stands for its sub-techniques too."""

    signal: Signal
    groups: str = ""
    techniques: str = ""
    tactics: str = ""
    least: int = 0
    most: int = 16

    def fits(self, rule: RuleFacts) -> bool:
        """True if the rule is of this row."""
        if not self.least <= rule.level <= self.most:
            return False
        if not rule.groups.isdisjoint(_words(self.groups)) or not rule.tactics.isdisjoint(_words(self.tactics)):
            return True
        known = _words(self.techniques)
        return any(technique in known or technique.partition(".")[0] in known for technique in rule.techniques)


@lru_cache(maxsize=100)
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CONCERNING = HIGHEST_ROUTINE_LEVEL + 1
_ROWS = (
    _Row(Signal.WEB_SHELL, groups="webshell web_shell", techniques="T1505.003"),
    _Row(
        Signal.EXFILTRATION,
        groups="exfiltration dns_tunneling",
        techniques="T1048 T1041 T1071.004 T1567 T1020 T1030 T1011 T1052 T1537 T1572",
        tactics="exfiltration ta0010",
    ),
    # A clean scan and the update of a virus database are of the same groups, at level 3.
    _Row(Signal.MALWARE, groups="virus virustotal rootcheck malware yara ransomware", least=_CONCERNING),
    _Row(Signal.VULNERABILITY, groups="vulnerability-detector"),
    # Many failures followed by a success are of both groups: it is the success that matters.
    _Row(Signal.SUSPICIOUS_LOGIN, groups="authentication_success", least=_CONCERNING),
    _Row(Signal.BRUTE_FORCE, groups="authentication_failures"),
    _Row(Signal.BRUTE_FORCE, groups="authentication_failed", techniques="T1110", least=LOWEST_GRAVE_LEVEL),
    # One wrong password is no incident; many are, and then Wazuh says so by a rule of their own.
    _Row(Signal.ROUTINE, groups="authentication_failed invalid_login", most=LOWEST_GRAVE_LEVEL - 1),
    _Row(
        Signal.INTEGRITY_CHANGE,
        groups="syscheck syscheck_file syscheck_registry syscheck_entry_modified syscheck_entry_added"
        " syscheck_entry_deleted logs_cleared",
    ),
    _Row(Signal.INTEGRITY_CHANGE, techniques="T1565 T1070 T1491", least=_CONCERNING),
    _Row(Signal.MALWARE, techniques="T1486 T1485 T1490 T1014 T1496 T1204", least=_CONCERNING),
    # Also at level 3: that is the level of a successful sudo to root.
    _Row(
        Signal.PRIVILEGE_CHANGE,
        groups="sudo su adduser account_changed group_changed policy_changed",
        techniques="T1548 T1068 T1098 T1136 T1484 T1134",
        tactics="ta0004",
    ),
    _Row(
        Signal.WEB_EXPLOIT,
        groups="sql_injection xss exploit_attempt",
        techniques="T1190 T1203 T1210 T1211 T1212",
        least=_CONCERNING,
    ),
    _Row(
        Signal.SCAN,
        groups="web_scan recon scan access_denied multiple_drops",
        techniques="T1595 T1046 T1592",
        least=_CONCERNING,
    ),
    _Row(Signal.LEAKED_SECRET, techniques="T1003 T1552 T1555 T1558", least=_CONCERNING),
    _Row(Signal.DATA_EXPOSURE, groups="aws_macie", techniques="T1530 T1213", least=_CONCERNING),
    _Row(Signal.UNAVAILABILITY, techniques="T1498 T1499 T1489", least=_CONCERNING),
    _Row(Signal.SUSPICIOUS_LOGIN, techniques="T1078", least=LOWEST_GRAVE_LEVEL),
    _Row(
        Signal.OPERATIONS,
        groups="low_diskspace service_availability service_start system_error agent_flooding sca time_changed",
    ),
    # A line of a firewall that did its work is no incident.
    _Row(Signal.ROUTINE, groups="firewall firewall_drop", most=LOWEST_GRAVE_LEVEL - 1),
)
# Rules 40112 and its like are of the groups of failures: it is the success at the end that matters.
_SUCCEEDED = re.compile(r"fail\w*.{0,60}followed by (?:a )?success", re.IGNORECASE)
_WEB_GROUPS = frozenset({"web", "appsec", "accesslog"})
_ATTACK_GROUPS = frozenset({"attack", "attacks"})
_REFUSED_REQUEST = re.compile(r"\b40[0-9] error|\b400 error code|suspicious url|forbidden", re.IGNORECASE)


def signal_of_rule(rule: RuleFacts) -> Signal:
    """What the rule reports: groups and techniques first, then the level, then the words of its description."""
    if rule.level == 0:
        return Signal.ROUTINE
    if _SUCCEEDED.search(rule.description):
        return Signal.SUSPICIOUS_LOGIN
    by_row = next((row.signal for row in _ROWS if row.fits(rule)), None)
    if by_row is not None:
        return by_row
    if rule.is_routine:
        return Signal.ROUTINE
    if rule.groups & _WEB_GROUPS and rule.groups & _ATTACK_GROUPS:
        # Requests that the server refused are of the group attack as well: somebody is looking for a way in.
        return Signal.SCAN if _REFUSED_REQUEST.search(rule.description) else Signal.WEB_EXPLOIT
    return signal_of_words(rule.description) or Signal.ANOMALY


def severity_of_level(level: int | None) -> Severity:
    """Levels 0 to 16 as five steps; UNKNOWN where there is none."""
    if level is None or level < 0:
        return Severity.UNKNOWN
    steps = ((3, Severity.INFO), (6, Severity.LOW), (9, Severity.MEDIUM), (12, Severity.HIGH))
    return next((severity for most, severity in steps if level <= most), Severity.CRITICAL)
