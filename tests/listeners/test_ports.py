"""What settings say about syslog is checked before the service starts, in words that name the variable."""

import asyncio
import socket
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from breach_service.errors import ConfigurationError
from breach_service.listeners import Syslog, open_ports
from breach_service.listeners.ports import PRIVATE, networks, peer_of
from breach_service.settings import Settings
from tests.listeners.conftest import Authority, MemoryInbox, listening


def test_nothing_is_listened_to_unless_it_is_asked_for() -> None:
    """Off by default, and then no source is needed."""
    assert not Syslog().is_on
    assert dict(open_ports(Syslog()).addresses) == {}


@pytest.mark.parametrize("written", ["514", "host", "host:", "host:http", "::1:514", "host:70000", ":-1", ""])
def test_an_address_that_is_none_is_named(written: str) -> None:
    """With the variable and how to write it."""
    with pytest.raises(ConfigurationError, match=r"BREACH_SYSLOG_(UDP|SOURCE)"):
        open_ports(Syslog(udp=written or "x", source="firewall"))


@pytest.mark.parametrize("written", ["127.0.0.1:0", "[::1]:0", ":0", "localhost:0"])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_one_address_or_all_can_be_listened_to(transport: str, written: str) -> None:
    """Over IPv4, IPv6 or both."""
    ports = open_ports(Syslog(source="firewall", **{transport: written}))
    assert ports.addresses[transport][1] > 0
    ports.close()


def test_a_port_that_is_taken_is_said() -> None:
    """At the start, not by the first line that is lost; what was opened before is closed again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"BREACH_SYSLOG_TCP: 127.0.0.1:{port} cannot be listened on"):
            open_ports(Syslog(udp="127.0.0.1:0", tcp=f"127.0.0.1:{port}", source="firewall"))


def test_a_listener_without_a_source_does_not_start() -> None:
    """Its lines would belong to nobody."""
    with pytest.raises(ConfigurationError, match="source add NAME --kind firewall"):
        open_ports(Syslog(udp="127.0.0.1:0"))


async def start(inbox: MemoryInbox) -> None:
    async with listening(inbox, udp="127.0.0.1:0", source="nobody"):
        pytest.fail("it started")


def test_a_source_that_does_not_exist_stops_the_start(inbox: MemoryInbox) -> None:
    """With the command that adds it."""
    with pytest.raises(ConfigurationError, match="source add nobody --kind firewall"):
        asyncio.run(start(inbox))


@pytest.mark.parametrize("written", ["", " , ", "10.0.0.0/40", "everybody"])
def test_networks_that_are_none_are_named(written: str) -> None:
    """Nobody allowed is as wrong as a typing error."""
    with pytest.raises(ConfigurationError, match="BREACH_SYSLOG_ALLOW"):
        networks(written)


@pytest.mark.parametrize(
    ("peer", "may"),
    [
        ("127.0.0.1", True), ("10.1.2.3", True), ("172.31.0.1", True), ("192.168.1.254", True), ("::1", True),
        ("fd00::1", True), ("fe80::1%eth0", True), ("::ffff:10.0.0.1", True),
        ("203.0.113.7", False), ("172.32.0.1", False), ("2001:db8::1", False), ("::ffff:203.0.113.7", False),
    ],
)  # fmt: skip
def test_by_default_private_networks_may_send(peer: str, may: bool) -> None:
    """The rest of the world may not."""
    ports = open_ports(Syslog(udp="127.0.0.1:0", source="firewall"))
    assert ports.may_send(peer_of(peer)) is may
    ports.close()


def test_the_setting_and_the_listener_have_one_default() -> None:
    """It is written down twice, since nothing but the composition root reads the settings."""
    assert Settings.model_fields["syslog_allow"].default == PRIVATE


def test_an_ipv4_address_is_one_over_ipv6_too() -> None:
    """A socket for both shows it mapped."""
    assert peer_of("::ffff:192.0.2.1") == ip_address("192.0.2.1")


@pytest.mark.parametrize("field", ["certificate", "key", "clients"])
def test_a_certificate_that_cannot_be_read_is_named(authority: Authority, tmp_path: Path, field: str) -> None:
    """With its variable."""
    files: dict[str, Any] = {"certificate": authority.issue("listener"), field: tmp_path / "nowhere.pem"}
    with pytest.raises(ConfigurationError, match=f"BREACH_SYSLOG_TLS_{field.upper()}.*cannot be used"):
        open_ports(Syslog(tls="127.0.0.1:0", source="firewall", **files))


def test_tls_without_a_certificate_is_said() -> None:
    """With the variable that is missing."""
    with pytest.raises(ConfigurationError, match="BREACH_SYSLOG_TLS_CERTIFICATE"):
        open_ports(Syslog(tls="127.0.0.1:0", source="firewall"))
