"""Incidents: rows in, domain values out, and the references that are given under the placing lock."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as core_select
from sqlalchemy import update as core_update
from sqlmodel import Session, col, func, select

from breach_service.domain.alert import Signal
from breach_service.domain.incident import OPEN_STATUSES, Incident, IncidentStatus, Perimeter
from breach_service.errors import N_, NotFound, NotSeen, Sentence
from breach_service.store.hot import Asked, among
from breach_service.store.many_rows import ManyRows
from breach_service.store.neighbours import as_seen
from breach_service.store.sight import FULL, Visibility
from breach_service.store.tables import CounterRow, IncidentRow, PerimeterRow

INCIDENT = IncidentRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
PERIMETER = PerimeterRow.__table__  # type: ignore[attr-defined]
OPEN = tuple(sorted(OPEN_STATUSES))


def next_references(session: Session, now: datetime, number: int = 1, series: str = "INC") -> list[str]:
    """The next references of the year: `INC-2026-0001`. The caller holds the placing lock."""
    name = f"{series}-{now.year}"
    counter = session.get(CounterRow, name) or CounterRow(name=name, value=0)
    first, counter.value = counter.value + 1, counter.value + number
    session.add(counter)
    session.flush()
    return [f"{name}-{one:04d}" for one in range(first, first + number)]


def insert(session: Session, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert incidents, all with the same columns; their ids, in the same order."""
    if not rows:
        return []
    return list(
        session.execute(INCIDENT.insert().returning(INCIDENT.c.id, sort_by_parameter_order=True), rows).scalars()
    )


def row_of(session: Session, reference: str, visibility: Visibility = FULL) -> IncidentRow:
    """The row of a reference; NotFound with a sentence otherwise, the same where it is not seen (then NotSeen)."""
    found = session.execute(
        core_select(IncidentRow, visibility.incidents.label("is_seen")).where(
            col(IncidentRow.reference) == reference.upper()
        )
    ).first()
    sentence = Sentence(N_("there is no incident %(reference)s"), reference=reference)
    if found is None:
        raise NotFound(sentence)
    row: IncidentRow = found[0]
    if not found[1]:
        raise NotSeen(sentence, row.id or 0)
    return row


def row_by_id(session: Session, incident_id: int) -> IncidentRow:
    """The row of an id that is known to exist."""
    row = session.get(IncidentRow, incident_id)
    if row is None:
        raise NotFound(N_("there is no incident number %(incident_id)s"), incident_id=incident_id)
    return row


def seen_among(session: Session, ids: Collection[int], visibility: Visibility) -> set[int]:
    """Those of some incidents that are seen."""
    if visibility.is_full or not ids:
        return set(ids)
    query = core_select(INCIDENT.c.id).where(INCIDENT.c.id.in_(sorted(ids)), visibility.incidents)
    return set(session.execute(query).scalars())


def rows_by_id(session: Session, ids: Collection[int]) -> list[IncidentRow]:
    """The rows of some ids, in the order of the ids."""
    return list(session.exec(select(IncidentRow).where(among(session, INCIDENT.c.id, ids)).order_by(INCIDENT.c.id)))


@dataclass(frozen=True)
class OnBoard:
    """What placing needs to know of an incident."""

    id: int
    reference: str
    status: IncidentStatus
    is_held: bool
    is_muted: bool
    detected_at: datetime
    first_alert_at: datetime
    last_alert_at: datetime
    systems: tuple[str, ...]
    signals: tuple[str, ...]
    has_firing: bool
    patterns: tuple[str, ...]


_OF_BOARD = [INCIDENT.c[name] for name in OnBoard.__dataclass_fields__]
_ON_BOARD = tuple(
    Asked(lambda among, column=column: core_select(*_OF_BOARD).where(among(column, "values")))  # type: ignore[misc]
    for column in (INCIDENT.c.id, INCIDENT.c.reference)
)


def on_board(session: Session, ids: Iterable[int], references: Iterable[str] = ()) -> dict[int, OnBoard]:
    """Incidents by id or reference, for placing."""
    found: dict[int, OnBoard] = {}
    for asked, values in zip(_ON_BOARD, (set(ids), set(references)), strict=True):
        for row in asked.rows(session, values=values) if values else ():
            found[row.id] = OnBoard(
                row.id, row.reference, IncidentStatus(row.status), row.is_held, row.is_muted, row.detected_at,
                row.first_alert_at, row.last_alert_at, row.systems, row.signals, row.has_firing, row.patterns,
            )  # fmt: skip
    return found


def count_alerts(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Count alerts up that change nothing else of their incidents: `number`, `more`, `first_at`, `last_at`."""
    _COUNT.run(session.connection(), rows)


_COUNT = ManyRows(
    lambda _dialect: core_update(INCIDENT)
    .where(INCIDENT.c.id == bindparam("number"))
    .values(
        alerts=INCIDENT.c.alerts + bindparam("more"), first_alert_at=bindparam("first_at"),
        last_alert_at=bindparam("last_at"),
    )
)  # fmt: skip


def incident_of(row: IncidentRow) -> Incident:
    """A row as a value."""
    return Incident(
        id=row.id or 0,
        reference=row.reference,
        title=row.title,
        status=IncidentStatus(row.status),
        organisation=row.organisation,
        opened_at=row.opened_at,
        detected_at=row.detected_at,
        qualify_by=row.qualify_by,
        group_key=row.group_key,
        last_alert_at=row.last_alert_at,
        systems=tuple(row.systems),
        signals=tuple(Signal(one) for one in row.signals),
        alerts=row.alerts,
        has_firing=row.has_firing,
        qualified_at=row.qualified_at,
        opened_by=row.opened_by,
        is_muted=row.is_muted,
        patterns=tuple(row.patterns),
        closing_reason=row.closing_reason,
        duplicate_of=row.duplicate_of,
        is_drill=row.is_drill,
        drill_scale=row.drill_scale,
    )


@dataclass(frozen=True)
class IncidentSummary:
    """An incident with the summary of its latest assessment, for lists."""

    incident: Incident
    personal_data: str
    risk_least: str
    risk_most: str


def summaries(
    session: Session, *, only_open: bool | None = None, limit: int = 200, before: int | None = None,
    visibility: Visibility = FULL, with_drills: bool = True,
) -> Sequence[IncidentSummary]:  # fmt: skip
    """Incidents that are seen, newest first; page on with the smallest id of the page before."""
    query = select(IncidentRow).where(visibility.incidents)
    if not with_drills:
        query = query.where(col(IncidentRow.is_drill).is_(False))
    if only_open is not None:
        is_open = col(IncidentRow.status).in_(OPEN)
        query = query.where(is_open if only_open else ~is_open)
    if before is not None:
        query = query.where(col(IncidentRow.id) < before)
    return _summaries(session, session.exec(query.order_by(col(IncidentRow.id).desc()).limit(limit)), visibility)


def _summaries(session: Session, found: Iterable[IncidentRow], visibility: Visibility) -> list[IncidentSummary]:
    rows = list(found)
    incidents = as_seen(session, map(incident_of, rows), visibility)
    return [
        IncidentSummary(one, row.personal_data, row.risk_least, row.risk_most)
        for one, row in zip(incidents, rows, strict=True)
    ]


_TOLD = Asked(
    lambda among: core_select(INCIDENT.c.id).where(among(INCIDENT.c.id, "ids"), INCIDENT.c.is_muted.is_(False))
)


def told(session: Session, ids: Iterable[int]) -> list[int]:
    """Those of some incidents that anything may be sent about."""
    return [number for (number,) in _TOLD.tuples(session, ids=set(ids))]


def open_ids(session: Session) -> list[int]:
    """The ids of all open incidents that anything may be sent about."""
    is_told = (col(IncidentRow.status).in_(OPEN), col(IncidentRow.is_muted).is_(False))
    return [one for one in session.exec(select(IncidentRow.id).where(*is_told)) if one]


def opened_under_observation(
    session: Session, opened_by: str, *, since: datetime | None = None, visibility: Visibility = FULL
) -> Sequence[IncidentSummary]:
    """The incidents that a sender opened and nobody was told of, newest first.

    With `since`, all that it opened from then on: of some people were told, since something grave or somebody else
    joined them.
    """
    is_shown = col(IncidentRow.is_muted).is_(True) if since is None else col(IncidentRow.opened_at) >= since
    rows = session.exec(
        select(IncidentRow)
        .where(col(IncidentRow.opened_by) == opened_by, is_shown, visibility.incidents)
        .order_by(col(IncidentRow.id).desc())
    )
    return _summaries(session, rows, visibility)


def count_by_status(session: Session) -> dict[str, int]:
    """How many incidents there are in each status; drills are left out."""
    rows = session.exec(
        select(IncidentRow.status, func.count())
        .where(col(IncidentRow.is_drill).is_(False))
        .group_by(IncidentRow.status)
    )
    return dict(rows.all())


def oldest_unqualified(session: Session) -> tuple[datetime | None, datetime | None]:
    """Since when the longest unqualified incident has waited, and the earliest date by which one must be qualified."""
    return session.exec(
        select(func.min(IncidentRow.detected_at), func.min(IncidentRow.qualify_by)).where(
            col(IncidentRow.status).in_((IncidentStatus.SUSPECTED, IncidentStatus.ASSESSING)),
            col(IncidentRow.is_drill).is_(False),
            col(IncidentRow.is_muted).is_(False),
        )
    ).one()


def keep_perimeters(session: Session, wanted: Mapping[int, Iterable[Perimeter]], now: datetime) -> None:
    """Bring the stored perimeters of incidents in line; what left keeps its row with the instant it left."""
    stored: dict[tuple[int, str], PerimeterRow] = {
        (row.incident_id, row.key): row
        for row in session.exec(select(PerimeterRow).where(among(session, PERIMETER.c.incident_id, wanted)))
    }
    seen, new = set(), []
    for incident_id, perimeters in wanted.items():
        for one in perimeters:
            seen.add((incident_id, one.key))
            values = {
                "our_role": str(one.our_role), "controller": one.controller, "client": one.client,
                "systems": list(one.systems), "activities": list(one.activities), "left_at": None,
            }  # fmt: skip
            row = stored.get((incident_id, one.key))
            if row is None:
                new.append({"incident_id": incident_id, "key": one.key, "since": now, **values})
                continue
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)
    for key, row in stored.items():
        if key not in seen and row.left_at is None:
            row.left_at = now
            session.add(row)
    if new:
        session.execute(PERIMETER.insert(), new)


def count_by_organisation(session: Session) -> dict[str, int]:
    """How many incidents belong to each organisation that has any, by its id."""
    organisation = col(IncidentRow.organisation)
    return dict(session.exec(select(organisation, func.count()).group_by(organisation)).all())


def move_to_organisation(session: Session, former: str, latter: str) -> None:
    """Give the incidents of one organisation to another."""
    session.connection().execute(
        core_update(IncidentRow.__table__)  # type: ignore[attr-defined]  # SQLModel adds __table__
        .where(col(IncidentRow.organisation) == former)
        .values(organisation=latter)
    )
