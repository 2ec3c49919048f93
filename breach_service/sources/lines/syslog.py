"""One line of syslog: what its header says, and the message without it.

RFC 5424 (with structured data), RFC 3164 and what devices make of it: without the priority, with a year or a zone,
with the ISO time of rsyslog, behind the octet count of RFC 6587, behind Cisco's sequence number.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from breach_service.sources.lines.key_values import unquoted
from breach_service.sources.parts.written_dates import written_instant

LINE_LIMIT = 64 * 1024
"""Characters read of one line; the rest can say nothing that a person would still look at."""
SEVERITY_WORDS = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
"""RFC 5424 section 6.2.1, by number: 0 is the worst."""

_COUNT = re.compile(r"\d{1,7} (?=<\d)", re.ASCII)
_PRIORITY = re.compile(r"<(\d{1,3})>", re.ASCII)
_RFC5424 = re.compile(
    r"\d{1,2} (\d{4}-\d\d-\d\dT\S{1,40}|-) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,128}) ?", re.ASCII
)
_ELEMENT = re.compile(r'\[([^ \]="]{1,64})((?: [^ =\]"]{1,64}="(?:[^"\\]|\\.)*")*) ?\]', re.DOTALL)
_PARAMETER = re.compile(r' ([^ =\]"]{1,64})="((?:[^"\\]|\\.)*)"', re.DOTALL)
_SEQUENCE = re.compile(r":? ?\d{1,10}: (?=[*.]?(?:[A-Z][a-z]{2} |\w{1,64}: ?[*.]?[A-Z][a-z]{2} |%))", re.ASCII)
_STAMP = re.compile(
    r":?[*.]?("
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
    r"|(?:\d{4} )?[A-Z][a-z]{2} {1,2}\d{1,2}(?: \d{4})? \d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: \d{4}(?= |: |$))?"
    r"(?: (?:UTC|GMT|Z|CES?T|WES?T|EES?T|MES?T|[EP][SD]T|[+-]\d\d:?\d\d)(?=[ :]))?"
    r")(?:: ?| +|$)",
    re.ASCII,
)
_HOST = re.compile(r"([\w.:\-/]{1,255}?)(?: +|:? : (?=%)|: (?=%))", re.ASCII)
# Cisco writes the zone before the code: `12:34:53.105 CST: %SYS-5-CONFIG_I`; not every name means one zone.
_ZONE_NAME = re.compile(r"[A-Z]{2,3}T|MSK", re.ASCII)
_TAG = re.compile(r"([A-Za-z_][^\s:\[\]={}%<>\"',|]{0,63})(?: ?\[([^\]\s]{0,32})\])?:(?: |$|(?=\S))", re.ASCII)
_TAG_WITH_NUMBER = re.compile(r"[A-Za-z_][\w./()-]{0,63} {0,8}\[\d{1,10}\]:", re.ASCII)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NO_PROGRAMS = frozenset(
    [
        "error",
        "fatal",
        "warning",
        "warn",
        "info",
        "notice",
        "debug",
        "critical",
        "failed",
        "failure",
        "date",
        "time",
        "msg",
    ]
)
_KNOWN_PROGRAMS = frozenset(
    [
        "kernel",
        "sudo",
        "su",
        "sshd",
        "filterlog",
        "snort",
        "suricata",
        "fail2ban",
        "login",
        "cron",
        "systemd",
        "useradd",
        "usermod",
        "charon",
        "openvpn",
    ]
)
_FORMATS = ("CEF:", "LEEF:", "http:", "https:", "id:")


@dataclass(frozen=True)
class SyslogLine:
    """What one line says, and what its header says of it."""

    message: str
    """Without the header, and without white space around it."""
    severity: int | None = None
    """0 to 7, 0 the worst; None without a priority."""
    said_at: datetime | None = None
    """UTC; None where the header gives no instant, or one without a zone."""
    host: str = ""
    """The machine or device that wrote it."""
    program: str = ""
    message_id: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    """Structured data, by name of the parameter."""

    @property
    def severity_word(self) -> str:
        """The word of RFC 5424 for its severity; empty where it says none."""
        return SEVERITY_WORDS[self.severity] if self.severity is not None else ""


def syslog_line(text: str, received_at: datetime) -> SyslogLine:
    """A line as its header and its message. A line without any header is all message. Never raises."""
    rest = text[:LINE_LIMIT].strip("\ufeff \t\r\n\x00")
    count = _COUNT.match(rest)
    rest = rest[count.end() :] if count else rest
    priority = _PRIORITY.match(rest)
    severity = None
    if priority is not None:
        rest, severity = rest[priority.end() :], int(priority[1]) & 7 if int(priority[1]) <= 191 else None
    modern = _RFC5424.match(rest)
    if modern is not None:
        return _modern(rest, modern, severity, received_at)
    return _old(rest.lstrip(), severity, received_at)


def _modern(rest: str, header: re.Match[str], severity: int | None, received_at: datetime) -> SyslogLine:
    stamp, host, program, _, message_id = header.groups()
    data, message = _structured_data(rest[header.end() :])
    return SyslogLine(
        message=message.strip("\ufeff \t\r\n"),
        severity=severity,
        said_at=written_instant(stamp, received_at),
        host=_or_nothing(host),
        program=_or_nothing(program),
        message_id=_or_nothing(message_id),
        data=data,
    )


def _structured_data(text: str) -> tuple[dict[str, str], str]:
    """The parameters of all elements, the first of each name; and what follows them."""
    if not text.startswith("["):
        return {}, text[1:] if text.startswith("- ") or text == "-" else text
    data: dict[str, str] = {}
    position = 0
    while (element := _ELEMENT.match(text, position)) is not None:
        for name, value in _PARAMETER.findall(element[2]):
            data.setdefault(name, unquoted(value))
        position = element.end()
    return (data, text[position:]) if data else ({}, text[position:] or text)


def _old(rest: str, severity: int | None, received_at: datetime) -> SyslogLine:
    sequence = _SEQUENCE.match(rest)
    rest = rest[sequence.end() :] if sequence else rest
    host, said_at = "", None
    named = _HOST.match(rest)
    if named is not None and _STAMP.match(rest) is None and (stamp := _STAMP.match(rest, named.end())) is not None:
        # Cisco with `logging origin-id hostname` writes the name before the time.
        host, rest = named[1].rstrip(":"), rest[named.end() :]
    stamp = _STAMP.match(rest)
    if stamp is not None:
        said_at, rest = written_instant(stamp[1], received_at), rest[stamp.end() :]
        if not host:
            host, rest = _host_and_rest(rest)
    program, rest = _program_and_rest(rest, has_header=stamp is not None or severity is not None)
    return SyslogLine(message=rest.lstrip(": ").strip(), severity=severity, said_at=said_at, host=host, program=program)


def _host_and_rest(rest: str) -> tuple[str, str]:
    named = _HOST.match(rest)
    if (
        named is None
        or named[1].endswith(":")
        or named[1].startswith("fail2ban.")
        or named[1].startswith(_FORMATS)
        or _TAG_WITH_NUMBER.match(rest)
    ):
        return "", rest
    is_zone = _ZONE_NAME.fullmatch(named[1]) is not None and rest[named.end() :].startswith("%")
    return (
        ("", rest[named.end() :] if is_zone else rest)
        if named[1].isdigit() or is_zone
        else (named[1], rest[named.end() :])
    )


def _program_and_rest(rest: str, *, has_header: bool) -> tuple[str, str]:
    tag = _TAG.match(rest)
    if tag is None or rest.startswith(_FORMATS) or tag[1].lower() in _NO_PROGRAMS:
        return "", rest
    if not has_header and tag[2] is None and tag[1].lower() not in _KNOWN_PROGRAMS:
        return "", rest
    # `10:Failed` has no blank after the colon only where a program glues its message to its name.
    return tag[1], rest[tag.end() :]


def _or_nothing(text: str) -> str:
    return "" if text == "-" else text
