"""People who sign in, their sessions, and API tokens. Secrets are kept as hashes only."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from breach_service.store.tables import SessionRow, TokenRow, UserRow


def user_by_email(session: Session, email: str) -> UserRow | None:
    """The person with that address, whatever its case."""
    return session.exec(select(UserRow).where(func.lower(UserRow.email) == email.strip().lower())).first()


def users(session: Session) -> list[UserRow]:
    """Everybody, by address."""
    return list(session.exec(select(UserRow).order_by(col(UserRow.email))))


def add(session: Session, row: UserRow | SessionRow | TokenRow) -> None:
    """Insert a person, a session or a token."""
    session.add(row)
    session.flush()


def session_by_hash(session: Session, token_hash: str, now: datetime) -> tuple[SessionRow, UserRow] | None:
    """A live session and its person; None where it ended, was revoked or the person was disabled."""
    found = session.exec(
        select(SessionRow, UserRow)
        .join(UserRow, col(UserRow.id) == SessionRow.user_id)
        .where(
            SessionRow.token_hash == token_hash,
            col(SessionRow.revoked_at).is_(None),
            SessionRow.expires_at > now,
            col(UserRow.disabled_at).is_(None),
        )
    ).first()
    return (found[0], found[1]) if found else None


def revoke_session(session: Session, token_hash: str, now: datetime) -> None:
    """End a session."""
    row = session.exec(select(SessionRow).where(SessionRow.token_hash == token_hash)).first()
    if row is not None:
        row.revoked_at = now
        session.add(row)


def token_by_hash(session: Session, token_hash: str, now: datetime) -> TokenRow | None:
    """A live API token."""
    row = session.exec(
        select(TokenRow).where(TokenRow.token_hash == token_hash, col(TokenRow.revoked_at).is_(None))
    ).first()
    return None if row is None or (row.expires_at is not None and row.expires_at <= now) else row


def token_by_name(session: Session, name: str) -> TokenRow | None:
    """The API token of that name, ended ones included: a name in a log line means one token only."""
    return session.exec(select(TokenRow).where(TokenRow.name == name)).first()
