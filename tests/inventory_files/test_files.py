"""Any file that somebody names, as one reading."""

import json

import pytest

from breach_service.inventory_files import FaultKind, FileKind, Unreadable, read_inventory_file
from tests.inventory_files.made import a_register, as_ods, as_xlsx

SYSTEMS = {(1, 1): "id", (1, 2): "name.fr", (2, 1): "web", (2, 2): "Site"}


@pytest.mark.parametrize(
    ("kind", "name", "raw"),
    [
        (FileKind.CNIL_REGISTER, "registre.ods", as_ods(a_register())),
        (FileKind.TABLES, "C:\\exports\\Systems.csv", b"id;name.fr\nweb;Site\n"),
        (FileKind.TABLES, "tout.xlsx", as_xlsx({"systems": SYSTEMS})),
        (FileKind.GLPI, "glpi.csv", b"Nom;Statut\nweb;En production\n"),
        (FileKind.NETBOX, "devices.csv", b"name,status\nweb,active\n"),
        (FileKind.KUBERNETES, "k.json", json.dumps({"kind": "Deployment", "metadata": {"name": "web"}}).encode()),
        (
            FileKind.PROMETHEUS,
            "t.json",
            json.dumps({"data": {"activeTargets": [{"labels": {"job": "web", "instance": "web:1"}}]}}).encode(),
        ),
    ],
)
def test_each_kind_of_file_is_read(kind: FileKind, name: str, raw: bytes) -> None:
    """To entries that may be imported."""
    proposal = read_inventory_file(raw, kind, name).proposal
    assert proposal is not None
    assert any(entries for _, entries in proposal.entries())


def test_a_table_is_called_after_its_part() -> None:
    """Else nobody knows what its rows are."""
    (fault,) = read_inventory_file(b"id;name\na;A\n", FileKind.TABLES, "export.csv").faults
    assert fault.kind is FaultKind.UNKNOWN_FILE
    assert "clients.csv" in fault.remedy.fr
    (fault,) = read_inventory_file(b"id;name\na;A\n", FileKind.TABLES, "clients_ok.csv").faults
    assert fault.remedy.fr == "Le fichier doit s’appeler clients.csv."


@pytest.mark.parametrize("kind", FileKind)
@pytest.mark.parametrize("raw", [b"", b"\x00\x01", b"PK\x03\x04", b"\xff" * 50])
def test_a_file_of_another_kind_proposes_nothing(kind: FileKind, raw: bytes) -> None:
    """It is refused in French and English; or, where it passes for a text, each of its cells is a fault."""
    try:
        found = [one.what for one in read_inventory_file(raw, kind, "systems.csv").faults]
    except Unreadable as refused:
        found = [refused.text()]
    assert found
    assert all(one.fr != one.en for one in found)
