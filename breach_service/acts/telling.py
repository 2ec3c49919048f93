"""Tell persons something by mail, through the outbox: an invitation, a broken glass, work that is handed over.

What is told is sealed in the outbox: the row may hold the token of a link. `words` are ids, names of colleagues and
references; never what an incident is about.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from breach_service.store import outbox
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session

PERSON = "person"
"""The kind of such a message in the outbox; its channel is `mail`."""
MAIL = "mail"


class ToldKind(StrEnum):
    """What a person is told; the worker has a subject and a text for each, in the person's language."""

    INVITATION = "invitation"
    NEW_PASSWORD = "new_password"  # noqa: S105  # the name of a kind
    SECURITY_CHANGED = "security_changed"
    """A password, a factor or a token of theirs changed: if it was not them, they must say so."""
    TEST = "test"
    """The code that proves a channel."""
    GLASS_BROKEN = "glass_broken"
    NOBODY_DECIDES = "nobody_decides"
    """On a day that comes nobody can decide or approve."""
    HANDED_OVER = "handed_over"
    NAMED = "named"
    """They were named in a restricted incident."""


@dataclass(frozen=True)
class Told:
    """One thing to tell: the parameters of its sentences, and the path of the page to open (with its query)."""

    kind: ToldKind
    words: Mapping[str, str] = field(default_factory=dict)
    path: str = ""


def tell_people(session: Session, cipher: Cipher, people: Iterable[int], told: Told, key: str, now: datetime) -> None:
    """Queue one message to each of these accounts; the same key is told once to each."""
    content = {"kind": str(told.kind), "words": dict(told.words), "path": told.path}
    sealed = cipher.seal(json.dumps(content).encode()).hex()
    name = hashlib.sha256(key.encode()).hexdigest()[:32]
    outbox.enqueue_all(
        session,
        [
            outbox.Message(f"person:{one}:{name}", PERSON, MAIL, now, None, {"user": one, "sealed": sealed})
            for one in sorted(set(people))
        ],
        now,
    )
