"""The part of the JSON API that is about two incidents being one."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from breach_service.acts import merging as acts
from breach_service.domain.access import Act
from breach_service.store import alerts, incidents, merging
from breach_service.web.api import ReasonIn, Words
from breach_service.web.context import Here, Id, Who
from breach_service.web.needs import needs
from breach_service.web.seeing import note_shown, visibility_for
from breach_service.web.views.merging import shared_by

router = APIRouter(prefix="/api/v1")


class SharedOut(BaseModel):
    """What alerts of both incidents name: `system` or the kind of thing, and its values."""

    kind: str
    values: list[str]


class ProposalOut(BaseModel):
    """A proposal that two incidents are one. Instants in UTC."""

    id: int
    other: str
    """The reference of the other incident."""
    title: str
    status: str
    proposed_at: datetime
    decision: str | None
    """Null while a person must decide; merged, kept_apart, or moved (with one of the two, into a third)."""
    decided_at: datetime | None
    shared: list[SharedOut]


@router.get("/incidents/{reference}/merge-proposals", dependencies=[needs(Act.LOOK)])
def list_proposals(reference: str, request: Request, here: Here, who: Who) -> list[ProposalOut]:
    """Every proposal about an incident, decided ones included, oldest first."""
    knowledge = here.knowledge()
    grouping, inventory = knowledge.catalogue.grouping, knowledge.inventory
    with here.database.reading() as session:
        seen = visibility_for(who, here)
        incident = incidents.incident_of(incidents.row_of(session, reference, seen))
        ours = (incident, alerts.episodes_of(session, incident.id))
        found = [
            ProposalOut(
                id=one.id,
                other=one.other.reference,
                title=one.other.title,
                status=one.other.status,
                proposed_at=one.proposed_at,
                decision=one.decision or None,
                decided_at=one.decided_at,
                shared=[
                    SharedOut(kind=two.kind, values=list(two.values))
                    for two in shared_by(
                        ours, (one.other, alerts.episodes_of(session, one.other.id)), grouping, inventory, who.language
                    )
                ],
            )
            for one in merging.proposals_of(session, incident.id, seen)
        ]
    note_shown(here, who, request, (incident.reference, *(one.other for one in found)))
    return found


class MergeIn(ReasonIn):
    """Which incident goes on, and why the two are one."""

    into: Words = Field(min_length=1, max_length=40)


@router.post("/incidents/{reference}/merge", status_code=204, dependencies=[needs(Act.MERGE)])
def merge(reference: str, command: MergeIn, here: Here, who: Who) -> None:
    """Merge an incident into another one; all of it goes on there."""
    here.database.write(
        lambda session: acts.merge(
            session, who.actor, reference, command.into, command.reason, here.knowledge(), here.now()
        )
    )


@router.post(
    "/incidents/{reference}/merge-proposals/{number}/decline", status_code=204, dependencies=[needs(Act.MERGE)]
)
def decline(reference: str, number: Id, command: ReasonIn, here: Here, who: Who) -> None:
    """Say that the two incidents are not one; the pair is not proposed again."""
    here.database.write(
        lambda session: acts.keep_apart(session, who.actor, reference, number, command.reason, here.now())
    )
