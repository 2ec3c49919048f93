"""Does a request carry a valid credential for its source? Pure, in constant time, several valid secrets at a time.

Two secrets are valid while one is being replaced, so that no alert is lost in between. What only needs to be
recognised is stored hashed; an HMAC secret must be known in clear to recompute the signature.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import NoReturn

from breach_service.errors import WrongCredential


class AuthKind(StrEnum):
    """How a source proves who it is."""

    BEARER = "bearer"
    """`Authorization: Bearer <secret>`, HTTP Basic with the secret as password, or a header with the bare secret."""
    HMAC = "hmac"
    """Hexadecimal HMAC-SHA256 of the raw body in a header, with or without `sha256=` before it."""
    URL = "url"
    """The secret is the last segment of the path, for senders that can do nothing else."""


class CredentialFault(StrEnum):
    """Why a request was refused; these words are metric labels."""

    MISSING_CREDENTIAL = "missing_credential"
    WRONG_CREDENTIAL = "wrong_credential"
    MISSING_SIGNATURE = "missing_signature"
    WRONG_SIGNATURE = "wrong_signature"


DEFAULT_SIGNATURE_HEADER = "X-Signature-256"
GITHUB_SIGNATURE_HEADER = "X-Hub-Signature-256"
"""What GitHub and the many senders that follow it use."""

_SHA256_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MESSAGES = {
    CredentialFault.MISSING_CREDENTIAL: "The request carries no secret: give the sender the secret of this source.",
    CredentialFault.WRONG_CREDENTIAL: "The secret of the request is not one of this source: it may have been rotated.",
    CredentialFault.MISSING_SIGNATURE: "The request carries no signature: give the sender the secret of this source.",
    CredentialFault.WRONG_SIGNATURE: (
        "The signature does not fit the body: the sender has another secret, or a relay rewrote the body."
    ),
}


@dataclass(frozen=True)
class Credential:
    """What is stored of a source's secrets; all of them are valid. Secrets are never in the repr.

    Raises ValueError where it could never, or too easily, be satisfied.
    """

    auth: AuthKind
    secret_hashes: tuple[str, ...] = field(default=(), repr=False)
    """For `bearer` and `url`: `secret_hash` of each valid secret."""
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    """For `hmac`: each valid secret in clear."""
    header: str | None = None
    """For `hmac`, the header of the signature; for `bearer`, one more header that may carry the bare secret."""

    def __post_init__(self) -> None:
        if self.auth is AuthKind.HMAC:
            if not self.secrets or not all(self.secrets):
                raise ValueError("an hmac credential needs at least one secret, and none may be empty")
        elif not self.secret_hashes or not all(map(_SHA256_HEX.fullmatch, self.secret_hashes)):
            raise ValueError(f"a {self.auth} credential needs at least one SHA-256 in lower-case hexadecimal")


def secret_hash(secret: str) -> str:
    """The form in which a `bearer` or `url` secret is stored: SHA-256, hexadecimal.

    A plain hash is enough because the secret is 32 random bytes, not a password that somebody chose.
    """
    return sha256(_bytes(secret)).hexdigest()


def verify(credential: Credential, headers: Mapping[str, str], body: bytes, path_secret: str | None) -> None:
    """Returns if the request carries a valid credential; `headers` have lower-case names, `body` is as received.

    Raises WrongCredential with a word of `CredentialFault` as its reason.
    """
    match credential.auth:
        case AuthKind.BEARER:
            _check_secrets(credential, _secrets_in(headers, credential.header))
        case AuthKind.URL:
            _check_secrets(credential, [path_secret] if path_secret else None)
        case AuthKind.HMAC:
            _check_signatures(credential, headers, body)


def _check_secrets(credential: Credential, presented: list[str] | None) -> None:
    if presented is None:
        _refuse(CredentialFault.MISSING_CREDENTIAL)
    if not _any_equal((secret_hash(secret) for secret in presented), credential.secret_hashes):
        _refuse(CredentialFault.WRONG_CREDENTIAL)


def _check_signatures(credential: Credential, headers: Mapping[str, str], body: bytes) -> None:
    names = (credential.header or DEFAULT_SIGNATURE_HEADER, GITHUB_SIGNATURE_HEADER)
    signatures = [headers[name.lower()] for name in names if headers.get(name.lower())]
    if not signatures:
        _refuse(CredentialFault.MISSING_SIGNATURE)
    expected = [hmac.new(secret, body, sha256).hexdigest() for secret in credential.secrets]
    if not _any_equal((_hexadecimal_of(signature) for signature in signatures), expected):
        _refuse(CredentialFault.WRONG_SIGNATURE)


def _secrets_in(headers: Mapping[str, str], own_header: str | None) -> list[str] | None:
    """Every secret that the headers present; [] where it cannot be read, None where they present nothing."""
    authorization = headers.get("authorization", "").strip()
    own = headers.get(own_header.lower(), "").strip() if own_header else ""
    if not authorization and not own:
        return None
    scheme, _, rest = authorization.partition(" ")
    presented = [own] if own else []
    match scheme.lower():
        case "bearer":
            presented.append(rest.strip())
        case "basic":
            presented.extend(_password_of(rest.strip()))
    return presented


def _password_of(credentials: str) -> list[str]:
    """The password of HTTP Basic credentials (RFC 7617), or nothing where they are malformed."""
    try:
        _, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return []
    return [password] if colon else []


def _hexadecimal_of(signature: str) -> str:
    return signature.strip().lower().removeprefix("sha256=")


def _any_equal(presented: Iterable[str], expected: Iterable[str]) -> bool:
    """Compares every pair, whether or not one has already been equal, so that time tells nothing."""
    valid = list(expected)
    return sum(hmac.compare_digest(_bytes(one), _bytes(other)) for one in presented for other in valid) > 0


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _refuse(fault: CredentialFault) -> NoReturn:
    raise WrongCredential(fault, _MESSAGES[fault])
