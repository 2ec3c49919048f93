"""What people decide about the provider of identities: whose account is whose, and who comes in while it is away."""

import secrets
from datetime import datetime, timedelta

from breach_service.acts.authorise import authorise
from breach_service.acts.people import accounts
from breach_service.acts.signing.federated import TO_LINK, link, to_link
from breach_service.acts.signing.signing_in import Browser, open_session
from breach_service.acts.telling import Told, ToldKind, tell_people
from breach_service.domain.access import Act, Actor, How, UserRole
from breach_service.errors import N_, InvalidCommand, NotAllowed, NotFound
from breach_service.store import federated, people, sign_ins
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session
from breach_service.store.tables import UserRow

LET_IN_WITHIN = timedelta(minutes=15)
LET_IN_LASTS = timedelta(hours=1)
"""Long enough to repair a setting, short enough to be no way to work."""
LET_IN = "let_in"


def link_account(session: Session, cipher: Cipher, actor: Actor, email: str, code: str, now: datetime) -> None:
    """Give an account to the person of the provider who read that code to an administrator.

    Its password opens it no more and its sessions end. Raises InvalidCommand where nobody waits under the code.
    """
    row = _account(session, actor, email)
    if row.disabled_at is not None:
        raise InvalidCommand(N_("the account of %(name)s is disabled: enable it first"), name=row.name)
    found = sign_ins.take_challenge(session, cipher, to_link(row, "".join(code.split())), TO_LINK, now)
    if found is None:
        raise InvalidCommand(
            N_(
                "nobody waits under this code for the account of %(name)s: it is shown to them when they "
                "sign in at the provider, holds for seven days and once"
            ),
            name=row.name,
        )
    issuer, subject = str(found.holds["issuer"]), str(found.holds["subject"])
    if federated.account_of_subject(session, issuer, subject) is not None:
        raise InvalidCommand(N_("this person of the provider has another account here by now"))
    link(session, row, issuer, subject, now, actor.name)
    _end_and_tell(session, cipher, row, "provider_linked", now)


def unlink_account(session: Session, cipher: Cipher, actor: Actor, email: str, now: datetime) -> None:
    """Take an account away from its person at the provider: it is entered by an invitation or a new password only."""
    row = _account(session, actor, email)
    if row.oidc_subject is None:
        raise InvalidCommand(N_("the account of %(name)s belongs to nobody at the provider"), name=row.name)
    row.oidc_issuer, row.oidc_subject = "", None
    federated.save(session, row)
    accounts.note(session, actor.name, row, "provider_unlinked", now)
    _end_and_tell(session, cipher, row, "provider_unlinked", now)


def let_in(session: Session, cipher: Cipher, actor: Actor, email: str, now: datetime) -> str:
    """The path of a link that lets an administrator in once, while the provider is away; for the command line alone."""
    row = _account(session, actor, email)
    if not actor.is_operator:
        raise NotAllowed(N_("only the command line of the machine lets somebody in without the provider"))
    if row.role != UserRole.ADMIN or row.disabled_at is not None:
        raise InvalidCommand(
            N_("the account of %(name)s is not that of an administrator who may sign in"), name=row.name
        )
    token = secrets.token_urlsafe(32)
    sign_ins.put_challenge(session, cipher, token, LET_IN, row.id, {}, now, now + LET_IN_WITHIN)
    accounts.note(session, actor.name, row, "let_in", now)
    return f"/oidc/let-in?token={token}"


def is_let_in(session: Session, token: str, now: datetime) -> bool:
    """True while such a link can be opened."""
    return bool(token) and federated.is_waiting(session, sign_ins.hash_of(token), LET_IN, now)


def come_in(session: Session, cipher: Cipher, token: str, browser: Browser, now: datetime) -> str | None:
    """Use the link up: the token of a session of an hour; None where it was used, is over or leads nowhere any more."""
    taken = sign_ins.take_challenge(session, cipher, token, LET_IN, now)
    row = people.user(session, taken.user_id) if taken is not None and taken.user_id is not None else None
    if row is None or row.role != UserRole.ADMIN or row.disabled_at is not None:
        return None
    opened = open_session(session, row.id or 0, How.LINK, LET_IN_LASTS, now, browser=browser)
    accounts.note(session, row.name, row, "came_in", now)
    told = Told(ToldKind.SECURITY_CHANGED, {"what": "came_in"}, "/account")
    everybody = people.administrators(session) | {row.id or 0}
    tell_people(session, cipher, everybody, told, f"came_in:{now.isoformat()}", now)
    return opened


def _account(session: Session, actor: Actor, email: str) -> UserRow:
    authorise(actor, Act.MANAGE_PEOPLE)
    accounts.check_gives(actor)
    row = people.user_by_email(session, email)
    if row is None:
        raise NotFound(N_("there is no account for %(email)s"), email=email)
    return row


def _end_and_tell(session: Session, cipher: Cipher, row: UserRow, what: str, now: datetime) -> None:
    number = row.id or 0
    people.end_sessions(session, number, now)
    told = Told(ToldKind.SECURITY_CHANGED, {"what": what}, "/account")
    tell_people(session, cipher, [number], told, f"{what}:{number}:{now.isoformat()}", now)
