"""Who waits for a request to be on disk, and how it is told: a loop is woken once for all who wait in it."""

import asyncio
import queue
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Protocol

from breach_service.logs import logger

log = logger(__name__)


class Waiting(Protocol):
    """Who waits for a request to be on disk."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The loop in which it must be told; None where any thread may do so."""
        ...

    def is_there(self) -> bool:
        """False where the sender has gone away meanwhile: it was never answered, and will send again."""
        ...

    def tell(self, error: Exception | None) -> None:
        """It is on disk, or it is not and why."""
        ...


class Bell:
    """Wakes the thread that waits for it. Rung while nobody waits, it ends the next wait at once: no ring is lost."""

    def __init__(self) -> None:
        # Not an Event: the handler of a signal may ring while the thread that it interrupts is waiting.
        self._rings: queue.SimpleQueue[None] = queue.SimpleQueue()

    def ring(self) -> None:
        """Wake it; from any thread, and from the handler of a signal."""
        if self._rings.empty():  # one is enough: in a flood they would pile up
            self._rings.put(None)

    def wait(self, seconds: float) -> None:
        """Wait until it rings, at most so long."""
        with suppress(queue.Empty):
            self._rings.get(timeout=seconds)


class WaitingThread:
    """A thread, or several, that hold the future."""

    loop = None

    def __init__(self) -> None:
        self.future: Future[None] = Future()

    def is_there(self) -> bool:
        """See `Waiting`."""
        return self.future.set_running_or_notify_cancel()

    def tell(self, error: Exception | None) -> None:
        """See `Waiting`."""
        _settle(self.future, error)


class WaitingTask:
    """A task of the running event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[None] = self.loop.create_future()

    def is_there(self) -> bool:
        """See `Waiting`."""
        return not self.future.cancelled()

    def tell(self, error: Exception | None) -> None:
        """See `Waiting`."""
        if not self.future.done():
            _settle(self.future, error)


def tell_all(several: Sequence[Waiting], error: Exception | None) -> None:
    """Tell all, from any thread."""
    by_loop: dict[asyncio.AbstractEventLoop | None, list[Waiting]] = {}
    for one in several:
        by_loop.setdefault(one.loop, []).append(one)
    for loop, together in by_loop.items():
        if loop is None:
            _tell_each(together, error)
            continue
        try:
            loop.call_soon_threadsafe(_tell_each, together, error)
        except RuntimeError:  # the loop has ended: nobody is left to be answered
            log.warning("nobody_to_tell", requests=len(together))


def _tell_each(several: Sequence[Waiting], error: Exception | None) -> None:
    for one in several:
        try:
            one.tell(error)
        except Exception as failure:  # whatever it is: the others must be told
            log.error("not_told", error=type(failure).__name__, exc_info=failure)


def _settle(future: "Future[None] | asyncio.Future[None]", error: Exception | None) -> None:
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
