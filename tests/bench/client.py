"""A client that one core of a server cannot tire: raw connections kept alive, answers barely read."""

import asyncio
import contextlib
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

import uvloop

from tests.bench.machine import without_collector

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
AFTER_REFUSAL = 0.05
"""Seconds that a connection waits after a 503: less than Retry-After asks, so that the refusals are felt."""


@dataclass
class Load:
    """What to send, for how long, and what came of it."""

    address: str
    secret: str
    body: Callable[[int], bytes]
    """The body of a number; numbers go up by one from `first`."""
    connections: int = 64
    seconds: float = 5.0
    most: int | None = None
    """Requests; no bound but the time where there is none."""
    first: int = 0
    room: Callable[[], bool] = lambda: True
    """False while no more should be sent; asked before each request."""
    times: list[float] = field(default_factory=list)
    """Seconds from each request to its answer."""
    statuses: Counter[int] = field(default_factory=Counter)
    accepted: list[int] = field(default_factory=list)
    """The numbers that were answered with 200."""
    elapsed: float = 0.0

    @property
    def rate(self) -> float:
        """Accepted requests per second."""
        return self.statuses[200] / self.elapsed if self.elapsed else 0.0

    def milliseconds(self, share: float) -> float:
        """The answer time that this share of the requests did not exceed."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else 0.0


class _Connection(asyncio.Protocol):
    def __init__(
        self, load: Load, next_request: Callable[[], tuple[int, bytes] | None], done: Callable[[], None]
    ) -> None:
        self._load = load
        self._next = next_request
        self._done = done
        self._held = b""
        self._sent_at = 0.0
        self._number = 0
        self.is_parked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # that of uvloop says nothing of what it is
        self.go_on()

    def go_on(self) -> None:
        """Send the next request, or wait until there is room."""
        self.is_parked = False
        if not self._load.room():
            self.is_parked = True
            return
        found = self._next()
        if found is None:
            self._transport.close()
            return
        self._number, request = found
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._held:
            data = self._held + data
        end = data.find(b"\r\n\r\n")
        found = _LENGTH.search(data, 0, end) if end > 0 else None
        if found is None or len(data) < end + 4 + int(found[1]):
            self._held = data
            return
        self._held = b""
        load, status = self._load, int(data[9:12])
        load.times.append(time.perf_counter() - self._sent_at)
        load.statuses[status] += 1
        if status == 200:
            load.accepted.append(self._number)
            self.go_on()
        else:
            asyncio.get_running_loop().call_later(AFTER_REFUSAL, self.go_on)

    def connection_lost(self, error: Exception | None) -> None:
        if error is not None or self._held:
            self._load.statuses[0] += 1
        self._done()


def send(load: Load) -> Load:
    """Send until the time is over or everything was sent; the load, with its answers."""
    with without_collector():
        uvloop.run(_send(load))
    return load


async def _send(load: Load) -> None:
    loop, target = asyncio.get_running_loop(), urlsplit(load.address)
    head = (
        f"POST {target.path} HTTP/1.1\r\nHost: {target.netloc}\r\nUser-Agent: Alertmanager/0.28.1\r\n"
        f"Authorization: Bearer {load.secret}\r\nContent-Type: application/json\r\nContent-Length: "
    ).encode()
    open_connections, all_done = load.connections, loop.create_future()
    number = load.first
    began = time.perf_counter()
    ends_at = began + load.seconds

    def next_request() -> tuple[int, bytes] | None:
        nonlocal number
        if time.perf_counter() >= ends_at or (load.most is not None and number - load.first >= load.most):
            return None
        body = load.body(number)
        number += 1
        return number - 1, b"%b%d\r\n\r\n%b" % (head, len(body), body)

    def done() -> None:
        nonlocal open_connections
        open_connections -= 1
        if not open_connections:
            all_done.set_result(None)

    made = [_Connection(load, next_request, done) for _ in range(load.connections)]
    for one in made:
        await loop.create_connection(lambda one=one: one, target.hostname, target.port)  # type: ignore[misc,arg-type]
    while not all_done.done():
        for one in made:
            if one.is_parked:
                one.go_on()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(all_done), 0.005)
        if time.perf_counter() > ends_at:
            load.room = lambda: True  # whoever is parked may go home
    load.elapsed = time.perf_counter() - began
