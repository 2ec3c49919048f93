"""Evidence and its chain of custody: known by its SHA-256, with every handling from the collection on.

What is kept follows ISO/IEC 27037 and 27042 in small: who collected it, when, from where and how, and then each hand
that it went through. Nothing of it is changed later; a mistake is corrected by a further line.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

_SHA256 = re.compile(r"[0-9a-f]{64}")


class HandlingKind(StrEnum):
    """What was done with a piece of evidence."""

    HANDED_OVER = "handed_over"
    COPIED = "copied"
    ANALYSED = "analysed"
    VERIFIED = "verified"
    """Its digest was computed again and compared."""
    RETURNED = "returned"
    DESTROYED = "destroyed"

    @property
    def needs_whom(self) -> bool:
        """True where it went to somebody."""
        return self in (HandlingKind.HANDED_OVER, HandlingKind.RETURNED)


@dataclass(frozen=True)
class EvidenceHandling:
    """One handling; insert-only. Instants in UTC."""

    id: int
    kind: HandlingKind
    at: datetime
    by: str
    """Who did it."""
    whom: str
    """To whom it went; empty where it went to nobody."""
    why: str
    recorded_at: datetime
    recorded_by: str
    digest: str = ""
    """Of a verification: what was found."""


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence; insert-only. Instants in UTC."""

    id: int
    incident: int
    what: str
    digest: str
    """SHA-256 of the content, lower-case hex."""
    size: int | None
    """Bytes; None where only the digest was given and nobody said."""
    file_name: str
    media_type: str
    collected_by: str
    collected_at: datetime
    place: str
    """From where: machine, path, mailbox, person."""
    method: str
    """How: tool, command, copy with or without a write blocker."""
    kept_at: str
    """Where it is kept outside of this service; empty where it was handed in here."""
    recorded_at: datetime
    recorded_by: str
    has_content: bool = False
    """True while its content is kept here."""
    handlings: tuple[EvidenceHandling, ...] = ()
    """In the order in which they were written down."""

    @property
    def destroyed(self) -> EvidenceHandling | None:
        """The handling that ended it; None while it exists."""
        return next((one for one in self.handlings if one.kind is HandlingKind.DESTROYED), None)

    @property
    def differs(self) -> bool:
        """True where the last verification found another digest."""
        found = [one for one in self.handlings if one.kind is HandlingKind.VERIFIED]
        return bool(found) and found[-1].digest != self.digest

    @property
    def is_open_to_handling(self) -> bool:
        """True while it exists."""
        return self.destroyed is None


def digest_of(content: bytes) -> str:
    """SHA-256 of a content, lower-case hex."""
    return hashlib.sha256(content).hexdigest()


def digest_in(text: str) -> str | None:
    """The digest that somebody typed or pasted, as tools print it; None where it is none.

    Spaces, colons and capitals do not matter, nor does what `sha256sum` and `Get-FileHash` set around it.
    """
    plain = text.strip().lower().removeprefix("sha256:").removeprefix("sha-256:")
    first = plain.split()[0] if plain.split() else ""
    if _SHA256.fullmatch(first):
        return first
    joined = re.sub(r"[\s:]", "", plain)
    return joined if _SHA256.fullmatch(joined) else None
