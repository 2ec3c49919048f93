"""Hours of the story in real time: scaled, in order, each once."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breach_service.domain.drills import (
    STORY_HOURS,
    Inject,
    Scenario,
    at_hours,
    ends_by,
    injects_due,
    scale_for,
    story_hours,
)

BEGAN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TEXT = {"fr": "texte"}
EXPECTS = [{
    "expect": "look", "role": "responder", "deed": "take_up", "within_hours": 1, "title": TEXT, "why": TEXT,
}]  # fmt: skip


def scenario_with(*hours: float) -> Scenario:
    injects = [{"inject": f"i{n}", "at_hours": hour, "to": "dpo", "says": TEXT} for n, hour in enumerate(hours)]
    return Scenario.model_validate(
        {
            "id": "a-drill", "title": TEXT, "why": TEXT, "learns": [TEXT], "concerned": "own", "injects": injects,
            "expects": EXPECTS,
        }
    )  # fmt: skip


@pytest.mark.parametrize("hours", [0.05, 0, -1, 73, float("nan"), float("inf")])
def test_what_is_no_length_is_refused(hours: float) -> None:
    with pytest.raises(ValueError, match=r".*"):
        scale_for(hours)


def test_the_story_takes_the_hours_that_were_asked_for() -> None:
    """Seventy-two hours in one: an hour of the story is fifty seconds."""
    scale = scale_for(1)
    assert at_hours(BEGAN, 1, scale) - BEGAN == timedelta(seconds=50)
    assert at_hours(BEGAN, STORY_HOURS, scale) - BEGAN == timedelta(hours=1)
    assert ends_by(BEGAN, scale) - BEGAN == timedelta(hours=2)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    hours=st.floats(0.1, 72), at=st.floats(0, 72),
    injects=st.lists(st.floats(0, 72), min_size=1, max_size=8),
    looks=st.lists(st.floats(0, 100), min_size=1, max_size=12),
)  # fmt: skip
def test_whenever_the_worker_looks_each_arrives_once_in_order_and_never_early(
    hours: float, at: float, injects: list[float], looks: list[float]
) -> None:
    """With any gaps between its looks; and the hour of the story is found back."""
    scale, scenario = scale_for(hours), scenario_with(*injects)
    assert story_hours(BEGAN, at_hours(BEGAN, at, scale), scale) == pytest.approx(at, abs=1e-3)
    arrived: list[Inject] = []
    for hour in sorted(looks):
        now = at_hours(BEGAN, hour, scale)
        due = injects_due(scenario, BEGAN, scale, {one.inject for one in arrived}, now)
        assert all(at_hours(BEGAN, one.at_hours, scale) <= now for one in due)
        assert [one.at_hours for one in due] == sorted(one.at_hours for one in due)
        arrived += due
    assert len(arrived) == len({one.inject for one in arrived})
    reached = at_hours(BEGAN, max(looks), scale)
    missed = [one for one in scenario.injects if at_hours(BEGAN, one.at_hours, scale) <= reached]
    assert {one.inject for one in arrived} == {one.inject for one in missed}
