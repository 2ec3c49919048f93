"""Encryption of what must be read back: raw bodies, signing secrets, sent letters.

AES-256-GCM (NIST SP 800-38D). A sealed value is: version byte, 4-byte key id, 12-byte nonce, ciphertext with its tag;
the key id lets a later key stand beside an earlier one.
"""

import base64
import hashlib
import os
from itertools import count
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from breach_service.errors import ConfigurationError

VERSION = b"\x01"
KEY_BYTES = 32
NONCE_BYTES = 12


class _Nonces:
    """Nonces that never come twice: from a random one of 96 bits upwards, anew in each process.

    Cheaper than asking the system for each, and the safer choice: with one key only 2^32 random nonces may be drawn
    (SP 800-38D, 8.3), while a count is bounded by the chance alone that two processes began close to each other.
    """

    def __init__(self) -> None:
        self.begin()
        os.register_at_fork(after_in_child=self.begin)

    def begin(self) -> None:
        """Start from another random number."""
        self._numbers = count(int.from_bytes(os.urandom(NONCE_BYTES), "big"))

    def next(self) -> bytes:
        """One that was not given before, to any thread."""
        number: int = next(self._numbers) % 2 ** (8 * NONCE_BYTES)
        return number.to_bytes(NONCE_BYTES, "big")


_NONCES = _Nonces()


class Cipher:
    """Seals and opens bytes with one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ConfigurationError(f"BREACH_SECRET_KEY must be {KEY_BYTES} bytes in base64, this one has {len(key)}")
        self._aead = AESGCM(key)
        self._head = VERSION + hashlib.sha256(b"breach_service key id" + key).digest()[:4]

    def seal(self, clear: bytes) -> bytes:
        """Encrypt; a new nonce each time."""
        nonce = _NONCES.next()
        return self._head + nonce + self._aead.encrypt(nonce, clear, self._head)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt; ConfigurationError where it was sealed with another key or altered."""
        if sealed[:5] != self._head:
            raise ConfigurationError("this value was sealed with another BREACH_SECRET_KEY: restore the former key")
        try:
            return self._aead.decrypt(sealed[5:17], sealed[17:], self._head)
        except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce
            raise ConfigurationError("a sealed value was altered: restore it from a backup") from error


def key_from_text(text: str) -> bytes:
    """The key of its base64 text."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ConfigurationError("BREACH_SECRET_KEY is not base64: make one with `openssl rand -base64 32`") from error


def key_in(directory: Path) -> bytes:
    """The key file of a data directory, generated with mode 0600 at the first start."""
    path = directory / "secret.key"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)))
            file.flush()
            os.fsync(file.fileno())
    return key_from_text(path.read_text(encoding="ascii", errors="replace").strip())
