"""What the inventory leaves open of the systems of an incident."""

from typing import Any

from breach_service.domain.inventory import Inventory
from breach_service.domain.inventory_gaps import Gap, GapKind, gaps_of

WORD = {"fr": "mot"}


def inventory(**changes: Any) -> Inventory:
    whole = {
        "organisations": [{"id": "us", "name": "Nous SAS", "dpo": {"name": "DPO"}}],
        "data_categories": [{"id": "mail", "name": WORD, "cnil": "contact"}],
        "systems": [{"id": "web", "name": WORD, "activities": ["news", "hosting"]}, {"id": "bare", "name": WORD}],
        "activities": [
            {"id": "news", "name": WORD, "our_role": "controller", "data": []},
            {"id": "hosting", "name": WORD, "our_role": "processor", "data": ["mail"], "clients": ["acme"]},
        ],
        "clients": [{"id": "acme", "name": "Acme"}, {"id": "other", "name": "Other"}],
    }
    return Inventory.model_validate({**whole, **changes})


def test_every_gap_of_the_systems_is_named_once() -> None:
    """Of a controller's activity its data and persons, of a processor's the persons of its clients."""
    assert gaps_of(["web", "web", "gone"], inventory()) == (
        Gap(GapKind.ACTIVITY_WITHOUT_DATA, "news"),
        Gap(GapKind.ACTIVITY_WITHOUT_PERSONS, "news"),
        Gap(GapKind.CLIENTS_WITHOUT_PERSONS, "hosting", ("acme",)),
    )


def test_a_system_of_which_nobody_says_what_it_processes_is_a_gap() -> None:
    """Unless somebody said that it holds no personal data, or that it does."""
    assert gaps_of(["bare"], inventory()) == (Gap(GapKind.SYSTEM_WITHOUT_ACTIVITY, "bare"),)
    said = [{"id": "bare", "name": WORD, "facts": {"system.holds_personal_data": "no"}}]
    assert gaps_of(["bare"], inventory(systems=said)) == ()
    unknown = [{"id": "bare", "name": WORD, "facts": {"system.holds_personal_data": "unknown"}}]
    assert gaps_of(["bare"], inventory(systems=unknown)) == (Gap(GapKind.SYSTEM_WITHOUT_ACTIVITY, "bare"),)


def test_an_activity_for_others_without_any_client_is_a_gap() -> None:
    """Nobody would be told."""
    activities = [{"id": "hosting", "name": WORD, "our_role": "processor", "data": ["mail"]}]
    systems = [{"id": "web", "name": WORD, "activities": ["hosting"]}]
    assert gaps_of(["web"], inventory(activities=activities, systems=systems)) == (
        Gap(GapKind.ACTIVITY_WITHOUT_CLIENT, "hosting"),
    )


def test_nothing_is_asked_where_everything_is_said() -> None:
    """A number for the client, in the activity."""
    systems = [{"id": "web", "name": WORD, "activities": ["hosting"]}]
    clients = [{"id": "acme", "name": "Acme", "activities": [{"activity": "hosting", "number_of_persons": [5, 9]}]}]
    assert gaps_of(["web"], inventory(systems=systems, clients=clients)) == ()
