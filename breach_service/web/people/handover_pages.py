"""Leaving: what rests on a person, whom it is handed to; and taking it on."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from breach_service.acts.people import account_list, accounts, handover
from breach_service.acts.people.account_list import AccountState
from breach_service.domain.access import Act, UserRole
from breach_service.errors import InvalidCommand
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.forms import MOST_DIGITS, Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import page, said_to
from breach_service.web.views import handover as views

router = APIRouter(include_in_schema=False)


@router.get("/people/{number}/leave", dependencies=[needs(Act.MANAGE_PEOPLE)])
def show_leaving(number: Id, request: Request, here: Here, who: Who) -> HTMLResponse:
    """What rests on a person, and what became of it."""
    return _leaving(number, request, here, who)


@router.post("/people/{number}/leave", dependencies=[needs(Act.MANAGE_PEOPLE)])
def leave(number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Let somebody leave for good; refused while something rests on them."""
    reason = text_in(form, "reason")
    try:
        here.database.write(
            lambda session: accounts.disable(
                session, who.actor, number, here.now(), reason=reason, for_security=False
            )
        )  # fmt: skip
    except InvalidCommand as error:
        return _leaving(number, request, here, who, reason=reason, error=said_to(request, error), status=422)
    return RedirectResponse(f"/people/{number}?done=changed", 303)


@router.post("/people/{number}/handover", dependencies=[needs(Act.MANAGE_PEOPLE)])
def start(number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Offer the open work of a person to a successor."""
    chosen, reason = text_in(form, "successor"), text_in(form, "reason")
    successor = int(chosen) if chosen.isdecimal() and len(chosen) <= MOST_DIGITS else 0
    try:
        here.database.write(
            lambda session: handover.start_handover(session, who.actor, number, successor, reason, here.now())
        )
    except InvalidCommand as error:
        return _leaving(
            number, request, here, who, successor=successor, reason=reason, error=said_to(request, error), status=422
        )  # fmt: skip
    return RedirectResponse(f"/people/{number}/leave?done=recorded", 303)


def _leaving(
    number: int, request: Request, here: Context, who: Who, *, successor: int | None = None, reason: str = "",
    error: str = "", status: int = 200,
) -> HTMLResponse:  # fmt: skip
    now = here.now()
    with here.database.reading() as session:
        row = accounts.account_of(session, who.actor, number)
        work = handover.open_work_of(session, number, now)
        offers = handover.offers_of(session, who.actor, number)
        everything = [*work.items, *(item for one in offers for item in one.work)]
        seen = handover.seen_of(session, who.actor, everything, now)
        there = account_list.list_accounts(session, who.actor, now)
        person = (number, row.name, UserRole(row.role), row.disabled_at is not None)
    candidates = [(one.number, one.name, one.role) for one in there if one.state is not AccountState.DISABLED]
    view = views.leave_page(
        person, work, offers, seen, candidates, successor=successor, reason=reason, error=error
    )  # fmt: skip
    return page(request, "leave.html", "people", view, status=status)


@router.get("/account/handover", dependencies=[needs(Act.KEEP_OWN_ACCOUNT)])
def show_offers(request: Request, here: Here, who: Who) -> HTMLResponse:
    """What waits for the reader to accept it."""
    return _offers(request, here, who)


@router.post("/account/handover/{number}/accept", dependencies=[needs(Act.KEEP_OWN_ACCOUNT)])
def accept(number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Take on what was handed over."""
    try:
        here.database.write(lambda session: handover.accept(session, who.actor, number, here.now()))
    except InvalidCommand as error:
        return _offers(request, here, who, error=said_to(request, error), status=422)
    return RedirectResponse("/account/handover?done=recorded", 303)


@router.post("/account/handover/{number}/withdraw", dependencies=[needs(Act.KEEP_OWN_ACCOUNT)])
def withdraw(number: Id, request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Decline what was handed over, or take an offer back; an administrator goes back to whose work it is."""
    reason, back = text_in(form, "reason"), text_in(form, "person")
    try:
        here.database.write(lambda session: handover.withdraw(session, who.actor, number, reason, here.now()))
    except InvalidCommand as error:
        return _offers(request, here, who, error=said_to(request, error), status=422)
    is_number = back.isdecimal() and len(back) <= MOST_DIGITS
    target = f"/people/{int(back)}/leave" if is_number else "/account/handover"
    return RedirectResponse(f"{target}?done=recorded", 303)


def _offers(request: Request, here: Context, who: Who, *, error: str = "", status: int = 200) -> HTMLResponse:
    now = here.now()
    with here.database.reading() as session:
        offers = handover.offers_to(session, who.actor)
        seen = handover.seen_of(session, who.actor, (item for one in offers for item in one.work), now)
    return page(request, "handover.html", "", views.handover_page(offers, seen, error), status=status)
