"""Plans of incidents: what was changed, what was done, and which playbooks were told; nothing is ever rewritten."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session, col, select

from breach_service.domain.playbook import ChangeKind, Due, PlanChange, Step, StepRecord, StepState
from breach_service.domain.playbook.content import StepRole
from breach_service.store.playbook_tables import AttachedPlaybookRow, PlanChangeRow, StepRecordRow

_ROLE: TypeAdapter[StepRole] = TypeAdapter(StepRole)


def add_change(session: Session, incident_id: int, change: PlanChange) -> None:
    """Keep one change of a plan."""
    content: dict[str, Any] = {}
    if change.step is not None:
        content["step"] = _as_json(change.step)
    if change.role is not None:
        content["role"] = change.role
    if change.due is not None:
        content["due"] = _as_json(change.due)
    row = PlanChangeRow(
        incident_id=incident_id, kind=str(change.kind), subject=change.subject, reason=change.reason,
        content=content, by=change.by, at=change.at,
    )  # fmt: skip
    session.add(row)
    session.flush()


def changes_of(session: Session, incident_ids: Collection[int]) -> list[PlanChange]:
    """The changes of the plans of some incidents that became one, in the order in which they were made."""
    found = select(PlanChangeRow).where(col(PlanChangeRow.incident_id).in_(incident_ids))
    return [_change(row) for row in session.exec(found.order_by(col(PlanChangeRow.id)))]


def _change(row: PlanChangeRow) -> PlanChange:
    step, role, due = (row.content.get(name) for name in ("step", "role", "due"))
    return PlanChange(
        kind=ChangeKind(row.kind), subject=row.subject, by=row.by, at=row.at, reason=row.reason,
        step=Step.model_validate(step) if step is not None else None,
        role=_ROLE.validate_python(role) if role is not None else None,
        due=Due.model_validate(due) if due is not None else None,
    )  # fmt: skip


def add_record(session: Session, incident_id: int, record: StepRecord) -> None:
    """Keep what somebody said of a step."""
    row = StepRecordRow(
        incident_id=incident_id, name=record.step.step, step=_as_json(record.step), state=str(record.state),
        result=record.result, by=record.by, at=record.at, done_by=record.done_by, done_at=record.done_at,
    )  # fmt: skip
    session.add(row)
    session.flush()


def records_of(session: Session, incident_ids: Collection[int]) -> list[StepRecord]:
    """What was said of the steps of some incidents that became one, in the order in which it was said."""
    found = select(StepRecordRow).where(col(StepRecordRow.incident_id).in_(incident_ids))
    return [
        StepRecord(
            Step.model_validate(row.step), StepState(row.state), row.by, row.at, row.result, row.done_by, row.done_at
        )
        for row in session.exec(found.order_by(col(StepRecordRow.id)))
    ]


def attached(session: Session, incident_ids: Collection[int]) -> frozenset[str]:
    """The playbooks whose attachment to some incidents that became one was told."""
    of_them = col(AttachedPlaybookRow.incident_id).in_(incident_ids)
    return frozenset(session.exec(select(AttachedPlaybookRow.playbook).where(of_them)))


def note_attached(
    session: Session, incident_id: int, playbooks: Iterable[str], content_digest: str, now: datetime
) -> None:
    """Keep that the attachment of playbooks was told."""
    session.add_all(
        AttachedPlaybookRow(incident_id=incident_id, playbook=one, content_digest=content_digest, at=now)
        for one in playbooks
    )
    session.flush()


def _as_json(value: Step | Due) -> dict[str, Any]:
    return value.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
