"""The part of the JSON API that is about who sees an incident. The counsel compartment is no part of it."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from breach_service.acts.seeing import compartments as acts
from breach_service.domain.access import Act, Standing
from breach_service.store import compartments, incidents
from breach_service.web.api import Moment, ReasonIn
from breach_service.web.context import Here, Who
from breach_service.web.needs import needs
from breach_service.web.seeing import note_shown, visibility_for

router = APIRouter(prefix="/api/v1")


class StandingOut(BaseModel):
    """How a person stands to an incident. Instants in UTC."""

    model_config = ConfigDict(from_attributes=True)
    person: int
    name: str
    standing: Standing
    by: str
    reason: str
    at: datetime
    until: datetime | None
    ended_at: datetime | None
    ended_by: str


class PeopleOut(BaseModel):
    """Who may see an incident."""

    reference: str
    is_restricted: bool
    people: list[StandingOut]
    """Oldest first; those that are over stay."""


@router.get("/incidents/{reference}/people", dependencies=[needs(Act.LOOK)])
def list_people(reference: str, request: Request, here: Here, who: Who) -> PeopleOut:
    """Who stands how to an incident."""
    with here.database.reading() as session:
        row = incidents.row_of(session, reference, visibility_for(who, here))
        lines = compartments.standings_of(session, row.id or 0)
    note_shown(here, who, request, [row.reference])
    return PeopleOut(
        reference=row.reference,
        is_restricted=row.is_restricted,
        people=[StandingOut.model_validate(one) for one in lines],
    )


class RestrictionIn(ReasonIn):
    """Who is named, and whom it concerns, by the numbers of their accounts; a person who does it is named besides."""

    model_config = ConfigDict(extra="forbid")
    named: list[int] = Field(default_factory=list, max_length=200)
    concerned: list[int] = Field(default_factory=list, max_length=200)


@router.post("/incidents/{reference}/restrict", status_code=204, dependencies=[needs(Act.RESTRICT)])
def restrict(reference: str, command: RestrictionIn, here: Here, who: Who) -> None:
    """Close an incident to all but named people."""
    here.database.write(
        lambda session: acts.restrict(
            session,
            who.actor,
            reference,
            command.named,
            command.concerned,
            command.reason,
            here.knowledge(),
            here.now(),
        )
    )


@router.post("/incidents/{reference}/open-again", status_code=204, dependencies=[needs(Act.RESTRICT)])
def open_again(reference: str, command: ReasonIn, here: Here, who: Who) -> None:
    """Let everybody who may look see an incident again."""
    here.database.write(
        lambda session: acts.open_again(
            session, who.actor, reference, command.reason, here.knowledge(), here.now()
        )
    )  # fmt: skip


class StandingIn(ReasonIn):
    """How a person is to stand to an incident; an inspection needs its end."""

    model_config = ConfigDict(extra="forbid")
    person: int
    standing: Standing
    until: Moment | None = None


@router.post("/incidents/{reference}/people", status_code=204, dependencies=[needs(Act.RESTRICT)])
def name_person(reference: str, command: StandingIn, here: Here, who: Who) -> None:
    """Name somebody, say that it concerns them, name them counsel, or choose the incident for their inspection."""
    here.database.write(
        lambda session: acts.name_person(
            session, who.actor, reference, command.person, command.standing, command.reason, here.knowledge(),
            here.now(), command.until,
        )
    )  # fmt: skip


class EndedIn(ReasonIn):
    """Who stands to an incident in a way no more."""

    model_config = ConfigDict(extra="forbid")
    person: int
    standing: Standing


@router.post("/incidents/{reference}/people/end", status_code=204, dependencies=[needs(Act.RESTRICT)])
def end_standing(reference: str, command: EndedIn, here: Here, who: Who) -> None:
    """End how somebody stands to an incident."""
    here.database.write(
        lambda session: acts.end_standing(
            session, who.actor, reference, command.person, command.standing, command.reason, here.now()
        )
    )


class SubstituteOut(BaseModel):
    """Who takes whose place. Instants in UTC."""

    model_config = ConfigDict(from_attributes=True)
    person: int
    name: str
    substitute: int
    substitute_name: str
    recorded_at: datetime
    recorded_by: str


@router.get("/substitutes", dependencies=[needs(Act.NAME_SUBSTITUTE)])
def list_substitutes(here: Here) -> list[SubstituteOut]:
    """Who takes whose place in an incident that concerns them, or when they are away."""
    with here.database.reading() as session:
        return [SubstituteOut.model_validate(one) for one in compartments.substitutes(session)]


class SubstituteIn(BaseModel):
    """A person and who takes their place; null for nobody."""

    model_config = ConfigDict(extra="forbid")
    person: int
    substitute: int | None


@router.post("/substitutes", status_code=204, dependencies=[needs(Act.NAME_SUBSTITUTE)])
def name_substitute(command: SubstituteIn, here: Here, who: Who) -> None:
    """Name who takes somebody's place from now on."""
    here.database.write(
        lambda session: acts.name_substitute(session, who.actor, command.person, command.substitute, here.now())
    )
