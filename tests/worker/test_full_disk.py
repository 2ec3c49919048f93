"""On a full disk the loop loses nothing, blames no body, wakes nobody twice, and does not spin."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from breach_service.app import Service
from breach_service.store.database import DatabaseError, Session
from breach_service.store.tables import AlertRow, InboxRow, QuarantineRow
from breach_service.worker.loop import AFTER_FAILURE, IDLE
from tests.conftest import FakeChannel
from tests.pipeline.incoming import WEB_SHELL, Incoming

ALERTS = 300
PATIENCE = 60


def most_pages(service: Service, more: int | None) -> None:
    """Let the database grow by so many pages only, which SQLite answers as it does a full disk; None: by any."""

    def work(session: Session) -> None:
        connection = session.connection()
        used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {1_000_000 if more is None else used + more}")

    service.database.write(work)


class Turns:
    """The clock of the loop, which is asked once a turn, of whatever it is a turn."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.count = 0

    def __call__(self) -> datetime:
        self.count += 1
        return self._service.now()


@contextmanager
def working(service: Service, turns: Turns) -> Iterator[None]:
    """The loop in a thread of its own."""
    worker = service.worker()
    thread = threading.Thread(target=worker.run, args=(turns,))
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join()


def until(what: Callable[[], bool], sentence: str) -> None:
    ends_at = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not what():
        assert time.monotonic() < ends_at, sentence
        pause.wait(0.02)


def test_a_worker_on_a_full_disk_neither_loses_nor_spins(sqlite_service: Service, channel: FakeChannel) -> None:
    """Every alert waits until there is space; tried about once a second; then one incident, told of once."""
    incoming = Incoming(sqlite_service)
    incoming.send(*({**WEB_SHELL, "id": f"shell-{number}"} for number in range(ALERTS)))
    most_pages(sqlite_service, 2)
    turns, began = Turns(sqlite_service), time.monotonic()
    with working(sqlite_service, turns):
        until(lambda: turns.count >= 6, "it gave up")
        tried, lasted = turns.count, time.monotonic() - began
        assert incoming.count(InboxRow) == 1
        assert incoming.count(AlertRow) == incoming.count(QuarantineRow) == 0
        assert channel.cards == []
        most_pages(sqlite_service, None)
        until(lambda: bool(channel.cards), "it did not go on")
    assert tried <= 4 + lasted * (1 / AFTER_FAILURE + 1 / IDLE)
    assert incoming.count(AlertRow) == ALERTS
    assert incoming.count(InboxRow) == incoming.count(QuarantineRow) == 0
    assert len(incoming.incidents()) == 1
    assert len([stands_at for _, stands_at in channel.cards if stands_at is None]) == 1


def test_what_comes_while_the_disk_is_full_is_refused_or_kept(sqlite_service: Service) -> None:
    """A sender is told that it was not stored, or it is there afterwards; never anything between the two."""
    incoming = Incoming(sqlite_service)
    most_pages(sqlite_service, 20)
    turns, kept, refused = Turns(sqlite_service), 0, []
    with working(sqlite_service, turns):
        for number in range(100):
            try:
                incoming.send({**WEB_SHELL, "id": f"shell-{number}", "note": "x" * 2_000})
            except DatabaseError as error:
                refused.append(str(error))
            else:
                kept += 1
        most_pages(sqlite_service, None)
        until(lambda: incoming.count(InboxRow) == 0, "it did not go on")
    assert refused
    assert all("full" in one for one in refused)
    assert 0 < kept == 100 - len(refused)
    assert incoming.count(AlertRow) == kept
    assert incoming.count(QuarantineRow) == 0
