"""The part of the JSON API that is about measures."""

from datetime import date

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from breach_service.acts.work import measures as acts
from breach_service.acts.work.measures import NewMeasure
from breach_service.domain.access import Act
from breach_service.domain.measures import Audience, MeasureOrder, MeasureState, in_order, today_in
from breach_service.store import measures
from breach_service.web.api import Words
from breach_service.web.context import Here, Id, Who
from breach_service.web.needs import needs
from breach_service.web.rendered import zone_of
from breach_service.web.seeing import note_shown, seen_dossier, visibility_for
from breach_service.web.work.measure_out import MeasureOut, measure_out

router = APIRouter(prefix="/api/v1")


class MeasureIn(BaseModel):
    """A measure: what is done, by whom and until when; with an outcome it was done already."""

    model_config = ConfigDict(extra="forbid")
    what: Words = Field(min_length=1, max_length=acts.MOST_LETTERS)
    owner: Words = Field("", max_length=200)
    """Who answers for it, where they have no account."""
    owner_id: int | None = Field(None, ge=1, le=2**63 - 1)
    due_on: date | None = None
    kind: Words = Field("", max_length=100)
    perimeter: Words = Field("", max_length=200)
    audience: Audience = Audience.AUTHORITY
    is_follow_up: bool = False
    outcome: Words = Field("", max_length=4000)
    done_on: date | None = None


class ChangeIn(BaseModel):
    """What a measure is from now on."""

    model_config = ConfigDict(extra="forbid")
    what: Words = Field(min_length=1, max_length=acts.MOST_LETTERS)
    owner: Words = Field("", max_length=200)
    owner_id: int | None = Field(None, ge=1, le=2**63 - 1)
    due_on: date | None = None
    kind: Words = Field("", max_length=100)
    perimeter: Words = Field("", max_length=200)
    audience: Audience = Audience.AUTHORITY
    revision: int = Field(0, ge=0, le=2**31 - 1)
    """The one that was looked at; 0 does not ask whether somebody has changed it since."""


class SettlingIn(BaseModel):
    """What came of a measure: its result, or why it is dropped or to be done again."""

    model_config = ConfigDict(extra="forbid")
    state: MeasureState
    outcome: Words = Field(min_length=1, max_length=4000)
    settled_on: date | None = None


class Planned(BaseModel):
    """The number of a measure."""

    id: int


@router.get("/measures", dependencies=[needs(Act.LOOK)])
def list_open_measures(
    request: Request, here: Here, who: Who, order: MeasureOrder = MeasureOrder.DUE, overdue: bool = False
) -> list[MeasureOut]:
    """The open measures of all incidents that are seen."""
    today = today_in(zone_of(here), here.now())
    with here.database.reading() as session:
        found = measures.open_measures(session, visibility_for(who, here), due_before=today if overdue else None)
    note_shown(here, who, request, (one.reference for one in found))
    references = {one.measure.id: one.reference for one in found}
    ordered = in_order((one.measure for one in found), order)
    return [measure_out(one, references[one.id], today) for one in ordered]


@router.get("/incidents/{reference}/measures", dependencies=[needs(Act.LOOK)])
def list_measures(reference: str, request: Request, here: Here, who: Who) -> list[MeasureOut]:
    """The measures of an incident, in the order in which they were planned."""
    dossier = seen_dossier(here, who, request, reference)
    today = today_in(dossier.organisation.zone, here.now())
    return [measure_out(one, dossier.incident.reference, today) for one in dossier.measures]


@router.post("/incidents/{reference}/measures", status_code=201, dependencies=[needs(Act.MANAGE_MEASURES)])
def plan_measure(reference: str, command: MeasureIn, here: Here, who: Who) -> Planned:
    """Plan a measure, or write down one that was taken already."""
    now, wanted = here.now(), NewMeasure(**command.model_dump())
    today = today_in(zone_of(here), now)
    number = here.database.write(
        lambda session: acts.plan_measure(session, who.actor, reference, wanted, here.knowledge(), now, today)
    )
    return Planned(id=number)


@router.put("/incidents/{reference}/measures/{number}", status_code=204, dependencies=[needs(Act.MANAGE_MEASURES)])
def change_measure(reference: str, number: Id, command: ChangeIn, here: Here, who: Who) -> None:
    """Change what is planned; the chronology says what it was."""
    now, wanted = here.now(), NewMeasure(**command.model_dump())
    today = today_in(zone_of(here), now)
    here.database.write(
        lambda session: acts.change_measure(session, who.actor, reference, number, wanted, here.knowledge(), now, today)
    )


@router.post(
    "/incidents/{reference}/measures/{number}/settle", status_code=204, dependencies=[needs(Act.MANAGE_MEASURES)]
)
def settle_measure(reference: str, number: Id, command: SettlingIn, here: Here, who: Who) -> None:
    """Say that a measure is done, dropped, or to be done again."""
    now = here.now()
    today = today_in(zone_of(here), now)
    here.database.write(
        lambda session: acts.settle_measure(
            session, who.actor, reference, number, command.state, command.outcome, now, today, command.settled_on
        )
    )
