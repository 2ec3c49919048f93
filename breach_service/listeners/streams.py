"""Syslog over TCP (RFC 6587) and TLS (RFC 5425): one task per connection, which reads only what it can store."""

import asyncio
import socket
import ssl
from collections.abc import Iterable

from breach_service.listeners.framing import Framing
from breach_service.listeners.ports import Ports, peer_of
from breach_service.listeners.storing import Batch, Limits, Storing
from breach_service.logs import logger

CHUNK = 64 * 1024
"""Octets read at once; the stream holds twice as many before the sender is slowed down."""

log = logger(__name__)


class Streams:
    """Everybody who is connected over one transport."""

    def __init__(self, ports: Ports, transport: str, storing: Storing, limits: Limits) -> None:
        self._ports = ports
        self._listening = ports.sockets[transport]
        self._tls = ports.tls if transport == "tls" else None
        self._storing = storing
        self._limits = limits
        self._connections: dict[asyncio.Task[None], Connection] = {}
        self._accepting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to accept."""
        self._accepting = asyncio.create_task(self._accept_all(), name="syslog-accept")

    async def stop(self) -> None:
        """Accept and read no more, and store what was read."""
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.wait([self._accepting])
        self._listening.close()
        self._storing.stop()
        for task, one in self._connections.items():
            one.stop_reading()
            if not one.is_connected:  # still shaking hands: nothing was read
                task.cancel()
        if self._connections:
            await asyncio.wait(list(self._connections))

    async def _accept_all(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, address = await loop.sock_accept(self._listening)
            except OSError as error:  # too many open files, most likely: others will close some
                log.error("syslog_not_accepted", error=str(error), transport=self._storing.transport)
                await asyncio.sleep(1)
                continue
            self._admit(accepted, str(address[0]))

    def _admit(self, accepted: socket.socket, host: str) -> None:
        """Start the task of a connection, or close it at once with a count."""
        peer = peer_of(host)
        if not self._ports.may_send(peer):
            self._storing.refuse("not_allowed", str(peer))
        elif len(self._connections) >= self._limits.connections:
            self._storing.refuse("too_many_connections", str(peer))
        else:
            one = Connection(accepted, str(peer), self._tls, self._storing, self._limits)
            task = asyncio.create_task(one.serve(), name=f"syslog-{peer}")
            self._connections[task] = one
            task.add_done_callback(self._connections.pop)
            return
        accepted.close()


TLS_RECORD = b"\x16\x03"
"""How a TLS handshake begins (RFC 8446 section 5.1); no message of syslog does."""


class _Reading(asyncio.StreamReaderProtocol):
    """Hears nothing more once it was told so."""

    is_deaf = False

    def data_received(self, data: bytes) -> None:
        """Octets came in."""
        if not self.is_deaf:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        """The sender has finished."""
        return None if self.is_deaf else super().eof_received()


class Connection:
    """One sender that is connected."""

    def __init__(
        self, accepted: socket.socket, peer: str, tls: ssl.SSLContext | None, storing: Storing, limits: Limits
    ) -> None:
        self._accepted = accepted
        self._peer = peer
        self._tls = tls
        self._storing = storing
        self._limits = limits
        self._framing = Framing()
        self._batch = Batch()
        self._reader = asyncio.StreamReader(CHUNK)
        self._protocol = _Reading(self._reader)
        self.is_connected = False

    def stop_reading(self) -> None:
        """End as if the sender had gone: what is read is stored."""
        self._protocol.is_deaf = True
        self._reader.feed_eof()

    async def serve(self) -> None:
        """Read until the sender ends, breaks its framing or falls silent; never raises."""
        transport = await self._connect()
        if transport is None:
            return
        self.is_connected = True
        try:
            await self._read_all()
        except Exception as error:  # one sender must never take the others with it
            log.error("syslog_connection_failed", error=type(error).__name__, peer=self._peer, exc_info=error)
        finally:
            await self._close(transport)

    async def _connect(self) -> asyncio.Transport | None:
        """Shake hands where the transport is TLS; None where that fails, which is counted."""
        self._accepted.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        loop = asyncio.get_running_loop()
        timeout = self._limits.handshake if self._tls else None
        transport: asyncio.Transport | None = None
        try:
            transport, _ = await loop.connect_accepted_socket(
                lambda: self._protocol, self._accepted, ssl=self._tls, ssl_handshake_timeout=timeout
            )
        except OSError as error:  # ssl.SSLError among them
            self._storing.refuse("tls_failed" if self._tls else "not_connected", self._peer, why=str(error))
            transport = None
        finally:
            if transport is None:
                self._accepted.close()
        return transport

    async def _read_all(self) -> None:
        first = await self._read()
        if self._tls is None and first.startswith(TLS_RECORD):
            self._storing.refuse("tls_on_plain_port", self._peer)
            return
        if not first or not await self._take(self._framing.feed(first)) or self._framing.fault:
            await self._end()
            return
        while (data := await self._read()) and await self._take(self._framing.feed(data)) and not self._framing.fault:
            pass
        await self._end()

    async def _end(self) -> None:
        is_ours = self._storing.is_stopping
        is_broken = bool(self._framing.fault)
        if await self._take(self._framing.end(), is_last=True) and self._framing.fault and (is_broken or not is_ours):
            self._storing.refuse("bad_framing", self._peer, why=self._framing.fault)

    async def _read(self) -> bytes:
        """Some octets; none where the sender has gone or was silent for too long."""
        while True:
            await self._storing.wait_for_room()
            limits = self._limits
            patience = limits.wait if self._batch.lines else limits.stall if self._framing.is_amid else limits.idle
            try:
                async with asyncio.timeout(patience):
                    return await self._reader.read(CHUNK)
            except TimeoutError:
                if not self._batch.lines:
                    log.info("syslog_connection_idle", peer=self._peer, transport=self._storing.transport)
                    return b""
                if not await self._flush():
                    return b""
            except OSError as error:  # reset by the sender, or a TLS record that is none
                log.info("syslog_connection_lost", peer=self._peer, error=str(error))
                return b""

    async def _take(self, lines: Iterable[bytes], *, is_last: bool = False) -> bool:
        """Put lines into the batch and store it whenever it is full; False where they are not taken."""
        for line in lines:
            self._batch.add(line)
            if self._batch.is_full(self._limits) and not await self._flush():
                return False
        return not is_last or await self._flush()

    async def _flush(self) -> bool:
        batch, self._batch = self._batch, Batch()
        return not batch.lines or await self._storing.store(batch, self._peer)

    async def _close(self, transport: asyncio.Transport) -> None:
        writer = asyncio.StreamWriter(transport, self._protocol, self._reader, asyncio.get_running_loop())
        if self._framing.fault or self._tls:
            transport.abort()  # nothing is ever written, so nothing can be lost; a hostile sender is not waited for
        writer.close()
        try:
            await writer.wait_closed()
        except OSError as error:
            log.debug("syslog_connection_closed", peer=self._peer, error=str(error))
