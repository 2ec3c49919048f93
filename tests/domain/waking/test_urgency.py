"""How urgent an incident is: the first rule that fits in its worst place, and nothing unknown lets anybody sleep."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from breach_service.domain.alert import Signal
from breach_service.domain.conditions import FactValue, Truth
from breach_service.domain.waking import USUAL_URGENCIES, Urgencies, Urgency, urgency_of

TEXT = {"fr": "x"}
COMPROMISE, PERSONAL = "incident.compromise_suspected", "system.holds_personal_data"


def urgencies(*rules: tuple[str, str, dict[str, object]], otherwise: str = "log") -> Urgencies:
    """What somebody wrote."""
    written = [{"id": name, "urgency": urgency, "why": TEXT, "when": when} for name, urgency, when in rules]
    return Urgencies.model_validate({"title": TEXT, "why": TEXT, "rules": written, "otherwise": otherwise})


def line(fact: str, **comparison: str) -> dict[str, object]:
    return {"a": {"fact": fact, **comparison}}


def test_the_first_rule_that_fits_counts() -> None:
    """In the order in which they are written."""
    rules = urgencies(
        ("outage", "working_hours", line("incident.signals", contains="unavailability")),
        ("compromise", "wake", line(COMPROMISE, **{"is": "yes"})),
    )
    known: dict[str, FactValue] = {COMPROMISE: Truth.YES}
    assert urgency_of([known], [Signal.UNAVAILABILITY], rules).rule == "outage"
    assert urgency_of([known], [Signal.MALWARE], rules).rule == "compromise"
    assert urgency_of([{COMPROMISE: Truth.NO}], [Signal.MALWARE], rules).urgency is Urgency.LOG


def test_what_is_unknown_wakes_and_calms_nobody() -> None:
    """A rule that wakes fits unless it is denied; one that does not fits only where it is established."""
    calm = urgencies(("calm", "log", line(COMPROMISE, is_not="yes")), otherwise="working_hours")
    assert urgency_of([{}], [], calm).urgency is Urgency.WORKING_HOURS
    loud = urgencies(("loud", "wake", line(COMPROMISE, **{"is": "yes"})))
    assert urgency_of([{}], [], loud).urgency is Urgency.WAKE


def test_the_worst_place_counts() -> None:
    """One client’s data on one system are enough."""
    rules = urgencies(("data", "wake", line(PERSONAL, **{"is": "yes"})))
    places: list[dict[str, FactValue]] = [{PERSONAL: Truth.NO}] * 3
    assert urgency_of(places, [], rules).urgency is Urgency.LOG
    assert urgency_of([*places, {PERSONAL: Truth.YES}], [], rules).urgency is Urgency.WAKE


def test_nobody_is_woken_without_a_reason() -> None:
    """What no rule names cannot wake."""
    with pytest.raises(ValidationError, match="otherwise"):
        urgencies(("x", "log", line(COMPROMISE, known="yes")), otherwise="wake")


truths = st.sampled_from([None, *Truth])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(truths, truths), max_size=5), st.lists(st.sampled_from(list(Signal)), unique=True))
def test_the_usual_urgency_wakes_wherever_nothing_is_denied(
    places: list[tuple[Truth | None, Truth | None]], signals: list[Signal]
) -> None:
    """Content that says nothing of urgency lets nobody sleep through a possible compromise."""
    known: list[dict[str, FactValue]] = [{COMPROMISE: one, PERSONAL: other} for one, other in places]
    found = urgency_of(known, signals, USUAL_URGENCIES)
    is_possible = not places or any(Truth.NO not in one for one in places)
    assert (found.urgency is Urgency.WAKE) is is_possible
