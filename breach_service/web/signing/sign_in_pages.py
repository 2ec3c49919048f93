"""Signing in and out: a password and its second step, or a passkey alone. A refusal never says who has an account."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from breach_service.acts.signing import passkeys, signing_in
from breach_service.acts.signing.signing_in import Attempt
from breach_service.domain.access import Act, SignInStep
from breach_service.errors import N_
from breach_service.web import views
from breach_service.web.context import Context, Here
from breach_service.web.needs import needs, open_because
from breach_service.web.pages import own_path
from breach_service.web.rendered import language_of, page
from breach_service.web.signing.sign_in_browser import browser_of, site_of
from breach_service.web.signing.sign_in_cookie import (
    COOKIE,
    PASSKEY_COOKIE,
    STEP_COOKIE,
    cookie_of,
    drop,
    set_cookie,
    set_step,
)

router = APIRouter(include_in_schema=False)
OPEN = open_because("this is where people sign in")
SENTENCES = {
    SignInStep.REFUSED: N_("this passkey opens no account here: sign in with your password"),
    SignInStep.LOCKED: N_("too many tries from this address: wait a few minutes"),
    SignInStep.EXPIRED: N_("that took too long: begin again"),
}


@router.get("/sign-in", dependencies=[OPEN])
def sign_in_form(request: Request, here: Here) -> HTMLResponse:
    """The form."""
    return _first(request, here, target=own_path(request.query_params.get("next", "/")))


@router.post("/sign-in", dependencies=[OPEN])
def give_password(
    request: Request, here: Here, email: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "",
    next_path: Annotated[str, Form(alias="next")] = "/",
) -> Response:  # fmt: skip
    """The first step."""
    email, target, browser = email.replace("\0", ""), own_path(next_path), browser_of(request, here)
    with here.database.reading() as reading:
        checked = signing_in.check_password(reading, email, password, browser, here.now())
    attempt = here.database.write(
        lambda session: signing_in.give_password(
            session, here.cipher, email, checked, browser, here.sign_in, here.now(), target
        )
    )
    if attempt.token is None:
        error = "locked" if attempt.step is SignInStep.LOCKED else "wrong"
        return _first(request, here, error, email, target, status=401)
    if attempt.step is SignInStep.SECOND_FACTOR:
        answer = RedirectResponse("/sign-in/second", 303)
        set_step(answer, here, attempt.token, scheme=request.url.scheme)
        return answer
    return _opened(request, here, attempt)


@router.get("/sign-in/second", dependencies=[OPEN])
def second_form(request: Request, here: Here) -> Response:
    """The form of the second step; the first one where none is awaited."""
    token = cookie_of(request, here, STEP_COOKIE)
    with here.database.reading() as reading:
        target = signing_in.awaited_second(reading, here.cipher, token, here.now())
    return RedirectResponse("/sign-in", 303) if target is None else _second(request, here, target)


@router.post("/sign-in/second", dependencies=[OPEN])
def give_code(request: Request, here: Here, code: Annotated[str, Form()] = "") -> Response:
    """The second step, with a one-time code or a recovery code."""
    token, browser = cookie_of(request, here, STEP_COOKIE), browser_of(request, here)
    attempt = here.database.write(
        lambda session: signing_in.give_code(
            session, here.cipher, token, code, browser, here.sign_in, here.now()
        )
    )  # fmt: skip
    match attempt.step:
        case SignInStep.DONE:
            return _opened(request, here, attempt)
        case SignInStep.REFUSED:
            answer: Response = _second(request, here, attempt.target, "wrong", status=401)
            set_step(answer, here, attempt.token or "", scheme=request.url.scheme)
        case SignInStep.LOCKED:
            answer = _first(request, here, "locked", target=attempt.target, status=401)
            drop(answer, here, STEP_COOKIE, scheme=request.url.scheme)
        case _:
            answer = _first(request, here, "ended", status=401)
            drop(answer, here, STEP_COOKIE, scheme=request.url.scheme)
    return answer


@router.post("/sign-in/passkey/options", dependencies=[OPEN])
def ask_for_passkey(request: Request, here: Here, body: Annotated[dict[str, Any], Body()]) -> Response:
    """What the browser's own function wants to know."""
    site, target = site_of(request, here), own_path(str(body.get("next") or "/"))
    browser = browser_of(request, here)
    asked = here.database.write(
        lambda session: passkeys.ask_for_sign_in(session, here.cipher, site, browser, here.now(), target)
    )
    if asked is None:
        return _problem(request, here, SignInStep.LOCKED, 429)
    answer = JSONResponse(dict(asked.options), headers={"cache-control": "no-store"})
    set_step(answer, here, asked.token, scheme=request.url.scheme, name=PASSKEY_COOKIE)
    return answer


@router.post("/sign-in/passkey", dependencies=[OPEN])
def give_passkey(request: Request, here: Here, body: Annotated[dict[str, Any], Body()]) -> Response:
    """Sign in by a passkey alone; the answer names the page to go to."""
    token, browser, site = cookie_of(request, here, PASSKEY_COOKIE), browser_of(request, here), site_of(request, here)
    attempt = here.database.write(
        lambda session: passkeys.give_passkey(
            session, here.cipher, site, token, body, browser, here.sign_in, here.now()
        )
    )
    if attempt.token is None:
        answer: Response = _problem(request, here, attempt.step, 401)
        drop(answer, here, PASSKEY_COOKIE, scheme=request.url.scheme)
        return answer
    answer = JSONResponse({"location": attempt.target})
    _give_session(answer, request, here, attempt)
    return answer


@router.post("/sign-out", dependencies=[needs(Act.KEEP_OWN_ACCOUNT)])
def sign_out(request: Request, here: Here) -> Response:
    """End the session."""
    token = cookie_of(request, here)
    here.database.write(lambda session: signing_in.sign_out(session, token, here.now()))
    answer = RedirectResponse("/sign-in?left=1" if here.federation else "/sign-in", 303)
    drop(answer, here, COOKIE, scheme=request.url.scheme)
    return answer


def _opened(request: Request, here: Context, attempt: Attempt) -> Response:
    answer = RedirectResponse(attempt.target, 303)
    _give_session(answer, request, here, attempt)
    return answer


def _give_session(answer: Response, request: Request, here: Context, attempt: Attempt) -> None:
    set_cookie(answer, here, attempt.token or "", scheme=request.url.scheme)
    held = [one for one in (STEP_COOKIE, PASSKEY_COOKIE) if cookie_of(request, here, one)]
    drop(answer, here, *held, scheme=request.url.scheme)


def _first(
    request: Request, here: Context, error: str = "", email: str = "", target: str = "/", *, status: int = 200
) -> HTMLResponse:
    view = views.sign_in_page(
        error, email, target, _demo(here), has_passkeys=site_of(request, here).can_hold_passkeys,
        provider=here.federation.name if here.federation else "", has_local_sign_in=here.has_local_sign_in,
        has_left="left" in request.query_params,
    )  # fmt: skip
    return page(request, "sign_in.html", "", view, status=status)


def _second(request: Request, here: Context, target: str, error: str = "", *, status: int = 200) -> HTMLResponse:
    view = views.second_step_page(error, target, has_passkeys=site_of(request, here).can_hold_passkeys)
    return page(request, "sign_in_second.html", "", view, status=status)


def _demo(here: Context) -> list[views.DemoAccount]:
    if here.demo is None:
        return []
    return [views.DemoAccount(here.demo.name, here.demo.role, here.demo.email, here.demo.password)]


def _problem(request: Request, here: Context, step: SignInStep, status: int) -> Response:
    said = here.renderer.gettext(language_of(request))(SENTENCES[step])
    problem: Mapping[str, Any] = {"title": said, "status": status}
    return JSONResponse(problem, status, media_type="application/problem+json")
