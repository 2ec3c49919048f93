"""Names that wait for an answer, the alerts that use them, and the answers that were given.

What is counted here is counted in portions, outside of the processing of alerts, so that it costs the same at a million
alerts as at a thousand.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, delete, func, insert, not_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from breach_service.domain.alert import REAL_STATUSES, Alert, AlertStatus, Entity, EntityKind, EntityRole, Signal
from breach_service.domain.grouping import PlacementReason
from breach_service.domain.unknown_names import NameKind, UnknownName
from breach_service.store.hot import among
from breach_service.store.sight import FULL, Visibility
from breach_service.store.tables import AlertRow, CounterRow, IncidentRow, SourceRow
from breach_service.store.unknown_tables import AlertLabelsRow, UnknownAlertRow, UnknownNameRow

ALERT = AlertRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
INCIDENT = IncidentRow.__table__  # type: ignore[attr-defined]
SOURCE = SourceRow.__table__  # type: ignore[attr-defined]
LABELS = AlertLabelsRow.__table__  # type: ignore[attr-defined]
NAME = UnknownNameRow.__table__  # type: ignore[attr-defined]
LINK = UnknownAlertRow.__table__  # type: ignore[attr-defined]

LOOKED_THROUGH = "unknown:alert"
"""The counter that says up to which alert the names were looked for."""
NO_SYSTEMS = "[]"
MOST_WAITING = 5_000
"""Names that wait at most: beyond, new ones are not asked about until others are answered."""
MOST_LOOKED_AT = 50
"""Alerts of one name that are looked at to say who names it, and in which incidents."""


def keep_labels(session: Session, found: Mapping[int, Mapping[str, str]]) -> None:
    """Keep the labels by which new alerts are asked about, by the id of the alert."""
    rows = [{"alert_id": number, "labels": dict(labels)} for number, labels in found.items()]
    if rows:
        session.connection().execute(insert(LABELS), rows)


@dataclass(frozen=True)
class Unplaced:
    """Alerts that name the same and stand on no system."""

    alert: Alert
    """One that names the same; what else it said is left out."""
    ids: tuple[int, ...]
    count: int
    first_at: datetime
    last_at: datetime


def unplaced_after(session: Session, after: int, most: int, since: datetime) -> tuple[int, list[Unplaced]]:
    """The alerts on no system among the next `most` ones, seen since an instant, and up to which id was looked."""
    upto = min(session.execute(select(func.max(ALERT.c.id))).scalar() or 0, after + most)
    if upto <= after:
        return min(after, upto), []
    entities, labels = cast(ALERT.c.entities, String), cast(LABELS.c.labels, String)
    rows = session.execute(
        select(ALERT.c.id, ALERT.c.signal, ALERT.c.count, ALERT.c.occurred_at, ALERT.c.last_seen_at,
               entities.label("entities"), labels.label("labels"))
        .join(LABELS, LABELS.c.alert_id == ALERT.c.id, isouter=True)
        .where(ALERT.c.id > after, ALERT.c.id <= upto, cast(ALERT.c.systems, String) == NO_SYSTEMS,
               ALERT.c.status.in_(sorted(REAL_STATUSES)), ALERT.c.last_seen_at >= since,
               ALERT.c.signal != Signal.HEARTBEAT, ALERT.c.why_here != PlacementReason.NAMES_INCIDENT)
    )  # fmt: skip
    alike: dict[tuple[str, str | None], list[Any]] = {}
    for row in rows:
        alike.setdefault((row.entities, row.labels), []).append(row)
    return upto, [_unplaced(named, labels_, some) for (named, labels_), some in alike.items()]


def _unplaced(entities: str, labels: str | None, rows: Sequence[Any]) -> Unplaced:
    alert = _alert(json.loads(entities), json.loads(labels) if labels else {}, Signal(rows[0].signal))
    return Unplaced(
        alert, tuple(one.id for one in rows), sum(one.count for one in rows), min(one.occurred_at for one in rows),
        max(one.last_seen_at for one in rows),
    )  # fmt: skip


def _alert(entities: Iterable[Sequence[str]], labels: Mapping[str, str], signal: Signal = Signal.ROUTINE) -> Alert:
    named = tuple(
        Entity(EntityKind(one[0]), one[1], EntityRole(one[2]) if len(one) > 2 and one[2] else None) for one in entities
    )
    return Alert("", "", signal, "", status=AlertStatus.FIRING, entities=named, labels=labels)


def looked_through(session: Session) -> int:
    """Up to which alert the names were looked for; never beyond the newest one."""
    row = session.get(CounterRow, LOOKED_THROUGH)
    return row.value if row is not None else 0


def look_on_from(session: Session, alert: int) -> None:
    """Remember up to which alert the names were looked for."""
    row = session.get(CounterRow, LOOKED_THROUGH) or CounterRow(name=LOOKED_THROUGH, value=0)
    row.value = alert
    session.add(row)
    session.flush()


def note_down(
    session: Session, found: Mapping[UnknownName, Sequence[Unplaced]], revision: int, now: datetime
) -> None:  # fmt: skip
    """Let names wait, or count them up, with the alerts that use them."""
    held = {(row.kind, row.value): row for row in _rows_of(session, found)}
    room = MOST_WAITING - count(session)
    for name, some in found.items():
        row = held.get((str(name.kind), name.value))
        if row is None:
            if room <= 0:
                continue
            room -= 1
            row = UnknownNameRow(
                kind=name.kind, value=name.value, first_seen_at=some[0].first_at, last_seen_at=some[0].last_at,
                counted_at=now, asked_of=revision,
            )  # fmt: skip
        row.first_seen_at = min(row.first_seen_at, *(one.first_at for one in some))
        row.last_seen_at = max(row.last_seen_at, *(one.last_at for one in some))
        row.episodes += sum(len(one.ids) for one in some)
        row.alerts += sum(one.count for one in some)
        session.add(row)
        session.flush()
        links = [{"alert_id": number, "name_id": row.id} for one in some for number in one.ids]
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        session.connection().execute((sqlite if is_sqlite else postgresql).insert(LINK).on_conflict_do_nothing(), links)


def _rows_of(session: Session, names: Iterable[UnknownName]) -> list[UnknownNameRow]:
    values = {one.value for one in names}
    if not values:
        return []
    return list(session.execute(select(UnknownNameRow).where(among(session, NAME.c.value, values))).scalars())


@dataclass(frozen=True)
class Waiting:
    """A name that waits for an answer."""

    id: int
    name: UnknownName
    alerts: int
    episodes: int
    first_seen_at: datetime
    last_seen_at: datetime


def _waiting(row: Any) -> Waiting:
    name = UnknownName(NameKind(row.kind), row.value)
    return Waiting(row.id, name, row.alerts, row.episodes, row.first_seen_at, row.last_seen_at)


def waiting(session: Session, visibility: Visibility = FULL, limit: int = MOST_WAITING) -> list[Waiting]:
    """The names that wait, those that most alerts use first; what only unseen incidents name is left out."""
    hidden = _hidden(session, visibility)
    rows = session.execute(select(NAME).order_by(NAME.c.alerts.desc(), NAME.c.id).limit(limit + len(hidden)))
    found = []
    for one in map(_waiting, rows):
        alerts, episodes = hidden.get(one.id, (0, 0))
        if one.episodes > episodes:
            found.append(Waiting(
                one.id, one.name, max(one.alerts - alerts, 1), one.episodes - episodes, one.first_seen_at,
                one.last_seen_at,
            ))  # fmt: skip
    return sorted(found, key=lambda one: (-one.alerts, one.id))[:limit]


def _hidden(session: Session, visibility: Visibility) -> dict[int, tuple[int, int]]:
    """By name: how much of it stands in incidents that are not seen; they are few."""
    if visibility.is_full:
        return {}
    rows = session.execute(
        select(LINK.c.name_id, func.sum(ALERT.c.count), func.count())
        .select_from(INCIDENT)
        .join(ALERT, ALERT.c.incident_id == INCIDENT.c.id)
        .join(LINK, LINK.c.alert_id == ALERT.c.id)
        .where(not_(visibility.incidents))
        .group_by(LINK.c.name_id)
    )
    return {number: (int(alerts), int(episodes)) for number, alerts, episodes in rows}


def count(session: Session) -> int:
    """How many names wait."""
    return int(session.execute(select(func.count()).select_from(NAME)).scalar_one())


def count_seen(session: Session, visibility: Visibility = FULL) -> int:
    """How many names wait of those that the reader sees."""
    hidden = _hidden(session, visibility)
    if not hidden:
        return count(session)
    rows = session.execute(select(NAME.c.id, NAME.c.episodes).where(among(session, NAME.c.id, hidden)))
    wholly = [number for number, episodes in rows if episodes <= hidden[number][1]]
    return count(session) - len(wholly)


def one(session: Session, number: int, visibility: Visibility = FULL) -> Waiting | None:
    """A name that waits, by its number; None where there is none, or none that is seen."""
    row = session.execute(select(NAME).where(NAME.c.id == number)).first()
    if row is None:
        return None
    found = _waiting(row)
    return found if found.episodes > _hidden(session, visibility).get(number, (0, 0))[1] else None


@dataclass(frozen=True)
class Uses:
    """Who uses a name, as the newest alerts show it that are seen."""

    sources: tuple[str, ...]
    titles: tuple[str, ...]
    incidents: tuple[str, ...]
    """References, the newest first."""


def uses_of(session: Session, number: int, visibility: Visibility = FULL) -> Uses:
    """Who uses a name: senders, titles and incidents of the newest alerts that are seen."""
    rows = session.execute(
        select(SOURCE.c.name, ALERT.c.title, INCIDENT.c.reference)
        .select_from(LINK)
        .join(ALERT, ALERT.c.id == LINK.c.alert_id)
        .join(SOURCE, SOURCE.c.id == ALERT.c.source_id)
        .join(INCIDENT, INCIDENT.c.id == ALERT.c.incident_id, isouter=True)
        .where(LINK.c.name_id == number, visibility.alerts)
        .order_by(LINK.c.alert_id.desc())
        .limit(MOST_LOOKED_AT)
    ).all()
    sources, titles, references = (tuple(dict.fromkeys(filter(None, column))) for column in zip(*rows, strict=True)) \
        if rows else ((), (), ())  # fmt: skip
    return Uses(sources, titles, references)


def asked_before(session: Session, revision: int, limit: int) -> list[Waiting]:
    """Names that were last asked of an earlier revision of the inventory."""
    query = select(NAME).where(NAME.c.asked_of < revision).order_by(NAME.c.asked_of, NAME.c.id).limit(limit)
    return [_waiting(row) for row in session.execute(query)]


def asked_now(session: Session, ids: Collection[int], revision: int) -> None:
    """Remember which revision did not know these names either."""
    if ids:
        session.execute(update(NAME).where(among(session, NAME.c.id, ids)).values(asked_of=revision))


def count_again(session: Session, most: int, now: datetime) -> None:
    """Count anew how often the alerts of names were said: those that were not counted for longest, `most` in all."""
    chosen: list[int] = []
    left = most
    for row in session.execute(select(NAME.c.id, NAME.c.episodes).order_by(NAME.c.counted_at, NAME.c.id).limit(100)):
        if row.episodes > most:  # so many stay as they were counted when they came
            session.execute(update(NAME).where(NAME.c.id == row.id).values(counted_at=now))
        elif row.episodes > left:
            break
        else:
            left -= row.episodes
            chosen.append(row.id)
    counted: dict[int, Any] = {}
    if chosen:
        rows = session.execute(
            select(LINK.c.name_id, func.sum(ALERT.c.count).label("alerts"), func.count().label("episodes"),
                   func.max(ALERT.c.last_seen_at).label("last"))
            .join(ALERT, ALERT.c.id == LINK.c.alert_id)
            .where(among(session, LINK.c.name_id, chosen))
            .group_by(LINK.c.name_id)
        )  # fmt: skip
        counted = {row.name_id: row for row in rows}
    for number in chosen:
        held = counted.get(number)
        if held is None:  # its alerts were let go of
            forget(session, [number])
            continue
        values = {"alerts": int(held.alerts), "episodes": held.episodes, "last_seen_at": held.last, "counted_at": now}
        session.execute(update(NAME).where(NAME.c.id == number).values(**values))


def forget_before(session: Session, before: datetime, most: int) -> None:
    """Let go of names that no alert has used since an instant."""
    old = select(NAME.c.id).where(NAME.c.last_seen_at < before).limit(most)
    forget(session, list(session.execute(old).scalars()))


def forget(session: Session, ids: Collection[int]) -> None:
    """Names wait no more."""
    if ids:
        session.execute(delete(LINK).where(among(session, LINK.c.name_id, ids)))
        session.execute(delete(NAME).where(among(session, NAME.c.id, ids)))


def incidents_naming(session: Session, ids: Collection[int]) -> list[int]:
    """The numbers of the incidents whose alerts use one of these names."""
    query = (
        select(ALERT.c.incident_id)
        .join(LINK, LINK.c.alert_id == ALERT.c.id)
        .where(among(session, LINK.c.name_id, ids), ALERT.c.incident_id.is_not(None))
        .distinct()
    )
    return sorted(session.execute(query).scalars())


def put_on_systems(session: Session, number: int, systems: Sequence[str]) -> None:
    """Say of the alerts that use a name on which systems they stand, beside those that they stand on already."""
    using = select(LINK.c.alert_id).where(LINK.c.name_id == number)
    is_bare = cast(ALERT.c.systems, String) == NO_SYSTEMS
    others = session.execute(select(ALERT.c.id, ALERT.c.systems).where(ALERT.c.id.in_(using), not_(is_bare))).all()
    for row in others:
        joined = list(dict.fromkeys((*row.systems, *systems)))
        session.execute(update(ALERT).where(ALERT.c.id == row.id).values(systems=joined))
    session.execute(update(ALERT).where(ALERT.c.id.in_(using), is_bare).values(systems=list(systems)))
