"""The part of the JSON API that is about calls: who is woken because of an incident, and who answered."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel

from breach_service.acts.on_call import calls as acts
from breach_service.domain.access import Act
from breach_service.domain.waking import CallEnd, CallState, Stage, WakeReason
from breach_service.web.context import Here, Who
from breach_service.web.needs import needs
from breach_service.web.on_call.call_pages import lines_for
from breach_service.web.seeing import note_shown
from breach_service.web.views.calls import CallLine

router = APIRouter(prefix="/api/v1")


class MessageOut(BaseModel):
    """One message: to whom, by which way, and what became of it."""

    to: str
    """Name of a person, a pager or a channel of the team."""
    is_person: bool
    way: str
    outcome: str
    """`sent`, `waiting`, `failed` (it is tried again), `given_up`, or `unreachable`: the person has no way."""


class StepOut(BaseModel):
    """One step of a call. Instant in UTC."""

    number: int
    stage: Stage
    at: datetime
    messages: list[MessageOut]


class CallOut(BaseModel):
    """A call. Instants in UTC."""

    id: int
    incident: str
    """Reference."""
    reason: WakeReason
    state: CallState
    began_at: datetime
    next_at: datetime | None
    """When the next ones are called; null where nobody is called any more."""
    acknowledged_at: datetime | None
    acknowledged_by: str
    ended_at: datetime | None
    end: CallEnd | None
    is_drill: bool
    steps: list[StepOut]
    """In order."""


class Acknowledged(BaseModel):
    """How many calls were answered."""

    calls: int


@router.get("/calls", dependencies=[needs(Act.LOOK)])
def list_calls(request: Request, here: Here, who: Who) -> list[CallOut]:
    """The latest calls of the incidents that are seen, newest first."""
    lines = lines_for(here, who)
    note_shown(here, who, request, (one.reference for one in lines))
    return [call_out(one) for one in lines]


@router.post("/incidents/{reference}/calls/acknowledge", dependencies=[needs(Act.ANSWER_CALL)])
def acknowledge(reference: str, here: Here, who: Who) -> Acknowledged:
    """Say that one is there: nobody else is called for what calls now; a date that comes later calls again."""
    now = here.now()
    return Acknowledged(calls=here.database.write(lambda session: acts.acknowledge(session, who.actor, reference, now)))


def call_out(one: CallLine) -> CallOut:
    """A call as JSON."""
    steps = [
        StepOut(
            number=step.number, stage=step.stage, at=step.at,
            messages=[
                MessageOut(to=reached.name, is_person=reached.is_person, way=told.way, outcome=told.outcome)
                for reached in step.reached
                for told in reached.told
            ],
        )
        for step in reversed(one.steps)
    ]  # fmt: skip
    return CallOut(
        id=one.number, incident=one.reference, reason=one.reason, state=one.state, began_at=one.began_at,
        next_at=one.next_at, acknowledged_at=one.acknowledged_at, acknowledged_by=one.acknowledged_by,
        ended_at=one.ended_at, end=one.end, is_drill=one.is_drill, steps=steps,
    )  # fmt: skip
