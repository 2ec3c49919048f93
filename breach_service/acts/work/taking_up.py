"""The incident that somebody works on: open or over, for measures, evidence and reviews outlast it."""

from datetime import datetime

from breach_service.acts.rows import id_of, incident_of, open_row, visibility_of
from breach_service.domain.access import Actor
from breach_service.domain.incident import ANOTHER_INCIDENT, OPEN_STATUSES, IncidentStatus
from breach_service.errors import N_, InvalidCommand
from breach_service.store import merging
from breach_service.store.database import Session
from breach_service.store.tables import IncidentRow


def row_for_work(session: Session, reference: str, actor: Actor, now: datetime) -> IncidentRow:
    """The row of an incident that the actor sees and works on; the caller holds the placing lock.

    An open one is taken up by that. InvalidCommand where it went into another one: the work goes on there.
    """
    row = incident_of(session, reference, actor, now)
    if row.status == IncidentStatus.MERGED:
        other = merging.goes_on_as(session, id_of(row), visibility_of(actor, now)) or ANOTHER_INCIDENT
        raise InvalidCommand(
            N_("%(reference)s went into %(other)s: write it down there"), reference=row.reference, other=other
        )
    return open_row(session, reference, actor, now) if row.status in OPEN_STATUSES else row
