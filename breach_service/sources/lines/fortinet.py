"""FortiGate: log fields by type and subtype, whether they came as `name=value`, as CEF or as JSON of a stitch.

https://docs.fortinet.com/product/fortigate (FortiOS log message reference). `level` is the severity of the log entry,
`severity` that of the signature; where both stand, the second is about the problem.
"""

import re
from datetime import datetime

from breach_service.domain.alert import EntityKind, EntityRole, Severity, Signal
from breach_service.sources.lines.fields import (
    Fields,
    connection_of,
    first_of,
    instant_in_fields,
    labels_of_fields,
    origin_in,
    sides_in,
    things_in,
    user_in,
    words_in,
)
from breach_service.sources.lines.log_event import LogEvent, masked
from breach_service.sources.lines.signals import is_failed_log_in, signal_of_attack, signal_of_message
from breach_service.sources.parts.entities import address_of, entity
from breach_service.sources.parts.intrusion import Sides
from breach_service.sources.parts.severities import severity_of_word

_PREFIXES = ("ftntfgt", "fortinetfortigate")
_CEF_NAMES = (
    ("src", "srcip"),
    ("dst", "dstip"),
    ("spt", "srcport"),
    ("dpt", "dstport"),
    ("act", "action"),
    ("duser", "user"),
    ("fname", "filename"),
    ("request", "url"),
    ("outcome", "status"),
    ("virus", "virus"),
    ("reference", "ref"),
    ("sproc", "ui"),
    ("dvchost", "devname"),
)
_LABELS = words_in("devname devid logid type subtype level vd policyid policyname action service cfgpath vpntunnel")
_UI = re.compile(r"(?:\(|^)([0-9A-Fa-f.:]{3,64})(?:\)|$)", re.ASCII)
_ACCOUNT_PATHS = ("system.admin", "system.api-user", "system.accprofile", "system.sso-admin")
_INFECTED = frozenset({"infected", "outbreak-prevention", "malware-list", "ems-threat-feed", "command-blocked", ""})
_BAD_CATEGORIES = ("malicious", "malware", "botnet", "command and control", "spyware")
_BARE_ATTACKS = frozenset({"malicious-url", "botnet"})
"""Names of attacks that are those of a list; the message and the page say what it was."""
_OBJECTS = words_in("filename qname constraint hostname dhost url dlpextra")
_WORKING = frozenset({"app-ctrl", "ssl", "ssh", "emailfilter", "voip", "file-filter", "icap", "cifs", "gtp", "sctp"})
_SYSLOG_WORDS = {"emergency": 0, "alert": 1, "critical": 2, "error": 3, "warning": 4, "notice": 5, "information": 6}


def is_of_fortinet(fields: Fields) -> bool:
    """True for the members that only FortiGate and its siblings write together."""
    has_type = "type" in fields and ("subtype" in fields or "level" in fields)
    return has_type and any(name in fields for name in ("logid", "devid", "vd", "devname", "logdesc"))


def native_fields(fields: Fields) -> Fields:
    """The members of a CEF event under the names of FortiOS."""
    native = dict(fields)
    for name, value in fields.items():
        for prefix in _PREFIXES:
            if name.startswith(prefix):
                native[name.removeprefix(prefix)] = value
    for theirs, ours in _CEF_NAMES:
        native.setdefault(ours, fields.get(theirs, ""))
    if ":" in fields.get("cat", ""):
        kind, _, subtype = fields["cat"].partition(":")
        native.update(type=kind, subtype=native.get("subtype") or subtype)
    elif fields.get("cat"):
        native.setdefault("type", fields["cat"])
    return native


def event_of_fortinet(fields: Fields, received_at: datetime) -> LogEvent:
    """The event of one log entry."""
    signal, vendor_severity = _signal_of(fields), _severity_word(fields)
    is_own = fields.get("type", "") == "event"
    failed = signal is Signal.BRUTE_FORCE and is_own
    about = first_of(fields, ("attackid", "attack", "virus", "logid", "logdesc"))
    return LogEvent(
        title=_title_of(fields),
        signal=signal,
        identity=_identity_of(fields, about, is_own=is_own, failed=failed),
        sides=_sides_of(fields),
        severity=severity_of_word(vendor_severity),
        vendor_severity=vendor_severity,
        occurred_at=instant_in_fields(fields, received_at),
        entities=(
            user_in(fields, EntityRole.TARGET if failed else EntityRole.ACTOR if is_own else None),
            *(things_in(fields) if signal is not Signal.ROUTINE else ()),
            entity(EntityKind.DOMAIN, fields.get("botnetdomain", "")),
        ),
        labels=labels_of_fields(fields, _LABELS),
        vendor_reference=first_of(fields, ("attackid", "virusid", "logid")),
        link=fields.get("ref", ""),
        device=first_of(fields, ("devname", "devid", "deviceexternalid")),
        is_of_device=is_own,
    )


def _sides_of(fields: Fields) -> Sides:
    """The two ends; of a log-in the one that stands in `ui` or in the message, as in `https(203.0.113.9)`."""
    sides = sides_in(fields)
    if sides.other or fields.get("type") != "event":
        return sides
    found = _UI.search(fields.get("ui", "")[:200])
    return Sides(sides.own, (address_of(found[1]) if found else None) or origin_in(fields.get("msg", "")))


def _identity_of(fields: Fields, about: str, *, is_own: bool, failed: bool) -> tuple[str, ...]:
    rule = first_of(fields, ("policyid", "profile")) if not about or fields.get("type") == "traffic" else ""
    words = masked(fields.get("msg", "")) if is_own and not failed else ""
    user = "" if failed else first_of(fields, ("user",)) if is_own else ""
    return ("fortinet", fields.get("subtype", ""), about, rule, _deed(fields) if not about else "", words, user)


def _title_of(fields: Fields) -> str:
    message, described = fields.get("msg", "").strip(), fields.get("logdesc", "").strip()
    named = first_of(fields, ("attack", "virus", "botnetdomain", "threat"))
    if fields.get("type") == "traffic":
        return connection_of(fields, _deed(fields) or "traffic")
    if named.lower() in _BARE_ATTACKS:
        page = fields.get("hostname", "") or fields.get("url", "")
        return ": ".join(one for one in (message or named, page) if one)
    if named:
        if fields.get("subtype") == "virus" and message:
            return f"{message.rstrip('.')}: {named}" if named not in message else message
        return named
    if described and message and described.lower() not in message.lower():
        return f"{described}: {message}"
    parts = dict.fromkeys(fields.get(name, "") for name in ("type", "subtype", "eventtype", "action"))
    what = " ".join(one for one in parts if one)
    about = first_of(fields, _OBJECTS)
    return message or described or (f"{what}: {about}" if about else what)


def _deed(fields: Fields) -> str:
    return first_of(fields, ("action", "utmaction", "status"))


def _severity_word(fields: Fields) -> str:
    """The severity of the signature where it is one that means something, else the level of the log entry."""
    word = fields.get("severity", "")
    if severity_of_word(word) is not Severity.UNKNOWN:
        return word
    return first_of(fields, ("level", "deviceseverity")) or word


def _signal_of(fields: Fields) -> Signal:
    kind, subtype = fields.get("type", ""), fields.get("subtype", "")
    if kind in ("ips", "virus", "webfilter", "dns", "app-ctrl", "waf", "dlp", "attack"):
        # FortiOS before 5.6 wrote the kind of inspection as the type.
        kind, subtype = "utm", kind
    if kind == "utm" or kind.startswith("utm"):
        return _signal_of_inspection(fields, subtype)
    if kind == "anomaly":
        return _signal_of_anomaly(fields)
    if kind == "event":
        return _signal_of_system(fields, subtype)
    return Signal.ROUTINE


def _signal_of_inspection(fields: Fields, subtype: str) -> Signal:
    described = " ".join(fields.get(name, "") for name in ("catdesc", "appcat", "eventtype", "msg", "logdesc")).lower()
    if subtype in ("ips", "attack", "virtual-patch"):
        if fields.get("eventtype") in ("malicious-url", "botnet"):
            return Signal.MALWARE
        return signal_of_attack(fields.get("attack", ""), fields.get("msg", ""))
    if subtype == "virus":
        return Signal.MALWARE if fields.get("eventtype", "") in _INFECTED or fields.get("virus") else Signal.ROUTINE
    if subtype == "anomaly":
        return _signal_of_anomaly(fields)
    if subtype == "waf":
        return Signal.WEB_EXPLOIT
    if subtype == "dlp":
        return Signal.DATA_EXPOSURE
    if fields.get("botnetdomain") or fields.get("botnetip") or any(word in described for word in _BAD_CATEGORIES):
        return Signal.MALWARE
    return Signal.ANOMALY if "phishing" in described and subtype not in _WORKING else Signal.ROUTINE


def _signal_of_anomaly(fields: Fields) -> Signal:
    found = signal_of_attack(fields.get("attack", ""), fields.get("msg", ""))
    # What is left are thresholds of sessions (`tcp_src_session`), which one busy machine reaches.
    return Signal.ROUTINE if found is Signal.ANOMALY else found


def _signal_of_system(fields: Fields, subtype: str) -> Signal:
    action, described = fields.get("action", "").lower(), fields.get("logdesc", "")
    words = " ".join((described, fields.get("msg", "")))
    status = fields.get("status", "").lower()
    if fields.get("cfgpath", "").lower().startswith(_ACCOUNT_PATHS):
        return Signal.PRIVILEGE_CHANGE
    if "login-fail" in action or is_failed_log_in(words):
        return Signal.BRUTE_FORCE
    if action in ("login", "authentication", "fsso-logon", "auth-logon") and status.startswith(("fail", "deni")):
        return Signal.BRUTE_FORCE
    if action in ("logout", "auth-logout", "fsso-logoff", "ssl-new-con", "ssl-exit-fail", "ssl-alert"):
        return Signal.ROUTINE
    if action in ("login", "tunnel-up", "tunnel-down", "add", "edit", "delete") or fields.get("cfgpath"):
        return Signal.OPERATIONS
    if subtype == "user":
        return Signal.ROUTINE
    if subtype == "vpn":
        return Signal.OPERATIONS if status in ("failure", "negotiate_error") or "error" in action else Signal.ROUTINE
    found = signal_of_message(words, _SYSLOG_WORDS.get(fields.get("level", "").lower()))
    return Signal.OPERATIONS if found is Signal.SUSPICIOUS_LOGIN else found
