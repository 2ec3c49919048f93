"""People who sign in, their sessions, and API tokens. Secrets are kept as hashes only."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, text, update
from sqlmodel import Session, col, exists, func, select

from breach_service.store.access_tables import PasskeyRow
from breach_service.store.tables import SessionRow, TokenRow, UserRow

ACCOUNTS_LOCK = 7_220_034
"""Key of the PostgreSQL advisory lock under which it is decided whether an administrator remains."""
TO_THE_MINUTE = timedelta(minutes=1)
"""How exactly the last use of a token is known: every use would be a write."""


def lock_accounts(session: Session) -> None:
    """Hold the lock of the accounts until the transaction ends; on SQLite BEGIN IMMEDIATE already is that lock."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ACCOUNTS_LOCK})


def user(session: Session, number: int) -> UserRow | None:
    """The account of that number."""
    return session.get(UserRow, number)


def user_by_email(session: Session, email: str) -> UserRow | None:
    """The person with that address, whatever its case."""
    return session.exec(select(UserRow).where(func.lower(UserRow.email) == email.strip().lower())).first()


def users(session: Session) -> list[UserRow]:
    """Everybody, by address."""
    return list(session.exec(select(UserRow).order_by(col(UserRow.email))))


def _has_a_way_in() -> ColumnElement[bool]:
    has_passkey = exists().where(col(PasskeyRow.user_id) == UserRow.id, col(PasskeyRow.removed_at).is_(None))
    return or_(col(UserRow.password_hash).is_not(None), col(UserRow.oidc_subject).is_not(None), has_passkey)


def with_a_way_in(session: Session) -> frozenset[int]:
    """Who has a password, a passkey or a provider; an invited person who never came has none."""
    return frozenset(one for one in session.exec(select(UserRow.id).where(_has_a_way_in())) if one is not None)


def administrators(session: Session) -> frozenset[int]:
    """Who administers now: not disabled, and with a way in."""
    rows = session.exec(
        select(UserRow.id).where(UserRow.role == "admin", col(UserRow.disabled_at).is_(None), _has_a_way_in())
    )
    return frozenset(one for one in rows if one is not None)


def has_administrator(session: Session) -> bool:
    """True where somebody administers, or was invited to."""
    found = session.exec(select(UserRow.id).where(UserRow.role == "admin", col(UserRow.disabled_at).is_(None)))
    return found.first() is not None


def add(session: Session, row: UserRow | SessionRow | TokenRow) -> None:
    """Insert a person, a session or a token."""
    session.add(row)
    session.flush()


def live_sessions(session: Session, now: datetime) -> list[SessionRow]:
    """The sessions of everybody that have not ended, newest first."""
    return list(
        session.exec(
            select(SessionRow)
            .where(col(SessionRow.revoked_at).is_(None), SessionRow.expires_at > now)
            .order_by(col(SessionRow.created_at).desc(), col(SessionRow.id).desc())
        )
    )


def end_session(session: Session, user_id: int, number: int, now: datetime) -> bool:
    """End one session of a person; False where they have none of that number that is alive."""
    ended = update(SessionRow).where(
        col(SessionRow.id) == number, col(SessionRow.user_id) == user_id, col(SessionRow.revoked_at).is_(None)
    )
    return bool(getattr(session.execute(ended.values(revoked_at=now)), "rowcount", 0))


def end_sessions(session: Session, user_id: int, now: datetime) -> int:
    """End all sessions of a person; how many."""
    ended = update(SessionRow).where(col(SessionRow.user_id) == user_id, col(SessionRow.revoked_at).is_(None))
    return int(getattr(session.execute(ended.values(revoked_at=now)), "rowcount", 0))


def token_by_hash(session: Session, token_hash: str, now: datetime) -> TokenRow | None:
    """A live API token; one whose owner was disabled is none."""
    row = session.exec(
        select(TokenRow)
        .outerjoin(UserRow, col(UserRow.id) == TokenRow.owner)
        .where(
            TokenRow.token_hash == token_hash,
            col(TokenRow.revoked_at).is_(None),
            or_(col(TokenRow.owner).is_(None), col(UserRow.id).is_not(None) & col(UserRow.disabled_at).is_(None)),
        )
    ).first()
    return None if row is None or (row.expires_at is not None and row.expires_at <= now) else row


def holds_token(session: Session, number: int, now: datetime) -> bool:
    """True where an API token is live and its owner not disabled; until the transaction ends nobody can end it."""
    found = session.execute(
        select(TokenRow.id)
        .outerjoin(UserRow, col(UserRow.id) == TokenRow.owner)
        .where(
            TokenRow.id == number,
            col(TokenRow.revoked_at).is_(None),
            or_(col(TokenRow.expires_at).is_(None), col(TokenRow.expires_at) > now),
            or_(col(TokenRow.owner).is_(None), col(UserRow.id).is_not(None) & col(UserRow.disabled_at).is_(None)),
        )
        .with_for_update(key_share=True, of=TokenRow)
    )
    return found.first() is not None


def token_by_name(session: Session, name: str) -> TokenRow | None:
    """The API token of that name, ended ones included: a name in a log line means one token only."""
    return session.exec(select(TokenRow).where(TokenRow.name == name)).first()


def tokens(session: Session) -> list[TokenRow]:
    """Every API token, ended ones included, by name."""
    return list(session.exec(select(TokenRow).order_by(col(TokenRow.name))))


def end_token(session: Session, row: TokenRow, by: str, now: datetime) -> None:
    """End an API token."""
    row.revoked_at, row.revoked_by = now, by
    session.add(row)


def end_tokens_of(session: Session, user_id: int, now: datetime, by: str = "") -> int:
    """End the API tokens that a person owns; how many."""
    ended = update(TokenRow).where(col(TokenRow.owner) == user_id, col(TokenRow.revoked_at).is_(None))
    return int(getattr(session.execute(ended.values(revoked_at=now, revoked_by=by)), "rowcount", 0))


def is_use_unknown(row: TokenRow, now: datetime) -> bool:
    """True where the last use that is written down is too old for one at this instant."""
    return row.last_used_at is None or now - row.last_used_at >= TO_THE_MINUTE


def note_token_use(session: Session, token_id: int, now: datetime) -> None:
    """Write down that a token was used, unless another process just did."""
    session.execute(
        update(TokenRow)
        .where(
            col(TokenRow.id) == token_id,
            or_(col(TokenRow.last_used_at).is_(None), col(TokenRow.last_used_at) <= now - TO_THE_MINUTE),
        )
        .values(last_used_at=now)
    )
