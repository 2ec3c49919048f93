"""The writer: requests before units of work, both in the end; who waits is told once, and never told a lie."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, text
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from breach_service.store.cipher import Cipher
from breach_service.store.database import Closed, Database, Session, is_connection_lost
from breach_service.store.inbox import MOST_BYTES, MOST_ROWS, backlog, remove, sealed, take
from breach_service.store.tables import CounterRow, InboxRow
from breach_service.store.waiting import WaitingTask, WaitingThread
from breach_service.store.writer import Row, Unit, Writer

PATIENCE = 30


class Journal:
    """A writer whose commits are entries of a list; the first insert waits until it is let go."""

    def __init__(self, faulty: str = "", error: Exception | None = None) -> None:
        self.entries: list[str] = []
        self.begun, self.go = threading.Event(), threading.Event()
        self._faulty, self._error = faulty, error or ValueError("this row")
        self.writer = Writer(self._insert, lambda error: isinstance(error, ValueError), self._do)

    def _insert(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.begun.set()
        self.go.wait(PATIENCE)
        names = [str(row["name"]) for row in rows]
        if self._faulty in names:
            raise self._error
        self.entries.append("+".join(names))

    def _do(self, work: Callable[[], str]) -> None:
        self.entries.append(work())

    def row(self, name: str) -> "Future[None]":
        waiting = WaitingThread()
        self.writer.put(Row({"name": name}, waiting))
        return waiting.future

    def unit(self, name: str) -> "Future[Any]":
        unit = Unit(lambda: name, Future())
        self.writer.put(unit)
        return unit.future


def test_requests_go_before_units_that_came_earlier() -> None:
    """What a sender waits for is committed first."""
    journal = Journal()
    first = journal.row("a")
    journal.begun.wait(PATIENCE)
    unit, others = journal.unit("unit"), [journal.row(name) for name in "bc"]
    journal.go.set()
    for one in (first, unit, *others):
        one.result(PATIENCE)
    assert journal.entries == ["a", "b+c", "unit"]
    journal.writer.close()


def test_units_have_their_turn_while_requests_keep_coming() -> None:
    """However hard the flood, work goes on: a unit is done before the requests end."""
    journal = Journal()
    journal.go.set()
    flooding = True

    def flood() -> None:
        while flooding:
            journal.row("r").result(PATIENCE)

    threads = [threading.Thread(target=flood) for _ in range(4)]
    for one in threads:
        one.start()
    for number in range(5):
        journal.unit(f"unit {number}").result(PATIENCE)
    flooding = False
    for one in threads:
        one.join()
    journal.writer.close()
    assert [one for one in journal.entries if one.startswith("unit")] == [f"unit {number}" for number in range(5)]


def test_one_request_at_fault_fails_alone() -> None:
    """The error is its own; the others of the group are committed one by one."""
    journal = Journal(faulty="bad")
    first = journal.row("a")
    journal.begun.wait(PATIENCE)
    good, bad, other = journal.row("b"), journal.row("bad"), journal.row("c")
    journal.go.set()
    for one in (first, good, other):
        one.result(PATIENCE)
    assert isinstance(bad.exception(PATIENCE), ValueError)
    assert journal.entries == ["a", "b", "c"]
    journal.writer.close()


def test_where_the_database_is_at_fault_nobody_is_tried_again() -> None:
    """A disk that is full is not made emptier by a hundred more tries: all are told at once."""
    journal = Journal(faulty="b", error=OSError("no space left"))
    first = journal.row("a")
    journal.begun.wait(PATIENCE)
    several = [journal.row(name) for name in "bcd"]
    journal.go.set()
    first.result(PATIENCE)
    assert all(isinstance(one.exception(PATIENCE), OSError) for one in several)
    assert journal.entries == ["a"]
    journal.writer.close()


def test_a_loop_is_woken_once_for_all_its_tasks() -> None:
    """A hundred requests of one commit are one call into the loop."""
    journal = Journal()
    woken = []

    async def several() -> None:
        loop = asyncio.get_running_loop()
        wake = loop.call_soon_threadsafe
        loop.call_soon_threadsafe = lambda *of: (woken.append(1), wake(*of))[1]  # type: ignore[method-assign,assignment,func-returns-value]
        waiting = [WaitingTask() for _ in range(101)]
        journal.writer.put(Row({"name": "first"}, waiting[0]))
        journal.begun.wait(PATIENCE)
        for one in waiting[1:]:
            journal.writer.put(Row({"name": "r"}, one))
        journal.go.set()
        await asyncio.gather(*(one.future for one in waiting))

    asyncio.run(several())
    assert len(woken) == 2
    journal.writer.close()


def test_requests_under_way_are_those_nobody_was_told_about() -> None:
    """None before, one while it is committed, none after; one whose sender went away is under way no more."""
    journal = Journal()
    assert journal.writer.rows_under_way == 0
    first = journal.row("a")
    journal.begun.wait(PATIENCE)
    gone = journal.row("b")
    assert journal.writer.rows_under_way == 2
    assert gone.cancel()
    journal.go.set()
    first.result(PATIENCE)
    journal.writer.close()
    assert journal.writer.rows_under_way == 0
    assert journal.entries == ["a"]
    with pytest.raises(Closed):
        journal.row("late")


def waiting_in(database: Database) -> int:
    with database.reading() as session:
        return int(session.exec(select(func.count()).select_from(InboxRow)).one())


def row_of(source_id: int, now: datetime, value: bytes = b"sealed") -> dict[str, Any]:
    return {"source_id": source_id, "received_at": now, "sealed": value}


@pytest.mark.parametrize("count", [1, 2, MOST_ROWS - 1, MOST_ROWS, MOST_ROWS + 1, 300])
def test_any_number_of_requests_is_stored_in_the_order_of_coming(
    database: Database, source_id: int, now: datetime, cipher: Cipher, count: int
) -> None:
    """Whatever statements they are cut into, large ones among them; each comes back as it was."""
    bodies = [b"%d" % number if number % 7 else b"%d" % number + bytes(MOST_BYTES // 3) for number in range(count)]
    futures = [database.receive(row_of(source_id, now, sealed(cipher, {}, "", one))) for one in bodies]
    for one in futures:
        one.result(PATIENCE)
    with database.reading() as session:
        found = take(session, cipher, count + 1)
    assert [one.body for one in found] == bodies
    assert {one.received_at for one in found} == {now}


def test_the_backlog_is_never_taken_for_smaller_than_it_is(database: Database, source_id: int, now: datetime) -> None:
    """Looked up by the numbers of the first and the last; counted where these come near the limit."""
    for one in [database.receive(row_of(source_id, now)) for _ in range(20)]:
        one.result(PATIENCE)
    with database.reading() as session:
        assert [backlog(session, limit) for limit in (1, 20, 1000)] == [20, 20, 20]
        ids = list(session.exec(select(InboxRow.id).order_by(InboxRow.id)))  # type: ignore[arg-type]
    database.write(lambda session: remove(session, [one or 0 for one in ids[:15]]))
    with database.reading() as session:
        assert backlog(session, 1000) == 5
    database.write(lambda session: remove(session, [one or 0 for one in ids[15:]]))
    with database.reading() as session:
        assert backlog(session, 1000) == 0


def pages_left(database: Database, pages: int) -> None:
    """Let the SQLite database grow by so many pages only: the same error as on a full disk."""

    def work(session: Session) -> None:
        used = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
        session.connection().exec_driver_sql(f"PRAGMA max_page_count = {used + pages}")

    database.write(work)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_loses_nothing_that_was_acknowledged(database: Database, source_id: int, now: datetime) -> None:
    """Who cannot be stored is told so; what was acknowledged is there; with space again all goes on."""
    pages_left(database, 50)
    acknowledged, refused = 0, []
    while len(refused) < 20:
        several = [database.receive(row_of(source_id, now, bytes(3000))) for _ in range(8)]
        for one in several:
            error = one.exception(PATIENCE)
            acknowledged += error is None
            refused += [error] if error is not None else []
    assert all(isinstance(one, OperationalError) and is_connection_lost(one) for one in refused)
    assert 0 < acknowledged == waiting_in(database)
    database.write(lambda session: session.execute(text("PRAGMA max_page_count = 1000000")))
    database.receive(row_of(source_id, now, bytes(3000))).result(PATIENCE)
    assert waiting_in(database) == acknowledged + 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_work_on_a_full_disk_is_nobodys_fault(database: Database) -> None:
    """It is rolled back, and no body is set aside because of it."""
    pages_left(database, 1)

    def large(session: Session) -> None:
        session.add(CounterRow(name="x" * 100_000, value=1))

    with pytest.raises(OperationalError) as caught:
        database.write(large)
    assert is_connection_lost(caught.value)


def test_a_sealed_value_is_never_sealed_with_a_nonce_used_before(cipher: Cipher) -> None:
    """Not by several threads at once either, and not by another cipher of the process."""
    nonces: list[bytes] = []

    def seal() -> None:
        own = Cipher(bytes(32))
        for _ in range(500):
            nonces.append(own.seal(b"")[5:17])
            nonces.append(cipher.seal(b"")[5:17])

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(set(nonces)) == len(nonces) == 4000
