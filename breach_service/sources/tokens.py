"""Tokens that a sender's platform signs (JWT, RFC 7519), checked with the keys that it publishes (JWKS, RFC 7517)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact

from breach_service.errors import WrongCredential
from breach_service.sources.proofs import Proof
from breach_service.sources.request import Delivery

MISSING_TOKEN = "missing_token"  # noqa: S105  # reasons, not secrets
WRONG_TOKEN = "wrong_token"  # noqa: S105
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Public keys only: with `none` or an HMAC the sender of the token would choose how it is checked (RFC 8725, 3.1)."""
LEEWAY = timedelta(minutes=5)
"""How far the clock of the platform may be from ours."""
LONGEST_TOKEN = 16_384
_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


@dataclass(frozen=True)
class TokenSigned(Proof):
    """A token that must be of the platform, for us, valid when it came, and say what the operator expects."""

    key_lasts: ClassVar[timedelta | None] = timedelta(hours=24)

    key_url: str
    token: str = field(repr=False)
    issuers: tuple[str, ...]
    """Any one of them; never empty."""
    audience: str
    received_at: datetime
    """When the delivery came: the token may be checked later than that, but must have been valid then."""
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Further claims with the values of which each must have one."""

    def is_key(self, data: bytes) -> bool:
        """See `Proof.is_key`."""
        try:
            return bool(_keys_in(data).keys)
        except (ValueError, TypeError, AttributeError, JoseError):
            return False

    def is_held_by(self, key: bytes) -> bool:
        """See `Proof.is_held_by`: platforms change their keys, and name the one that they used."""
        try:
            wanted = extract_compact(self.token.encode()).headers().get("kid")
        except (JoseError, ValueError):
            return True  # the check says what is wrong with it
        return wanted is None or any(one.kid == wanted for one in _keys_in(key).keys)

    def check(self, key: bytes) -> None:
        """See `Proof.check`."""
        try:
            claims = jwt.decode(self.token, _keys_in(key), algorithms=list(ALGORITHMS)).claims
            registry = jwt.JWTClaimsRegistry(
                now=int(self.received_at.timestamp()),
                leeway=int(LEEWAY.total_seconds()),
                iss={"essential": True, "values": list(self.issuers)},
                aud={"essential": True, "value": self.audience},
                exp={"essential": True},
            )
            registry.validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise _refused(f"it does not hold ({_why(error)})") from error
        for name, expected in self.claims.items():
            if not any(_holds(claims.get(name), one) for one in expected):
                raise _refused(f'its "{name}" is not the one that is expected')


def token_of(delivery: Delivery) -> str:
    """The token in `Authorization: Bearer`. Raises WrongCredential where there is none."""
    scheme, _, token = delivery.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or len(token) > LONGEST_TOKEN or not _TOKEN.fullmatch(token.strip()):
        sentence = "The request carries no token of its platform: turn its authentication on at the sender."
        raise WrongCredential(MISSING_TOKEN, sentence)
    return token.strip()


def _keys_in(data: bytes) -> KeySet:
    found = json.loads(data)
    # A key of a sort that the library does not know must not hide the others.
    keys = [one for one in found["keys"] if one.get("kty") in ("RSA", "EC", "OKP")]
    return KeySet.import_key_set({"keys": keys})


def _holds(said: Any, expected: str) -> bool:
    words = said if isinstance(said, list) else [said]
    return any(_word(one) == expected for one in words)


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _why(error: Exception) -> str:
    said = getattr(error, "description", "") or getattr(error, "error", "") or type(error).__name__
    return str(said).strip().rstrip(".")


def _refused(what: str) -> WrongCredential:
    return WrongCredential(WRONG_TOKEN, f"The token of the request was refused: {what}.")
