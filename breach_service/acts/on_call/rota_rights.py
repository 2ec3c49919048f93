"""Who may change what of the rota, who can stand in it, and how changes are written down."""

from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.domain.access import ALLOWED, Act, Actor, UserRole, is_allowed
from breach_service.domain.incident import EntryKind
from breach_service.domain.rota import Level
from breach_service.errors import N_, Code, NotAllowed, Sentence
from breach_service.store import timeline
from breach_service.store.database import Session
from breach_service.store.rota import Member

ANSWERING = {
    Level.FIRST: ALLOWED[Act.RECORD_AWARENESS],
    Level.SECOND: ALLOWED[Act.RECORD_AWARENESS],
    Level.DPO: ALLOWED[Act.GIVE_OPINION],
    Level.DEPUTY: ALLOWED[Act.QUALIFY],
}
"""Which roles can do what somebody on a level is called for."""


def fault_of_member(member: Member, level: Level) -> str:
    """Why an account cannot stand on a level, a sentence; empty where it can."""
    if member.disabled_at is not None:
        return Sentence(N_("the account %(email)s is disabled: take it out of the rota"), email=member.email)
    if UserRole(member.role) not in ANSWERING[level]:
        return Sentence(
            N_("%(email)s has the role %(role)s, which cannot do what is asked on call: one of %(roles)s can"),
            email=member.email,
            role=Code(member.role),
            roles=sorted(ANSWERING[level]),
        )
    return ""


def authorise_for(actor: Actor, person: int, otherwise: str) -> None:
    """Raise NotAllowed unless it is the actor themselves, or somebody who manages the rota."""
    if actor.person is not None and actor.person == person:
        authorise(actor, Act.KEEP_OWN_ACCOUNT)
    elif not is_allowed(actor, Act.MANAGE_ROTA):
        raise NotAllowed(
            N_("the role %(role)s does not manage the rota: %(otherwise)s"), role=Code(actor.role), otherwise=otherwise
        )


def note(session: Session, actor: Actor, now: datetime, what: str, **words: object) -> None:
    """Write a change of the rota into the chronology, so that it is sealed."""
    said = {name: one.isoformat() if isinstance(one, datetime) else str(one) for name, one in words.items()}
    timeline.write_entry(session, None, now, EntryKind.ROTA_CHANGED, actor.name, {"what": what, **said})
