"""Who muted the reminders of an incident, until when and why: shown on its page, said by a form there or by the API."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from breach_service.acts import reminders as acts
from breach_service.acts.signing.signing_in import SignedIn
from breach_service.domain.access import Act, is_allowed
from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import OPEN_STATUSES
from breach_service.domain.reminders import Mute
from breach_service.errors import N_, InvalidCommand
from breach_service.store import reminders
from breach_service.web.api import Moment, Words
from breach_service.web.context import Context, Here, Who
from breach_service.web.forms import Posted, text_in
from breach_service.web.needs import needs
from breach_service.web.seeing import seen_dossier

router = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/v1")
HOURS = (1, 2, 4, 8, 12, 24, 48, 72)
"""For how long a form mutes."""


@dataclass(frozen=True)
class MutingView:
    """The context variable `muting` of `incident.html`."""

    mute: Mute | None
    hours: tuple[int, ...]
    """For how long the reader could mute; empty where they may not, or where nothing is open."""


def muting_of(here: Context, who: SignedIn, dossier: Dossier) -> MutingView | None:
    """Who muted the reminders of an incident; None where it is over."""
    if dossier.incident.status not in OPEN_STATUSES:
        return None
    with here.database.reading() as session:
        found = reminders.mute_of(session, dossier.incident.id, here.now())
    return MutingView(found, HOURS if is_allowed(who.actor, Act.MUTE_REMINDERS) else ())


@router.post("/incidents/{reference}/reminders/mute", dependencies=[needs(Act.MUTE_REMINDERS)])
def mute(reference: str, here: Here, who: Who, form: Posted) -> Response:
    """Mute for some hours from now."""
    chosen, now = text_in(form, "hours"), here.now()
    if chosen not in map(str, HOURS):
        raise InvalidCommand(N_("choose for how long reminders are muted"))
    until, reason = now + timedelta(hours=int(chosen)), text_in(form, "reason")
    here.database.write(lambda session: acts.mute_reminders(session, who.actor, reference, until, reason, now))
    return RedirectResponse(f"/incidents/{reference}?done=recorded", 303)


@router.post("/incidents/{reference}/reminders/unmute", dependencies=[needs(Act.MUTE_REMINDERS)])
def unmute(reference: str, here: Here, who: Who, form: Posted) -> Response:
    """End it now."""
    here.database.write(lambda session: acts.unmute_reminders(session, who.actor, reference, here.now()))
    return RedirectResponse(f"/incidents/{reference}?done=recorded", 303)


class MuteIn(BaseModel):
    """Until when (with its offset) and why."""

    model_config = ConfigDict(extra="forbid")
    until: Moment
    reason: Words = Field(min_length=1, max_length=2000)


class MuteOut(BaseModel):
    """Who muted the reminders of an incident. Instants in UTC."""

    model_config = ConfigDict(from_attributes=True)
    until: datetime
    reason: str
    by: str
    at: datetime


@api.get("/incidents/{reference}/reminders/mute", dependencies=[needs(Act.LOOK)])
def show_mute(reference: str, request: Request, here: Here, who: Who) -> MuteOut | None:
    """Who mutes the reminders of an incident now; null where nobody does."""
    dossier = seen_dossier(here, who, request, reference)
    with here.database.reading() as session:
        found = reminders.mute_of(session, dossier.incident.id, here.now())
    return MuteOut.model_validate(found) if found is not None else None


@api.post("/incidents/{reference}/reminders/mute", status_code=204, dependencies=[needs(Act.MUTE_REMINDERS)])
def mute_incident(reference: str, command: MuteIn, here: Here, who: Who) -> None:
    """Mute the reminders of an incident; what may wake and what is overdue is spoken of all the same."""
    here.database.write(
        lambda session: acts.mute_reminders(
            session, who.actor, reference, command.until, command.reason, here.now()
        )
    )  # fmt: skip


@api.post("/incidents/{reference}/reminders/unmute", status_code=204, dependencies=[needs(Act.MUTE_REMINDERS)])
def unmute_incident(reference: str, here: Here, who: Who) -> None:
    """End it now."""
    here.database.write(lambda session: acts.unmute_reminders(session, who.actor, reference, here.now()))
