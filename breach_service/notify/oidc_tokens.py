"""Whether a token is what the provider signed for us: OpenID Connect Core 1.0, section 3.1.3.7, and Back-Channel Logout
1.0, section 2.6.

Only algorithms with a public key are taken, whatever the provider says that it supports: `none` proves nothing, and an
HMAC over the public key can be made by everybody (RFC 8725, section 2.1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import InvalidClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from breach_service.domain.access import Refusal
from breach_service.notify.provider import Ended, ProviderFailed

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LEEWAY = 30
"""Seconds by which the clocks of two machines may differ."""
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LONGEST_SUBJECT = 255
"""Characters (OpenID Connect Core 1.0, section 2)."""
OLDEST_LOGOUT = 300
"""Seconds after which a message that ends sessions is too old, whatever it says itself."""

Keys = Callable[[bool], KeySet]
"""The keys of the provider; called with True where what was known before does not suffice."""


@dataclass(frozen=True)
class Party:
    """Who must have signed, and for whom."""

    issuer: str
    client_id: str


def verified_person(
    token: str, keys: Keys, party: Party, nonce: str, access_token: str | None, now: datetime
) -> dict[str, Any]:  # fmt: skip
    """The claims of an id_token; ProviderFailed, with the claim at fault, where it is not to be relied on."""
    header, claims = _opened(token, keys)
    known = {"nonce": nonce, "client_id": party.client_id, "access_token": access_token}
    checked = CodeIDToken(claims, header, _options(party), known)
    try:
        checked.validate(now=int(now.timestamp()), leeway=LEEWAY)
        _check_subject(claims["sub"])
    except (JoseError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _invalid(error) from error
    return dict(claims)


def verified_end(token: str, keys: Keys, party: Party, now: datetime) -> Ended:
    """What a logout_token says; ProviderFailed where it is not to be relied on."""
    header, claims = _opened(token, keys)
    at = int(now.timestamp())
    options = {**_options(party), "jti": {"essential": True}, "events": {"essential": True}}
    try:
        jwt.JWTClaimsRegistry(now=at, leeway=LEEWAY, **options).validate(claims)  # type: ignore[arg-type]
    except (JoseError, TypeError, ValueError) as error:
        raise _invalid(error) from error
    subject, session, events = claims.get("sub", ""), claims.get("sid", ""), claims["events"]
    faults = {
        "typ": str(header.get("typ", "logout+jwt")).lower() not in ("logout+jwt", "jwt"),
        "events": not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict),
        "nonce": "nonce" in claims,
        "iat": claims["iat"] < at - OLDEST_LOGOUT,
        "sub": not _is_name(subject) or not _is_name(session) or not (subject or session),
    }
    for claim, is_wrong in faults.items():
        if is_wrong:
            raise ProviderFailed(Refusal.TOKEN_INVALID, f"the logout token is not valid: {claim}")
    return Ended(subject, session, claims["jti"], float(min(claims["exp"], at + OLDEST_LOGOUT)))


def _options(party: Party) -> dict[str, dict[str, object]]:
    return {
        "iss": {"essential": True, "value": party.issuer},
        "aud": {"essential": True, "value": party.client_id},
        "exp": {"essential": True},
        "iat": {"essential": True},
    }


def _opened(token: str, keys: Keys) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token whose signature holds; unknown keys are looked for once more."""
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    try:
        try:
            found = jwt.decode(token, keys(False), registry=registry)
        except InvalidKeyIdError:
            found = jwt.decode(token, keys(True), registry=registry)
    except (JoseError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise _invalid(error) from error
    return dict(found.header), found.claims


def _check_subject(subject: object) -> None:
    if not subject or not _is_name(subject):
        raise InvalidClaimError("sub")


def _is_name(value: object) -> bool:
    """True for what a database keeps and gives back as it was."""
    return isinstance(value, str) and len(value) <= LONGEST_SUBJECT and value.isprintable()


def _invalid(error: Exception) -> ProviderFailed:
    # The name of the error and of the claim, never a value: a log is read by more people than a token.
    what = f"{type(error).__name__} {getattr(error, 'claim', '')}".strip()
    return ProviderFailed(Refusal.TOKEN_INVALID, f"the token is not valid: {what}")
