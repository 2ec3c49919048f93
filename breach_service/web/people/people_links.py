"""Behind the links that open once, and asking for one: open to strangers, who learn nothing of who has an account.

The token leaves the address at once for a cookie: addresses end in histories and in logs of proxies. Looking at a
link uses nothing up, since scanners of mail look too; only setting the password does.
"""

from concurrent.futures import Future
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from breach_service.acts.people import links
from breach_service.acts.people.links import LinkPurpose, Newcomer
from breach_service.acts.signing import throttling
from breach_service.acts.signing.passwords import SHORTEST_PASSWORD, check_new_password, hash_password
from breach_service.domain.access import Throttled
from breach_service.errors import N_, InvalidCommand
from breach_service.logs import logger
from breach_service.store.database import Session
from breach_service.web.context import Context, Here
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import open_because
from breach_service.web.rendered import LANGUAGES, language_of, page, said_to
from breach_service.web.signing.sign_in_cookie import LINK_COOKIE, cookie_of, drop, set_step
from breach_service.web.views import people as views

router = APIRouter(
    include_in_schema=False, dependencies=[open_because("who opens a link of a mail cannot sign in yet")]
)
TYPING_LASTS = timedelta(hours=1)
"""For how long the form may stay open; then the link in the mail opens it again."""
log = logger(__name__)


@router.get(links.PAGE)
def show_link(request: Request, here: Here, token: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Take the token out of the address; then the form, or that the link opens nothing any more."""
    if token:
        answer = RedirectResponse(links.PAGE, 303)
        answer.headers["referrer-policy"] = "no-referrer"
        set_step(answer, here, token, scheme=request.url.scheme, name=LINK_COOKIE, lasts=TYPING_LASTS)
        return answer
    return _link_answer(request, here)


def _link_answer(
    request: Request, here: Context, typed: dict[str, str] | None = None, error: str = "", status: int = 200
) -> HTMLResponse:
    with here.database.reading() as session:
        found = links.look(session, cookie_of(request, here, LINK_COOKIE), here.now())
    view = views.link_page(found, SHORTEST_PASSWORD, language_of(request), typed, error)
    return page(request, "link.html", "", view, status=status if found else 410)


@router.post(links.PAGE)
def open_link(request: Request, here: Here, form: Posted) -> Response:
    """Set the password that was chosen and use the link up; then people sign in with it."""
    typed = {name: text_in(form, name) for name in views.NEWCOMER}
    token = cookie_of(request, here, LINK_COOKIE)
    with here.database.reading() as session:
        found = links.look(session, token, here.now())
    if found is None:
        return _link_answer(request, here, typed)
    try:
        newcomer = _newcomer(found, typed, _password(form))
        here.database.write(lambda session: links.open_link(session, token, newcomer, here.now(), here.cipher))
    except InvalidCommand as error:
        return _link_answer(request, here, typed, said_to(request, error), status=422)
    answer = RedirectResponse("/sign-in?done=password_set", 303)
    drop(answer, here, LINK_COOKIE, scheme=request.url.scheme)
    return answer


def _password(form: Posted) -> str:
    # As it was typed: a space at its end belongs to it.
    given, again = form.get("password", ""), form.get("again", "")
    if not isinstance(given, str) or given != again:
        raise InvalidCommand(N_("the two passwords are not the same: type both again"))
    return given


def _newcomer(found: links.OpenLink, typed: dict[str, str], password: str) -> Newcomer:
    is_first = found.purpose is LinkPurpose.FIRST_ADMINISTRATOR
    email = typed["email"] if is_first else found.email
    check_new_password(password, (email, typed["name"] or found.name))
    language = typed["language"] if typed["language"] in LANGUAGES else "fr"
    return Newcomer(hash_password(password), typed["name"], email, language)


@router.get("/sign-in/forgotten")
def show_forgotten(request: Request, here: Here) -> HTMLResponse:
    """The form to ask for a new password."""
    return page(request, "forgotten.html", "", views.ForgottenPage("ask" if here.has_mail else "no_mail"))


@router.post("/sign-in/forgotten")
def ask_for_new_password(request: Request, here: Here, form: Posted) -> HTMLResponse:
    """Answer the same, as quickly, whoever was named: what follows is done behind the answer."""
    if not here.has_mail:
        return page(request, "forgotten.html", "", views.ForgottenPage("no_mail"))
    email, now = text_in(form, "email"), here.now()
    host = request.client.host if request.client else ""
    counted = [throttling.address(Throttled.LINK, host)]
    with here.database.reading() as session:
        is_too_many = throttling.wait_of(session, counted, now) is not None
    if is_too_many:
        return page(request, "forgotten.html", "", views.ForgottenPage("wait"), status=429)

    def work(session: Session) -> None:
        if throttling.wait_of(session, counted, now) is not None:
            return
        throttling.failed(session, counted, now)
        links.ask_for_new_password(session, email, now, here.cipher)

    here.database.submit(work).add_done_callback(_say_what_failed)
    return page(request, "forgotten.html", "", views.ForgottenPage("asked"))


def _say_what_failed(done: "Future[None]") -> None:
    error = done.exception()
    if error is not None:
        log.error("new_password_not_asked", error=type(error).__name__)
