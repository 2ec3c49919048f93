"""Syslog over UDP (RFC 5426): one datagram, one message. Nothing can be sent back, so what is too much is counted."""

import asyncio
from typing import Any

from breach_service.listeners.framing import as_line
from breach_service.listeners.ports import Ports, peer_of
from breach_service.listeners.storing import Batch, Limits, Storing
from breach_service.logs import logger

MOST_NAMED = 1000
"""Senders that are named in the log because they may not send; each once."""

log = logger(__name__)


class Datagrams(asyncio.DatagramProtocol):
    """Everybody who sends datagrams; their lines wait by sender."""

    def __init__(self, ports: Ports, storing: Storing, limits: Limits) -> None:
        self._ports = ports
        self._storing = storing
        self._limits = limits
        self._batches: dict[str, Batch] = {}
        self._waiting = 0
        self._has_some = asyncio.Event()
        self._is_urgent = asyncio.Event()
        self._named: set[str] = set()
        self._transport: asyncio.DatagramTransport | None = None
        self._flushing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to read."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=self._ports.sockets["udp"])
        self._flushing = asyncio.create_task(self._flush_for_ever(), name="syslog-udp")

    async def stop(self) -> None:
        """Read no more, and store what was read."""
        if self._transport is not None:
            self._transport.close()
        self._storing.stop()
        self._has_some.set()
        self._is_urgent.set()
        if self._flushing is not None:
            await asyncio.wait([self._flushing])

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        """One datagram came in."""
        peer = peer_of(str(addr[0]))
        if not self._ports.may_send(peer):
            self._refuse_sender(str(peer))
            return
        line = as_line(data)
        if not line:
            return
        if self._storing.inbox.is_full() or self._waiting + len(line) > self._limits.waiting_octets:
            self._storing.inbox.refuse(self._storing.source, "backlog_full")
            return
        batch = self._batches.setdefault(str(peer), Batch())
        batch.add(line)
        self._waiting += len(line) + 1
        self._has_some.set()
        if batch.is_full(self._limits):
            self._is_urgent.set()

    def error_received(self, exc: Exception) -> None:
        """The system reports an error of the socket; datagrams go on."""
        log.info("syslog_datagram_error", error=str(exc))

    def _refuse_sender(self, peer: str) -> None:
        """Count it always, name it once: addresses of datagrams are easily made up."""
        if peer in self._named or len(self._named) >= MOST_NAMED:
            self._storing.inbox.refuse(self._storing.source, "not_allowed")
            return
        self._named.add(peer)
        self._storing.refuse("not_allowed", peer)

    async def _flush_for_ever(self) -> None:
        while True:
            await self._has_some.wait()
            try:
                async with asyncio.timeout(self._limits.wait):
                    await self._is_urgent.wait()
            except TimeoutError:
                log.debug("syslog_datagrams_waited")
            is_last = self._storing.is_stopping
            self._has_some.clear()
            self._is_urgent.clear()
            try:
                await self._flush()
            except Exception as error:  # the next lines must still be stored
                log.error("syslog_lines_lost", error=type(error).__name__, transport="udp", exc_info=error)
            if is_last:
                return

    async def _flush(self) -> None:
        batches, self._batches = self._batches, {}
        octets = sum(one.octets for one in batches.values())
        try:
            async with asyncio.TaskGroup() as group:  # queued together, so that they share one commit
                for peer, batch in batches.items():
                    group.create_task(self._storing.store(batch, peer))
        finally:
            self._waiting -= octets
