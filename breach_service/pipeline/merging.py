"""Merge: two incidents that turned out to be one. What one of them was goes into the other, and both say so."""

from collections.abc import Collection
from datetime import datetime

from breach_service.domain.incident import EntryKind, IncidentStatus
from breach_service.pipeline.compartments import By, keep_together
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.opening import SERVICE
from breach_service.pipeline.standing import OWN
from breach_service.store import alerts, grouping, incidents, merging, timeline
from breach_service.store.alerts import Total
from breach_service.store.database import Session
from breach_service.store.tables import IncidentRow


def merge(
    session: Session, loser: int, winner: int, knowledge: Knowledge, now: datetime, actor: str = SERVICE,
    reason: str = "",
) -> None:  # fmt: skip
    """Move alerts and strands of one incident into another; the caller judges both again and holds the placing lock."""
    gone, kept = incidents.row_by_id(session, loser), incidents.row_by_id(session, winner)
    is_silent = not (kept.alerts or gone.alerts)
    had = {OWN: " ".join(kept.systems)} if is_silent else {}
    alerts.move_all(session, loser, winner)
    grouping.move_strands(session, loser, winner)
    merging.move_proposals(session, loser, winner, now)
    gone.status, gone.merged_into, gone.closed_at = IncidentStatus.MERGED, winner, now
    kept.first_alert_at = min(kept.first_alert_at, gone.first_alert_at)
    kept.last_alert_at = max(kept.last_alert_at, gone.last_alert_at)
    if gone.detected_at < kept.detected_at:
        kept.detected_at, kept.qualify_by = gone.detected_at, gone.detected_at + knowledge.qualification
    kept.systems = list(dict.fromkeys([*kept.systems, *gone.systems]))
    kept.patterns = list(dict.fromkeys([*kept.patterns, *gone.patterns]))
    kept.is_muted = kept.is_muted and gone.is_muted
    sum_up(session, winner, knowledge)
    session.add(gone)
    session.add(kept)
    session.flush()
    keep_together(session, gone, kept, By(), now)
    because = {"reason": reason} if reason else {}
    timeline.write_entry(session, loser, now, EntryKind.MERGED, actor, {"into": kept.reference, **because})
    taken = {"incident": gone.reference, **had, **because}
    timeline.write_entry(session, winner, now, EntryKind.TOOK_IN, actor, taken)


def sum_up(session: Session, incident_id: int, knowledge: Knowledge) -> None:
    """Bring an incident's count and signals in line with its episodes."""
    row = incidents.row_by_id(session, incident_id)
    sum_up_as(row, alerts.totals_of(session, incident_id), knowledge)
    session.add(row)


def sum_up_as(row: IncidentRow, totals: Collection[Total], knowledge: Knowledge) -> None:
    """Bring an incident's count and signals in line with what its episodes come to."""
    present = {str(one.signal) for one in totals} | set(row.signals)
    row.signals = by_weight(present, knowledge)
    row.alerts = sum(one.count for one in totals)
    row.has_firing = any(one.is_firing for one in totals) or not totals


def by_weight(signals: set[str], knowledge: Knowledge) -> list[str]:
    """Signals, the weightiest first."""
    weights = {str(one): kind.weight for one, kind in knowledge.catalogue.signals.items()}
    return sorted(signals, key=lambda one: (-weights.get(one, 0), one))
