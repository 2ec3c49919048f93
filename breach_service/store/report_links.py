"""The links under which reports come without an account; the database holds their hashes."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from breach_service.store.report_tables import ReportLinkRow
from breach_service.store.sign_ins import hash_of

FOR_PEOPLE, FOR_MAIL = "people", "mail"
"""What a link is for: the five questions, or mails that a mail service hands on."""


def replace_link(session: Session, token: str, by: str, now: datetime, purpose: str = FOR_PEOPLE) -> None:
    """Keep the hash of a new link and end the former one for the same purpose."""
    end_link(session, now, purpose)
    session.add(ReportLinkRow(token_hash=hash_of(token), by=by, created_at=now, purpose=purpose))
    session.flush()


def end_link(session: Session, now: datetime, purpose: str = FOR_PEOPLE) -> None:
    """End the link, where there is one."""
    for row in _live(session, purpose):
        row.ended_at = now
        session.add(row)
    session.flush()


def is_link(session: Session, token: str, purpose: str = FOR_PEOPLE) -> bool:
    """True for the token of the link in force."""
    return any(row.token_hash == hash_of(token) for row in _live(session, purpose))


def link_made_at(session: Session, purpose: str = FOR_PEOPLE) -> datetime | None:
    """Since when the link in force opens; None where there is none."""
    return next((row.created_at for row in _live(session, purpose)), None)


def _live(session: Session, purpose: str) -> Iterable[ReportLinkRow]:
    return session.exec(
        select(ReportLinkRow).where(col(ReportLinkRow.ended_at).is_(None), ReportLinkRow.purpose == purpose)
    ).all()
