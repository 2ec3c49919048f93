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
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from breach_service.errors import WrongCredential
from breach_service.sources.signing import GITHUB, OWN, Signing


class AuthKind(StrEnum):
    """How a source proves who it is."""

    BEARER = "bearer"
    """`Authorization: Bearer <secret>`, HTTP Basic with the secret as password, or a header with the bare secret."""
    HMAC = "hmac"
    """A signature of the raw body in a header, in the sender's own way (`signing.Signing`)."""
    URL = "url"
    """The secret is the last segment of the path, for senders that can do nothing else."""


class CredentialFault(StrEnum):
    """Why a request was refused; these words are metric labels."""

    MISSING_CREDENTIAL = "missing_credential"
    WRONG_CREDENTIAL = "wrong_credential"
    MISSING_SIGNATURE = "missing_signature"
    WRONG_SIGNATURE = "wrong_signature"
    STALE_SIGNATURE = "stale_signature"


_SHA256_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ADDRESS_CUT = "The secret is the end of the address: give the sender the whole address, as it was printed."
_MESSAGES = {
    CredentialFault.MISSING_CREDENTIAL: "The request carries no secret: give the sender the secret of this source.",
    CredentialFault.WRONG_CREDENTIAL: "The secret of the request is not one of this source: it may have been rotated.",
    CredentialFault.MISSING_SIGNATURE: "The request carries no signature: give the sender the secret of this source.",
    CredentialFault.WRONG_SIGNATURE: (
        "The signature does not fit the body: the sender has another secret, or a relay rewrote the body."
    ),
    CredentialFault.STALE_SIGNATURE: (
        "The signed time of the request is missing or more than five minutes from ours: set both clocks by NTP."
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
    headers: tuple[str, ...] = ()
    """For `bearer`: more headers, lower case, that may carry the bare secret."""
    signings: tuple[Signing, ...] = (OWN, GITHUB)
    """For `hmac`: the ways in which it may sign."""

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


def verify(
    credential: Credential, headers: Mapping[str, str], body: bytes, path_secret: str | None, now: datetime
) -> int:
    """The place of the secret that the request proves, 0 for the newest one.

    `headers` have lower-case names, `body` is as received. Raises WrongCredential with a word of `CredentialFault` as
    its reason.
    """
    match credential.auth:
        case AuthKind.BEARER:
            return _check_secrets(credential, _secrets_in(headers, credential.headers))
        case AuthKind.URL:
            if not path_secret:
                raise WrongCredential(CredentialFault.MISSING_CREDENTIAL, _ADDRESS_CUT)
            return _check_secrets(credential, [path_secret])
        case AuthKind.HMAC:
            return _check_signatures(credential, headers, body, now)


def _check_secrets(credential: Credential, presented: list[str] | None) -> int:
    if presented is None:
        raise _refused(CredentialFault.MISSING_CREDENTIAL)
    place = _place_of((secret_hash(secret) for secret in presented), credential.secret_hashes)
    if place is None:
        raise _refused(CredentialFault.WRONG_CREDENTIAL)
    return place


def _check_signatures(credential: Credential, headers: Mapping[str, str], body: bytes, now: datetime) -> int:
    used = [signing for signing in credential.signings if signing.is_present(headers)]
    if not used:
        raise _refused(CredentialFault.MISSING_SIGNATURE)
    is_stale = False
    for signing in used:
        place = signing.fitting(credential.secrets, headers, body)
        if place is None:
            continue
        if not signing.is_stale(headers, now):
            return place
        is_stale = True
    raise _refused(CredentialFault.STALE_SIGNATURE if is_stale else CredentialFault.WRONG_SIGNATURE)


def _secrets_in(headers: Mapping[str, str], own_headers: Iterable[str]) -> list[str] | None:
    """Every secret that the headers present; [] where it cannot be read, None where they present nothing."""
    authorization = headers.get("authorization", "").strip()
    presented = [own for name in own_headers if (own := headers.get(name, "").strip())]
    if not authorization and not presented:
        return None
    scheme, _, rest = authorization.partition(" ")
    match scheme.lower():
        case "bearer":
            presented.append(rest.strip())
        case "basic":
            presented.extend(_password_of(rest.strip()))
        case _ if authorization:
            # `Authorization: <secret>` (Okta, Auth0), or a word of the sender's own before it (`Token <secret>`).
            presented.extend({authorization, rest.strip()} - {""})
    return presented


def _password_of(credentials: str) -> list[str]:
    """The password of HTTP Basic credentials (RFC 7617), or nothing where they are malformed."""
    try:
        _, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return []
    return [password] if colon else []


def _place_of(presented: Iterable[str], expected: Iterable[str]) -> int | None:
    """The place of the first expected text that is presented; compares every pair, so that time tells nothing."""
    held, found = list(presented), None
    for place, other in enumerate(expected):
        fits = sum(hmac.compare_digest(_bytes(one), _bytes(other)) for one in held)
        if fits and found is None:
            found = place
    return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _refused(fault: CredentialFault) -> WrongCredential:
    return WrongCredential(fault, _MESSAGES[fault])
