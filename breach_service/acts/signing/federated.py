"""Signing in at a provider of identities: what a verified identity may open, and what ends it.

The provider says who somebody is and in which groups; what they may do follows from the groups at every sign-in. What
a sign-in came to is returned and not raised: it is committed either way, since losing a role ends sessions.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from breach_service.acts.people import accounts
from breach_service.acts.signing.signing_in import Browser, hash_of, open_session
from breach_service.domain.access import How, Identity, Refusal, UserRole
from breach_service.domain.access.federation import Account, Admission, Entry, admission_of, is_lowered
from breach_service.errors import InvalidCommand
from breach_service.notify.provider import Asked, Ended
from breach_service.store import federated, links, people, sign_ins
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session
from breach_service.store.tables import UserRow

ANSWER_WITHIN = timedelta(minutes=10)
"""For so long somebody may take to sign in at the provider."""
LINK_WITHIN = timedelta(days=7)
"""For so long an administrator may link somebody who came."""
MOST_WAITING = 20_000
"""Sign-ins that are under way at once: strangers may begin as many as they like, and each is a row; the oldest go."""
BEGUN = "oidc"
TO_LINK = "oidc_link"
LOGGED_OUT = "oidc_logout"
SERVICE = "breach_service"
"""Who gives and takes roles in the chronology, `by` what the provider says."""
PROVIDER = "provider"


@dataclass(frozen=True)
class Rules:
    """What the installation makes of those who come from its provider."""

    roles: Mapping[str, UserRole]
    """Of the provider's groups."""
    lasts: timedelta
    """Of a session."""
    language: str = "fr"
    """Of the pages of a new account."""


@dataclass(frozen=True)
class Entered:
    """What came of it: a session, or why there is none."""

    token: str = field(default="", repr=False)
    refusal: Refusal | None = None
    code: str = field(default="", repr=False)
    """What somebody whose address is taken tells their administrator, who then links them."""


def begin(session: Session, cipher: Cipher, asked: Asked, now: datetime) -> str:
    """Remember what was asked for a browser, under a token for its cookie."""
    federated.drop_oldest(session, BEGUN, MOST_WAITING, now)
    token = secrets.token_urlsafe(32)
    sign_ins.put_challenge(session, cipher, token, BEGUN, None, asdict(asked), now, now + ANSWER_WITHIN)
    return token


def take(session: Session, cipher: Cipher, token: str, now: datetime) -> Asked | None:
    """What was asked for the browser with that token; it is given once."""
    found = sign_ins.take_challenge(session, cipher, token, BEGUN, now) if token else None
    return Asked(**found.holds) if found is not None else None


def enter(
    session: Session, cipher: Cipher, identity: Identity, rules: Rules, browser: Browser, now: datetime
) -> Entered:
    """Let somebody in whom the provider vouches for, with the role of their groups, or say why not."""
    people.lock_accounts(session)
    own = federated.account_of_subject(session, identity.issuer, identity.subject)
    namesake = people.user_by_email(session, identity.email) if own is None and identity.email else None
    found = admission_of(identity, rules.roles, _account(session, own, now), _account(session, namesake, now))
    if isinstance(found, Refusal):
        return _refused(session, cipher, found, identity, own or namesake, now)
    row = _row(session, found, identity, rules, own or namesake, now)
    if row is None:
        return Entered(refusal=Refusal.NO_ADDRESS)
    _set_role(session, row, found.role, now)
    token = open_session(session, row.id or 0, How.OIDC, rules.lasts, now, browser=browser)
    if identity.session:
        federated.bind(session, hash_of(token), federated.provider_session(identity.issuer, identity.session))
    return Entered(token)


def _account(session: Session, row: UserRow | None, now: datetime) -> Account | None:
    if row is None or row.id is None:
        return None
    is_awaited = row.id in links.invited(session, now) and row.id not in people.with_a_way_in(session)
    return Account(row.id, UserRole(row.role), row.disabled_at is not None, is_awaited, row.oidc_subject is not None)


def _refused(
    session: Session, cipher: Cipher, refusal: Refusal, identity: Identity, row: UserRow | None, now: datetime
) -> Entered:
    if refusal is Refusal.NO_ROLE and row is not None and row.oidc_subject == identity.subject:
        _end_access(session, row, now)
    if refusal is not Refusal.ADDRESS_TAKEN or row is None or row.disabled_at is not None or row.oidc_subject:
        return Entered(refusal=refusal)
    if federated.waiting(session, TO_LINK, now) >= MOST_WAITING:
        return Entered(refusal=Refusal.BUSY)
    code = f"{secrets.randbelow(10**12):012d}"
    holds = {"issuer": identity.issuer, "subject": identity.subject}
    sign_ins.put_challenge(session, cipher, to_link(row, code), TO_LINK, row.id, holds, now, now + LINK_WITHIN)
    return Entered(refusal=refusal, code=code)


def to_link(row: UserRow, code: str) -> str:
    """The name under which somebody waits to be linked with an account."""
    return f"{row.id}:{code}"


def _row(
    session: Session, found: Admission, identity: Identity, rules: Rules, row: UserRow | None, now: datetime
) -> UserRow | None:
    """The account to enter; None where what the provider says makes none."""
    if found.entry is Entry.KNOWN:
        return row
    if found.entry is Entry.INVITED and row is not None:
        links.end_of_user(session, row.id or 0, now)
        link(session, row, identity.issuer, identity.subject, now, row.name)
        return row
    row = _new_account(session, identity, found.role, rules.language, now)
    if row is None:
        return None
    row.oidc_issuer, row.oidc_subject = identity.issuer, identity.subject
    people.add(session, row)
    accounts.note(session, SERVICE, row, "account_added", now, {"role": str(found.role), "by": PROVIDER})
    return row


def _new_account(
    session: Session, identity: Identity, role: UserRole, language: str, now: datetime
) -> UserRow | None:  # fmt: skip
    """An account under the name that the provider gives, or another one where somebody has that, or nobody may."""
    for name in (identity.name, f"{identity.name} ({identity.email})", ""):
        try:
            return accounts.new_account(session, identity.email, role, name, language, now)
        except InvalidCommand:
            continue  # with the next name; where none will do, the address is at fault
    return None


def link(session: Session, row: UserRow, issuer: str, subject: str, now: datetime, by: str) -> None:
    """Give an account to a person of the provider; its password opens it no more. Whoever calls it has decided so."""
    row.oidc_issuer, row.oidc_subject, row.password_hash = issuer, subject, None
    federated.save(session, row)
    accounts.note(session, by, row, "provider_linked", now)


def _set_role(session: Session, row: UserRow, role: UserRole, now: datetime) -> None:
    former = UserRole(row.role)
    if role is former:
        return
    row.role = role
    federated.save(session, row)
    words = {"from": str(former), "to": str(role), "by": PROVIDER}
    accounts.note(session, SERVICE, row, "role_changed", now, words)
    if is_lowered(former, role):
        _end_access(session, row, now)


def _end_access(session: Session, row: UserRow, now: datetime) -> None:
    ended = people.end_sessions(session, row.id or 0, now)
    people.end_tokens_of(session, row.id or 0, now, SERVICE)
    if ended:
        accounts.note(session, SERVICE, row, "sessions_ended", now, {"by": PROVIDER, "count": str(ended)})


def end_by_provider(session: Session, cipher: Cipher, issuer: str, ended: Ended, now: datetime) -> int | None:
    """End what the provider ended; how many sessions, None where this message was taken before."""
    token = f"{issuer}\n{ended.number}"
    if federated.is_waiting(session, hash_of(token), LOGGED_OUT, now):
        return None
    until = now + timedelta(seconds=max(0.0, ended.expires_at - now.timestamp())) + ANSWER_WITHIN
    sign_ins.put_challenge(session, cipher, token, LOGGED_OUT, None, {}, now, until)
    row = federated.account_of_subject(session, issuer, ended.subject) if ended.subject else None
    if ended.subject and row is None:
        return 0
    if ended.session:
        provider_hash = federated.provider_session(issuer, ended.session)
        count = federated.end_of_provider_session(session, provider_hash, row.id if row else None, now)
    else:
        count = people.end_sessions(session, row.id or 0, now) if row else 0
    if count and row is not None:
        accounts.note(session, SERVICE, row, "sessions_ended", now, {"by": PROVIDER, "count": str(count)})
    return count
