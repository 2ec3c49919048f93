"""Mail to persons, by SMTP (RFC 5321) with the standard library: one connection a message, TLS unless it is turned off.

Errors never hold the address of a person: what a server says of one is left out, its codes are kept.
"""

import hashlib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path

from breach_service.domain.reports import LOOP_HEADER
from breach_service.errors import ConfigurationError
from breach_service.notify.channel import DeliveryFailed, DeliveryFault

TIMEOUT = 10
"""Seconds for each step; well below the lease of a claimed message."""


class MailSecurity(StrEnum):
    """How the connection is encrypted."""

    STARTTLS = "starttls"
    """Turned to TLS before anything else is said (RFC 3207), usually on port 587; a server without it is refused."""
    TLS = "tls"
    """From the first byte (RFC 8314), usually on port 465."""
    NONE = "none"
    """In clear; for a relay on the same machine or network."""


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in, and as whom."""

    host: str
    port: int
    security: MailSecurity
    sender: str
    """The From of every mail: `address` or `Name <address>`."""
    user: str = ""
    password: str = field(default="", repr=False)
    authority: Path | None = None
    """PEM file of the authority that the server's certificate is of; None for those that the system trusts."""

    def check(self) -> None:
        """ConfigurationError where it cannot work, before anything is sent."""
        if "@" not in parseaddr(self.sender)[1] or not self.sender.isprintable():
            raise ConfigurationError("BREACH_SMTP_FROM must be an address, such as breach@example.org")
        if bool(self.user) != bool(self.password):
            raise ConfigurationError("BREACH_SMTP_USER and BREACH_SMTP_PASSWORD belong together: set both or neither")
        if self.password and self.security is MailSecurity.NONE and not _is_loopback(self.host):
            raise ConfigurationError(
                "BREACH_SMTP_SECURITY is none, so the password would cross the network in clear: use starttls or tls"
            )
        if self.authority is not None and not self.authority.is_file():
            raise ConfigurationError(f"BREACH_SMTP_CA {self.authority} is no file")


@dataclass(frozen=True)
class Mail:
    """One mail, plain text."""

    to: str
    subject: str
    text: str
    key: str
    """Idempotency key: the same one gives the same Message-ID, by which a mailbox recognises a repetition."""
    at: datetime
    in_reply_to: str = ""
    """Message-ID of the mail that this one answers by itself (RFC 3834); empty for any other."""


class MailChannel:
    """Hands mails to one server."""

    name = "mail"

    def __init__(self, server: MailServer) -> None:
        server.check()
        self._server = server

    def send(self, mail: Mail) -> None:
        """Hand one mail over. Raises DeliveryFailed; permanent where this address or this mail is refused for good."""
        message = self._message(mail)
        with _faults(), self._connected() as client:
            client.send_message(message, parseaddr(self._server.sender)[1], [mail.to])

    def check(self) -> None:
        """Connect and sign in, and send nothing. Raises DeliveryFailed."""
        with _faults(), self._connected() as client:
            client.noop()

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=SMTP if mail.to.isascii() else SMTPUTF8)
        domain = parseaddr(self._server.sender)[1].rpartition("@")[2]
        try:
            if "@" not in mail.to or not mail.to.isprintable():
                raise ValueError("no address")
            message["From"] = self._server.sender
            message["To"] = mail.to
            message["Subject"] = mail.subject
            message["Date"] = format_datetime(mail.at)
            message["Message-ID"] = f"<{hashlib.sha256(mail.key.encode()).hexdigest()[:40]}@{domain}>"
            # RFC 3834: no out-of-office answers, please
            message["Auto-Submitted"] = "auto-replied" if mail.in_reply_to else "auto-generated"
            message["X-Auto-Response-Suppress"] = "All"  # the same for Exchange
            message[LOOP_HEADER] = domain
            if mail.in_reply_to:
                message["In-Reply-To"] = message["References"] = mail.in_reply_to
            message.set_content(mail.text, cte="quoted-printable")
        except (ValueError, MessageError) as error:
            # An address with a line break or the like; its words stay out of the error.
            raise DeliveryFailed(
                DeliveryFault.REFUSED, "the address of the account cannot be written to: correct it", is_permanent=True
            ) from error
        return message

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server = self._server
        with self._open() as client:
            if server.security is MailSecurity.STARTTLS:
                client.starttls(context=self._tls())
            if server.user:
                client.login(server.user, server.password)
            yield client

    def _open(self) -> smtplib.SMTP:
        server = self._server
        if server.security is MailSecurity.TLS:
            return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=self._tls())
        return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)

    def _tls(self) -> ssl.SSLContext:
        authority = self._server.authority
        return ssl.create_default_context(cafile=str(authority) if authority else None)


@contextmanager
def _faults() -> Iterator[None]:
    """What SMTP answers, as what it means for the message."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise _refused("does not accept BREACH_SMTP_USER and BREACH_SMTP_PASSWORD", error.smtp_code) from None
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise _refused("refused the address of the account", codes[0], is_permanent=codes[0] >= 500) from None
    except smtplib.SMTPSenderRefused as error:
        raise _refused("refused the sender BREACH_SMTP_FROM", error.smtp_code) from None
    except smtplib.SMTPNotSupportedError:
        raise _refused(
            "offers no STARTTLS, no login or no such address: check BREACH_SMTP_SECURITY and the port"
        ) from None
    except smtplib.SMTPDataError as error:
        raise _refused("refused the mail", error.smtp_code, is_permanent=error.smtp_code >= 500) from None
    except smtplib.SMTPResponseException as error:
        raise _refused("answered", error.smtp_code) from None
    except ssl.SSLError as error:
        sentence = f"the mail server cannot be trusted or speaks no TLS there ({error.reason or 'TLS'})"
        raise DeliveryFailed(
            DeliveryFault.REFUSED, f"{sentence}: check BREACH_SMTP_SECURITY and BREACH_SMTP_CA"
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        sentence = f"the mail server cannot be reached ({type(error).__name__}): check BREACH_SMTP_HOST and the port"
        raise DeliveryFailed(DeliveryFault.UNREACHABLE, sentence) from None


def _refused(what: str, code: int | None = None, *, is_permanent: bool = False) -> DeliveryFailed:
    if code in (421, 450, 451, 452):  # RFC 5321, 4.2.3: try again later
        return DeliveryFailed(DeliveryFault.RATE_LIMITED, f"the mail server asks to wait ({code})", retry_after=30)
    sentence = f"the mail server {what}" + (f" ({code})" if code else "")
    return DeliveryFailed(DeliveryFault.REFUSED, sentence, is_permanent=is_permanent)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
