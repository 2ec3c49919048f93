"""The settled grouping is a matter of what happened, not of the order in which it was heard."""

from collections.abc import Hashable
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.domain.alert import Alert, Entity, EntityKind, Signal
from breach_service.domain.grouping import Grouping, Reader
from breach_service.domain.grouping.content import SignalType
from breach_service.domain.grouping.simulation import Event, Simulation
from breach_service.domain.grouping.strands import minute_of

TEXT = {"fr": "mot"}
OPENING = {Signal.WEB_SHELL, Signal.WEB_EXPLOIT}
SIGNALS = {
    one: SignalType.model_validate(
        {"id": one, "label": TEXT, "means": TEXT, "opens_incident": one in OPENING, "weight": 50}
    )
    for one in Signal
}
GROUPING = Grouping.model_validate(
    {
        "title": TEXT,
        "why": TEXT,
        "quiet_minutes": 120,
        "link_minutes": {"source_address": 60, "user": 90},
        "around_minutes": 30,
        "longest_hours": 9,
        "late_minutes": 10,
        "common": {"values": ["root"], "seen_with": 5, "on_days": 2, "within_days": 14},
        "rules": [
            {"id": "noise", "why": TEXT, "when": {"a": {"fact": "alert.signal", "is": "routine"}}, "role": "observes"}
        ],
        "sorts": {
            name: {"title": TEXT, "when": {"a": {"fact": "alert.signal", "is": name}}}
            for name in ("brute_force", "suspicious_login", "scan")
        },
        "patterns": [
            {
                "id": "guessing",
                "title": TEXT,
                "why": TEXT,
                "by": "source_address",
                "steps": [{"sort": "brute_force", "at_least": 3, "within_minutes": 10}],
            },
            {
                "id": "guessed",
                "title": TEXT,
                "why": TEXT,
                "by": "user",
                "steps": [{"sort": "brute_force"}, {"sort": "suspicious_login", "after_minutes": 20}],
            },
            {
                "id": "scanned",
                "title": TEXT,
                "why": TEXT,
                "steps": [
                    {"sort": "scan", "at_least": 2, "within_minutes": 15},
                    {"sort": "suspicious_login", "after_minutes": 400},
                ],
            },
            {
                "id": "silent",
                "title": TEXT,
                "why": TEXT,
                "steps": [{"sort": "suspicious_login"}, {"sort": "brute_force", "after_minutes": 15, "absent": True}],
            },
        ],
    }
)
READER = Reader(GROUPING, SIGNALS)
START = minute_of(datetime(2026, 11, 21, 2, 0, tzinfo=UTC))
LATE = GROUPING.late_minutes

signals = st.sampled_from([*sorted(OPENING), Signal.SCAN, Signal.BRUTE_FORCE, Signal.SUSPICIOUS_LOGIN, Signal.ROUTINE])
hosts = st.sampled_from(["a", "b", "c"])
addresses = st.sampled_from([None, "203.0.113.1", "203.0.113.2"])
users = st.sampled_from([None, "root", "ada", "bob"])


@st.composite
def an_event(draw: st.DrawFn) -> tuple[Signal, str, str | None, str | None, int, int]:
    """Signal, host, address, user, minute and by how many minutes it comes late."""
    minute = draw(st.integers(0, 26 * 60))
    return draw(signals), draw(hosts), draw(addresses), draw(users), minute, draw(st.integers(0, LATE))


def event_of(drawn: tuple[Signal, str, str | None, str | None, int, int]) -> Event:
    signal, host, address, user, minute, _ = drawn
    named = [Entity(EntityKind.HOST, host)]
    named += [Entity(EntityKind.SOURCE_ADDRESS, address)] if address else []
    named += [Entity(EntityKind.USER, user)] if user else []
    alert = Alert("probe", "t", signal, "f", entities=tuple(sorted(named)))
    return Event((str(signal), host, address, user), alert, START + minute)


def settled(slices: list[list[Event]]) -> frozenset[frozenset[Hashable]]:
    """Which problems stand together once everything is in."""
    played = Simulation(READER)
    for some in slices:
        played.play(some)
    return frozenset(played.members().values())


@settings(max_examples=500, deadline=None)
@given(drawn=st.lists(an_event(), min_size=1, max_size=40), data=st.data())
def test_order_and_batching_make_no_difference(
    drawn: list[tuple[Signal, str, str | None, str | None, int, int]], data: st.DataObject
) -> None:
    """For alerts that come within the lateness bound, one by one or in slices of any size."""
    in_time = sorted(drawn, key=lambda one: one[4])
    late = sorted(drawn, key=lambda one: one[4] + one[5])
    expected = settled([[event_of(one) for one in in_time]])
    slices, rest = [], [event_of(one) for one in late]
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        slices.append(rest[:size])
        rest = rest[size:]
    assert settled(slices) == expected
