"""What the `gdpr` tags of a Wazuh rule let one ask, as facts of `playbooks/facts.yaml`.

Wazuh tags its rules with articles (`rule.gdpr`; documentation.wazuh.com, compliance/gdpr): II_5.1.f is integrity and
confidentiality, and stands on file integrity monitoring and on the audit of files; IV_35.7.d is the ability to detect
attacks, and stands on nearly every rule about one, those about password guessing that failed included; IV_30.1.g and
IV_32.2 stand on the logging of accounts. A tag says which duty a rule serves, not what happened: by itself it never
establishes a loss. Together with what the record shows it says what must be established.
"""

from collections.abc import Mapping

from breach_service.domain.alert import Signal
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import text_at, texts_at
from breach_service.sources.senders.wazuh.signals import LOWEST_GRAVE_LEVEL, RuleFacts

_INTEGRITY_AND_CONFIDENTIALITY = "II_5.1.F"
_ATTACK_DETECTION = "IV_35.7.D"
_TO_ESTABLISH = "unknown"
_YES = "yes"

_REACHED = frozenset(
    {
        Signal.EXFILTRATION,
        Signal.WEB_SHELL,
        Signal.MALWARE,
        Signal.DATA_EXPOSURE,
        Signal.SUSPICIOUS_LOGIN,
        Signal.PRIVILEGE_CHANGE,
        Signal.INTEGRITY_CHANGE,
    }
)
"""Of these something of ours was reached, if the rule is right; an attempt, however loud, may have failed."""
_ATTEMPTED = frozenset({Signal.WEB_EXPLOIT, Signal.LEAKED_SECRET, Signal.ANOMALY})
_READ_GROUPS = frozenset({"audit_watch_read", "audit_read", "file_read"})
_CHANGES: Mapping[str, str] = {
    # Erasure belongs to availability (facts.yaml); a file that was added altered no value that was there.
    "modified": "loss.integrity",
    "deleted": "loss.availability",
}


def facts_of_record(record: Record, rule: RuleFacts, signal: Signal) -> dict[str, str]:
    """The facts that the record speaks for, by name; empty where its tags add nothing to its signal."""
    tags = frozenset(tag.upper() for tag in texts_at(record, "rule", "gdpr"))
    facts: dict[str, str] = {}
    if _INTEGRITY_AND_CONFIDENTIALITY in tags:
        change = _CHANGES.get(text_at(record, "syscheck", "event").lower())
        if change is not None and signal is not Signal.ROUTINE:
            facts[change] = _TO_ESTABLISH
        if rule.groups & _READ_GROUPS:
            facts["loss.confidentiality"] = _TO_ESTABLISH
    if _ATTACK_DETECTION in tags and rule.level >= LOWEST_GRAVE_LEVEL:
        if signal in _REACHED:
            facts["incident.compromise_suspected"] = _YES
        elif signal in _ATTEMPTED:
            facts["incident.compromise_suspected"] = _TO_ESTABLISH
    return facts
