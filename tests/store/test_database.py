"""One writer, many readers: what is written is on disk or not at all, and waits for nobody in vain."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from breach_service.store.database import Closed, Database, Session, is_alive, is_without_tables
from breach_service.store.tables import CounterRow, InboxRow, SourceRow
from breach_service.store.waiting import Bell

PATIENCE = 30
"""Seconds after which a future that is not done never will be."""


def row(source_id: int, received_at: datetime) -> dict[str, Any]:
    return {"source_id": source_id, "received_at": received_at, "sealed": b"sealed"}


def waiting(database: Database) -> int:
    with database.reading() as session:
        return int(session.exec(select(func.count()).select_from(InboxRow)).one())


def count_up(session: Session, name: str) -> None:
    counter = session.get(CounterRow, name) or CounterRow(name=name, value=0)
    counter.value += 1
    session.add(counter)


def value_of(database: Database, name: str) -> int:
    with database.reading() as session:
        found = session.get(CounterRow, name)
        return found.value if found else 0


class Held:
    """Keeps the writer busy until released, so that what comes meanwhile waits together."""

    def __init__(self, database: Database) -> None:
        self._begun, self._release = threading.Event(), threading.Event()
        self.done = database.submit(self._hold)
        self._begun.wait(PATIENCE)

    def _hold(self, _: Session) -> None:
        self._begun.set()
        self._release.wait(PATIENCE)

    def release(self) -> None:
        self._release.set()


def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    """A naive instant would be off by hours on one engine and not on the other."""

    def work(session: Session) -> None:
        naive = datetime(2026, 11, 23, 8, 0)  # on purpose
        session.add(SourceRow(name="probe", kind="json", auth="bearer", created_at=naive))

    with pytest.raises(SQLAlchemyError, match="without a time zone"):
        database.write(work)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(instant=st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.timezones()))
def test_every_instant_comes_back_as_the_same_instant_in_utc(database: Database, instant: datetime) -> None:
    """Whatever zone it was written in."""

    def work(session: Session) -> int:
        counted = session.exec(select(func.count()).select_from(SourceRow)).one()
        one = SourceRow(name=f"probe-{counted}", kind="json", auth="bearer", created_at=instant)
        session.add(one)
        session.flush()
        return one.id or 0

    number = database.write(work)
    with database.reading() as session:
        found = session.get(SourceRow, number)
        assert found is not None
        assert found.created_at == instant.astimezone(UTC)
        assert found.created_at.utcoffset() == timedelta(0)


def test_an_exception_rolls_the_whole_unit_back(database: Database) -> None:
    """Nothing of a unit that fails half-way is kept, the exception reaches the caller, and the next unit works."""

    def half(session: Session) -> None:
        count_up(session, "half")
        session.flush()
        raise LookupError("in the middle")

    with pytest.raises(LookupError, match="in the middle"):
        database.write(half)
    assert value_of(database, "half") == 0
    database.write(lambda session: count_up(session, "whole"))
    assert value_of(database, "whole") == 1


def test_units_of_many_threads_are_done_one_after_the_other(database: Database) -> None:
    """Reading and writing back in one unit loses no count, however many threads ask at once."""
    futures: list[Future[None]] = []

    def ask() -> None:
        for _ in range(20):
            futures.append(database.submit(lambda session: count_up(session, "shared")))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for future in futures:
        future.result(PATIENCE)
    assert value_of(database, "shared") == 80


def test_requests_that_wait_together_share_one_commit(database: Database, source_id: int, now: datetime) -> None:
    """A hundred accepted requests cost one commit, and each is answered after it."""
    commits: list[int] = []
    event.listen(database.engine, "commit", lambda _: commits.append(1))
    held = Held(database)
    futures = [database.receive(row(source_id, now)) for _ in range(100)]
    assert not any(future.done() for future in futures)
    held.release()
    for future in futures:
        future.result(PATIENCE)
    held.done.result(PATIENCE)
    assert waiting(database) == 100
    assert len(commits) == 1


@pytest.mark.parametrize(
    "wrong", [{"source_id": 4711}, {"source_id": 2**70}, {"received_at": None}, {"sealed": "text"}]
)
def test_one_bad_row_fails_alone(database: Database, source_id: int, now: datetime, wrong: dict[str, Any]) -> None:
    """The requests that wait beside it are stored, and so are those that come afterwards."""
    held = Held(database)
    good = [database.receive(row(source_id, now)) for _ in range(5)]
    bad = database.receive({**row(source_id, now), **wrong})
    good += [database.receive(row(source_id, now)) for _ in range(5)]
    held.release()
    for future in good:
        future.result(PATIENCE)
    assert bad.exception(PATIENCE) is not None
    database.receive(row(source_id, now)).result(PATIENCE)
    assert waiting(database) == 11


def test_a_sender_that_goes_away_while_it_waits_harms_nobody(database: Database, source_id: int, now: datetime) -> None:
    """A cancelled request does not stop the writer: the others are stored and answered."""
    held = Held(database)
    gone = database.receive(row(source_id, now))
    stays = database.receive(row(source_id, now))
    assert gone.cancel()
    held.release()
    stays.result(PATIENCE)
    database.receive(row(source_id, now)).result(PATIENCE)
    assert waiting(database) >= 2


def test_whoever_waits_for_requests_is_woken_by_those_that_came_before_it_waited(
    database: Database, source_id: int, now: datetime
) -> None:
    """No ring is lost between the last look and the wait: otherwise this would wait longer than any test may."""
    for _ in range(3):
        database.receive(row(source_id, now)).result(PATIENCE)
        database.received.wait(3600)
    assert waiting(database) == 3


def test_many_rings_wake_once() -> None:
    """A flood leaves one wake-up behind, not one for each commit."""
    bell = Bell()
    for _ in range(100):
        bell.ring()
    bell.wait(3600)
    threading.Timer(0.01, bell.ring).start()
    bell.wait(3600)


def test_closing_finishes_what_is_queued(database: Database, source_id: int, now: datetime) -> None:
    """What was accepted before the end is on disk."""
    held = Held(database)
    rows = [database.receive(row(source_id, now)) for _ in range(10)]
    units = [database.submit(lambda session: count_up(session, "last")) for _ in range(3)]
    held.release()
    database.close()
    assert all(future.done() and future.exception() is None for future in [*rows, *units])


def test_after_closing_nothing_is_taken(database: Database, source_id: int, now: datetime) -> None:
    """The caller is told that the service is stopping; closing again is harmless."""
    database.close()
    with pytest.raises(Closed):
        database.receive(row(source_id, now))
    with pytest.raises(Closed):
        database.write(lambda session: count_up(session, "late"))
    database.close()


def test_nobody_waits_for_ever_when_the_end_comes_in_between(
    open_database: Callable[[], Database], database: Database, source_id: int, now: datetime
) -> None:
    """Whoever asks while the service closes is refused or served, never left waiting."""
    for _ in range(5):
        closing = open_database()
        taken: list[Future[None]] = []

        def ask(one: Database = closing, into: list[Future[None]] = taken) -> None:
            while True:
                try:
                    into.append(one.receive(row(source_id, now)))
                except Closed:
                    return

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        closing.close()
        for thread in threads:
            thread.join()
        for future in taken:
            assert future.exception(PATIENCE) is None


def test_a_reading_session_cannot_write(database: Database) -> None:
    """Neither on purpose nor by mistake."""
    with database.reading() as session, pytest.raises(SQLAlchemyError):
        session.execute(text("INSERT INTO counter (name, value) VALUES ('sly', 1)"))
    with database.reading() as session:
        count_up(session, "sly")
        with pytest.raises(SQLAlchemyError):
            session.commit()
    assert value_of(database, "sly") == 0


def test_a_reader_sees_what_was_committed_and_nothing_else(database: Database) -> None:
    """While a unit is under way its changes are invisible; after it they are there."""
    begun, release = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        count_up(session, "slow")
        session.flush()
        begun.set()
        release.wait(PATIENCE)

    under_way = database.submit(slow)
    begun.wait(PATIENCE)
    assert value_of(database, "slow") == 0
    release.set()
    under_way.result(PATIENCE)
    assert value_of(database, "slow") == 1


def test_a_database_without_tables_is_recognised(open_database: Callable[[], Database]) -> None:
    """It answers, and what was never migrated is told from what is broken."""
    empty = open_database()
    with empty.reading() as session:
        assert is_alive(session)
    with empty.reading() as session, pytest.raises(SQLAlchemyError) as caught:
        session.exec(select(CounterRow)).all()
    assert is_without_tables(caught.value)


def test_errors_of_the_database_name_no_values(database: Database, source_id: int, now: datetime) -> None:
    """What is stored may be personal data: it never gets into a message that is logged."""

    def work(session: Session) -> None:
        session.add(SourceRow(name="probe", kind="json", auth="bearer", created_at=now, header="Marie Curie"))

    with pytest.raises(SQLAlchemyError) as caught:
        database.write(work)
    assert "Marie Curie" not in str(caught.value)
