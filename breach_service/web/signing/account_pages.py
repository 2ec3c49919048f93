"""`/account`: own name, password, second factors, and the browsers that are signed in."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from breach_service.acts.signing import factors as acts
from breach_service.acts.signing import own_account
from breach_service.acts.signing.factors import Changed, Proof
from breach_service.acts.signing.passwords import hash_password
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act
from breach_service.errors import N_, InvalidCommand
from breach_service.store.database import Session
from breach_service.web import views
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import LANGUAGE_COOKIE, page, said_to
from breach_service.web.signing.sign_in_browser import site_of
from breach_service.web.signing.sign_in_cookie import PASSKEY_COOKIE, cookie_of, set_cookie, set_step

router = APIRouter(include_in_schema=False, dependencies=[needs(Act.KEEP_OWN_ACCOUNT)])
DONE = "/account?done=changed"
Change = Callable[[Session, Proof, datetime], Changed]
Factor = Literal["totp", "totp/remove", "recovery"]


@router.get("/account")
def show_account(request: Request, here: Here, who: Who) -> HTMLResponse:
    """All of it on one page."""
    return _account(request, here, who)


@router.post("/account/profile")
def change_profile(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Name and language."""
    name, language = text_in(form, "name"), text_in(form, "language")
    try:
        here.database.write(
            lambda session: own_account.change_profile(session, here.cipher, who, name, language, here.now())
        )
    except InvalidCommand as error:
        return _account(request, here, who, said_to(request, error))
    answer = RedirectResponse(DONE, 303)
    answer.delete_cookie(LANGUAGE_COOKIE)  # what was chosen for a visit gives way to what was chosen for good
    return answer


@router.post("/account/password")
def change_password(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """A new password; the present one is asked for, whenever somebody signed in."""
    chosen, again = str(form.get("new_password", "")), str(form.get("again", ""))
    try:
        if chosen != again:
            raise InvalidCommand(N_("the two new passwords differ: type the same twice"))
        hashed = hash_password(chosen, who.email, who.actor.name)
    except InvalidCommand as error:
        return _account(request, here, who, said_to(request, error))

    def change(session: Session, proof: Proof, now: datetime) -> Changed:
        return acts.change_password(session, here.cipher, who, proof, hashed, now)

    return _changed(request, here, who, str(form.get("password", "")), change)


CHANGES: dict[Factor, Callable[[Session, Any, SignedIn, Proof, datetime], Changed]] = {
    "totp": acts.begin_totp,
    "totp/remove": acts.remove_totp,
    "recovery": acts.make_recovery_codes,
}


@router.post("/account/totp/confirm")
def confirm_totp(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """The first one-time code."""
    code = text_in(form, "code")
    return _changed(
        request, here, who, "", lambda session, _, now: acts.confirm_totp(session, here.cipher, who, code, now)
    )


@router.post("/account/totp")
def begin_totp(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Show a QR code."""
    return _factor("totp", request, here, who, str(form.get("password", "")))


@router.post("/account/totp/remove")
def remove_totp(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """No more one-time codes."""
    return _factor("totp/remove", request, here, who, str(form.get("password", "")))


@router.post("/account/recovery")
def make_recovery_codes(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Ten new recovery codes, shown in the answer and never again."""
    return _factor("recovery", request, here, who, str(form.get("password", "")))


@router.post("/account/passkeys/options")
def ask_for_passkey(request: Request, here: Here, who: Who, body: Annotated[dict[str, Any], Body()]) -> Response:
    """What the browser's own function wants to know to make a passkey."""
    now, site = here.now(), site_of(request, here)
    with here.database.reading() as reading:
        proof = acts.prove(reading, who, str(body.get("password") or ""), now)
    asked = here.database.write(lambda session: acts.begin_passkey(session, here.cipher, site, who, proof, now))
    if isinstance(asked, Changed):
        return _problem(request, InvalidCommand(asked.refusal))
    answer = JSONResponse(dict(asked.options), headers={"cache-control": "no-store"})
    set_step(answer, here, asked.token, scheme=request.url.scheme, name=PASSKEY_COOKIE)
    return answer


@router.post("/account/passkeys")
def add_passkey(request: Request, here: Here, who: Who, body: Annotated[dict[str, Any], Body()]) -> Response:
    """Keep the passkey that the browser made; the answer names the page to go to."""
    now, site, token = here.now(), site_of(request, here), cookie_of(request, here, PASSKEY_COOKIE)
    made, name = body.get("credential"), str(body.get("name") or "").replace("\0", "")
    try:
        changed = here.database.write(
            lambda session: acts.add_passkey(
                session, here.cipher, site, who, token, made if isinstance(made, dict) else {}, name, now
            )
        )
    except InvalidCommand as error:
        return _problem(request, error)
    answer = JSONResponse({"location": DONE})
    set_cookie(answer, here, changed.token, scheme=request.url.scheme)
    return answer


@router.post("/account/passkeys/{number}/remove")
def remove_passkey(number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """It opens nothing any more."""

    def change(session: Session, proof: Proof, now: datetime) -> Changed:
        return acts.remove_passkey(session, here.cipher, who, proof, number, now)

    return _changed(request, here, who, str(form.get("password", "")), change)


@router.post("/account/sessions/{number}/end")
def end_session(number: Id, here: Here, who: Who) -> Response:
    """Sign another browser out."""
    here.database.write(lambda session: own_account.end_session(session, who, number, here.now()))
    return RedirectResponse("/account?done=changed#sessions", 303)


@router.post("/account/sessions/end-others")
def end_other_sessions(here: Here, who: Who) -> Response:
    """Sign every other browser out."""
    here.database.write(lambda session: own_account.end_other_sessions(session, who, here.now()))
    return RedirectResponse("/account?done=changed#sessions", 303)


def _factor(factor: Factor, request: Request, here: Context, who: SignedIn, password: str) -> Response:
    def change(session: Session, proof: Proof, now: datetime) -> Changed:
        return CHANGES[factor](session, here.cipher, who, proof, now)

    return _changed(request, here, who, password, change)


def _changed(request: Request, here: Context, who: SignedIn, password: str, change: Change) -> Response:
    """Do it and show the account again, or the codes that it made; a refusal shows the page with its sentence."""
    now = here.now()
    with here.database.reading() as reading:
        proof = acts.prove(reading, who, password, now)
    try:
        changed = here.database.write(lambda session: change(session, proof, now))
    except InvalidCommand as error:
        return _account(request, here, who, said_to(request, error))
    if changed.refusal:
        return _account(request, here, who, said_to(request, InvalidCommand(changed.refusal)))
    if changed.codes:
        answer: Response = page(request, "account_codes.html", "", views.recovery_page(changed.codes))
    else:
        answer = RedirectResponse(DONE if changed.token else "/account#factors", 303)
    if changed.token:
        set_cookie(answer, here, changed.token, scheme=request.url.scheme)
    return answer


def _account(request: Request, here: Context, who: SignedIn, error: str = "") -> HTMLResponse:
    now = here.now()
    with here.database.reading() as session:
        own = acts.own_account(session, here.cipher, who, now)
    row = own.row
    view = views.AccountPage(
        name=row.name, email=row.email, language=row.language, has_password=row.password_hash is not None,
        password_changed_at=row.password_changed_at,
        totp=views.totp_view(own.seed, own.address_of_seed, row.totp_confirmed_at),
        recovery_left=len(row.recovery_hashes),
        passkeys=tuple(
            views.PasskeyLine(one.id or 0, one.name, one.created_at, one.last_used_at) for one in own.passkeys
        ),
        sessions=tuple(
            views.SessionLine(
                one.id or 0, one.id == who.session, one.method, one.agent, one.created_at,
                one.last_seen_at or one.created_at, one.expires_at,
            )
            for one in own.sessions
        ),
        asks_password=row.password_hash is not None and not acts.has_just_signed_in(who, now),
        enrol_before=who.enrol_before, must_enrol=who.enrol_before is not None and who.enrol_before <= now,
        can_hold_passkeys=site_of(request, here).can_hold_passkeys, error=error, now=now,
    )  # fmt: skip
    return page(request, "account.html", "", view, status=422 if error else 200)


def _problem(request: Request, error: InvalidCommand) -> Response:
    problem = {"title": said_to(request, error), "status": 422}
    return JSONResponse(problem, 422, media_type="application/problem+json")
