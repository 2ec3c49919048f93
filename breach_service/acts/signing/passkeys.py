"""Passkeys (WebAuthn): registered by somebody who is signed in, and enough by themselves to sign in.

The browser's user must be verified (a finger, a face, a PIN), so one is two factors at once and no password is asked.
"""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from breach_service.acts.signing import throttling
from breach_service.acts.signing.own_record import record_change
from breach_service.acts.signing.signing_in import STEP_LASTS, Attempt, Browser, open_session
from breach_service.domain.access import How, SignInChange, SignInRules, SignInStep, Throttled
from breach_service.errors import N_, InvalidCommand
from breach_service.store import factors, people, sign_ins
from breach_service.store.access_tables import PasskeyRow
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session
from breach_service.store.tables import UserRow

if TYPE_CHECKING:
    from breach_service.acts.signing.ceremonies import Options

SIGN_IN = "passkey_sign_in"
REGISTRATION = "passkey_registration"
MOST_PASSKEYS = 20
LONGEST_NAME = 100
NAME = "breach_service"
CREDENTIAL_ID = re.compile(r"[A-Za-z0-9_-]{1,1400}")
"""Base64url of at most 1023 bytes (WebAuthn, section 4)."""
REFUSED = N_("this passkey could not be added: try again, or take another one")


@dataclass(frozen=True)
class Site:
    """Where browsers reach us: a passkey belongs to it and works nowhere else."""

    host: str
    """The name without a port (WebAuthn's RP ID)."""
    origin: str
    """`https://incidents.example`"""

    @property
    def can_hold_passkeys(self) -> bool:
        """True where browsers allow them: by https or on this machine, and under a name, not a number."""
        is_number = self.host.replace(".", "").isdecimal() or ":" in self.host
        return not is_number and (self.origin.startswith("https://") or self.host == "localhost")


@dataclass(frozen=True)
class Asked:
    """What a browser is asked: `options` for its own function, `token` to be brought back with the answer."""

    token: str
    options: Mapping[str, Any]


def ask_for_sign_in(
    session: Session, cipher: Cipher, site: Site, browser: Browser, now: datetime, target: str = "/"
) -> Asked | None:  # fmt: skip
    """Ask for any passkey of this site; None where a network address asks too often."""
    counted = [throttling.address(Throttled.PASSKEY, browser.host)]
    if throttling.wait_of(session, counted, now) is not None:
        return None
    throttling.failed(session, counted, now)
    from breach_service.acts.signing import ceremonies

    return _ask(session, cipher, SIGN_IN, None, ceremonies.sign_in_options(site.host), now, target)


def give_passkey(
    session: Session, cipher: Cipher, site: Site, token: str, answer: Mapping[str, Any], browser: Browser,
    rules: SignInRules, now: datetime,
) -> Attempt:  # fmt: skip
    """Open a session for the owner of the passkey that answered; a locked account is no hindrance."""
    taken = sign_ins.take_challenge(session, cipher, token, SIGN_IN, now)
    if taken is None:
        return Attempt(SignInStep.EXPIRED)
    target = str(taken.holds["target"])
    found = _owned(session, answer)
    if found is None:
        return Attempt(SignInStep.REFUSED, target=target)
    passkey, row = found
    from breach_service.acts.signing import ceremonies

    challenge = str(taken.holds["challenge"])
    count = ceremonies.proven(answer, challenge, site.host, site.origin, passkey.public_key)
    if count is None:
        return Attempt(SignInStep.REFUSED, target=target)
    if _went_back(passkey.sign_count, count):
        record_change(session, cipher, row, SignInChange.PASSKEY_WENT_BACK, now, passkey=str(passkey.id))
        return Attempt(SignInStep.REFUSED, target=target)
    factors.note_use(session, passkey, count, now)
    opened = open_session(session, passkey.user_id, How.PASSKEY, rules.lasts, now, browser=browser)
    return Attempt(SignInStep.DONE, opened, target)


def ask_for_registration(session: Session, cipher: Cipher, site: Site, row: UserRow, now: datetime) -> Asked:
    """Ask the browser for a new passkey, of a device that has none of this account yet."""
    held = factors.passkeys_of(session, row.id or 0)
    if len(held) >= MOST_PASSKEYS:
        raise InvalidCommand(N_("an account has at most 20 passkeys: remove one first"))
    from breach_service.acts.signing import ceremonies

    user = str(row.id), row.email, row.name
    options = ceremonies.registration_options(site.host, NAME, user, [one.credential_id for one in held])
    return _ask(session, cipher, REGISTRATION, row.id, options, now, "")


def register(
    session: Session, cipher: Cipher, site: Site, row: UserRow, token: str, answer: Mapping[str, Any], name: str,
    now: datetime,
) -> None:  # fmt: skip
    """Keep the passkey that the browser made. Raises InvalidCommand where it does not answer what was asked."""
    taken = sign_ins.take_challenge(session, cipher, token, REGISTRATION, now)
    if taken is None or taken.user_id != row.id:
        raise InvalidCommand(N_("that took too long: begin again"))
    from breach_service.acts.signing import ceremonies

    made = ceremonies.made(answer, str(taken.holds["challenge"]), site.host, site.origin)
    if made is None:
        raise InvalidCommand(REFUSED)
    if factors.passkey_by_credential(session, made.credential_id) is not None:
        raise InvalidCommand(REFUSED)
    fresh = PasskeyRow(
        user_id=row.id or 0, credential_id=made.credential_id, public_key=made.public_key,
        sign_count=made.sign_count, name=" ".join(name.split())[:LONGEST_NAME] or "passkey", created_at=now,
    )  # fmt: skip
    factors.add_passkey(session, fresh)
    record_change(session, cipher, row, SignInChange.PASSKEY_ADDED, now, passkey=str(fresh.id))


def _ask(
    session: Session, cipher: Cipher, purpose: str, user_id: int | None, asked: "Options", now: datetime, target: str
) -> Asked:  # fmt: skip
    token = secrets.token_urlsafe(32)
    holds = {"challenge": asked.challenge, "target": target}
    sign_ins.put_challenge(session, cipher, token, purpose, user_id, holds, now, now + STEP_LASTS)
    return Asked(token, json.loads(asked.options))


def _owned(session: Session, answer: Mapping[str, Any]) -> tuple[PasskeyRow, UserRow] | None:
    number = str(answer.get("id", ""))
    passkey = factors.passkey_by_credential(session, number) if CREDENTIAL_ID.fullmatch(number) else None
    row = people.user(session, passkey.user_id) if passkey is not None and passkey.removed_at is None else None
    if passkey is None or row is None or row.disabled_at is not None or row.oidc_subject is not None:
        return None  # whom a provider signs in comes through it only: it must be able to shut them out
    return passkey, row


def _went_back(held: int, said: int) -> bool:
    """Many authenticators do not count and always say 0; one that counts never says the same twice."""
    return (held > 0 or said > 0) and said <= held
