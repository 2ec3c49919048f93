"""A real mail server on this machine: keeps what it is handed, refuses what it is told to."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "breach", "mail server password"


@dataclass
class Mailbox:
    """What a server was handed, and what it answers."""

    port: int = 0
    is_tls: bool = False
    """From the first byte."""
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    """Sender and recipients as the server was told."""
    was_encrypted: list[bool] = field(default_factory=list)
    signed_in_as: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    """What it says instead of taking it, by command: RCPT, DATA, MAIL."""

    async def handle_MAIL(  # aiosmtpd calls it so
        self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """The sender."""
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """A recipient."""
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        """The mail itself."""
        if "DATA" in self.answers:
            return self.answers["DATA"]
        found = message_from_bytes(envelope.content.replace(b"\r\n", b"\n"), policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.mails.append(found)
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        self.was_encrypted.append(self.is_tls or session.ssl is not None)
        return "250 OK"

    def texts(self) -> list[str]:
        """The texts of all mails, as a person reads them."""
        return [one.get_content() for one in self.mails]

    def _let_in(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        if is_right:
            self.signed_in_as.append(data.login.decode())
        return AuthResult(success=is_right, handled=is_right)


@contextmanager
def mail_server(
    security: str = "none", certificate: Path | None = None, *, with_login: bool = False
) -> Iterator[Mailbox]:
    """A server on a free port: in clear, with STARTTLS required, or with TLS from the first byte."""
    box = Mailbox(is_tls=security == "tls")
    context = _context(certificate) if certificate is not None else None
    with socket.socket() as free:  # aiosmtpd asks for a port that is known beforehand
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": box.port, "enable_SMTPUTF8": True}
    if with_login:
        options |= {"authenticator": box._let_in, "auth_required": security == "starttls"}
    if security == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if security == "tls":
        options |= {"ssl_context": context, "auth_require_tls": False}
    controller = Controller(box, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def write_certificate(directory: Path, name: str = "127.0.0.1") -> Path:
    """A certificate of its own authority with its key, PEM, for one address or name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    names: list[x509.GeneralName] = [x509.IPAddress(ip_address(name))] if name[0].isdigit() else [x509.DNSName(name)]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = directory / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
