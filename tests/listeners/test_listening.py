"""The listener with real sockets: what is sent is stored, who is hostile is closed and counted."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
import uvloop
from sqlalchemy.exc import OperationalError

from breach_service.listeners import Limits
from tests.listeners.conftest import QUICK, Authority, MemoryInbox, listening, send, until

ANYWHERE = "127.0.0.1:0"
LINES = [b"<134>Nov 23 08:00:%02d fw-01 drop number=%d" % (number % 60, number) for number in range(1200)]
RUNNERS: dict[str, Callable[[Coroutine[Any, Any, None]], None]] = {"asyncio": asyncio.run, "uvloop": uvloop.run}


@pytest.fixture(params=sorted(RUNNERS))
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, None]], None]:
    """On both event loops: the service runs on uvloop where there is one."""
    return RUNNERS[request.param]


Run = Callable[[Awaitable[None]], None]


def counted(lines: list[bytes]) -> bytes:
    return b"".join(b"%d %b" % (len(one), one) for one in lines)


def lined(lines: list[bytes]) -> bytes:
    return b"".join(one + b"\n" for one in lines)


@pytest.mark.parametrize("frame", [counted, lined])
def test_tcp_in_both_framings(run: Run, inbox: MemoryInbox, frame: Callable[[list[bytes]], bytes]) -> None:
    """Every line, in order, in few rows, with the sender's address and the transport."""

    async def story() -> None:
        async with listening(inbox, tcp=ANYWHERE) as ports:
            await send(ports.addresses["tcp"], frame(LINES))
            await until(lambda: len(inbox.lines) == len(LINES))

    run(story())
    assert inbox.lines == LINES
    assert len(inbox.rows) <= 6
    assert max(lines.count(b"\n") + 1 for *_, lines in inbox.rows) <= QUICK.lines
    assert {row[:3] for row in inbox.rows} == {("firewall", "127.0.0.1", "tcp")}
    assert inbox.refused == []


def test_a_connection_that_stays_open_is_stored_within_moments(run: Run, inbox: MemoryInbox) -> None:
    """A firewall never closes: lines must not wait for it."""

    async def story() -> None:
        async with listening(inbox, tcp=ANYWHERE) as ports:
            _, writer = await asyncio.open_connection(*ports.addresses["tcp"])
            for line in LINES[:2]:
                writer.write(line + b"\n")
                await until(lambda wanted=line: wanted in inbox.lines)
            writer.close()
            await writer.wait_closed()

    run(story())


def test_udp(run: Run, inbox: MemoryInbox) -> None:
    """One datagram, one message; several wait together."""

    async def story() -> None:
        async with listening(inbox, udp=ANYWHERE) as ports:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for line in LINES[:100]:
                    sender.sendto(line + b"\n", ports.addresses["udp"])
                sender.sendto(b"\n", ports.addresses["udp"])
            await until(lambda: len(inbox.lines) == 100)

    run(story())
    assert inbox.lines == LINES[:100]
    assert {row[:3] for row in inbox.rows} == {("firewall", "127.0.0.1", "udp")}


def test_udp_that_is_too_much_is_counted(run: Run, inbox: MemoryInbox) -> None:
    """Nothing can be sent back: what finds no room is dropped, and the count says how much."""
    inbox.is_told_full = True

    async def story() -> None:
        async with listening(inbox, udp=ANYWHERE) as ports:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for line in LINES[:20]:
                    sender.sendto(line, ports.addresses["udp"])
            await until(lambda: len(inbox.refused) == 20)

    run(story())
    assert set(inbox.refused) == {("firewall", "backlog_full")}
    assert inbox.rows == []


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_who_may_not_send_is_refused_and_counted(run: Run, inbox: MemoryInbox, transport: str) -> None:
    """Before a single octet is read."""

    async def story() -> None:
        async with listening(inbox, allow="192.0.2.0/24", **{transport: ANYWHERE}) as ports:
            address = ports.addresses[transport]
            if transport == "udp":
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.sendto(LINES[0], address)
            else:
                with contextlib.suppress(OSError):
                    await send(address, LINES[0])
            await until(lambda: inbox.refused)

    run(story())
    assert inbox.refused == [("firewall", "not_allowed")]
    assert inbox.rows == []


def test_broken_framing_closes_the_connection_and_keeps_what_came_before(run: Run, inbox: MemoryInbox) -> None:
    """And the listener goes on for everybody else."""

    async def story() -> None:
        async with listening(inbox, tcp=ANYWHERE) as ports:
            address = ports.addresses["tcp"]
            reader, writer = await asyncio.open_connection(*address)
            writer.write(counted(LINES[:3]) + b"no length here\n")
            with contextlib.suppress(OSError):
                assert await reader.read() == b""
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            await send(address, lined(LINES[3:5]))
            await until(lambda: len(inbox.lines) == 5)

    run(story())
    assert inbox.lines == LINES[:5]
    assert inbox.refused == [("firewall", "bad_framing")]


def test_a_reset_loses_nothing_that_was_read(run: Run, inbox: MemoryInbox) -> None:
    """A sender that crashes sends RST."""

    async def story() -> None:
        async with listening(inbox, Limits(wait=30), tcp=ANYWHERE) as ports:
            with socket.create_connection(ports.addresses["tcp"]) as sender:
                sender.sendall(lined(LINES[:3]))
                await asyncio.sleep(0.05)
                sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            await until(lambda: len(inbox.lines) == 3)

    run(story())
    assert inbox.refused == []


def test_what_was_read_is_stored_when_the_service_stops(run: Run, inbox: MemoryInbox) -> None:
    """Also lines that wait for others, and one that has not ended."""

    async def story() -> None:
        slow = Limits(wait=30)
        async with listening(inbox, slow, tcp=ANYWHERE, udp=ANYWHERE) as ports:
            reader, writer = await asyncio.open_connection(*ports.addresses["tcp"])
            writer.write(lined(LINES[:10]) + b"<134>half a li")
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(LINES[20], ports.addresses["udp"])
            await asyncio.sleep(0.1)
            assert inbox.rows == []
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()

    run(story())
    assert sorted(inbox.lines) == sorted([*LINES[:10], b"<134>half a li", LINES[20]])
    assert inbox.refused == []


def test_a_full_inbox_slows_the_sender_down_and_loses_nothing(run: Run, inbox: MemoryInbox) -> None:
    """It stops reading, so that TCP stops the sender; once there is room again everything comes."""
    inbox.is_told_full = True
    many = LINES * 200
    size = len(lined(many))

    async def story() -> None:
        async with listening(inbox, tcp=ANYWHERE) as ports:
            with socket.create_connection(ports.addresses["tcp"]) as sender:
                sender.setblocking(False)
                sent, data = 0, lined(many)
                with contextlib.suppress(BlockingIOError):
                    while sent < size:
                        sent += sender.send(data[sent : sent + 65536])
                        await asyncio.sleep(0.001)
                assert sent < size
                assert inbox.rows == []
                inbox.is_told_full = False
                await asyncio.get_running_loop().sock_sendall(sender, data[sent:])
            await until(lambda: len(inbox.lines) == len(many))

    run(story())
    assert inbox.lines == many
    assert inbox.refused == []


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_database_that_is_away_for_a_moment_loses_nothing(run: Run, inbox: MemoryInbox, transport: str) -> None:
    """The lines stay until they are on disk."""
    inbox.failures = [OperationalError(None, None, Exception("away"))]

    async def story() -> None:
        async with listening(inbox, **{transport: ANYWHERE}) as ports:
            if transport == "udp":
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.sendto(LINES[0], ports.addresses["udp"])
            else:
                await send(ports.addresses["tcp"], LINES[0])
            await until(lambda: inbox.lines == LINES[:1])

    run(story())


def test_a_source_that_is_disabled_meanwhile_closes_its_senders(run: Run, inbox: MemoryInbox) -> None:
    """Nothing crashes, nothing is stored."""

    async def story() -> None:
        async with listening(inbox, tcp=ANYWHERE) as ports:
            inbox.known.clear()
            await send(ports.addresses["tcp"], lined(LINES[:2]))

    run(story())
    assert inbox.rows == []


def test_silent_and_stalled_senders_are_closed(run: Run, inbox: MemoryInbox) -> None:
    """One that says nothing, and one that stops amid a message, whose beginning is kept."""

    async def story() -> None:
        limits = Limits(wait=0.02, idle=0.05, stall=0.05)
        async with listening(inbox, limits, tcp=ANYWHERE) as ports:
            for said in (b"", b"50 <134>half"):
                reader, writer = await asyncio.open_connection(*ports.addresses["tcp"])
                writer.write(said)
                with contextlib.suppress(OSError):
                    assert await reader.read() == b""
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

    run(story())
    assert [line[:9] for line in inbox.lines] == [b"<134>half"]
    assert inbox.refused == [("firewall", "bad_framing")]


def test_connections_are_limited(run: Run, inbox: MemoryInbox) -> None:
    """The ones that are there go on."""

    async def story() -> None:
        async with listening(inbox, Limits(wait=0.02, connections=2), tcp=ANYWHERE) as ports:
            address = ports.addresses["tcp"]
            held = [await asyncio.open_connection(*address) for _ in range(2)]
            await asyncio.sleep(0.02)
            with contextlib.suppress(OSError):
                await send(address, b"<134>one too many\n")
            await until(lambda: inbox.refused)
            for _, writer in held:
                writer.write(b"<134>still here\n")
            await until(lambda: len(inbox.lines) == 2)
            for _, writer in held:
                writer.close()
                await writer.wait_closed()

    run(story())
    assert inbox.refused == [("firewall", "too_many_connections")]


def client(authority: Authority, own: str | None = None) -> ssl.SSLContext:
    """A sender that trusts the authority, with a certificate of its own where one is named."""
    context = ssl.create_default_context(cafile=str(authority.certificate()))
    if own:
        context.load_cert_chain(own)
    return context


@pytest.mark.parametrize("frame", [counted, lined])
def test_tls(run: Run, inbox: MemoryInbox, authority: Authority, frame: Callable[[list[bytes]], bytes]) -> None:
    """RFC 5425 counts; senders that end lines over TLS are understood all the same."""

    async def story() -> None:
        async with listening(inbox, tls=ANYWHERE, certificate=authority.issue("listener")) as ports:
            await send(ports.addresses["tls"], frame(LINES), client(authority))
            await until(lambda: len(inbox.lines) == len(LINES))

    run(story())
    assert inbox.lines == LINES
    assert {row[:3] for row in inbox.rows} == {("firewall", "127.0.0.1", "tls")}


def test_tls_with_certificates_of_senders(run: Run, inbox: MemoryInbox, authority: Authority) -> None:
    """Who has one of the authority may send; who has none, one of another, or speaks no TLS at all is refused."""
    (authority.directory / "other").mkdir()
    other = Authority(authority.directory / "other", "other")
    ours, theirs = authority.issue("fw-01"), other.issue("fw-02")
    settings = {"certificate": authority.issue("listener"), "clients": authority.certificate()}

    async def story() -> None:
        async with listening(inbox, tls=ANYWHERE, **settings) as ports:
            address = ports.addresses["tls"]
            for wrong in (client(authority), client(authority, str(theirs)), None):
                with contextlib.suppress(OSError):
                    await send(address, b"<134>let me in, please, let me in\n", wrong)
            await until(lambda: len(inbox.refused) == 3)
            await send(address, counted(LINES[:5]), client(authority, str(ours)))
            await until(lambda: inbox.lines)

    run(story())
    assert inbox.lines == LINES[:5]
    assert inbox.refused == [("firewall", "tls_failed")] * 3


def test_a_handshake_that_never_ends_does_not_hold_the_stop_up(
    run: Run, inbox: MemoryInbox, authority: Authority
) -> None:
    """Somebody connects, and says nothing."""

    async def story() -> None:
        async with listening(inbox, tls=ANYWHERE, certificate=authority.issue("listener")) as ports:
            mute = socket.create_connection(ports.addresses["tls"])
            await asyncio.sleep(0.05)
        mute.close()

    run(story())
    assert inbox.refused == []


def test_tls_on_the_port_of_plain_syslog_is_said(run: Run, inbox: MemoryInbox) -> None:
    """The beginning of a handshake is no line; the connection is closed and counted by its reason."""

    async def story() -> None:
        async with listening(inbox, tcp=ANYWHERE) as ports:
            await send(ports.addresses["tcp"], b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 more")
            await until(lambda: inbox.refused)

    run(story())
    assert inbox.refused == [("firewall", "tls_on_plain_port")]
    assert inbox.rows == []
