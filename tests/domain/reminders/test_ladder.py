"""Ladders: which moments there are, what a rung may say, and when a date is spoken of."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from pydantic import ValidationError

from breach_service.domain.reminders import GENTLE, SHIPPED_LADDERS, STANDARD, TRIAGE, Rung, next_after, passed_by
from breach_service.domain.waking import Urgency
from tests.domain.reminders.builders import HOUR, MONDAY, PARIS

FAR = timedelta(days=400)


def moments(ladder: str, hours: float, at: datetime = MONDAY, scale: float = 1) -> list[float]:
    """When a date of so many hours is spoken of, in hours after `at`."""
    due_at = at + hours * HOUR * scale
    found = passed_by(SHIPPED_LADDERS[ladder], at, due_at, due_at, scale, PARIS)
    return sorted((one.at - at) / HOUR / scale for one in found)


def test_the_ladder_of_72_hours() -> None:
    """From Monday 10:00: Tuesday 17:00 instead of 22:00, Wednesday 10:00, 17:00 instead of 22:00, then to the hour."""
    assert moments(STANDARD, 72) == [31, 48, 55, 66, 71, 72]


def test_a_rung_before_the_beginning_does_not_come() -> None:
    """Of a term of six hours half, an hour before and the end."""
    assert moments(STANDARD, 6) == [3, 5, 6]
    assert moments(STANDARD, 0.5) == [0.25, 0.5]


def test_a_target_is_spoken_of_gently() -> None:
    """In working hours, and no more once it has passed."""
    assert moments(GENTLE, 72) == [31, 55]
    assert moments(GENTLE, 24) == [7, 7], "22:00 and 06:00 are both said at 17:00"
    ladder = SHIPPED_LADDERS[GENTLE]
    assert all(one.urgency is Urgency.WORKING_HOURS and not one.is_after for one in ladder.rungs)
    assert next_after(ladder, MONDAY, MONDAY + 24 * HOUR, MONDAY + 24 * HOUR, 1, PARIS) is None


def test_in_an_exercise_the_rungs_are_as_much_shorter_as_its_terms() -> None:
    """72 hours in one: each moment at the same part of it, and nobody's working hours move it."""
    scaled = moments(STANDARD, 72, scale=1 / 72)
    assert scaled == pytest.approx([36, 48, 60, 66, 71, 72], abs=1e-6)


def test_what_is_overdue_is_said_again_each_day() -> None:
    """At the same hour; of several days that passed only the last is said."""
    ladder, due_at = SHIPPED_LADDERS[STANDARD], MONDAY + 72 * HOUR
    found = passed_by(ladder, MONDAY, due_at, due_at + 50 * HOUR, 1, PARIS)
    (again,) = [one for one in found if one.at > due_at]
    assert (again.at, again.urgency, again.is_muteable) == (due_at + 48 * HOUR, Urgency.LOG, False)
    assert next_after(ladder, MONDAY, due_at, due_at + 50 * HOUR, 1, PARIS) == due_at + 72 * HOUR
    assert next_after(ladder, MONDAY, due_at, due_at, 1, PARIS) == due_at + 24 * HOUR


def test_the_next_moment_is_the_next_one_that_passes() -> None:
    """Walked from one to the next, every moment is met."""
    ladder, due_at = SHIPPED_LADDERS[STANDARD], MONDAY + 72 * HOUR
    met, now = [], MONDAY
    for _ in range(7):
        found = next_after(ladder, MONDAY, due_at, now, 1, PARIS)
        assert found is not None
        met.append(found)
        now = found
    assert [(one - MONDAY) / HOUR for one in met] == [31, 48, 55, 66, 71, 72, 96]
    assert all(first < second for first, second in pairwise(met))


@pytest.mark.parametrize("name", [STANDARD, GENTLE, TRIAGE])
def test_what_six_hours_one_hour_and_the_end_say_is_never_muted(name: str) -> None:
    """Nor anything else that may wake."""
    for rung in SHIPPED_LADDERS[name].rungs:
        assert rung.is_muteable == (rung.urgency is not Urgency.WAKE and not rung.is_after)
    ids = {one.id: one for one in SHIPPED_LADDERS[STANDARD].rungs}
    assert {one for one, rung in ids.items() if not rung.is_muteable} == {"-6h", "-1h", "+0h"}
    assert all(ids[one].urgency is Urgency.WAKE for one in ("-6h", "-1h", "+0h"))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"urgency": "log"}, "one of elapsed_percent"),
        ({"hours_before": 1, "hours_after": 0, "urgency": "log"}, "one of elapsed_percent"),
        ({"hours_before": 1, "again_every_hours": 24, "urgency": "log"}, "only what is said after"),
        ({"hours_after": 0, "urgency": "working_hours"}, "not spoken of before it passes"),
        ({"elapsed_percent": 100, "urgency": "log"}, "less than 100"),
        ({"hours_before": 0, "urgency": "log"}, "greater than 0"),
        ({"hours_before": 1, "urgency": "soon"}, "working_hours"),
    ],
)
def test_a_rung_that_means_nothing_is_refused(fields: dict[str, object], why: str) -> None:
    """With what is wrong about it."""
    with pytest.raises(ValidationError, match=why):
        Rung.model_validate(fields)
