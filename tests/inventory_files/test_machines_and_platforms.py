"""Machines of GLPI and NetBox, applications of Kubernetes, jobs of Prometheus."""

import json

import pytest

from breach_service.domain.inventory import Inventory, machines_not_yet_known, merged
from breach_service.inventory_files import (
    FaultKind,
    Unreadable,
    glpi_computers,
    kubernetes_systems,
    netbox_machines,
    prometheus_systems,
    read_csv,
)

GLPI = """"Nom";"Entité";"Statut";"Type";"Lieu";"Réseau - Adresse IP"
"SRV-WEB-1";"Entité racine";"En production";"Serveur";"Lyon > Salle 1";"192.0.2.7<br>2001:db8::7"
"PC 12";"Entité racine";"En stock";"Portable";"Lyon";""
"""
NETBOX = """Name,Status,Tenant,Site,Role,IP Address
db-1,Active,Acme,Lyon,Database,10.20.2.4/24
old-1,Decommissioning,,Lyon,Server,
"""


def test_computers_of_glpi_become_systems() -> None:
    """In French or English, with several addresses in a cell; what is in stock is not in production."""
    reading = glpi_computers(read_csv(GLPI.encode("cp1252"), "ordinateurs.csv"))
    assert reading.faults == ()
    web, pc = reading.understood.systems
    assert (web.id, web.match.hosts, web.match.networks) == (
        "srv-web-1",
        ("srv-web-1",),
        ("192.0.2.7/32", "2001:db8::7/128"),
    )
    assert web.is_in_production
    assert (pc.match.hosts, pc.is_in_production) == ((), False)


def test_machines_of_netbox_become_systems() -> None:
    """An address comes with the mask of its network, and stands for itself."""
    reading = netbox_machines(read_csv(NETBOX.encode(), "devices.csv"))
    assert reading.faults == ()
    db, old = reading.understood.systems
    assert (db.match.hosts, db.match.networks, db.is_in_production) == (("db-1",), ("10.20.2.4/32",), True)
    assert not old.is_in_production


def test_faults_of_a_list_of_machines_are_told_by_row_and_column() -> None:
    """A missing name, a name used twice, an address that is none; a file without names at all."""
    text = NETBOX + ",Active,,,,\ndb-1,Active,,,,\nx-1,Active,,,,10.0.0.999\n"
    faults = netbox_machines(read_csv(text.encode(), "d")).faults
    assert [(one.row, one.column, one.kind) for one in faults] == [
        (4, "A", FaultKind.MISSING_VALUE),
        (5, "A", FaultKind.USED_TWICE),
        (6, "F", FaultKind.NOT_AN_ADDRESS),
    ]
    (fault,) = glpi_computers(read_csv(b"a;b\n1;2\n", "g")).faults
    assert (fault.row, fault.kind, fault.value) == (1, FaultKind.MISSING_COLUMN, "Nom")


def test_machines_that_a_pattern_of_the_inventory_holds_are_not_proposed_again() -> None:
    """`db-*` is worth more than a hundred lines."""
    present = Inventory.model_validate(
        {
            "organisations": [{"id": "us", "name": "Nous", "dpo": {"name": "D"}}],
            "systems": [
                {"id": "db", "name": {"fr": "Bases"}, "match": {"hosts": ["db-*"], "networks": ["10.20.2.0/24"]}}
            ],
        }
    )
    proposal = netbox_machines(read_csv(NETBOX.encode())).understood
    assert [one.id for one in machines_not_yet_known(present, proposal).systems] == ["old-1"]


def test_kubernetes_gives_one_system_for_each_application_and_node() -> None:
    """By the recommended label, else by the older ones; pods of something are not named again."""
    named = {"app.kubernetes.io/name": "shop-web"}
    older = {"template": {"metadata": {"labels": {"app": "pg"}}}}
    addresses = [{"address": "10.0.0.5"}, {"address": "node-1.lan"}]
    items = [
        {"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop", "labels": named}},
        {"kind": "Pod", "metadata": {"name": "web-x1", "namespace": "shop", "labels": named}},
        {"kind": "StatefulSet", "metadata": {"name": "pg", "namespace": "shop"}, "spec": older},
        {"kind": "Pod", "metadata": {"name": "lost", "namespace": "shop"}},
        {"kind": "Node", "metadata": {"name": "node-1"}, "status": {"addresses": addresses}},
    ]
    reading = kubernetes_systems(json.dumps({"kind": "List", "items": items}).encode())
    assert reading.faults == ()
    web, pg, node = reading.understood.systems
    assert web.match.labels == {"namespace": "shop", "app.kubernetes.io/name": "shop-web"}
    assert pg.match.applications == ("pg",)
    assert (node.match.hosts, node.match.networks) == (("node-1", "node-1.lan"), ("10.0.0.5/32",))


def test_prometheus_gives_one_system_for_each_job() -> None:
    """Its label, and the machines without their ports; this machine itself is none of them."""
    instances = ["db-1.lan:9100", "10.0.0.5:9100", "[2001:db8::1]:9100", "localhost:9090", "https://www.example.org/x"]
    targets = [{"labels": {"job": "node", "instance": one}, "health": "up"} for one in instances]
    reading = prometheus_systems(json.dumps({"status": "success", "data": {"activeTargets": targets}}).encode())
    (job,) = reading.understood.systems
    assert job.match.labels == {"job": "node"}
    assert job.match.hosts == ("db-1.lan", "www.example.org")
    assert job.match.networks == ("10.0.0.5/32", "2001:db8::1/128")


def test_items_that_are_none_are_faults_by_their_number() -> None:
    """And the rest is not imported without them."""
    reading = kubernetes_systems(json.dumps({"items": [{"metadata": {"name": "a"}}, 7, {"metadata": {}}]}).encode())
    assert [(one.sheet, one.row) for one in reading.faults] == [("items", 2), ("items", 3)]
    reading = prometheus_systems(json.dumps({"data": {"activeTargets": [{"labels": {"job": "a"}}]}}).encode())
    assert [(one.row, one.known) for one in reading.faults] == [(1, "labels.instance")]
    assert reading.proposal is None


@pytest.mark.parametrize("raw", [b"[]", b"{", b"{}", b"null", b'{"items": 7, "data": []}', b"[" * 100_000])
def test_json_of_another_kind_is_refused(raw: bytes) -> None:
    """With the command that gives the right one."""
    for read in (kubernetes_systems, prometheus_systems):
        with pytest.raises(Unreadable) as refused:
            read(raw)
        assert refused.value.kind is FaultKind.NOT_JSON


def test_what_a_scan_saw_adds_to_what_people_wrote() -> None:
    """Names, ranges and labels that it does not know of stay."""
    match = {"hosts": ["db-1", "www"], "networks": ["10.9.0.0/16"], "labels": {"service": "crm"}}
    present = Inventory.model_validate(
        {
            "organisations": [{"id": "us", "name": "Nous", "dpo": {"name": "D"}}],
            "systems": [
                {"id": "crm", "name": {"fr": "DB-1", "en": "CRM"}, "match": match, "facts": {"backup.exists": "yes"}}
            ],
        }
    )
    (after, _) = merged(present, netbox_machines(read_csv(NETBOX.encode())).understood).systems
    assert (after.id, after.name.en, after.facts) == ("crm", "CRM", {"backup.exists": "yes"})
    assert after.match.hosts == ("db-1", "www")
    assert after.match.networks == ("10.9.0.0/16", "10.20.2.4/32")
    assert after.match.labels == {"service": "crm"}
