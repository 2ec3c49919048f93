"""Two engines, one writer: `reading()` never writes, every write of the process goes through one thread.

On SQLite the writer begins with BEGIN IMMEDIATE, so that a read-then-write never fails half-way; accepted requests
that wait together share one commit (group commit), which is what makes durable answers quick.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from copy import copy
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlmodel import Session as Session

from breach_service.store.waiting import Bell, Waiting, WaitingThread
from breach_service.store.writer import Closed as Closed
from breach_service.store.writer import Row, Unit, Writer

T = TypeVar("T")
DatabaseError = SQLAlchemyError
"""Whatever the database can answer with; callers catch this."""
PLACING_LOCK: Final = 7_220_033
"""Key of the PostgreSQL advisory lock under which alerts are placed and references are given."""

MOST_PARAMETERS: Final = 500
"""Values in one IN list: databases bound the parameters of a statement, a single request may name thousands."""

SQLITE_OUT_OF_ORDER: Final = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
     sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN}
)  # fmt: skip
POSTGRES_OUT_OF_ORDER: Final = frozenset({"08", "53", "57", "58"})
"""Classes of SQLSTATE: connection, insufficient resources, operator intervention, system error."""
BEGIN_WRITING: Final = "BEGIN IMMEDIATE"
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # a commit is on disk before it is answered
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
)
# The writer keeps the pages of its indexes at hand, and copies a page that many commits touched to its place once.
SQLITE_PRAGMAS_OF_THE_WRITER = ("PRAGMA cache_size=-16000", "PRAGMA wal_autocheckpoint=4000")


class Database:
    """The engines of one process and its writer thread."""

    def __init__(self, url: str, insert_received: Callable[[Connection, Sequence[Mapping[str, Any]]], None]) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self._insert_received = insert_received
        self.received = Bell()
        """Rung when accepted requests are on disk: by this process, others are found by looking."""
        self._writing = _engine(url, is_writing=True)
        self._reading = _engine(url, is_writing=False)
        self._writer = Writer(self._insert, is_fault_of_values, self._do)
        self._check: Callable[[Session], None] | None = None

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
        unit = Unit(work if self._check is None else _checked(self._check, work), Future())
        self._writer.put(unit)
        return unit.future

    def checking_first(self, check: Callable[[Session], None]) -> "Database":
        """The same database for somebody whose every unit of work begins with a check, in its own transaction.

        What the check raises, the unit raises, and nothing of it is written.
        """
        same = copy(self)
        same._check = check
        return same

    def write(self, work: Callable[[Session], T]) -> T:
        """Do one unit of work and wait for its commit."""
        return self.submit(work).result()

    def receive(self, row: Mapping[str, Any]) -> "Future[None]":
        """Queue one accepted request; the future is done once it is on disk."""
        waiting = WaitingThread()
        self._writer.put(Row(row, waiting))
        return waiting.future

    def accept(self, row: Mapping[str, Any], waiting: Waiting) -> None:
        """As `receive`, for a request whose sender is told by `waiting`; all of a loop are told in one go."""
        self._writer.put(Row(row, waiting))

    @property
    def rows_under_way(self) -> int:
        """Accepted requests that are not on disk yet."""
        return self._writer.rows_under_way

    def close(self) -> None:
        """Finish what is queued, then let go of the database."""
        if self._writer.close():
            self._writing.dispose()
            self._reading.dispose()

    def _insert(self, rows: Sequence[Mapping[str, Any]]) -> None:
        with self._writing.begin() as connection:
            self._insert_received(connection, rows)
        self.received.ring()

    def _do(self, work: Callable[[Session], T]) -> T:
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            return work(session)


def _checked(check: Callable[[Session], None], work: Callable[[Session], T]) -> Callable[[Session], T]:
    def both(session: Session) -> T:
        check(session)
        return work(session)

    return both


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
    return isinstance(error, DBAPIError) and (error.connection_invalidated or is_out_of_order(error))


def is_out_of_order(error: DBAPIError) -> bool:
    """True where the database itself says that it cannot work now: no space left, no memory, being shut down."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in SQLITE_OUT_OF_ORDER
    return str(getattr(error.orig, "sqlstate", None) or "")[:2] in POSTGRES_OUT_OF_ORDER


def is_fault_of_values(error: Exception) -> bool:
    """True where what was to be stored may be at fault, and not the database."""
    return not isinstance(error, OperationalError) and not is_connection_lost(error)


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
        for pragma in (*SQLITE_PRAGMAS, *(SQLITE_PRAGMAS_OF_THE_WRITER if is_writing else ("PRAGMA query_only=ON",))):
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(BEGIN_WRITING if is_writing else "BEGIN")

    return engine
