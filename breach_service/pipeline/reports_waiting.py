"""The team hears that reports wait, during the day of a working day: how many and since when, never what they say."""

from datetime import datetime, timedelta

from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.listening import NOTE
from breach_service.store import outbox, reports
from breach_service.store.database import Session

PATIENCE = timedelta(hours=1)
"""How long a report may wait before the team is told of it."""


def tell_of_reports(session: Session, knowledge: Knowledge, now: datetime) -> None:
    """Say once a working day that reports wait, and once an hour at most while further ones come."""
    if not knowledge.office_hours.hold_at(now):
        return
    found = reports.waiting_since(session)
    if found is None or now - found.oldest_at < PATIENCE:
        return
    came = max(found.oldest_at, min(found.newest_at, now - PATIENCE)).astimezone(knowledge.zone)
    for channel in knowledge.channels:
        payload = {
            "about": "reports", "source": "", "what": str(found.count), "at": found.oldest_at.isoformat(),
        }  # fmt: skip
        key = f"note:{channel}:reports:{now.astimezone(knowledge.zone).date()}:{came:%Y-%m-%dT%H}"
        outbox.enqueue(session, key, NOTE, channel, now, payload=payload)
