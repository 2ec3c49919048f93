"""What was checked before and had no faults, by a key that names its text and the release that checked it."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from breach_service.store.tables import CheckedContentRow

CHECKED = CheckedContentRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
MOST_KEPT = 16
"""Several releases and several machines with files of their own may share a database."""


def parsed(session: Session, key: str) -> str | None:
    """What was kept with the key; None where nothing was checked under it."""
    return session.execute(select(CHECKED.c.parsed).where(CHECKED.c.key == key)).scalar_one_or_none()


def keep(session: Session, key: str, text: str, now: datetime) -> None:
    """Remember that what the key names has no faults, with what was read from it; the oldest are forgotten."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    values = {"key": key, "checked_at": now, "parsed": text}
    session.execute(dialect.insert(CHECKED).values(values).on_conflict_do_nothing(index_elements=["key"]))
    newest = select(CHECKED.c.key).order_by(CHECKED.c.checked_at.desc(), CHECKED.c.key).limit(MOST_KEPT)
    session.execute(delete(CHECKED).where(CHECKED.c.key.not_in(newest)))
