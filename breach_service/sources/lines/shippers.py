"""Objects in which shippers post lines of text: which member holds the line, and what stands beside it.

syslog-ng (`format-json`), rsyslog (`omhttp` templates), Vector, Fluent Bit, Logstash, Filebeat, journald exports, GELF
and the HTTP event collector of Splunk, each with names of its own for host, program, severity and time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from breach_service.sources.lines.fields import words_in
from breach_service.sources.lines.syslog import SEVERITY_WORDS, SyslogLine, syslog_line
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record, decoded
from breach_service.sources.parts.reading import text_of

_LINES = words_in(
    "event.original full_message rawmsg raw_message _raw raw message msg log line short_message text"
    " syslog.message event"
)
_HOSTS = words_in(
    "log.syslog.hostname hostname host host.hostname host.name syslog_hostname _hostname fromhost source_host"
)
_PROGRAMS = words_in(
    "log.syslog.appname program programname appname app_name app-name ident syslog_identifier process.name"
)
_SEVERITIES = words_in(
    "log.syslog.severity.code log.syslog.severity.name syslogseverity syslogseverity-text syslog_severity severity"
    " severity_label priority level log.level"
)
_INSTANTS = words_in(
    "isodate timereported timestamp @timestamp __realtime_timestamp _source_realtime_timestamp time date s_isodate"
)
_BATCHES = ("records", "logs", "events", "entries", "lines", "messages", "data")
_NUMBER_OF_WORD = {word: number for number, word in enumerate(SEVERITY_WORDS)} | {
    "emergency": 0,
    "panic": 0,
    "critical": 2,
    "error": 3,
    "warn": 4,
    "informational": 6,
}
_DEEPEST = 3
_SMALLEST = 3
"""Members of an object that is little more than its line."""


@dataclass(frozen=True)
class ShippedLine:
    """One line, and what its envelope says of it."""

    text: str
    flat: Mapping[str, str] = field(default_factory=dict)
    """The envelope's members, nested ones by names with dots, in lower case."""


def flat_members(record: Record) -> dict[str, str]:
    """Every text, number and truth value of an object, by names in lower case with dots; the first of each name."""
    flat: dict[str, str] = {}
    _flatten("", record, flat, _DEEPEST)
    return flat


def _flatten(prefix: str, value: Any, flat: dict[str, str], depth: int) -> None:
    if isinstance(value, dict) and depth > 0:
        for name, inner in value.items():
            _flatten(f"{prefix}.{name}" if prefix else str(name), inner, flat, depth - 1)
        return
    text = text_of(value)
    if text and prefix and len(flat) < 1000:
        flat.setdefault(prefix.lower(), text)


def shipped_line(flat: Mapping[str, str]) -> ShippedLine | None:
    """The line that the members of an object carry; None where no member is one."""
    text = next((value for name in _LINES if (value := flat.get(name, "").strip())), "")
    return ShippedLine(text, flat) if text else None


def members_of_batch(record: Record) -> list[Any]:
    """The objects or lines of an object that only holds a list of them."""
    for name in _BATCHES:
        value = decoded(record.get(name))
        if isinstance(value, list) and value and all(isinstance(one, dict | str) for one in value):
            return value
    return []


def is_of_shipper(shipped: ShippedLine) -> bool:
    """True if the object is little more than the line, or says what only an envelope says of it."""
    flat = shipped.flat
    return len(flat) <= _SMALLEST or bool(_first(flat, _HOSTS + _PROGRAMS) or _severity_in(flat) is not None)


def line_of(shipped: ShippedLine, received_at: datetime) -> SyslogLine:
    """The line with its header; what the header leaves out is taken from the envelope."""
    line = syslog_line(_with_program(shipped), received_at)
    flat = shipped.flat
    if not flat:
        return line
    said_at = line.said_at or next((one for name in _INSTANTS if (one := instant_in(flat.get(name, "")))), None)
    return replace(
        line,
        severity=line.severity if line.severity is not None else _severity_in(flat),
        said_at=said_at,
        host=line.host or _host_in(flat),
        program=line.program or _first(flat, _PROGRAMS).partition("[")[0].rstrip(":"),
        message_id=line.message_id or _first(flat, ("msgid", "log.syslog.msgid")),
    )


def _host_in(flat: Mapping[str, str]) -> str:
    """The machine that wrote the line: Beats name their own, which is the same only for a file that they read."""
    is_relayed = "log.source.address" in flat and "log.file.path" not in flat
    if not is_relayed:
        return _first(flat, _HOSTS)
    relayed_from = flat["log.source.address"]
    sender = relayed_from.rpartition(":")[0] if relayed_from.count(":") == 1 else relayed_from
    return _first(flat, ("log.syslog.hostname", "observer.hostname", "observer.name")) or sender


def _with_program(shipped: ShippedLine) -> str:
    """A parser of RFC 3164 takes `CEF:` and `%ASA-6-302013:` for the name of a program: it is put back."""
    program = _first(shipped.flat, _PROGRAMS).rstrip(":")
    text = shipped.text.lstrip()
    if program in ("CEF", "LEEF") and text[:1].isdigit():
        return f"{program}:{text}"
    return f"{program}: {text}" if program.startswith("%") and not text.startswith("%") else text


def _first(flat: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((value for name in names if (value := flat.get(name, "").strip()) and value != "-"), "")


def _severity_in(flat: Mapping[str, str]) -> int | None:
    for name in _SEVERITIES:
        word = flat.get(name, "").strip().lower()
        if word.isdecimal() and len(word) < 4:
            return int(word) & 7
        if word in _NUMBER_OF_WORD:
            return _NUMBER_OF_WORD[word]
    return None
