"""What happened, once: its instants, its clocks, and whose data it touches."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.domain.alert import Signal
from breach_service.domain.facts import Exposure
from breach_service.domain.incident import (
    OPEN_STATUSES,
    UNQUALIFIED_STATUSES,
    ClockState,
    Instant,
    InstantKind,
    Perimeter,
    clock_state,
    instants_for,
    perimeters_of,
    persons_at,
    title_from,
)
from breach_service.domain.inventory import Inventory, Role

AT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
AWARE, FLAW = InstantKind.AWARE_AT, InstantKind.FLAW_DISCOVERED_AT
TEXT = {"fr": "nom"}


def an_instant(hours: float, perimeter: str = "", recorded: int = 0, kind: InstantKind = AWARE) -> Instant:
    """Recorded so many hours after the first alert."""
    return Instant(kind, AT + timedelta(hours=hours), "reason", "somebody", perimeter, recorded)


def hours_of(perimeter: str, *instants: Instant) -> dict[InstantKind, float]:
    """How many hours after the first alert each kind counts from."""
    found = instants_for(perimeter, instants)
    return {kind: (one.at - AT) / timedelta(hours=1) for kind, one in found.items()}


def test_the_latest_record_of_an_instant_counts() -> None:
    """A correction is a new record, earlier or later in time, in whatever order they are given."""
    first, second = an_instant(8, recorded=1), an_instant(3, recorded=2)
    assert hours_of("own", first, second) == hours_of("own", second, first) == {AWARE: 3}


def test_a_perimeters_own_instant_outweighs_the_incidents() -> None:
    """Even if the incident's was recorded later; other perimeters keep the incident's."""
    instants = [an_instant(8, "client:acme", 1), an_instant(3, "", 2), an_instant(1, "", 3, FLAW)]
    assert hours_of("client:acme", *instants) == {AWARE: 8, FLAW: 1}
    assert hours_of("own", *instants) == {AWARE: 3, FLAW: 1}
    assert hours_of("", *instants) == {AWARE: 3, FLAW: 1}


TERM_72 = AT + timedelta(hours=72)


@pytest.mark.parametrize(
    ("before_due", "state"),
    [
        (timedelta(hours=72), ClockState.RUNNING),
        (timedelta(hours=18, microseconds=1), ClockState.RUNNING),
        (timedelta(hours=18), ClockState.DUE_SOON),
        (timedelta(microseconds=1), ClockState.DUE_SOON),
        (timedelta(0), ClockState.OVERDUE),
        (timedelta(days=-30), ClockState.OVERDUE),
    ],
)
def test_a_clock_is_due_soon_in_its_last_quarter_and_overdue_from_its_end(
    before_due: timedelta, state: ClockState
) -> None:
    """Of 72 hours the last 18."""
    assert clock_state(AT, TERM_72, TERM_72 - before_due) is state


@pytest.mark.parametrize(("hours", "soon"), [(4, 1), (72, 18), (96, 24), (120, 24), (720, 24)])
def test_the_last_quarter_is_at_most_a_day(hours: float, soon: float) -> None:
    """A term of a month does not warn for a week."""
    due_at = AT + timedelta(hours=hours)
    warned_at = due_at - timedelta(hours=soon)
    assert clock_state(AT, due_at, warned_at) is ClockState.DUE_SOON
    assert clock_state(AT, due_at, warned_at - timedelta(microseconds=1)) is ClockState.RUNNING


def test_a_clock_without_a_date_runs() -> None:
    """Without undue delay has no end that it could miss."""
    assert clock_state(AT, None, AT + timedelta(days=400)) is ClockState.RUNNING


@settings(deadline=None)
@given(st.integers(1, 10**6), st.lists(st.integers(-(10**6), 10**7), min_size=2, max_size=2).map(sorted))
def test_a_clock_never_goes_back(term: int, minutes: list[int]) -> None:
    """Running, due soon, overdue: only in this order as time passes."""
    order = [ClockState.RUNNING, ClockState.DUE_SOON, ClockState.OVERDUE]
    due_at = AT + timedelta(minutes=term)
    early, late = (order.index(clock_state(AT, due_at, AT + timedelta(minutes=one))) for one in minutes)
    assert early <= late


def test_what_waits_to_be_qualified_is_open() -> None:
    """And what is confirmed is open without waiting."""
    assert UNQUALIFIED_STATUSES < OPEN_STATUSES


def an_activity(name: str, role: str, **changes: Any) -> dict[str, Any]:
    """A processing activity in one of our roles."""
    return {"id": name, "name": TEXT, "our_role": role, "data": [], **changes}


INVENTORY = Inventory.model_validate(
    {
        "organisations": [{"id": "us", "name": "Nous SAS", "dpo": {"name": "DPO"}}],
        "systems": [
            {"id": "web", "name": TEXT, "activities": ["news", "hosting"]},
            {"id": "db", "name": TEXT, "activities": ["news", "hosting", "support"]},
            {"id": "joint", "name": TEXT, "activities": ["events", "news"]},
            {"id": "switch", "name": TEXT},
            {"id": "spare", "name": TEXT, "activities": ["orphan"]},
        ],
        "activities": [
            an_activity("news", "controller", number_of_persons=[100, 200]),
            an_activity("events", "joint", controller="Association Amie"),
            an_activity("hosting", "processor", clients=["zeta", "acme"]),
            an_activity("support", "sub_processor"),
            an_activity("orphan", "processor"),
        ],
        "clients": [
            {"id": "zeta", "name": "Zeta", "activities": [{"activity": "hosting", "number_of_persons": [5, 7]}]},
            {"id": "acme", "name": "Acme"},
            {"id": "mid", "name": "Mid", "our_role": "sub_processor", "activities": [{"activity": "support"}]},
        ],
    }
)


def of(*systems: str) -> tuple[Perimeter, ...]:
    """The perimeters of an incident on these systems."""
    return perimeters_of(systems, INVENTORY, "us")


def keys(perimeters: Iterable[Perimeter]) -> list[str]:
    """Their keys in order."""
    return [one.key for one in perimeters]


def test_our_own_perimeter_comes_first_then_the_clients_by_name() -> None:
    """One per controller, whatever the number of systems and activities."""
    assert keys(of("web")) == ["own", "client:acme", "client:zeta"]
    assert keys(of("db")) == keys(of("web", "db")) == ["own", "client:acme", "client:mid", "client:zeta"]
    assert keys(of("joint")) == ["own", "joint:events"]


def test_a_perimeter_names_its_controller_our_role_and_every_place() -> None:
    """Each activity on each system, for that client only."""
    own, acme, mid, _ = of("web", "db")
    assert (own.controller, own.our_role, own.client, own.is_ours) == ("Nous SAS", Role.CONTROLLER, None, True)
    assert own.exposures == (Exposure("web", "news"), Exposure("db", "news"))
    assert (acme.controller, acme.our_role, acme.client, acme.is_ours) == ("Acme", Role.PROCESSOR, "acme", False)
    assert acme.exposures == (Exposure("web", "hosting", "acme"), Exposure("db", "hosting", "acme"))
    assert (acme.systems, acme.activities) == (("web", "db"), ("hosting",))
    assert (mid.our_role, mid.is_ours) == (Role.SUB_PROCESSOR, False)


def test_joint_controllers_have_a_perimeter_of_their_own_that_is_ours() -> None:
    """The arrangement of Article 26 names who leads; the duties concern us."""
    joint = of("joint")[1]
    assert (joint.our_role, joint.controller, joint.is_ours) == (Role.JOINT, "Association Amie", True)


@pytest.mark.parametrize("systems", [(), ("gone",), ("gone", "lost")])
def test_where_no_system_is_known_there_is_one_perimeter_of_ours_of_which_nothing_is_known(
    systems: tuple[str, ...],
) -> None:
    """Not found in the inventory is unknown, never a no: not at first, and not after a system has left it."""
    (only,) = of(*systems)
    assert (only.key, only.controller, only.our_role) == ("own", "Nous SAS", Role.CONTROLLER)
    assert (only.systems, only.activities, only.exposures) == ((), (), (Exposure(),))


@pytest.mark.parametrize("system", ["switch", "spare"])
def test_a_system_of_nobodys_data_can_still_be_judged(system: str) -> None:
    """Without activities or clients in the inventory, what is recorded of the system itself decides."""
    (only,) = of(system)
    assert (only.key, only.systems, only.exposures) == ("own", (system,), (Exposure(system),))


def test_a_system_that_left_the_inventory_is_passed_over_beside_others() -> None:
    """And a system named twice counts once."""
    assert of("gone", "web", "web") == of("web")


def test_an_organisation_that_left_the_inventory_keeps_its_id_as_its_name() -> None:
    """The record stays readable."""
    assert perimeters_of(("web",), INVENTORY, "former")[0].controller == "former"


def test_numbers_of_persons_are_those_of_the_client_or_else_of_the_activity() -> None:
    """None where the inventory does not say."""
    assert persons_at(Exposure("web", "hosting", "zeta"), INVENTORY) == (5, 7)
    assert persons_at(Exposure("web", "hosting", "acme"), INVENTORY) is None
    assert persons_at(Exposure("web", "news"), INVENTORY) == (100, 200)
    assert persons_at(Exposure("web", "events"), INVENTORY) is None
    assert persons_at(Exposure(), INVENTORY) is None
    assert persons_at(Exposure("web", "hosting", "gone"), INVENTORY) is None


def test_a_title_is_made_of_the_most_serious_signal_and_the_systems() -> None:
    """Closed words only: a sender's text could hold personal data."""
    signals = {Signal.WEB_SHELL: "Porte dérobée web", Signal.SCAN: "Balayage"}
    assert title_from(signals.values(), ["Facturation", "Site"]) == "Porte dérobée web : Facturation, Site"
    assert title_from(signals.values(), []) == "Porte dérobée web"
    assert title_from([], []) == ""
