"""Signing in at a provider of identities: out to it, back from it, and what it or a person ends.

Nothing that the browser brings back is believed before it fits what was asked of this very browser.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from breach_service.acts.signing import federated, provider_links
from breach_service.domain.access import Refusal
from breach_service.errors import N_, NotFound
from breach_service.logs import logger
from breach_service.notify.provider import ProviderFailed
from breach_service.web.context import Context, Federation, Here
from breach_service.web.needs import open_because
from breach_service.web.pages import own_path
from breach_service.web.rendered import page
from breach_service.web.signing.sign_in_browser import browser_of
from breach_service.web.signing.sign_in_cookie import (
    LET_IN_COOKIE,
    PROVIDER_COOKIE,
    cookie_of,
    drop,
    set_cookie,
    set_step,
)
from breach_service.web.views.provider import LetInPage, refused_page

STATUS = {
    Refusal.DECLINED: 403,
    Refusal.NO_ROLE: 403,
    Refusal.NO_ADDRESS: 403,
    Refusal.ADDRESS_NOT_VERIFIED: 403,
    Refusal.ADDRESS_TAKEN: 403,
    Refusal.DISABLED: 403,
    Refusal.PROVIDER_REFUSED: 502,
    Refusal.PROVIDER_DOWN: 503,
    Refusal.BUSY: 503,
}
"""Of the answer to somebody who is not let in; 400 for the others: the question not theirs, or the answer forged."""

log = logger(__name__)
router = APIRouter(include_in_schema=False)


def federation_of(here: Context) -> Federation:
    """The provider; NotFound where none is set."""
    if here.federation is None:
        raise NotFound(N_("nobody signs in at a provider here: sign in with an address and a password"))
    return here.federation


@router.get("/oidc/sign-in", dependencies=[open_because("who signs in at the provider begins here")])
def begin(request: Request, here: Here, next_path: Annotated[str, Query(alias="next")] = "/") -> Response:
    """Send a browser to the provider, and remember what was asked for it."""
    now = here.now()
    try:
        url, asked = federation_of(here).provider.ask(own_path(next_path), now)
    except ProviderFailed as error:
        return _failed(request, here, error)
    token = here.database.write(lambda session: federated.begin(session, here.cipher, asked, now))
    answer = RedirectResponse(url, 303, {"cache-control": "no-store"})
    set_step(
        answer, here, token, scheme=request.url.scheme, name=PROVIDER_COOKIE, lasts=federated.ANSWER_WITHIN
    )  # fmt: skip
    return answer


@router.get("/oidc/callback", dependencies=[open_because("the provider sends people back to it")])
def come_back(request: Request, here: Here) -> Response:
    """Let somebody in who comes back with a good answer to what was asked of this browser; the answer counts once."""
    federation, now = federation_of(here), here.now()
    token = cookie_of(request, here, PROVIDER_COOKIE)
    asked = here.database.write(lambda session: federated.take(session, here.cipher, token, now)) if token else None
    if asked is None:
        return _refused(request, here, Refusal.NOT_BEGUN_HERE)
    try:
        identity = federation.provider.identify(dict(request.query_params), asked, now)
    except ProviderFailed as error:
        return _failed(request, here, error)
    browser = browser_of(request, here)
    entered = here.database.write(
        lambda session: federated.enter(session, here.cipher, identity, federation.rules, browser, now)
    )
    if entered.refusal is not None:
        log.warning("provider_sign_in_refused", refusal=str(entered.refusal))
        return _refused(request, here, entered.refusal, entered.code)
    answer = RedirectResponse(own_path(asked.next), 303, {"cache-control": "no-store"})
    drop(answer, here, PROVIDER_COOKIE, scheme=request.url.scheme)
    set_cookie(answer, here, entered.token, scheme=request.url.scheme)
    return answer


@router.post("/oidc/logout", dependencies=[open_because("the provider ends sessions by it, with a token it signed")])
def end_sessions(here: Here, logout_token: Annotated[str, Form()] = "") -> Response:
    """End what a person ended at the provider (OpenID Connect Back-Channel Logout 1.0)."""
    federation, now = federation_of(here), here.now()
    no_store = {"cache-control": "no-store"}
    try:
        ended = federation.provider.ended(logout_token, now)
    except ProviderFailed as error:
        log.warning("provider_logout_refused", refusal=str(error.refusal), why=str(error))
        status = 503 if error.refusal in (Refusal.PROVIDER_DOWN, Refusal.BUSY) else 400
        return JSONResponse({"error": "invalid_request"}, status, no_store)
    issuer = federation.provider.us.issuer
    count = here.database.write(lambda session: federated.end_by_provider(session, here.cipher, issuer, ended, now))
    if count is None:
        log.warning("provider_logout_refused", refusal="repeated", why="this message was taken before")
        return JSONResponse({"error": "invalid_request"}, 400, no_store)
    log.info("provider_logout", sessions=count)
    return Response(status_code=200, headers=no_store)


@router.get("/oidc/leave", dependencies=[open_because("who signed out here signs out at the provider too")])
def leave(request: Request, here: Here) -> Response:
    """On to where a person ends their session at the provider; theirs here ended before."""
    try:
        url = federation_of(here).provider.leaving_url(here.now())
    except ProviderFailed as error:
        return _failed(request, here, error)
    return RedirectResponse(url or "/sign-in", 303, {"cache-control": "no-store"})


@router.get("/oidc/let-in", dependencies=[open_because("a link of the command line, for while the provider is away")])
def show_let_in(request: Request, here: Here, token: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Take the token out of the address; then ask before the link is used up: programs follow links as well."""
    if token:
        moved = RedirectResponse("/oidc/let-in", 303, {"cache-control": "no-store", "referrer-policy": "no-referrer"})
        lasts = provider_links.LET_IN_WITHIN
        set_step(moved, here, token, scheme=request.url.scheme, name=LET_IN_COOKIE, lasts=lasts)
        return moved
    with here.database.reading() as session:
        is_open = provider_links.is_let_in(session, cookie_of(request, here, LET_IN_COOKIE), here.now())
    return page(request, "let_in.html", "", LetInPage(is_open), status=200 if is_open else 410)


@router.post("/oidc/let-in", dependencies=[open_because("a link of the command line, for while the provider is away")])
def come_in(request: Request, here: Here) -> Response:
    """Open the session of an administrator, once."""
    browser, now, token = browser_of(request, here), here.now(), cookie_of(request, here, LET_IN_COOKIE)
    opened = here.database.write(lambda session: provider_links.come_in(session, here.cipher, token, browser, now))
    if opened is None:
        return page(request, "let_in.html", "", LetInPage(False), status=410)
    answer = RedirectResponse("/", 303)
    drop(answer, here, LET_IN_COOKIE, scheme=request.url.scheme)
    set_cookie(answer, here, opened, scheme=request.url.scheme)
    return answer


def _failed(request: Request, here: Context, error: ProviderFailed) -> Response:
    log.warning("provider_sign_in_refused", refusal=str(error.refusal), why=str(error))
    return _refused(request, here, error.refusal)


def _refused(request: Request, here: Context, refusal: Refusal, code: str = "") -> Response:
    view = refused_page(refusal, federation_of(here).name, code, here.has_local_sign_in)
    status = STATUS.get(refusal, 400)
    answer = page(request, "oidc_refused.html", "", view, status=status, path="/sign-in")
    drop(answer, here, PROVIDER_COOKIE, scheme=request.url.scheme)
    return answer
