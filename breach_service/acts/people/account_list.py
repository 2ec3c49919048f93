"""Accounts and their sessions as administrators see them; nothing in it is secret."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from breach_service.acts.authorise import authorise
from breach_service.acts.people.accounts import account_of
from breach_service.domain.access import Act, Actor, UserRole
from breach_service.store import links, people
from breach_service.store.database import Session
from breach_service.store.tables import UserRow


class AccountState(StrEnum):
    """Whether somebody can come in."""

    ACTIVE = "active"
    AWAITED = "awaited"
    """Their person never came: no password, no passkey, no provider."""
    DISABLED = "disabled"


@dataclass(frozen=True)
class AccountSummary:
    """An account as it is listed."""

    number: int
    email: str
    name: str
    role: UserRole
    language: str
    created_at: datetime
    disabled_at: datetime | None
    disabled_by: str
    disabled_reason: str
    last_seen_at: datetime | None
    state: AccountState
    invited_until: datetime | None
    """Until when an invitation can be opened; None where there is none."""
    has_second_factor: bool
    sessions: int
    tokens: int


@dataclass(frozen=True)
class OpenSession:
    """A browser that is signed in."""

    number: int
    method: str
    agent: str
    created_at: datetime
    last_seen_at: datetime | None
    expires_at: datetime


def list_accounts(session: Session, actor: Actor, now: datetime) -> list[AccountSummary]:
    """Everybody, those who can come in first."""
    authorise(actor, Act.MANAGE_PEOPLE)
    found = _summaries(session, people.users(session), now)
    return sorted(found, key=lambda one: (one.disabled_at is not None, one.name.casefold(), one.number))


def one_account(
    session: Session, actor: Actor, user_id: int, now: datetime
) -> tuple[AccountSummary, tuple[OpenSession, ...]]:
    """An account with its sessions."""
    row = account_of(session, actor, user_id)
    open_sessions = tuple(
        OpenSession(one.id or 0, one.method, one.agent, one.created_at, one.last_seen_at, one.expires_at)
        for one in people.live_sessions(session, now)
        if one.user_id == user_id
    )
    return _summaries(session, [row], now)[0], open_sessions


def _summaries(session: Session, rows: list[UserRow], now: datetime) -> list[AccountSummary]:
    held = [one.user_id for one in people.live_sessions(session, now)]
    owned = [
        one.owner
        for one in people.tokens(session)
        if one.revoked_at is None and (one.expires_at is None or one.expires_at > now)
    ]
    invited, have_come = links.invited(session, now), people.with_a_way_in(session)
    return [
        AccountSummary(
            number=row.id or 0,
            email=row.email,
            name=row.name,
            role=UserRole(row.role),
            language=row.language,
            created_at=row.created_at,
            disabled_at=row.disabled_at,
            disabled_by=row.disabled_by,
            disabled_reason=row.disabled_reason,
            last_seen_at=row.last_seen_at,
            state=_state_of(row, row.id in have_come),
            invited_until=invited.get(row.id or 0),
            has_second_factor=row.totp_confirmed_at is not None,
            sessions=held.count(row.id or 0),
            tokens=owned.count(row.id),
        )
        for row in rows
    ]


def _state_of(row: UserRow, has_come: bool) -> AccountState:
    if row.disabled_at is not None:
        return AccountState.DISABLED
    return AccountState.ACTIVE if has_come else AccountState.AWAITED
