"""Back the database up, and put a backup in its place."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from breach_service.acts.authorise import authorise
from breach_service.domain.access import Act, Actor
from breach_service.domain.incident import EntryKind
from breach_service.errors import N_, InvalidCommand
from breach_service.store import timeline
from breach_service.store.backups import files, restoring, snapshot
from breach_service.store.backups.aftercare import keep_backup
from breach_service.store.backups.restoring import Check, Restored
from breach_service.store.backups.snapshot import Manifest
from breach_service.store.database import Database, Session


@dataclass(frozen=True)
class Made:
    """A backup that was made and checked."""

    file: Path
    digest: str
    size: int
    """Bytes."""
    manifest: Manifest


def back_up(database: Database, actor: Actor, file: Path, version: str, now: datetime) -> Made:
    """Write a backup that is checked before it takes its name; note its success. The service may go on meanwhile."""
    authorise(actor, Act.OPERATE)
    target = file.absolute()
    if not target.parent.is_dir():
        raise InvalidCommand(N_("there is no directory %(directory)s: make it first"), directory=str(target.parent))
    if target.exists() and not target.is_file():
        raise InvalidCommand(N_("%(file)s is no file: name one"), file=str(file))
    try:
        with files.whole(target) as part:
            manifest = snapshot.take(database.engine, part, version, now)
            digest, size = files.digest_of(part), part.stat().st_size
        files.write_digest(target, digest)
    except (OSError, sqlite3.Error) as error:
        raise InvalidCommand(
            N_("%(file)s cannot be written: %(why)s"), file=str(file), why=str(error)
        ) from error  # fmt: skip

    def done(session: Session) -> None:
        keep_backup(session, digest, size, manifest.seals, now)
        words = {"note": "backed_up", "digest": digest, "seals": str(manifest.seals)}
        timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)

    database.write(done)
    return Made(target, digest, size, manifest)


def restore(
    url: str, actor: Actor, file: Path, fits_key: Check, now: datetime, *, replaces: bool = False,
    sends_waiting: bool = False,
) -> Restored:  # fmt: skip
    """Put a backup in the place of the database at that address; the service must not run, and `url` is kept secret.

    InvalidCommand where the file is damaged or of a newer release, where the service runs, where there is something
    already and `replaces` is false; whatever `fits_key` raises where it was sealed with another key.
    """
    authorise(actor, Act.OPERATE)
    return restoring.restore(url, actor.name, file, fits_key, now, replaces=replaces, sends_waiting=sends_waiting)
