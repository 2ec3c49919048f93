"""The rota, what people arranged among themselves, and who is away."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select, update

from breach_service.domain.rota import Absence, Level, Override
from breach_service.store.access_tables import AbsenceRow, RotaRow, ShiftOverrideRow
from breach_service.store.tables import UserRow

BY_HAND = "hand"
"""The origin of what a person recorded; anything else came from a calendar."""


@dataclass(frozen=True)
class Member:
    """An account as the rota sees it."""

    id: int
    email: str
    name: str
    role: str
    disabled_at: datetime | None


@dataclass(frozen=True)
class KeptRota:
    """A version of the rota. People in the document are numbers of accounts, as text."""

    id: int
    recorded_at: datetime
    by: str
    document: dict[str, Any]


@dataclass(frozen=True)
class KeptAbsence:
    """An absence that stands or was taken back. Instants UTC."""

    id: int
    absence: Absence
    origin: str
    recorded_by: str
    ended_at: datetime | None


@dataclass(frozen=True)
class KeptOverride:
    """An override that stands or was taken back. Instants UTC."""

    id: int
    override: Override
    origin: str
    recorded_by: str
    ended_at: datetime | None


def members(session: Session) -> list[Member]:
    """Every account, disabled ones included, by name."""
    rows = session.exec(select(UserRow).order_by(col(UserRow.name), col(UserRow.id)))
    return [Member(one.id or 0, one.email, one.name, one.role, one.disabled_at) for one in rows]


def in_force(session: Session, at: datetime) -> KeptRota | None:
    """The rota as it stood at an instant; None before the first."""
    row = session.exec(
        select(RotaRow).where(RotaRow.recorded_at <= at).order_by(col(RotaRow.id).desc()).limit(1)
    ).first()
    return None if row is None else KeptRota(row.id or 0, row.recorded_at, row.by, dict(row.document))


def keep(session: Session, document: dict[str, Any], by: str, now: datetime) -> None:
    """Append a version of the rota."""
    session.add(RotaRow(recorded_at=now, by=by, document=document))
    session.flush()


def absences(session: Session, from_at: datetime, to_at: datetime, person: int | None = None) -> list[KeptAbsence]:
    """The standing absences that touch a stretch of time, of one person or of all, by their beginning."""
    query = select(AbsenceRow).where(
        AbsenceRow.to_at > from_at, AbsenceRow.from_at < to_at, col(AbsenceRow.ended_at).is_(None)
    )
    if person is not None:
        query = query.where(AbsenceRow.user_id == person)
    return [_absence(one) for one in session.exec(query.order_by(col(AbsenceRow.from_at), col(AbsenceRow.id)))]


def absence(session: Session, number: int) -> KeptAbsence | None:
    """One absence."""
    row = session.get(AbsenceRow, number)
    return None if row is None else _absence(row)


def _absence(row: AbsenceRow) -> KeptAbsence:
    away = Absence(row.user_id, row.from_at, row.to_at)
    return KeptAbsence(row.id or 0, away, row.origin, row.recorded_by, row.ended_at)


def add_absences(session: Session, new: Iterable[tuple[Absence, str]], by: str, now: datetime) -> list[int]:
    """Insert absences, each with its origin; their numbers."""
    rows = [
        AbsenceRow(
            user_id=one.person, from_at=one.from_at, to_at=one.to_at, origin=origin, recorded_at=now, recorded_by=by
        )
        for one, origin in new
    ]
    session.add_all(rows)
    session.flush()
    return [row.id or 0 for row in rows]


def end_absences(session: Session, numbers: Iterable[int], now: datetime) -> None:
    """Take absences back; those that are taken back already stay as they are."""
    for number in numbers:
        session.exec(
            update(AbsenceRow)
            .where(col(AbsenceRow.id) == number, col(AbsenceRow.ended_at).is_(None))
            .values(ended_at=now)
        )


def overrides(session: Session, from_at: datetime, to_at: datetime) -> list[KeptOverride]:
    """The standing overrides that touch a stretch of time, by their beginning."""
    query = select(ShiftOverrideRow).where(
        ShiftOverrideRow.to_at > from_at, ShiftOverrideRow.from_at < to_at, col(ShiftOverrideRow.ended_at).is_(None)
    )
    rows = session.exec(query.order_by(col(ShiftOverrideRow.from_at), col(ShiftOverrideRow.id)))
    return [_override(one) for one in rows]


def override(session: Session, number: int) -> KeptOverride | None:
    """One override."""
    row = session.get(ShiftOverrideRow, number)
    return None if row is None else _override(row)


def _override(row: ShiftOverrideRow) -> KeptOverride:
    taken = Override(row.id or 0, Level(row.level), row.user_id, row.from_at, row.to_at)
    return KeptOverride(row.id or 0, taken, row.origin, row.recorded_by, row.ended_at)


def add_overrides(session: Session, new: Iterable[tuple[Override, str]], by: str, now: datetime) -> list[int]:
    """Insert overrides, each with its origin; the numbers that they have now."""
    rows = [
        ShiftOverrideRow(
            level=one.level, user_id=one.person, from_at=one.from_at, to_at=one.to_at, origin=origin, recorded_at=now,
            recorded_by=by,
        )
        for one, origin in new
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return [row.id or 0 for row in rows]


def end_overrides(session: Session, numbers: Iterable[int], now: datetime) -> None:
    """Take overrides back; those that are taken back already stay as they are."""
    for number in numbers:
        session.exec(
            update(ShiftOverrideRow)
            .where(col(ShiftOverrideRow.id) == number, col(ShiftOverrideRow.ended_at).is_(None))
            .values(ended_at=now)
        )


def imported_absences(session: Session, person: int) -> list[KeptAbsence]:
    """The standing absences of a person that came from a calendar."""
    query = select(AbsenceRow).where(
        AbsenceRow.user_id == person, AbsenceRow.origin != BY_HAND, col(AbsenceRow.ended_at).is_(None)
    )
    return [_absence(one) for one in session.exec(query.order_by(col(AbsenceRow.id)))]


def imported_overrides(session: Session, level: Level) -> list[KeptOverride]:
    """The standing overrides of a level that came from a calendar."""
    query = select(ShiftOverrideRow).where(
        ShiftOverrideRow.level == level, ShiftOverrideRow.origin != BY_HAND, col(ShiftOverrideRow.ended_at).is_(None)
    )
    return [_override(one) for one in session.exec(query.order_by(col(ShiftOverrideRow.id)))]
