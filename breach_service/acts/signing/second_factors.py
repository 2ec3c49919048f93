"""One-time codes (RFC 6238) and recovery codes: made, and checked each once."""

import hashlib
import secrets
from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError

from breach_service.store.cipher import Cipher
from breach_service.store.tables import UserRow

ISSUER = "breach_service"
STEPS_OFF = 1
"""A clock may be one step of 30 s ahead or behind."""
RECOVERY_CODES = 10
RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without what is taken for something else on paper: 0, 1, i, l, o."""
GROUPS, GROUP = 4, 4
"""Sixteen characters of 31: 79 bits, so that a plain digest keeps them."""


def new_seed(cipher: Cipher) -> str:
    """A fresh seed as it is stored: sealed, hex."""
    return cipher.seal(pyotp.random_base32().encode()).hex()


def seed_of(row: UserRow, cipher: Cipher) -> str:
    """The seed in base32; LookupError where there is none."""
    if row.totp_encrypted is None:
        raise LookupError("this account has no one-time codes")
    return cipher.open(bytes.fromhex(row.totp_encrypted)).decode()


def address_of_seed(row: UserRow, cipher: Cipher) -> str:
    """What the QR code says: `otpauth://totp/…`."""
    return pyotp.TOTP(seed_of(row, cipher)).provisioning_uri(name=row.email, issuer_name=ISSUER)


def use_code(row: UserRow, cipher: Cipher, code: str, now: datetime) -> bool:
    """Whether a one-time code is right and new; it and those before it are used up then."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdecimal()):
        return False
    try:
        step = pyotp.TOTP(seed_of(row, cipher)).verify_and_get_timecode(digits, for_time=now, valid_window=STEPS_OFF)
    except OTPVerificationError:
        return False
    if step <= row.totp_last_step:
        return False
    row.totp_last_step = step
    return True


def new_recovery_codes(row: UserRow) -> tuple[str, ...]:
    """Ten fresh codes in place of those before; only their digests are kept."""
    codes = tuple(
        "-".join("".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
        for _ in range(RECOVERY_CODES)
    )
    row.recovery_hashes = [_digest(row, one) for one in codes]
    return codes


def use_recovery_code(row: UserRow, code: str) -> bool:
    """Whether a recovery code is right; it is used up then."""
    digest = _digest(row, code)
    if digest not in row.recovery_hashes:
        return False
    row.recovery_hashes = [one for one in row.recovery_hashes if one != digest]
    return True


def _digest(row: UserRow, code: str) -> str:
    plain = "".join(one for one in code.casefold() if one.isalnum())
    return hashlib.sha256(f"{row.id}:{plain}".encode()).hexdigest()
