"""Links that open once. The token is 32 random bytes in the link; the row holds its hash."""

from datetime import datetime

from sqlalchemy import Update, update
from sqlmodel import Session, col, func, select

from breach_service.store.access_tables import OneTimeLinkRow


def add(session: Session, row: OneTimeLinkRow) -> None:
    """Keep a new link."""
    session.add(row)
    session.flush()


def live(session: Session, token_hash: str, now: datetime) -> OneTimeLinkRow | None:
    """A link that was neither used nor ended."""
    return session.exec(
        select(OneTimeLinkRow).where(
            OneTimeLinkRow.token_hash == token_hash,
            col(OneTimeLinkRow.used_at).is_(None),
            OneTimeLinkRow.expires_at > now,
        )
    ).first()


def claim(session: Session, token_hash: str, now: datetime) -> OneTimeLinkRow | None:
    """Use a link up: of several who do so at once one gets it, the others None."""
    used = session.execute(
        update(OneTimeLinkRow)
        .where(
            col(OneTimeLinkRow.token_hash) == token_hash,
            col(OneTimeLinkRow.used_at).is_(None),
            col(OneTimeLinkRow.expires_at) > now,
        )
        .values(used_at=now)
    )
    if not getattr(used, "rowcount", 0):
        return None
    return session.exec(select(OneTimeLinkRow).where(OneTimeLinkRow.token_hash == token_hash)).first()


def is_one_alive(session: Session, purpose: str, now: datetime) -> bool:
    """True where a link of that purpose can still be opened."""
    found = session.exec(
        select(OneTimeLinkRow.id).where(
            OneTimeLinkRow.purpose == purpose, col(OneTimeLinkRow.used_at).is_(None), OneTimeLinkRow.expires_at > now
        )
    )
    return found.first() is not None


def end_of_user(session: Session, user_id: int, now: datetime) -> None:
    """End every link of a person that was not used."""
    session.execute(_ending(now).where(col(OneTimeLinkRow.user_id) == user_id))


def end_of_purpose(session: Session, purpose: str, now: datetime) -> None:
    """End every link of a purpose that was not used."""
    session.execute(_ending(now).where(col(OneTimeLinkRow.purpose) == purpose))


def _ending(now: datetime) -> Update:
    """End what can still be opened."""
    alive = col(OneTimeLinkRow.used_at).is_(None), col(OneTimeLinkRow.expires_at) > now
    return update(OneTimeLinkRow).where(*alive).values(expires_at=now)


def made_since(session: Session, user_id: int, purpose: str, since: datetime) -> int:
    """How many links of a purpose were made for a person since an instant."""
    count = select(func.count()).where(
        OneTimeLinkRow.user_id == user_id, OneTimeLinkRow.purpose == purpose, OneTimeLinkRow.created_at > since
    )
    return int(session.exec(count).one())


def invited(session: Session, now: datetime) -> dict[int, datetime]:
    """Until when the newest invitation of each person opens; those whose invitation ended are not there."""
    rows = session.exec(
        select(OneTimeLinkRow.user_id, func.max(OneTimeLinkRow.expires_at))
        .where(
            OneTimeLinkRow.purpose == "invitation", col(OneTimeLinkRow.used_at).is_(None),
            OneTimeLinkRow.expires_at > now,
        )
        .group_by(col(OneTimeLinkRow.user_id))
    )  # fmt: skip
    return {number: until for number, until in rows if number is not None}
