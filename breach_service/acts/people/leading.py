"""Who leads an incident: one person who works, whom everybody can ask and on whom its work rests."""

from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.rows import id_of, incident_of, need_open
from breach_service.domain.access import ALLOWED, Act, Actor, UserRole, sight_of
from breach_service.domain.incident import EntryKind
from breach_service.errors import N_, Code, InvalidCommand
from breach_service.store import handover, incidents, people, timeline
from breach_service.store.database import Session, lock_placing
from breach_service.store.sight import Visibility
from breach_service.store.tables import IncidentRow

LEADING = ALLOWED[Act.RECORD_FACT]
"""The roles that can lead: whoever leads an incident works on it."""


def lead(session: Session, actor: Actor, reference: str, person: int | None, now: datetime) -> None:
    """Say who leads an open incident; None for nobody any more."""
    authorise(actor, Act.LEAD)
    lock_placing(session)
    row = incident_of(session, reference, actor, now)
    need_open(row)
    if row.lead == person:
        raise InvalidCommand(N_("%(reference)s is led so already"), reference=row.reference)
    if person is not None:
        _need_can_lead(session, row, person, now)
    lead_from_now(session, row, person, actor.name, now)


def lead_from_now(session: Session, row: IncidentRow, person: int | None, by: str, now: datetime) -> None:
    """Write down who leads, with its line in the chronology; whoever calls this has checked that they can."""
    former = people.user(session, row.lead) if row.lead is not None else None
    chosen = people.user(session, person) if person is not None else None
    row.lead = person
    handover.save(session, row)
    words = {"from": former.name if former else "", "to": chosen.name if chosen else ""}
    timeline.write_entry(session, id_of(row), now, EntryKind.LEAD_CHANGED, by, words)


def leader_of(session: Session, incident_id: int) -> tuple[int, str] | None:
    """Number and name of whoever leads an incident."""
    number = incidents.row_by_id(session, incident_id).lead
    row = people.user(session, number) if number is not None else None
    return None if row is None else (row.id or 0, row.name)


def can_lead(session: Session, incident_id: int, now: datetime) -> list[tuple[int, str]]:
    """Number and name of everybody who can lead an incident: who works, has an account, and sees it."""
    return [
        (row.id or 0, row.name)
        for row in people.users(session)
        if row.disabled_at is None and UserRole(row.role) in LEADING and _sees(session, row.id or 0, row.role,
                                                                              incident_id, now)
    ]  # fmt: skip


def _need_can_lead(session: Session, row: IncidentRow, person: int, now: datetime) -> None:
    chosen = people.user(session, person)
    if chosen is None or chosen.disabled_at is not None:
        raise InvalidCommand(N_("choose somebody who has an account that is not disabled"))
    if UserRole(chosen.role) not in LEADING:
        raise InvalidCommand(
            N_("%(name)s (%(role)s) cannot lead: choose a responder, a DPO or a decider"),
            name=chosen.name,
            role=Code(chosen.role),
        )
    if not _sees(session, person, chosen.role, id_of(row), now):
        raise InvalidCommand(
            N_("%(name)s does not see %(reference)s: name them there first, or choose another"),
            name=chosen.name,
            reference=row.reference,
        )


def _sees(session: Session, person: int, role: str, incident_id: int, now: datetime) -> bool:
    sight = sight_of(Actor("", UserRole(role), person=person))
    return incident_id in incidents.seen_among(session, [incident_id], Visibility(sight, now))
