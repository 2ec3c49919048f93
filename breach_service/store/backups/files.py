"""Files that are there whole or not at all, readable for their owner alone."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

READ_AT_ONCE = 1024 * 1024
BESIDE = ("", "-journal", "-wal", "-shm")
"""What SQLite may leave beside its file."""


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """An empty file beside the target, mode 0600, that takes its place once all was well; else it goes again.

    A process that is killed in the middle leaves the target as it was, and a file whose name ends in `.part`.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    remove(part)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield part
        _to_disk(part)
        part.replace(target)
        _to_disk(target.parent)
    finally:
        remove(part)


def remove(file: Path) -> None:
    """A database file with all that stands beside it."""
    for end in BESIDE:
        with suppress(FileNotFoundError):
            Path(f"{file}{end}").unlink()


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest_of(file: Path) -> str:
    """SHA-256 of a file, hex."""
    found = hashlib.sha256()
    with file.open("rb") as opened:
        while some := opened.read(READ_AT_ONCE):
            found.update(some)
    return found.hexdigest()


def digest_file(file: Path) -> Path:
    """Where the digest of a backup stands, as `sha256sum --check` reads it."""
    return file.with_name(f"{file.name}.sha256")


def write_digest(file: Path, digest: str) -> None:
    """Write the digest beside the backup."""
    with whole(digest_file(file)) as part:
        part.write_text(f"{digest}  {file.name}\n", encoding="ascii")


def expected_digest(file: Path) -> str | None:
    """The digest that stands beside a backup; None where there is none."""
    try:
        words = digest_file(file).read_text(encoding="ascii").split()
    except FileNotFoundError:
        return None
    return words[0] if words else ""
