"""Accounts: add, rename, change the role, disable, enable; and the sessions of anybody.

Whatever takes something away works at once: sessions and tokens of the person end in the same transaction. An
administrator always remains. Every change stands in the chronology without incident, by names and numbers.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.people import handover
from breach_service.acts.signing import throttling
from breach_service.acts.signing.passwords import check_new_password, hash_password
from breach_service.domain.access import PEOPLE, Act, Actor, UserRole
from breach_service.domain.access.federation import is_lowered
from breach_service.domain.access.signing_in import is_same_person
from breach_service.domain.incident import EntryKind
from breach_service.errors import N_, InvalidCommand, NotAllowed, NotFound
from breach_service.store import links, people, timeline
from breach_service.store.database import Session
from breach_service.store.tables import UserRow

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
LONGEST_ADDRESS = 254
LONGEST_NAME = 200
OTHER_ACTORS = ("token:", "source:", "operator", "breach_service")
"""How the chronology names who is no person: nobody may be called so."""


def check_gives(actor: Actor) -> None:
    """NotAllowed for an API token: it may take access away, and never gives any."""
    if actor.scope is not None:
        raise NotAllowed(N_("an API token can end access and never give any: sign in to do this"))


def add_user(
    session: Session, actor: Actor, email: str, role: UserRole, password: str | None, now: datetime, *,
    name: str = "", language: str = "fr",
) -> int:  # fmt: skip
    """Make an account; its number. Without a password it waits for an invitation (`links.invite`)."""
    authorise(actor, Act.MANAGE_PEOPLE)
    check_gives(actor)
    row = new_account(session, email, role, name, language, now)
    if password:
        check_new_password(password, (row.email, row.name))
        row.password_hash = hash_password(password)
    people.add(session, row)
    note(session, actor.name, row, "account_added", now, {"role": str(role)})
    return row.id or 0


def new_account(
    session: Session, email: str, role: UserRole, name: str, language: str, now: datetime
) -> UserRow:  # fmt: skip
    """An account that is not stored yet. Raises InvalidCommand with what is wrong."""
    email = email.strip()
    if not ADDRESS.fullmatch(email) or len(email) > LONGEST_ADDRESS or not email.isprintable():
        raise InvalidCommand(N_("%(given)r is not an e-mail address"), given=email[:LONGEST_ADDRESS])
    if people.user_by_email(session, email) is not None:
        raise InvalidCommand(N_("there is an account for %(email)s already"), email=email)
    taken = [one.name for one in people.users(session)]
    if not name.strip():
        short = email.partition("@")[0]
        name = email if is_same_person(taken, short) else short
    return UserRow(
        email=email, name=free_name(name, taken), role=_checked_role(role), language=language, created_at=now
    )  # fmt: skip


def free_name(name: str, taken: Iterable[str]) -> str:
    """A name that reads like nobody else's. Raises InvalidCommand."""
    name = checked_name(name)
    if is_same_person(taken, name):
        raise InvalidCommand(
            N_("there is somebody called %(name)s already: the chronology could not tell them apart"), name=name
        )
    return name


def checked_name(name: str) -> str:
    """A name for the chronology; InvalidCommand where it is empty, too long, or that of no person."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidCommand(N_("a name has 1 to %(longest_name)s characters"), longest_name=LONGEST_NAME)
    if name.casefold().startswith(OTHER_ACTORS):
        raise InvalidCommand(N_("nobody can be called %(name)r: the chronology names programs so"), name=name)
    return name


def _checked_role(role: UserRole) -> UserRole:
    if role not in PEOPLE:
        raise InvalidCommand(N_("a sender is no person: connect it with `source add`"))
    return role


def rename(session: Session, actor: Actor, user_id: int, name: str, now: datetime) -> None:
    """Change the name that the chronology shows from now on; what was written stays as it is."""
    row = account_of(session, actor, user_id)
    check_gives(actor)
    taken = [one.name for one in people.users(session) if one.id != user_id]
    former, row.name = row.name, free_name(name, taken)
    session.add(row)
    if row.name != former:
        note(session, actor.name, row, "account_renamed", now, {"from": former})


def change_role(session: Session, actor: Actor, user_id: int, role: UserRole, now: datetime) -> None:
    """Give a person another role; they sign in again, and their tokens end.

    Raises InvalidCommand where the new role may do less and there is work that nobody has accepted.
    """
    row = account_of(session, actor, user_id)
    check_gives(actor)
    if row.role == _checked_role(role):
        raise InvalidCommand(N_("%(name)s has the role %(role)s already"), name=row.name, role=role)
    _check_administrator_remains(session, row)
    if is_lowered(UserRole(row.role), role):
        handover.check_nothing_is_open(session, user_id, now)
    former, row.role = row.role, role
    session.add(row)
    _end_access(session, actor, user_id, now)
    note(session, actor.name, row, "role_changed", now, {"from": str(former), "to": str(role)})


def disable(
    session: Session, actor: Actor, user_id: int, now: datetime, *, reason: str, for_security: bool
) -> None:  # fmt: skip
    """Shut a person out at once: sessions, tokens, links, passkeys and ways to be reached end.

    Raises InvalidCommand for the last administrator, and where somebody leaves whose work nobody has accepted; for
    security their work is sent on in the same transaction (`handover`).
    """
    row = account_of(session, actor, user_id)
    if not reason.strip():
        raise InvalidCommand(N_("say why: it stands in the chronology"))
    if row.disabled_at is not None:
        raise InvalidCommand(N_("the account of %(name)s is disabled already"), name=row.name)
    _check_administrator_remains(session, row)
    if not for_security:
        handover.check_nothing_is_open(session, user_id, now)
    handover.shut_out(session, row, actor.name, now, for_security=for_security)
    row.disabled_at, row.disabled_by, row.disabled_reason = now, actor.name, reason.strip()
    # Whoever else may know them gets nowhere with them should the account ever be enabled again.
    row.password_hash, row.totp_encrypted, row.totp_confirmed_at, row.recovery_hashes = None, None, None, []
    session.add(row)
    _end_access(session, actor, user_id, now)
    links.end_of_user(session, user_id, now)
    words = {"reason": reason.strip(), "for": "security" if for_security else "leaving"}
    note(session, actor.name, row, "account_disabled", now, words)


def enable(session: Session, actor: Actor, user_id: int, now: datetime) -> None:
    """Let a person come in again, by a new invitation; what had ended stays ended, passwords and factors too."""
    row = account_of(session, actor, user_id)
    check_gives(actor)
    if row.disabled_at is None:
        raise InvalidCommand(N_("the account of %(name)s is not disabled"), name=row.name)
    row.disabled_at, row.disabled_by, row.disabled_reason = None, "", ""
    session.add(row)
    throttling.forgive_account(session, row.email, user_id)
    note(session, actor.name, row, "account_enabled", now, {"role": str(row.role)})


def end_session(session: Session, actor: Actor, user_id: int, number: int, now: datetime) -> None:
    """End one session of a person."""
    row = account_of(session, actor, user_id)
    if not people.end_session(session, user_id, number, now):
        raise NotFound(N_("this session has ended already"))
    note(session, actor.name, row, "sessions_ended", now, {"count": "1"})


def end_all_sessions(session: Session, actor: Actor, user_id: int, now: datetime) -> int:
    """End every session of a person; how many."""
    row = account_of(session, actor, user_id)
    count = people.end_sessions(session, user_id, now)
    if count:
        note(session, actor.name, row, "sessions_ended", now, {"count": str(count)})
    return count


def account_of(session: Session, actor: Actor, user_id: int) -> UserRow:
    """The account of that number, for whoever may manage people. Raises NotFound."""
    authorise(actor, Act.MANAGE_PEOPLE)
    row = people.user(session, user_id)
    if row is None:
        raise NotFound(N_("there is no account number %(user_id)s"), user_id=user_id)
    return row


def _check_administrator_remains(session: Session, row: UserRow) -> None:
    people.lock_accounts(session)
    if row.role == UserRole.ADMIN and row.disabled_at is None and not people.administrators(session) - {row.id}:
        raise InvalidCommand(
            N_("%(name)s is the last administrator who can sign in: make another one first"), name=row.name
        )


def _end_access(session: Session, actor: Actor, user_id: int, now: datetime) -> None:
    people.end_sessions(session, user_id, now)
    people.end_tokens_of(session, user_id, now, actor.name)


def note(
    session: Session, actor: str, row: UserRow, what: str, now: datetime, words: Mapping[str, str] | None = None
) -> None:
    """Write a change of an account into the chronology."""
    said = {"note": what, "account": str(row.id), "person": row.name, **(words or {})}
    timeline.write_entry(session, None, now, EntryKind.ACCESS_CHANGED, actor, said)
