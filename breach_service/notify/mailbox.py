"""The dedicated mailbox, read over IMAP (RFC 3501, 9051) in TLS.

A mail is marked as seen only after it was taken, so that a crash in between means that it is looked at again: at least
once, never lost. What is fetched is not marked by fetching it (BODY.PEEK), and nothing is ever deleted: a mail that was
taken is moved to the folder for that, where one is set and the server can move (RFC 6851).
"""

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import mktime_tz, parsedate_tz
from ipaddress import ip_address
from pathlib import Path

from breach_service.domain.reports import MOST_BYTES
from breach_service.errors import BreachServiceError, ConfigurationError
from breach_service.notify.mail import MailSecurity

TIMEOUT = 20
"""Seconds for each answer of the server."""
MOST_AT_ONCE = 50
"""Mails of one visit: the next begins where this one ended."""
_UID = re.compile(rb"^[1-9][0-9]{0,9}$")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)", re.IGNORECASE)
_ARRIVED = re.compile(rb'INTERNALDATE "\s*([^"]{10,40})"', re.IGNORECASE)


class MailboxFailed(BreachServiceError):
    """The mailbox cannot be read; what lies in it waits there."""


@dataclass(frozen=True)
class MailboxServer:
    """Where the mailbox is, and as whom it is read."""

    host: str
    port: int
    security: MailSecurity
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    taken_folder: str = ""
    """Where mails go that were taken; they stay in `folder`, as seen, where it is empty."""
    authority: Path | None = None
    """PEM file of the authority that the server's certificate is of; None for those that the system trusts."""

    def check(self) -> None:
        """ConfigurationError where it cannot work, before anything is asked."""
        if not self.user or not self.password:
            raise ConfigurationError(
                "BREACH_MAILBOX_HOST is set: BREACH_MAILBOX_USER and BREACH_MAILBOX_PASSWORD are needed"
            )
        if self.security is MailSecurity.NONE and not _is_loopback(self.host):
            raise ConfigurationError(
                "BREACH_MAILBOX_SECURITY is none, so password and mails would cross the network in clear: use tls"
            )
        if self.authority is not None and not self.authority.is_file():
            raise ConfigurationError(f"BREACH_MAILBOX_CA {self.authority} is no file")
        for name in (self.folder, self.taken_folder):
            if not name.isprintable() or not name.isascii():
                raise ConfigurationError(f"{name!r} is no name of a folder as IMAP writes it: letters of ASCII only")


@dataclass(frozen=True)
class Fetched:
    """One mail of the mailbox."""

    raw: bytes
    """The whole mail; only its head where it is larger than 50 MB."""
    arrived_at: datetime | None
    """When the mail server got it, UTC; None where it did not say."""
    size: int
    is_whole: bool


Take = Callable[[Fetched], bool]
"""Keeps a mail for good before it says True; where it says False or raises, the mail stays unseen."""


class Mailbox:
    """Reads one mailbox; a new connection for each visit."""

    def __init__(self, server: MailboxServer) -> None:
        server.check()
        self._server = server

    def visit(self, take: Take, most: int = MOST_AT_ONCE) -> int:
        """Hand over the mails that nobody has seen, the oldest first; how many were taken. Raises MailboxFailed.

        What `take` raises ends the visit and is raised; the mails before it are marked.
        """
        taken = 0
        with self._opened() as client:
            with _faults():
                waiting = self._unseen(client)
            for uid in waiting:
                if taken >= most:
                    break
                with _faults():
                    fetched = self._fetched(client, uid)
                if fetched is None:  # somebody else took or deleted it
                    continue
                if take(fetched):
                    with _faults():
                        self._mark(client, uid)
                    taken += 1
        return taken

    def check(self) -> None:
        """Connect, sign in and open the folder, and change nothing. Raises MailboxFailed."""
        with self._opened() as client, _faults():
            client.noop()

    @contextmanager
    def _opened(self) -> Iterator[imaplib.IMAP4]:
        with _faults():
            client = self._connected()
        try:
            with _faults():
                if self._server.security is MailSecurity.STARTTLS:
                    client.starttls(self._tls())
                self._sign_in(client)
                folder = self._server.folder
                _need(client.select(_quoted(folder)), f"cannot open the folder {folder}")
            yield client
        finally:
            # The connection may be gone: there is nothing to lose.
            with suppress(imaplib.IMAP4.error, OSError):
                client.logout()
            with suppress(OSError):  # which leaves it open where it fails
                client.shutdown()

    def _sign_in(self, client: imaplib.IMAP4) -> None:
        server = self._server
        if "AUTH=PLAIN" in client.capabilities:  # takes any character, unlike LOGIN
            secret = f"\0{server.user}\0{server.password}".encode()
            client.authenticate("PLAIN", lambda _: secret)
        else:
            client.login(server.user, server.password)
        _, answer = client.capability()  # many can more once somebody is in, and the library does not ask again
        words = b" ".join(one for one in answer if isinstance(one, bytes)).decode("ascii", "replace")
        client.capabilities = tuple(words.upper().split())

    def _connected(self) -> imaplib.IMAP4:
        server = self._server
        if server.security is MailSecurity.TLS:
            return imaplib.IMAP4_SSL(server.host, server.port, ssl_context=self._tls(), timeout=TIMEOUT)
        return imaplib.IMAP4(server.host, server.port, timeout=TIMEOUT)

    def _tls(self) -> ssl.SSLContext:
        authority = self._server.authority
        return ssl.create_default_context(cafile=str(authority) if authority else None)

    def _unseen(self, client: imaplib.IMAP4) -> list[bytes]:
        answer = _need(client.uid("SEARCH", "UNSEEN", "UNDELETED"), "cannot search")
        words = b" ".join(one for one in answer if isinstance(one, bytes)).split()
        return sorted((one for one in words if _UID.match(one)), key=int)

    def _fetched(self, client: imaplib.IMAP4, uid: bytes) -> Fetched | None:
        about = _bytes_of(_need(client.uid("FETCH", uid.decode(), "(RFC822.SIZE INTERNALDATE)"), "cannot fetch"))
        size = _SIZE.search(about)
        if size is None:
            return None
        is_whole = int(size[1]) <= MOST_BYTES
        part = "(BODY.PEEK[])" if is_whole else "(BODY.PEEK[HEADER])"
        answer = _need(client.uid("FETCH", uid.decode(), part), "cannot fetch")
        raw = next((one[1] for one in answer if isinstance(one, tuple)), None)
        if not isinstance(raw, bytes):
            return None
        return Fetched(raw, _instant(_ARRIVED.search(about)), int(size[1]), is_whole)

    def _mark(self, client: imaplib.IMAP4, uid: bytes) -> None:
        _need(client.uid("STORE", uid.decode(), "+FLAGS.SILENT", r"(\Seen)"), "cannot mark what was taken")
        folder = self._server.taken_folder
        if folder and "MOVE" in client.capabilities:
            _need(client.uid("MOVE", uid.decode(), _quoted(folder)), f"cannot move to the folder {folder}")


@contextmanager
def _faults() -> Iterator[None]:
    """What IMAP answers, as what it means; without words of the server, which may hold names."""
    try:
        yield
    except ssl.SSLError as error:
        raise MailboxFailed(
            f"the mailbox's server cannot be trusted or speaks no TLS there ({error.reason or 'TLS'}): check "
            "BREACH_MAILBOX_SECURITY and BREACH_MAILBOX_CA"
        ) from None
    except imaplib.IMAP4.abort:
        raise MailboxFailed("the mailbox's server ended the connection: it is asked again soon") from None
    except imaplib.IMAP4.error:
        raise MailboxFailed(
            "the mailbox's server refused: check BREACH_MAILBOX_USER, BREACH_MAILBOX_PASSWORD and "
            "BREACH_MAILBOX_SECURITY"
        ) from None
    except (OSError, EOFError) as error:
        raise MailboxFailed(
            f"the mailbox cannot be reached ({type(error).__name__}): check BREACH_MAILBOX_HOST and the port"
        ) from None


Answer = Sequence[bytes | tuple[bytes, bytes] | None]


def _need(answered: tuple[str, Answer], what: str) -> Answer:
    status, answer = answered
    if status != "OK":
        raise MailboxFailed(f"the mailbox's server {what}: check the folders and the rights of the account")
    return answer


def _bytes_of(answer: Answer) -> bytes:
    return b" ".join(part for one in answer if one for part in (one if isinstance(one, tuple) else (one,)))


def _instant(found: re.Match[bytes] | None) -> datetime | None:
    parts = parsedate_tz(found[1].decode("ascii", "replace").replace("-", " ")) if found else None
    try:
        return datetime.fromtimestamp(mktime_tz(parts), UTC) if parts else None
    except (ValueError, OverflowError, OSError):
        return None


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
