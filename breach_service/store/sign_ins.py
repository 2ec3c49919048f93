"""Sessions, the steps of signing in that are under way, and the failures that were counted. Tokens are kept hashed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from breach_service.domain.access import Limit, Tally, Throttled, after_failure
from breach_service.store.access_tables import ChallengeRow, FailureRow
from breach_service.store.cipher import Cipher
from breach_service.store.tables import SessionRow, UserRow

FAILURE = FailureRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__


def hash_of(token: str) -> str:
    """How session tokens, API tokens and challenges are stored: SHA-256, hex; they are 32 random bytes."""
    return hashlib.sha256(token.encode()).hexdigest()


# ── Sessions


def live_session(
    session: Session, token: str, now: datetime, idle: timedelta | None = None
) -> tuple[SessionRow, UserRow] | None:
    """A session and its person; None where it is over, was idle for too long or ended, or the person was disabled."""
    used_at = func.coalesce(SessionRow.last_seen_at, SessionRow.created_at)
    found = session.exec(
        select(SessionRow, UserRow)
        .join(UserRow, col(UserRow.id) == SessionRow.user_id)
        .where(
            SessionRow.token_hash == hash_of(token),
            col(SessionRow.revoked_at).is_(None),
            SessionRow.expires_at > now,
            used_at > now - idle if idle is not None else True,
            col(UserRow.disabled_at).is_(None),
        )
    ).first()
    return (found[0], found[1]) if found else None


def holds_session(session: Session, number: int, now: datetime) -> bool:
    """True where a session is not over and its person not disabled; until the transaction ends nobody can end it."""
    found = session.execute(
        select(SessionRow.id)
        .join(UserRow, col(UserRow.id) == SessionRow.user_id)
        .where(
            SessionRow.id == number,
            col(SessionRow.revoked_at).is_(None),
            SessionRow.expires_at > now,
            col(UserRow.disabled_at).is_(None),
        )
        .with_for_update(key_share=True, of=SessionRow)
    )
    return found.first() is not None


def live_sessions_of(session: Session, user_id: int, now: datetime) -> list[SessionRow]:
    """The sessions of a person that are not over, the one used last first."""
    used_at = func.coalesce(SessionRow.last_seen_at, SessionRow.created_at)
    return list(
        session.exec(
            select(SessionRow)
            .where(SessionRow.user_id == user_id, col(SessionRow.revoked_at).is_(None), SessionRow.expires_at > now)
            .order_by(used_at.desc(), col(SessionRow.id).desc())
        )
    )


def add_session(session: Session, row: SessionRow) -> None:
    """Insert a session."""
    session.add(row)
    session.flush()


def session_by_number(session: Session, number: int) -> SessionRow:
    """One session; LookupError where there is none."""
    row = session.get(SessionRow, number, with_for_update=True, populate_existing=True)
    if row is None:
        raise LookupError(f"there is no session number {number}")
    return row


def end_session(session: Session, token: str, now: datetime) -> None:
    """End the session of a cookie, where there is one."""
    _end(session, now, col(SessionRow.token_hash) == hash_of(token))


def end_other_sessions(session: Session, user_id: int, but: int | None, now: datetime) -> int:
    """End all sessions of a person but one; how many there were."""
    others = [col(SessionRow.id) != but] if but is not None else []
    return _end(session, now, col(SessionRow.user_id) == user_id, *others)


def _end(session: Session, now: datetime, *which: Any) -> int:
    ended = update(SessionRow).where(*which, col(SessionRow.revoked_at).is_(None)).values(revoked_at=now)
    done = session.execute(ended)
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE has one


def saw(session: Session, session_id: int, user_id: int, now: datetime) -> None:
    """Write down that a session is in use."""
    session.execute(update(SessionRow).where(col(SessionRow.id) == session_id).values(last_seen_at=now))
    session.execute(update(UserRow).where(col(UserRow.id) == user_id).values(last_seen_at=now))


# ── Steps under way


@dataclass(frozen=True)
class Challenge:
    """What was asked of a browser, taken out: it can be answered once."""

    user_id: int | None
    holds: Mapping[str, Any]
    expires_at: datetime


def put_challenge(
    session: Session, cipher: Cipher, token: str, purpose: str, user_id: int | None, holds: Mapping[str, Any],
    now: datetime, expires_at: datetime,
) -> None:  # fmt: skip
    """Remember what was asked of the browser that holds the token; those that nobody answered go."""
    session.execute(delete(ChallengeRow).where(col(ChallengeRow.expires_at) <= now))
    session.add(
        ChallengeRow(
            token_hash=hash_of(token), purpose=purpose, user_id=user_id,
            sealed=cipher.seal(json.dumps(dict(holds)).encode()).hex(), created_at=now, expires_at=expires_at,
        )
    )  # fmt: skip
    session.flush()


def take_challenge(session: Session, cipher: Cipher, token: str, purpose: str, now: datetime) -> Challenge | None:
    """Take it out; None where there is none, it is over, or somebody took it: of two who try at once one has it."""
    row = session.execute(
        delete(ChallengeRow)
        .where(col(ChallengeRow.token_hash) == hash_of(token), col(ChallengeRow.purpose) == purpose)
        .returning(ChallengeRow.user_id, ChallengeRow.sealed, ChallengeRow.expires_at)  # type: ignore[call-overload]
    ).first()
    if row is None or row.expires_at <= now:
        return None
    return Challenge(row.user_id, _opened(cipher, row.sealed), row.expires_at)


def challenge_of(session: Session, cipher: Cipher, token: str, purpose: str, now: datetime) -> Challenge | None:
    """Look at it without taking it out; None where it cannot be answered."""
    row = session.exec(
        select(ChallengeRow).where(
            ChallengeRow.token_hash == hash_of(token), ChallengeRow.purpose == purpose, ChallengeRow.expires_at > now
        )
    ).first()
    return None if row is None else Challenge(row.user_id, _opened(cipher, row.sealed), row.expires_at)


def _opened(cipher: Cipher, sealed: str) -> dict[str, Any]:
    holds: dict[str, Any] = json.loads(cipher.open(bytes.fromhex(sealed)))
    return holds


# ── Failures


def _key_of(what: Throttled, whose: str) -> str:
    return hashlib.sha256(f"{what}:{whose}".encode()).hexdigest()


def tally_of(session: Session, what: Throttled, whose: str) -> Tally:
    """The failures of one thing."""
    row = session.get(FailureRow, _key_of(what, whose), populate_existing=True)
    return Tally() if row is None else Tally(row.failures, row.since, row.locks, row.locked_until)


def count_failure(session: Session, what: Throttled, whose: str, limit: Limit, now: datetime) -> Tally:
    """Count one more; two processes that count at once count two."""
    _forget(session, now)
    key = _key_of(what, whose)
    first = {"key_hash": key, "failures": 0, "since": None, "locks": 0, "locked_until": None, "forgotten_at": now}
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(FAILURE).values(first).on_conflict_do_nothing(index_elements=["key_hash"]))
    row = session.get_one(FailureRow, key, with_for_update=True, populate_existing=True)
    tally = after_failure(Tally(row.failures, row.since, row.locks, row.locked_until), limit, now)
    row.failures, row.since, row.locks, row.locked_until = tally.failures, tally.since, tally.locks, tally.locked_until
    row.forgotten_at = tally.forgotten_at(limit) or now
    session.add(row)
    session.flush()
    return tally


def _forget(session: Session, now: datetime) -> None:
    over = select(FailureRow.key_hash).where(FailureRow.forgotten_at <= now).limit(100)
    over = over.with_for_update(skip_locked=True)
    session.execute(delete(FailureRow).where(col(FailureRow.key_hash).in_(over)))


def forgive(session: Session, what: Throttled, whose: str) -> None:
    """Forget the failures of one thing."""
    session.execute(delete(FailureRow).where(col(FailureRow.key_hash) == _key_of(what, whose)))
