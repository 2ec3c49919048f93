"""“I do not know yet”: who finds out the answer to a question, and by when."""

from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.rows import begin_assessing, id_of, open_row
from breach_service.domain.access import Act, Actor
from breach_service.domain.incident import EntryKind
from breach_service.errors import N_, Code, InvalidCommand
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import timeline
from breach_service.store.database import Session, lock_placing

LONGEST_NAME = 160


@dataclass(frozen=True)
class AssignCommand:
    """Somebody finds out the answer by an aware instant. `who` is a name: a colleague needs no account for it."""

    fact: str
    who: str
    due_at: datetime
    note: str = ""


def assign_question(
    session: Session, actor: Actor, reference: str, command: AssignCommand, knowledge: Knowledge, now: datetime
) -> None:
    """Say who finds out the answer to a question; a later word on the same question goes before."""
    authorise(actor, Act.RECORD_FACT)
    lock_placing(session)
    row = open_row(session, reference, actor, now)
    known = knowledge.catalogue.facts.get(command.fact)
    if known is None or known.question is None:
        raise InvalidCommand(N_("%(fact)s is no question"), fact=Code(command.fact))
    who = " ".join(command.who.split())
    if not who or len(who) > LONGEST_NAME:
        raise InvalidCommand(N_("say who finds out: a name of at most %(most)s characters"), most=LONGEST_NAME)
    if command.due_at.tzinfo is None or command.due_at <= now:
        raise InvalidCommand(N_("say by when: an instant that is still to come"))
    words = {
        "fact": command.fact,
        "person": who,
        "until": command.due_at.isoformat(),
        "reason": command.note.strip(),
    }
    timeline.write_entry(session, id_of(row), now, EntryKind.QUESTION_ASSIGNED, actor.name, words)
    begin_assessing(session, row, actor, now)
