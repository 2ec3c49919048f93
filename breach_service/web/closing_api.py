"""The part of the JSON API that is about closing: what is proposed for it, and closing many in one act."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from breach_service.acts import closing
from breach_service.acts.closing import MOST_AT_ONCE, BulkClosing, Closing, ManyClosed
from breach_service.domain.access import Act
from breach_service.domain.closing import ClosingReason, Proposal, proposals
from breach_service.store import closing as stored
from breach_service.web.api import Words
from breach_service.web.context import Here, Who
from breach_service.web.needs import needs
from breach_service.web.seeing import note_shown, visibility_for

router = APIRouter(prefix="/api/v1")
Reason = Annotated[Words, Field(max_length=2000)]
Reference = Annotated[Words, Field(max_length=100)]


class ProposalOut(BaseModel):
    """An incident that is proposed for closing, and why. Instants in UTC."""

    reference: str
    title: str
    status: str
    personal_data: str
    cause: str
    """`all_resolved` or `silent_for_7_days`."""
    since: datetime
    """When its last alert was seen."""
    goes_in_bulk: bool
    """False where it is only closed with a reason and a confirmation of its own."""
    cautions: list[str]


def proposal_out(one: Proposal) -> ProposalOut:
    """A proposal as JSON."""
    return ProposalOut(
        reference=one.incident.reference,
        title=one.incident.title,
        status=one.incident.status,
        personal_data=one.personal_data,
        cause=one.cause,
        since=one.since,
        goes_in_bulk=one.goes_in_bulk,
        cautions=[str(each) for each in one.cautions],
    )


@router.get("/incidents/closable", dependencies=[needs(Act.LOOK)])
def list_closable(request: Request, here: Here, who: Who) -> list[ProposalOut]:
    """What is proposed for closing, longest silent first; what needs a reason of its own comes last."""
    now = here.now()
    with here.database.reading() as session:
        found = [proposal_out(one) for one in proposals(stored.closable(session, now, visibility_for(who, here)), now)]
    note_shown(here, who, request, (one.reference for one in found))
    return found


class OneClosingIn(BaseModel):
    """One incident, with its own reason where it has one; `confirmed` where it is confirmed by itself."""

    model_config = ConfigDict(extra="forbid")
    reference: Reference
    reason_kind: ClosingReason | None = None
    reason: Reason = ""
    confirmed: bool = False
    duplicate_of: Reference = ""


class ManyClosingIn(BaseModel):
    """Incidents that are proposed for closing, and the reason of those that have none of their own."""

    model_config = ConfigDict(extra="forbid")
    incidents: list[OneClosingIn] = Field(min_length=1, max_length=MOST_AT_ONCE)
    reason_kind: ClosingReason | None = None
    reason: Reason = ""
    duplicate_of: Reference = ""


class RefusedOut(BaseModel):
    """An incident that stays open, and why."""

    reference: str
    why: str
    """A code of `StaysOpen`."""
    reason: str
    """The same as a sentence."""


class ManyClosedOut(BaseModel):
    """What was closed, and what was not."""

    closed: list[str]
    refused: list[RefusedOut]


def many_closed_out(done: ManyClosed) -> ManyClosedOut:
    """The outcome of a bulk act as JSON."""
    refused = [RefusedOut(reference=one.reference, why=one.why, reason=one.sentence) for one in done.refused]
    return ManyClosedOut(closed=list(done.closed), refused=refused)


@router.post("/incidents/close", dependencies=[needs(Act.QUALIFY)])
def close_many(command: ManyClosingIn, here: Here, who: Who) -> ManyClosedOut:
    """Close what is proposed for closing in one act; what cannot be closed is named with the reason."""
    wanted = BulkClosing(
        [
            Closing(one.reference, one.reason, one.reason_kind, one.confirmed, one.duplicate_of)
            for one in command.incidents
        ],
        command.reason_kind, command.reason, command.duplicate_of,
    )  # fmt: skip
    return many_closed_out(
        here.database.write(
            lambda session: closing.close_many(session, who.actor, wanted, here.knowledge(), here.now())
        )
    )
