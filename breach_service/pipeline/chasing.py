"""Providers that owe us an answer: the team is told when it is overdue, and once a day until it comes."""

from datetime import datetime

from breach_service.domain.incident import EntryKind
from breach_service.domain.providers import chasing_key
from breach_service.domain.reminders import ReminderReason
from breach_service.pipeline.judging import REMINDER
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.opening import SERVICE
from breach_service.store import incidents, outbox, provider_notices, reminders, timeline
from breach_service.store.database import Session


def chase_providers(session: Session, knowledge: Knowledge, now: datetime) -> None:
    """Queue what must be said of silent providers now, once a day each; the caller holds the placing lock."""
    for notice in provider_notices.unanswered(session, now):
        key, due_at = chasing_key(notice, now), notice.due_at
        row = incidents.row_of(session, notice.incident)
        incident_id = row.id or 0
        if key is None or due_at is None or row.is_muted or key in outbox.said(session, incident_id):
            continue
        if reminders.mute_of(session, incident_id, now) is not None:
            continue  # a provider's silence is no date of ours: it is said when the muting is over
        outbox.remember_said(session, incident_id, key, now)
        payload = {
            "about": str(ReminderReason.PROVIDER_SILENT), "due_at": due_at.isoformat(),
            "others": len(notice.open_questions) - 1,
        }  # fmt: skip
        words = {**{name: str(value) for name, value in payload.items()}, "provider": notice.name}
        timeline.write_entry(session, incident_id, now, EntryKind.REMINDED, SERVICE, words)
        for channel in knowledge.channels:
            outbox.enqueue(
                session, f"reminder:{channel}:{incident_id}:{key}", REMINDER, channel, now, incident_id=incident_id,
                payload=payload,
            )  # fmt: skip
