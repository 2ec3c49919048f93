"""Calls as people answer them: who can be called because of an incident, and saying that one is there."""

from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.on_call.rota_board import absent, on_call
from breach_service.acts.rows import id_of, incident_of
from breach_service.domain.access import ALLOWED, Act, Actor, PersonStanding, UserRole, sight_of, what_is_seen
from breach_service.domain.contact_ways import WayKind
from breach_service.domain.incident import EntryKind
from breach_service.domain.waking import CallState, Roster
from breach_service.errors import N_, InvalidCommand
from breach_service.pipeline.waking import tell_of
from breach_service.store import calls, compartments, contact_ways, people, rota, timeline
from breach_service.store.cipher import Cipher
from breach_service.store.database import Session, lock_placing
from breach_service.store.tables import IncidentRow


def roster_for(session: Session, row: IncidentRow, now: datetime) -> Roster:
    """Whom an incident may wake now: those who can answer and who see it; nobody at whom it points.

    Who is away is left out, unless nobody else is there.
    """
    lines = compartments.standings_of(session, id_of(row))
    standings = [PersonStanding(one.person, one.standing, one.at, one.until, one.ended_at) for one in lines]

    def sees(person: int, name: str, role: str) -> bool:
        actor = Actor(name, UserRole(role), person=person)
        return what_is_seen(sight_of(actor), standings, row.is_restricted, now)

    able = {
        one.id
        for one in rota.members(session)
        if one.disabled_at is None
        and UserRole(one.role) in ALLOWED[Act.ANSWER_CALL]
        and sees(one.id, one.name, one.role)
    }
    who = on_call(session, now)
    present = able - absent(session, now)
    return Roster(
        first=who.first if who.first in able else None,
        second=who.second if who.second in able else None,
        everyone=present or able,
    )


def acknowledge(session: Session, actor: Actor, reference: str, now: datetime) -> int:
    """Say that one is there: nobody else is called for what the incident calls for now; how many calls that were.

    What comes to call later (a date that draws near) calls again. InvalidCommand where nobody is being called.
    """
    authorise(actor, Act.ANSWER_CALL)
    lock_placing(session)
    row = incident_of(session, reference, actor, now)
    number = id_of(row)
    waiting = [one for one in calls.of_incidents(session, [number]).get(number, ()) if one.state is CallState.OPEN]
    if not waiting:
        raise InvalidCommand(
            N_("nobody is being called for %(reference)s: somebody answered already, or it is over"),
            reference=row.reference,
        )
    calls.acknowledge(session, [one.id for one in waiting], actor.name, now)
    for one in waiting:
        words = {"about": str(one.reason), "began_at": one.began_at.isoformat()}
        timeline.write_entry(session, number, now, EntryKind.CALL_ACKNOWLEDGED, actor.name, words)
        tell_of(session, one, "acknowledge", now)
    return len(waiting)


def actor_in_slack(session: Session, cipher: Cipher, member: str) -> Actor | None:
    """Whose account a member of the Slack is: that of who proved that direct messages reach them there; None: nobody's.

    `member`: their id there, as Slack signed it.
    """
    found = [
        one.person
        for one in contact_ways.proven(session, WayKind.SLACK)
        if member and cipher.open(bytes.fromhex(one.sealed)).decode() == member
    ]
    rows = [row for row in (people.user(session, one) for one in dict.fromkeys(found)) if row is not None]
    able = [row for row in rows if row.disabled_at is None]
    return Actor(able[0].name, UserRole(able[0].role), person=able[0].id) if len(able) == 1 else None
