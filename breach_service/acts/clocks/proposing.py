"""More time takes two people: whoever decides proposes it with the reason, somebody else confirms or declines it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.clocks.recording import in_words, need_perimeter, need_recordable
from breach_service.acts.decisions.deciding import REGISTER_STAYS, ground_for, words_of
from breach_service.acts.decisions.taken_on import basis_now, duty_named, words_of_basis
from breach_service.acts.rows import id_of, need_reason, open_row, refuse_future
from breach_service.domain.access import Act, Actor, Ground
from breach_service.domain.deadlines import OPEN_STATES, DutyKind, Obligation, state_of
from breach_service.domain.incident import EntryKind, Instant, InstantKind, instants_for
from breach_service.domain.moving import Move, Proposal, ProposalState, counting
from breach_service.errors import N_, InvalidCommand, NotFound
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import clocks, obligations, records, timeline
from breach_service.store.database import Session, lock_placing
from breach_service.store.tables import IncidentRow


@dataclass(frozen=True)
class Wish:
    """What somebody wants of a clock, and why. `at` aware."""

    move: Move
    """LATER, TAKE_BACK or STOP."""
    reason: str
    kind: InstantKind | None = None
    """Which instant, for LATER and TAKE_BACK."""
    at: datetime | None = None
    """The later instant, for LATER."""
    perimeter: str = ""
    obligation: int = 0
    """Whose clock, for STOP."""


def propose(session: Session, actor: Actor, reference: str, wish: Wish, knowledge: Knowledge, now: datetime) -> int:
    """Propose a change that gives more time; its number. Nothing changes until a second person confirms it."""
    authorise(actor, Act.DECIDE_NOT_REQUIRED)
    need_reason(wish.reason)
    lock_placing(session)
    row = open_row(session, reference, actor, now)
    ground = ground_for(session, actor, Act.DECIDE_NOT_REQUIRED, row, now)
    return keep_proposal(session, actor, row, wish, ground, knowledge, now)


def keep_proposal(
    session: Session, actor: Actor, row: IncidentRow, wish: Wish, ground: Ground, knowledge: Knowledge, now: datetime
) -> int:
    """Check what is wanted against what counts by now, and keep it with its line; its number."""
    before, before_at = _what_counts(session, row, wish, knowledge, now)
    _need_new(session, row, wish, now)
    is_stop = wish.move is Move.STOP
    new = Proposal(
        id=0, move=wish.move, perimeter="" if is_stop else wish.perimeter, kind=None if is_stop else wish.kind,
        at=wish.at if wish.move is Move.LATER else None, obligation=wish.obligation if is_stop else None,
        before=before, before_at=before_at, reason=wish.reason.strip(), by=actor.name, person=actor.person,
        ground=ground.kind, ground_id=ground.number, proposed_at=now,
    )  # fmt: skip
    number = clocks.add_proposal(session, id_of(row), new)
    about = []
    if is_stop:
        held = obligations.row_of(session, id_of(row), wish.obligation)
        about = [(held.perimeter, duty_named(held.duty))]
    words = {
        **words_of_proposal(session, row, new), "number": str(number), "reason": new.reason, **words_of(ground),
        **words_of_basis(basis_now(session, row, knowledge, about)),
    }  # fmt: skip
    timeline.write_entry(session, id_of(row), now, EntryKind.CLOCK_CHANGE_PROPOSED, actor.name, words)
    return number


def words_of_proposal(session: Session, row: IncidentRow, one: Proposal) -> dict[str, str]:
    """What lines of the chronology say of a proposal."""
    words = {"move": str(one.move), "before_at": one.before_at.isoformat(), "perimeter": one.perimeter}
    if one.kind is not None:
        words["instant"] = str(one.kind)
    if one.at is not None:
        words["at"] = one.at.isoformat()
    if one.obligation is not None:
        held = obligations.row_of(session, id_of(row), one.obligation)
        words |= {"regime": held.regime, "recipient": held.recipient, "perimeter": held.perimeter}
    return words


def _what_counts(
    session: Session, row: IncidentRow, wish: Wish, knowledge: Knowledge, now: datetime
) -> tuple[int, datetime]:
    """Number and instant of the record that counts; for a clock that is stopped 0 and from when it counts."""
    if wish.move is Move.STOP:
        return 0, _running(session, row, wish.obligation, now).triggered_at
    if wish.kind is None or wish.move not in (Move.LATER, Move.TAKE_BACK):
        raise InvalidCommand(N_("say which instant: later, or taken back"))
    need_recordable(wish.kind)
    need_perimeter(session, row, wish.perimeter, knowledge, now)
    held = records.instants_of(session, id_of(row))
    if wish.move is Move.TAKE_BACK:
        own = instants_for(wish.perimeter, held).get(wish.kind)
        if own is None or own.perimeter != wish.perimeter:
            raise InvalidCommand(N_("nothing is recorded there that could be taken back"))
        return own.recorded, own.at
    return _later(wish, wish.kind, held, knowledge, now)


def _later(
    wish: Wish, kind: InstantKind, held: Sequence[Instant], knowledge: Knowledge, now: datetime
) -> tuple[int, datetime]:
    if wish.at is None:
        raise InvalidCommand(N_("say the later instant: its date and its hour"))
    refuse_future(now, **{str(kind): wish.at})
    before = counting(kind, wish.perimeter, held)
    if before is None:
        raise InvalidCommand(N_("nothing is recorded yet: record the instant, which starts the clock"))
    if wish.at <= before.at:
        raise InvalidCommand(
            N_("that is not later than what counts by now (%(before)s): record it, no second person is needed"),
            before=in_words(before.at, knowledge),
        )
    return before.recorded, before.at


def _running(session: Session, row: IncidentRow, number: int, now: datetime) -> Obligation:
    found = next((one for one in obligations.of_incident(session, id_of(row)) if one.id == number), None)
    if found is None:
        raise NotFound(N_("there is no obligation number %(obligation_id)s in this incident"), obligation_id=number)
    if found.duty is DutyKind.REGISTER:
        raise InvalidCommand(REGISTER_STAYS)
    if found.fulfilled_at is not None:
        raise InvalidCommand(N_("this notice is already recorded as sent"))
    if state_of(found, now) not in OPEN_STATES:
        raise InvalidCommand(N_("this clock does not run any more"))
    return found


def _need_new(session: Session, row: IncidentRow, wish: Wish, now: datetime) -> None:
    """InvalidCommand where somebody is being asked about the same thing already."""
    subject = (wish.obligation, None) if wish.move is Move.STOP else (None, (wish.kind, wish.perimeter))
    for one in waiting(session, row, now):
        if ((one.obligation or None), (one.kind, one.perimeter) if one.kind else None) == subject:
            raise InvalidCommand(
                N_("the proposal number %(number)s waits for a second person already: answer it first"), number=one.id
            )


def stops_a_clock(held: Obligation, now: datetime) -> bool:
    """True where saying that a notice is not required stops a clock with a date: that takes a second person."""
    return held.due_at is not None and state_of(held, now) in OPEN_STATES


def triggers_of(owed: Sequence[Obligation], now: datetime) -> Mapping[int, datetime]:
    """From when each clock counts that still runs, by number of its obligation."""
    return {one.id: one.triggered_at for one in owed if state_of(one, now) in OPEN_STATES}


def waiting(session: Session, row: IncidentRow, now: datetime) -> tuple[Proposal, ...]:
    """The proposals of an incident that wait for a second person."""
    held = records.instants_of(session, id_of(row))
    triggers = triggers_of(obligations.of_incident(session, id_of(row)), now)
    found = clocks.proposals_of(session, id_of(row))
    return tuple(one for one in found if one.state(held, triggers) is ProposalState.WAITING)
