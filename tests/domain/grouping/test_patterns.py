"""Several alerts that mean more together: thresholds, sequences and absences, counted by the minute."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from breach_service.domain.grouping.content import Pattern
from breach_service.domain.grouping.patterns import Completion, Tally, completions, reach_of

TEXT = {"fr": "mot"}
LONG_AGO, FOREVER = 0, 10**9


def a_pattern(*steps: Mapping[str, Any]) -> Pattern:
    """A pattern of these steps, each of some sort."""
    written = [{"sort": "any", **one} for one in steps]
    return Pattern.model_validate({"id": "p", "title": TEXT, "why": TEXT, "steps": written})


def a_tally(**minutes: int) -> Tally:
    """`m5=3`: in minute 5 the same thing three times."""
    return {int(name[1:]): {"own": count} for name, count in minutes.items()}


def found(pattern: Pattern, *tallies: Tally, watermark: int = LONG_AGO) -> list[Completion]:
    """The completions, where each step counted what stands at its place."""
    return completions(pattern, dict(enumerate(tallies)), watermark)


def minutes_of(pattern: Pattern, *tallies: Tally, watermark: int = LONG_AGO) -> list[int]:
    """The minutes in which a pattern was completed."""
    return [one.minute for one in found(pattern, *tallies, watermark=watermark)]


@pytest.mark.parametrize(
    ("tally", "minutes"),
    [
        (a_tally(m5=2), []),
        (a_tally(m5=3), [5]),
        (a_tally(m5=1, m6=1, m14=1), [14]),
        (a_tally(m5=1, m6=1, m15=1), []),
        (a_tally(m5=3, m6=1, m14=1, m15=1), [5, 6, 14, 15]),
    ],
)
def test_a_threshold_is_reached_by_so_many_within_the_time(tally: Tally, minutes: list[int]) -> None:
    """Ten minutes are ten minutes: from 5 to 14, and not to 15."""
    assert minutes_of(a_pattern({"at_least": 3, "within_minutes": 10}), tally) == minutes


def test_what_completes_a_threshold_is_all_that_was_counted() -> None:
    """So that the first attempts stand in the incident too, and none of an hour before."""
    (one,) = found(a_pattern({"at_least": 3, "within_minutes": 10}), a_tally(m5=1, m60=1, m62=2))
    assert (one.minute, one.minutes, one.count) == (62, frozenset({60, 62}), 3)


def test_different_things_are_counted_once_however_often_they_come() -> None:
    """One user who mistypes a password fifty times is not fifty users."""
    pattern = a_pattern({"at_least": 3, "different": "user"})
    assert minutes_of(pattern, {5: {"ada": 40, "bob": 1}, 6: {"ada": 3}}) == []
    (one,) = found(pattern, {5: {"ada": 40, "bob": 1}, 6: {"ada": 3, "eve": 1}})
    assert (one.minute, one.count) == (6, 3)


FAILURES_THEN_SUCCESS = a_pattern({"at_least": 3}, {"after_minutes": 30})


@pytest.mark.parametrize(
    ("success", "minutes"), [(9, []), (10, [10]), (11, [11]), (40, [40]), (41, [])]
)  # fmt: skip
def test_a_sequence_is_one_thing_after_another(success: int, minutes: list[int]) -> None:
    """Not before it, in the same minute counts as after, and not later than is written."""
    assert minutes_of(FAILURES_THEN_SUCCESS, a_tally(m10=3), a_tally(**{f"m{success}": 1})) == minutes


def test_a_sequence_needs_every_step() -> None:
    """However much there is of one of them."""
    assert minutes_of(FAILURES_THEN_SUCCESS, a_tally(m10=999)) == []
    assert minutes_of(FAILURES_THEN_SUCCESS, {}, a_tally(m10=999)) == []


def test_a_sequence_holds_what_counted_for_each_step_and_names_the_system_of_the_last() -> None:
    """The machine on which the log-in succeeded is the one that matters."""
    (one,) = found(FAILURES_THEN_SUCCESS, a_tally(m8=2, m10=1), {20: {"host:crm": 1}})
    assert (one.minutes, one.own_keys) == (frozenset({8, 10, 20}), frozenset({"host:crm"}))


def test_three_steps_follow_each_other() -> None:
    """Each within its own time after the one before."""
    pattern = a_pattern({}, {"after_minutes": 10}, {"after_minutes": 10})
    assert minutes_of(pattern, a_tally(m0=1), a_tally(m10=1), a_tally(m20=1)) == [20]
    assert minutes_of(pattern, a_tally(m0=1), a_tally(m10=1), a_tally(m21=1)) == []
    assert minutes_of(pattern, a_tally(m0=1), a_tally(m11=1), a_tally(m20=1)) == []


STOPPED_AND_NOT_RESUMED = a_pattern({}, {"after_minutes": 30, "absent": True})


@pytest.mark.parametrize(
    ("resumed", "watermark", "minutes"),
    [
        ({}, 39, []),
        ({}, 40, [40]),
        ({}, FOREVER, [40]),
        (a_tally(m10=1), FOREVER, []),
        (a_tally(m40=1), FOREVER, []),
        (a_tally(m41=1), FOREVER, [40]),
        (a_tally(m9=1), FOREVER, [40]),
    ],
)
def test_an_absence_is_sure_once_everything_up_to_its_end_was_heard(
    resumed: Tally, watermark: int, minutes: list[int]
) -> None:
    """The sources' own time decides, not ours: a recording replays faithfully, and a late message is waited for."""
    assert minutes_of(STOPPED_AND_NOT_RESUMED, a_tally(m10=1), resumed, watermark=watermark) == minutes


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        (({}, {}), "step 2 needs after_minutes"),
        (({"after_minutes": 5},), "the first step comes after nothing"),
        (({"absent": True},), "the first step comes after nothing"),
        (({}, {"after_minutes": 5, "absent": True}, {"after_minutes": 5}), "an absence can only be the last step"),
        ((), "at least 1 item"),
    ],
)
def test_a_pattern_that_cannot_be_is_refused(steps: tuple[Mapping[str, Any], ...], sentence: str) -> None:
    """With what to write instead."""
    with pytest.raises(ValidationError, match=sentence):
        a_pattern(*steps)


tallies = st.dictionaries(
    st.integers(0, 60), st.dictionaries(st.sampled_from("abc"), st.integers(1, 3), min_size=1), max_size=12
)


@given(tallies, st.integers(1, 6), st.integers(1, 20), st.booleans())
def test_a_threshold_counts_like_looking_back_from_each_minute(
    tally: dict[int, dict[str, int]], least: int, within: int, is_different: bool
) -> None:
    """The sliding count is a matter of speed, not of meaning."""
    pattern = a_pattern(
        {"at_least": least, "within_minutes": within, **({"different": "user"} if is_different else {})}
    )
    expected = []
    for minute in sorted(tally):
        seen = [one for other, one in tally.items() if minute - within < other <= minute]
        count = len(set().union(*seen)) if is_different else sum(sum(one.values()) for one in seen)
        expected += [minute] if count >= least else []
    assert minutes_of(pattern, tally) == expected


@given(tallies, tallies, st.integers(0, 60), st.sampled_from("abc"))
def test_what_was_completed_stays_completed_when_more_is_heard(
    first: dict[int, dict[str, int]], second: dict[int, dict[str, int]], minute: int, value: str
) -> None:
    """Nobody is woken for what a late alert then takes back."""
    pattern = a_pattern({"at_least": 2, "within_minutes": 7}, {"after_minutes": 15})
    before = set(minutes_of(pattern, first, second))
    for place in (0, 1):
        tally = {**(first, second)[place]}
        tally[minute] = {**tally.get(minute, {}), value: tally.get(minute, {}).get(value, 0) + 1}
        heard = (tally, second) if place == 0 else (first, tally)
        assert before <= set(minutes_of(pattern, *heard))


@given(tallies, tallies)
def test_nothing_beyond_the_reach_matters(first: dict[int, dict[str, int]], second: dict[int, dict[str, int]]) -> None:
    """Which is why the service need not keep counts for ever."""
    pattern = a_pattern({"at_least": 2, "within_minutes": 7}, {"after_minutes": 15, "within_minutes": 3})
    for one in found(pattern, first, second):
        near = [{at: here for at, here in tally.items() if one.minute - reach_of(pattern) <= at <= one.minute}
                for tally in (first, second)]  # fmt: skip
        assert one in found(pattern, *near)
