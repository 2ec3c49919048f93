"""How senders sign: an HMAC of the raw bytes, each in its own header and in its own way.

Pure. A signature is compared in constant time, with every valid secret; where the sender signs its clock with it, a
request that is too old is refused, so that nobody can play it again for ever.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

REPLAY_WINDOW = timedelta(minutes=5)
"""How far the signed clock of a request may be from ours, in both directions; what Slack, Stripe and others use."""

Message = Callable[[str, bytes], bytes]
"""(timestamp, body) to the bytes that are signed."""
Key = Callable[[str, bytes], bytes]
"""(timestamp, secret) to the key of the HMAC."""

_EPOCH = re.compile(r"\d{9,13}", re.ASCII)


def the_body(_timestamp: str, body: bytes) -> bytes:
    """The usual message: the raw body and nothing else."""
    return body


def the_secret(_timestamp: str, secret: bytes) -> bytes:
    """The usual key: the secret and nothing else."""
    return secret


@dataclass(frozen=True)
class Signing:
    """One way to sign."""

    header: str
    """Header of the signature, lower case; it may hold several, separated by commas or blanks (rotation)."""
    prefix: str = ""
    """What stands before each signature, such as `sha256=` or `v1=`; a signature without it is taken all the same."""
    algorithm: str = "sha256"
    """A name that `hmac` knows: sha256, sha1, sha512."""
    is_base64: bool = False
    """Base64 instead of hexadecimal."""
    timestamp_header: str | None = None
    """Header of the clock that is signed, lower case: seconds or milliseconds since 1970, or ISO 8601 with its zone."""
    is_timestamp_required: bool = True
    """False where the sender signs its clock only by setting."""
    message: Message = the_body
    key: Key = the_secret

    def signature_of(self, secret: bytes, timestamp: str, body: bytes) -> str:
        """The signature, as it stands in the header behind the prefix."""
        digest = hmac.new(self.key(timestamp, secret), self.message(timestamp, body), self.algorithm).digest()
        return base64.b64encode(digest).decode() if self.is_base64 else digest.hex()

    def presented(self, headers: Mapping[str, str]) -> list[bytes]:
        """Every signature that the request carries, decoded; what cannot be decoded is left out."""
        parts = re.split(r"[,\s]+", headers.get(self.header, "").strip())
        return [found for part in parts if (found := self._decoded(part)) is not None]

    def is_present(self, headers: Mapping[str, str]) -> bool:
        """True if the request carries the header of this way to sign."""
        return bool(headers.get(self.header, "").strip())

    def timestamp_of(self, headers: Mapping[str, str]) -> str:
        """The signed clock as it was written, empty where there is none."""
        return headers.get(self.timestamp_header, "").strip() if self.timestamp_header else ""

    def is_stale(self, headers: Mapping[str, str], now: datetime) -> bool:
        """True if the signed clock is missing where it must not be, is none, or is too far from ours."""
        if self.timestamp_header is None:
            return False
        written = self.timestamp_of(headers)
        if not written:
            return self.is_timestamp_required
        said_at = _instant_of(written)
        return said_at is None or abs(now - said_at) > REPLAY_WINDOW

    def fitting(self, secrets: Iterable[bytes], headers: Mapping[str, str], body: bytes) -> int | None:
        """The place of the secret that one of the signatures fits, None where none does; in constant time."""
        presented, timestamp = self.presented(headers), self.timestamp_of(headers)
        found: int | None = None
        for place, secret in enumerate(secrets):
            expected = self._decoded(self.signature_of(secret, timestamp, body)) or b""
            fits = sum(hmac.compare_digest(one, expected) for one in presented)
            if fits and found is None:
                found = place
        return found

    def _decoded(self, signature: str) -> bytes | None:
        bare = signature.strip().strip('"')
        if bare[: len(self.prefix)].lower() == self.prefix.lower():
            bare = bare[len(self.prefix) :]
        try:
            return base64.b64decode(bare, validate=True) if self.is_base64 else bytes.fromhex(bare)
        except (binascii.Error, ValueError):
            return None


def _instant_of(written: str) -> datetime | None:
    if _EPOCH.fullmatch(written):
        return datetime.fromtimestamp(int(written) / (1000 if len(written) > 11 else 1), UTC)
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


OWN = Signing("x-signature-256", prefix="sha256=")
"""What a sender that can be taught anything is asked to do."""
GITHUB = Signing("x-hub-signature-256", prefix="sha256=")
"""GitHub, and the many senders that follow it."""
