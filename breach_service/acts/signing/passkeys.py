"""Passkeys (WebAuthn): registered by somebody who is signed in, and enough by themselves to sign in.

The browser's user must be verified (a finger, a face, a PIN), so one is two factors at once and no password is asked.
"""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

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
    options = webauthn.generate_authentication_options(
        rp_id=site.host, challenge=secrets.token_bytes(32), user_verification=UserVerificationRequirement.REQUIRED
    )
    return _ask(session, cipher, SIGN_IN, None, options.challenge, webauthn.options_to_json(options), now, target)


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
    try:
        proven = webauthn.verify_authentication_response(
            credential=dict(answer), expected_challenge=base64url_to_bytes(str(taken.holds["challenge"])),
            expected_rp_id=site.host, expected_origin=site.origin, credential_public_key=passkey.public_key,
            credential_current_sign_count=0, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError):
        return Attempt(SignInStep.REFUSED, target=target)
    if _went_back(passkey.sign_count, proven.new_sign_count):
        record_change(session, cipher, row, SignInChange.PASSKEY_WENT_BACK, now, passkey=str(passkey.id))
        return Attempt(SignInStep.REFUSED, target=target)
    factors.note_use(session, passkey, proven.new_sign_count, now)
    opened = open_session(session, passkey.user_id, How.PASSKEY, rules.lasts, now, browser=browser)
    return Attempt(SignInStep.DONE, opened, target)


def ask_for_registration(session: Session, cipher: Cipher, site: Site, row: UserRow, now: datetime) -> Asked:
    """Ask the browser for a new passkey, of a device that has none of this account yet."""
    held = factors.passkeys_of(session, row.id or 0)
    if len(held) >= MOST_PASSKEYS:
        raise InvalidCommand(N_("an account has at most 20 passkeys: remove one first"))
    options = webauthn.generate_registration_options(
        rp_id=site.host, rp_name=NAME, user_id=str(row.id).encode(), user_name=row.email, user_display_name=row.name,
        challenge=secrets.token_bytes(32),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential_id)) for one in held],
    )  # fmt: skip
    return _ask(session, cipher, REGISTRATION, row.id, options.challenge, webauthn.options_to_json(options), now, "")


def register(
    session: Session, cipher: Cipher, site: Site, row: UserRow, token: str, answer: Mapping[str, Any], name: str,
    now: datetime,
) -> None:  # fmt: skip
    """Keep the passkey that the browser made. Raises InvalidCommand where it does not answer what was asked."""
    taken = sign_ins.take_challenge(session, cipher, token, REGISTRATION, now)
    if taken is None or taken.user_id != row.id:
        raise InvalidCommand(N_("that took too long: begin again"))
    try:
        made = webauthn.verify_registration_response(
            credential=dict(answer), expected_challenge=base64url_to_bytes(str(taken.holds["challenge"])),
            expected_rp_id=site.host, expected_origin=site.origin, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidCommand(REFUSED) from error
    credential_id = bytes_to_base64url(made.credential_id)
    if factors.passkey_by_credential(session, credential_id) is not None:
        raise InvalidCommand(REFUSED)
    fresh = PasskeyRow(
        user_id=row.id or 0, credential_id=credential_id, public_key=made.credential_public_key,
        sign_count=made.sign_count, name=" ".join(name.split())[:LONGEST_NAME] or "passkey", created_at=now,
    )  # fmt: skip
    factors.add_passkey(session, fresh)
    record_change(session, cipher, row, SignInChange.PASSKEY_ADDED, now, passkey=str(fresh.id))


def _ask(
    session: Session, cipher: Cipher, purpose: str, user_id: int | None, challenge: bytes, options: str, now: datetime,
    target: str,
) -> Asked:  # fmt: skip
    token = secrets.token_urlsafe(32)
    holds = {"challenge": bytes_to_base64url(challenge), "target": target}
    sign_ins.put_challenge(session, cipher, token, purpose, user_id, holds, now, now + STEP_LASTS)
    return Asked(token, json.loads(options))


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
