"""The one thread of a process that writes: accepted requests, many to a commit, and units of work, one to a commit.

While requests keep coming they go first. In a burst units get a tenth of the time, so that no answer waits for a
backlog; in a flood that lasts they get more than half of it, so that what was accepted is also looked at.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from breach_service.clock import monotonic
from breach_service.errors import BreachServiceError
from breach_service.metrics import stage_duration
from breach_service.store.waiting import Waiting, tell_all

MOST_TOGETHER = 256
"""Requests to a commit."""
RECEIVING_FIRST = 9.0
"""After a unit of work, requests go before the next one of its thread for so many times its length, in a burst; …"""
RECEIVING_LATER = 0.7
"""… and so many times once it has lasted."""
BURST = 6.0
"""Seconds of requests without a pause after which a burst is a flood."""
PAUSE = 0.25
"""Seconds without a request after which another burst begins."""
LONGEST_WAIT = 5.0
"""Seconds that a unit of work waits for requests at most."""
JOINING = 0.001
"""Seconds for which requests that come together wait for others."""
QUIET = 0.004
"""Seconds after a commit of requests without a new one after which no more are expected, and units need not wait."""


class Closed(BreachServiceError):
    """The service is stopping: send again."""


@dataclass(slots=True)
class Unit:
    """Work in a transaction of its own."""

    work: Callable[..., Any]
    future: "Future[Any]"
    thread: int = field(default_factory=threading.get_ident)
    """Whose it is: after long work a thread waits, while others need not."""


@dataclass(slots=True)
class Row:
    """One accepted request."""

    values: Mapping[str, Any]
    waiting: Waiting
    came_at: float = field(default_factory=monotonic)


class Writer:
    """Does what it is handed in the order of coming, requests before units.

    `insert` commits some requests together, `is_fault_of_row` tells whether an error of it may be due to one of them,
    `do` does one unit of work. All three are only called in the thread of the writer.
    """

    def __init__(
        self, insert: Callable[[Sequence[Mapping[str, Any]]], None], is_fault_of_row: Callable[[Exception], bool],
        do: Callable[[Callable[..., Any]], Any],
    ) -> None:  # fmt: skip
        self._insert = insert
        self._is_fault_of_row = is_fault_of_row
        self._do = do
        self._queue: queue.SimpleQueue[Unit | Row | None] = queue.SimpleQueue()
        self._rows: deque[Row] = deque()
        self._units: deque[Unit] = deque()
        self._handed_over = self._settled = 0
        self._received_at = self._flood_began_at = 0.0
        self._turns: dict[int, float] = {}
        """When the turn of a thread comes again, where it had a long one."""
        self._last_together = 0
        self._nothing = threading.Event()
        self._is_ending = False
        self._is_closed = False
        self._door = threading.Lock()
        self._received = stage_duration.labels("receive")
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    @property
    def rows_under_way(self) -> int:
        """Requests that were handed over and are neither on disk nor refused."""
        return self._handed_over - self._settled

    def put(self, one: Unit | Row) -> None:
        """Hand something over. Raises Closed."""
        with self._door:  # nothing may be queued behind the end: it would wait for ever
            if self._is_closed:
                raise Closed
            self._handed_over += isinstance(one, Row)
            self._queue.put(one)

    def close(self) -> bool:
        """Finish what is queued and end; False where that was asked before."""
        with self._door:
            if self._is_closed:
                return False
            self._is_closed = True
            self._queue.put(None)
        self._thread.join()
        return True

    def _run(self) -> None:
        while not self._is_ending or self._rows or self._units:
            self._gather()
            if self._rows:
                self._let_others_join()
                self._commit_group([self._rows.popleft() for _ in range(min(len(self._rows), MOST_TOGETHER))])
            if self._units and self._wait_of_units() <= 0:
                self._commit_unit(self._next_unit())

    def _gather(self) -> None:
        """Take what is queued; where there is nothing to do yet, wait for it."""
        if not self._rows and not self._is_ending:
            wait = self._wait_of_units() if self._units else None
            if wait is None or wait > 0:
                try:
                    self._sort(self._queue.get(timeout=wait))
                except queue.Empty:
                    return
        self._empty_queue()

    def _empty_queue(self) -> None:
        while not self._queue.empty():
            self._sort(self._queue.get())

    def _let_others_join(self) -> None:
        """Where requests came together before, wait a moment for more: a commit costs as much as many requests."""
        if self._last_together > 1 and len(self._rows) < MOST_TOGETHER and not self._is_ending:
            self._nothing.wait(JOINING)
            self._empty_queue()

    def _sort(self, one: Unit | Row | None) -> None:
        if isinstance(one, Row):
            self._rows.append(one)
        elif one is not None:
            self._units.append(one)
        else:
            self._is_ending = True

    def _wait_of_units(self) -> float:
        """Seconds until a unit may be done; none where no request has come for a while."""
        if self._is_ending:
            return 0.0
        until = min(self._turns.get(one.thread, 0.0) for one in self._units)
        return (until if self._rows else min(until, self._received_at + QUIET)) - monotonic()

    def _next_unit(self) -> Unit:
        """The first of those whose turn comes first."""
        first = min(self._units, key=lambda one: self._turns.get(one.thread, 0.0))
        self._units.remove(first)
        return first

    def _commit_group(self, rows: list[Row]) -> None:
        self._last_together = len(rows)
        wanted = [one for one in rows if one.waiting.is_there()]
        self._settled += len(rows) - len(wanted)
        if wanted:
            self._commit_together(wanted)
            now = monotonic()
            if now - self._received_at > PAUSE:
                self._flood_began_at = now
            self._received_at = now
            self._received.observe(self._received_at - wanted[0].came_at)

    def _commit_together(self, rows: list[Row]) -> None:
        try:
            self._insert([one.values for one in rows])
        except Exception as error:  # noqa: BLE001  # handed to whoever waits; the writer must outlive it
            if len(rows) > 1 and self._is_fault_of_row(error):
                for one in rows:  # one bad row fails alone
                    self._commit_together([one])
            else:
                self._tell(rows, error)
        else:
            self._tell(rows, None)

    def _tell(self, rows: list[Row], error: Exception | None) -> None:
        self._settled += len(rows)
        tell_all([one.waiting for one in rows], error)

    def _commit_unit(self, unit: Unit) -> None:
        if not unit.future.set_running_or_notify_cancel():
            return
        began = monotonic()
        try:
            result = self._do(unit.work)
        except BaseException as error:  # noqa: BLE001  # handed to whoever waits, never swallowed
            unit.future.set_exception(error)
        else:
            unit.future.set_result(result)
        ended = monotonic()
        self._turns = {thread: at for thread, at in self._turns.items() if at > ended}
        share = RECEIVING_FIRST if ended - self._flood_began_at < BURST else RECEIVING_LATER
        self._turns[unit.thread] = ended + min(share * (ended - began), LONGEST_WAIT)
