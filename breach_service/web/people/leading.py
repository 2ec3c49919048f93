"""Who leads an incident: shown on its page, said by a form there or by the API."""

from dataclasses import dataclass

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from breach_service.acts.people import leading as acts
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act, is_allowed
from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import OPEN_STATUSES
from breach_service.errors import N_, InvalidCommand
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import MOST_DIGITS, Posted, text_in
from breach_service.web.needs import needs

router = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/v1")


@dataclass(frozen=True)
class LeadView:
    """The context variable `lead` of `incident.html`."""

    name: str
    """Who leads; empty where nobody does."""
    number: int | None
    choices: tuple[tuple[int, str], ...]
    """Who can be chosen; empty where the reader may choose nobody."""


def lead_of(here: Context, who: SignedIn, dossier: Dossier) -> LeadView:
    """Who leads an incident, and whom the reader could choose."""
    now, is_open = here.now(), dossier.incident.status in OPEN_STATUSES
    with here.database.reading() as session:
        held = acts.leader_of(session, dossier.incident.id)
        may_choose = is_open and is_allowed(who.actor, Act.LEAD)
        choices = acts.can_lead(session, dossier.incident.id, now) if may_choose else []
    number, name = held if held is not None else (None, "")
    return LeadView(name, number, tuple(choices))


@router.post("/incidents/{reference}/lead", dependencies=[needs(Act.LEAD)])
def choose_lead(reference: str, here: Here, who: Who, form: Posted) -> Response:
    """Say who leads, or that nobody does any more."""
    chosen = text_in(form, "person")
    if chosen and (not chosen.isdecimal() or len(chosen) > MOST_DIGITS):
        raise InvalidCommand(N_("choose who leads"))
    person = int(chosen) if chosen else None
    here.database.write(lambda session: acts.lead(session, who.actor, reference, person, here.now()))
    return RedirectResponse(f"/incidents/{reference}?done=recorded", 303)


class LeadIn(BaseModel):
    """Who leads, by the number of the account; null for nobody any more."""

    person: int | None = Field(ge=1, le=2**63 - 1)


@api.post("/incidents/{reference}/lead", status_code=204, dependencies=[needs(Act.LEAD)])
def lead_incident(reference: str, command: LeadIn, here: Here, who: Who) -> None:
    """Say who leads an open incident."""
    here.database.write(lambda session: acts.lead(session, who.actor, reference, command.person, here.now()))
