"""What people do with senders: connect one, renew its secret, play a quarantined body again."""

import base64
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from breach_service.acts.authorise import authorise
from breach_service.catalog.mappings import mapping_faults
from breach_service.domain.access import Act, Actor
from breach_service.domain.incident import EntryKind
from breach_service.errors import N_, InvalidCommand, NotFound, Sentences
from breach_service.pipeline.tending import FORMER_SECRET_LASTS
from breach_service.sources.credentials import AuthKind, secret_hash
from breach_service.sources.registry import source_of
from breach_service.sources.source import Source
from breach_service.store import inbox, sources, timeline
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session
from breach_service.store.tables import InboxRow, SourceRow

HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
SHORTEST_SECRET = 12
"""Characters of a secret that a sender made: shorter ones can be guessed."""
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
    observed_until: datetime | None = None
    """Until then nothing is sent because of it; None where people are told at once."""


@dataclass(frozen=True)
class Connection:
    """How a sender is to be connected."""

    name: str
    kind: str
    auth: str | None = None
    """bearer, hmac or url; None for the safest that the sender can."""
    secret: str | None = field(default=None, repr=False)
    """A secret that the sender made; None lets us make one."""
    header: str | None = None
    """A header of the operator's choice for the secret or the signature."""
    observe: timedelta = timedelta()
    """For how long nothing is sent because of it."""
    expected: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What each of its messages must carry, by the names that its kind knows."""


def add_source(session: Session, actor: Actor, new: Connection, cipher: Cipher, now: datetime) -> NewSource:
    """Connect a sender."""
    authorise(actor, Act.MANAGE_SOURCES)
    if not new.name or not set(new.name) <= NAME_LETTERS:
        raise InvalidCommand(N_("a source is named with a-z, 0-9, - and _ only, not %(name)r"), name=new.name)
    if sources.named(session, new.name) is not None:
        raise InvalidCommand(
            N_("there is a source %(name)s already: choose another name, or `source rotate %(name)s`"), name=new.name
        )
    known = source_of(new.kind)
    chosen = _auth(new.auth, known)
    row = SourceRow(name=new.name, kind=known.kind, auth=chosen, header=_header(new.header), created_at=now)
    row.expected_encrypted = sources.sealed_expected(cipher, _expected(new.expected, known, chosen))
    if new.observe > timedelta():
        row.observed_until = now + new.observe
    made = _with_secret(row, chosen, cipher, new.secret)
    sources.add(session, row)
    words = {"source": new.name, "kind": known.kind, "auth": str(chosen)}
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, {"note": "source_added", **words})
    return made


def rotate_source(
    session: Session, actor: Actor, name: str, cipher: Cipher, now: datetime, *, secret: str | None = None,
    is_forced: bool = False,
) -> NewSource:  # fmt: skip
    """Give a sender a new secret; the former one stays valid until it has been unused for 24 hours.

    Raises InvalidCommand where a third secret would end one that is still in use, unless `is_forced`.
    """
    row = _source(session, actor, name)
    if not is_forced and _is_former_in_use(row, now):
        raise InvalidCommand(
            N_(
                "the secret before the newest one of %(name)s is still in use: replace it at the sender "
                "first, or end it now with --force"
            ),
            name=name,
        )
    new = _with_secret(row, AuthKind(row.auth), cipher, secret)
    row.rotated_at, row.former_used_at = now, None
    session.add(row)
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, {"note": "source_rotated", "source": name})
    return new


def _is_former_in_use(row: SourceRow, now: datetime) -> bool:
    used = row.former_used_at
    return row.rotated_at is not None and used is not None and now - used < FORMER_SECRET_LASTS


def release_source(session: Session, actor: Actor, name: str, now: datetime) -> None:
    """End the observation of a sender: from now on people are told of what it says."""
    row = _source(session, actor, name)
    if row.observed_until is None:
        raise InvalidCommand(N_("%(name)s is not under observation: people are told already"), name=name)
    row.observed_until = None
    session.add(row)
    words = {"note": "source_released", "source": name}
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)


def set_expected(
    session: Session, actor: Actor, name: str, expected: Mapping[str, str], cipher: Cipher, now: datetime, *,
    kept: frozenset[str] = frozenset(),
) -> None:  # fmt: skip
    """Say what each message of a sender must carry besides the credential.

    All that was said before is replaced, but for what is `kept`, where there is any.
    """
    row = _source(session, actor, name)
    before = sources.expected_of(cipher, row)
    expected = {**{one: before[one] for one in kept if one in before}, **expected}
    said = _expected(expected, source_of(row.kind), AuthKind(row.auth))
    row.expected_encrypted = sources.sealed_expected(cipher, said)
    session.add(row)
    words = {"note": "source_expectations", "source": name, "names": ", ".join(sorted(said))}
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)


def set_mapping(session: Session, actor: Actor, name: str, text: str | None, now: datetime) -> None:
    """Say how a sender's own format is read, as YAML; None goes back to its kind. Faults raise InvalidCommand."""
    row = _source(session, actor, name)
    if text is not None:
        faults = mapping_faults(text)
        if faults:
            raise InvalidCommand(Sentences(*faults))
    row.mapping = text
    session.add(row)
    digest = sha256((text or "").encode()).hexdigest()
    words = {"note": "source_mapped" if text else "source_unmapped", "source": name, "digest": digest}
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)


def _source(session: Session, actor: Actor, name: str) -> SourceRow:
    authorise(actor, Act.MANAGE_SOURCES)
    row = sources.named(session, name)
    if row is None:
        raise NotFound(N_("there is no source %(name)s"), name=name)
    return row


def _header(name: str | None) -> str | None:
    if name is None:
        return None
    if not HEADER_NAME.fullmatch(name.strip()):
        raise InvalidCommand(N_("%(name)r is no name of a header: letters, digits and - only"), name=name)
    return name.strip().lower()


def _expected(given: Mapping[str, str], known: Source, auth: AuthKind) -> dict[str, str]:
    """What was given, if the kind knows it and it is whole. Raises InvalidCommand."""
    possible = {one.name: one for one in known.expectations}
    said = {name: value.strip() for name, value in given.items()}
    for name, value in said.items():
        one = possible.get(name)
        if one is None:
            choice = ", ".join(possible) or "nothing"
            raise InvalidCommand(
                N_("of messages of %(kind)s can be expected: %(choice)s; not %(name)r"),
                kind=known.kind,
                choice=choice,
                name=name,
            )
        if not re.fullmatch(one.form, value):
            raise InvalidCommand(
                N_("%(name)s is: %(title)s; what was given does not look like one"),
                name=name,
                title=one.title.en or one.title.fr,
            )
        if one.needs and one.needs not in said:
            raise InvalidCommand(
                N_("%(name)s alone proves nothing: give %(needs)s as well"), name=name, needs=one.needs
            )
        if one.is_in_token and auth is AuthKind.BEARER:
            raise InvalidCommand(
                N_(
                    "%(name)s is proved by a token where this source has its secret: connect it with the "
                    "secret in the address (url)"
                ),
                name=name,
            )
    return said


def _auth(wanted: str | None, known: Source) -> AuthKind:
    if wanted is None:
        return known.default_auth
    # Whatever the sender can do by itself: a relay before it may do the rest.
    if wanted not in tuple(AuthKind):
        raise InvalidCommand(
            N_("a sender proves itself by %(kinds)s, not %(wanted)s"), kinds=list(AuthKind), wanted=wanted
        )
    return AuthKind(wanted)


def _with_secret(row: SourceRow, auth: AuthKind, cipher: Cipher, given: str | None) -> NewSource:
    if given is not None and len(given) < SHORTEST_SECRET:
        raise InvalidCommand(
            N_("a secret has at least %(shortest_secret)s characters: this one has %(given)s"),
            shortest_secret=SHORTEST_SECRET,
            given=len(given),
        )
    if given is not None and auth is AuthKind.URL:
        raise InvalidCommand(N_("the secret of an address is made here: give the sender the address that is printed"))
    secret = given or _new_secret(source_of(row.kind), auth)
    if auth is AuthKind.HMAC:
        row.secrets_encrypted = [sources.sealed_secret(cipher, secret.encode()), *row.secrets_encrypted[:1]]
    else:
        row.secret_hashes = [secret_hash(secret), *row.secret_hashes[:1]]
    path = f"/webhooks/{row.name}/{secret}" if auth is AuthKind.URL else f"/webhooks/{row.name}"
    return NewSource(row.name, row.kind, auth, secret, path, row.observed_until)


def _new_secret(known: Source, auth: AuthKind) -> str:
    if known.secret_mark and auth is AuthKind.HMAC:
        return known.secret_mark + base64.b64encode(secrets.token_bytes(32)).decode()
    return secrets.token_urlsafe(32)


def replay_several(session: Session, actor: Actor, items: Iterable[int], cipher: Cipher, now: datetime) -> None:
    """Put quarantined requests back into the inbox, in the order in which they are given."""
    authorise(actor, Act.REPLAY)
    for item in items:
        replay_quarantined(session, actor, item, cipher, now)


def replay_quarantined(session: Session, actor: Actor, item: int, cipher: Cipher, now: datetime) -> None:
    """Put a quarantined request back into the inbox, with the instant at which it came."""
    authorise(actor, Act.REPLAY)
    found = inbox.quarantined_body(session, cipher, item)
    if found is None:
        raise NotFound(N_("there is no request number %(item)s in quarantine"), item=item)
    head, headers, query, body = found
    if head.replayed_at is not None:
        raise InvalidCommand(
            N_("request number %(item)s was played again already: if it failed again, it has a new number"), item=item
        )
    sealed = inbox.sealed(cipher, headers, query, body)
    session.add(InboxRow(source_id=head.source_id, received_at=head.received_at, sealed=sealed))
    inbox.mark_replayed(session, item, now)
    words = {"note": "quarantine_replayed", "item": str(item), "source": head.source}
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)
