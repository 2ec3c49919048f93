"""Signing in by OpenID Connect: the questions to a provider, and what its answers say once they are verified.

Authorization code with PKCE (RFC 7636, S256), state and nonce; the answer of another provider is told by `iss`
(RFC 9207). Nothing that the provider issues is kept: its tokens say who somebody is, and are let go.
"""

import base64
import hmac
import secrets
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx2
from authlib.integrations.httpx_client import OAuth2Client  # type: ignore[import-untyped]
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from breach_service.domain.access import Identity, Refusal
from breach_service.errors import ConfigurationError
from breach_service.notify.oidc_errors import in_words, refused
from breach_service.notify.oidc_http import TIMEOUT, Careful, is_secure, json_of
from breach_service.notify.oidc_tokens import Party, verified_end, verified_person
from breach_service.notify.provider import Asked, Ended, ProviderFailed, Registration

DESCRIPTION_LASTS = timedelta(hours=1)
KEYS_LAST = timedelta(hours=1)
"""A key that the provider takes back is believed for so long at most."""
LOOK_AGAIN = timedelta(minutes=1)
"""At least between two looks for keys that are not known: whoever sends made-up tokens causes no more of them."""
AT_ONCE = 8
"""Exchanges with the provider: while it hangs, whoever comes must not take all threads that answer."""
PATIENCE = 3.0
"""Seconds to wait for one of them to end."""
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class OpenIdProvider:
    """One provider of identities. Any thread may ask; `now` is aware, UTC."""

    def __init__(self, us: Registration, trust: ssl.SSLContext | None = None) -> None:
        self.us = us
        self._trust = trust
        self._may_be_local = us.issuer.startswith("http://")
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._description: tuple[datetime, Mapping[str, Any]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None
        self._looked_again: datetime | None = None

    @property
    def party(self) -> Party:
        """Who signs, and for whom."""
        return Party(self.us.issuer, self.us.client_id)

    def ask(self, next_path: str, now: datetime) -> tuple[str, Asked]:
        """Where to send a browser, and what to expect back; ProviderFailed where the provider cannot be asked."""
        with self._turn():
            description = self._described(now)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        asked = Asked(state, nonce, verifier, next_path)
        with self._client(description) as client:
            url, _ = client.create_authorization_url(
                description["authorization_endpoint"], state=asked.state, nonce=asked.nonce,
                code_verifier=asked.verifier,
            )  # fmt: skip
        return str(url), asked

    def identify(self, answer: Mapping[str, str], asked: Asked, now: datetime) -> Identity:
        """Who came back with this answer to what was asked; ProviderFailed with the reason where that is not certain.

        `answer` is the query that the provider sent the browser back with.
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), asked.state.encode()):
            raise ProviderFailed(Refusal.OTHER_STATE, "the answer carries another state than the question")
        with self._turn():
            return self._identified(answer, asked, now)

    def _identified(self, answer: Mapping[str, str], asked: Asked, now: datetime) -> Identity:
        description = self._described(now)
        self._check_issuer(answer.get("iss"), description)
        if "error" in answer:
            raise refused(answer["error"])
        if not answer.get("code"):
            raise ProviderFailed(Refusal.PROVIDER_REFUSED, "the answer carries neither a code nor an error")
        with self._client(description) as client:
            claims = in_words(self.us.issuer, lambda: self._claims(client, description, answer["code"], asked, now))
        return self._identity(claims)

    def ended(self, logout_token: str, now: datetime) -> Ended:
        """Whose sessions the provider ended (Back-Channel Logout 1.0); ProviderFailed where somebody else says so."""
        with self._turn():
            return verified_end(logout_token, self._key_source(now), self.party, now)

    def leaving_url(self, now: datetime) -> str | None:
        """Where a person ends their session at the provider too (RP-Initiated Logout 1.0); None where it has no place.

        Without `id_token_hint`: the provider asks the person itself, and no token travels in an address.
        """
        with self._turn():
            place = self._described(now).get("end_session_endpoint")
        if not isinstance(place, str) or not is_secure(place, may_be_local=self._may_be_local):
            return None
        query = urlencode({"client_id": self.us.client_id, "post_logout_redirect_uri": self.us.home})
        return f"{place}{'&' if '?' in place else '?'}{query}"

    def _check_issuer(self, named: str | None, description: Mapping[str, Any]) -> None:
        is_always_named = description.get("authorization_response_iss_parameter_supported") is True
        if named != self.us.issuer and (named is not None or is_always_named):
            raise ProviderFailed(Refusal.OTHER_ISSUER, "the answer names another issuer, or none where one is promised")

    def _claims(
        self, client: Any, description: Mapping[str, Any], code: str, asked: Asked, now: datetime
    ) -> dict[str, Any]:
        issued = client.fetch_token(
            description["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=asked.verifier,
            redirect_uri=self.us.redirect_uri,
        )  # fmt: skip
        token, access = issued.get("id_token"), issued.get("access_token")
        if not isinstance(token, str):
            raise ProviderFailed(Refusal.PROVIDER_REFUSED, "the provider issued no id_token: ask for `openid`")
        claims = verified_person(token, self._key_source(now), self.party, asked.nonce, access, now)
        place = description.get("userinfo_endpoint")
        if place and (_at(claims, self.us.groups_claim) is None or not claims.get("email")):
            more = json_of(client.get(place))
            if more.get("sub") != claims["sub"]:  # OpenID Connect Core 1.0, section 5.3.2
                raise ProviderFailed(Refusal.TOKEN_INVALID, "userinfo is about another subject")
            claims = {**more, **claims}
        return claims

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        groups = _at(claims, self.us.groups_claim)
        verified = claims.get("email_verified")
        return Identity(
            issuer=self.us.issuer,
            subject=claims["sub"],
            email=_text(claims.get("email")),
            is_email_verified=verified if isinstance(verified, bool) else None,
            name=_text(claims.get("name")) or _text(claims.get("preferred_username")),
            groups=frozenset(one for one in (groups if isinstance(groups, list) else [groups]) if isinstance(one, str)),
            session=_text(claims.get("sid")),
        )

    def _client(self, description: Mapping[str, Any]) -> Any:
        """A client of authlib for one exchange."""
        supported = description.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_post" if "client_secret_basic" not in supported else "client_secret_basic"
        client = OAuth2Client(
            client_id=self.us.client_id,
            client_secret=self.us.client_secret,
            token_endpoint_auth_method=method if self.us.client_secret else "none",
            scope=self.us.scopes,
            redirect_uri=self.us.redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT,
            trust_env=False,
            transport=Careful(may_be_local=self._may_be_local, trust=self._trust),
        )
        client.register_client_auth_method(("client_secret_basic", _basic))
        return client

    def _described(self, now: datetime) -> Mapping[str, Any]:
        with self._lock:
            held = self._description
        if held is not None and held[0] <= now < held[0] + DESCRIPTION_LASTS:
            return held[1]
        description = self._get(f"{self.us.issuer.rstrip('/')}/.well-known/openid-configuration")
        if description.get("issuer") != self.us.issuer:
            raise ProviderFailed(
                Refusal.PROVIDER_REFUSED,
                "the provider calls itself otherwise than BREACH_OIDC_ISSUER, to the letter: compare its `issuer`",
            )
        for name in ENDPOINTS:
            if not is_secure(str(description.get(name, "")), may_be_local=self._may_be_local):
                raise ProviderFailed(Refusal.PROVIDER_REFUSED, f"the provider gives no https address as {name}")
        with self._lock:
            self._description = (now, description)
        return description

    def _key_source(self, now: datetime) -> Callable[[bool], KeySet]:
        def keys(look_again: bool) -> KeySet:
            with self._lock:
                held, looked = self._keys, self._looked_again
                is_too_soon = looked is not None and looked <= now < looked + LOOK_AGAIN
                if look_again and not is_too_soon:
                    self._looked_again, held = now, None
            if held is not None and held[0] <= now < held[0] + KEYS_LAST:
                return held[1]
            found = self._fetched_keys(now)
            with self._lock:
                self._keys = (now, found)
            return found

        return keys

    def _fetched_keys(self, now: datetime) -> KeySet:
        document: Any = self._get(self._described(now)["jwks_uri"])
        try:
            return KeySet.import_key_set(document)
        except (JoseError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise ProviderFailed(Refusal.PROVIDER_DOWN, "the provider publishes no keys that can be read") from error

    def _get(self, url: str) -> dict[str, Any]:
        carrier = Careful(may_be_local=self._may_be_local, trust=self._trust)
        with httpx2.Client(transport=carrier, timeout=TIMEOUT, trust_env=False) as client:
            return in_words(self.us.issuer, lambda: json_of(client.get(url)))

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """With few others at once."""
        if not self._turns.acquire(timeout=PATIENCE):
            raise ProviderFailed(Refusal.BUSY, "the provider keeps too many others waiting")
        try:
            yield
        finally:
            self._turns.release()


def provider_of(us: Registration) -> OpenIdProvider:
    """The provider that an operator named; ConfigurationError where it cannot be one."""
    if not is_secure(us.issuer, may_be_local=True) or "?" in us.issuer or "#" in us.issuer:
        raise ConfigurationError("BREACH_OIDC_ISSUER must be the https address by which the provider calls itself")
    if "openid" not in us.scopes.split():
        raise ConfigurationError("BREACH_OIDC_SCOPES lacks openid: without it the provider says of nobody who they are")
    return OpenIdProvider(us)


def _basic(auth: Any, _method: str, uri: str, headers: Any, body: Any) -> tuple[str, Any, Any]:
    """HTTP Basic as RFC 6749, section 2.3.1 has it: each half is form-encoded first, which authlib leaves out."""
    pair = f"{quote_plus(auth.client_id)}:{quote_plus(auth.client_secret)}"
    headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return uri, headers, body


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or by a path of names with dots."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _text(value: object) -> str:
    """A claim that is a text, without what no database keeps and nobody can read."""
    return "".join(filter(str.isprintable, value)).strip()[:255] if isinstance(value, str) else ""
