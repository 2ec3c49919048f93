"""What runs and whose data it holds: alerts find their systems, and every broken reference is listed."""

from typing import Any

import pytest
from pydantic import ValidationError

from breach_service.domain.alert import Alert, Entity, EntityKind, Signal
from breach_service.domain.inventory import Inventory, SystemMatch, matches

TEXT = {"fr": "nom"}
ORGANISATION = {"id": "us", "name": "Nous SAS", "dpo": {"name": "DPO"}}


def an_inventory(**parts: Any) -> Inventory:
    """One organisation and what is given."""
    return Inventory.model_validate({"organisations": [ORGANISATION], **parts})


def an_activity(name: str, **changes: Any) -> dict[str, Any]:
    """A processing activity of ours without data."""
    return {"id": name, "name": TEXT, "our_role": "controller", "data": [], **changes}


def an_alert(*entities: tuple[EntityKind, str], labels: dict[str, str] | None = None) -> Alert:
    """An alert that names these things."""
    named = tuple(Entity(kind, value) for kind, value in entities)
    return Alert("probe", "t", Signal.SCAN, "f", entities=named, labels=labels or {})


@pytest.mark.parametrize(
    ("pattern", "host", "is_found"),
    [
        ("app-1", "app-1", True),
        ("app-1", "APP-1", True),
        ("App-1", "app-1", True),
        ("app-1", "app-1.example.org", True),
        ("app-1.example.org", "app-1.example.org", True),
        ("app-*", "app-17.example.org", True),
        ("app-?", "app-7", True),
        ("app-?", "app-17", False),
        ("*.example.org", "app-1.example.org", True),
        ("*.example.org", "example.org", False),
        ("app-1", "app-10", False),
        ("app", "app-1", False),
        ("example", "app-1.example.org", False),
        ("app-1.example.org", "app-1.example.com", False),
    ],
)
def test_a_host_finds_its_system(pattern: str, host: str, is_found: bool) -> None:
    """With or without its domain, in any case, with wildcards; and never by a part of its name."""
    assert matches(SystemMatch(hosts=(pattern,)), an_alert((EntityKind.HOST, host))) is is_found


@pytest.mark.parametrize(
    ("network", "address", "is_found"),
    [
        ("192.0.2.0/28", "192.0.2.15", True),
        ("192.0.2.0/28", "192.0.2.16", False),
        ("192.0.2.7", "192.0.2.7", True),
        ("2001:db8::/32", "2001:db8:0:0::1", True),
        ("2001:db8::/32", "2001:db9::1", False),
        ("192.0.2.0/28", "2001:db8::1", False),
        ("2001:db8::/32", "192.0.2.1", False),
        ("192.0.2.0/28", "not an address", False),
        ("192.0.2.0/28", "192.0.2.1:443", False),
        ("192.0.2.0/28", "", False),
    ],
)
def test_an_address_of_ours_finds_its_system(network: str, address: str, is_found: bool) -> None:
    """Both kinds of addresses; rubbish in an alert finds nothing and breaks nothing."""
    assert matches(SystemMatch(networks=(network,)), an_alert((EntityKind.ADDRESS, address))) is is_found


def test_the_attackers_address_finds_no_system() -> None:
    """Only addresses of ours do, even if the attack comes from inside the same range."""
    assert not matches(SystemMatch(networks=("192.0.2.0/28",)), an_alert((EntityKind.SOURCE_ADDRESS, "192.0.2.1")))


@pytest.mark.parametrize("network", ["192.0.2.1/28", "192.0.2.0/33", "everything", ""])
def test_a_network_that_is_no_range_is_refused(network: str) -> None:
    """Where it is written, not when an alert comes."""
    with pytest.raises(ValidationError):
        SystemMatch(networks=(network,))


def test_labels_find_a_system_only_all_together() -> None:
    """Every label with its value; and a system without labels is not found by any."""
    match = SystemMatch(labels={"service": "crm", "env": "prod"})
    assert matches(match, an_alert(labels={"service": "crm", "env": "prod", "pod": "x"}))
    assert not matches(match, an_alert(labels={"service": "crm", "env": "test"}))
    assert not matches(match, an_alert(labels={"service": "crm"}))
    assert not matches(SystemMatch(), an_alert(labels={"service": "crm"}))


def test_an_application_finds_its_system() -> None:
    """By its name."""
    match = SystemMatch(applications=("crm",))
    assert matches(match, an_alert((EntityKind.APPLICATION, "crm")))
    assert not matches(match, an_alert((EntityKind.HOST, "crm")))


def test_one_way_of_matching_is_enough_and_several_systems_may_match() -> None:
    """All of them, in the order of the inventory."""
    inventory = an_inventory(
        systems=[
            {"id": "web", "name": TEXT, "match": {"hosts": ["web-*"], "networks": ["192.0.2.0/28"]}},
            {"id": "db", "name": TEXT, "match": {"hosts": ["db-*"]}},
            {"id": "all", "name": TEXT, "match": {"hosts": ["*"]}},
        ]
    )
    found = inventory.systems_of(an_alert((EntityKind.ADDRESS, "192.0.2.1"), (EntityKind.HOST, "db-2")))
    assert [one.id for one in found] == ["web", "db", "all"]
    assert inventory.systems_of(an_alert()) == ()


def test_a_sound_inventory_has_no_faults() -> None:
    """Every reference leads somewhere."""
    inventory = an_inventory(
        data_categories=[{"id": "mail", "name": TEXT, "cnil": "contact"}],
        systems=[{"id": "web", "name": TEXT, "activities": ["news"]}],
        activities=[an_activity("news", data=["mail"], providers=["host"], clients=["acme"])],
        clients=[{"id": "acme", "name": "Acme", "activities": [{"activity": "news"}]}],
        providers=[{"id": "host", "name": "Hôte", "service": TEXT}],
    )
    assert inventory.faults() == []
    found = [inventory.system("web"), inventory.activity("news"), inventory.client("acme")]
    assert [one.id for one in found if one] == ["web", "news", "acme"]
    assert inventory.data_category("mail")
    assert inventory.system("gone") is inventory.activity("gone") is inventory.client("gone") is None


def test_every_broken_reference_is_listed_with_its_place() -> None:
    """All at once, each with the path into the document and the id that leads nowhere."""
    inventory = an_inventory(
        systems=[{"id": "web", "name": TEXT, "activities": ["news", "gone-1"]}],
        activities=[
            an_activity("news", data=["gone-2"]),
            an_activity("more", clients=["gone-3"], providers=["gone-4"]),
        ],
        clients=[{"id": "acme", "name": "Acme", "activities": [{"activity": "news"}, {"activity": "gone-5"}]}],
    )
    assert inventory.faults() == [
        (("systems", 0, "activities", 1), "gone-1 is not among the activities of this inventory"),
        (("activities", 0, "data", 0), "gone-2 is not among the data_categories of this inventory"),
        (("activities", 1, "clients", 0), "gone-3 is not among the clients of this inventory"),
        (("activities", 1, "providers", 0), "gone-4 is not among the providers of this inventory"),
        (("clients", 0, "activities", 1, "activity"), "gone-5 is not among the activities of this inventory"),
    ]


def test_an_id_used_twice_is_listed_but_different_parts_may_share_one() -> None:
    """The second one is at fault."""
    system = {"id": "crm", "name": TEXT}
    inventory = an_inventory(systems=[system, system], activities=[an_activity("crm")])
    assert inventory.faults() == [(("systems", 1, "id"), "the id crm is used twice among the systems")]


def test_an_inventory_has_an_organisation() -> None:
    """Somebody must be the controller of our own data."""
    found = Inventory.model_validate({"organisations": []}).faults()
    assert found == [(("organisations",), "at least one organisation is needed")]


@pytest.mark.parametrize(
    "parts",
    [
        {"systems": [{"id": "Web Site", "name": TEXT}]},
        {"systems": [{"id": "web", "name": TEXT, "hosts": ["web-1"]}]},
        {"activities": [an_activity("news", our_role="owner")]},
        {"activities": [an_activity("news", number_of_persons=[300, 200])]},
        {"activities": [an_activity("news", number_of_persons=[-1, 200])]},
        {"clients": [{"id": "a", "name": "A", "our_role": "controller"}]},
        {"clients": [{"id": "a", "name": "A", "activities": [{"activity": "b", "number_of_persons": [2, 1]}]}]},
        {"clients": [{"id": "a", "name": "A", "contract": {"notice_hours": 0}}]},
        {"clients": [{"id": "a", "name": "A", "contract": {"notice_hours": float("inf")}}]},
    ],
)
def test_a_part_that_cannot_be_is_refused_when_it_is_read(parts: dict[str, Any]) -> None:
    """Not later, in the middle of an incident."""
    with pytest.raises(ValidationError):
        an_inventory(**parts)
