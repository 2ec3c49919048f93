"""A report: who told us what, when and by which channel, with the digest of the original.

When we were told may itself be awareness (GDPR Art. 33(1)): a third party that hands over proof makes us aware then.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from breach_service.domain.reports.automatic import Automatic

SERIES = "SIG"
"""Reports are numbered by year: `SIG-2026-0001`."""
_NUMBER = re.compile(r"(?<![A-Z0-9])SIG-[0-9]{4}-[0-9]{4,9}(?![0-9])", re.IGNORECASE)


class ReporterKind(StrEnum):
    """What whoever told us is to us."""

    EMPLOYEE = "employee"
    CLIENT = "client"
    PERSON = "person"
    """Somebody whose data it may be."""
    PROVIDER = "provider"
    RESEARCHER = "researcher"
    AUTHORITY = "authority"
    PRESS = "press"
    UNKNOWN = "unknown"


class ReportChannel(StrEnum):
    """How a report came."""

    PAGE = "page"
    MAIL = "mail"
    API = "api"
    SLACK = "slack"
    COMMAND = "command"


class Flaw(StrEnum):
    """What could not be read of a mail; the original holds it."""

    TOO_LARGE = "too_large"
    """Larger than `MOST_BYTES`: only its head was read."""
    STRUCTURE = "structure"
    """Built so that its parts cannot be told apart within reason: read as one text."""
    PART = "part"
    """One of its parts cannot be decoded."""
    CHARSET = "charset"
    """Not written in the character set that it names, or in one that is unknown."""
    HTML_ONLY = "html_only"
    WINMAIL = "winmail"
    """Holds Microsoft's own container (TNEF, winmail.dat), which is kept and not opened."""
    ENCRYPTED = "encrypted"
    CUT = "cut"
    """Its text or the number of its attachments is beyond the bounds: the rest stands in the original."""
    UNREADABLE = "unreadable"
    """What a mail service handed on is no mail that we know how to read: the original holds it."""


@dataclass(frozen=True)
class Reporter:
    """Who told us, as far as it is known; an address in a mail is what the mail says, not proof."""

    kind: ReporterKind = ReporterKind.UNKNOWN
    name: str = ""
    contact: str = ""
    """An address or a telephone number, empty for somebody who does not want to be known."""
    party: str = ""
    """Id of the client or the provider in the inventory."""


@dataclass(frozen=True)
class Attachment:
    """One file that came with a report."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    is_inline: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of the content, hex."""
        return digest_of(self.content)


@dataclass(frozen=True)
class Report:
    """One report. Instants aware; `digest` is the SHA-256 (hex) of the original as it came."""

    reporter: Reporter
    channel: ReportChannel
    told_at: datetime
    """When it reached us: our mail server, our page. It may itself be awareness."""
    received_at: datetime
    """When this service took it in; never before `told_at`."""
    digest: str
    words: str
    subject: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    """By the id of the question; instants in ISO 8601, closed answers as yes, no or unknown."""
    attachments: tuple[Attachment, ...] = ()
    points_at_staff: bool = False
    """True where one of our own people may be behind it."""
    written_at: datetime | None = None
    """When it was written, as it says of itself."""
    automatic: Automatic | None = None
    """Why nobody is taken to have written it; None for a person's words."""
    in_reply_to: tuple[str, ...] = ()
    """Message-IDs of our own mails, and numbers of reports, that it answers."""
    message_id: str = ""
    answer_to: str = ""
    """Mail address that may be answered; empty where nothing must be."""
    flaws: frozenset[Flaw] = frozenset()


def digest_of(original: bytes) -> str:
    """SHA-256, hex, of an original or of an attachment."""
    return hashlib.sha256(original).hexdigest()


def numbers_in(text: str) -> tuple[str, ...]:
    """The numbers of reports that a text names, in upper case, each once."""
    return tuple(dict.fromkeys(one.upper() for one in _NUMBER.findall(text)))
