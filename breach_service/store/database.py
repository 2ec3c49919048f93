"""Two engines, one writer: `reading()` never writes, every write of the process goes through one thread.

On SQLite the writer begins with BEGIN IMMEDIATE, so that a read-then-write never fails half-way; accepted requests
that wait together share one commit (group commit), which is what makes durable answers quick.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlmodel import Session as Session

from breach_service.errors import BreachServiceError

T = TypeVar("T")
DatabaseError = SQLAlchemyError
"""Whatever the database can answer with; callers catch this."""
PLACING_LOCK: Final = 7_220_033
"""Key of the PostgreSQL advisory lock under which alerts are placed and references are given."""

MOST_PARAMETERS: Final = 500
"""Values in one IN list: databases bound the parameters of a statement, a single request may name thousands."""

BEGIN_WRITING: Final = "BEGIN IMMEDIATE"
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # a commit is on disk before it is answered
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
)


class Closed(BreachServiceError):
    """The service is stopping: send again."""


@dataclass
class _Unit:
    work: Callable[[Session], Any]
    future: "Future[Any]"


@dataclass
class _Row:
    row: dict[str, Any]
    future: "Future[None]"


class Database:
    """The engines of one process and its writer thread."""

    def __init__(self, url: str, insert_received: Callable[[Connection, Sequence[dict[str, Any]]], None]) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self._insert_received = insert_received
        self._writing = _engine(url, is_writing=True)
        self._reading = _engine(url, is_writing=False)
        self._queue: queue.SimpleQueue[_Unit | _Row | None] = queue.SimpleQueue()
        self._is_closed = False
        self._door = threading.Lock()
        self._thread = threading.Thread(target=self._write_all, name="writer", daemon=True)
        self._thread.start()

    @property
    def engine(self) -> Engine:
        """The writing engine, for migrations and backups."""
        return self._writing

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that can only read."""
        with Session(self._reading) as session:
            yield session

    def submit(self, work: Callable[[Session], T]) -> "Future[T]":
        """Queue one unit of work: one transaction, committed when it returns, rolled back when it raises."""
        unit: _Unit = _Unit(work, Future())
        self._put(unit)
        return unit.future

    def write(self, work: Callable[[Session], T]) -> T:
        """Do one unit of work and wait for its commit."""
        return self.submit(work).result()

    def receive(self, row: dict[str, Any]) -> "Future[None]":
        """Queue one accepted request; the future is done once it is on disk."""
        waiting = _Row(row, Future())
        self._put(waiting)
        return waiting.future

    def close(self) -> None:
        """Finish what is queued, then let go of the database."""
        with self._door:
            if self._is_closed:
                return
            self._is_closed = True
            self._queue.put(None)
        self._thread.join()
        self._writing.dispose()
        self._reading.dispose()

    def _put(self, one: "_Unit | _Row") -> None:
        with self._door:  # nothing may be queued behind the end: it would wait for ever
            if self._is_closed:
                raise Closed
            self._queue.put(one)

    def _write_all(self) -> None:
        is_open = True
        while is_open:
            batch = [self._queue.get()]
            while not self._queue.empty():
                batch.append(self._queue.get())
            is_open = None not in batch
            # A sender that has gone away meanwhile was never answered: it will send again.
            rows = [one for one in batch if isinstance(one, _Row) and one.future.set_running_or_notify_cancel()]
            if rows:
                self._commit_together(rows)
            for unit in batch:
                if isinstance(unit, _Unit):
                    self._commit_one(unit)

    def _commit_together(self, rows: list[_Row]) -> None:
        try:
            with self._writing.begin() as connection:
                self._insert_received(connection, [one.row for one in rows])
        except Exception as error:  # noqa: BLE001  # handed to whoever waits; the writer must outlive it
            if len(rows) == 1:
                rows[0].future.set_exception(error)
            else:  # one bad row fails alone
                for one in rows:
                    self._commit_together([one])
            return
        for one in rows:
            one.future.set_result(None)

    def _commit_one(self, unit: _Unit) -> None:
        if not unit.future.set_running_or_notify_cancel():
            return
        try:
            with Session(self._writing, expire_on_commit=False) as session, session.begin():
                result = unit.work(session)
        except BaseException as error:  # noqa: BLE001  # handed to whoever waits, never swallowed
            unit.future.set_exception(error)
        else:
            unit.future.set_result(result)


def is_alive(session: Session) -> bool:
    """True if the database answers."""
    try:
        session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def is_without_tables(error: SQLAlchemyError) -> bool:
    """True where the database was never migrated."""
    return "no such table" in str(error) or "does not exist" in str(error)


def is_connection_lost(error: Exception) -> bool:
    """True where the database went away, was busy or could not commit: nothing is wrong with what was asked of it."""
    if isinstance(error, OperationalError) and error.statement in (None, BEGIN_WRITING):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """Values in lists of at most `MOST_PARAMETERS`."""
    rest = iter(values)
    while some := list(islice(rest, MOST_PARAMETERS)):
        yield some


def lock_placing(session: Session) -> None:
    """Hold the placing lock until the transaction ends; on SQLite BEGIN IMMEDIATE already is that lock."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": PLACING_LOCK})


def _engine(url: str, *, is_writing: bool) -> Engine:
    options: dict[str, Any] = {"hide_parameters": True}  # errors are logged, values may be personal data
    if not url.startswith("sqlite"):
        options["pool_pre_ping"] = True
        if not is_writing:
            options["execution_options"] = {"postgresql_readonly": True}
        return create_engine(url, **options)
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 10}, **options)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(pragma)
        if not is_writing:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(BEGIN_WRITING if is_writing else "BEGIN")

    return engine
