"""Own account: password, one-time codes, recovery codes, passkeys, sessions, name and language.

Whatever somebody signs in with changes only by themselves, who typed their password or have just signed in; every
other session of theirs ends with it, and the one in use goes on under a fresh token, which is returned.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from breach_service.acts.authorise import authorise
from breach_service.acts.signing import passkeys, second_factors, throttling
from breach_service.acts.signing.own_record import record_change
from breach_service.acts.signing.passkeys import Asked, Site
from breach_service.acts.signing.passwords import verify_password
from breach_service.acts.signing.signing_in import SignedIn, renew_session
from breach_service.domain.access import JUST_NOW, Act, How, SignInChange, Throttled
from breach_service.errors import N_, InvalidCommand, NotAllowed, NotFound
from breach_service.store import factors, people, sign_ins
from breach_service.store.access_tables import PasskeyRow
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session
from breach_service.store.tables import SessionRow, UserRow

WRONG_PASSWORD = N_("your present password is another one: type it again")  # a sentence
WRONG_CODE = N_("this code is wrong, or was used already: type the one that is shown now")


@dataclass(frozen=True)
class OwnAccount:
    """What somebody sees of their own account."""

    row: UserRow
    passkeys: tuple[PasskeyRow, ...]
    sessions: tuple[SessionRow, ...]
    seed: str
    """Of the one-time codes, as long as they are not confirmed; empty otherwise."""
    address_of_seed: str
    """What the QR code says then."""


@dataclass(frozen=True)
class Proof:
    """Whether somebody typed their present password; made outside the writer, since it takes a fifth of a second."""

    held_hash: str | None
    is_right: bool
    is_given: bool
    is_tried: bool = True


def own_account(session: Session, cipher: Cipher, who: SignedIn, now: datetime) -> OwnAccount:
    """All of it."""
    row = _own(session, who)
    is_new = row.totp_encrypted is not None and row.totp_confirmed_at is None
    return OwnAccount(
        row, tuple(factors.passkeys_of(session, row.id or 0)),
        tuple(sign_ins.live_sessions_of(session, row.id or 0, now)),
        second_factors.seed_of(row, cipher) if is_new else "",
        second_factors.address_of_seed(row, cipher) if is_new else "",
    )  # fmt: skip


def has_just_signed_in(who: SignedIn, now: datetime) -> bool:
    """True if nobody asks for the password again: the session is minutes old."""
    return who.began_at is not None and now - who.began_at < JUST_NOW


def prove(session: Session, who: SignedIn, password: str, now: datetime) -> Proof:
    """Look at the present password; not at all where it was wrong too often."""
    row = _own(session, who)
    if not password:
        return Proof(row.password_hash, False, is_given=False)
    if throttling.wait_of(session, [throttling.account(row.email)], now) is not None:
        return Proof(row.password_hash, False, is_given=True, is_tried=False)
    return Proof(row.password_hash, verify_password(password, row.password_hash)[0], is_given=True)


@dataclass(frozen=True)
class Changed:
    """What a change came to: the fresh token of the session, or why nothing was changed.

    Returned and not raised, since a wrong password must be counted whatever comes of the change.
    """

    token: str = ""
    refusal: str = ""
    codes: tuple[str, ...] = ()
    """Recovery codes, to be shown this once."""


def change_password(
    session: Session, cipher: Cipher, who: SignedIn, proof: Proof, password_hash: str, now: datetime
) -> Changed:
    """Put another password in its place; its hash was made outside the writer, by `hash_password`."""
    row = _own(session, who, holds=True)
    refusal = _refusal(session, cipher, row, who, proof, now, always=True)
    if refusal:
        return Changed(refusal=refusal)
    row.password_hash, row.password_changed_at = password_hash, now
    return _changed(session, cipher, row, who, SignInChange.PASSWORD, now)


def begin_totp(session: Session, cipher: Cipher, who: SignedIn, proof: Proof, now: datetime) -> Changed:
    """Make a seed; it asks nothing at signing in before a first code of it was given."""
    row = _own(session, who, holds=True)
    refusal = _refusal(session, cipher, row, who, proof, now)
    if refusal:
        return Changed(refusal=refusal)
    if row.totp_confirmed_at is not None:
        raise InvalidCommand(N_("there are one-time codes already: remove them before you set up others"))
    row.totp_encrypted, row.totp_last_step = second_factors.new_seed(cipher), 0
    factors.save(session, row)
    return Changed()


def confirm_totp(session: Session, cipher: Cipher, who: SignedIn, code: str, now: datetime) -> Changed:
    """From the first right code on signing in asks for one; recovery codes come with it where there are none."""
    row = _own(session, who, holds=True)
    if row.totp_encrypted is None or row.totp_confirmed_at is not None:
        raise InvalidCommand(N_("there are no one-time codes to confirm: begin again"))
    counted = [(Throttled.SECOND_FACTOR, str(row.id))]
    if throttling.wait_of(session, counted, now) is not None:
        return Changed(refusal=N_("too many wrong codes: wait a few minutes"))
    if not second_factors.use_code(row, cipher, code, now):
        throttling.failed(session, counted, now)
        return Changed(refusal=WRONG_CODE)
    throttling.succeeded(session, counted)
    row.totp_confirmed_at = now
    codes = () if row.recovery_hashes else second_factors.new_recovery_codes(row)
    return _changed(session, cipher, row, who, SignInChange.TOTP_ADDED, now, how=How.PASSWORD_TOTP, codes=codes)


def remove_totp(session: Session, cipher: Cipher, who: SignedIn, proof: Proof, now: datetime) -> Changed:
    """No more one-time codes; without another second factor the recovery codes go too."""
    row = _own(session, who, holds=True)
    refusal = _refusal(session, cipher, row, who, proof, now)
    if refusal:
        return Changed(refusal=refusal)
    if row.totp_encrypted is None:
        raise InvalidCommand(N_("there are no one-time codes to remove"))
    was_confirmed = row.totp_confirmed_at is not None
    row.totp_encrypted, row.totp_confirmed_at = None, None
    if not was_confirmed:
        factors.save(session, row)
        return Changed()
    _forget_recovery(session, row)
    return _changed(session, cipher, row, who, SignInChange.TOTP_REMOVED, now)


def make_recovery_codes(session: Session, cipher: Cipher, who: SignedIn, proof: Proof, now: datetime) -> Changed:
    """Ten new ones; those before open nothing any more."""
    row = _own(session, who, holds=True)
    refusal = _refusal(session, cipher, row, who, proof, now)
    if refusal:
        return Changed(refusal=refusal)
    if not factors.factors_of(session, row).has_second:
        raise InvalidCommand(N_("recovery codes stand in for a second factor: add one first"))
    codes = second_factors.new_recovery_codes(row)
    return _changed(session, cipher, row, who, SignInChange.RECOVERY_MADE, now, codes=codes)


def begin_passkey(
    session: Session, cipher: Cipher, site: Site, who: SignedIn, proof: Proof, now: datetime
) -> Asked | Changed:  # fmt: skip
    """Ask the browser for a new passkey."""
    row = _own(session, who, holds=True)
    if row.oidc_subject is not None:
        raise InvalidCommand(N_("your provider signs you in: a passkey would open nothing here"))
    refusal = _refusal(session, cipher, row, who, proof, now)
    return Changed(refusal=refusal) if refusal else passkeys.ask_for_registration(session, cipher, site, row, now)


def add_passkey(
    session: Session, cipher: Cipher, site: Site, who: SignedIn, token: str, answer: Mapping[str, Any], name: str,
    now: datetime,
) -> Changed:  # fmt: skip
    """Keep the passkey that the browser made."""
    row = _own(session, who, holds=True)
    passkeys.register(session, cipher, site, row, token, answer, name, now)
    return Changed(_renewed(session, who, now, How.PASSKEY))


def remove_passkey(
    session: Session, cipher: Cipher, who: SignedIn, proof: Proof, number: int, now: datetime
) -> Changed:  # fmt: skip
    """It opens nothing any more, and can never be added again."""
    row = _own(session, who, holds=True)
    refusal = _refusal(session, cipher, row, who, proof, now)
    if refusal:
        return Changed(refusal=refusal)
    passkey = factors.passkey_of(session, row.id or 0, number)
    if passkey is None:
        raise NotFound(N_("you have no such passkey"))
    if row.password_hash is None and row.oidc_subject is None and factors.factors_of(session, row).passkeys == 1:
        raise InvalidCommand(N_("it is the only way in that you have: add another one first"))
    passkey.removed_at = now
    factors.save(session, passkey)
    _forget_recovery(session, row)
    return _changed(session, cipher, row, who, SignInChange.PASSKEY_REMOVED, now)


def _own(session: Session, who: SignedIn, *, holds: bool = False) -> UserRow:
    """The account of who is signed in, held while it changes."""
    authorise(who.actor, Act.KEEP_OWN_ACCOUNT)
    number = who.actor.person
    if number is None or who.session is None:
        raise NotAllowed(N_("an account belongs to a person: sign in"))
    row = factors.held_account(session, number) if holds else people.user(session, number)
    if row is None:
        raise NotAllowed(N_("this account is gone"))
    return row


def _refusal(
    session: Session, cipher: Cipher, row: UserRow, who: SignedIn, proof: Proof, now: datetime, *, always: bool = False
) -> str:
    """Why a change is refused, empty where it is not; a wrong password is counted as at the sign-in."""
    counted = [throttling.account(row.email)]
    if not proof.is_tried or (proof.is_given and throttling.wait_of(session, counted, now) is not None):
        return N_("too many wrong passwords: wait a few minutes")
    if proof.is_given and proof.is_right and proof.held_hash == row.password_hash:
        return ""
    if proof.is_given:
        if throttling.failed(session, counted, now):
            record_change(session, cipher, row, SignInChange.LOCKED, now)
        return WRONG_PASSWORD
    if row.password_hash is not None and always:
        return WRONG_PASSWORD
    if has_just_signed_in(who, now):
        return ""
    return WRONG_PASSWORD if row.password_hash is not None else N_("sign out and in again first, then change this")


def _changed(
    session: Session, cipher: Cipher, row: UserRow, who: SignedIn, what: SignInChange, now: datetime, *,
    how: str = "", codes: tuple[str, ...] = (),
) -> Changed:  # fmt: skip
    factors.save(session, row)
    record_change(session, cipher, row, what, now)
    return Changed(_renewed(session, who, now, how), codes=codes)


def _renewed(session: Session, who: SignedIn, now: datetime, how: str = "") -> str:
    """Only a session by password is raised by a new factor; one by a provider stays what it is."""
    raised = how if who.how == How.PASSWORD else ""
    return renew_session(session, who.session or 0, now, raised)


def _forget_recovery(session: Session, row: UserRow) -> None:
    factors.save(session, row)
    if not factors.factors_of(session, row).has_second:
        row.recovery_hashes = []
