"""What makes alerts one incident: the key, the window, and the reason of each placement."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.domain.alert import Alert, Entity, EntityKind, Signal
from breach_service.domain.conditions import FactValue, NumberRange, Truth
from breach_service.domain.grouping import (
    Grouping,
    OpenIncident,
    Placement,
    PlacementReason,
    SignalType,
    established_by_signals,
    group_key_for,
    is_within,
    place,
)

AT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
TEXT = {"fr": "mot"}
GROUPING = Grouping.model_validate({"title": TEXT, "why": TEXT, "quiet_hours": 1, "longest_hours": 24})
QUIET, LONGEST, BLINK = timedelta(hours=1), timedelta(hours=24), timedelta(microseconds=1)


def a_type(signal: Signal, weight: int = 50, opens: bool = True, **establishes: Any) -> SignalType:
    """An entry of `signals.yaml` (a double underscore stands for the dot of a fact's name)."""
    said = {name.replace("__", "."): raw for name, raw in establishes.items()}
    fields = {"id": signal, "label": TEXT, "means": TEXT, "opens_incident": opens, "weight": weight}
    return SignalType.model_validate({**fields, "establishes": said})


CONTEXT = {Signal.HEARTBEAT, Signal.OPERATIONS, Signal.ROUTINE}
SIGNALS = {one: a_type(one, opens=one not in CONTEXT) for one in Signal}


def an_alert(signal: Signal = Signal.WEB_SHELL, *entities: tuple[EntityKind, str], **changes: Any) -> Alert:
    """An alert that names these things."""
    named = tuple(Entity(kind, value) for kind, value in entities)
    return Alert("probe", "t", signal, "f", entities=named, **changes)


def an_incident(number: int = 1, key: str = "system:web", first: datetime = AT, last: datetime = AT) -> OpenIncident:
    """An incident that can still take alerts in."""
    return OpenIncident(number, f"INC-2026-000{number}", key, first, last)


def placed(alert: Alert, *candidates: OpenIncident, at: datetime = AT, key: str = "system:web") -> Placement:
    """Where an alert of that key goes."""
    return place(alert, at, key, candidates, SIGNALS, GROUPING)


def test_a_first_alert_opens_an_incident() -> None:
    """Nobody waits for it."""
    assert placed(an_alert()) == Placement(PlacementReason.OPENED_INCIDENT, None, opens=True)


def test_a_second_problem_of_the_same_key_joins() -> None:
    """One attack, one incident."""
    assert placed(an_alert(), an_incident()) == Placement(PlacementReason.SAME_KEY, 1)


def test_an_alert_of_another_key_does_not_join() -> None:
    """Another system is another problem, however near in time."""
    assert placed(an_alert(), an_incident(key="system:db")).opens


@pytest.mark.parametrize("signal", sorted(CONTEXT))
def test_what_is_context_opens_nothing(signal: Signal) -> None:
    """Heartbeats, operations and routine are observed and counted."""
    assert placed(an_alert(signal)) == Placement(PlacementReason.OPENS_NOTHING)


@pytest.mark.parametrize("signal", [Signal.OPERATIONS, Signal.ROUTINE])
def test_context_joins_an_incident_that_is_open(signal: Signal) -> None:
    """A disk that fills up tells something about the intrusion on that machine."""
    assert placed(an_alert(signal), an_incident()) == Placement(PlacementReason.SAME_KEY, 1)


def test_a_heartbeat_never_joins() -> None:
    """It only says that its sender is alive."""
    assert placed(an_alert(Signal.HEARTBEAT), an_incident()) == Placement(PlacementReason.OPENS_NOTHING)


def test_our_own_alert_joins_the_incident_that_it_names_and_no_other() -> None:
    """Whatever its key, its signal and the time that has passed."""
    named = an_incident(2, "system:db", AT - timedelta(days=3), AT - timedelta(days=3))
    alert = an_alert(is_own=True, concerns_incident=named.reference)
    assert placed(alert, an_incident(1), named) == Placement(PlacementReason.NAMES_INCIDENT, 2)


@pytest.mark.parametrize("named", [None, "INC-2026-0099"])
def test_our_own_alert_opens_nothing(named: str | None) -> None:
    """The service must not report itself as an attack, even beside an open incident of the same key."""
    alert = an_alert(is_own=True, concerns_incident=named)
    assert placed(alert, an_incident()) == Placement(PlacementReason.OPENS_NOTHING)


@pytest.mark.parametrize(
    ("first", "last", "is_joined"),
    [
        (AT, AT, True),
        (AT - QUIET, AT - QUIET, True),
        (AT - QUIET - BLINK, AT - QUIET - BLINK, False),
        (AT - LONGEST, AT - QUIET, True),
        (AT - LONGEST - BLINK, AT - QUIET, False),
        (AT - timedelta(hours=3), AT + timedelta(hours=3), True),
        (AT + QUIET, AT + QUIET, True),
        (AT + QUIET + BLINK, AT + QUIET + BLINK, False),
        (AT + QUIET, AT + LONGEST, True),
        (AT + QUIET, AT + LONGEST + BLINK, False),
    ],
    ids=str,
)
def test_the_windows_hold_at_their_edges(first: datetime, last: datetime, is_joined: bool) -> None:
    """An hour of quiet on either side, a day in all; alerts that come out of order are measured the same way."""
    incident = an_incident(first=first, last=last)
    assert is_within(incident, AT, GROUPING) is is_joined
    assert placed(an_alert(), incident).opens is not is_joined


def test_of_several_open_incidents_the_most_recent_takes_the_alert_in() -> None:
    """In whatever order they are looked at."""
    older, newer = an_incident(1, last=AT - QUIET), an_incident(2, last=AT)
    assert placed(an_alert(), older, newer).incident == placed(an_alert(), newer, older).incident == 2


@settings(deadline=None)
@given(st.lists(st.integers(-2000, 2000), min_size=1, max_size=5), st.integers(-2000, 2000))
def test_an_incident_that_took_an_alert_in_stays_within_the_longest_span(minutes: list[int], late: int) -> None:
    """Whatever the order in which alerts come."""
    instants = [AT + timedelta(minutes=one) for one in minutes]
    incident, at = an_incident(first=min(instants), last=max(instants)), AT + timedelta(minutes=late)
    if is_within(incident, at, GROUPING):
        assert max(at, incident.last_alert_at) - min(at, incident.first_alert_at) <= LONGEST


NAMED = [
    (EntityKind.HOST, "app-1", "host:app-1"),
    (EntityKind.ADDRESS, "192.0.2.1", "host:192.0.2.1"),
    (EntityKind.APPLICATION, "crm", "application:crm"),
    (EntityKind.USER, "jdoe", "user:jdoe"),
    (EntityKind.SOURCE_ADDRESS, "203.0.113.9", "from:203.0.113.9"),
]


@pytest.mark.parametrize("index", range(len(NAMED)))
def test_the_key_is_the_best_known_place(index: int) -> None:
    """Our machine by name, by address, the application, the account, the origin: the first that is named."""
    entities = [(kind, value) for kind, value, _ in reversed(NAMED[index:])]
    assert group_key_for(an_alert(Signal.SCAN, *entities), ()) == NAMED[index][2]


def test_a_system_of_the_inventory_outweighs_everything_and_the_sender_is_the_last_resort() -> None:
    """So that two senders that name one machine differently meet."""
    assert group_key_for(an_alert(Signal.SCAN, (EntityKind.HOST, "app-1")), ("web", "db")) == "system:web"
    assert group_key_for(an_alert(Signal.SCAN, (EntityKind.FILE, "/etc/passwd")), ()) == "source:probe"


def spoken(*types: SignalType) -> Mapping[str, FactValue]:
    """What these signals speak for, all present."""
    return established_by_signals({one.id for one in types}, {one.id: one for one in types})


def test_yes_outweighs_unknown_and_unknown_outweighs_no() -> None:
    """Whatever the weights: one signal of doubt is enough to doubt."""
    for light, heavy, word in (
        ("yes", "unknown", Truth.YES), ("yes", "no", Truth.YES), ("unknown", "no", Truth.UNKNOWN),
        ("unknown", "yes", Truth.YES), ("no", "yes", Truth.YES), ("no", "unknown", Truth.UNKNOWN),
    ):  # fmt: skip
        one, other = a_type(Signal.SCAN, 1, a__fact=light), a_type(Signal.MALWARE, 99, a__fact=heavy)
        assert spoken(one, other) == spoken(other, one) == {"a.fact": word}


def test_of_other_words_the_weightier_signal_speaks() -> None:
    """And of equal weights always the same one."""
    light, heavy = a_type(Signal.SCAN, 10, a__fact="likely"), a_type(Signal.MALWARE, 20, a__fact="seen")
    assert spoken(light, heavy) == spoken(heavy, light) == {"a.fact": "seen"}
    one, other = a_type(Signal.SCAN, 10, a__fact="likely"), a_type(Signal.MALWARE, 10, a__fact="seen")
    assert spoken(one, other) == spoken(other, one)


def test_only_the_signals_that_are_present_speak_and_each_for_its_facts() -> None:
    """Facts of different signals stand side by side."""
    types = {Signal.SCAN: a_type(Signal.SCAN, b__fact="no"), Signal.MALWARE: a_type(Signal.MALWARE, a__fact="yes")}
    assert established_by_signals(set(types), types) == {"a.fact": Truth.YES, "b.fact": Truth.NO}
    assert established_by_signals({Signal.SCAN}, types) == {"b.fact": Truth.NO}
    assert established_by_signals(set(), types) == {}


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("yes", Truth.YES),
        (True, Truth.YES),
        (False, Truth.NO),
        ("unknown", Truth.UNKNOWN),
        ("seen", "seen"),
        (["hacking", "lost"], frozenset({"hacking", "lost"})),
        (12, NumberRange(12, 12)),
        ({"at_least": 12}, NumberRange(12, None)),
    ],
)
def test_what_a_signal_speaks_for_is_a_value_of_a_fact(raw: Any, value: FactValue) -> None:
    """Booleans are words, lists are sets, numbers are ranges: the same as when a person records them."""
    found = spoken(a_type(Signal.SCAN, a__fact=raw))["a.fact"]
    assert found == value
    assert type(found) is type(value)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(Signal), st.tuples(st.integers(0, 100), st.sampled_from(Truth)), max_size=6))
def test_one_more_signal_never_weakens_what_is_suspected(said: dict[Signal, tuple[int, Truth]]) -> None:
    """An alert that joins can raise a doubt or a certainty, it never takes one away."""
    order = [Truth.NO, Truth.UNKNOWN, Truth.YES]
    types = {one: a_type(one, weight, a__fact=str(truth)) for one, (weight, truth) in said.items()}
    found = established_by_signals(set(types), types)
    assert found.get("a.fact") == max((truth for _, truth in said.values()), key=order.index, default=None)
