"""Who may come in: a session cookie for people, a bearer token for programs, nothing for anybody else.

Without one only health, the sign-in page, its style sheet, and requests with a credential of their own (webhooks,
/metrics) are answered. With a cookie an unsafe method must come from our own pages (Sec-Fetch-Site, else Origin).
"""

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from breach_service.acts import people
from breach_service.acts.people import SignedIn
from breach_service.errors import NotAllowed
from breach_service.logs import logger
from breach_service.store.database import DatabaseError
from breach_service.web.context import Context

COOKIE = "breach_session"
OPEN_PATHS = ("/healthz", "/readyz", "/metrics", "/sign-in", "/favicon.ico")
OPEN_PREFIXES = ("/webhooks/", "/static/", "/language/", "/api/schemas/")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
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
        else:
            await self._app(scope, receive, _with_headers(send))

    async def _refusal(self, scope: Scope, headers: dict[str, str]) -> Response | None:
        path = scope["path"]
        if "\0" in path or b"%00" in scope["query_string"]:
            return PlainTextResponse("a character of this address (NUL) belongs to no address\n", 400)
        token = _cookie(headers)
        authorization = headers.get("authorization", "")
        if token and scope["method"] not in SAFE_METHODS and not _is_from_our_pages(headers, scope):
            return PlainTextResponse("this request does not come from our own pages\n", 403)
        if path in OPEN_PATHS or path.startswith(OPEN_PREFIXES):
            return None
        if path.startswith("/api/") and authorization.lower().startswith("bearer "):
            return await run_in_threadpool(self._bearer, scope, authorization[7:].strip())
        who = await run_in_threadpool(self._session, token) if token else None
        if who is not None:
            scope["breach.signed_in"] = who
            return None
        if path.startswith("/api/"):
            problem = {"title": "sign in, or send an API token: Authorization: Bearer …", "status": 401}
            return JSONResponse(problem, 401, {"www-authenticate": "Bearer"}, media_type="application/problem+json")
        if scope["method"] in SAFE_METHODS:
            return RedirectResponse(f"/sign-in?next={quote(_path_with_query(scope), safe='/')}", 303)
        return PlainTextResponse("your session has ended: sign in again\n", 401)

    def _session(self, token: str) -> SignedIn | None:
        with self._context.database.reading() as session:
            return people.signed_in(session, token, self._context.now())

    def _bearer(self, scope: Scope, token: str) -> Response | None:
        with self._context.database.reading() as session:
            try:
                actor = people.bearer_of(session, token, self._context.now())
            except NotAllowed as error:
                problem = {"title": str(error), "status": 401}
                return JSONResponse(problem, 401, media_type="application/problem+json")
        scope["breach.signed_in"] = SignedIn(actor, "", self._context.language)
        return None


def _cookie(headers: dict[str, str]) -> str:
    # Not the parser of the standard library: it gives up at the odd cookie of another service on this host.
    return cookie_parser(headers.get("cookie", "")).get(COOKIE, "")


def _path_with_query(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])


def _is_from_our_pages(headers: dict[str, str], scope: Scope) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    return headers.get("origin") in (f"{scope['scheme']}://{headers.get('host')}", f"https://{headers.get('host')}")


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *SECURITY_HEADERS]}  # it may be shared
        await send(message)

    return sending
