"""Lines that wait together become one request, and stay until they are on disk."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime

from breach_service.errors import BacklogFull, WrongCredential
from breach_service.listeners.inbox import Inbox
from breach_service.logs import logger
from breach_service.store.database import Closed, DatabaseError

BETWEEN_TRIES = 1.0
"""Seconds until lines that could not be stored are tried again."""
LAST_TRIES = 3
"""How often they are tried once the service is stopping."""

log = logger(__name__)


@dataclass(frozen=True)
class Limits:
    """How much at once, and how long; seconds."""

    lines: int = 500
    octets: int = 512 * 1024
    wait: float = 0.2
    """How long a line may wait for others before it is stored."""
    connections: int = 500
    handshake: float = 20.0
    stall: float = 60.0
    """How long a message that has begun may stand still."""
    idle: float = 3600.0
    """How long a sender may be silent: long, since the first line after a close would be lost with most of them."""
    waiting_octets: int = 16 * 1024 * 1024
    """Of datagrams that are read and not stored."""


@dataclass
class Batch:
    """Lines of one sender."""

    lines: list[bytes] = field(default_factory=list)
    octets: int = 0

    def add(self, line: bytes) -> None:
        """Put one more line in."""
        self.lines.append(line)
        self.octets += len(line) + 1

    def is_full(self, limits: Limits) -> bool:
        """True where it should be stored without waiting for more."""
        return len(self.lines) >= limits.lines or self.octets >= limits.octets


class Storing:
    """Stores batches of one transport, for one source; tries again while the database is away."""

    def __init__(self, inbox: Inbox, source: str, transport: str, now: Callable[[], datetime]) -> None:
        self.inbox = inbox
        self.source = source
        self.transport = transport
        self._now = now
        self._stopping = asyncio.Event()

    @property
    def is_stopping(self) -> bool:
        """True once the service stops: what was read is stored, nothing more is."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Wait no longer for anything but the disk."""
        self._stopping.set()

    async def wait_for_room(self) -> None:
        """Return once the inbox takes more, or the service stops."""
        while self.inbox.is_full() and not self.is_stopping:
            await self.pause()

    async def pause(self) -> None:
        """A second, or until the service stops."""
        try:
            await asyncio.wait_for(self._stopping.wait(), BETWEEN_TRIES)
        except TimeoutError:
            return

    def refuse(self, reason: str, peer: str, **words: str) -> None:
        """Count one refusal, with a log line."""
        self.inbox.refuse(self.source, reason)
        log.warning("syslog_refused", reason=reason, peer=peer, transport=self.transport, **words)

    async def store(self, batch: Batch, peer: str) -> bool:
        """True once the lines are on disk; False where they were refused, or lost at the end, which is logged."""
        tries = 0
        while True:
            try:
                await asyncio.wrap_future(self._queue(batch, peer))
                return True
            except WrongCredential as error:  # the source was disabled; the inbox has counted it
                log.warning("syslog_refused", reason=error.reason, peer=peer, transport=self.transport)
                return False
            except (BacklogFull, DatabaseError, Closed) as error:
                tries += self.is_stopping
                if self._gives_up(error, tries):
                    self._say(batch, peer, error, is_lost=True)
                    return False
                self._say(batch, peer, error, is_lost=False)
            await (asyncio.sleep(BETWEEN_TRIES / 5) if self.is_stopping else self.pause())

    def _queue(self, batch: Batch, peer: str) -> "Future[None]":
        return self.inbox.receive_lines(self.source, peer, self.transport, b"\n".join(batch.lines), self._now())

    def _gives_up(self, error: Exception, tries: int) -> bool:
        """True where waiting is of no use: nobody can slow down who sends datagrams."""
        is_dropped = isinstance(error, BacklogFull) and self.transport == "udp"
        return isinstance(error, Closed) or is_dropped or tries >= LAST_TRIES

    def _say(self, batch: Batch, peer: str, error: Exception, *, is_lost: bool) -> None:
        """One log line; lines that are lost because there is no room are counted, beyond the one that was already."""
        if is_lost and isinstance(error, BacklogFull):
            for _ in batch.lines[1:]:
                self.inbox.refuse(self.source, "backlog_full")
        log.error(
            "syslog_lines_lost" if is_lost else "syslog_not_stored", error=type(error).__name__,
            lines=len(batch.lines), peer=peer, transport=self.transport,
        )  # fmt: skip
