"""What administrators post: new accounts and tokens, other roles, and the end of any of them."""

from collections.abc import Callable
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from breach_service.acts.people import accounts, links, tokens
from breach_service.domain.access import PEOPLE, Act, UserRole
from breach_service.errors import N_, InvalidCommand
from breach_service.store.database import Session
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.forms import MOST_DIGITS, Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.people.people_pages import people_answer, person_answer, tokens_answer
from breach_service.web.rendered import LANGUAGES, page, said_to
from breach_service.web.sender_pages import base_of
from breach_service.web.views import people as views

router = APIRouter(include_in_schema=False, dependencies=[needs(Act.MANAGE_PEOPLE)])


def role_named(word: str) -> UserRole:
    """A role of a person. Raises InvalidCommand."""
    if word not in tuple(PEOPLE):
        raise InvalidCommand(N_("choose a role"))
    return UserRole(word)


@router.post("/people")
def add_person(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Make an account and invite its person: by mail, or by a link that is shown once."""
    typed = {name: text_in(form, name) for name in views.NEW_PERSON}

    def work(session: Session) -> links.NewLink:
        language = typed["language"] if typed["language"] in LANGUAGES else here.language
        number = accounts.add_user(
            session, who.actor, typed["email"], role_named(typed["role"]), None, here.now(),
            name=typed["name"], language=language,
        )  # fmt: skip
        return _invite(session, who, number, here)

    try:
        link = here.database.write(work)
    except InvalidCommand as error:
        return people_answer(request, here, who, typed, said_to(request, error), status=422)
    return _invited(request, here, link, typed["name"] or typed["email"], "/people", status=201)


def _invite(session: Session, who: Who, number: int, here: Context) -> links.NewLink:
    return links.invite(session, who.actor, number, here.now(), here.cipher if here.has_mail else None)


def _invited(
    request: Request, here: Context, link: links.NewLink, name: str, back: str, status: int = 200
) -> Response:  # fmt: skip
    if here.has_mail:  # whoever sees the link could take the account
        return RedirectResponse(f"{back}?done=invited", 303)
    view = views.ShownOnce("link", name, f"{base_of(request, here)}{link.path}", link.until, back)
    return page(request, "shown_once.html", "people", view, status=status)


@router.post("/people/{number}/invite")
def invite(number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Invite somebody again who has not come yet."""
    try:
        link = here.database.write(lambda session: _invite(session, who, number, here))
    except InvalidCommand as error:
        return person_answer(number, request, here, who, said_to(request, error), status=422)
    return _invited(request, here, link, "", f"/people/{number}")


@router.post("/people/{number}/rename")
def rename(number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Change the name that the chronology shows from now on."""
    name = text_in(form, "name")
    return _done(
        number, request, here, who, lambda session: accounts.rename(session, who.actor, number, name, here.now())
    )


@router.post("/people/{number}/role")
def change_role(number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Give somebody another role."""
    word = text_in(form, "role")
    return _done(
        number, request, here, who,
        lambda session: accounts.change_role(session, who.actor, number, role_named(word), here.now()),
    )  # fmt: skip


@router.post("/people/{number}/disable")
def disable(number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Shut somebody out."""
    reason, is_security = text_in(form, "reason"), text_in(form, "for") == "security"
    return _done(
        number, request, here, who,
        lambda session: accounts.disable(
            session, who.actor, number, here.now(), reason=reason, for_security=is_security
        ),
    )  # fmt: skip


@router.post("/people/{number}/enable")
def enable(number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Let somebody come in again."""
    return _done(number, request, here, who, lambda session: accounts.enable(session, who.actor, number, here.now()))


@router.post("/people/{number}/sessions/end")
def end_sessions(number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """End every session of a person."""
    return _done(
        number, request, here, who, lambda session: accounts.end_all_sessions(session, who.actor, number, here.now())
    )


@router.post("/people/{number}/sessions/{held}/end")
def end_session(number: Id, held: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """End one session of a person."""
    return _done(
        number, request, here, who, lambda session: accounts.end_session(session, who.actor, number, held, here.now())
    )


def _done(number: int, request: Request, here: Context, who: Who, work: Callable[[Session], object]) -> Response:
    try:
        here.database.write(work)
    except InvalidCommand as error:
        return person_answer(number, request, here, who, said_to(request, error), status=422)
    # Whoever changed their own role or ended their own sessions is asked to sign in by that page.
    return RedirectResponse(f"/people/{number}?done=recorded", 303)


@router.post("/tokens")
def add_token(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Make an API token and show it once."""
    typed = {name: text_in(form, name) for name in views.NEW_TOKEN}
    scopes = [one for one in form.getlist("scopes") if isinstance(one, str)]
    try:
        lasts, owner = _days(typed["days"]), _owner(typed["owner"])
        token = here.database.write(
            lambda session: tokens.add_token(
                session, who.actor, typed["name"], role_named(typed["role"]), here.now(), lasts=lasts,
                scopes=scopes, owner=owner, terms=here.token_terms,
            )
        )  # fmt: skip
    except InvalidCommand as error:
        return tokens_answer(request, here, who, typed, scopes, said_to(request, error), status=422)
    until = here.now() + (lasts or here.token_terms.usual)
    view = views.ShownOnce("token", typed["name"], token, until, "/tokens")
    return page(request, "shown_once.html", "people", view, status=201)


def _days(text: str) -> timedelta | None:
    if not text:
        return None
    if not text.isdecimal() or not text.isascii() or len(text) > 5:  # a hundred thousand days is mistyped
        raise InvalidCommand(N_("write the days as a number, such as 30"))
    return timedelta(days=int(text))


def _owner(text: str) -> int | None:
    if text and (not text.isdecimal() or not text.isascii() or len(text) > MOST_DIGITS):
        raise InvalidCommand(N_("choose the owner from the list"))
    return int(text) if text else None


@router.post("/tokens/{name}/revoke")
def revoke_token(name: str, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """End an API token at once."""
    try:
        here.database.write(lambda session: tokens.revoke_token(session, who.actor, name, here.now()))
    except InvalidCommand as error:
        return tokens_answer(request, here, who, error=said_to(request, error), status=422)
    return RedirectResponse("/tokens?done=recorded", 303)
