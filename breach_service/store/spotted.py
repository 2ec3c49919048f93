"""Which kinds of personal data alerts show, and how many different values each; the values are never here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, insert, select
from sqlmodel import Session

from breach_service.domain.facts import Provenance, ScopeKind
from breach_service.domain.personal_data import SEEN_IN_ALERTS, DataKind
from breach_service.store.hot import among
from breach_service.store.tables import AlertRow, FactRow, SpottedRow

SPOTTED = SpottedRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
ALERT = AlertRow.__table__  # type: ignore[attr-defined]
FACT = FactRow.__table__  # type: ignore[attr-defined]
Kinds = Mapping[DataKind, int]
"""How many different values of each kind, in the order of `DataKind`."""


@dataclass(frozen=True)
class NewEpisode:
    """An episode that was stored just now, by what its alert can be found again."""

    id: int
    source_id: int
    fingerprint: str
    incident_id: int | None


def newest_episode(session: Session) -> int:
    """The highest id of an episode, 0 where there is none."""
    return session.execute(select(func.max(ALERT.c.id))).scalar() or 0


_AFTER = (
    select(ALERT.c.id, ALERT.c.source_id, ALERT.c.fingerprint, ALERT.c.incident_id)
    .where(ALERT.c.id > bindparam("newest", type_=BigInteger))
    .order_by(ALERT.c.id)
)


def episodes_after(session: Session, newest: int) -> list[NewEpisode]:
    """The episodes that were stored after one; the caller holds the placing lock, under which ids only rise."""
    return [NewEpisode(*row) for row in session.connection().execute(_AFTER, {"newest": newest})]


def keep(session: Session, found: Mapping[int, Kinds]) -> None:
    """Keep what new episodes show, by their id."""
    rows = [
        {"alert_id": number, "kind": str(kind), "count": count}
        for number, kinds in found.items() for kind, count in kinds.items()
    ]  # fmt: skip
    if rows:
        session.connection().execute(insert(SPOTTED), rows)


def of_incidents(session: Session, ids: Iterable[int]) -> dict[int, Kinds]:
    """What the alerts of incidents show, summed up over their episodes; incidents without anything are left out."""
    query = (
        select(ALERT.c.incident_id, SPOTTED.c.kind, func.sum(SPOTTED.c.count))
        .join(ALERT, ALERT.c.id == SPOTTED.c.alert_id)
        .where(among(session, ALERT.c.incident_id, set(ids)))
        .group_by(ALERT.c.incident_id, SPOTTED.c.kind)
    )
    return _by_number(session.execute(query).all())


def of_episodes(session: Session, ids: Iterable[int]) -> dict[int, Kinds]:
    """What episodes show, by id; those without anything are left out."""
    query = select(SPOTTED.c.alert_id, SPOTTED.c.kind, SPOTTED.c.count)
    return _by_number(session.execute(query.where(among(session, SPOTTED.c.alert_id, set(ids)))).all())


def _by_number(rows: Sequence[Any]) -> dict[int, Kinds]:
    found: dict[int, dict[DataKind, int]] = {}
    for number, kind, count in sorted(rows, key=lambda row: _ORDER[row[1]]):
        found.setdefault(number, {})[DataKind(kind)] = int(count)
    return dict(found)


_ORDER = {str(kind): place for place, kind in enumerate(DataKind)}


def said_of(session: Session, ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """What was recorded last from the alerts of incidents of the kinds that they show."""
    rows = session.execute(
        select(FACT.c.incident_id, FACT.c.value)
        .where(
            among(session, FACT.c.incident_id, set(ids)), FACT.c.name == SEEN_IN_ALERTS,
            FACT.c.provenance == Provenance.ALERT, FACT.c.scope_kind == ScopeKind.INCIDENT,
        )
        .order_by(FACT.c.id)
    )  # fmt: skip
    return {number: frozenset(value) for number, value in rows}
