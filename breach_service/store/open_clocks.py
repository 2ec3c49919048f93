"""Open obligations as /metrics shows them: counted and sorted by the database, however many there are.

Drills and what a sender under observation opened are left out. Targets (`RegimeKind.TARGET`) are counted, but have no
date here: a date here wakes people, and a target that was missed is not late in law.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlmodel import Session, col

from breach_service.domain.deadlines import RegimeKind
from breach_service.domain.incident import LONGEST_DUE_SOON
from breach_service.store.incidents import OPEN
from breach_service.store.tables import IncidentRow, ObligationRow

CLIENT = "client:"
_NEAR = 2
_IS_TARGET = col(ObligationRow.terms)["kind"].as_string() == str(RegimeKind.TARGET)
_LABELS = (col(ObligationRow.regime), _IS_TARGET.label("is_target"), col(ObligationRow.is_provisional))


@dataclass(frozen=True)
class SameClock:
    """So many open obligations that show the same state. Instants in UTC."""

    regime: str
    is_target: bool
    is_provisional: bool
    triggered_at: datetime
    """Of those that may be due soon the instant itself, which their state follows from; of the others the earliest."""
    due_at: datetime | None
    """The same; None where there is no date."""
    count: int


@dataclass(frozen=True)
class Due:
    """When an open obligation falls due, for a series of its own. Instants in UTC."""

    reference: str
    regime: str
    recipient: str
    """`client:<opaque id of the obligation>` for a client, else as it is kept."""
    is_provisional: bool
    due_at: datetime


def counted(session: Session, now: datetime) -> list[SameClock]:
    """All open obligations, those of restricted incidents as well, by what their state follows from."""
    due_at = col(ObligationRow.due_at)
    # Whether it is due soon follows from its own instants; that it is not, from `LONGEST_DUE_SOON` alone.
    soon_until = now + LONGEST_DUE_SOON
    band = case((due_at.is_(None), 0), (due_at <= now, 1), (due_at <= soon_until, _NEAR), else_=3).label("band")
    of_all = _open(*_LABELS, col(ObligationRow.triggered_at), due_at, band).subquery().c
    same = (of_all.regime, of_all.is_target, of_all.is_provisional, of_all.band)
    rough = session.execute(
        select(*same, func.min(of_all.triggered_at), func.min(of_all.due_at), func.count()).group_by(*same)
    ).all()
    found = [SameClock(row[0], bool(row[1]), *row[2:3], *row[4:]) for row in rough if row.band != _NEAR]
    if len(found) == len(rough):
        return found
    near = _open(*_LABELS, col(ObligationRow.triggered_at), due_at).where(due_at > now, due_at <= soon_until)
    rows = near.subquery().c
    return found + [
        SameClock(row[0], bool(row[1]), *row[2:])
        for row in session.execute(select(*rows, func.count()).group_by(*rows))
    ]


def nearest(session: Session, most: int) -> list[Due]:
    """At most so many dates of incidents that anybody may see, the earliest first; of equal labels the earliest date.

    Joint controllers owe the CNIL once for each perimeter, and Prometheus takes no series twice.
    """
    due_at, asked = col(ObligationRow.due_at), most
    statement = (
        _open(
            col(IncidentRow.reference), col(ObligationRow.regime), col(ObligationRow.recipient),
            col(ObligationRow.public_id), col(ObligationRow.is_provisional), due_at,
        )
        .where(due_at.is_not(None), col(IncidentRow.is_restricted).is_(False), ~_IS_TARGET)
        .order_by(due_at, col(ObligationRow.id))
    )  # fmt: skip
    while True:
        rows = session.execute(statement.limit(asked)).all()
        found: dict[tuple[str, str, str, bool], Due] = {}
        for reference, regime, recipient, public_id, is_provisional, at in rows:
            whom = f"{CLIENT}{public_id}" if recipient.startswith(CLIENT) else recipient
            labels = (reference, regime, whom, is_provisional)
            found.setdefault(labels, Due(*labels, at))
        if len(found) >= most or len(rows) < asked:
            return list(found.values())[:most]
        asked *= 2


def _open(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .join(IncidentRow, col(IncidentRow.id) == ObligationRow.incident_id)
        .where(
            col(ObligationRow.fulfilled_at).is_(None),
            col(ObligationRow.not_required_reason).is_(None),
            col(ObligationRow.withdrawn_at).is_(None),
            col(IncidentRow.status).in_(OPEN),
            col(IncidentRow.is_drill).is_(False),
            col(IncidentRow.is_muted).is_(False),
        )
    )
