"""Muting: for a while nobody is reminded of an incident, as far as that may wait; and the end of it."""

from datetime import datetime, timedelta

from breach_service.acts.authorise import authorise
from breach_service.acts.rows import id_of, incident_of, need_open, need_reason
from breach_service.domain.access import Act, Actor
from breach_service.domain.incident import EntryKind
from breach_service.domain.reminders import LONGEST_MUTE
from breach_service.errors import N_, InvalidCommand
from breach_service.store import reminders, timeline
from breach_service.store.database import Session, lock_placing


def mute_reminders(session: Session, actor: Actor, reference: str, until: datetime, reason: str, now: datetime) -> None:
    """Mute the reminders of an open incident until an instant, at most three days from now; a reason is needed.

    What may wake, and dates that have passed, are spoken of all the same.
    """
    authorise(actor, Act.MUTE_REMINDERS)
    need_reason(reason)
    if until.tzinfo is None:
        raise InvalidCommand(N_("say until when with a time zone: 2026-11-22T14:05:00+01:00"))
    if until <= now:
        raise InvalidCommand(N_("reminders are muted until an instant that is still to come"))
    if until - now > LONGEST_MUTE:
        raise InvalidCommand(
            N_("reminders are muted for at most %(days)s days: mute them again then"),
            days=LONGEST_MUTE // timedelta(days=1),
        )
    lock_placing(session)
    row = incident_of(session, reference, actor, now)
    need_open(row)
    reminders.mute(session, id_of(row), until, reason.strip(), actor.name, now)
    words = {"until": until.isoformat(), "reason": reason.strip()}
    timeline.write_entry(session, id_of(row), now, EntryKind.REMINDERS_MUTED, actor.name, words)


def unmute_reminders(session: Session, actor: Actor, reference: str, now: datetime) -> None:
    """End it before its end: what was held back meanwhile is said in one message."""
    authorise(actor, Act.MUTE_REMINDERS)
    lock_placing(session)
    row = incident_of(session, reference, actor, now)
    need_open(row)
    if reminders.mute_of(session, id_of(row), now) is None:
        raise InvalidCommand(N_("the reminders of %(reference)s are not muted"), reference=row.reference)
    reminders.mute(session, id_of(row), None, "", actor.name, now)
    timeline.write_entry(session, id_of(row), now, EntryKind.REMINDERS_UNMUTED, actor.name, {})
