"""The ways in which people are reached; addresses are encrypted, codes are hashed."""

from datetime import datetime, time

from sqlmodel import Session, col, func, select

from breach_service.domain.contact_ways import QuietHours, Way, WayKind
from breach_service.store.access_tables import ContactWayRow


def of_person(session: Session, person: int) -> list[ContactWayRow]:
    """The ways of a person that were not removed, in their order."""
    query = select(ContactWayRow).where(ContactWayRow.user_id == person, col(ContactWayRow.removed_at).is_(None))
    return list(session.exec(query.order_by(col(ContactWayRow.position), col(ContactWayRow.id))))


def one(session: Session, person: int, number: int) -> ContactWayRow | None:
    """One way of a person; None where it is another's or was removed."""
    row = session.get(ContactWayRow, number)
    return row if row is not None and row.user_id == person and row.removed_at is None else None


def codes_since(session: Session, person: int, since: datetime) -> int:
    """How many ways of a person, removed ones included, were sent a code after an instant."""
    return session.exec(
        select(func.count())
        .select_from(ContactWayRow)
        .where(ContactWayRow.user_id == person, col(ContactWayRow.code_sent_at) > since)
    ).one()


def save(session: Session, row: ContactWayRow) -> ContactWayRow:
    """Insert or change a way."""
    session.add(row)
    session.flush()
    return row


def way_of(row: ContactWayRow) -> Way:
    """A row as a value."""
    quiet = None
    if row.quiet_from is not None and row.quiet_to is not None:
        quiet = QuietHours(_time(row.quiet_from), _time(row.quiet_to))
    return Way(
        id=row.id or 0,
        person=row.user_id,
        kind=WayKind(row.kind),
        sealed=row.address_encrypted,
        position=row.position,
        quiet=quiet,
        is_wakeable=row.is_wakeable,
        proven_at=row.proven_at,
        code_sent_at=row.code_sent_at if row.code_hash is not None else None,
    )


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


def minute_of(one: time) -> int:
    """The minute of the day, as it is stored."""
    return one.hour * 60 + one.minute


def proven(session: Session, kind: WayKind) -> list[Way]:
    """The proven ways of a kind of everybody, those that were removed left out."""
    query = select(ContactWayRow).where(
        ContactWayRow.kind == kind, col(ContactWayRow.removed_at).is_(None), col(ContactWayRow.proven_at).is_not(None)
    )
    return [way_of(one) for one in session.exec(query.order_by(col(ContactWayRow.id)))]
