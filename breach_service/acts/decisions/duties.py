"""Deciding on a duty of a perimeter: to notify or not, with or against the service's advice, always with the reason."""

from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.clocks.proposing import Wish, keep_proposal, stops_a_clock
from breach_service.acts.decisions.deciding import (
    ground_for,
    recipient_named,
    record_decision,
    subjects_of,
    words_of,
)
from breach_service.acts.decisions.taken_on import basis_now, departing, words_of_basis
from breach_service.acts.rows import id_of, incident_of, need_open, need_reason
from breach_service.domain.access import Act, Actor
from breach_service.domain.deciding import NO, YES, Subject
from breach_service.domain.incident import EntryKind
from breach_service.domain.moving import Move
from breach_service.errors import N_, InvalidCommand
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.judging import judge
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import obligations, timeline
from breach_service.store.database import Session, lock_placing
from breach_service.store.tables import IncidentRow


@dataclass(frozen=True)
class DutyDecision:
    """Whether a notice is given under a duty (`authority`, `persons`, `clients`) of a perimeter, and why."""

    perimeter: str
    duty: str
    is_to_notify: bool
    reason: str


def decide_duty(
    session: Session, actor: Actor, reference: str, decision: DutyDecision, knowledge: Knowledge, now: datetime
) -> None:
    """Decide, and keep what it was decided on: rules, facts, result, and the like cases that were shown.

    A decision not to notify settles every obligation of that duty that is not sent yet (where it stops a clock with a
    date, once a second person has confirmed it); one to notify takes an earlier such decision back. Where the
    assessment finds no duty, a decision to notify is voluntary and is kept as such.
    """
    authorise(actor, Act.DECIDE_NOT_REQUIRED)
    need_reason(decision.reason)
    lock_placing(session)
    row = incident_of(session, reference, actor, now)
    need_open(row)
    ground = ground_for(session, actor, Act.DECIDE_NOT_REQUIRED, row, now)
    subjects = subjects_of(session, row, decision.perimeter, decision.duty)
    _need_ours(session, row, decision, knowledge)
    basis = basis_now(session, row, knowledge, [(decision.perimeter, decision.duty)])
    value = YES if decision.is_to_notify else NO
    common = {
        "reason": decision.reason.strip(), "perimeter": decision.perimeter, **words_of(ground), **words_of_basis(basis),
        **departing(basis, decision.perimeter, decision.duty, is_to_notify=decision.is_to_notify),
    }  # fmt: skip
    kind = EntryKind.DECIDED_TO_NOTIFY if decision.is_to_notify else EntryKind.DECIDED_NOT_REQUIRED
    for subject in subjects:
        if not decision.is_to_notify and _stops(session, row, subject, now):
            wish = Wish(Move.STOP, decision.reason, obligation=subject.obligation or 0)
            keep_proposal(session, actor, row, wish, ground, knowledge, now)
            continue
        words = _settle(session, row, subject, decision) | common
        record_decision(session, actor, row, subject, value, decision.reason, now, ground, basis)
        timeline.write_entry(session, id_of(row), now, kind, actor.name, words)
    judge(session, id_of(row), knowledge, now)


def _need_ours(session: Session, row: IncidentRow, decision: DutyDecision, knowledge: Knowledge) -> None:
    """InvalidCommand for a perimeter that the incident has not, and for a duty that is another's to decide on."""
    assessed = dossier_of(session, row.reference, knowledge).perimeter(decision.perimeter)
    if assessed is None:
        raise InvalidCommand(
            N_("%(perimeter)s is not a perimeter of %(reference)s"),
            perimeter=decision.perimeter,
            reference=row.reference,
        )
    is_ours = not assessed.perimeter.is_ours if decision.duty == "clients" else assessed.owed_by in ("us", "undecided")
    if not is_ours:
        raise InvalidCommand(
            N_("this duty is not ours: %(controller)s decides on it"), controller=assessed.perimeter.controller
        )


def _stops(session: Session, row: IncidentRow, subject: Subject, now: datetime) -> bool:
    if subject.obligation is None:
        return False
    held = obligations.row_of(session, id_of(row), subject.obligation)
    return stops_a_clock(obligations.obligation_of(held), now)


def _settle(session: Session, row: IncidentRow, subject: Subject, decision: DutyDecision) -> dict[str, str]:
    """Write the decision on the obligation, where there is one; whom the line of the chronology is about."""
    if subject.obligation is None:
        return {"recipient": recipient_named(decision.perimeter, decision.duty)}
    held = obligations.row_of(session, id_of(row), subject.obligation)
    held.not_required_reason = None if decision.is_to_notify else decision.reason.strip()
    session.add(held)
    return {"regime": held.regime, "recipient": held.recipient}
