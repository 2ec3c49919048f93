"""Where the alerts of the last days stand, for a dry run of grouping."""

from datetime import datetime

from sqlmodel import Session, col, select

from breach_service.store.alerts import ALERT
from breach_service.store.sight import FULL, Visibility
from breach_service.store.tables import IncidentRow, SourceRow


def references_since(
    session: Session, since: datetime, visibility: Visibility = FULL
) -> dict[tuple[str, str], frozenset[str]]:
    """The references of the incidents that are seen in which alerts stand that came in at an instant or later.

    By the name of the source and the fingerprint.
    """
    rows = session.execute(
        select(SourceRow.name, ALERT.c.fingerprint, IncidentRow.reference)
        .join(ALERT, ALERT.c.source_id == col(SourceRow.id))
        .join(IncidentRow, col(IncidentRow.id) == ALERT.c.incident_id)
        .where(ALERT.c.last_seen_at >= since, visibility.incidents)
    )
    found: dict[tuple[str, str], set[str]] = {}
    for source, fingerprint, reference in rows:
        found.setdefault((source, fingerprint), set()).add(reference)
    return {key: frozenset(names) for key, names in found.items()}
