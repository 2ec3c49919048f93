"""Wake: whoever is on call at once, the next level later, everybody in the end, until somebody acknowledges.

Calls begin and end here, in the transaction of what made them so; their steps are taken by the clock (`worker.waking`).
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from breach_service.domain.assessment import Assessment
from breach_service.domain.deadlines import OPEN_STATES, state_of
from breach_service.domain.incident import OPEN_STATUSES, UNQUALIFIED_STATUSES, EntryKind, Incident, IncidentStatus
from breach_service.domain.waking import Call, CallEnd, CallState, Urgencies, Urgency, Verdict, WakeReason, urgency_of
from breach_service.pipeline.opening import SERVICE
from breach_service.store import calls, incidents, obligations, outbox, timeline
from breach_service.store.database import Session
from breach_service.store.outbox import Message
from breach_service.store.tables import IncidentRow

PAGE = "page"
"""The kind of a message to a pager; its channel is the pager's name."""
WAKE_PERSON = "wake_person"
"""The kind of a message to one person; its channel is the kind of way."""
WAKE_TEAM = "wake_team"
"""The kind of a message to the team; its channel is the channel."""
URGENT = "urgent"


def wake(session: Session, incident_id: int, reason: WakeReason, key: str, now: datetime) -> None:
    """Begin to wake people because of an incident; the caller holds the placing lock.

    `key` says what it is about (an urgency, or a rung of a date): the same is never said twice. An acknowledgement of
    an earlier call does not cover it. Nobody is woken by what a sender under observation opened.
    """
    row = incidents.row_by_id(session, incident_id)
    if not row.is_muted and row.status in OPEN_STATUSES:
        calls.begin(session, incident_id, reason, key, now)


def verdict_on(incident: Incident, assessment: Assessment, urgencies: Urgencies) -> Verdict:
    """How urgent an incident is: that of its most urgent place."""
    places = (place.values for one in assessment.perimeters for place in one.places)
    return urgency_of(places, incident.signals, urgencies)


def call_for_urgent(session: Session, rows: Iterable[IncidentRow], now: datetime) -> None:
    """Begin the calls of incidents that are urgent and not qualified, one each; one statement where there are none.

    One that was acknowledged stays so; where an earlier one ended because less was feared, a new one begins.
    """
    urgent = {
        row.id or 0: row
        for row in rows
        if row.urgency == Urgency.WAKE and row.status in UNQUALIFIED_STATUSES and not row.is_muted
    }
    if not urgent:
        return
    held = calls.of_incidents(session, urgent)
    for number in urgent:
        before = [one for one in held.get(number, ()) if one.reason is WakeReason.URGENT]
        if all(one.state is CallState.ENDED for one in before):
            key = f"{URGENT}:{len(before) + 1}" if before else URGENT
            calls.begin(session, number, WakeReason.URGENT, key, now)


def end_calls(session: Session, ids: Collection[int], now: datetime) -> None:
    """End the calls of incidents whose matter is over, and let pagers know."""
    held = calls.of_incidents(session, ids)
    for number, found in held.items():
        row = incidents.row_by_id(session, number)
        for one in found:
            if one.ended_at is None and (why := end_of(session, one, row, now)) is not None:
                end_call(session, one, why, now)


def end_of(session: Session, call: Call, row: IncidentRow, now: datetime) -> CallEnd | None:
    """Why a call is over; None while it is not."""
    if row.status not in OPEN_STATUSES:
        return CallEnd.QUALIFIED
    if call.reason is WakeReason.URGENT:
        if row.status == IncidentStatus.CONFIRMED:
            return CallEnd.QUALIFIED
        return None if row.urgency == Urgency.WAKE else CallEnd.LESS_URGENT
    if row.status in UNQUALIFIED_STATUSES:
        return None
    held = obligations.of_incident(session, call.incident_id)
    is_owed = any(one.due_at is not None and state_of(one, now) in OPEN_STATES for one in held)
    return None if is_owed else CallEnd.NOTHING_OWED


def end_call(session: Session, call: Call, why: CallEnd, now: datetime) -> None:
    """Note that a call is over, with its line where somebody was called and nobody had answered."""
    calls.end(session, call.id, why, now)
    if call.state is CallState.OPEN and call.steps:
        words = {"why": str(why), "about": str(call.reason)}
        timeline.write_entry(session, call.incident_id, now, EntryKind.CALL_ENDED, SERVICE, words)
    tell_of(session, call, "resolve", now)


def tell_of(session: Session, call: Call, what: str, now: datetime) -> None:
    """Queue that a call was acknowledged, or is over (`what`): for each pager that was told, and for the team."""
    steps = calls.steps_of(session, [call.id]).get(call.id, [])
    about = {"call": call.id, "what": what}
    told = sorted({(one.way, one.key.partition(":")[0]) for step in steps for one in step.told if one.person is None})
    messages = [
        Message(f"{first}:{way}:{call.id}:{what}", PAGE, way, now, None, about)
        if first == PAGE
        else Message(f"{first}:{way}:{call.id}:{what}", WAKE_TEAM, way, now, call.incident_id, about)
        for way, first in told
        if first == PAGE or what == "acknowledge"
    ]
    outbox.enqueue_all(session, messages, now)
