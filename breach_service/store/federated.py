"""Accounts as a provider of identities knows them, and the sessions that it may end."""

import hashlib
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col, func, select

from breach_service.store.access_tables import ChallengeRow
from breach_service.store.tables import SessionRow, UserRow


def account_of_subject(session: Session, issuer: str, subject: str) -> UserRow | None:
    """The account of a person of a provider, held until the transaction ends."""
    found = select(UserRow).where(UserRow.oidc_issuer == issuer, UserRow.oidc_subject == subject)
    return session.exec(found.with_for_update()).first()


def save(session: Session, row: UserRow) -> None:
    """Write an account that was changed."""
    session.add(row)
    session.flush()


def waiting(session: Session, purpose: str, now: datetime) -> int:
    """How many challenges of a purpose can still be answered."""
    count = select(func.count()).where(ChallengeRow.purpose == purpose, col(ChallengeRow.expires_at) > now)
    return int(session.exec(count).one())


def drop_oldest(session: Session, purpose: str, keep: int, now: datetime) -> None:
    """Let go of the oldest challenges of a purpose where there are more than `keep`, a tenth of them at once."""
    if waiting(session, purpose, now) > keep:
        oldest = select(ChallengeRow.id).where(ChallengeRow.purpose == purpose).order_by(col(ChallengeRow.id))
        session.execute(delete(ChallengeRow).where(col(ChallengeRow.id).in_(oldest.limit(keep // 10 + 1))))


def is_waiting(session: Session, token_hash: str, purpose: str, now: datetime) -> bool:
    """True while there is a challenge of that hash."""
    found = select(ChallengeRow.id).where(
        ChallengeRow.token_hash == token_hash, ChallengeRow.purpose == purpose, col(ChallengeRow.expires_at) > now
    )
    return session.exec(found).first() is not None


def provider_session(issuer: str, session_id: str) -> str:
    """How the session of a provider is kept."""
    return hashlib.sha256(f"{issuer}\n{session_id}".encode()).hexdigest()


def bind(session: Session, token_hash: str, provider_hash: str) -> None:
    """Remember to which session of the provider a session belongs."""
    changed = update(SessionRow).where(col(SessionRow.token_hash) == token_hash)
    session.execute(changed.values(provider_session=provider_hash))


def end_of_provider_session(session: Session, provider_hash: str, user_id: int | None, now: datetime) -> int:
    """End the sessions that belong to one of the provider, of that person where one is given; how many."""
    ended = update(SessionRow).where(
        col(SessionRow.provider_session) == provider_hash, col(SessionRow.revoked_at).is_(None)
    )
    if user_id is not None:
        ended = ended.where(col(SessionRow.user_id) == user_id)
    return int(getattr(session.execute(ended.values(revoked_at=now)), "rowcount", 0))
