"""Exercises: begin one, stop it. What arrives meanwhile is the worker's."""

from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.rows import visibility_of
from breach_service.domain.access import Act, Actor
from breach_service.domain.drills import SHORTEST_HOURS, STORY_HOURS, Scenario, scale_for, systems_for
from breach_service.errors import N_, InvalidCommand, NotFound
from breach_service.pipeline.exercising import begin_drill, end_drill
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import drills
from breach_service.store.database import Session, lock_placing


@dataclass(frozen=True)
class NewDrill:
    """An exercise to begin. `hours`: in how many the 72 hours are played, None as the scenario says."""

    scenario: str
    hours: float | None = None
    systems: tuple[str, ...] = ()
    """Ids of the inventory; empty: the one that fits the scenario best."""


def start_drill(session: Session, actor: Actor, command: NewDrill, knowledge: Knowledge, now: datetime) -> str:
    """Begin an exercise: an incident of the series EX, with scaled terms; its reference."""
    authorise(actor, Act.RUN_DRILL)
    scenario = scenario_named(command.scenario, knowledge)
    hours = scenario.lasts_hours if command.hours is None else command.hours
    try:
        scale = scale_for(hours)
    except ValueError as error:
        raise InvalidCommand(
            N_("an exercise takes from %(least)s to %(most)s hours, not %(given)s"),
            least=SHORTEST_HOURS, most=STORY_HOURS, given=hours,
        ) from error  # fmt: skip
    unknown = [one for one in command.systems if knowledge.inventory.system(one) is None]
    if unknown:
        raise InvalidCommand(
            N_("%(names)s is not a system of the inventory: leave it empty if you do not know"), names=unknown
        )
    systems = command.systems or systems_for(scenario.concerned, knowledge.inventory, knowledge.organisation)
    lock_placing(session)
    return begin_drill(session, scenario, scale, systems, actor.name, knowledge, now)


def scenario_named(name: str, knowledge: Knowledge) -> Scenario:
    """The scenario of that id; NotFound says which there are."""
    found = next((one for one in knowledge.catalogue.drills if one.id == name), None)
    if found is None:
        known = [one.id for one in knowledge.catalogue.drills]
        raise NotFound(
            N_("there is no scenario %(name)s: playbooks/drills holds %(known)s"), name=name, known=known or ["-"]
        )
    return found


def stop_drill(
    session: Session, actor: Actor, reference: str, reason: str, knowledge: Knowledge, now: datetime
) -> None:  # fmt: skip
    """Stop an exercise: its incident is closed, nothing arrives or falls due in it any more."""
    authorise(actor, Act.RUN_DRILL)
    lock_placing(session)
    drill = drills.one(session, reference, visibility_of(actor, now))
    if not drill.is_running:
        raise InvalidCommand(N_("the exercise %(reference)s is over already"), reference=drill.reference)
    end_drill(session, drill, actor.name, reason, knowledge, now)
