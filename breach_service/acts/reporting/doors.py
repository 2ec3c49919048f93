"""The links under which reports come, and the one under which whoever reported sees that somebody looks."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.domain.access import Act, Actor
from breach_service.domain.incident import EntryKind
from breach_service.store import report_links as links
from breach_service.store import reports as stored
from breach_service.store import timeline
from breach_service.store.database import Session
from breach_service.store.report_links import FOR_MAIL, FOR_PEOPLE

PAGE = "/signaler"
"""The five questions, under the link of the organisation."""
STATUS_PAGE = "/signaler/suivi"
"""What became of one report, under the link of whoever reported it."""
MAIL_PAGE = "/reports/mail"
"""Where a mail service posts mails."""
PATHS = {FOR_PEOPLE: PAGE, FOR_MAIL: MAIL_PAGE}


def make_link(session: Session, actor: Actor, now: datetime, purpose: str = FOR_PEOPLE) -> str:
    """A new link under which reports come without an account; the path with its token. The former ends."""
    authorise(actor, Act.MANAGE_PEOPLE)
    token = secrets.token_urlsafe(32)
    links.replace_link(session, token, actor.name, now, purpose)
    words = {"note": "report_link_made", "purpose": purpose}
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)
    return f"{PATHS[purpose]}/{token}"


def end_link(session: Session, actor: Actor, now: datetime, purpose: str = FOR_PEOPLE) -> None:
    """End the link: nobody reports under it until there is another one."""
    authorise(actor, Act.MANAGE_PEOPLE)
    links.end_link(session, now, purpose)
    words = {"note": "report_link_ended", "purpose": purpose}
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)


def is_open(session: Session, token: str) -> bool:
    """True for the token of the link in force."""
    return bool(token) and links.is_link(session, token)


def is_mail_open(session: Session, token: str) -> bool:
    """True for the token under which a mail service posts mails."""
    return bool(token) and links.is_link(session, token, FOR_MAIL)


@dataclass(frozen=True)
class Followed:
    """What whoever reported learns of their report: that somebody looks, and nothing of what came of it."""

    number: str
    told_at: datetime
    is_looked_at: bool
    """True from the first thing on that somebody with an account did with it or in its incident."""


def followed(session: Session, token: str) -> Followed | None:
    """What the link of a report shows; None where there is none, or where it was let go of."""
    kept = stored.by_status_token(session, token)
    return None if kept is None else Followed(kept.number, kept.told_at, stored.is_looked_at(session, kept))
