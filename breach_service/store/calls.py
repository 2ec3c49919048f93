"""Calls: who is woken because of an incident, each step of it, and who answered. Instants in UTC."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func

from breach_service.domain.waking import Call, CallEnd, Stage, WakeReason
from breach_service.store.calls_tables import CallRow, CallStepRow
from breach_service.store.hot import Asked, among
from breach_service.store.sight import FULL, Visibility
from breach_service.store.tables import IncidentRow, OutboxRow

CALL = CallRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
STEP = CallStepRow.__table__  # type: ignore[attr-defined]
OUTBOX = OutboxRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Told:
    """One message of a step."""

    person: int | None
    """Number of the account; None for a pager or a channel of the team."""
    way: str
    """A kind of way, or the name of a pager or channel."""
    key: str
    """Of the message in the outbox."""


@dataclass(frozen=True)
class KeptStep:
    """One step that was taken."""

    number: int
    stage: Stage
    due_at: datetime
    at: datetime
    told: tuple[Told, ...]


@dataclass(frozen=True)
class ShownCall:
    """A call with its incident, for lists."""

    call: Call
    reference: str
    is_drill: bool
    is_restricted: bool
    shown_at: datetime | None


def _call(row: Any) -> Call:
    return Call(
        row.id, row.incident_id, WakeReason(row.reason), row.key, row.began_at, row.acknowledged_at,
        row.acknowledged_by, row.ended_at, CallEnd(row.why_ended) if row.why_ended else None, row.steps,
    )  # fmt: skip


def begin(session: Session, incident_id: int, reason: WakeReason, key: str, now: datetime) -> bool:
    """Begin a call; False where there was one about the same already."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    made = session.execute(
        dialect.insert(CALL)
        .values(incident_id=incident_id, key=key, reason=str(reason), began_at=now)
        .on_conflict_do_nothing(index_elements=["incident_id", "key"])
        .returning(CALL.c.id)
    )
    return made.first() is not None


_OF = Asked(lambda among: select(CALL).where(among(CALL.c.incident_id, "ids")).order_by(CALL.c.id))


def of_incidents(session: Session, ids: Iterable[int]) -> dict[int, list[Call]]:
    """The calls of incidents, in the order in which they began."""
    found: dict[int, list[Call]] = {}
    for row in _OF.rows(session, ids=set(ids)):
        found.setdefault(row.incident_id, []).append(_call(row))
    return found


def one(session: Session, number: int) -> Call | None:
    """One call."""
    row = session.execute(select(CALL).where(CALL.c.id == number)).first()
    return None if row is None else _call(row)


def not_over(session: Session) -> list[ShownCall]:
    """The calls whose matter is not over, acknowledged ones included, oldest first."""
    return _shown(session, CALL.c.ended_at.is_(None), FULL, None)


def shown(session: Session, visibility: Visibility, limit: int = 100) -> list[ShownCall]:
    """The latest calls of the incidents that are seen, newest first."""
    return _shown(session, visibility.incidents, visibility, limit)


def _shown(session: Session, where: Any, visibility: Visibility, limit: int | None) -> list[ShownCall]:
    query = (
        select(
            CALL, col(IncidentRow.reference).label("reference"), col(IncidentRow.is_drill).label("is_drill"),
            col(IncidentRow.is_restricted).label("is_restricted"),
        )
        .join(IncidentRow, col(IncidentRow.id) == CALL.c.incident_id)
        .where(where, visibility.incidents)
    )  # fmt: skip
    query = query.order_by(CALL.c.id) if limit is None else query.order_by(CALL.c.id.desc()).limit(limit)
    return [
        ShownCall(_call(row), row.reference, row.is_drill, row.is_restricted, row.shown_at)
        for row in session.execute(query)
    ]


def acknowledge(session: Session, numbers: Collection[int], by: str, now: datetime) -> None:
    """Note who answered calls."""
    session.execute(
        update(CALL)
        .where(among(session, CALL.c.id, numbers), CALL.c.acknowledged_at.is_(None), CALL.c.ended_at.is_(None))
        .values(acknowledged_at=now, acknowledged_by=by)
    )


def end(session: Session, number: int, why: CallEnd, now: datetime) -> None:
    """Note that nobody need answer a call any more."""
    session.execute(
        update(CALL).where(CALL.c.id == number, CALL.c.ended_at.is_(None)).values(ended_at=now, why_ended=str(why))
    )


def take_step(session: Session, number: int, step: KeptStep) -> None:
    """Keep a step; it can be taken once."""
    told = [{"person": each.person, "way": each.way, "key": each.key} for each in step.told]
    session.execute(
        insert(STEP).values(
            call_id=number, number=step.number, stage=str(step.stage), due_at=step.due_at, at=step.at, told=told
        )
    )
    session.execute(update(CALL).where(CALL.c.id == number).values(steps=step.number, shown_at=step.at))


def shown_again(session: Session, number: int, now: datetime) -> None:
    """Note that pagers that forget were told again."""
    session.execute(update(CALL).where(CALL.c.id == number).values(shown_at=now))


def steps_of(session: Session, numbers: Collection[int]) -> dict[int, list[KeptStep]]:
    """The steps of calls, in order."""
    rows = session.execute(
        select(STEP).where(among(session, STEP.c.call_id, numbers)).order_by(STEP.c.call_id, STEP.c.number)
    )
    found: dict[int, list[KeptStep]] = {}
    for row in rows:
        told = tuple(Told(each["person"], each["way"], each["key"]) for each in row.told)
        found.setdefault(row.call_id, []).append(KeptStep(row.number, Stage(row.stage), row.due_at, row.at, told))
    return found


def outcomes(session: Session, keys: Collection[str]) -> Mapping[str, str]:
    """What became of messages: `sent`, `waiting`, `failed` (it will be tried again) or `given_up`, by key."""
    rows = session.execute(
        select(OUTBOX.c.key, OUTBOX.c.done_at, OUTBOX.c.given_up_at, OUTBOX.c.error).where(
            among(session, OUTBOX.c.key, keys)
        )
    )
    return {row.key: _outcome(row) for row in rows}


def _outcome(row: Any) -> str:
    if row.done_at is not None:
        return "sent"
    if row.given_up_at is not None:
        return "given_up"
    return "failed" if row.error else "waiting"


def unacknowledged(session: Session) -> int:
    """How many calls nobody has answered; drills are left out."""
    found: int = session.execute(
        select(func.count())
        .select_from(CALL)
        .join(IncidentRow, col(IncidentRow.id) == CALL.c.incident_id)
        .where(
            CALL.c.acknowledged_at.is_(None), CALL.c.ended_at.is_(None), col(IncidentRow.is_drill).is_(False)
        )
    ).scalar_one()  # fmt: skip
    return found
