"""Who moves a clock alone, and what waits for a second person."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breach_service.domain.access import GroundKind
from breach_service.domain.incident import Instant, InstantKind, instants_for, not_taken_back
from breach_service.domain.moving import (
    ALONE,
    RECORDED,
    Move,
    Outcome,
    OutcomeKind,
    Proposal,
    ProposalState,
    counting,
    move_to,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
AWARE, FLAW = InstantKind.AWARE_AT, InstantKind.FLAW_DISCOVERED_AT
PERIMETERS = ("", "own", "client:commune-exemple")
ATS = st.integers(-5000, 5000).map(lambda minutes: NOON + timedelta(minutes=minutes))
RECORDS = st.lists(st.tuples(st.sampled_from(RECORDED), ATS, st.sampled_from(PERIMETERS), st.booleans()), max_size=12)
HYPOTHESIS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def recorded(*said: tuple[InstantKind, datetime, str, bool]) -> tuple[Instant, ...]:
    numbers = count(1)
    return tuple(
        Instant(kind, at, "Seen.", "Maud", perimeter, next(numbers), is_taken_back)
        for kind, at, perimeter, is_taken_back in said
    )


def proposal(**changes: object) -> Proposal:
    given_fields: dict[str, object] = {
        "id": 1, "move": Move.LATER, "perimeter": "", "kind": AWARE, "at": NOON + timedelta(hours=2),
        "obligation": None, "before": 1, "before_at": NOON, "reason": "Seen later.", "by": "Camille", "person": 7,
        "ground": GroundKind.DELEGATION, "ground_id": 1, "proposed_at": NOON, **changes,
    }  # fmt: skip
    return Proposal(**given_fields)  # type: ignore[arg-type]


@HYPOTHESIS
@given(RECORDS, st.sampled_from(RECORDED), st.sampled_from(PERIMETERS), ATS)
def test_nobody_moves_a_clock_later_alone(
    said: list[tuple[InstantKind, datetime, str, bool]], kind: InstantKind, perimeter: str, at: datetime
) -> None:
    """Whatever one person records alone, what counts never becomes later than it was; the first starts the clock."""
    held = recorded(*said)
    before, move = counting(kind, perimeter, held), move_to(kind, perimeter, held, at)
    assert (move in ALONE) is (before is None or at <= before.at)
    if move in ALONE:
        after = counting(kind, perimeter, (*held, Instant(kind, at, "Seen.", "Ali", perimeter, len(held) + 1)))
        assert after is not None
        assert after.at == at
        assert before is None or after.at <= before.at


@HYPOTHESIS
@given(RECORDS, st.sampled_from(RECORDED), st.sampled_from(PERIMETERS), st.integers(0, 9999))
def test_an_earlier_instant_is_always_allowed(
    said: list[tuple[InstantKind, datetime, str, bool]], kind: InstantKind, perimeter: str, minutes: int
) -> None:
    """By anybody who works on the incident, however often it was moved before."""
    held = recorded(*said)
    before = counting(kind, perimeter, held)
    at = (before.at if before else NOON) - timedelta(minutes=minutes)
    assert move_to(kind, perimeter, held, at) in ALONE


@HYPOTHESIS
@given(RECORDS)
def test_what_counts_is_one_of_the_records_and_was_not_taken_back(
    said: list[tuple[InstantKind, datetime, str, bool]],
) -> None:
    """No record is lost: what counts is found again among those that nobody took back."""
    held = recorded(*said)
    standing = not_taken_back(held)
    for perimeter in PERIMETERS:
        for one in instants_for(perimeter, held).values():
            assert one in standing
            assert one.perimeter in ("", perimeter)


@HYPOTHESIS
@given(RECORDS)
def test_the_order_in_which_records_are_read_changes_nothing(
    said: list[tuple[InstantKind, datetime, str, bool]],
) -> None:
    """The number of a record says what came later, not its place."""
    held = recorded(*said)
    for perimeter in PERIMETERS:
        assert instants_for(perimeter, held) == instants_for(perimeter, reversed(held))


def test_a_flaw_without_a_date_of_its_own_counts_from_awareness() -> None:
    """So that dating it later than awareness moves the clocks of clients later."""
    held = recorded((AWARE, NOON, "", False))
    assert move_to(FLAW, "", held, NOON + timedelta(hours=1)) is Move.LATER
    assert move_to(FLAW, "", held, NOON - timedelta(hours=1)) is Move.EARLIER
    assert move_to(FLAW, "", (), NOON) is Move.START


def test_a_perimeter_of_its_own_may_not_leave_the_incident_behind() -> None:
    """The whole incident's instant counts there until it has one: a later one of its own is later."""
    held = recorded((AWARE, NOON, "", False))
    assert move_to(AWARE, "own", held, NOON + timedelta(minutes=1)) is Move.LATER
    assert move_to(AWARE, "own", held, NOON) is Move.SAME


def test_one_that_was_taken_back_counts_no_more() -> None:
    """The incident's counts again; of the whole incident none does, and the next record starts the clock anew."""
    later = NOON + timedelta(hours=3)
    held = recorded((AWARE, NOON, "", False), (AWARE, later, "own", False), (AWARE, later, "own", True))
    assert counting(AWARE, "own", held) == held[0]
    held += (Instant(AWARE, NOON, "No proof.", "Camille", "", 9, True),)
    assert counting(AWARE, "own", held) is None
    assert move_to(AWARE, "", held, later) is Move.START


def test_naive_instants_are_refused() -> None:
    """They say no moment."""
    with pytest.raises(ValueError, match="no offset"):
        move_to(AWARE, "", (), NOON.replace(tzinfo=None))


def test_a_second_person_is_another_account() -> None:
    """Neither the same one, nor somebody without any."""
    assert proposal().is_second_person(8)
    assert not proposal().is_second_person(7)
    assert not proposal().is_second_person(None)
    assert not proposal(person=None).is_second_person(None)


def test_a_proposal_lapses_where_the_instant_changed_meanwhile() -> None:
    """A later record, or one that was taken back; what was answered stays answered."""
    held = recorded((AWARE, NOON, "", False))
    assert proposal().state(held, {}) is ProposalState.WAITING
    moved = (*held, Instant(AWARE, NOON - timedelta(hours=1), "Mail.", "Ali", "", 2))
    assert proposal().state(moved, {}) is ProposalState.LAPSED
    assert proposal().state(recorded((AWARE, NOON, "", False), (AWARE, NOON, "", True)), {}) is ProposalState.LAPSED
    for kind in OutcomeKind:
        ended = proposal(outcome=Outcome(kind, "Maud", 8, "Agreed.", NOON))
        assert ended.state(moved, {}) == str(kind)


def test_a_proposal_to_stop_a_clock_lapses_with_the_clock() -> None:
    """Where it counts from another instant, or does not run any more."""
    stop = proposal(move=Move.STOP, kind=None, at=None, obligation=4, before=0)
    assert stop.state((), {4: NOON}) is ProposalState.WAITING
    assert stop.state((), {4: NOON - timedelta(hours=1)}) is ProposalState.LAPSED
    assert stop.state((), {}) is ProposalState.LAPSED
