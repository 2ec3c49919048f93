"""The second person: confirming a proposal makes it count; it may be declined, or withdrawn by whoever made it."""

from datetime import UTC, datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.clocks.proposing import triggers_of, words_of_proposal
from breach_service.acts.decisions.taken_on import basis_now, departing, duty_named, words_of_basis
from breach_service.acts.rows import id_of, need_reason, open_row
from breach_service.domain.access import Act, Actor
from breach_service.domain.deciding import NO, Position, PositionKind, Subject, aware_at_of, notify_of
from breach_service.domain.incident import EntryKind, Instant, InstantKind
from breach_service.domain.moving import Move, Outcome, OutcomeKind, Proposal, ProposalState
from breach_service.errors import N_, Code, InvalidCommand, NotAllowed
from breach_service.pipeline.judging import judge
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import clocks, deciding, decision_bases, obligations, records, timeline
from breach_service.store.database import Session, lock_placing
from breach_service.store.tables import IncidentRow


def confirm(
    session: Session, actor: Actor, reference: str, number: int, reason: str, knowledge: Knowledge, now: datetime
) -> None:
    """Agree to a proposal as the second person: from now on it counts. The reason may be left out."""
    authorise(actor, Act.RECORD_AWARENESS)
    row, one = _waiting(session, actor, reference, number, now)
    _need_second_person(actor, one)
    _settle(session, actor, row, one, OutcomeKind.CONFIRMED, reason, now)
    if one.move is Move.STOP:
        _stop(session, row, one, knowledge, now)
    else:
        _change(session, row, one, knowledge, now)
    judge(session, id_of(row), knowledge, now)


def decline(session: Session, actor: Actor, reference: str, number: int, reason: str, now: datetime) -> None:
    """Refuse a proposal as the second person, with the reason: the clock runs on as it did."""
    authorise(actor, Act.RECORD_AWARENESS)
    need_reason(reason)
    row, one = _waiting(session, actor, reference, number, now)
    _need_second_person(actor, one)
    _settle(session, actor, row, one, OutcomeKind.DECLINED, reason, now)


def withdraw(session: Session, actor: Actor, reference: str, number: int, reason: str, now: datetime) -> None:
    """Take one's own proposal back. The reason may be left out."""
    authorise(actor, Act.DECIDE_NOT_REQUIRED)
    row, one = _waiting(session, actor, reference, number, now)
    if (actor.person, actor.name) != (one.person, one.by):
        raise NotAllowed(N_("only whoever made a proposal withdraws it: decline it instead, with the reason"))
    _settle(session, actor, row, one, OutcomeKind.WITHDRAWN, reason, now)


def _waiting(
    session: Session, actor: Actor, reference: str, number: int, now: datetime
) -> tuple[IncidentRow, Proposal]:
    lock_placing(session)
    row = open_row(session, reference, actor, now)
    one = clocks.proposal(session, id_of(row), number)
    triggers = triggers_of(obligations.of_incident(session, id_of(row)), now)
    state = one.state(records.instants_of(session, id_of(row)), triggers)
    if state is ProposalState.LAPSED:
        raise InvalidCommand(
            N_("what the proposal number %(number)s speaks of has changed since: look again, and propose it anew"),
            number=number,
        )
    if state is not ProposalState.WAITING:
        raise InvalidCommand(
            N_("the proposal number %(number)s is %(state)s already"), number=number, state=Code(state)
        )
    return row, one


def _need_second_person(actor: Actor, one: Proposal) -> None:
    person = actor.person if actor.scope is None else None  # a token is nobody, whoever owns it
    if not one.is_second_person(person):
        raise NotAllowed(
            N_("a second person answers this, signed in to an account of their own: not %(name)s, who proposed it"),
            name=one.by,
        )


def _settle(
    session: Session, actor: Actor, row: IncidentRow, one: Proposal, kind: OutcomeKind, reason: str, now: datetime
) -> None:
    clocks.settle(session, one.id, Outcome(kind, actor.name, actor.person, reason.strip(), now))
    words = {
        **words_of_proposal(session, row, one), "number": str(one.id), "outcome": str(kind), "proposed_by": one.by,
        "reason": reason.strip(),
    }  # fmt: skip
    timeline.write_entry(session, id_of(row), now, EntryKind.CLOCK_CHANGE_SETTLED, actor.name, words)


def _change(session: Session, row: IncidentRow, one: Proposal, knowledge: Knowledge, now: datetime) -> None:
    """The later instant, or the record that takes it back."""
    if one.kind is None:
        raise ValueError("only a stopped clock has no instant")
    at = one.at or one.before_at
    is_taken_back = one.move is Move.TAKE_BACK
    instant = Instant(one.kind, at, one.reason, one.by, one.perimeter, is_taken_back=is_taken_back)
    records.record_instant(session, id_of(row), instant, now)
    if one.kind is InstantKind.AWARE_AT and not is_taken_back:
        value = at.astimezone(UTC).isoformat()
        number = _decide(session, row, one, aware_at_of(one.perimeter), value, now)
        decision_bases.add_basis(session, number, basis_now(session, row, knowledge))


def _stop(session: Session, row: IncidentRow, one: Proposal, knowledge: Knowledge, now: datetime) -> None:
    """The notice is not required from now on; the decision is that of whoever proposed it."""
    held = obligations.row_of(session, id_of(row), one.obligation or 0)
    duty = duty_named(held.duty)
    basis = basis_now(session, row, knowledge, [(held.perimeter, duty)])
    held.not_required_reason = one.reason
    session.add(held)
    session.flush()
    number = _decide(session, row, one, notify_of(one.obligation or 0), NO, now)
    decision_bases.add_basis(session, number, basis)
    words = {
        "regime": held.regime, "recipient": held.recipient, "reason": one.reason, "ground": str(one.ground),
        **({"ground_number": str(one.ground_id)} if one.ground_id else {}), **words_of_basis(basis),
        **departing(basis, held.perimeter, duty, is_to_notify=False),
    }  # fmt: skip
    timeline.write_entry(session, id_of(row), now, EntryKind.DECIDED_NOT_REQUIRED, one.by, words)


def _decide(session: Session, row: IncidentRow, one: Proposal, subject: Subject, value: str, now: datetime) -> int:
    position = Position(
        0, PositionKind.DECISION, subject, value, one.reason, one.by, now, one.person, one.ground, one.ground_id
    )
    return deciding.add_position(session, id_of(row), position)
