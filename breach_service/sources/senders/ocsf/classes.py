"""The classes of OCSF, and what an event of one reports.

https://schema.ocsf.io/classes; the types of findings are those that Amazon GuardDuty and Security Hub put in.
"""

import re
from collections.abc import Mapping

from breach_service.domain.alert import Signal
from breach_service.sources.parts.attack_techniques import signal_of_attack
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.reading import record_at, records_at, text_at, texts_at, whole_number_at
from breach_service.sources.parts.words import signal_of_words

FINDINGS = range(2000, 3000)
COMPLIANCE, INCIDENT = 2003, 2005
_AUTHENTICATION = 3002
_GRAVE = 3
_FAILURE = 2
_CLASSES: Mapping[int, str] = {
    1001: "File System Activity",
    1007: "Process Activity",
    2001: "Security Finding",
    2002: "Vulnerability Finding",
    2003: "Compliance Finding",
    2004: "Detection Finding",
    2005: "Incident Finding",
    2006: "Data Security Finding",
    2007: "Application Security Posture Finding",
    3001: "Account Change",
    3002: "Authentication",
    3005: "User Access Management",
    4001: "Network Activity",
    4002: "HTTP Activity",
    4003: "DNS Activity",
    6003: "API Activity",
}
"""Names of classes, https://schema.ocsf.io/classes."""
_SIGNAL_OF_CLASS: Mapping[int, Signal] = {2002: Signal.VULNERABILITY, 2006: Signal.DATA_EXPOSURE}
_PURPOSES: Mapping[str, Signal] = {
    "cryptocurrency": Signal.MALWARE,
    "backdoor": Signal.MALWARE,
    "trojan": Signal.MALWARE,
    "execution": Signal.MALWARE,
    "exfiltration": Signal.EXFILTRATION,
    "recon": Signal.SCAN,
    "discovery": Signal.SCAN,
    "privilegeescalation": Signal.PRIVILEGE_CHANGE,
    "persistence": Signal.PRIVILEGE_CHANGE,
    "credentialaccess": Signal.SUSPICIOUS_LOGIN,
    "initialaccess": Signal.SUSPICIOUS_LOGIN,
    "unauthorizedaccess": Signal.SUSPICIOUS_LOGIN,
    "defenseevasion": Signal.INTEGRITY_CHANGE,
    "stealth": Signal.INTEGRITY_CHANGE,
    "policy": Signal.PRIVILEGE_CHANGE,
    "policy:s3": Signal.DATA_EXPOSURE,
}
"""What stands before the colon in the types of GuardDuty, which Security Lake keeps."""
_SERVICE_ENDS = re.compile(r"[/-]")


def class_of(event: Record) -> str:
    """The name of its class, which is optional where the number is not."""
    return _CLASSES.get(whole_number_at(event, "class_uid") or 0, "")


def signal_of_event(event: Record, info: Record, title: str) -> Signal:
    """By its class where that says it, by its words, by its techniques and types; other activities are ROUTINE."""
    class_uid = whole_number_at(event, "class_uid") or 0
    types = " ".join(texts_at(info, "types"))
    if class_uid in _SIGNAL_OF_CLASS:
        return _SIGNAL_OF_CLASS[class_uid]
    if class_uid == _AUTHENTICATION:
        return _signal_of_authentication(event)
    if class_uid not in FINDINGS and not text_at(event, "finding_info", "uid"):
        return Signal.ROUTINE
    if records_at(event, "malware"):
        return Signal.MALWARE
    by_words = signal_of_words(title, types)
    if by_words is not None and by_words is not Signal.OPERATIONS:
        return by_words
    return (
        _signal_of_types(event, info)
        or by_words
        or (Signal.VULNERABILITY if class_uid == COMPLIANCE else Signal.ANOMALY)
    )


def _signal_of_authentication(event: Record) -> Signal:
    """A single log-in, good or bad, is routine; one that the sender finds grave is not."""
    is_grave = (whole_number_at(event, "severity_id") or 0) >= _GRAVE
    if not is_grave:
        return Signal.ROUTINE
    return Signal.BRUTE_FORCE if whole_number_at(event, "status_id") == _FAILURE else Signal.SUSPICIOUS_LOGIN


def _signal_of_types(event: Record, info: Record) -> Signal | None:
    """What the techniques tell, else the types of the product."""
    attacks = (*records_at(info, "attacks"), *records_at(event, "attacks"))
    named = [one for attack in attacks for one in _tactics_of(attack)]
    tags = [text_at(one, key) for one in named for key in ("uid", "name")]
    purposes = (part for kind in texts_at(info, "types") for part in _purposes_in(kind))
    return signal_of_attack(tags) or next((_PURPOSES[one] for one in purposes if one in _PURPOSES), None)


def _purposes_in(kind: str) -> tuple[str, str]:
    """What `Policy:S3/BucketPublic` is of, with its service and without; Security Hub writes `TTPs/…/` before it."""
    head, _, rest = kind.lower().partition(":")
    purpose = head.rpartition("/")[2]
    return f"{purpose}:{_SERVICE_ENDS.split(rest)[0]}", purpose


def _tactics_of(attack: Record) -> tuple[Record, ...]:
    single = (record_at(attack, key) for key in ("technique", "sub_technique", "tactic"))
    return (*single, *records_at(attack, "tactics"))
