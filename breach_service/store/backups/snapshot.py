"""A snapshot of the database as one SQLite file, consistent while the service writes on, and checked."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine
from sqlmodel import Session

from breach_service.errors import N_, InvalidCommand
from breach_service.store import timeline
from breach_service.store.backups import rows
from breach_service.store.migrations import is_newest, migrate

FORMAT = "1"
MANIFEST = "backup_manifest"
"""A table that stands in backups alone."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    made_at: datetime
    version: str
    """Of the release that made it."""
    engine: str
    revision: str
    seals: int
    head: str
    """Digest of the last seal."""


def engine_of(file: Path) -> Engine:
    """A SQLite file that nobody else has open."""
    return create_engine(f"sqlite:///{file}", poolclass=NullPool, hide_parameters=True)


def take(engine: Engine, file: Path, version: str, now: datetime) -> Manifest:
    """Write everything into the file, which is there and empty; check it. InvalidCommand where something is wrong."""
    if engine.dialect.name == "sqlite":
        _from_sqlite(engine, file)
    else:
        _from_postgres(engine, file)
    manifest = _described(file, engine.dialect.name, version, now)
    with closing(sqlite3.connect(file)) as connection, connection:
        values = {"format": FORMAT, **{name: str(value) for name, value in vars(manifest).items()}}
        values["made_at"] = manifest.made_at.isoformat()
        connection.execute(f"CREATE TABLE {MANIFEST} (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        connection.executemany(f"INSERT INTO {MANIFEST} VALUES (?, ?)", values.items())  # noqa: S608  # our own name
    check(file)
    return manifest


def _from_sqlite(engine: Engine, file: Path) -> None:
    """All pages in one step: a reader of the write-ahead log, which holds no writer up."""
    with closing(sqlite3.connect(str(engine.url.database))) as source, closing(sqlite3.connect(file)) as target:
        source.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it


def _from_postgres(engine: Engine, file: Path) -> None:
    """Row by row out of one snapshot, into a file that was migrated like the database."""
    if not is_newest(engine):
        raise InvalidCommand(N_("the database has the schema of another release: run `breach-service migrate` first"))
    copy = engine_of(file)
    migrate(copy)
    with (
        engine.connect().execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True, stream_results=True
        ) as source,
        source.begin(),
        copy.begin() as target,
    ):  # fmt: skip
        for one in rows.all_tables():
            target.execute(one.delete())  # what the migrations themselves put in
        rows.copy_rows(source, target)


def _described(file: Path, engine: str, version: str, now: datetime) -> Manifest:
    copy = engine_of(file)
    with copy.connect() as connection:
        if not rows.has_tables(connection):
            raise InvalidCommand(N_("the database is empty: there is nothing to back up"))
        revision = rows.revision_of(connection)
    seals, head = 0, ""
    if is_newest(copy):
        with Session(copy) as session:
            faults = timeline.broken_seals(session)
            seals, head, _ = timeline.chain_head(session)
        if faults:
            raise InvalidCommand(
                N_("the chronology does not hold (%(count)s faults): run `breach-service register verify`"),
                count=len(faults),
            )
    return Manifest(now, version, engine, revision, seals, head)


def check(file: Path) -> None:
    """InvalidCommand where SQLite finds the file damaged, or a row points at nothing."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
            lost = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        said, lost = [str(error)], []
    if said != ["ok"] or lost:
        raise InvalidCommand(
            N_("%(file)s is damaged: %(why)s"), file=file.name, why="; ".join(said) if said != ["ok"] else str(lost[:5])
        )


def manifest_of(file: Path) -> Manifest:
    """What a backup says of itself; InvalidCommand for any other file."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            held = dict(connection.execute(f"SELECT name, value FROM {MANIFEST}"))  # noqa: S608  # our own name
        return _manifest_in(held)
    except (sqlite3.Error, KeyError, ValueError):
        raise InvalidCommand(
            N_("%(file)s is no backup that this release knows: `breach-service backup FILE` makes one"), file=file.name
        ) from None


def _manifest_in(held: Mapping[str, str]) -> Manifest:
    if held["format"] != FORMAT:
        raise ValueError(held["format"])
    return Manifest(
        datetime.fromisoformat(held["made_at"]), held["version"], held["engine"], held["revision"], int(held["seals"]),
        held["head"],
    )  # fmt: skip


def without_manifest(file: Path) -> None:
    """Make a database of a backup again."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"DROP TABLE {MANIFEST}")


@contextmanager
def in_place_of_all(engine: Engine) -> Iterator[Connection]:
    """A transaction on a migrated PostgreSQL database in which every row gives way to those that are written in it."""
    with engine.begin() as connection:
        rows.empty_all(connection)
        deferred = rows.defer_pointers(connection)
        yield connection
        rows.check_pointers(connection, deferred)
        rows.count_on(connection)
