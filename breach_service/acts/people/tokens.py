"""API tokens: made with a role, a scope and an end, shown once, kept as a hash, ended with their owner."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from breach_service.acts.authorise import authorise
from breach_service.acts.people.accounts import check_gives, checked_name
from breach_service.domain.access import PEOPLE, Act, Actor, UserRole, grantable, scope_of
from breach_service.domain.incident import EntryKind
from breach_service.errors import N_, InvalidCommand, NotAllowed, NotFound
from breach_service.store import people, timeline
from breach_service.store.database import Session
from breach_service.store.sign_ins import hash_of
from breach_service.store.tables import TokenRow, UserRow

PREFIX = "bs_"
"""By which a token is recognised where it leaked."""


@dataclass(frozen=True)
class Terms:
    """For how long tokens are made."""

    usual: timedelta = timedelta(days=90)
    """Where nobody says."""
    longest: timedelta = timedelta(days=365)


TERMS = Terms()


def add_token(
    session: Session, actor: Actor, name: str, role: UserRole, now: datetime, *, lasts: timedelta | None = None,
    scopes: Iterable[str] = (), owner: int | None = None, terms: Terms = TERMS,
) -> str:  # fmt: skip
    """Make an API token; it is shown once.

    `scopes` are acts of the role, none for all that a token of it may do; `owner` is the account with whose end it
    ends. Raises InvalidCommand with what is wrong.
    """
    authorise(actor, Act.MANAGE_PEOPLE)
    check_gives(actor)
    if not name.strip():
        raise InvalidCommand(N_("name the token after what will use it"))
    name = checked_name(name)
    if people.token_by_name(session, name) is not None:
        raise InvalidCommand(N_("there is a token %(name)s already: choose another name"), name=name)
    token = f"{PREFIX}{secrets.token_urlsafe(32)}"
    row = TokenRow(
        name=name, token_hash=hash_of(token), role=checked_role(role), created_at=now,
        expires_at=now + _lasts(lasts, terms), scopes=_scopes(role, scopes), created_by=actor.name,
        owner=_owner(session, owner, role),
    )  # fmt: skip
    people.add(session, row)
    _note(session, actor, row, "token_added", now)
    return token


def checked_role(role: UserRole) -> UserRole:
    """The role; InvalidCommand for one that neither a person nor an API token can have."""
    if role not in PEOPLE:
        raise InvalidCommand(N_("a sender gets its secret with `source add`, not with an API token"))
    return role


def _lasts(lasts: timedelta | None, terms: Terms) -> timedelta:
    found = min(terms.usual, terms.longest) if lasts is None else lasts
    if not timedelta() < found <= terms.longest:
        days = f"{terms.longest / timedelta(days=1):g}"
        raise InvalidCommand(
            N_("a token lasts at most %(days)s days (BREACH_TOKEN_LONGEST_DAYS), and more than none"), days=days
        )
    return found


def _scopes(role: UserRole, chosen: Iterable[str]) -> list[str]:
    names = sorted({str(one) for one in chosen})
    allowed = {str(one) for one in grantable(role)}
    beyond = [one for one in names if one not in allowed]
    if beyond:
        raise InvalidCommand(N_("a token of the role %(role)s cannot have: %(names)s"), role=role, names=list(beyond))
    return names


def _owner(session: Session, owner: int | None, role: UserRole) -> int | None:
    row = people.user(session, owner) if owner is not None else None
    if owner is not None and (row is None or row.disabled_at is not None):
        raise InvalidCommand(N_("the owner of a token is a person with an account that is not disabled"))
    if role is UserRole.INSPECTOR and (row is None or row.role != UserRole.INSPECTOR):
        raise InvalidCommand(N_("a token of an inspector needs the inspector as its owner: it sees what they may see"))
    return owner


def revoke_token(session: Session, actor: Actor, name: str, now: datetime) -> None:
    """End an API token at once."""
    authorise(actor, Act.MANAGE_PEOPLE)
    row = people.token_by_name(session, name.strip())
    if row is None:
        raise NotFound(N_("there is no token %(name)s"), name=name)
    if row.revoked_at is not None:
        raise InvalidCommand(N_("the token %(name)s has been revoked already"), name=name)
    people.end_token(session, row, actor.name, now)
    _note(session, actor, row, "token_revoked", now)


def _note(session: Session, actor: Actor, row: TokenRow, note: str, now: datetime) -> None:
    words = {"note": note, "token": row.name, "role": str(row.role), "scopes": " ".join(row.scopes)}
    timeline.write_entry(session, None, now, EntryKind.ACCESS_CHANGED, actor.name, words)


@dataclass(frozen=True)
class Bearer:
    """Whom an API token stands for."""

    actor: Actor
    token: int
    is_use_unknown: bool
    """True where its use should be written down; false within a minute of the last time."""


def bearer_of(session: Session, token: str, now: datetime) -> Bearer:
    """Whom an API token stands for; NotAllowed where it is unknown or ended.

    Its scope never holds what is a person's, decisions above all. It sees as much as its role; that of an inspector
    what its owner was given.
    """
    row = people.token_by_hash(session, hash_of(token), now)
    if row is None:
        raise NotAllowed(N_("this API token is unknown, expired or revoked: make one with `breach-service token add`"))
    role = UserRole(row.role)
    person = row.owner if role is UserRole.INSPECTOR else None
    actor = Actor(f"token:{row.name}", role, person=person, scope=scope_of(role, row.scopes))
    return Bearer(actor, row.id or 0, people.is_use_unknown(row, now))


class TokenState(StrEnum):
    """Whether a token opens something."""

    LIVE = "live"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class TokenSummary:
    """A token as it is listed; nothing in it is secret."""

    name: str
    role: UserRole
    scopes: tuple[str, ...]
    owner: str
    """Name of the person; empty for a program's."""
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    state: TokenState


def list_tokens(session: Session, actor: Actor, now: datetime, *, owner: int | None = None) -> list[TokenSummary]:
    """Every token, or those of one owner, ended ones included; live ones first."""
    authorise(actor, Act.MANAGE_PEOPLE)
    owners = {one.id: one for one in people.users(session)}
    found = [_summary(one, owners, now) for one in people.tokens(session) if owner is None or one.owner == owner]
    return sorted(found, key=lambda one: (one.state is not TokenState.LIVE, one.name))


def _summary(row: TokenRow, owners: dict[int | None, UserRow], now: datetime) -> TokenSummary:
    owner = owners.get(row.owner) if row.owner is not None else None
    return TokenSummary(
        name=row.name,
        role=UserRole(row.role),
        scopes=tuple(row.scopes),
        owner=owner.name if owner else "",
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        state=_state_of(row, now),
    )


def _state_of(row: TokenRow, now: datetime) -> TokenState:
    if row.revoked_at is not None:
        return TokenState.REVOKED
    is_over = row.expires_at is not None and row.expires_at <= now
    return TokenState.EXPIRED if is_over else TokenState.LIVE
