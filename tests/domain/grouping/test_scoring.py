"""The score of a grouping: what it counts, and what it does not let pass."""

from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.grouping.scoring import NOISE, Labelled, score_of

STEPS = ("scan", "entry", "leak")
APART = {"leak"}


def a_row(
    label: str, incident: int | None, detector: str = "ids: rule", host: str = "web", hour: float = 0
) -> Labelled:
    """An alert of a recording, at an hour of it."""
    return Labelled(hour * 3600, detector, host, label, incident)


def test_a_step_is_seen_where_one_of_its_alerts_is_in_an_incident() -> None:
    """And what is in none is counted for each step."""
    found = score_of([a_row("scan", None), a_row("scan", 1), a_row("entry", None)], STEPS, APART)
    assert (found.steps, found.seen, found.unseen_alerts) == (("scan", "entry"), ("scan",), {"scan": 1, "entry": 1})


def test_the_main_incident_is_the_one_in_which_most_steps_are_best_seen() -> None:
    """A step of which another incident has more alerts is not in it; a step that may stand apart does not count."""
    rows = [a_row("scan", 1), a_row("entry", 1), a_row("leak", 1), a_row("entry", 2), a_row("entry", 2)]
    assert score_of(rows, STEPS, APART).in_main == ("scan",)
    assert score_of([*rows, a_row("entry", 1), a_row("entry", 1)], STEPS, APART).in_main == ("scan", "entry")
    assert score_of(rows, STEPS, APART).incidents_of_step == {"scan": 1, "entry": 2, "leak": 1}


def test_repeats_of_noise_in_the_main_incident_count_once() -> None:
    """One for each detector and host: a page shows them in one line."""
    rows = [a_row("scan", 1), a_row("entry", 1, "other"), a_row("entry", 1, "third")]
    noise = [a_row(NOISE, 1)] * 50
    assert score_of([*rows, *noise], STEPS, APART).noise_in_main == 1 / 4
    assert score_of(noise, STEPS, APART).noise_in_main is None


def test_only_incidents_without_any_attack_are_pure_noise() -> None:
    """By day of the recording, of which there is at least one; a label that is no step is no noise either."""
    rows = [a_row(NOISE, 1), a_row(NOISE, 2), a_row("entry", 2), a_row(NOISE, 3, hour=48), a_row("unknown step", 4)]
    found = score_of(rows, STEPS, APART)
    assert (found.noise_incidents, found.days, found.noise_incidents_a_day) == (2, 2, 1)
    assert score_of(rows[:1], STEPS, APART).noise_incidents_a_day == 1


def test_an_empty_recording_has_a_score() -> None:
    """Nothing to divide by."""
    found = score_of([])
    assert (found.alerts, found.incidents, found.reduction, found.noise_in_main, found.days) == (0, 0, 0, None, 1)


labels = st.sampled_from([NOISE, *STEPS])
incidents = st.sampled_from([None, 1, 2, 3])


@given(st.lists(st.tuples(labels, incidents), min_size=1))
def test_the_numbers_fit_together(drawn: list[tuple[str, int | None]]) -> None:
    """Whatever is in whatever incident."""
    found = score_of([a_row(*one) for one in drawn], STEPS, APART)
    assert set(found.in_main) <= set(found.seen) <= set(found.steps)
    assert not APART & set(found.in_main)
    assert found.noise_incidents <= found.incidents <= found.alerts
    assert found.incidents == round((1 - found.reduction) * found.alerts)
    assert (found.noise_in_main is None) == (not set(found.seen) - APART)


@given(st.lists(st.tuples(labels, incidents), min_size=1), st.permutations([1, 2, 3]))
def test_the_names_of_the_incidents_make_no_difference(drawn: list[tuple[str, int | None]], names: list[int]) -> None:
    """Only who stands with whom does."""
    renamed = [(label, None if one is None else names[one - 1]) for label, one in drawn]
    before, after = (score_of([a_row(*one) for one in rows], STEPS, APART) for rows in (drawn, renamed))
    assert before == after
