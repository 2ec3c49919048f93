"""What providers told us, with the questions that were put to them; seen by whoever sees the incident."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from breach_service.domain.incident import OPEN_STATUSES, IncidentStatus
from breach_service.domain.providers import AskedQuestion, NoticeChannel, ProviderNotice
from breach_service.errors import N_, NotFound
from breach_service.store import incidents
from breach_service.store.provider_tables import ProviderNoticeRow, ProviderQuestionRow
from breach_service.store.sight import FULL, Visibility
from breach_service.store.tables import IncidentRow

NOTICE = ProviderNoticeRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__


@dataclass(frozen=True)
class NewNotice:
    """What is to be kept of a notice. Instants in UTC."""

    provider: str
    name: str
    channel: NoticeChannel
    received_at: datetime
    recorded_by: str
    reference: str
    digest: str
    systems: tuple[str, ...]
    activities: Mapping[str, tuple[str, ...]]


def add(session: Session, incident_id: int, new: NewNotice, now: datetime) -> int:
    """Keep a notice; its number."""
    row = ProviderNoticeRow(
        incident_id=incident_id, provider=new.provider, name=new.name, channel=new.channel,
        received_at=new.received_at, recorded_at=now, recorded_by=new.recorded_by, reference=new.reference,
        digest=new.digest, systems=list(new.systems),
        activities={system: list(some) for system, some in new.activities.items()},
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id or 0


def one(session: Session, number: int, visibility: Visibility = FULL) -> ProviderNotice:
    """The notice of a number; NotFound, in the same words, where there is none and where it is not seen."""
    found = _read(session, [ProviderNoticeRow.id == number], visibility)
    if not found:
        raise NotFound(N_("there is no notice of a provider number %(number)s"), number=number)
    return found[0]


def newest(session: Session, visibility: Visibility = FULL, limit: int = 200) -> list[ProviderNotice]:
    """The notices of incidents that are seen, the latest received first."""
    return _read(session, [], visibility, limit)


def of_incident(session: Session, incident_id: int) -> list[ProviderNotice]:
    """The notices of an incident and of those that went into it, the latest received first."""
    numbers, waiting = {incident_id}, [incident_id]
    while waiting:
        rows = session.exec(select(IncidentRow.id).where(col(IncidentRow.merged_into).in_(waiting))).all()
        waiting = [each for each in rows if each is not None and each not in numbers]
        numbers |= set(waiting)
    return _read(session, [col(ProviderNoticeRow.incident_id).in_(sorted(numbers))], FULL)


def unanswered(session: Session, now: datetime) -> list[ProviderNotice]:
    """The notices with a question whose answer is overdue, of incidents that are not over; oldest first."""
    overdue = (
        select(ProviderQuestionRow.notice_id)
        .where(col(ProviderQuestionRow.answered_at).is_(None), ProviderQuestionRow.due_at <= now)
        .distinct()
    )
    numbers = session.exec(overdue).all()
    found = _read(session, [col(ProviderNoticeRow.id).in_(numbers)], FULL) if numbers else []
    return [each for each in reversed(found) if _is_open(session, each.incident)]


def _is_open(session: Session, reference: str) -> bool:
    return incidents.row_of(session, reference).status in OPEN_STATUSES


def ask(
    session: Session, number: int, facts: Sequence[str], asked_at: datetime, due_at: datetime, by: str, means: str
) -> None:  # fmt: skip
    """Keep that questions were put; one that was put before is not put again."""
    held = set(session.exec(select(ProviderQuestionRow.fact).where(ProviderQuestionRow.notice_id == number)))
    for fact in facts:
        if fact not in held:
            session.add(
                ProviderQuestionRow(
                    notice_id=number, fact=fact, asked_at=asked_at, asked_by=by, means=means, due_at=due_at
                )
            )
    session.flush()


def answer(session: Session, number: int, fact: str, answered_at: datetime, by: str) -> None:
    """Keep that a question was answered; a later answer corrects the fact and leaves the first instant."""
    row = session.exec(
        select(ProviderQuestionRow).where(ProviderQuestionRow.notice_id == number, ProviderQuestionRow.fact == fact)
    ).first()
    if row is not None and row.answered_at is None:
        row.answered_at, row.answered_by = answered_at, by
        session.add(row)
        session.flush()


def narrowings(
    session: Session, ids: Collection[int]
) -> dict[int, tuple[tuple[str, frozenset[str]], ...]]:  # fmt: skip
    """Of which activities alone some systems are concerned, by incident: (system, activities), by system.

    Where several notices name a system all their activities count; one that names it as a whole leaves it so.
    """
    rows = session.execute(
        core_select(NOTICE.c.incident_id, NOTICE.c.systems, NOTICE.c.activities).where(
            NOTICE.c.incident_id.in_(sorted(ids))
        )
    )
    found: dict[int, dict[str, set[str]]] = {}
    whole: set[tuple[int, str]] = set()
    for row in rows:
        for system in row.systems:
            if system in row.activities:
                found.setdefault(row.incident_id, {}).setdefault(system, set()).update(row.activities[system])
            else:
                whole.add((row.incident_id, system))
    return {
        number: tuple((system, frozenset(some[system])) for system in sorted(some) if (number, system) not in whole)
        for number, some in found.items()
    }


def _read(
    session: Session, conditions: Sequence[object], visibility: Visibility, limit: int = 1000
) -> list[ProviderNotice]:  # fmt: skip
    rows = session.exec(
        select(ProviderNoticeRow)
        .join(IncidentRow, col(IncidentRow.id) == ProviderNoticeRow.incident_id)
        .where(visibility.incidents, *conditions)  # type: ignore[arg-type]  # conditions of SQL
        .order_by(col(ProviderNoticeRow.received_at).desc(), col(ProviderNoticeRow.id).desc())
        .limit(limit)
    ).all()
    asked = _questions(session, [row.id or 0 for row in rows])
    found = (_value(session, row, asked.get(row.id or 0, ()), visibility) for row in rows)
    return [each for each in found if each is not None]


def _questions(session: Session, numbers: Sequence[int]) -> dict[int, tuple[AskedQuestion, ...]]:
    found: dict[int, tuple[AskedQuestion, ...]] = {}
    rows = session.exec(
        select(ProviderQuestionRow)
        .where(col(ProviderQuestionRow.notice_id).in_(numbers))
        .order_by(col(ProviderQuestionRow.id))
    )
    for row in rows:
        asked = AskedQuestion(row.fact, row.asked_at, row.due_at, row.answered_at)
        found[row.notice_id] = (*found.get(row.notice_id, ()), asked)
    return found


def _value(
    session: Session, row: ProviderNoticeRow, questions: tuple[AskedQuestion, ...], visibility: Visibility
) -> ProviderNotice | None:  # fmt: skip
    """A row as a value under the incident that it goes on in; None where that one is not seen."""
    incident = incidents.row_by_id(session, row.incident_id)
    while incident.status == IncidentStatus.MERGED and incident.merged_into is not None:
        incident = incidents.row_by_id(session, incident.merged_into)
    if not incidents.seen_among(session, {incident.id or 0}, visibility):
        return None
    return ProviderNotice(
        id=row.id or 0,
        incident=incident.reference,
        provider=row.provider,
        name=row.name,
        channel=NoticeChannel(row.channel),
        received_at=row.received_at,
        recorded_by=row.recorded_by,
        reference=row.reference,
        digest=row.digest,
        systems=tuple(row.systems),
        activities={system: tuple(some) for system, some in row.activities.items()},
        questions=questions,
    )
