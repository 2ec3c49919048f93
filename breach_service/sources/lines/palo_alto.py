"""Palo Alto Networks PAN-OS: log entries as comma-separated values, their columns by type.

https://docs.paloaltonetworks.com/pan-os (syslog field descriptions). The time of generation is local and without a
zone; since PAN-OS 10 a high-resolution one with its zone stands further back.
"""

import csv
import re

from breach_service.domain.alert import Entity, EntityKind, EntityRole, Severity, Signal
from breach_service.sources.lines.fields import (
    Fields,
    connection_of,
    first_of,
    origin_in,
    sides_in,
    things_in,
    user_in_sentence,
    words_in,
)
from breach_service.sources.lines.log_event import LogEvent, masked, user_of
from breach_service.sources.lines.signals import is_failed_log_in, signal_of_attack, signal_of_message
from breach_service.sources.parts.entities import entities_of, entity
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.intrusion import Sides
from breach_service.sources.parts.severities import severity_of_word

_KINDS = "TRAFFIC|THREAT|SYSTEM|CONFIG|GLOBALPROTECT|AUTH|USERID|HIP-?MATCH|CORRELATION|DECRYPTION|SCTP|IPTAG"
_START = re.compile(rf"\d{{0,3}},[^,]{{0,40}},[\w-]{{0,30}},(?:{_KINDS}),", re.ASCII)
_ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
# Spyware found in the answer to a question about a name; a file has its path or one of few endings.
_NAME = re.compile(r"(?:[\w-]{1,63}\.){1,10}(?!exe$|dll$|js$|pdf$|zip$|php$|html?$)[A-Za-z]{2,24}\.?", re.ASCII)
_NUMBERED = re.compile(r"(.*)\((\d{1,12})\)\s*", re.DOTALL)
_FLOW = words_in(
    "srcip dstip natsrc natdst rule srcuser dstuser app vsys from to inbound_if outbound_if logset future_1 sessionid"
    " repeat srcport dstport natsport natdport flags proto action"
)
_COLUMNS = {
    "TRAFFIC": _FLOW,
    "THREAT": (*_FLOW, *words_in("misc threat category severity direction"), *("",) * 7, "filedigest"),
    "DECRYPTION": _FLOW,
    "USERID": words_in("vsys srcip user datasource eventid"),
    "SYSTEM": words_in("vsys eventid object f1 f2 module severity msg seqno flags d1 d2 d3 d4 vsys_name device"),
    "CONFIG": words_in("srcip vsys cmd user client result msg"),
    "GLOBALPROTECT": words_in(
        "vsys eventid stage auth_method tunnel_type user region machine srcip srcip6 private_ip private_ip6 hostid"
        " serial client_ver client_os client_os_ver repeat reason error msg status location duration method code portal"
    ),
    "AUTH": words_in("vsys srcip user normalized object policy repeat authid vendor logset profile msg client event"),
}
_DEVICE_COLUMN = {"TRAFFIC": 52, "THREAT": 59}
_MALWARE = frozenset({"virus", "spyware", "wildfire-virus", "ml-virus", "dns-security", "wildfire"})
_ERROR = 3
"""Severity of syslog."""
_BAD_PAGES = ("malware", "command-and-control", "ransomware", "phishing", "hacking", "grayware")
_LABELS = words_in("type subtype rule action category vsys eventid module cmd result portal app from to")


def is_of_palo_alto(text: str) -> bool:
    """True for a line that begins as one of PAN-OS."""
    return _START.match(text) is not None


def fields_of_palo_alto(text: str) -> Fields:
    """The columns by name; those that matter, of the types that matter."""
    try:
        columns = [one.strip() for one in next(csv.reader([text]), [])]
    except csv.Error:
        columns = text.split(",")
    kind = columns[3] if len(columns) > 3 else ""
    fields = {"type": kind, "subtype": columns[4] if len(columns) > 4 else "", "serial": (columns + [""] * 3)[2]}
    fields |= {name: value for name, value in zip(_COLUMNS.get(kind, ()), columns[7:], strict=False) if name and value}
    place = _DEVICE_COLUMN.get(kind)
    if place is not None and len(columns) > place:
        fields["device"] = columns[place]
    zoned = next((one for one in columns[7:] if _ZONED.fullmatch(one)), "")
    return fields | ({"timestamp": zoned} if zoned else {})


def event_of_palo_alto(fields: Fields) -> LogEvent:
    """The event of one log entry, whose members may also have come as JSON or as CEF under the same names."""
    kind, signal = fields.get("type", "").upper(), signal_of_palo_alto(fields)
    name, number = _threat_of(fields)
    failed = signal is Signal.BRUTE_FORCE and kind != "THREAT"
    is_own = kind in ("SYSTEM", "CONFIG", "GLOBALPROTECT", "AUTH")
    word = first_of(fields, ("severity", "vendorseverity"))
    hashes = [fields.get("filedigest", "")]
    return LogEvent(
        title=_title_of(fields, kind, name),
        signal=signal,
        identity=(
            "palo alto",
            kind,
            number or name or fields.get("eventid", ""),
            fields.get("rule", "") if kind == "TRAFFIC" else "",
            masked(fields.get("msg", "")) if is_own and not failed else "",
            "" if failed else fields.get("user", ""),
        ),
        sides=_sides_of(fields, is_own=is_own),
        severity=severity_of_word(word) if word else Severity.UNKNOWN,
        vendor_severity=word,
        occurred_at=instant_in(fields.get("timestamp", "")),
        entities=(
            user_of(_user_of(fields), EntityRole.TARGET if failed else EntityRole.ACTOR if kind == "CONFIG" else None),
            *entities_of(EntityKind.FILE_HASH, hashes),
            *(_object_of(fields) if kind == "THREAT" else ()),
            *(things_in(fields) if kind == "THREAT" and signal is not Signal.ROUTINE else ()),
            entity(EntityKind.HOST, fields.get("machine", ""), EntityRole.INVOLVED),
        ),
        labels={one: fields[one] for one in _LABELS if fields.get(one)},
        vendor_reference=number or fields.get("eventid", ""),
        device=fields.get("device", ""),
        is_of_device=is_own,
    )


def _sides_of(fields: Fields, *, is_own: bool) -> Sides:
    sides = sides_in(fields)
    if sides.other or not is_own:
        return sides
    return Sides(sides.own, origin_in(fields.get("msg", "")))


def _user_of(fields: Fields) -> str:
    named = first_of(fields, ("srcuser", "user", "suser", "sourceuser", "sourceusername", "dstuser", "duser"))
    if named:
        # The proxy chain stands in the column of the user where no user is known.
        return "" if named.startswith("x-fwd-for") else named
    return user_in_sentence(fields.get("msg", "")) if fields.get("type") in ("SYSTEM", "AUTH") else ""


def _threat_of(fields: Fields) -> tuple[str, str]:
    """Name and number of the threat, out of `Some Threat(30845)`."""
    written = first_of(fields, ("threat", "threatname", "threatid"))
    found = _NUMBERED.fullmatch(written)
    return (found[1].strip(), found[2]) if found else (written, first_of(fields, ("threatnumber",)))


def _object_of(fields: Fields) -> list[Entity]:
    """The one column that is a file, a page or a name that was looked up, by the subtype."""
    subtype, named = fields.get("subtype", ""), fields.get("misc", "")
    if subtype in ("url", "dns-security") or (subtype == "spyware" and _NAME.fullmatch(named)):
        return entities_of(EntityKind.DOMAIN, [named.partition("/")[0]])
    return entities_of(EntityKind.FILE, [named]) if subtype in _MALWARE else []


def _title_of(fields: Fields, kind: str, name: str) -> str:
    if kind == "THREAT":
        subtype, page = fields.get("subtype", ""), fields.get("misc", "")
        if subtype == "url" or not name:
            return f"{subtype.upper()} {fields.get('action', '')}: {page}".strip(": ")
        return f"{subtype}: {name}" if name.isdecimal() else name
    if kind in ("TRAFFIC", "DECRYPTION"):
        return connection_of(fields, fields.get("action", ""))
    if kind == "CONFIG":
        parts = (fields.get(one, "") for one in ("cmd", "msg", "result"))
        return " ".join(("Configuration:", *(one for one in parts if one)))
    if kind == "GLOBALPROTECT":
        said = " ".join(one for one in (fields.get(name, "") for name in ("eventid", "stage", "status")) if one)
        return ": ".join(one for one in (f"GlobalProtect {said}", first_of(fields, ("error", "msg", "reason"))) if one)
    return fields.get("msg", "") or " ".join(
        one for one in (kind, fields.get("subtype", ""), fields.get("eventid", "") or fields.get("event", "")) if one
    )


def signal_of_palo_alto(fields: Fields) -> Signal:
    """What a log entry reports, by type and subtype."""
    kind, subtype = fields.get("type", "").upper(), fields.get("subtype", "").lower()
    name, category = _threat_of(fields)[0], fields.get("category", "").lower()
    words = " ".join(fields.get(one, "") for one in ("eventid", "msg", "error", "event"))
    match kind:
        case "THREAT":
            return _signal_of_threat(subtype, name, category)
        case "CORRELATION":
            return Signal.MALWARE
        case "SYSTEM" | "AUTH":
            if "auth-fail" in words or is_failed_log_in(words):
                return Signal.BRUTE_FORCE
            if "auth-success" in words:
                return Signal.OPERATIONS if "admin" in words.lower() else Signal.ROUTINE
            return _signal_of_system(words, first_of(fields, ("severity", "vendorseverity")).lower())
        case "CONFIG":
            return Signal.PRIVILEGE_CHANGE if "mgt-config users" in words else Signal.OPERATIONS
        case "GLOBALPROTECT":
            failed = fields.get("status", "").lower().startswith("fail")
            stage = fields.get("stage", "").lower()
            if failed and (stage == "login" or "auth" in fields.get("eventid", "")):
                return Signal.BRUTE_FORCE
            return Signal.OPERATIONS if stage in ("login", "connected") else Signal.ROUTINE
        case _:
            return Signal.ROUTINE


def _signal_of_system(words: str, severity: str) -> Signal:
    found = signal_of_message(words, _ERROR if severity in ("high", "critical") else None)
    if found is Signal.OPERATIONS and severity == "informational" and "logged in" not in words:
        return Signal.ROUTINE
    return Signal.OPERATIONS if found is Signal.SUSPICIOUS_LOGIN else found


def _signal_of_threat(subtype: str, name: str, category: str) -> Signal:
    if subtype == "scan":
        return Signal.SCAN
    if subtype == "flood":
        return Signal.UNAVAILABILITY
    if subtype == "url":
        bad = next((page for page in _BAD_PAGES if page in category), "")
        return Signal.MALWARE if bad in _BAD_PAGES[:3] and bad else Signal.ANOMALY if bad else Signal.ROUTINE
    if subtype == "wildfire" and category in ("benign", "grayware"):
        return Signal.ROUTINE
    if subtype in _MALWARE:
        return Signal.MALWARE
    if subtype in ("data", "dlp"):
        return Signal.DATA_EXPOSURE
    return Signal.ROUTINE if subtype in ("file", "packet") else signal_of_attack(name, category)
