"""Looking after senders: replaced secrets go, observations end, and the operator hears of a sender that is refused."""

from datetime import datetime, timedelta

from breach_service.domain.grouping import minute_of
from breach_service.domain.grouping.patterns import reach_of
from breach_service.domain.incident import EntryKind
from breach_service.pipeline.chasing import chase_providers
from breach_service.pipeline.judging import judge
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.listening import NOTE as NOTE
from breach_service.pipeline.listening import watch_silence
from breach_service.pipeline.opening import SERVICE
from breach_service.pipeline.placing import DAY, place_what_did_not_come
from breach_service.pipeline.reports_waiting import tell_of_reports
from breach_service.pipeline.unknown_names import look_for_unknown
from breach_service.store import grouping, incidents, outbox, redeliveries, sources, timeline
from breach_service.store.database import Session, lock_placing
from breach_service.store.tables import SourceRow

FORMER_SECRET_LASTS = timedelta(hours=24)
"""A replaced secret goes once it has been unused for this long."""
COUNTS_LAST = timedelta(days=7)
"""How far behind a sender may be for its alerts to be counted with others of their time."""
TELL_AGAIN_AFTER = timedelta(hours=1)
"""A sender that is accepted and refused in turn is told of at most this often."""


def tend(session: Session, knowledge: Knowledge, now: datetime) -> None:
    """Do whatever is due; to be called every few seconds."""
    lock_placing(session)
    for name in sources.retire_former_secrets(session, FORMER_SECRET_LASTS, now):
        _note_down(session, "former_secret_retired", name, now)
    for row in sources.with_observation_over(session, now):
        end_observation(session, row, knowledge, now)
    for row in sources.refused_and_not_told(session, TELL_AGAIN_AFTER, now):
        _tell_of_refusal(session, row, knowledge, now)
    watch_silence(session, knowledge, now)
    redeliveries.forget_expired(session, now)
    _forget_counts(session, knowledge, now)
    changed = place_what_did_not_come(session, knowledge, now)
    for incident_id in sorted(changed.judge):
        judge(session, incident_id, knowledge, now)
    chase_providers(session, knowledge, now)
    look_for_unknown(session, knowledge, now)
    tell_of_reports(session, knowledge, now)


def _forget_counts(session: Session, knowledge: Knowledge, now: datetime) -> None:
    """What no pattern reaches back to any more, and what is too old to say that something is common."""
    rules = knowledge.catalogue.grouping
    reach = max((reach_of(one) for one in rules.patterns), default=0)
    grouping.forget_tallies(session, minute_of(now - COUNTS_LAST) - 2 * reach)
    grouping.forget_uses(session, minute_of(now - COUNTS_LAST) // DAY - rules.common.within_days)


def end_observation(session: Session, row: SourceRow, knowledge: Knowledge, now: datetime) -> None:
    """From now on the team is told of what this sender says; what it opened until now stays silent until touched."""
    opened = len(incidents.opened_under_observation(session, row.name))
    row.observed_until = None
    session.add(row)
    _note_down(session, "observation_over", row.name, now)
    if opened:
        _tell(session, f"observed:{row.name}:{now.isoformat()}", knowledge, now, "observed", row.name, str(opened))


def _tell_of_refusal(session: Session, row: SourceRow, knowledge: Knowledge, now: datetime) -> None:
    since = row.refusing_since or now
    row.refusal_told_at = now
    session.add(row)
    reason = sources.last_refusal(session, row.name)
    _tell(session, f"refused:{row.name}:{since.isoformat()}", knowledge, now, "refused", row.name, reason)


def _tell(
    session: Session, key: str, knowledge: Knowledge, now: datetime, about: str, source: str, what: str
) -> None:  # fmt: skip
    for channel in knowledge.channels:
        payload = {"about": about, "source": source, "what": what, "at": now.isoformat()}
        outbox.enqueue(session, f"note:{channel}:{key}", NOTE, channel, now, payload=payload)


def _note_down(session: Session, note: str, source: str, now: datetime) -> None:
    timeline.write_entry(session, None, now, EntryKind.NOTED, SERVICE, {"note": note, "source": source})
