"""Signing in and out, accounts and API tokens."""

import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from pwdlib import PasswordHash

from breach_service.acts.authorise import authorise
from breach_service.domain.access import Act, Actor, UserRole
from breach_service.errors import InvalidCommand, NotAllowed
from breach_service.store import people
from breach_service.store.database import Session
from breach_service.store.tables import SessionRow, TokenRow, UserRow

MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=5)
SHORTEST_PASSWORD = 12

_hasher = PasswordHash.recommended()
_one_at_a_time = threading.Lock()
"""Each check takes 64 MiB and a core: strangers who try passwords wait for each other, nobody else does."""


def hash_of(token: str) -> str:
    """How session and API tokens are stored: SHA-256, hex; they are 32 random bytes."""
    return hashlib.sha256(token.encode()).hexdigest()


def add_user(
    session: Session, actor: Actor, email: str, role: UserRole, password: str | None, now: datetime, *,
    name: str = "", language: str = "fr",
) -> str:  # fmt: skip
    """Make an account; the password, generated where none is given. It is shown once."""
    authorise(actor, Act.MANAGE_PEOPLE)
    if "@" not in email:
        raise InvalidCommand(f"{email!r} is not an e-mail address")
    if people.user_by_email(session, email) is not None:
        raise InvalidCommand(f"there is an account for {email} already")
    chosen = password or secrets.token_urlsafe(12)
    if len(chosen) < SHORTEST_PASSWORD:
        raise InvalidCommand(f"a password has at least {SHORTEST_PASSWORD} characters")
    row = UserRow(
        email=email.strip(), name=name or email.partition("@")[0], role=role, language=language,
        password_hash=_hasher.hash(chosen), created_at=now,
    )  # fmt: skip
    people.add(session, row)
    return chosen


@dataclass(frozen=True)
class SignedIn:
    """Somebody who is signed in."""

    actor: Actor
    email: str
    language: str


@dataclass(frozen=True)
class Attempt:
    """What came of trying to sign in; committed either way, since failures count."""

    token: str | None
    is_locked: bool = False


@dataclass(frozen=True)
class CheckedPassword:
    """Whether a password fits the hash that an account had when it was looked at."""

    held_hash: str | None
    is_right: bool
    renewed_hash: str | None = None


def check_password(session: Session, email: str, password: str) -> CheckedPassword:
    """The slow half of signing in (a fifth of a second): outside the writer, whose other work must not wait for it."""
    row = people.user_by_email(session, email)
    if row is None or row.disabled_at is not None or row.password_hash is None:
        with _one_at_a_time:
            _hasher.hash(password)  # as long as verifying takes, so that nobody can tell who has an account
        return CheckedPassword(None, False)
    with _one_at_a_time:
        return CheckedPassword(row.password_hash, *_hasher.verify_and_update(password, row.password_hash))


def sign_in(
    session: Session, email: str, password: str, lasts: timedelta, now: datetime, *,
    checked: CheckedPassword | None = None,
) -> Attempt:  # fmt: skip
    """Open a session where the password is right; after five failures an account waits five minutes."""
    checked = checked or check_password(session, email, password)
    row = people.user_by_email(session, email)
    if row is None or row.disabled_at is not None or row.password_hash is None:
        return Attempt(None)
    if row.locked_until is not None and row.locked_until > now:
        return Attempt(None, is_locked=True)
    renewed = checked.renewed_hash
    if not checked.is_right or checked.held_hash != row.password_hash:
        row.failed_sign_ins += 1
        if row.failed_sign_ins >= MOST_FAILURES:
            row.failed_sign_ins, row.locked_until = 0, now + LOCKED_FOR
        session.add(row)
        return Attempt(None, is_locked=row.locked_until is not None and row.locked_until > now)
    row.failed_sign_ins, row.locked_until = 0, None
    row.password_hash = renewed or row.password_hash
    token = secrets.token_urlsafe(32)
    people.add(
        session, SessionRow(token_hash=hash_of(token), user_id=row.id or 0, created_at=now, expires_at=now + lasts)
    )
    return Attempt(token)


def signed_in(session: Session, token: str, now: datetime) -> SignedIn | None:
    """Whose session a cookie is; None where it ended."""
    found = people.session_by_hash(session, hash_of(token), now)
    if found is None:
        return None
    row = found[1]
    return SignedIn(Actor(row.name, UserRole(row.role)), row.email, row.language)


def sign_out(session: Session, token: str, now: datetime) -> None:
    """End a session."""
    people.revoke_session(session, hash_of(token), now)


def add_token(
    session: Session, actor: Actor, name: str, role: UserRole, now: datetime, *, lasts: timedelta | None = None
) -> str:
    """Make an API token; it is shown once."""
    authorise(actor, Act.MANAGE_PEOPLE)
    if not name.strip():
        raise InvalidCommand("name the token after what will use it")
    if people.token_by_name(session, name.strip()) is not None:
        raise InvalidCommand(f"there is a token {name.strip()} already: choose another name")
    token = f"bs_{secrets.token_urlsafe(32)}"
    people.add(
        session,
        TokenRow(
            name=name.strip(), token_hash=hash_of(token), role=role, created_at=now,
            expires_at=now + lasts if lasts else None,
        ),
    )  # fmt: skip
    return token


def bearer_of(session: Session, token: str, now: datetime) -> Actor:
    """Whom an API token stands for; NotAllowed where it is unknown or ended."""
    row = people.token_by_hash(session, hash_of(token), now)
    if row is None:
        raise NotAllowed("this API token is unknown, expired or revoked: make one with `breach-service token add`")
    return Actor(f"token:{row.name}", UserRole(row.role))
