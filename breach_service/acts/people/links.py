"""Links that open once: the first administrator's, an invitation, a new password. Whoever opens one sets a password."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from breach_service.acts.people.accounts import account_of, check_gives, new_account, note
from breach_service.acts.signing import throttling
from breach_service.acts.signing.own_record import record_change
from breach_service.acts.telling import Told, ToldKind, tell_people
from breach_service.domain.access import Actor, SignInChange, UserRole
from breach_service.errors import N_, InvalidCommand
from breach_service.store import links, people
from breach_service.store.access_tables import OneTimeLinkRow
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session
from breach_service.store.sign_ins import hash_of
from breach_service.store.tables import UserRow

MOST_ASKED = 3
"""New passwords that can be asked for one account within an hour: the mails go to somebody who may not want them."""
PAGE = "/sign-in/link"
NOT_OPEN = N_("this link was used already or has expired: ask for another one")


class LinkPurpose(StrEnum):
    """What a link is for."""

    FIRST_ADMINISTRATOR = "first_administrator"
    INVITATION = "invitation"
    NEW_PASSWORD = "new_password"  # noqa: S105  # the name of a purpose


LASTS = {
    LinkPurpose.FIRST_ADMINISTRATOR: timedelta(hours=24),
    LinkPurpose.INVITATION: timedelta(hours=24),
    LinkPurpose.NEW_PASSWORD: timedelta(hours=1),
}


@dataclass(frozen=True)
class NewLink:
    """A link that was just made; `path` holds its token."""

    path: str
    until: datetime


@dataclass(frozen=True)
class OpenLink:
    """What can be done with a link."""

    purpose: LinkPurpose
    email: str
    name: str
    language: str
    until: datetime


@dataclass(frozen=True)
class Newcomer:
    """What somebody says of themselves who opens a link; `password_hash` comes from `passwords.hash_password`."""

    password_hash: str
    name: str = ""
    email: str = ""
    language: str = "fr"


def first_link(session: Session, now: datetime) -> NewLink | None:
    """The link of the first administrator; None where there is one, is invited, or has a link to open already."""
    people.lock_accounts(session)
    purpose = LinkPurpose.FIRST_ADMINISTRATOR
    if people.has_administrator(session) or links.is_one_alive(session, purpose, now):
        return None
    return _made(session, purpose, None, "breach_service", now)[1]


def is_first_link_needed(session: Session, now: datetime) -> bool:
    """True while a link for the first administrator can be opened and is needed."""
    alive = links.is_one_alive(session, LinkPurpose.FIRST_ADMINISTRATOR, now)
    return alive and not people.has_administrator(session)


def end_first_links(session: Session, now: datetime) -> None:
    """End the link of the first administrator: nobody saw it."""
    links.end_of_purpose(session, LinkPurpose.FIRST_ADMINISTRATOR, now)


def invite(
    session: Session, actor: Actor, user_id: int, now: datetime, cipher: Cipher | None
) -> NewLink:  # fmt: skip
    """A new invitation for an account whose person never came; earlier ones end. Mailed where a cipher is given."""
    row = account_of(session, actor, user_id)
    check_gives(actor)
    if row.disabled_at is not None:
        raise InvalidCommand(N_("the account of %(name)s is disabled: enable it first"), name=row.name)
    if user_id in people.with_a_way_in(session):
        raise InvalidCommand(
            N_("%(name)s has signed in before: they ask for a new password on the sign-in page"), name=row.name
        )
    links.end_of_user(session, user_id, now)
    number, link = _made(session, LinkPurpose.INVITATION, user_id, actor.name, now)
    note(session, actor.name, row, "invited", now)
    if cipher is not None:
        words = {"name": row.name, "by": actor.name, "until": link.until.isoformat()}
        told = Told(ToldKind.INVITATION, words, link.path)
        tell_people(session, cipher, [user_id], told, f"link:{number}", now)
    return link


def ask_for_new_password(session: Session, email: str, now: datetime, cipher: Cipher) -> None:
    """Mail a link for a new password, where there is such an account; whoever asks learns nothing of that.

    An account whose person signs in at a provider only has no password to renew; a disabled one gets no mail.
    """
    row = people.user_by_email(session, email)
    if row is None or row.id is None or row.disabled_at is not None:
        return
    if row.password_hash is None and row.oidc_subject is not None:
        return
    purpose = LinkPurpose.NEW_PASSWORD
    if links.made_since(session, row.id, purpose, now - LASTS[purpose]) >= MOST_ASKED:
        return
    number, link = _made(session, purpose, row.id, "breach_service", now)
    words = {"name": row.name, "until": link.until.isoformat()}
    told = Told(ToldKind.NEW_PASSWORD, words, link.path)
    tell_people(session, cipher, [row.id], told, f"link:{number}", now)


def look(session: Session, token: str, now: datetime) -> OpenLink | None:
    """What a link can do; None where it was used, has expired, or its person was disabled."""
    row = links.live(session, hash_of(token), now)
    person = people.user(session, row.user_id) if row is not None and row.user_id is not None else None
    if row is None or (person is not None and person.disabled_at is not None):
        return None
    purpose = LinkPurpose(row.purpose)
    if person is None:
        can_open = purpose is LinkPurpose.FIRST_ADMINISTRATOR and not people.has_administrator(session)
        return OpenLink(purpose, "", "", "", row.expires_at) if can_open else None
    return OpenLink(purpose, person.email, person.name, person.language, row.expires_at)


def open_link(session: Session, token: str, newcomer: Newcomer, now: datetime, cipher: Cipher) -> None:
    """Use a link up: make the first administrator, or set the password of its person. Raises InvalidCommand."""
    people.lock_accounts(session)
    row = links.claim(session, hash_of(token), now)
    if row is None:
        raise InvalidCommand(NOT_OPEN)
    if row.purpose == LinkPurpose.FIRST_ADMINISTRATOR:
        _make_first(session, newcomer, now)
        return
    person = people.user(session, row.user_id) if row.user_id is not None else None
    if person is None or person.disabled_at is not None:
        raise InvalidCommand(NOT_OPEN)
    _set_password(session, person, newcomer, LinkPurpose(row.purpose), now, cipher)


def _make_first(session: Session, newcomer: Newcomer, now: datetime) -> None:
    if people.has_administrator(session):
        raise InvalidCommand(N_("there is an administrator already: ask for an invitation"))
    row = new_account(session, newcomer.email, UserRole.ADMIN, newcomer.name, newcomer.language, now)
    row.password_hash, row.password_changed_at = newcomer.password_hash, now
    people.add(session, row)
    links.end_of_purpose(session, LinkPurpose.FIRST_ADMINISTRATOR, now)
    note(session, row.name, row, "account_added", now, {"role": str(UserRole.ADMIN), "by": "first_link"})


def _set_password(
    session: Session, row: UserRow, newcomer: Newcomer, purpose: LinkPurpose, now: datetime, cipher: Cipher
) -> None:
    number = row.id or 0
    row.password_hash, row.password_changed_at = newcomer.password_hash, now
    session.add(row)
    throttling.forgive_account(session, row.email, number)
    people.end_sessions(session, number, now)
    links.end_of_user(session, number, now)
    if purpose is LinkPurpose.NEW_PASSWORD:
        record_change(session, cipher, row, SignInChange.PASSWORD, now, by=str(purpose))
    else:
        note(session, row.name, row, "password_set", now, {"by": str(purpose)})


def _made(
    session: Session, purpose: LinkPurpose, user_id: int | None, by: str, now: datetime
) -> tuple[int, NewLink]:  # fmt: skip
    token, until = secrets.token_urlsafe(32), now + LASTS[purpose]
    row = OneTimeLinkRow(
        token_hash=hash_of(token), purpose=purpose, user_id=user_id, by=by, created_at=now, expires_at=until
    )  # fmt: skip
    links.add(session, row)
    return row.id or 0, NewLink(f"{PAGE}?token={token}", until)
