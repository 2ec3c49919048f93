"""A backup in the place of a database: copied, migrated and checked first, and only then put in place."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine
from sqlmodel import Session, func, select

from breach_service.errors import N_, InvalidCommand
from breach_service.store import timeline
from breach_service.store.backups import files, rows, snapshot
from breach_service.store.backups.aftercare import after_restoring
from breach_service.store.backups.snapshot import Manifest
from breach_service.store.migrations import is_newest, migrate, revisions
from breach_service.store.tables import IncidentRow, LeaseRow, SourceRow, UserRow

Check = Callable[[Session], None]
"""Raises where what is sealed in a database cannot be opened with our key."""


@dataclass(frozen=True)
class Restored:
    """A backup that took the place of the database."""

    manifest: Manifest
    given_up: int
    """Messages that waited when it was made, and that are not sent."""
    former: Path | None
    """The database file that was there before; None where there was none, or on PostgreSQL."""


def restore(
    url: str, by: str, file: Path, fits_key: Check, now: datetime, *, replaces: bool = False,
    sends_waiting: bool = False,
) -> Restored:  # fmt: skip
    """Put a backup in the place of the database at an address of SQLAlchemy; the service must not run.

    It is copied, migrated and checked first: until all is well the database stays as it was. InvalidCommand where the
    file is damaged or of a newer release, where the service runs, where there is something already and `replaces` is
    false; whatever `fits_key` raises where it was sealed with another key.
    """
    manifest = _checked(file)
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    is_sqlite = engine.dialect.name == "sqlite"
    place = Path(str(engine.url.database)).absolute() if is_sqlite else None
    if place is None or place.exists():
        _need_stopped_and_empty(engine, now, replaces=replaces)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=place.parent if place else None) as directory:
        copy = Path(directory) / "restored.sqlite3"
        copy.touch(mode=0o600)
        shutil.copyfile(file, copy)
        given_up = _made_ready(copy, by, manifest, fits_key, now, sends_waiting=sends_waiting)
        if place is not None:
            former = _put_in_place(engine, copy, place, now)
        else:
            former = None
            _load(engine, copy)
    return Restored(manifest, given_up, former)


def _checked(file: Path) -> Manifest:
    if not file.is_file():
        raise InvalidCommand(N_("there is no file %(file)s"), file=str(file))
    expected = files.expected_digest(file)
    if expected is not None and expected != files.digest_of(file):
        raise InvalidCommand(
            N_("%(file)s is not what was backed up: its digest differs from %(beside)s"),
            file=file.name,
            beside=files.digest_file(file).name,
        )
    manifest = snapshot.manifest_of(file)
    if manifest.revision not in revisions():
        raise InvalidCommand(
            N_("this backup was made by release %(version)s, which is newer than this one: install that one"),
            version=manifest.version,
        )
    snapshot.check(file)
    return manifest


def _need_stopped_and_empty(engine: Engine, now: datetime, *, replaces: bool) -> None:
    """What is there must not be in use, and may only go where that was said."""
    with engine.connect() as connection:
        if not rows.has_tables(connection):
            return
    with Session(engine) as session:
        is_running = session.exec(select(LeaseRow.name).where(LeaseRow.until > now)).first() is not None
        held = is_newest(engine) and any(
            session.exec(select(func.count()).select_from(one)).one() for one in (UserRow, SourceRow, IncidentRow)
        )
        is_filled = held or not is_newest(engine)
    if is_running:
        raise InvalidCommand(N_("the service is running on this database: stop it, and wait for a minute"))
    if is_filled and not replaces:
        raise InvalidCommand(
            N_("this database holds something already: say --replace where the backup shall take its place")
        )


def _made_ready(
    copy: Path, by: str, manifest: Manifest, fits_key: Check, now: datetime, *, sends_waiting: bool
) -> int:  # fmt: skip
    """Bring the copy to the schema of this release, check it, and take care of what must not go on; messages given up.

    Raises InvalidCommand where the backup does not hold.
    """
    snapshot.without_manifest(copy)
    engine = snapshot.engine_of(copy)
    migrate(engine)
    with Session(engine) as session:
        faults = timeline.broken_seals(session)
        seals, head, _ = timeline.chain_head(session)
        fits_key(session)
    if faults or (manifest.head and (seals, head) != (manifest.seals, manifest.head)):
        raise InvalidCommand(N_("the chronology of this backup does not hold: take another one"))
    with Session(engine) as session, session.begin():
        return after_restoring(session, by, manifest.made_at, head, now, sends_waiting=sends_waiting)


def _put_in_place(engine: Engine, copy: Path, place: Path, now: datetime) -> Path | None:
    """Rename the copy; what was there is kept beside it under another name."""
    engine.dispose()
    former = None
    if place.exists() and place.stat().st_size:
        with closing(sqlite3.connect(place)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")  # all of it into the one file
        former = place.with_name(f"{place.name}.before-{now:%Y%m%dT%H%M%SZ}")
        place.replace(former)
    files.remove(place)
    with files.whole(place) as part:
        shutil.copyfile(copy, part)
    return former


def _load(engine: Engine, copy: Path) -> None:
    """Every row into PostgreSQL, in one transaction."""
    migrate(engine)
    with snapshot.engine_of(copy).connect() as source, snapshot.in_place_of_all(engine) as target:
        copied = rows.copy_rows(source, target)
        if copied != rows.counts_of(target):
            raise InvalidCommand(N_("not every row arrived: nothing was changed"))
