"""What people say of a step: that it is done, that it does not apply here, that it is open again."""

from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.playbooks.plan_rows import LONGEST_TITLE, bounded, held_plan, needed_reason, taken_up
from breach_service.acts.rows import refuse_future
from breach_service.domain.access import Actor
from breach_service.domain.incident import EntryKind
from breach_service.domain.playbook import PlannedStep, StepRecord, StepState
from breach_service.errors import N_, InvalidCommand
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import playbooks, timeline
from breach_service.store.database import Session


@dataclass(frozen=True)
class StepCommand:
    """Where a step stands. `done_at` is an aware instant, None for now; `done_by` is empty for whoever says it."""

    step: str
    state: StepState
    result: str = ""
    """What came of it; the reason where it does not apply or is open again."""
    done_by: str = ""
    done_at: datetime | None = None


def record_step(
    session: Session, actor: Actor, reference: str, command: StepCommand, knowledge: Knowledge, now: datetime
) -> None:
    """Write down where a step stands; what was written before stays, and this one counts from now on."""
    held = held_plan(session, actor, reference, knowledge, now)
    planned = held.step(command.step)
    record = _record(planned, command, actor, now)
    playbooks.add_record(session, held.id, record)
    timeline.write_entry(session, held.id, now, EntryKind.STEP_RECORDED, actor.name, _words(record))
    taken_up(session, held, actor, knowledge, now)


def _record(planned: PlannedStep, command: StepCommand, actor: Actor, now: datetime) -> StepRecord:
    is_done = command.state is StepState.DONE
    if not is_done and planned.state is command.state:
        raise InvalidCommand(N_("nothing changes: the step stands like this already"))
    result = bounded(command.result) if is_done else needed_reason(command.result)
    refuse_future(now, done_at=command.done_at)
    return StepRecord(
        step=planned.step,
        state=command.state,
        by=actor.name,
        at=now,
        result=result,
        done_by=bounded(command.done_by, LONGEST_TITLE) if is_done else "",
        done_at=command.done_at if is_done else None,
    )


def _words(record: StepRecord) -> dict[str, str]:
    step = record.step
    said = "result" if record.state is StepState.DONE else "reason"
    words = {
        "step": step.step, "state": str(record.state), said: record.result, "answers": " ".join(step.answers),
        "title_fr": step.title.in_language("fr"), "title_en": step.title.in_language("en"),
    }  # fmt: skip
    if record.done_by:
        words["done_by"] = record.done_by
    if record.done_at is not None:
        words["at"] = record.done_at.isoformat()
    return words
