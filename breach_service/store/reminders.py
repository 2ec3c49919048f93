"""What reminders are about, what was said already, and which are muted: for many incidents in a few statements."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlmodel import Session, col

from breach_service.domain.deadlines import DutyKind, RegimeKind
from breach_service.domain.incident import IncidentStatus
from breach_service.domain.reminders import Mute, Owed, Reminder, Speaking
from breach_service.domain.reminders.speaking import ladder_name
from breach_service.store.hot import among
from breach_service.store.incidents import INCIDENT, OPEN
from breach_service.store.obligations import OBLIGATION
from breach_service.store.reminder_tables import ReminderMuteRow
from breach_service.store.tables import ReminderRow

MUTE = ReminderMuteRow.__table__  # type: ignore[attr-defined]  # SQLModel adds __table__
REMINDER = ReminderRow.__table__  # type: ignore[attr-defined]


def speaking(session: Session, now: datetime, ids: Collection[int] | None = None) -> dict[int, Speaking]:
    """Open incidents of which something may be said, by id; of `ids` alone where they are given.

    What a sender under observation opened is left out. Obligations with the same dates are counted by the database:
    three hundred clients of one incident are a handful of rows.
    """
    wanted = [INCIDENT.c.status.in_(OPEN), INCIDENT.c.is_muted.is_(False)]
    if ids is not None:
        wanted.append(among(session, INCIDENT.c.id, ids))
    columns = [INCIDENT.c[name] for name in ("id", "status", "detected_at", "qualify_by", "drill_scale")]
    found = {
        row.id: Speaking(IncidentStatus(row.status), row.detected_at, row.qualify_by, scale=row.drill_scale)
        for row in session.execute(select(*columns).where(*wanted))
    }
    owed = _owed(session, wanted)
    muted = _mutes(session, now)
    return {
        number: replace(one, owed=tuple(owed.get(number, ())), mute=muted.get(number)) for number, one in found.items()
    }


def _owed(session: Session, wanted: Iterable[object]) -> dict[int, list[Owed]]:
    one = OBLIGATION.c
    kept, kind = one.terms["reminders"].as_string(), one.terms["kind"].as_string()
    same = (one.incident_id, one.duty, one.triggered_at, one.due_at, one.is_provisional, kept, kind)
    rows = session.execute(
        select(*same, func.count())
        .join(INCIDENT, INCIDENT.c.id == one.incident_id)
        .where(
            one.due_at.is_not(None), one.fulfilled_at.is_(None), one.not_required_reason.is_(None),
            one.withdrawn_at.is_(None), *wanted,  # type: ignore[arg-type]  # conditions
        )
        .group_by(*same)
        .order_by(one.incident_id, one.due_at)
    )  # fmt: skip
    found: dict[int, list[Owed]] = {}
    for incident_id, duty, triggered_at, due_at, is_provisional, ladder, what, number in rows:
        name = ladder_name(RegimeKind(what), ladder or "")
        found.setdefault(incident_id, []).append(
            Owed(DutyKind(duty), triggered_at, due_at, is_provisional, name, number)
        )
    return found


def marks(session: Session, ids: Collection[int]) -> dict[int, frozenset[str]]:
    """What was spoken of in some incidents."""
    found: dict[int, set[str]] = {one: set() for one in ids}
    query = select(REMINDER.c.incident_id, REMINDER.c.speaks_for).where(among(session, REMINDER.c.incident_id, ids))
    for incident_id, spoken in session.execute(query):
        found[incident_id].update(spoken)
    return {number: frozenset(one) for number, one in found.items()}


def remember(session: Session, incident_id: int, said: Reminder, now: datetime) -> None:
    """Note that a reminder was raised, and what it spoke for."""
    session.add(ReminderRow(incident_id=incident_id, key=said.key, said_at=now, speaks_for=list(said.marks)))


def mute(session: Session, incident_id: int, until: datetime | None, reason: str, by: str, now: datetime) -> None:
    """Mute the reminders of an incident until an instant; None: no longer."""
    session.execute(insert(MUTE).values(incident_id=incident_id, at=now, by=by, reason=reason, until=until))


def mute_of(session: Session, incident_id: int, now: datetime) -> Mute | None:
    """Who mutes the reminders of an incident now; None where nobody does."""
    return _mutes(session, now, incident_id).get(incident_id)


def _mutes(session: Session, now: datetime, incident_id: int | None = None) -> dict[int, Mute]:
    """Of every incident the latest row, where it still holds."""
    latest = select(func.max(col(ReminderMuteRow.id))).group_by(col(ReminderMuteRow.incident_id))
    if incident_id is not None:
        latest = latest.where(col(ReminderMuteRow.incident_id) == incident_id)
    rows = session.execute(select(MUTE).where(MUTE.c.id.in_(latest), MUTE.c.until > now))
    return {row.incident_id: Mute(row.id, row.until, row.reason, row.by, row.at) for row in rows}
