"""Measures: kept with their incident, those of incidents that went into it included."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, false, func, or_
from sqlmodel import Session, col, select

from breach_service.domain.measures import Audience, Measure, MeasureState
from breach_service.domain.neighbours import references_in, withheld
from breach_service.errors import N_, NotFound
from breach_service.store import incidents
from breach_service.store.merging import merged_into
from breach_service.store.neighbours import unseen_among
from breach_service.store.sight import FULL, Visibility
from breach_service.store.tables import IncidentRow
from breach_service.store.work_tables import MeasureRow


@dataclass(frozen=True)
class ListedMeasure:
    """A measure with the incident that it belongs to by now."""

    measure: Measure
    reference: str
    title: str


def together(session: Session, incident_id: int) -> list[int]:
    """The ids of an incident and of all that went into it: what was written down there goes on here."""
    return [incident_id, *(one.id or 0 for one in merged_into(session, incident_id))]


def of_incident(session: Session, incident_id: int) -> tuple[Measure, ...]:
    """The measures of an incident, in the order in which they were planned."""
    rows = session.exec(
        select(MeasureRow)
        .where(col(MeasureRow.incident_id).in_(together(session, incident_id)))
        .order_by(col(MeasureRow.id))
    )
    return tuple(map(measure_of, rows))


def row_in(session: Session, incident_id: int, number: int) -> MeasureRow:
    """The row of one measure of an incident; NotFound where the incident has none of that number."""
    row = session.get(MeasureRow, number)
    if row is None or row.incident_id not in together(session, incident_id):
        raise NotFound(N_("there is no measure number %(number)s in this incident"), number=number)
    return row


def add(session: Session, new: Measure) -> int:
    """Keep a measure (its `id` is passed over); its number."""
    row = MeasureRow(
        incident_id=new.incident, what=new.what, kind=new.kind, owner=new.owner, owner_id=new.owner_id,
        due_on=new.due_on, state=str(new.state), outcome=new.outcome, perimeter=new.perimeter,
        audience=str(new.audience), is_follow_up=new.is_follow_up, planned_at=new.planned_at,
        planned_by=new.planned_by, settled_on=new.settled_on, settled_by=new.settled_by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id or 0


def save(session: Session, row: MeasureRow) -> None:
    """Write a changed measure down, as its next revision."""
    row.revision += 1
    session.add(row)
    session.flush()


MOST_OPEN = 2000
"""Open measures that a list reads."""


def open_measures(
    session: Session, visibility: Visibility = FULL, *, owner_id: int | None = None, due_before: date | None = None
) -> list[ListedMeasure]:
    """The open measures of all incidents that are seen, the next due first; of one owner or overdue where asked.

    What belongs to an incident that went into another is listed under the one that it goes on as.
    """
    wanted: list[ColumnElement[bool]] = [col(MeasureRow.state) == MeasureState.PLANNED]
    if owner_id is not None:
        wanted.append(col(MeasureRow.owner_id) == owner_id)
    if due_before is not None:
        wanted.append(col(MeasureRow.due_on) < due_before)
    rows = session.exec(
        select(MeasureRow, IncidentRow)
        .join(IncidentRow, col(IncidentRow.id) == MeasureRow.incident_id)
        .where(*wanted, visibility.incidents, col(IncidentRow.is_drill).is_(False))
        .order_by(col(MeasureRow.due_on), col(MeasureRow.id))
        .limit(MOST_OPEN)
    ).all()
    found = [_listed(session, row, incident) for row, incident in rows]
    seen = incidents.seen_among(session, {one.measure.incident for one in found}, visibility)
    return _as_seen(session, [one for one in found if one.measure.incident in seen], visibility)


def _listed(session: Session, row: MeasureRow, incident: IncidentRow) -> ListedMeasure:
    while incident.merged_into is not None:
        incident = session.get_one(IncidentRow, incident.merged_into)
    measure = replace(measure_of(row), incident=incident.id or 0)
    return ListedMeasure(measure, incident.reference, incident.title)


def _as_seen(session: Session, found: list[ListedMeasure], visibility: Visibility) -> list[ListedMeasure]:
    """Without the references of incidents that are not seen."""
    named = references_in(one.measure.what for one in found)
    unseen = unseen_among(session, named, visibility) if named and not visibility.is_full else frozenset()
    if not unseen:
        return found
    return [replace(one, measure=replace(one.measure, what=withheld(one.measure.what, unseen))) for one in found]


def count_open(session: Session, visibility: Visibility, today: date) -> tuple[int, int]:
    """How many open measures are seen, and how many of them are overdue."""
    overdue = func.count().filter(or_(false(), col(MeasureRow.due_on) < today))
    row = session.exec(
        select(func.count(), overdue)
        .select_from(MeasureRow)
        .join(IncidentRow, col(IncidentRow.id) == MeasureRow.incident_id)
        .where(
            col(MeasureRow.state) == MeasureState.PLANNED, visibility.incidents, col(IncidentRow.is_drill).is_(False)
        )
    ).one()
    return int(row[0]), int(row[1])


def measure_of(row: MeasureRow) -> Measure:
    """A row as a value."""
    return Measure(
        id=row.id or 0, incident=row.incident_id, what=row.what, owner=row.owner, due_on=row.due_on,
        state=MeasureState(row.state), planned_at=row.planned_at, planned_by=row.planned_by, kind=row.kind,
        perimeter=row.perimeter, audience=Audience(row.audience), is_follow_up=row.is_follow_up,
        outcome=row.outcome, settled_on=row.settled_on, settled_by=row.settled_by, owner_id=row.owner_id,
        revision=row.revision,
    )  # fmt: skip


def open_of_owner(session: Session, owner_id: int) -> Sequence[Measure]:
    """The open measures that an account answers for."""
    rows = session.exec(
        select(MeasureRow).where(
            col(MeasureRow.owner_id) == owner_id, col(MeasureRow.state) == MeasureState.PLANNED
        )
    )  # fmt: skip
    return list(map(measure_of, rows))
