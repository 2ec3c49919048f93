"""Cisco ASA, Firepower (FTD) and IOS: `%ASA-4-106023: Deny tcp …`, the number saying what it is.

https://www.cisco.com/c/en/us/td/docs/security/asa/syslog (message by number; the digit before is the severity of
syslog); Firepower writes intrusions (430001) and files (430004, 430005) as `Name: value` pairs.
"""

import re

from breach_service.domain.alert import EntityKind, EntityRole, Severity, Signal
from breach_service.sources.lines.fields import lowered, sides_between
from breach_service.sources.lines.log_event import LogEvent, masked, severity_of_syslog, user_of
from breach_service.sources.lines.signals import is_failed_log_in, signal_of_attack, signal_of_message
from breach_service.sources.parts.entities import address_of, entities_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.intrusion import Sides, signal_of_signature
from breach_service.sources.parts.severities import severity_of_word

_START = re.compile(
    r"%(?P<family>[A-Z][A-Z0-9_]{1,30})(?:-[A-Za-z][\w-]{0,40}?)??-(?:[A-Za-z]\w{0,30}-)?(?P<level>[0-7])"
    r"-(?P<id>[A-Z0-9_]{2,40}):? ?",
    re.ASCII,
)
_PAIR = re.compile(r"(?:^|, )([A-Za-z_][\w ]{0,40}): ", re.ASCII)
_END = r"([^\s,<>\[\]]{0,60}\d[^\s,<>\[\]]{0,60})"
_SOURCE = re.compile(
    r"\b(?:src|from|for|client|faddr|remote|source|host|ip address|user ip|remote ip|ip|laddr|peer)\b[ :=<\[]{0,4}"
    + _END,
    re.ASCII | re.IGNORECASE,
)
_DESTINATION = re.compile(r"(?:\b(?:dst|to|gaddr)\b|->)[ :=<]{1,3}" + _END, re.ASCII)
_ARROW = re.compile(_END + r" -> ", re.ASCII)
# `by admin on vty0 (192.0.2.7)`, `as admin on vty0 (…)`, `User admin has exited tty session 2(…)`
_ON_LINE = re.compile(r"\b(?:vty|tty)\w{0,3}(?: session)? ?\d{0,3} ?\(" + _END + r"\)", re.ASCII | re.IGNORECASE)
_DOER = re.compile(r"\b(?:by|as) (\w[\w.@\\-]{0,120}) on (?:vty|tty|console)", re.ASCII | re.IGNORECASE)
_USER = re.compile(
    r"\b(?:(?:user(?:name)?|uname) ?(?:=|:|<|'|\")|(?:for|client) user) ?['\"<\[]?(\w[^\s'\">,\]:]{0,120})",
    re.ASCII | re.IGNORECASE,
)
_ENDINGS = re.compile(r"[/(]")
_NOBODY = frozenset({"no authentication required", "not found", "unknown", ""})
_NO_USERS = frozenset({"no", "not", "unknown", "enable"})


def _numbers(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FAILED = _numbers(
    "109006 109017 113005 113006 113015 113016 113021 308001 315004 605004 611102 713198 716039 751011 722056"
)
_LOG_INS = _numbers("605005 611101 113039 716001 716038 722022 722051 734001 113012 113008 111008 111010 502103 315011")
_CONFIGURATION = _numbers("111001 111002 111003 111004 111005 111007 112001 SYS_CONFIG_I CONFIG_I")
_ACCOUNTS = _numbers("502101 502102 502111 502112")
_MALICIOUS = _numbers("338001 338002 338003 338004 338005 338006 338007 338008 338201 338202 338203 338204 430005")
_SCANNING = _numbers("733101 733102 733103 400023 400024 400025")
_BY_NUMBER = (
    (Signal.BRUTE_FORCE, _FAILED),
    (Signal.PRIVILEGE_CHANGE, _ACCOUNTS),
    (Signal.MALWARE, _MALICIOUS),
    (Signal.SCAN, _SCANNING),
    (Signal.OPERATIONS, _LOG_INS | _CONFIGURATION),
)
_DROPPED = (
    "106",
    "302",
    "305",
    "313",
    "710",
    "609",
    "410",
    "419",
    "500",
    "507",
    "202",
    "304",
    "725",
    "750",
    "716",
    "722",
)
_SESSIONS = ("713", "716", "722", "750", "751")
_OWN = ("101", "102", "103", "104", "105", "199", "211", "212", "315", "321", "605", "611", "111", "113", "502", "709")
_INTRUSION, _MALWARE_FILE, _FILE, _FLOWS = "430001", "430005", "430004", ("430002", "430003")
_WORST_OF_RESTRAINT = 4


def is_of_cisco(text: str) -> bool:
    """True for a message that begins with the code of Cisco."""
    return text.startswith("%") and _START.match(text) is not None


def event_of_cisco(text: str) -> LogEvent | None:
    """The event of one message; None where it does not begin with the code."""
    code = _START.match(text)
    if code is None:
        return None
    number, level, words = code["id"], int(code["level"]), text[code.end() :].strip()
    if number in (_INTRUSION, _MALWARE_FILE, _FILE, *_FLOWS):
        return _event_of_firepower(code, words)
    signal = _signal_of(number, level, words)
    failed = signal is Signal.BRUTE_FORCE
    sides, user = _sides_of(words), _user_of(words)
    return LogEvent(
        title=words or code[0].rstrip(": "),
        signal=signal,
        # Refusals are one problem whatever number says them, of one other side.
        identity=("cisco", "refused" if failed else number, "" if failed and sides.other else masked(words)),
        sides=sides,
        severity=severity_of_syslog(level),
        vendor_severity=code["level"],
        entities=(user_of(user, EntityRole.TARGET if failed else None) if user else None,),
        labels={"cisco_id": _reference(code)},
        vendor_reference=_reference(code),
        is_of_device=number.startswith(_OWN) or (not number.isdigit() and not sides.own),
    )


def _reference(code: re.Match[str]) -> str:
    return code[0].rstrip(": ")


def _signal_of(number: str, level: int, words: str) -> Signal:
    by_number = next((signal for signal, numbers in _BY_NUMBER if number in numbers), None)
    if by_number is not None:
        return by_number
    if number == "733100":
        # One number for every rate that was exceeded; the text says of what.
        found = signal_of_attack(words)
        return found if found in (Signal.SCAN, Signal.UNAVAILABILITY) else Signal.ROUTINE
    if number.startswith("400"):
        found = signal_of_attack(words)
        return Signal.ROUTINE if found is Signal.ANOMALY else found
    if number.startswith(_SESSIONS) and is_failed_log_in(words):
        return Signal.BRUTE_FORCE
    if number.startswith(_DROPPED):
        return Signal.ROUTINE
    if not number.isdigit():
        return _signal_of_router(number, level, words)
    if level > _WORST_OF_RESTRAINT:
        return Signal.BRUTE_FORCE if is_failed_log_in(words) else Signal.ROUTINE
    found = signal_of_message(words, level)
    return Signal.OPERATIONS if found in (Signal.SUSPICIOUS_LOGIN, Signal.UNAVAILABILITY) else found


def _signal_of_router(number: str, level: int, words: str) -> Signal:
    if "LOGIN_FAILED" in number or "LOGIN_AUTHEN_FAIL" in number or "BADAUTH" in number or "QUIET_MODE_ON" in number:
        return Signal.BRUTE_FORCE
    if number.startswith(("IPACCESSLOG", "ACCESSLOG")):
        return Signal.ROUTINE
    if number.startswith(("CONFIG", "LOGIN", "UPDOWN", "ADJCHANGE", "RESTART", "LOGOUT")):
        return Signal.OPERATIONS
    if "VIOLATION" in number:
        return Signal.ANOMALY
    found = signal_of_message(words, level)
    if level > _WORST_OF_RESTRAINT and found is not Signal.BRUTE_FORCE:
        return Signal.ROUTINE if found is Signal.ROUTINE else Signal.OPERATIONS
    return Signal.OPERATIONS if found is Signal.SUSPICIOUS_LOGIN else found


def _sides_of(words: str) -> Sides:
    read = words[:2000]
    marks = (_ARROW, _SOURCE) if " -> " in read else (_SOURCE, _ON_LINE)
    sources = [one for mark in marks for found in mark.finditer(read) if (one := _address_in(found[1]))]
    destinations = [one for found in _DESTINATION.finditer(read) if (one := _address_in(found[1]))]
    return sides_between(sources[0] if sources else "", destinations[0] if destinations else "")


def _address_in(token: str) -> str:
    """The address of `outside:203.0.113.9/443`, of `outside/203.0.113.9(443)` or of a bare one."""
    for part in _ENDINGS.split(token)[:3]:
        bare = part.rstrip(".:;'\"")
        found = address_of(bare) or address_of(bare.partition(":")[2])
        if found is not None:
            return found
    return ""


def _user_of(words: str) -> str:
    for found in (*_DOER.finditer(words[:2000]), *_USER.finditer(words[:2000])):
        if found[1].lower() not in _NO_USERS and address_of(found[1]) is None:
            return found[1]
    return ""


def _event_of_firepower(code: re.Match[str], words: str) -> LogEvent:
    names = list(_PAIR.finditer(words))
    ends = [*(one.start() for one in names[1:]), len(words)][: len(names)]
    said = {found[1]: words[found.end() : end].strip() for found, end in zip(names, ends, strict=True)}
    fields = lowered(said)
    message, threat = fields.get("message", "").strip('"'), fields.get("threatname", "")
    if code["id"] == _INTRUSION:
        signal = signal_of_signature(message, fields.get("classification", ""))
        title, number = message, f"{fields.get('gid', '1')}:{fields.get('sid', '')}"
    elif threat or fields.get("sha_disposition", "").lower() == "malware":
        signal, number = Signal.MALWARE, threat or fields.get("filesha256", "")
        title = ": ".join(one for one in ("Malware", threat or fields.get("filename", "")) if one)
    else:
        deed = fields.get("accesscontrolruleaction", "") or fields.get("fileaction", "")
        signal, number, title = Signal.ROUTINE, fields.get("accesscontrolrulename", ""), ""
        title = f"{deed}: {fields.get('srcip', '')} → {fields.get('dstip', '')}".strip(": ")
    priority = fields.get("priority", "") or fields.get("eventpriority", "")
    return LogEvent(
        title=title or words,
        signal=signal,
        identity=("cisco", code["id"], number),
        sides=sides_between(address_of(fields.get("srcip", "")) or "", address_of(fields.get("dstip", "")) or ""),
        severity=severity_of_syslog(int(code["level"])) if not priority else _of_priority(priority),
        vendor_severity=priority or code["level"],
        occurred_at=instant_in(fields.get("firstpacketsecond", "")),
        entities=(
            user_of(fields.get("user", "")) if fields.get("user", "").lower() not in _NOBODY else None,
            *entities_of(EntityKind.FILE, [fields.get("filename", "")]),
            *entities_of(EntityKind.FILE_HASH, [fields.get("filesha256", "")]),
        ),
        labels={"cisco_id": _reference(code), "action": fields.get("inlineresult", "")},
        vendor_reference=number,
    )


def _of_priority(word: str) -> Severity:
    """Priorities of intrusions are 1 (high) to 3, or words."""
    return {"1": Severity.HIGH, "2": Severity.MEDIUM, "3": Severity.LOW}.get(word) or severity_of_word(word)
