"""Whole stories: what a set of rules makes of a recording, and what it says of each placement."""

from typing import Any

import pytest

from breach_service.domain.alert import Alert, Entity, EntityKind, Signal
from breach_service.domain.grouping import Grouping, PlacementReason, Reader, SignalType
from breach_service.domain.grouping.simulation import Event, Simulation, nothing_common

TEXT = {"fr": "mot"}
OPENING = {Signal.WEB_SHELL, Signal.WEB_EXPLOIT, Signal.MALWARE}
SIGNALS = {
    one: SignalType.model_validate(
        {"id": one, "label": TEXT, "means": TEXT, "opens_incident": one in OPENING, "weight": 50}
    )
    for one in Signal
}


def a_sort(signal: str) -> dict[str, Any]:
    """All alerts of a signal."""
    return {"title": TEXT, "when": {"signal": {"fact": "alert.signal", "is": signal}}}


def a_pattern(name: str, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A pattern of these steps."""
    return {"id": name, "title": TEXT, "why": TEXT, "steps": steps, **more}


GROUPING = Grouping.model_validate(
    {
        "title": TEXT,
        "why": TEXT,
        "quiet_minutes": 120,
        "link_minutes": {"source_address": 240, "user": 120},
        "around_minutes": 30,
        "longest_hours": 24,
        "common": {"values": ["svc-scan"], "seen_with": 5, "on_days": 3, "within_days": 14},
        "rules": [{"id": "idle", "why": TEXT, "when": a_sort("routine")["when"], "role": "observes"}],
        "sorts": {
            "failure": a_sort("brute_force"),
            "log-in": a_sort("suspicious_login"),
            "stop": a_sort("unavailability"),
            "start": a_sort("operations"),
        },
        "patterns": [
            a_pattern("guessing", {"sort": "failure", "at_least": 51}, {"sort": "log-in", "after_minutes": 30},
                      by="source_address"),
            a_pattern("spraying", {"sort": "failure", "at_least": 20, "different": "user"}, by="source_address"),
            a_pattern("silence", {"sort": "stop"}, {"sort": "start", "after_minutes": 30, "absent": True}),
        ],
    }
)  # fmt: skip
START = 1_000 * 16 * 60 + 8 * 60
ATTACKER, SCANNER = "203.0.113.9", "198.51.100.7"


def an_event(
    signal: Signal, minute: int, host: str = "", source: str = "", user: str = "", sender: str = "probe", count: int = 1
) -> Event:
    """An alert that names these things, so many minutes after the start."""
    named = [(EntityKind.HOST, host), (EntityKind.SOURCE_ADDRESS, source), (EntityKind.USER, user)]
    entities = tuple(sorted(Entity(kind, value) for kind, value in named if value))
    alert = Alert(sender, "t", signal, "f", entities=entities)
    return Event((sender, str(signal), host, source, user), alert, START + minute, count=count)


def played(*events: Event, common: tuple[str, ...] = (), until: int | None = None) -> Simulation:
    """A recording that was played, alert by alert, up to a minute at least."""
    simulation = Simulation(Reader(GROUPING, SIGNALS), common.__contains__ if common else nothing_common)
    for one in events:
        simulation.play([one])
    if until is not None:
        simulation.play([an_event(Signal.ROUTINE, until, "clock")])
    return simulation


def why(simulation: Simulation, event: Event) -> PlacementReason:
    """Why an alert stands where it stands."""
    return simulation.why(event.handle, event.minute)


def together(simulation: Simulation) -> set[frozenset[str]]:
    """For each incident the senders and machines whose alerts stand in it."""
    return {
        frozenset(f"{one[0]}@{one[2]}" for one in handles if isinstance(one, tuple))
        for handles in simulation.members().values()
    }


SCAN = an_event(Signal.SCAN, 0, "edge", ATTACKER, sender="firewall")
EXPLOIT = an_event(Signal.WEB_EXPLOIT, 10, "web", ATTACKER, sender="ids")
SHELL = an_event(Signal.WEB_SHELL, 25, "web", sender="host")
NOISE = an_event(Signal.SCAN, 12, "edge", "192.0.2.250", sender="firewall")


def test_a_chain_across_three_senders_is_one_incident() -> None:
    """The firewall and the probe share an address, the probe and the machine a name; other scans stay out."""
    simulation = played(SCAN, EXPLOIT, NOISE, SHELL)
    assert together(simulation) == {frozenset({"firewall@edge", "ids@web", "host@web"})}
    assert simulation.incident_of(NOISE.handle, NOISE.minute) is None


def test_each_placement_says_why() -> None:
    """The scan was seen before, the exploit opened, the shell is of the same system."""
    simulation = played(SCAN, EXPLOIT, NOISE, SHELL)
    assert [why(simulation, one) for one in (SCAN, EXPLOIT, NOISE, SHELL)] == [
        PlacementReason.OBSERVED_BEFORE, PlacementReason.OPENED_INCIDENT, PlacementReason.OPENS_NOTHING,
        PlacementReason.SAME_KEY,
    ]  # fmt: skip
    assert why(played(EXPLOIT, SCAN), SCAN) is PlacementReason.LINKED


def test_a_scanner_that_everything_names_glues_nothing_together() -> None:
    """Two attacks on two machines, both also touched by our own scanner, stay two."""
    one = an_event(Signal.WEB_EXPLOIT, 0, "web", SCANNER)
    other = an_event(Signal.MALWARE, 5, "db", SCANNER)
    assert len(played(one, other).members()) == 1
    assert len(played(one, other, common=(f"from:{SCANNER}",)).members()) == 2


def test_a_written_common_value_never_links_either() -> None:
    """The account under which the scanner logs in."""
    events = (an_event(Signal.MALWARE, 0, "web", user="svc-scan"), an_event(Signal.MALWARE, 5, "db", user="svc-scan"))
    assert len(played(*events).members()) == 2


def test_many_failures_then_a_success_from_one_address_open_an_incident() -> None:
    """The failures stand in it as well; a password that is found at the first attempt is no guessing."""
    failures = an_event(Signal.BRUTE_FORCE, 0, "vpn", ATTACKER, count=51)
    log_in = an_event(Signal.SUSPICIOUS_LOGIN, 20, "crm", ATTACKER, "jdoe")
    simulation = played(failures, log_in)
    assert together(simulation) == {frozenset({"probe@vpn", "probe@crm"})}
    assert [one.pattern for one in simulation.completed] == ["guessing"]
    assert played(an_event(Signal.BRUTE_FORCE, 0, "vpn", ATTACKER, count=50), log_in).members() == {}
    assert played(failures).members() == {}


def test_the_success_of_somebody_else_completes_nothing() -> None:
    """A colleague who logs in while the internet guesses."""
    failures = an_event(Signal.BRUTE_FORCE, 0, "vpn", ATTACKER, count=500)
    assert played(failures, an_event(Signal.SUSPICIOUS_LOGIN, 20, "vpn", "192.0.2.8", "jdoe")).members() == {}


def test_many_accounts_from_one_address_open_an_incident() -> None:
    """Twenty accounts are a list; one account twenty times is a colleague after the holidays."""
    users = [an_event(Signal.BRUTE_FORCE, number % 9, "vpn", ATTACKER, f"user-{number}") for number in range(20)]
    assert len(played(*users).members()) == 1
    assert played(*users[1:]).members() == {}
    assert played(*(an_event(Signal.BRUTE_FORCE, 0, "vpn", ATTACKER, "jdoe") for _ in range(20))).members() == {}


@pytest.mark.parametrize(("until", "is_open"), [(40, False), (41, True)])
def test_an_absence_opens_once_the_sources_have_gone_past_it(until: int, is_open: bool) -> None:
    """Half an hour after the stop, and ten minutes more for what may be late."""
    assert bool(played(an_event(Signal.UNAVAILABILITY, 0, "web"), until=until).members()) is is_open


def test_what_came_in_time_is_not_absent_even_where_it_is_heard_late() -> None:
    """Within the lateness bound."""
    stop, start = an_event(Signal.UNAVAILABILITY, 0, "web"), an_event(Signal.OPERATIONS, 29, "web")
    late = played(stop, an_event(Signal.ROUTINE, 39, "clock"), start, until=90)
    assert late.members() == {}


def test_a_late_alert_makes_two_incidents_one() -> None:
    """And everything that stood in either stands in the one."""
    first, second = an_event(Signal.WEB_SHELL, 0, "web"), an_event(Signal.WEB_EXPLOIT, 160, "web")
    bridge = an_event(Signal.MALWARE, 110, "web")
    assert len(played(first, second).members()) == 2
    assert len(played(first, second, bridge).members()) == 1


def test_a_day_of_noise_opens_nothing() -> None:
    """What opens nothing by its signal and completes no pattern is counted, thousands of times."""
    noise = [an_event(Signal.SCAN, minute, "edge", f"192.0.2.{minute % 200}", count=9) for minute in range(0, 1440, 7)]
    noise += [an_event(Signal.BRUTE_FORCE, minute, "vpn", "192.0.2.250", count=5) for minute in range(0, 1440, 11)]
    assert played(*sorted(noise, key=lambda one: one.minute)).members() == {}


def test_what_is_observed_by_rule_stays_out_of_an_open_incident() -> None:
    """Idle chatter of the attacked machine does not fill its page."""
    idle = an_event(Signal.ROUTINE, 26, "web")
    simulation = played(SHELL, idle)
    assert simulation.incident_of(idle.handle, idle.minute) is None
