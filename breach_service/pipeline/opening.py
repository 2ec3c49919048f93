"""Open an incident: by an alert, a pattern or a person."""

from collections.abc import Iterable
from datetime import datetime

from breach_service.domain.incident import IncidentStatus
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import incidents
from breach_service.store.database import Session
from breach_service.store.tables import IncidentRow

SERVICE = "breach_service"
"""The actor of what the service does by itself."""


def open_incident(
    session: Session, knowledge: Knowledge, now: datetime, *, detected_at: datetime, group_key: str,
    systems: Iterable[str], opened_by: str, title: str,
) -> IncidentRow:  # fmt: skip
    """Insert an incident with the next reference and its qualification clock. The caller holds the placing lock."""
    row = IncidentRow(
        reference=incidents.next_reference(session, now),
        title=title,
        status=IncidentStatus.SUSPECTED,
        organisation=knowledge.organisation,
        opened_at=now,
        opened_by=opened_by,
        detected_at=detected_at,
        qualify_by=detected_at + knowledge.qualification,
        group_key=group_key,
        first_alert_at=detected_at,
        last_alert_at=detected_at,
        systems=list(systems),
    )
    session.add(row)
    session.flush()
    return row
