"""Who may come in: a session cookie for people, a bearer token for programs, nothing for anybody else.

Without one only health, the sign-in page, its style sheet, and requests with a credential of their own (webhooks,
/metrics) are answered. With a cookie an unsafe method must come from our own pages (Sec-Fetch-Site, else Origin).
"""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from breach_service.acts.people import tokens
from breach_service.acts.signing import signing_in, throttling
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Throttled
from breach_service.errors import NotAllowed
from breach_service.logs import logger
from breach_service.store import people as stored_people
from breach_service.store.database import DatabaseError, Session
from breach_service.web.context import SAFE_METHODS, Context
from breach_service.web.signing.sign_in_cookie import COOKIE as COOKIE
from breach_service.web.signing.sign_in_cookie import cookie_in, is_over_tls
from breach_service.web.still_in import while_still_in

OPEN_PATHS = ("/healthz", "/readyz", "/metrics", "/sign-in", "/favicon.ico")
OPEN_PREFIXES = (
    "/sign-in/", "/signaler/", "/reports/mail/", "/slack/", "/oidc/", "/webhooks/", "/static/", "/language/",
    "/api/schemas/", "/calendar/",
)  # fmt: skip
ENROLLING = ("/account", "/sign-out")
"""What is open to somebody who must have a second factor first."""
SEEN_EVERY = timedelta(minutes=1)
"""How exactly the last use of a session is known: every use would be a write."""
RETRY_SOON = {"retry-after": "5"}

SECURITY_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)

log = logger(__name__)


class Guard:
    """ASGI middleware in front of everything."""

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] != "http" or scope["path"].startswith("/webhooks/"):
            await self._app(scope, receive, _with_headers(send))
            return
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        try:
            refusal = await self._refusal(scope, headers)
        except DatabaseError as error:  # nobody is let in unseen
            log.error("nobody_let_in", error=type(error).__name__)
            refusal = PlainTextResponse("the database cannot be reached: try again in a moment\n", 503, RETRY_SOON)
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send))
            return
        if "breach.signed_in" in scope and scope["method"] not in SAFE_METHODS:
            receive = while_still_in(receive, lambda: self._is_still_in(scope, headers))
        await self._app(scope, receive, _with_headers(send))

    async def _refusal(self, scope: Scope, headers: dict[str, str]) -> Response | None:
        path = scope["path"]
        if "\0" in path or b"%00" in scope["query_string"]:
            return PlainTextResponse("a character of this address (NUL) belongs to no address\n", 400)
        over_tls = is_over_tls(self._context, scope["scheme"])
        token = cookie_in(headers.get("cookie", ""), COOKIE, over_tls=over_tls)
        authorization = headers.get("authorization", "")
        if scope["method"] not in SAFE_METHODS and _is_from_elsewhere(headers, scope, has_session=bool(token)):
            return PlainTextResponse("this request does not come from our own pages\n", 403)
        if not self._context.has_local_sign_in and scope["method"] not in SAFE_METHODS and _is_local_sign_in(path):
            return PlainTextResponse("no password and no passkey opens anything here: sign in at the provider\n", 403)
        if path in OPEN_PATHS or path.startswith(OPEN_PREFIXES):
            return None
        if path.startswith("/api/") and authorization.lower().startswith("bearer "):
            return await run_in_threadpool(self._bearer, scope, authorization[7:].strip())
        who = await run_in_threadpool(self._session, token) if token else None
        if who is not None:
            scope["breach.signed_in"] = who
            return _sent_to_enrol(who, scope) if self._must_enrol(who, path) else None
        if path.startswith("/api/"):
            problem = {"title": "sign in, or send an API token: Authorization: Bearer …", "status": 401}
            return JSONResponse(problem, 401, {"www-authenticate": "Bearer"}, media_type="application/problem+json")
        if scope["method"] in SAFE_METHODS:
            return RedirectResponse(f"/sign-in?next={quote(_path_with_query(scope), safe='/')}", 303)
        return PlainTextResponse("your session has ended: sign in again\n", 401)

    def _is_still_in(self, scope: Scope, headers: dict[str, str]) -> bool:
        """True while what let the request in still opens."""
        here, now, authorization = self._context, self._context.now(), headers.get("authorization", "")
        with here.database.reading() as session:
            if scope["path"].startswith("/api/") and authorization.lower().startswith("bearer "):
                try:
                    tokens.bearer_of(session, authorization[7:].strip(), now)
                except NotAllowed:
                    return False
                return True
            token = cookie_in(headers.get("cookie", ""), COOKIE, over_tls=is_over_tls(here, scope["scheme"]))
            return signing_in.signed_in(session, token, now, here.sign_in) is not None

    def _session(self, token: str) -> SignedIn | None:
        here, now = self._context, self._context.now()
        with here.database.reading() as session:
            who = signing_in.signed_in(session, token, now, here.sign_in)
        if who is not None and who.session is not None and who.seen_at is not None and now - who.seen_at >= SEEN_EVERY:
            self._note(lambda session: signing_in.saw(session, who, now))
        return who

    def _note(self, use: Callable[[Session], None]) -> None:
        try:
            self._context.database.write(use)
        except DatabaseError as error:  # such as a full disk: looking goes on
            log.warning("use_not_noted", error=type(error).__name__)

    def _must_enrol(self, who: SignedIn, path: str) -> bool:
        is_due = who.enrol_before is not None and who.enrol_before <= self._context.now()
        return is_due and not path.startswith(ENROLLING)

    def _bearer(self, scope: Scope, token: str) -> Response | None:
        here, now = self._context, self._context.now()
        try:
            with here.database.reading() as session:
                bearer = tokens.bearer_of(session, token, now)
        except NotAllowed as error:
            return self._wrong_token(scope, error)
        if bearer.is_use_unknown:
            self._note(lambda session: stored_people.note_token_use(session, bearer.token, now))
        scope["breach.signed_in"] = SignedIn(bearer.actor, "", here.language, token=bearer.token)
        return None

    def _wrong_token(self, scope: Scope, error: NotAllowed) -> Response:
        """Count it. A right one is let in all the same: nobody guesses 32 bytes, and a program that still has an old
        one shall not shut out its neighbours."""
        here, now = self._context, self._context.now()
        counted = [throttling.address(Throttled.TOKEN, scope["client"][0] if scope["client"] else "")]
        with here.database.reading() as session:
            wait = throttling.wait_of(session, counted, now)
        if wait is not None:
            problem = {"title": "too many wrong API tokens from this address: wait", "status": 429}
            seconds = {"retry-after": str(int(wait.total_seconds()) + 1)}
            return JSONResponse(problem, 429, seconds, media_type="application/problem+json")
        here.database.write(lambda session: throttling.failed(session, counted, now))
        return JSONResponse({"title": str(error), "status": 401}, 401, media_type="application/problem+json")


def _sent_to_enrol(who: SignedIn, scope: Scope) -> Response:
    if scope["method"] in SAFE_METHODS and not scope["path"].startswith("/api/"):
        return RedirectResponse("/account#factors", 303)
    sentence = f"the role {who.actor.role} needs a second factor here: add one on /account first"
    if scope["path"].startswith("/api/"):
        return JSONResponse({"title": sentence, "status": 403}, 403, media_type="application/problem+json")
    return PlainTextResponse(f"{sentence}\n", 403)


def _is_local_sign_in(path: str) -> bool:
    return path == "/sign-in" or path.startswith("/sign-in/")


def _path_with_query(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])


def _is_from_elsewhere(headers: dict[str, str], scope: Scope, *, has_session: bool) -> bool:
    """True for a request that another site had a browser make.

    Without a session too: it could sign a visitor in as somebody else. A program that says neither where it comes
    from nor who it is may go on; what it asks for asks for a credential.
    """
    if not has_session and headers.get("authorization"):
        return False
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site not in ("same-origin", "none")
    if origin is not None:
        return origin not in (f"{scope['scheme']}://{headers.get('host')}", f"https://{headers.get('host')}")
    return has_session


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *SECURITY_HEADERS]}  # it may be shared
        await send(message)

    return sending
