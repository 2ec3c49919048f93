"""What log-in programs of Linux write into auth.log: sshd, sudo, su, PAM, the tools for accounts, fail2ban, auditd.

Sentences are those of OpenSSH (auth.c, packet.c), sudo, shadow-utils, Linux-PAM and fail2ban (actions.py).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from breach_service.domain.alert import AlertStatus, EntityKind, EntityRole, Signal
from breach_service.sources.lines.fields import origin_in, user_in_sentence
from breach_service.sources.lines.key_values import pairs_in
from breach_service.sources.lines.log_event import LogEvent, masked, user_of
from breach_service.sources.lines.signals import is_failed_log_in
from breach_service.sources.lines.syslog import SyslogLine
from breach_service.sources.parts.entities import address_of, entity
from breach_service.sources.parts.intrusion import Sides
from breach_service.sources.parts.words import signal_of_words

_ADDRESS = r"(?P<from>[0-9A-Fa-f:.%]{2,64}|[\w.-]{1,255})"
_USER = r"(?P<user>\S{1,128})"


@dataclass(frozen=True)
class _Sentence:
    """A sentence of one program, what it reports, and whether it is one of many that say the same."""

    pattern: re.Pattern[str]
    signal: Signal
    is_refusal: bool = False


def _sentence(pattern: str, signal: Signal, *, is_refusal: bool = False) -> _Sentence:
    return _Sentence(re.compile(pattern, re.ASCII), signal, is_refusal)


def _refusal(pattern: str) -> _Sentence:
    return _sentence(pattern, Signal.BRUTE_FORCE, is_refusal=True)


_SSHD = (
    _refusal(rf"Failed \S{{1,40}} for (?:invalid user |illegal user )?(?P<user>\S{{0,128}}) from {_ADDRESS}"),
    _refusal(rf"(?:Invalid|Illegal) user (?P<user>\S{{0,128}}) from {_ADDRESS}"),
    _refusal(rf"maximum authentication attempts exceeded for (?:invalid user )?{_USER} from {_ADDRESS}"),
    _refusal(rf"Disconnecting (?:invalid user |authenticating user )?{_USER} {_ADDRESS} port \d+: Too many auth"),
    _refusal(
        rf"(?:Disconnected from|Connection \w{{1,9}} by) (?:invalid|illegal|authenticating) user {_USER} {_ADDRESS}"
    ),
    _refusal(rf"User {_USER} (?:from {_ADDRESS} )?not allowed because"),
    _refusal(
        r"PAM \d+ more authentication failures?;.{0,200}?rhost=(?P<from>\S{1,255})(?:\s+user=(?P<user>\S{1,128}))?"
    ),
    _refusal(rf"reverse mapping checking getaddrinfo for \S{{1,255}} \[{_ADDRESS}\] failed - POSSIBLE BREAK-IN"),
    _sentence(rf"Accepted \S{{1,40}} for {_USER} from {_ADDRESS}", Signal.ROUTINE),
    _sentence(rf"Did not receive identification string from {_ADDRESS}", Signal.SCAN),
    _sentence(r"Bad protocol version identification|Unable to negotiate with|banner exchange", Signal.SCAN),
    _sentence(r"Disconnected from|Connection (?:closed|reset) by|Received disconnect from", Signal.ROUTINE),
)
_SUDO = (
    _refusal(rf"{_USER} : (?:\d+ incorrect password attempts?|a password is required|\S{{0,60}} ?auth.{{0,40}}fail)"),
    _sentence(rf"{_USER} : (?:user NOT in sudoers|command not allowed|NOT in sudoers)", Signal.PRIVILEGE_CHANGE),
    _sentence(
        rf"{_USER} : .{{0,600}}USER=root\b.{{0,200}}COMMAND=(?:/usr)?(?:/local)?(?:/s?bin/)?"
        r"(?:su|bash|sh|zsh|dash|ksh|fish|visudo|passwd|useradd|usermod|adduser)(?: |$)",
        Signal.PRIVILEGE_CHANGE,
    ),
    _sentence(rf"{_USER} : .{{0,600}}COMMAND=", Signal.ROUTINE),
)
_SU = (
    _refusal(rf"(?:FAILED SU|FAILED su|failed su|BAD SU) (?:\(to \S{{1,128}}\) |for \S{{1,128}} by )?{_USER}"),
    _refusal(r"'su \S{1,128}' failed for (?P<user>\S{1,128})"),
    _sentence(rf"\(to root\) {_USER} on", Signal.PRIVILEGE_CHANGE),
    _sentence(rf"[Ss]uccessful su for root by {_USER}", Signal.PRIVILEGE_CHANGE),
    _sentence(rf"\(to \S{{1,128}}\) {_USER} on", Signal.ROUTINE),
)
_ACCOUNTS = (
    _sentence(r"new (?:user|account)(?: added)?: .{0,20}?name=(?P<user>[^,\s]{1,128})", Signal.PRIVILEGE_CHANGE),
    _sentence(
        r"(?:add|added)(?: user)? '?(?P<user>[^'\s]{1,128})'?(?: by \S+)? to (?:shadow )?group", Signal.PRIVILEGE_CHANGE
    ),
    _sentence(r"new group: .{0,20}?name=", Signal.OPERATIONS),
    _sentence(r"password changed for (?P<user>\S{1,128})", Signal.OPERATIONS),
    _sentence(r"(?:delete user|change user|removed? ).{0,4}'?(?P<user>[^'\s]{1,128})", Signal.OPERATIONS),
)
_PAM = (
    _refusal(
        r"pam_\w{1,40}\([^)]{0,60}\): (?:authentication failure|check pass|User unknown|auth could not identify)"
        r"(?:.{0,200}?rhost=(?P<from>\S{0,255}))?(?:\s+user=(?P<user>\S{1,128}))?"
    ),
    _refusal(r"pam_\w{1,40}\([^)]{0,60}\): Consecutive login failures for user (?P<user>\S{1,128})"),
    _sentence(r"pam_\w{1,40}\([^)]{0,60}\): ", Signal.ROUTINE),
    _refusal(
        r"FAILED LOGIN.{0,40}? (?:FROM|from|on) (?P<from>\S{1,255}).{0,20}? (?:FOR|for) '?(?P<user>[^',\s]{1,128})"
    ),
    _sentence(r"(?:New|Removed) session \S{1,40}", Signal.ROUTINE),
)
_BY_PROGRAM: dict[str, tuple[_Sentence, ...]] = {
    **dict.fromkeys(("sshd", "sshd-session", "sshd-auth", "dropbear"), (*_SSHD, *_PAM)),
    "sudo": (*_SUDO, *_PAM),
    **dict.fromkeys(("su", "su-l"), (*_SU, *_PAM)),
    **dict.fromkeys(
        ("useradd", "usermod", "groupadd", "userdel", "passwd", "chpasswd", "gpasswd", "adduser"), (*_ACCOUNTS, *_PAM)
    ),
    **dict.fromkeys(("login", "systemd-logind", "gdm-password", "cron", "crond", "systemd"), _PAM),
}
_ANYWHERE = (*_SSHD[:9], *_PAM[:3])
_GLUED = re.compile(r"[\s\"']*(?:error|fatal|debug1?): ")

_BAN = re.compile(
    r"(?:\b(?:NOTICE|INFO|WARNING)\s+)?\[(?P<jail>[\w. -]{1,64})\] (?P<deed>Ban|Unban|Restore Ban|Found|Increase Ban"
    r"|\S{1,64} already banned) ?(?P<from>[0-9A-Fa-f:.]{2,64})?",
    re.ASCII,
)
_AUDIT = re.compile(r"\btype=(?P<kind>[A-Z_0-9]{2,40}) msg=audit\((?P<at>\d{9,11}\.\d{1,6}):\d+\)", re.ASCII)
_CRON = frozenset({"cron", "crond", "anacron"})


def event_of_log_in(line: SyslogLine) -> LogEvent | None:
    """The event of a line of one of these programs; None for a line of another."""
    program = line.program.lower().rpartition("/")[2]
    if program.startswith("fail2ban") or "fail2ban." in line.message[:200]:
        return _event_of_ban(line)
    sentences = _BY_PROGRAM.get(program) or (() if program else _ANYWHERE)
    glued = _GLUED.match(line.message)
    text = line.message[glued.end() :] if glued else line.message
    for sentence in sentences:
        found = sentence.pattern.search(text[:2000])
        if found is not None:
            return _event_of_sentence(program or "sshd", line.message, sentence, found)
    if program in _CRON or (program in _BY_PROGRAM and program != "systemd"):
        if is_failed_log_in(text):
            return _event_of_refusal(program, line.message)
        return LogEvent(line.message, Signal.ROUTINE, (program, masked(text)), is_of_device=True)
    return None


def _event_of_refusal(program: str, message: str) -> LogEvent:
    """A refusal in words of its own, such as those of sshd on a Juniper."""
    address, user = origin_in(message), user_in_sentence(message)
    return LogEvent(
        title=message,
        signal=Signal.BRUTE_FORCE,
        identity=(program, "refused", "" if address else user or masked(message)),
        sides=Sides("", address),
        entities=(user_of(user, EntityRole.TARGET) if user else None,),
        is_of_device=True,
    )


def _event_of_sentence(program: str, message: str, sentence: _Sentence, found: re.Match[str]) -> LogEvent:
    named = found.groupdict()
    origin, user = named.get("from") or "", (named.get("user") or "").rstrip(":;,")
    address = address_of(origin) or ""
    if address_of(user) is not None:
        # An empty name leaves the address in its place.
        address, user = address or address_of(user) or "", ""
    role = EntityRole.TARGET if sentence.is_refusal else EntityRole.ACTOR
    if program in ("useradd", "usermod", "adduser", "gpasswd", "passwd", "userdel"):
        role = EntityRole.TARGET
    # One attacker tries many names and causes several sentences for each: all of it is one problem.
    identity = (
        (program, "refused", "" if address else user) if sentence.is_refusal else (program, masked(message), user)
    )
    return LogEvent(
        title=message,
        signal=sentence.signal,
        identity=identity,
        sides=Sides("", address),
        entities=(user_of(user, role) if user else None,),
        is_of_device=True,
    )


def _event_of_ban(line: SyslogLine) -> LogEvent:
    found = _BAN.search(line.message[:2000])
    if found is None:
        return LogEvent(line.message, Signal.ROUTINE, ("fail2ban", masked(line.message)), is_of_device=True)
    jail, address = found["jail"].strip(), address_of(found["from"] or "") or ""
    told = signal_of_words(jail)
    signal = told if told in (Signal.WEB_EXPLOIT, Signal.SCAN) and told is not None else Signal.BRUTE_FORCE
    if any(word in jail for word in ("bot", "noscript", "404", "nohome")):
        signal = Signal.SCAN
    return LogEvent(
        title=f"fail2ban: {found[0][found[0].index('[') :]}",
        signal=signal,
        identity=("fail2ban", jail),
        sides=Sides("", address),
        status=AlertStatus.RESOLVED if found["deed"] == "Unban" else AlertStatus.FIRING,
        labels={"jail": jail},
        is_of_device=True,
    )


_AUDITED: tuple[tuple[Signal, Callable[[str, bool], bool]], ...] = (
    (Signal.BRUTE_FORCE, lambda kind, failed: failed and kind in ("USER_LOGIN", "USER_AUTH", "USER_ERR", "USER_ACCT")),
    (Signal.PRIVILEGE_CHANGE, lambda kind, _: kind in ("ADD_USER", "ADD_GROUP", "USER_ROLE_CHANGE", "ROLE_ASSIGN")),
    (Signal.ANOMALY, lambda kind, _: kind.startswith(("ANOM_", "INTEGRITY_")) and kind != "ANOM_PROMISCUOUS"),
    (Signal.OPERATIONS, lambda kind, _: kind in ("CONFIG_CHANGE", "DAEMON_END", "DEL_USER", "MAC_STATUS")),
)


def event_of_audit(text: str) -> tuple[LogEvent, str] | None:
    """The event of a line of auditd, and its instant as seconds since 1970; None for another line."""
    found = _AUDIT.search(text[:500])
    if found is None:
        return None
    # Members of the inner message stand in single quotes.
    fields = pairs_in(text[found.end() :].replace("msg='", " ").replace("'", " "))
    kind, failed = found["kind"], "fail" in fields.get("res", "") or fields.get("success") == "no"
    signal = next((signal for signal, fits in _AUDITED if fits(kind, failed)), Signal.ROUTINE)
    user = fields.get("acct", "").strip('"')
    parts = (kind, fields.get("op", ""), fields.get("exe", ""), user, fields.get("res", ""))
    address = address_of(fields.get("addr", "")) or ""
    event = LogEvent(
        title="auditd: " + " ".join(one for one in parts if one),
        signal=signal,
        identity=("auditd", kind, fields.get("exe", ""), "" if address and failed else user),
        sides=Sides("", address),
        entities=(
            user_of(user, EntityRole.TARGET if failed else None),
            entity(EntityKind.PROCESS, fields.get("exe", "")),
        ),
        is_of_device=True,
    )
    return event, found["at"]
