"""What people do with senders: connect one, renew its secret, play a quarantined body again."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.domain.access import Act, Actor
from breach_service.domain.incident import EntryKind
from breach_service.errors import InvalidCommand, NotFound
from breach_service.sources.credentials import AuthKind, secret_hash
from breach_service.sources.registry import source_of
from breach_service.store import inbox, sources, timeline
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session
from breach_service.store.tables import InboxRow, SourceRow

NAME_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


@dataclass(frozen=True)
class NewSource:
    """A sender with the secret that is shown once."""

    name: str
    kind: str
    auth: AuthKind
    secret: str
    path: str
    """Path of its webhook, without the host; holds the secret where the secret is the address."""


def add_source(
    session: Session, actor: Actor, name: str, kind: str, auth: str | None, cipher: Cipher, now: datetime
) -> NewSource:
    """Connect a sender."""
    authorise(actor, Act.MANAGE_SOURCES)
    if not name or not set(name) <= NAME_LETTERS:
        raise InvalidCommand(f"a source is named with a-z, 0-9, - and _ only, not {name!r}")
    if sources.named(session, name) is not None:
        raise InvalidCommand(f"there is a source {name} already: choose another name, or `source rotate {name}`")
    known = source_of(kind)
    chosen = _auth(auth, known.default_auth, known.supported_auth)
    row = SourceRow(name=name, kind=kind, auth=chosen, created_at=now)
    new = _with_secret(row, chosen, cipher)
    sources.add(session, row)
    words = {"source": name, "kind": kind, "auth": str(chosen)}
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, {"note": "source_added", **words})
    return new


def rotate_source(session: Session, actor: Actor, name: str, cipher: Cipher, now: datetime) -> NewSource:
    """Give a sender a new secret; the former one stays valid until the next rotation, so that no alert is lost."""
    authorise(actor, Act.MANAGE_SOURCES)
    row = sources.named(session, name)
    if row is None:
        raise NotFound(f"there is no source {name}")
    new = _with_secret(row, AuthKind(row.auth), cipher)
    session.add(row)
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, {"note": "source_rotated", "source": name})
    return new


def _auth(wanted: str | None, default: AuthKind, supported: tuple[AuthKind, ...]) -> AuthKind:
    if wanted is None:
        return default
    if wanted not in supported:
        raise InvalidCommand(f"this kind of sender can use {', '.join(supported)}, not {wanted}")
    return AuthKind(wanted)


def _with_secret(row: SourceRow, auth: AuthKind, cipher: Cipher) -> NewSource:
    secret = secrets.token_urlsafe(32)
    if auth is AuthKind.HMAC:
        row.secrets_encrypted = [sources.sealed_secret(cipher, secret.encode()), *row.secrets_encrypted[:1]]
    else:
        row.secret_hashes = [secret_hash(secret), *row.secret_hashes[:1]]
    path = f"/webhooks/{row.name}/{secret}" if auth is AuthKind.URL else f"/webhooks/{row.name}"
    return NewSource(row.name, row.kind, auth, secret, path)


def replay_quarantined(session: Session, actor: Actor, item: int, cipher: Cipher, now: datetime) -> None:
    """Put a quarantined request back into the inbox, with the instant at which it came."""
    authorise(actor, Act.REPLAY)
    found = inbox.quarantined_body(session, cipher, item)
    if found is None:
        raise NotFound(f"there is no request number {item} in quarantine")
    head, headers, query, body = found
    if head.replayed_at is not None:
        raise InvalidCommand(f"request number {item} was played again already: if it failed again, it has a new number")
    sealed = inbox.sealed(cipher, headers, query, body)
    session.add(InboxRow(source_id=head.source_id, received_at=head.received_at, sealed=sealed))
    inbox.mark_replayed(session, item, now)
    words = {"note": "quarantine_replayed", "item": str(item), "source": head.source}
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)
