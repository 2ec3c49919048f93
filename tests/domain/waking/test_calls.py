"""Steps of a call: somebody is always reached while nobody answered, steps only go on, and none follows an answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breach_service.domain.waking import (
    Call,
    CallState,
    Escalation,
    Roster,
    Stage,
    WakeReason,
    WakeStep,
    next_step_at,
    steps_due,
)

NIGHT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TEAM = Roster(1, 2, frozenset({1, 2, 3, 4}))
CALL = Call(1, 1, WakeReason.URGENT, "urgent", NIGHT)
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

minutes = st.integers(1, 600)
escalations = st.builds(
    lambda second, more, again: Escalation(second * MINUTE, (second + more) * MINUTE, again * MINUTE),
    st.integers(1, 60), st.integers(1, 60), st.integers(1, 120),
)  # fmt: skip
rosters = st.builds(
    lambda first, second, rest: Roster(first, second, frozenset(rest)),
    st.none() | st.integers(1, 5), st.none() | st.integers(1, 5), st.sets(st.integers(1, 9), min_size=1),
)  # fmt: skip
looks = st.lists(st.integers(0, 300), min_size=1, max_size=40).map(sorted)


def taken(call: Call, at: list[int], roster: Roster, escalation: Escalation) -> list[WakeStep]:
    """The steps that a loop takes that looks at these minutes after the beginning."""
    found: list[WakeStep] = []
    for minute in at:
        for step in steps_due(call, NIGHT + minute * MINUTE, roster, escalation):
            found.append(step)
            call = replace(call, steps=step.number)
    return found


def test_on_call_at_once_the_next_after_ten_minutes_and_everybody_after_twenty() -> None:
    """Then everybody again, every half hour."""
    steps = taken(CALL, list(range(81)), TEAM, Escalation())
    assert [(one.stage, (one.due_at - NIGHT) // MINUTE, set(one.people)) for one in steps] == [
        (Stage.FIRST, 0, {1}),
        (Stage.SECOND, 10, {1, 2}),
        (Stage.EVERYONE, 20, {1, 2, 3, 4}),
        (Stage.EVERYONE, 50, {1, 2, 3, 4}),
        (Stage.EVERYONE, 80, {1, 2, 3, 4}),
    ]


def test_a_level_without_anybody_leaves_no_gap() -> None:
    """Whoever comes next is called in its place, at once."""
    assert Roster(None, 2, frozenset({2, 3})).of(Stage.FIRST) == {2}
    assert Roster(None, None, frozenset({2, 3})).of(Stage.FIRST) == {2, 3}
    assert Roster(1, None, frozenset({1, 3})).of(Stage.SECOND) == {1, 3}


def test_everybody_is_called_last() -> None:
    """Terms that turn the order round are refused."""
    with pytest.raises(ValueError, match="second level"):
        Escalation(20 * MINUTE, 10 * MINUTE)


@UNHURRIED
@given(looks, rosters, escalations)
def test_somebody_is_reached_by_every_step(at: list[int], roster: Roster, escalation: Escalation) -> None:
    """Whoever is there, the first look calls somebody, and so does every step after it."""
    steps = taken(CALL, at, roster, escalation)
    assert steps
    assert all(one.people for one in steps)


@UNHURRIED
@given(looks, rosters, escalations)
def test_steps_only_go_on_and_none_is_taken_twice(at: list[int], roster: Roster, escalation: Escalation) -> None:
    """Whenever the loop looks; never before it is due, and of those that were missed only the latest."""
    steps = taken(CALL, at, roster, escalation)
    numbers = [one.number for one in steps]
    assert numbers == sorted(set(numbers))
    stages = [list(Stage).index(one.stage) for one in steps]
    assert stages == sorted(stages)
    assert len(steps) <= len(set(at))
    for one in steps:
        assert any(NIGHT + minute * MINUTE >= one.due_at for minute in at)


@UNHURRIED
@given(looks, minutes, rosters, escalations)
def test_no_step_follows_an_answer(at: list[int], when: int, roster: Roster, escalation: Escalation) -> None:
    """Nor an end."""
    answered = replace(CALL, acknowledged_at=NIGHT + when * MINUTE, acknowledged_by="Maud")
    assert answered.state is CallState.ACKNOWLEDGED
    assert taken(answered, at, roster, escalation) == []
    assert taken(replace(CALL, ended_at=NIGHT), at, roster, escalation) == []
    assert next_step_at(answered, escalation) is None


@UNHURRIED
@given(st.integers(0, 2000), escalations)
def test_the_next_step_is_the_one_that_is_taken_then(minute: int, escalation: Escalation) -> None:
    """What the page says is what happens."""
    number = escalation.last_due(minute * MINUTE)
    at = next_step_at(replace(CALL, steps=number), escalation)
    assert at is not None
    assert at > NIGHT + minute * MINUTE
    (step,) = steps_due(replace(CALL, steps=number), at, TEAM, escalation)
    assert (step.number, step.due_at) == (number + 1, at)
