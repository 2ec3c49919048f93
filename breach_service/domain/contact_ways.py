"""How a person is reached: kinds of ways, what an address of each looks like, quiet hours.

Addresses of apprise (https://appriseit.com/services/) hold credentials as well as recipients: they are secrets.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from breach_service.errors import N_, Sentence


class WayKind(StrEnum):
    """How somebody is reached."""

    MAIL = "mail"
    SMS = "sms"
    NTFY = "ntfy"
    SIGNAL = "signal"
    WEBHOOK = "webhook"
    SLACK = "slack"
    """A direct message; the address is the member id."""
    TELEPHONE = "telephone"
    """Shown to colleagues who call; the service itself never uses it."""


BY_APPRISE = frozenset({WayKind.SMS, WayKind.NTFY, WayKind.SIGNAL, WayKind.WEBHOOK})
PROVABLE = frozenset(WayKind) - {WayKind.TELEPHONE}
"""The ways that the service can send a test message by."""

KNOWN_HOSTS = frozenset({"ntfy.sh"})
"""Public services that may be reached without being named in a setting."""
MOST_CHARACTERS = 500
LONGEST_PATH = 6
"""Parts of a path: more recipients than one person has are a distribution list."""

_GATEWAYS = {
    WayKind.NTFY: ("ntfys", "ntfy"), WayKind.SIGNAL: ("signals", "signal"), WayKind.WEBHOOK: ("jsons", "json"),
}  # fmt: skip
"""Schemas whose address names a host, the encrypted one first."""
_SMS = ("freemobile", "vonage", "twilio", "clicksend")
"""Services of text messages; their hosts are fixed."""
_EXAMPLES = {
    WayKind.SMS: "freemobile://user@password",
    WayKind.NTFY: "ntfys://ntfy.sh/topic",
    WayKind.SIGNAL: "signals://gateway.example.org/+33600000000/+33600000001",
    WayKind.WEBHOOK: "jsons://hooks.example.org/path",
}
_SLACK_MEMBER = re.compile(r"[UW][A-Z0-9]{6,20}", re.ASCII)


@dataclass(frozen=True)
class QuietHours:
    """Local times within which a person does not want to be disturbed; they may cross midnight."""

    since: time
    until: time
    """Not included."""

    def covers(self, at: datetime, zone: str) -> bool:
        """True while it is quiet on the clock of the zone."""
        local = at.astimezone(ZoneInfo(zone)).time().replace(tzinfo=None)
        if self.since <= self.until:
            return self.since <= local < self.until
        return local >= self.since or local < self.until


@dataclass(frozen=True)
class Way:
    """One way to a person. Instants UTC."""

    id: int
    person: int
    kind: WayKind
    sealed: str
    """The address, encrypted."""
    position: int
    """The lowest is tried first."""
    quiet: QuietHours | None = None
    is_wakeable: bool = False
    """True where messages that may wake pass in quiet hours."""
    proven_at: datetime | None = None
    code_sent_at: datetime | None = None
    """Of the code that is awaited; None where none is."""

    @property
    def is_usable(self) -> bool:
        """True where a test message came back, so that messages in earnest may go there."""
        return self.proven_at is not None and self.kind in PROVABLE


def usable(ways: Iterable[Way], at: datetime, zone: str, *, is_wake: bool) -> list[Way]:
    """The proven ways that may be used at an instant, in their order.

    `is_wake`: the message may wake; it passes in quiet hours where the person allowed that.
    """
    awake = [
        one
        for one in ways
        if one.is_usable and (one.quiet is None or not one.quiet.covers(at, zone) or (is_wake and one.is_wakeable))
    ]
    return sorted(awake, key=lambda one: (one.position, one.id))


def normal_address(kind: WayKind, address: str) -> str:
    """An address without what people add when they write: spaces around it, the spelling of a telephone number."""
    text = address.strip()
    if kind is not WayKind.TELEPHONE:
        return text
    try:
        number = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def fault_of_address(kind: WayKind, address: str, hosts: Collection[str]) -> str:
    """What is wrong with an address, a sentence without the address itself; empty where nothing is.

    `hosts`: those that the operator allows besides the known services, `name` or `name:port`; only they may be
    reached without encryption.
    """
    if not address or len(address) > MOST_CHARACTERS:
        return Sentence(N_("an address has 1 to %(most)s characters"), most=MOST_CHARACTERS)
    if not address.isprintable():
        return Sentence(N_("an address has no control characters: type it again"))
    match kind:
        case WayKind.MAIL:
            return _fault_of_mail(address)
        case WayKind.SLACK:
            is_member = _SLACK_MEMBER.fullmatch(address)
            return (
                ""
                if is_member
                else Sentence(N_("a member id of Slack looks like U012AB3CD: copy it from the profile in Slack"))
            )
        case WayKind.TELEPHONE:
            return _fault_of_number(address)
    return _fault_of_url(kind, address, frozenset(one.casefold() for one in hosts))


def _fault_of_mail(address: str) -> str:
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return Sentence(N_("this is not an e-mail address: write it as name@example.org"))
    return ""


def _fault_of_number(address: str) -> str:
    try:
        is_possible = phonenumbers.is_possible_number(phonenumbers.parse(address, "FR"))
    except phonenumbers.NumberParseException:
        is_possible = False
    return "" if is_possible else Sentence(N_("this is not a telephone number: write it as +33 6 00 00 00 00"))


def _fault_of_url(kind: WayKind, address: str, hosts: frozenset[str]) -> str:
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").casefold(), parts.port
    except ValueError:
        return Sentence(N_("this is not an address: write it as %(example)s"), example=_EXAMPLES[kind])
    schemas = _GATEWAYS.get(kind, _SMS)
    if parts.scheme not in schemas:
        return Sentence(
            N_("an address of this kind begins with %(schemas)s"), schemas=" or ".join(f"{one}://" for one in schemas)
        )
    if parts.query or parts.fragment:
        return Sentence(N_("an address ends before the sign ? or #: options are not taken"))
    if kind is WayKind.SMS:
        return ""
    if not host or not parts.path.strip("/"):
        return Sentence(
            N_("the address names a host and what is on it: write it as %(example)s"), example=_EXAMPLES[kind]
        )
    if len(parts.path.strip("/").split("/")) > LONGEST_PATH:
        return Sentence(N_("the address leads too deep: name one recipient"))
    is_named = host in hosts or f"{host}:{port}" in hosts
    if not is_named and not (host in KNOWN_HOSTS and port is None):
        return Sentence(
            N_("%(host)s may not be reached from here: the operator names own hosts in the setting BREACH_WAY_HOSTS"),
            host=host,
        )
    if parts.scheme == schemas[1] and not is_named:
        return Sentence(
            N_("write %(schema)s://: without encryption only hosts that the operator names are reached"),
            schema=schemas[0],
        )
    return ""
