"""Mandates, positions and broken glasses as values. Positions are insert-only; the others are ended, never deleted."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import defer
from sqlmodel import Session, col, or_, select

from breach_service.domain.access import Act, BrokenGlass, GroundKind, Mandate, MandateKind, Standing, UserRole
from breach_service.domain.deciding import Position, PositionKind, SubjectKind, subject_from
from breach_service.errors import N_, NotFound
from breach_service.store.access_tables import (
    BrokenGlassRow,
    IncidentPersonRow,
    MandateRow,
    PositionRow,
)
from breach_service.store.cipher import Cipher
from breach_service.store.people import user_by_email
from breach_service.store.sight import Visibility
from breach_service.store.tables import IncidentRow, UserRow

# Mandates -------------------------------------------------------------------------------------------------------------


def mandates(session: Session, *, active_only: bool = True) -> list[Mandate]:
    """Every mandate, oldest first; those of disabled accounts only where asked, since nobody decides under them."""
    rows = session.exec(
        select(MandateRow, UserRow).join(UserRow, col(UserRow.id) == MandateRow.user_id).order_by(col(MandateRow.id))
    )
    return [_mandate(row, person.name) for row, person in rows if not active_only or person.disabled_at is None]


def _mandate(row: MandateRow, name: str) -> Mandate:
    return Mandate(
        id=row.id or 0, person=row.user_id, name=name, kind=MandateKind(row.kind), organisation=row.organisation,
        acts=frozenset(map(Act, row.acts)), granted_by=row.granted_by, document=row.document, from_at=row.from_at,
        to_at=row.to_at, revoked_at=row.revoked_at,
    )  # fmt: skip


def add_mandate(session: Session, new: Mandate, by: str, now: datetime) -> Mandate:
    """Keep a mandate (its `id` is passed over); as it stands with its number."""
    row = MandateRow(
        user_id=new.person, kind=str(new.kind), organisation=new.organisation, acts=sorted(map(str, new.acts)),
        granted_by=new.granted_by, document=new.document, from_at=new.from_at, to_at=new.to_at, recorded_at=now,
        recorded_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return replace(new, id=row.id or 0)


def mandate(session: Session, number: int) -> Mandate:
    """One mandate; NotFound where there is none of that number."""
    row = session.get(MandateRow, number)
    person = session.get(UserRow, row.user_id) if row is not None else None
    if row is None or person is None:
        raise NotFound(N_("there is no mandate number %(number)s"), number=number)
    return _mandate(row, person.name)


def revoke_mandate(session: Session, number: int, by: str, now: datetime) -> None:
    """End a mandate that stands."""
    row = session.get(MandateRow, number)
    if row is None:
        raise NotFound(N_("there is no mandate number %(number)s"), number=number)
    row.revoked_at, row.revoked_by = now, by
    session.add(row)
    session.flush()


# Who there is ---------------------------------------------------------------------------------------------------------


def account(session: Session, email: str) -> UserRow | None:
    """The live account of an address, whatever its case."""
    row = user_by_email(session, email)
    return row if row is not None and row.disabled_at is None else None


def accounts_of(session: Session, roles: Collection[UserRole]) -> list[tuple[int, str, UserRole]]:
    """Number, name and role of the live accounts of some roles, by name."""
    rows = session.exec(
        select(UserRow)
        .where(col(UserRow.role).in_([str(one) for one in roles]), col(UserRow.disabled_at).is_(None))
        .order_by(col(UserRow.name), col(UserRow.id))
    )
    return [(row.id or 0, row.name, UserRole(row.role)) for row in rows]


def addresses_of(session: Session, roles: Collection[UserRole]) -> list[tuple[str, str]]:
    """Address and name of the live accounts of some roles, by name: who can be chosen in a form."""
    rows = session.exec(
        select(UserRow)
        .where(col(UserRow.role).in_([str(one) for one in roles]), col(UserRow.disabled_at).is_(None))
        .order_by(col(UserRow.name), col(UserRow.id))
    )
    return [(row.email, row.name) for row in rows]


def names_of(session: Session, people: Collection[int]) -> dict[int, str]:
    """The names of some accounts, by number."""
    if not people:
        return {}
    return {row.id or 0: row.name for row in session.exec(select(UserRow).where(col(UserRow.id).in_(list(people))))}


def shut_out(session: Session, incident_id: int, now: datetime) -> set[int]:
    """The accounts of those whom an incident concerns at an instant: it is kept from them."""
    rows = session.exec(
        select(IncidentPersonRow.user_id).where(
            IncidentPersonRow.incident_id == incident_id,
            IncidentPersonRow.standing == Standing.CONCERNED,
            IncidentPersonRow.at <= now,
            or_(col(IncidentPersonRow.until).is_(None), col(IncidentPersonRow.until) > now),
            or_(col(IncidentPersonRow.ended_at).is_(None), col(IncidentPersonRow.ended_at) > now),
        )
    )
    return set(rows)


# Positions ------------------------------------------------------------------------------------------------------------


def add_position(session: Session, incident_id: int, new: Position, text_sealed: bytes | None = None) -> int:
    """Keep an opinion or a decision (its `id` is passed over); its number.

    `text_sealed` is the text that it releases, encrypted.
    """
    row = PositionRow(
        incident_id=incident_id, kind=str(new.kind), subject=str(new.subject), value=new.value, reason=new.reason,
        by=new.by, user_id=new.person, ground=str(new.ground or ""), ground_id=new.ground_id, at=new.at,
        text_sealed=text_sealed,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id or 0


def positions_of(session: Session, incident_id: int) -> tuple[Position, ...]:
    """Every opinion and decision of an incident, oldest first."""
    asked = select(PositionRow).where(PositionRow.incident_id == incident_id).order_by(col(PositionRow.id))
    rows = session.exec(asked.options(defer(PositionRow.text_sealed)))  # type: ignore[arg-type]  # SQLModel maps it
    return tuple(
        Position(
            id=row.id or 0, kind=_kind_of(row), subject=subject_from(row.subject), value=row.value,
            reason=row.reason, by=row.by, at=row.at, person=row.user_id,
            ground=GroundKind(row.ground) if row.ground else None, ground_id=row.ground_id,
        )
        for row in rows
    )  # fmt: skip


def _kind_of(row: PositionRow) -> PositionKind:
    """Awareness that somebody recorded without a ground was once kept as a decision: it is none."""
    is_stated = row.kind == PositionKind.DECISION and not row.ground and row.subject.startswith(SubjectKind.AWARE_AT)
    return PositionKind.STATEMENT if is_stated else PositionKind(row.kind)


def approved_text(session: Session, cipher: Cipher, position: int) -> str:
    """The exact text that a decision released; NotFound where it released none."""
    row = session.get(PositionRow, position)
    if row is None or row.text_sealed is None:
        raise NotFound(N_("the decision number %(position)s released no text"), position=position)
    return cipher.open(row.text_sealed).decode()


# Broken glasses -------------------------------------------------------------------------------------------------------


def _glass(row: BrokenGlassRow, name: str) -> BrokenGlass:
    return BrokenGlass(
        id=row.id or 0, incident=row.incident_id, person=row.user_id, name=name, at=row.at, reason=row.reason,
        ends_at=row.ends_at, reviewed_at=row.reviewed_at, reviewed_by=row.reviewed_by, review=row.review,
        tried=row.tried,
    )  # fmt: skip


def add_glass(session: Session, new: BrokenGlass) -> BrokenGlass:
    """Keep that a glass was broken (its `id` is passed over); as it stands with its number."""
    row = BrokenGlassRow(
        incident_id=new.incident, user_id=new.person, at=new.at, reason=new.reason, tried=new.tried,
        ends_at=new.ends_at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return replace(new, id=row.id or 0)


def glasses_of(session: Session, incident_id: int) -> list[BrokenGlass]:
    """The glasses that were broken in one incident, oldest first."""
    rows = session.exec(
        select(BrokenGlassRow, UserRow)
        .join(UserRow, col(UserRow.id) == BrokenGlassRow.user_id)
        .where(BrokenGlassRow.incident_id == incident_id)
        .order_by(col(BrokenGlassRow.id))
    )
    return [_glass(row, person.name) for row, person in rows]


def glasses(session: Session, seen: Visibility, *, outstanding_only: bool = False) -> list[tuple[BrokenGlass, str]]:
    """The glasses of the incidents that somebody sees, each with the reference, oldest first."""
    asked = (
        select(BrokenGlassRow, UserRow, IncidentRow)
        .join(UserRow, col(UserRow.id) == BrokenGlassRow.user_id)
        .join(IncidentRow, col(IncidentRow.id) == BrokenGlassRow.incident_id)
        .where(seen.incidents)
        .order_by(col(BrokenGlassRow.id))
    )
    if outstanding_only:
        asked = asked.where(col(BrokenGlassRow.reviewed_at).is_(None))
    return [(_glass(row, person.name), incident.reference) for row, person, incident in session.exec(asked)]


def end_glasses_of(session: Session, person: int, now: datetime) -> None:
    """Let nobody decide any more by what this person broke; its review is awaited all the same."""
    for row in session.exec(select(BrokenGlassRow).where(BrokenGlassRow.user_id == person)):
        row.ends_at = min(row.ends_at, now)
        session.add(row)
    session.flush()


def review_glass(session: Session, number: int, by: str, words: str, now: datetime) -> None:
    """Keep what is thought of a broken glass; it allows nothing any more."""
    row = session.get(BrokenGlassRow, number)
    if row is None:
        raise NotFound(N_("there is no broken glass number %(number)s"), number=number)
    row.reviewed_at, row.reviewed_by, row.review = now, by, words
    session.add(row)
    session.flush()
