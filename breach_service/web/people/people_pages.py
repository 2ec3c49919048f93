"""The pages of the administrators: everybody, one person with their sessions and tokens, and the API tokens."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from breach_service.acts.people import account_list, tokens
from breach_service.acts.people.account_list import AccountState
from breach_service.acts.telling import MAIL
from breach_service.domain.access import Act
from breach_service.store import outbox
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.needs import needs
from breach_service.web.rendered import page
from breach_service.web.views import people as views

router = APIRouter(include_in_schema=False, dependencies=[needs(Act.MANAGE_PEOPLE)])
DAY = timedelta(days=1)


@router.get("/people")
def list_people(request: Request, here: Here, who: Who) -> HTMLResponse:
    """Everybody who has an account."""
    return people_answer(request, here, who)


def people_answer(
    request: Request, here: Context, who: Who, typed: Mapping[str, str] | None = None, error: str = "",
    status: int = 200,
) -> HTMLResponse:  # fmt: skip
    """The page of everybody; the form as it was typed, where it could not be taken."""
    with here.database.reading() as session:
        rows = account_list.list_accounts(session, who.actor, here.now())
        waiting = outbox.pending(session).get(MAIL)
    view = views.people_page(
        rows, has_mail=here.has_mail, waiting=waiting[0] if waiting else 0, typed=typed, error=error
    )
    return page(request, "people.html", "people", view, status=status)


@router.get("/people/{number}")
def show_person(number: Id, request: Request, here: Here, who: Who) -> HTMLResponse:
    """One person: role, sessions, tokens, and what an administrator can do."""
    return person_answer(number, request, here, who)


def person_answer(
    number: int, request: Request, here: Context, who: Who, error: str = "", status: int = 200
) -> HTMLResponse:
    """The page of one person, with the sentence of an act that could not be done."""
    now = here.now()
    with here.database.reading() as session:
        one, sessions = account_list.one_account(session, who.actor, number, now)
        owned = tokens.list_tokens(session, who.actor, now, owner=number)
    view = views.person_page(
        one, sessions, owned, is_self=who.actor.person == number, has_mail=here.has_mail, error=error
    )
    return page(request, "person.html", "people", view, status=status)


@router.get("/tokens")
def list_tokens(request: Request, here: Here, who: Who) -> HTMLResponse:
    """Every API token."""
    return tokens_answer(request, here, who)


def tokens_answer(
    request: Request, here: Context, who: Who, typed: Mapping[str, str] | None = None, scopes: Iterable[str] = (),
    error: str = "", status: int = 200,
) -> HTMLResponse:  # fmt: skip
    """The page of the tokens; the form as it was typed, where it could not be taken."""
    now = here.now()
    with here.database.reading() as session:
        rows = tokens.list_tokens(session, who.actor, now)
        people = account_list.list_accounts(session, who.actor, now)
    owners = [(one.number, one.name) for one in people if one.state is not AccountState.DISABLED]
    days = here.token_terms.usual / DAY, here.token_terms.longest / DAY
    view = views.tokens_page(rows, owners, days, typed=typed, scopes=scopes, error=error)
    return page(request, "tokens.html", "people", view, status=status)
