"""An inbox of plain values, certificates made on the spot, and a listener on free ports."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from breach_service.errors import BacklogFull, WrongCredential
from breach_service.listeners import Limits, Ports, Syslog, listen, open_ports

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
QUICK = Limits(wait=0.02)


class MemoryInbox:
    """Keeps what it is given; may be told to be full, to be broken, or not to know the source."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str, bytes]] = []
        self.refused: list[tuple[str, str]] = []
        self.is_told_full = False
        self.failures: list[Exception] = []
        self.known = {"firewall"}

    def has_source(self, name: str) -> bool:
        return name in self.known

    def is_full(self) -> bool:
        return self.is_told_full

    def receive_lines(self, name: str, peer: str, transport: str, lines: bytes, now: datetime) -> "Future[None]":
        assert now == NOW
        if name not in self.known:
            raise WrongCredential("unknown_source")
        if self.is_told_full:
            self.refuse(name, "backlog_full")
            raise BacklogFull
        stored: Future[None] = Future()
        if self.failures:
            stored.set_exception(self.failures.pop(0))
        else:
            self.rows.append((name, peer, transport, lines))
            stored.set_result(None)
        return stored

    def refuse(self, source: str, reason: str) -> None:
        self.refused.append((source, reason))

    @property
    def lines(self) -> list[bytes]:
        return [line for *_, lines in self.rows for line in lines.split(b"\n")]


@pytest.fixture
def inbox() -> MemoryInbox:
    """Empty, and knows the source `firewall`."""
    return MemoryInbox()


async def until(what: Callable[[], Any]) -> None:
    """Let the loop run until something is so; a test that hangs is ended by its time limit."""
    while not what():
        await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def listening(inbox: MemoryInbox, limits: Limits = QUICK, **settings: Any) -> AsyncIterator[Ports]:
    """A listener on free ports of loopback."""
    ports = open_ports(Syslog(**{"source": "firewall", "allow": "127.0.0.0/8,::1/128", **settings}))
    async with listen(ports, inbox, lambda: NOW, limits):
        yield ports


async def send(address: tuple[str, int], data: bytes, tls: ssl.SSLContext | None = None) -> None:
    """Connect, send, leave as a sender that ends does."""
    reader, writer = await asyncio.open_connection(*address, ssl=tls, server_hostname="localhost" if tls else None)
    writer.write(data)
    with contextlib.suppress(OSError):
        await writer.drain()
        if not tls:
            writer.write_eof()
            await reader.read()
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


@dataclass
class Authority:
    """A certificate authority of the test."""

    directory: Path
    name: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def subject(self) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])

    def certificate(self) -> Path:
        """Its own certificate, PEM."""
        return self._written(self.name, self.subject, self.key, is_authority=True)

    def issue(self, name: str) -> Path:
        """Certificate and key of somebody, in one PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        path = self._written(name, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key)
        pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        path.write_bytes(path.read_bytes() + key.private_bytes(*pem))
        return path

    def _written(
        self, name: str, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, is_authority: bool = False
    ) -> Path:
        now = datetime.now(UTC)
        names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=is_authority, crl_sign=is_authority, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
            decipher_only=False,
        )  # fmt: skip
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        path = self.directory / f"{name}.pem"
        path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        return path


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Whom listener and senders trust."""
    return Authority(tmp_path, "authority")
