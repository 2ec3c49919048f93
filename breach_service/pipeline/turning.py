"""A day on which the dated inventory changes judges open incidents again: a contract ends, a deletion is certified.

Nothing else may have happened that day, so nobody would look. It is done once for each day of an organisation's zone
and once at the start, for the days on which no process ran; it costs little where nothing turned.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from breach_service.pipeline.judging import changed_among, judge
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import incidents
from breach_service.store.database import Database, Session, lock_placing

AT_ONCE = 200
"""Incidents that are looked at in one transaction."""

Days = tuple[date, ...]


def days_of(knowledge: Knowledge, now: datetime) -> Days:
    """Which day it is for each organisation, in their order; `now` aware."""
    return tuple(now.astimezone(ZoneInfo(one.zone)).date() for one in knowledge.inventory.organisations)


def judge_what_turned(database: Database, knowledge: Knowledge, now: datetime) -> int:
    """Judge the open incidents again of which what they are judged by is another than before; how many."""
    with database.reading() as session:
        ids = incidents.open_ids(session)
        turned = [
            one
            for at in range(0, len(ids), AT_ONCE)
            for one in changed_among(session, ids[at : at + AT_ONCE], knowledge, now)
        ]
    for at in range(0, len(turned), AT_ONCE):
        _judge(database, turned[at : at + AT_ONCE], knowledge, now)
    return len(turned)


def _judge(database: Database, ids: list[int], knowledge: Knowledge, now: datetime) -> None:
    def work(session: Session) -> None:
        lock_placing(session)
        for one in sorted(ids):
            judge(session, one, knowledge, now)

    database.write(work)
