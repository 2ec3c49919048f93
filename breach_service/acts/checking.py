"""Checking content once: what had no faults is remembered by its text and by the release that checked it."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from breach_service.store import checked
from breach_service.store.database import Database, Session

IsSound = Callable[[str], bool]
"""True where letters of this digest were checked before and had no faults."""


@dataclass(frozen=True)
class Memory:
    """What was checked at earlier starts. Another release may find more: it checks everything once itself."""

    database: Database
    release: str

    def recall(self, digest: str) -> str | None:
        """What was parsed from the playbooks of that digest; None where they were not checked before."""
        with self.database.reading() as session:
            return checked.parsed(session, self._playbooks(digest))

    def is_sound(self, digest: str) -> bool:
        """True where the letters of that digest had no faults."""
        with self.database.reading() as session:
            return checked.parsed(session, self._letters(digest)) is not None

    def keep(self, playbooks: Mapping[str, str], letters: Iterable[str], now: datetime) -> None:
        """Remember playbooks (what was parsed, by their digest) and the digests of letters that have no faults."""
        found = {self._playbooks(digest): parsed for digest, parsed in playbooks.items()}
        found |= {self._letters(digest): "" for digest in letters}
        with self.database.reading() as session:
            new = {key: text for key, text in found.items() if checked.parsed(session, key) is None}
        if not new:
            return

        def work(session: Session) -> None:
            for key, text in new.items():
                checked.keep(session, key, text, now)

        self.database.write(work)

    def _playbooks(self, digest: str) -> str:
        return f"playbooks {self.release} {digest}"

    def _letters(self, digest: str) -> str:
        return f"letters {self.release} {digest}"


def digest_of_letters(root: Path, is_overlay: bool, facts: Collection[str]) -> str:
    """SHA-256 (hex) over everything that the check of the letters of a templates root looks at."""
    whole = hashlib.sha256(f"{is_overlay} {sorted(facts)}".encode())
    for path in sorted((root / "letters").rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        whole.update(f"\0{path.relative_to(root)}\0{path.is_file()}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()
