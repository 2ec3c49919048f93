"""What somebody sees of the incidents, as conditions of SQL: they agree with `domain.access.what_is_seen`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal, or_, select, true

from breach_service.domain.access import EVERYTHING, Seeing, Sight, Standing
from breach_service.domain.access.compartments import OPENING
from breach_service.store.access_tables import IncidentPersonRow
from breach_service.store.columns import UtcDateTime
from breach_service.store.tables import AlertRow, IncidentRow

INCIDENT = IncidentRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
ALERT = AlertRow.__table__  # type: ignore[attr-defined]
PERSON = IncidentPersonRow.__table__  # type: ignore[attr-defined]


def seen_by(sight: Sight, now: datetime) -> ColumnElement[bool]:
    """A condition on `incident`, for every statement that reads incidents."""
    return _seen(sight, now, INCIDENT.c.id, INCIDENT.c.is_restricted.is_(False))


def _seen(sight: Sight, now: datetime, number: Any, is_open: ColumnElement[bool]) -> ColumnElement[bool]:
    if sight.seeing is Seeing.ALL:
        return true()
    if sight.person is None:
        return is_open if sight.seeing is Seeing.OPEN else false()
    own = number.in_(_incidents_of(sight.person, now, {Standing.INSPECTING}))
    if sight.seeing is Seeing.OPEN:
        own = or_(is_open, number.in_(_incidents_of(sight.person, now, OPENING)))
    return and_(own, number.not_in(_incidents_of(sight.person, now, {Standing.CONCERNED})))


def _incidents_of(person: int, now: datetime, standings: Any) -> Any:
    """The numbers of the incidents to which a person stands like that now; they are few."""
    at = literal(now, UtcDateTime())
    return select(PERSON.c.incident_id).where(
        PERSON.c.user_id == person, PERSON.c.standing.in_(sorted(standings)), PERSON.c.at <= at,
        or_(PERSON.c.until.is_(None), PERSON.c.until > at), or_(PERSON.c.ended_at.is_(None), PERSON.c.ended_at > at),
    )  # fmt: skip


@dataclass(frozen=True)
class Visibility:
    """Whose eyes a statement reads with, at which instant (UTC)."""

    sight: Sight
    at: datetime

    @property
    def is_full(self) -> bool:
        """True where nothing is hidden."""
        return self.sight.seeing is Seeing.ALL

    @cached_property
    def incidents(self) -> ColumnElement[bool]:
        """A condition on `incident`."""
        return seen_by(self.sight, self.at)

    @cached_property
    def alerts(self) -> ColumnElement[bool]:
        """A condition on `alert`: those of incidents that are seen, and those of none, unless some were chosen."""
        if self.is_full:
            return true()
        standing = select(INCIDENT.c.id).where(INCIDENT.c.id == ALERT.c.incident_id, self.incidents)
        of_seen = standing.correlate(ALERT).exists()
        if self.sight.seeing is Seeing.CHOSEN:
            return of_seen
        return or_(ALERT.c.incident_id.is_(None), of_seen)


FULL = Visibility(EVERYTHING, datetime(1970, 1, 1, tzinfo=UTC))
"""The service itself, and the operator."""
