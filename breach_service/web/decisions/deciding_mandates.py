"""The page of the mandates: look, record one, revoke one."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts.decisions import mandates as acts
from breach_service.acts.decisions.mandates import DECIDING_ROLES, NewMandate
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act, MandateKind
from breach_service.errors import N_, InvalidCommand
from breach_service.store import deciding
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.forms import Posted, instant_in, text_in
from breach_service.web.needs import needs
from breach_service.web.rendered import may_of, page, said_to, zone_of
from breach_service.web.views.mandates import MANDATE_FIELDS, mandates_page

router = APIRouter(include_in_schema=False)


@router.get("/mandates", dependencies=[needs(Act.LOOK_AROUND)])
def list_mandates(request: Request, here: Here, who: Who) -> HTMLResponse:
    """Who decides for whom, where it is written, and what is not covered."""
    return _answer(request, here, who)


@router.post("/mandates", dependencies=[needs(Act.RECORD_MANDATE)])
def record_mandate(request: Request, here: Here, who: Who, form: Posted) -> Response:
    """Write a mandate down; the form again with what was typed where it cannot be taken."""
    typed = {name: text_in(form, name) for name in MANDATE_FIELDS}
    ticked = tuple(one for one in form.getlist("acts") if isinstance(one, str) and one)
    try:
        new = _mandate_in(form, ticked, zone_of(here))
        inventory, now = here.knowledge().inventory, here.now()
        here.database.write(lambda session: acts.record_mandate(session, who.actor, new, inventory, now))
    except InvalidCommand as error:
        return _answer(request, here, who, typed, ticked, said_to(request, error), 422)
    return RedirectResponse("/mandates?done=recorded", 303)


def _mandate_in(form: FormData, ticked: tuple[str, ...], zone: str) -> NewMandate:
    kind = text_in(form, "kind")
    if kind not in tuple(MandateKind):
        raise InvalidCommand(N_("say what it is: the legal representative, or a delegation"))
    known = {str(act): act for act in Act}
    if unknown := [one for one in ticked if one not in known]:
        raise InvalidCommand(N_("%(name)s is no decision"), name=unknown[0])
    return NewMandate(
        email=text_in(form, "email"), kind=MandateKind(kind), document=text_in(form, "document"),
        organisation=text_in(form, "organisation"), acts=frozenset(known[one] for one in ticked),
        granted_by=text_in(form, "granted_by"), from_at=_day_in(form, "from_at", zone),
        to_at=_day_in(form, "to_at", zone, is_last=True),
    )  # fmt: skip


def _day_in(form: FormData, name: str, zone: str, *, is_last: bool = False) -> datetime | None:
    """A local day as the instant at which it begins, or, for the last day of something, ends."""
    text = text_in(form, name)
    whole = {name: f"{text}T00:00" if text and "T" not in text else text}
    found = instant_in(whole, name, zone)
    return found + timedelta(days=1) if found is not None and is_last and "T" not in text else found


@router.post("/mandates/{number}/revoke", dependencies=[needs(Act.RECORD_MANDATE)])
def revoke_mandate(number: Id, here: Here, who: Who, form: Posted) -> Response:
    """End a mandate at once."""
    reason, now = text_in(form, "reason"), here.now()
    here.database.write(lambda session: acts.revoke_mandate(session, who.actor, number, reason, now))
    return RedirectResponse("/mandates?done=recorded", 303)


def _answer(
    request: Request, here: Context, who: SignedIn, typed: dict[str, str] | None = None, ticked: tuple[str, ...] = (),
    error: str = "", status: int = 200,
) -> HTMLResponse:  # fmt: skip
    inventory, now = here.knowledge().inventory, here.now()
    with here.database.reading() as session:
        found = deciding.mandates(session, active_only=False)
        covered = acts.covers(session, inventory.organisations, now)
        people = deciding.addresses_of(session, DECIDING_ROLES)
    view = mandates_page(
        found, covered, people, inventory, may_of(request), str(who.actor.role), now, typed, ticked, error
    )  # fmt: skip
    return page(request, "mandates.html", "mandates", view, status=status)
