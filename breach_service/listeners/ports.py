"""Where to listen, from whom and with which certificate: checked and opened before the service says that it runs."""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path

from breach_service.errors import ConfigurationError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
PRIVATE = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,::1/128,fc00::/7,fe80::/10"
"""Loopback, the private networks of RFC 1918, unique local and link-local addresses."""
RECEIVE_BUFFER = 4 * 1024 * 1024
"""Octets that the kernel may hold of datagrams; it grants less where it is told to."""


@dataclass(frozen=True)
class Syslog:
    """What settings say about syslog; each address is `host:port`, or `:port` for every address; empty is off."""

    udp: str = ""
    tcp: str = ""
    tls: str = ""
    certificate: Path | None = None
    key: Path | None = None
    """Where it is in a file of its own."""
    clients: Path | None = None
    """The authority that certificates of senders must be of; None asks for none."""
    allow: str = PRIVATE
    """Networks, separated by commas."""
    source: str = ""
    """The source that the lines belong to."""

    @property
    def is_on(self) -> bool:
        """True if anything is to be listened to."""
        return bool(self.udp or self.tcp or self.tls)


@dataclass
class Ports:
    """Bound sockets, not read from yet."""

    source: str = ""
    allowed: tuple[Network, ...] = ()
    sockets: dict[str, socket.socket] = field(default_factory=dict)
    """By transport: udp, tcp, tls."""
    tls: ssl.SSLContext | None = None

    @property
    def addresses(self) -> Mapping[str, tuple[str, int]]:
        """Host and port by transport."""
        return {name: one.getsockname()[:2] for name, one in self.sockets.items()}

    def may_send(self, peer: Address) -> bool:
        """True if the address is of an allowed network."""
        return any(peer in network for network in self.allowed if network.version == peer.version)

    def close(self) -> None:
        """Let go of every socket."""
        for one in self.sockets.values():
            one.close()


def peer_of(host: str) -> Address:
    """The address of a sender: without its zone, an IPv4 address that came in over IPv6 as what it is."""
    found = ip_address(host.partition("%")[0])
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def open_ports(syslog: Syslog) -> Ports:
    """Check everything and bind; ConfigurationError with the variable that is wrong."""
    if not syslog.is_on:
        return Ports()
    if not syslog.source:
        raise ConfigurationError(
            "BREACH_SYSLOG_SOURCE: name the source that the lines belong to, added with"
            " `breach-service source add NAME --kind firewall`"
        )
    ports = Ports(syslog.source, networks(syslog.allow), tls=_tls_context(syslog) if syslog.tls else None)
    try:
        for transport, written in (("udp", syslog.udp), ("tcp", syslog.tcp), ("tls", syslog.tls)):
            if written:
                ports.sockets[transport] = _bound(transport, written)
    except ConfigurationError:
        ports.close()
        raise
    return ports


def networks(written: str) -> tuple[Network, ...]:
    """The networks that may send."""
    try:
        found = tuple(ip_network(one.strip(), strict=False) for one in written.split(",") if one.strip())
    except ValueError as error:
        raise ConfigurationError(
            f"BREACH_SYSLOG_ALLOW: {error}: write networks as 192.0.2.0/24,2001:db8::/32"
        ) from None
    if not found:
        raise ConfigurationError("BREACH_SYSLOG_ALLOW: nobody may send: write networks as 192.0.2.0/24,2001:db8::/32")
    return found


def _host_and_port(name: str, written: str) -> tuple[str, int]:
    host, colon, port = written.strip().rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535 or (":" in host and not host.startswith("[")):
        raise ConfigurationError(f"{name}: {written!r} is no address: write host:port, [::1]:port or :port")
    return host.strip("[]"), int(port)


def _bound(transport: str, written: str) -> socket.socket:
    name = f"BREACH_SYSLOG_{transport.upper()}"
    host, port = _host_and_port(name, written)
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    try:
        if not host:
            return _listening(_everywhere(kind), ("", port), kind)
        family, _, _, _, address = socket.getaddrinfo(host, port, type=kind, flags=socket.AI_PASSIVE)[0]
        return _listening(socket.socket(family, kind), address, kind)
    except OSError as error:
        raise ConfigurationError(f"{name}: {written} cannot be listened on: {error.strerror or error}") from error


def _everywhere(kind: socket.SocketKind) -> socket.socket:
    """A socket for IPv6 and IPv4 at once, or for IPv4 where this machine has no IPv6."""
    if not socket.has_dualstack_ipv6():
        return socket.socket(socket.AF_INET, kind)
    one = socket.socket(socket.AF_INET6, kind)
    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    return one


def _listening(
    one: socket.socket, address: tuple[str | int, ...] | tuple[int, bytes], kind: socket.SocketKind
) -> socket.socket:
    try:
        one.setblocking(False)
        if kind == socket.SOCK_DGRAM:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            one.bind(address)
        else:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(address)
            one.listen(128)
    except OSError:
        one.close()
        raise
    return one


def _tls_context(syslog: Syslog) -> ssl.SSLContext:
    """TLS 1.2 or newer, with our certificate, and the senders' authority where one is named."""
    if syslog.certificate is None:
        raise ConfigurationError("BREACH_SYSLOG_TLS_CERTIFICATE: name the file of the certificate, in PEM")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(syslog.certificate, syslog.key)
    except (OSError, ssl.SSLError) as error:
        which = "BREACH_SYSLOG_TLS_CERTIFICATE and BREACH_SYSLOG_TLS_KEY"
        raise ConfigurationError(f"{which} cannot be used ({syslog.certificate}, {syslog.key}): {error}") from error
    if syslog.clients is not None:
        try:
            context.load_verify_locations(syslog.clients)
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(f"BREACH_SYSLOG_TLS_CLIENTS cannot be used ({syslog.clients}): {error}") from error
        context.verify_mode = ssl.CERT_REQUIRED
    return context
