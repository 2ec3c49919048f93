"""Signing in and out: a password, then a second factor where the account has one; a fresh token at every step.

What a try came to is returned and not raised: it is committed either way, since failures count.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from breach_service.acts.signing import second_factors, throttling
from breach_service.acts.signing.own_record import record_change
from breach_service.acts.signing.passwords import verify_password
from breach_service.domain.access import (
    Actor,
    How,
    SignInChange,
    SignInRules,
    SignInStep,
    Throttled,
    UserRole,
    enrol_before,
    step_after_password,
)
from breach_service.errors import N_, NotAllowed
from breach_service.store import factors, people, sign_ins
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session
from breach_service.store.sign_ins import hash_of as hash_of
from breach_service.store.tables import SessionRow, UserRow

STEP_LASTS = timedelta(minutes=5)
"""Between the password and the second factor."""
SECOND_FACTOR = "second_factor"
"""The purpose of the challenge between the two."""
LONGEST_CODE = 64


@dataclass(frozen=True)
class Browser:
    """What is known of the browser that asks."""

    host: str = ""
    """Its network address."""
    agent: str = ""
    """In a word or two."""
    session: str = ""
    """The session token that it brought; it is over once somebody signs in."""


@dataclass(frozen=True)
class Attempt:
    """What came of a try. `token` is of the session where it is done, of the next step where one is to come."""

    step: SignInStep
    token: str | None = None
    target: str = "/"
    """The page that was asked for before signing in."""
    wait: timedelta | None = None


@dataclass(frozen=True)
class SignedIn:
    """Somebody who is signed in."""

    actor: Actor
    email: str
    language: str
    session: int | None = None
    """The number of the session; None for an API token."""
    how: str = ""
    began_at: datetime | None = None
    """When they signed in."""
    seen_at: datetime | None = None
    """When the session was in use, to the minute."""
    enrol_before: datetime | None = None
    """From when on they see nothing before they have a second factor; None where none is asked of them."""
    token: int | None = None
    """The number of the API token; None for a session."""


@dataclass(frozen=True)
class CheckedPassword:
    """Whether a password fits the hash that an account had when it was looked at."""

    held_hash: str | None
    is_right: bool
    renewed_hash: str | None = None
    is_tried: bool = True
    """False where it was not even looked at: too many failures."""


def check_password(session: Session, email: str, password: str, browser: Browser, now: datetime) -> CheckedPassword:
    """The slow half of signing in (a fifth of a second): outside the writer, whose other work must not wait for it."""
    if throttling.wait_of(session, _counted(email, browser), now) is not None:
        return CheckedPassword(None, False, is_tried=False)
    row = _account(session, email)
    held = row.password_hash if row is not None else None
    return CheckedPassword(held, *verify_password(password, held))


def give_password(
    session: Session, cipher: Cipher, email: str, checked: CheckedPassword, browser: Browser, rules: SignInRules,
    now: datetime, target: str = "/",
) -> Attempt:  # fmt: skip
    """The first step; it opens a session, or asks for the second factor of an account that has one."""
    counted = _counted(email, browser)
    wait = throttling.wait_of(session, counted, now)
    if wait is not None or not checked.is_tried:
        return Attempt(SignInStep.LOCKED, wait=wait)
    row = _account(session, email)
    if row is None or not checked.is_right or checked.held_hash != row.password_hash:
        return _failed(session, cipher, row, counted, now)
    throttling.succeeded(session, [throttling.account(email)])
    if checked.renewed_hash:
        row.password_hash = checked.renewed_hash
        factors.save(session, row)
    if step_after_password(factors.factors_of(session, row)) is SignInStep.SECOND_FACTOR:
        token = _ask_second(session, cipher, row, target, now, now + STEP_LASTS)
        return Attempt(SignInStep.SECOND_FACTOR, token, target)
    return Attempt(SignInStep.DONE, _open(session, row, How.PASSWORD, browser, rules.lasts, now), target)


def give_code(
    session: Session, cipher: Cipher, token: str, code: str, browser: Browser, rules: SignInRules, now: datetime
) -> Attempt:  # fmt: skip
    """The second step: a one-time code or a recovery code. A wrong one gives a fresh step within the same minutes."""
    taken = sign_ins.take_challenge(session, cipher, token, SECOND_FACTOR, now)
    row = people.user(session, taken.user_id) if taken is not None and taken.user_id is not None else None
    if taken is None or row is None or row.disabled_at is not None or taken.holds["password"] != _mark(row):
        return Attempt(SignInStep.EXPIRED)
    target = str(taken.holds["target"])
    counted = [(Throttled.SECOND_FACTOR, str(row.id)), throttling.address(Throttled.ADDRESS, browser.host)]
    wait = throttling.wait_of(session, counted, now)
    if wait is not None:
        return Attempt(SignInStep.LOCKED, target=target, wait=wait)
    row = factors.held_account(session, row.id or 0)
    how = _how_of(row, cipher, code[:LONGEST_CODE], now)
    if how is None:
        refused = _failed(session, cipher, row, counted, now)
        if refused.step is SignInStep.LOCKED:
            return replace(refused, target=target)
        fresh = _ask_second(session, cipher, row, target, now, taken.expires_at)
        return Attempt(SignInStep.REFUSED, fresh, target)
    factors.save(session, row)
    throttling.succeeded(session, counted[:1])
    if how is How.PASSWORD_RECOVERY:
        record_change(session, cipher, row, SignInChange.RECOVERY_USED, now, left=str(len(row.recovery_hashes)))
    return Attempt(SignInStep.DONE, _open(session, row, how, browser, rules.lasts, now), target)


def awaited_second(session: Session, cipher: Cipher, token: str, now: datetime) -> str | None:
    """The page that somebody wants to go to whose second factor is awaited; None where none is."""
    found = sign_ins.challenge_of(session, cipher, token, SECOND_FACTOR, now) if token else None
    return str(found.holds["target"]) if found is not None else None


def open_session(
    session: Session, user_id: int, how: str, lasts: timedelta, now: datetime, *, browser: Browser | None = None
) -> str:
    """Open a session and give its token: always a fresh one. What the browser brought is over.

    Whoever calls it has made sure who the person is; LookupError where there is no such account.
    """
    row = people.user(session, user_id)
    if row is None or row.disabled_at is not None:
        raise LookupError(f"account number {user_id} cannot sign in")
    return _open(session, row, How(how), browser or Browser(), lasts, now)


def renew_session(session: Session, number: int, now: datetime, how: str = "") -> str:
    """The same session under a fresh token, with its end as it was; the former token opens nothing any more.

    Every other session of the person ends. NotAllowed where this one ended meanwhile.
    """
    former = sign_ins.session_by_number(session, number)
    if former.revoked_at is not None:  # ended meanwhile: it shall not live on under another token
        raise NotAllowed(N_("your session has ended: sign in again"))
    token = secrets.token_urlsafe(32)
    former.revoked_at = now
    sign_ins.add_session(session, former)
    fresh = SessionRow(
        token_hash=hash_of(token), user_id=former.user_id, created_at=former.created_at,
        expires_at=former.expires_at, last_seen_at=now, method=how or former.method, agent=former.agent,
        provider_session=former.provider_session,
    )  # fmt: skip
    sign_ins.add_session(session, fresh)
    sign_ins.end_other_sessions(session, former.user_id, fresh.id, now)
    return token


def signed_in(session: Session, token: str, now: datetime, rules: SignInRules | None = None) -> SignedIn | None:
    """Whose session a cookie is; None where it ended."""
    found = sign_ins.live_session(session, token, now, rules.idle if rules else None)
    if found is None:
        return None
    held, row = found
    actor = Actor(row.name, UserRole(row.role), person=row.id)
    due = None
    if rules is not None and actor.role in rules.second_factor_roles:
        due = enrol_before(rules, actor.role, held.method, factors.factors_of(session, row), row.created_at)
    seen_at = held.last_seen_at or held.created_at
    return SignedIn(actor, row.email, row.language, held.id, held.method, held.created_at, seen_at, due)


def saw(session: Session, who: SignedIn, now: datetime) -> None:
    """Write down that a session is in use."""
    if who.session is not None and who.actor.person is not None:
        sign_ins.saw(session, who.session, who.actor.person, now)


def sign_out(session: Session, token: str, now: datetime) -> None:
    """End a session."""
    sign_ins.end_session(session, token, now)


def _account(session: Session, email: str) -> UserRow | None:
    row = people.user_by_email(session, email)
    return row if row is not None and row.disabled_at is None and row.password_hash is not None else None


def _counted(email: str, browser: Browser) -> list[throttling.Counted]:
    return [throttling.account(email), throttling.address(Throttled.ADDRESS, browser.host)]


def _failed(
    session: Session, cipher: Cipher, row: UserRow | None, counted: list[throttling.Counted], now: datetime
) -> Attempt:
    locked = throttling.failed(session, counted, now)
    if row is not None and locked & {Throttled.ACCOUNT, Throttled.SECOND_FACTOR}:
        record_change(session, cipher, row, SignInChange.LOCKED, now)
    return Attempt(SignInStep.LOCKED if locked else SignInStep.REFUSED)


def _ask_second(
    session: Session, cipher: Cipher, row: UserRow, target: str, now: datetime, expires_at: datetime
) -> str:
    token = secrets.token_urlsafe(32)
    holds = {"target": target, "password": _mark(row)}
    sign_ins.put_challenge(session, cipher, token, SECOND_FACTOR, row.id, holds, now, expires_at)
    return token


def _mark(row: UserRow) -> str:
    """Tells one password from the next: a step that was begun with the former one leads nowhere."""
    return hash_of(row.password_hash or "")


def _how_of(row: UserRow, cipher: Cipher, code: str, now: datetime) -> How | None:
    if row.totp_confirmed_at is not None and second_factors.use_code(row, cipher, code, now):
        return How.PASSWORD_TOTP
    return How.PASSWORD_RECOVERY if second_factors.use_recovery_code(row, code) else None


def _open(session: Session, row: UserRow, how: How, browser: Browser, lasts: timedelta, now: datetime) -> str:
    if browser.session:
        sign_ins.end_session(session, browser.session, now)
    token = secrets.token_urlsafe(32)
    row.last_seen_at = now
    factors.save(session, row)
    fresh = SessionRow(
        token_hash=hash_of(token), user_id=row.id or 0, created_at=now, expires_at=now + lasts, last_seen_at=now,
        method=how, agent=browser.agent,
    )  # fmt: skip
    sign_ins.add_session(session, fresh)
    return token
