"""What was answered of names that alerts use, and what keeps together the alerts of a machine that is known now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from breach_service.domain.incident import OPEN_STATUSES, IncidentStatus
from breach_service.domain.unknown_names import NameKind, UnknownName
from breach_service.store.grouping_tables import StrandRow
from breach_service.store.hot import among
from breach_service.store.sight import FULL, Visibility
from breach_service.store.tables import IncidentRow
from breach_service.store.unknown_tables import UnknownAnswerRow

INCIDENT = IncidentRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
STRAND = StrandRow.__table__  # type: ignore[attr-defined]
OPEN = tuple(sorted(OPEN_STATUSES))
_KEY = {NameKind.HOST: "host", NameKind.ADDRESS: "host", NameKind.APPLICATION: "application"}


@dataclass(frozen=True)
class Touched:
    """An incident whose alerts use a name that was answered."""

    reference: str
    status: IncidentStatus


@dataclass(frozen=True)
class Given:
    """One answer, with the incidents that are seen."""

    at: datetime
    by: str
    name: UnknownName
    answer: str
    system: str
    """Id of the system; empty where it is not ours."""
    reason: str
    revision: int
    names: int
    gained: tuple[Touched, ...] = ()
    """Incidents that gained the system."""
    ended: tuple[Touched, ...] = ()
    """Incidents that were over when it was said; they were not changed."""


def keep_answer(session: Session, given: Given, gained: Sequence[int], ended: Sequence[int]) -> int:
    """Write an answer down with the numbers of the incidents; the number of its row."""
    row = UnknownAnswerRow(
        at=given.at, by=given.by, kind=given.name.kind, value=given.name.value, answer=given.answer,
        system=given.system, reason=given.reason, revision=given.revision, names=given.names, gained=list(gained),
        ended=list(ended),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id or 0


def newest(session: Session, limit: int, visibility: Visibility = FULL) -> list[Given]:
    """The answers, newest first, with those of their incidents that are seen."""
    rows = session.execute(select(UnknownAnswerRow).order_by(col(UnknownAnswerRow.id).desc()).limit(limit)).scalars()
    return _given(session, list(rows), visibility)


def one(session: Session, number: int, visibility: Visibility = FULL) -> Given | None:
    """An answer by the number of its row; None where there is none."""
    rows = session.execute(select(UnknownAnswerRow).where(col(UnknownAnswerRow.id) == number)).scalars()
    return next(iter(_given(session, list(rows), visibility)), None)


def _given(session: Session, rows: Sequence[UnknownAnswerRow], visibility: Visibility) -> list[Given]:
    ids = {number for row in rows for number in (*row.gained, *row.ended)}
    query = select(INCIDENT.c.id, INCIDENT.c.reference, INCIDENT.c.status).where(
        among(session, INCIDENT.c.id, ids), visibility.incidents
    )
    seen = {one.id: Touched(one.reference, IncidentStatus(one.status)) for one in session.execute(query)}

    def touched(numbers: Iterable[int]) -> tuple[Touched, ...]:
        return tuple(seen[one] for one in numbers if one in seen)

    return [
        Given(row.at, row.by, UnknownName(NameKind(row.kind), row.value), row.answer, row.system, row.reason,
              row.revision, row.names, touched(row.gained), touched(row.ended))
        for row in rows
    ]  # fmt: skip


def lead_on(session: Session, name: UnknownName, system: str) -> None:
    """Let the next alert of a system join the open incident in which the alerts of its machine stand already.

    Until now they were kept together by the machine, from now on by the system. Where alerts of the system have an
    open incident of their own nothing is done: two incidents are made one by people, or by what links them.
    """
    word = _KEY.get(name.kind)
    if word is None:
        return
    is_open = INCIDENT.c.status.in_(OPEN)
    of_key = select(STRAND).join(INCIDENT, INCIDENT.c.id == STRAND.c.incident_id).where(is_open)
    key = f"system:{system}"
    if session.execute(of_key.where(STRAND.c.key == key).limit(1)).first() is not None:
        return
    last = session.execute(
        of_key.where(STRAND.c.key == f"{word}:{name.value}").order_by(STRAND.c.last_minute.desc()).limit(1)
    ).first()
    if last is not None:
        session.add(StrandRow(
            key=key, first_minute=last.first_minute, last_minute=last.last_minute, incident_id=last.incident_id
        ))  # fmt: skip
        session.flush()
