"""What every act on a plan begins with: the incident as somebody may work on it, and its plan as it stands."""

from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.rows import begin_assessing, id_of, incident_of, open_row
from breach_service.domain.access import Act, Actor
from breach_service.domain.incident import OPEN_STATUSES, IncidentStatus
from breach_service.domain.playbook import PlannedStep, Situation
from breach_service.errors import N_, Code, InvalidCommand, NotFound
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.judging import judge
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.planning import plan_for
from breach_service.store.database import Session, lock_placing
from breach_service.store.tables import IncidentRow

LONGEST_TITLE = 300
LONGEST_WORDS = 4000
"""Characters of a result, a reason or an explanation."""


@dataclass(frozen=True)
class Held:
    """An incident whose plan somebody works on."""

    row: IncidentRow
    situation: Situation

    @property
    def id(self) -> int:
        """The number of its row."""
        return id_of(self.row)

    def step(self, name: str) -> PlannedStep:
        """A step of the plan, left out or not; NotFound where there is none of that name."""
        for one in (*self.situation.plan.steps, *self.situation.plan.left_out):
            if one.name == name:
                return one
        raise NotFound(N_("the plan of %(reference)s has no step %(name)s"), reference=self.row.reference, name=name)


def held_plan(session: Session, actor: Actor, reference: str, knowledge: Knowledge, now: datetime) -> Held:
    """The incident and its plan. A closed one can be worked on: reviews come afterwards.

    NotAllowed by role, NotFound where it is not seen, InvalidCommand where it was dismissed or merged.
    """
    authorise(actor, Act.WORK_PLAYBOOK)
    lock_placing(session)
    row = incident_of(session, reference, actor, now)
    if row.status not in OPEN_STATUSES and row.status != IncidentStatus.CLOSED:
        raise InvalidCommand(
            N_("%(reference)s is %(status)s: its plan is worked on no more"),
            reference=row.reference,
            status=Code(row.status),
        )
    dossier = dossier_of(session, row.reference, knowledge, now=now)
    return Held(row, plan_for(session, dossier, knowledge))


def taken_up(session: Session, held: Held, actor: Actor, knowledge: Knowledge, now: datetime) -> None:
    """Note that somebody is at work on an open incident, and judge it again."""
    if held.row.status in OPEN_STATUSES:
        begin_assessing(session, open_row(session, held.row.reference, actor, now), actor, now)
        judge(session, held.id, knowledge, now)


def bounded(text: str, longest: int = LONGEST_WORDS) -> str:
    """A text without the white space around it; InvalidCommand where it is too long to be read by anybody."""
    if len(text.strip()) > longest:
        raise InvalidCommand(N_("at most %(longest)s characters: say it shorter"), longest=longest)
    return text.strip()


def needed_reason(text: str) -> str:
    """A reason; InvalidCommand where none is given."""
    if not text.strip():
        raise InvalidCommand(N_("give the reason: whoever reads the plan later must understand it"))
    return bounded(text)
