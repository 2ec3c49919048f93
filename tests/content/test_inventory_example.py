"""Promises about playbooks/inventory/example.yaml."""

from ipaddress import ip_network
from itertools import combinations

import pytest

from breach_service.catalog import Catalogue
from breach_service.domain.alert import Alert, Entity, EntityKind, Signal
from breach_service.domain.incident import perimeters_of
from breach_service.domain.inventory import Inventory, Role


@pytest.fixture
def example(catalogue: Catalogue) -> Inventory:
    return catalogue.inventories["example"]


def test_the_organisation_is_that_of_the_privacy_policy(example: Inventory) -> None:
    """Name, address and the DPO's mailbox as published."""
    (organisation,) = example.organisations
    assert (organisation.name, organisation.dpo.email) == ("bsoft.fr", "dpo@bsoft.fr")
    assert (organisation.address, organisation.postal_code, organisation.city) == (
        "4 rue Coste",
        "69300",
        "Caluire et Cuire",
    )


def test_every_processing_of_the_policy_has_its_line(example: Inventory) -> None:
    """Its table, the accounts and logs it describes, and the participants' data that clients entrust."""
    own = {one.id for one in example.activities if one.our_role is Role.CONTROLLER}
    entrusted = {one.id for one in example.activities if one.our_role is Role.PROCESSOR}
    assert own == {
        "newsletters", "contact-requests", "prospecting", "cookies", "accounts-and-billing", "service-usage",
    }  # fmt: skip
    assert entrusted == {"participants-communications", "training-attendance", "access-security"}


def test_every_activity_runs_on_a_system_and_every_category_is_used(example: Inventory) -> None:
    """Nothing in the example hangs in the air."""
    assert {name for system in example.systems for name in system.activities} == {one.id for one in example.activities}
    assert {name for one in example.activities for name in one.data} == {one.id for one in example.data_categories}
    assert {name for one in example.activities for name in one.providers} == {one.id for one in example.providers}


def test_an_attack_on_the_database_touches_us_and_every_client(example: Inventory) -> None:
    """Both roles at once: our own account holders, and the participants of four clients."""
    perimeters = perimeters_of(["database"], example, "bsoft")
    assert [one.key for one in perimeters if one.is_ours] == ["own"]
    assert len([one for one in perimeters if not one.is_ours]) == 4


def test_clients_differ_in_language_and_contract(example: Inventory) -> None:
    """One reads English; contracts ask for 24 h, 48 h or nothing; each can be written to."""
    assert {one.language for one in example.clients} == {"fr", "en"}
    assert {one.contract.notice_hours for one in example.clients} == {24, 48, None}
    assert all(contact.email for one in example.clients for contact in one.contacts)
    assert all(part.number_of_persons for one in example.clients for part in one.activities)


def test_invented_addresses_belong_to_nobody(example: Inventory) -> None:
    """Mail of invented people ends in .example, public networks are documentation ranges."""
    contacts = [contact for one in example.clients for contact in one.contacts]
    contacts += [one.representative for one in example.organisations if one.representative]
    assert all(contact.email.endswith(".example") for contact in contacts)
    networks = [ip_network(text) for system in example.systems for text in system.match.networks]
    reserved = [ip_network("192.0.2.0/24"), ip_network("10.0.0.0/8")]
    assert all(any(network.subnet_of(one) for one in reserved) for network in networks)  # type: ignore[arg-type]


def test_an_address_belongs_to_one_system(example: Inventory) -> None:
    """Networks do not overlap, so that an alert finds one system."""
    networks = [ip_network(text) for system in example.systems for text in system.match.networks]
    assert not any(one.overlaps(other) for one, other in combinations(networks, 2))


@pytest.mark.parametrize(
    ("host", "system"),
    [
        ("db-01", "database"),
        ("app-02.internal.example", "application"),
        ("WEB-01", "public-website"),
        ("fw-01", "firewall"),
    ],
)
def test_an_alert_finds_its_system_by_host_name(example: Inventory, host: str, system: str) -> None:
    """With or without the domain, whatever the case."""
    alert = Alert("ids", "t", Signal.WEB_EXPLOIT, "f", entities=(Entity(EntityKind.HOST, host.lower()),))
    assert [one.id for one in example.systems_of(alert)] == [system]


def test_what_the_policy_does_not_promise_stays_unknown(example: Inventory) -> None:
    """It names encrypted connections and backups, not encryption of stored data."""
    stated = {name for system in example.systems for name in system.facts}
    assert "backup.exists" in stated
    assert not any(name.startswith("encryption.") for name in stated)


def test_every_fact_of_a_system_can_be_read(catalogue: Catalogue, example: Inventory) -> None:
    """The inventory speaks in the words of facts.yaml."""
    for system in example.systems:
        for name, raw in system.facts.items():
            assert catalogue.facts[name].parse(raw) is not None
