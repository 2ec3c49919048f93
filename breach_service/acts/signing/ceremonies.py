"""What the WebAuthn library is asked: options for the browser, and whether its answer proves what it says.

Read where the first passkey is used, not before: the library takes 14 MB and a twentieth of the start.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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

CHALLENGE_BYTES = 32
UNPROVEN = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError)
"""What the library raises for an answer that proves nothing, or is none."""


@dataclass(frozen=True)
class Options:
    """What a browser is asked. `challenge` in base64url, `options` as JSON text."""

    challenge: str
    options: str


@dataclass(frozen=True)
class Made:
    """A new passkey. `credential_id` in base64url."""

    credential_id: str
    public_key: bytes
    sign_count: int


def sign_in_options(host: str) -> Options:
    """Ask for any passkey of a site, with its user verified."""
    options = webauthn.generate_authentication_options(
        rp_id=host, challenge=secrets.token_bytes(CHALLENGE_BYTES),
        user_verification=UserVerificationRequirement.REQUIRED,
    )  # fmt: skip
    return Options(bytes_to_base64url(options.challenge), webauthn.options_to_json(options))


def registration_options(host: str, site: str, user: tuple[str, str, str], held: Iterable[str]) -> Options:
    """Ask for a new passkey on a device that holds none of `held` (credential ids); `user` is number, address, name."""
    number, address, name = user
    options = webauthn.generate_registration_options(
        rp_id=host, rp_name=site, user_id=number.encode(), user_name=address, user_display_name=name,
        challenge=secrets.token_bytes(CHALLENGE_BYTES),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in held],
    )  # fmt: skip
    return Options(bytes_to_base64url(options.challenge), webauthn.options_to_json(options))


def proven(answer: Mapping[str, Any], challenge: str, host: str, origin: str, public_key: bytes) -> int | None:
    """The count of signatures that the passkey says; None where the answer proves nothing."""
    try:
        found = webauthn.verify_authentication_response(
            credential=dict(answer), expected_challenge=base64url_to_bytes(challenge), expected_rp_id=host,
            expected_origin=origin, credential_public_key=public_key, credential_current_sign_count=0,
            require_user_verification=True,
        )  # fmt: skip
    except UNPROVEN:
        return None
    return found.new_sign_count


def made(answer: Mapping[str, Any], challenge: str, host: str, origin: str) -> Made | None:
    """The passkey that a browser made; None where the answer is none to what was asked."""
    try:
        found = webauthn.verify_registration_response(
            credential=dict(answer), expected_challenge=base64url_to_bytes(challenge), expected_rp_id=host,
            expected_origin=origin, require_user_verification=True,
        )  # fmt: skip
    except UNPROVEN:
        return None
    return Made(bytes_to_base64url(found.credential_id), found.credential_public_key, found.sign_count)
