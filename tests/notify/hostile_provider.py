"""A provider of identities on this machine that answers well until a test has it answer ill. Its keys are its own."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from breach_service.notify.provider import Registration

CLIENT, SECRET = "breach", "the secret: 100 % é+"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

FIRST_KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})
"""Made once: making one takes longer than everything else here."""


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64_json(value: object) -> str:
    return b64(json.dumps(value).encode())


class _Escaping(json.JSONEncoder):
    """Writes what UTF-8 cannot say, half a pair of surrogates, as JSON can."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": True})


class HostileProvider:
    """Behaves as OpenID Connect asks; each attribute is a way not to."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.key = FIRST_KEY
        self.published = [self.key]
        self.subject = "noe"
        self.claims: dict[str, Any] = {"email": "noe@us.example", "email_verified": True, "groups": ["dpo"]}
        self.userinfo: dict[str, Any] = {}
        self.token_claims: dict[str, Any] = {}
        """Instead of those that a good id_token has; None leaves one out."""
        self.forge: Callable[[dict[str, Any]], str] = self.signed
        self.description: dict[str, Any] = {}
        self.answer: dict[str, Any] = {}
        """Instead of the parameters that the browser comes back with; None leaves one out."""
        self.token_answer: tuple[int, bytes] | None = None
        self.keeps_codes = False
        self.asked: list[str] = []
        """Paths that were asked for."""
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Be gone: nobody answers any more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def registration(self, home: str = "http://testserver", **changes: Any) -> Registration:
        """How it knows a service at that address."""
        us = {"client_id": CLIENT, "client_secret": SECRET, "redirect_uri": f"{home}/oidc/callback"}
        return Registration(**{"issuer": self.issuer, "home": f"{home}/sign-in", **us, **changes})

    def rotate(self) -> None:
        """Sign with a new key; the former one is published no more."""
        self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig", "alg": "RS256"})
        self.published = [self.key]

    def signed(self, claims: dict[str, Any], **header: Any) -> str:
        """A token as it should be."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid, **header}, claims, self.key, encoder_cls=_Escaping)

    def unsigned(self, claims: dict[str, Any]) -> str:
        """A token with the algorithm `none`."""
        return f"{b64_json({'alg': 'none', 'kid': self.key.kid})}.{b64_json(claims)}."

    def signed_with_public_key(self, claims: dict[str, Any]) -> str:
        """A token whose HMAC is made with what everybody may know: the public key."""
        signed = f"{b64_json({'alg': 'HS256', 'kid': self.key.kid})}.{b64_json(claims)}"
        mac = hmac.new(self.key.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{b64(mac)}"

    def signed_by_another(self, claims: dict[str, Any]) -> str:
        """A token of somebody else's key that claims to be ours."""
        key = RSAKey.generate_key(2048, {"kid": self.key.kid})
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, key)

    def visit(self, url: str) -> str:
        """What the address bar holds after a person said yes: where the browser is sent back to, without its host."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self._codes[code] = query
        answer = {"code": code, "state": query["state"], **self.answer}
        sent = {name: value for name, value in answer.items() if value is not None}
        return f"{urlsplit(query['redirect_uri']).path}?{urlencode(sent)}"

    def logout_token(self, **changes: Any) -> str:
        """A logout_token as it should be, but for the changes."""
        at = int(self.now().timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": at, "exp": at + 120, "jti": secrets.token_hex(8),
            "sub": self.subject, "events": {LOGOUT_EVENT: {}}, **changes,
        }  # fmt: skip
        return self.forge({name: value for name, value in claims.items() if value is not None})

    def respond(self, method: str, path: str, headers: Any, body: str) -> tuple[int, bytes]:
        """The answer to one request."""
        self.asked.append(path)
        match path:
            case "/.well-known/openid-configuration":
                return 200, json.dumps({**self._described(), **self.description}).encode()
            case "/keys":
                return 200, json.dumps({"keys": [one.as_dict(private=False) for one in self.published]}).encode()
            case "/token" if method == "POST":
                return self.token_answer or self._issue(headers, body)
            case "/userinfo":
                return 200, json.dumps({"sub": self.subject, **self.userinfo}).encode()
            case _:
                return 404, b"{}"

    def _described(self) -> dict[str, Any]:
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {
            "issuer": self.issuer,
            **{name: f"{self.issuer}/{path}" for name, path in places.items()},
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/end",
        }

    def _issue(self, headers: Any, body: str) -> tuple[int, bytes]:
        form = {name: values[0] for name, values in parse_qs(body).items()}
        asked = self._codes.get(form.get("code", "")) if self.keeps_codes else self._codes.pop(form["code"], None)
        scheme, _, sent = headers.get("authorization", "").partition(" ")
        given = [unquote_plus(one) for one in base64.b64decode(sent).decode().split(":")]
        if (scheme, given) != ("Basic", [CLIENT, SECRET]):
            return 401, b'{"error": "invalid_client"}'
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, b'{"error": "invalid_grant", "error_description": "a secret word of the provider"}'
        at, access = int(self.now().timestamp()), "an access token"
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": self.subject, "iat": at, "exp": at + 300,
            "nonce": asked["nonce"], **self.claims, **self.token_claims,
        }  # fmt: skip
        token = self.forge({name: value for name, value in claims.items() if value is not None})
        issued = {"access_token": access, "token_type": "Bearer", "id_token": token}
        return 200, json.dumps(issued).encode()


def _handler(provider: HostileProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._respond("")

        def do_POST(self) -> None:
            self._respond(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _respond(self, body: str) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, data = provider.respond(self.command, urlsplit(self.path).path, headers, body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def hostile_provider(now: Callable[[], datetime]) -> Iterator[HostileProvider]:
    """One that is closed afterwards, unless the test closed it before."""
    provider = HostileProvider(now)
    try:
        yield provider
    finally:
        if provider._thread.is_alive():
            provider.close()
