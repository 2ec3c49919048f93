"""Proposals to move or stop clocks with how they ended, and the reasons for delays. Insert-only."""

from sqlmodel import Session, col, select

from breach_service.domain.access import GroundKind
from breach_service.domain.dossier import DelayReason
from breach_service.domain.incident import InstantKind
from breach_service.domain.moving import Move, Outcome, OutcomeKind, Proposal
from breach_service.errors import N_, NotFound
from breach_service.store.clock_tables import ClockOutcomeRow, ClockProposalRow, DelayReasonRow
from breach_service.store.tables import ObligationRow


def add_proposal(session: Session, incident_id: int, new: Proposal) -> int:
    """Keep a proposal (its `id` is passed over); its number."""
    row = ClockProposalRow(
        incident_id=incident_id, move=str(new.move), perimeter=new.perimeter, kind=str(new.kind or ""), at=new.at,
        obligation_id=new.obligation, before_record=new.before, before_at=new.before_at, reason=new.reason, by=new.by,
        user_id=new.person, ground=str(new.ground), ground_id=new.ground_id, proposed_at=new.proposed_at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id or 0


def proposals_of(session: Session, incident_id: int) -> tuple[Proposal, ...]:
    """Every proposal of an incident with how it ended, oldest first."""
    rows = session.exec(
        select(ClockProposalRow, ClockOutcomeRow)
        .join(ClockOutcomeRow, col(ClockOutcomeRow.proposal_id) == ClockProposalRow.id, isouter=True)
        .where(ClockProposalRow.incident_id == incident_id)
        .order_by(col(ClockProposalRow.id))
    )
    return tuple(_proposal(row, outcome) for row, outcome in rows)


def _proposal(row: ClockProposalRow, ended: ClockOutcomeRow | None) -> Proposal:
    outcome = None
    if ended is not None:
        outcome = Outcome(OutcomeKind(ended.outcome), ended.by, ended.user_id, ended.reason, ended.at)
    return Proposal(
        id=row.id or 0, move=Move(row.move), perimeter=row.perimeter, kind=InstantKind(row.kind) if row.kind else None,
        at=row.at, obligation=row.obligation_id, before=row.before_record, before_at=row.before_at, reason=row.reason,
        by=row.by, person=row.user_id, ground=GroundKind(row.ground), ground_id=row.ground_id,
        proposed_at=row.proposed_at, outcome=outcome,
    )  # fmt: skip


def proposal(session: Session, incident_id: int, number: int) -> Proposal:
    """One proposal of an incident; NotFound where there is none of that number."""
    found = next((one for one in proposals_of(session, incident_id) if one.id == number), None)
    if found is None:
        raise NotFound(N_("there is no proposal number %(number)s in this incident"), number=number)
    return found


def settle(session: Session, number: int, outcome: Outcome) -> None:
    """Keep how a proposal ended."""
    session.add(
        ClockOutcomeRow(
            proposal_id=number, outcome=str(outcome.kind), reason=outcome.reason, by=outcome.by,
            user_id=outcome.person, at=outcome.at,
        )
    )  # fmt: skip
    session.flush()


def add_delay_reason(session: Session, new: DelayReason) -> None:
    """Keep why a notice is late; what was said before stays beside it."""
    session.add(DelayReasonRow(obligation_id=new.obligation, reason=new.reason, by=new.by, at=new.at))
    session.flush()


def delay_reasons_of(session: Session, incident_id: int) -> tuple[DelayReason, ...]:
    """Every reason for a delay that was given in an incident, oldest first."""
    rows = session.exec(
        select(DelayReasonRow)
        .join(ObligationRow, col(ObligationRow.id) == DelayReasonRow.obligation_id)
        .where(ObligationRow.incident_id == incident_id)
        .order_by(col(DelayReasonRow.id))
    )
    return tuple(DelayReason(row.obligation_id, row.reason, row.by, row.at) for row in rows)
