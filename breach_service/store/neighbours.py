"""Which of the incidents that others name the reader does not see."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from sqlalchemy import select
from sqlmodel import Session

from breach_service.domain.incident import Incident
from breach_service.domain.neighbours import withheld
from breach_service.store.sight import Visibility
from breach_service.store.tables import IncidentRow

INCIDENT = IncidentRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__


def unseen_among(session: Session, references: Collection[str], visibility: Visibility) -> frozenset[str]:
    """Those of some references whose incident is not seen; what there is no incident of is not among them."""
    if visibility.is_full or not references:
        return frozenset()
    query = select(INCIDENT.c.reference).where(INCIDENT.c.reference.in_(sorted(references)), ~visibility.incidents)
    return frozenset(session.execute(query).scalars())


def as_seen(session: Session, incidents: Iterable[Incident], visibility: Visibility) -> list[Incident]:
    """Incidents, each without the reference of an unseen one that it duplicates."""
    found = list(incidents)
    unseen = unseen_among(session, {one.duplicate_of for one in found if one.duplicate_of}, visibility)
    return [replace(one, duplicate_of=withheld(one.duplicate_of, unseen)) for one in found] if unseen else found
