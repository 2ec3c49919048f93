"""Reaching out for a sender: only where it is allowed, only over TLS that we trust, only a small answer."""

import re
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from breach_service.notify.visits import ALLOWED_HOSTS, MOST_BYTES, VisitFailed, Visitor

LOOPBACK = re.compile(r"127\.0\.0\.1")


class Answering(BaseHTTPRequestHandler):
    """Answers by path."""

    def do_GET(self) -> None:
        status = {"/away": 302, "/no": 403, "/broken": 500}.get(self.path.partition("?")[0], 200)
        body = b"x" * (MOST_BYTES + 1) if self.path == "/large" else self.path.encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "https://127.0.0.1/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for loopback, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "loopback.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


@pytest.fixture(scope="module")
def address(certificate: Path) -> Iterator[str]:
    """A server over TLS on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visitor(certificate: Path) -> Visitor:
    """May visit loopback, and trusts its certificate."""
    return Visitor(LOOPBACK, ssl.create_default_context(cafile=str(certificate)))


def test_what_stands_at_an_allowed_address_is_fetched(address: str, visitor: Visitor) -> None:
    """With its query: the token of a subscription stands there."""
    assert visitor(f"{address}/confirm?Token=abc") == b"/confirm?Token=abc"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/cert.pem",
        "https://sns.eu-west-3.amazonaws.com.evil.example/cert.pem",
        "https://evil.example/sns.eu-west-3.amazonaws.com",
        "https://sns.eu-west-3.amazonaws.com@evil.example/cert.pem",
        "https://user@sns.eu-west-3.amazonaws.com/cert.pem",
        "http://sns.eu-west-3.amazonaws.com/cert.pem",
        "file:///etc/passwd",
        "https://127.0.0.1/latest/meta-data",
        "https://169.254.169.254/latest/meta-data",
        "no address at all",
    ],
)
def test_nothing_else_is_visited(url: str) -> None:
    """An address that came in a message may point anywhere."""
    with pytest.raises(VisitFailed) as failed:
        Visitor()(url)
    assert failed.value.is_permanent


@pytest.mark.parametrize(
    "host", ["sns.eu-west-3.amazonaws.com", "sns.us-gov-west-1.amazonaws.com", "sns.cn-north-1.amazonaws.com.cn"]
)
def test_every_region_of_amazon_sns_is_allowed(host: str) -> None:
    """China and the government regions too."""
    assert ALLOWED_HOSTS.fullmatch(host)


@pytest.mark.parametrize(
    ("path", "is_permanent"), [("/away", False), ("/no", True), ("/broken", False), ("/large", True)]
)
def test_redirects_refusals_and_floods_are_failures(
    address: str, visitor: Visitor, path: str, is_permanent: bool
) -> None:
    """Nobody is followed elsewhere, and nobody fills our memory."""
    with pytest.raises(VisitFailed) as failed:
        visitor(address + path)
    assert failed.value.is_permanent is is_permanent


def test_a_certificate_that_nobody_vouches_for_is_a_failure(address: str) -> None:
    """It may mend itself, so it is tried again."""
    with pytest.raises(VisitFailed) as failed:
        Visitor(LOOPBACK)(f"{address}/x")
    assert not failed.value.is_permanent
