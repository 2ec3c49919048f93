"""The JSON API of exercises."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from breach_service.acts import drills as acts
from breach_service.acts.drills import NewDrill
from breach_service.domain.access import Act
from breach_service.domain.drills import STORY_HOURS, Drill, DrillReport, Outcome, Scenario
from breach_service.store import drills
from breach_service.web.api import Words
from breach_service.web.context import Here, Who
from breach_service.web.drills.drill_seen import seen_report
from breach_service.web.needs import needs
from breach_service.web.seeing import note_shown, visibility_for

router = APIRouter(prefix="/api/v1/drills")
Name = Annotated[Words, Field(max_length=200)]
Text = Annotated[Words, Field(max_length=20_000)]


class ScenarioOut(BaseModel):
    """A scenario of `playbooks/drills/`."""

    id: str
    title: str
    hours: float
    """In how many hours the 72 are played, unless somebody says otherwise."""


class DrillOut(BaseModel):
    """An exercise. Instants in UTC."""

    reference: str
    scenario: str
    hours: float
    began_at: datetime
    ended_at: datetime | None
    delivered: int
    injects: int


class ExpectedOut(BaseModel):
    """One expectation and what became of it. Hours of the story since the exercise began."""

    expect: str
    title: str
    deed: str
    perimeter: str | None
    decision: str | None
    within_hours: float
    done_after_hours: float | None
    done: int
    of: int
    outcome: Outcome
    why: str


class RoleOut(BaseModel):
    """What was expected of one role."""

    role: str
    in_time: int
    expected: list[ExpectedOut]


class DrillReportOut(DrillOut):
    """How an exercise went, by role: no name of a person and none of a client stands in it."""

    hour: float
    """The hour of the story that the report is true for."""
    milestones: dict[str, float | None]
    roles: list[RoleOut]


class DrillIn(BaseModel):
    """An exercise to begin; `hours` None: as the scenario says; `systems` empty: the one that fits best."""

    model_config = ConfigDict(extra="forbid")
    scenario: Name
    hours: float | None = Field(default=None, gt=0)
    systems: list[Name] = Field(default_factory=list, max_length=50)


class StopIn(BaseModel):
    """Why an exercise is stopped; may be left empty."""

    model_config = ConfigDict(extra="forbid")
    reason: Text = ""


class BegunOut(BaseModel):
    """The reference of the incident of an exercise: EX-2026-0001."""

    reference: str


def scenario_out(one: Scenario, language: str) -> dict[str, Any]:
    """A scenario as plain values, for JSON."""
    return {"id": one.id, "title": one.title.in_language(language), "hours": one.lasts_hours}


def drill_out(one: Drill) -> dict[str, Any]:
    """An exercise as plain values, for JSON."""
    return {
        "reference": one.reference, "scenario": one.scenario.id, "hours": round(one.scale * STORY_HOURS, 4),
        "began_at": one.began_at, "ended_at": one.ended_at, "delivered": len(one.delivered),
        "injects": len(one.scenario.injects),
    }  # fmt: skip


def report_out(report: DrillReport, language: str) -> dict[str, Any]:
    """A report as plain values, for JSON."""
    roles = [
        {
            "role": role.role, "in_time": role.in_time,
            "expected": [
                {
                    "expect": one.expected.expect, "title": one.expected.title.in_language(language),
                    "deed": str(one.expected.deed), "perimeter": one.expected.perimeter,
                    "decision": one.expected.decision, "within_hours": one.expected.within_hours,
                    "done_after_hours": one.done_after, "done": one.done, "of": one.of, "outcome": str(one.outcome),
                    "why": one.expected.why.in_language(language),
                }
                for one in role.lines
            ],
        }
        for role in report.roles
    ]  # fmt: skip
    milestones = {str(deed): after for deed, after in report.milestones}
    return {**drill_out(report.drill), "hour": round(report.hour, 2), "milestones": milestones, "roles": roles}


@router.get("/scenarios", dependencies=[needs(Act.LOOK)])
def list_scenarios(here: Here, who: Who) -> list[ScenarioOut]:
    """What can be rehearsed."""
    found = here.knowledge().catalogue.drills
    return [ScenarioOut.model_validate(scenario_out(one, who.language)) for one in found]


@router.get("", dependencies=[needs(Act.LOOK)])
def list_drills(request: Request, here: Here, who: Who) -> list[DrillOut]:
    """Exercises, those that run first."""
    with here.database.reading() as session:
        found = drills.newest(session, visibility_for(who, here))
    note_shown(here, who, request, (one.reference for one in found))
    return [DrillOut.model_validate(drill_out(one)) for one in found]


@router.post("", dependencies=[needs(Act.RUN_DRILL)], status_code=201)
def begin_drill(command: DrillIn, here: Here, who: Who) -> BegunOut:
    """Begin an exercise; everybody is told by the channel."""
    new = NewDrill(command.scenario, command.hours, tuple(command.systems))
    reference = here.database.write(
        lambda session: acts.start_drill(session, who.actor, new, here.knowledge(), here.now())
    )
    return BegunOut(reference=reference)


@router.get("/{reference}", dependencies=[needs(Act.LOOK)])
def one_report(reference: str, request: Request, here: Here, who: Who) -> DrillReportOut:
    """The report of an exercise; while it runs, how far it is."""
    return DrillReportOut.model_validate(report_out(seen_report(here, who, request, reference), who.language))


@router.post("/{reference}/stop", dependencies=[needs(Act.RUN_DRILL)], status_code=204)
def stop_drill(reference: str, command: StopIn, here: Here, who: Who) -> None:
    """Stop an exercise."""
    here.database.write(
        lambda session: acts.stop_drill(
            session, who.actor, reference, command.reason, here.knowledge(), here.now()
        )
    )  # fmt: skip
