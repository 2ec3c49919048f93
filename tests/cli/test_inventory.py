"""`inventory`: files of every kind brought in whole or not at all, shown first, exported, and who changed what."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import EXAMPLE, CommandLine
from tests.inventory_files.made import LIST, PAY, SAVED, SITE, a_register

GLPI = "Nom;Entité;Statut;Réseau - Adresse IP\nWEB-7;Racine;En production;\nSRV-NEW;Racine;En production;10.9.9.9\n"
NETBOX = "Name,Status,Tenant,Site,Role\ndb-1,Active,Acme,Lyon,Database\nlab-1,Active,Acme,Lyon,Server\n"
KUBERNETES = {"items": [{"kind": "Deployment", "metadata": {"name": "shop", "namespace": "live", "labels": {}}}]}
PROMETHEUS = {"data": {"activeTargets": [{"labels": {"job": "shop", "instance": "shop-1.us.example:9100"}}]}}


def register(cli: CommandLine, changes: dict[str, dict[tuple[int, int], str]], book: str = "ods") -> Path:
    """The CNIL's register with some cells written over, saved."""
    cells = a_register()
    for sheet, written in changes.items():
        cells[sheet] = {at: text for at, text in {**cells[sheet], **written}.items() if text}
    file = cli.directory / f"registre.{book}"
    file.write_bytes(SAVED[book](cells))
    return file


def file_of(cli: CommandLine, name: str, text: str) -> str:
    path = cli.directory / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("book", SAVED)
def test_every_faulty_cell_of_a_register_is_told_and_nothing_is_imported(cli: CommandLine, book: str) -> None:
    """By sheet, row and column, all at once; the sound activity beside the faulty one is not imported either."""
    before = cli.json("inventory", "show")
    faulty = register(cli, {PAY: {(6, 4): "jamais", (16, 4): ""}, SITE: {(37, 5): ""}, LIST: {(13, 7): "Non"}}, book)
    said = cli.fails("inventory", "import", str(faulty))
    assert sorted(one.partition(":")[0] for one in said.splitlines()) == sorted(
        [f"{PAY}!D6", f"{PAY}!D16", f"{SITE}!E37", f"{LIST}!G13"]
    )
    done = cli.run("inventory", "import", str(faulty), "--json")
    faults = json.loads(done.stdout)["faults"]
    assert done.exit_code == 1
    assert {(one["sheet"], one["row"], one["column"]) for one in faults} == {
        (PAY, 6, "D"), (PAY, 16, "D"), (SITE, 37, "E"), (LIST, 13, "G"),
    }  # fmt: skip
    assert all(one["what"] and one["remedy"] for one in faults)
    assert cli.json("inventory", "show") == before


def test_a_dry_run_shows_every_change_and_stores_nothing(cli: CommandLine) -> None:
    """What the import itself then does is what was shown."""
    file, before = str(register(cli, {})), cli.json("inventory", "show")
    shown = cli.json("inventory", "import", file, "--dry-run")
    assert {(one["kind"], one["part"], one["id"]) for one in shown["changes"]} >= {
        ("added", "activities", "gestion-de-la-paie"), ("added", "activities", "site-internet"),
    }  # fmt: skip
    assert shown["kind"] == "cnil_register"
    assert "dry run" in cli.says("inventory", "import", file, "--dry-run")
    assert cli.json("inventory", "show") == before
    done = cli.json("inventory", "import", file)
    assert (done["changes"], done["is_new"]) == (shown["changes"], True)
    assert cli.says("inventory", "import", file) == "nothing changed\n"
    assert "nothing would change" in cli.says("inventory", "import", file, "--dry-run")
    after = cli.json("inventory", "show")
    assert {one["id"] for one in before["activities"]} < {one["id"] for one in after["activities"]}


@pytest.mark.parametrize(
    ("name", "text", "kind", "added"),
    [
        ("ordinateurs.csv", GLPI, "glpi", {"srv-new"}),
        ("machines.csv", NETBOX, "netbox", {"lab-1"}),
        ("cluster.json", json.dumps(KUBERNETES), "kubernetes", {"live-shop"}),
        ("targets.json", json.dumps(PROMETHEUS), "prometheus", {"shop"}),
        ("systems.csv", "id;name.fr;match.hosts\nshop;Boutique;shop-1 | shop-2\n", "tables", {"shop"}),
    ],
)
def test_the_kind_of_a_file_is_told_by_what_is_in_it(
    cli: CommandLine, name: str, text: str, kind: str, added: set[str]
) -> None:
    """GLPI, NetBox, Kubernetes, Prometheus, tables of ours; machines that a pattern finds already are passed over."""
    found = cli.json("inventory", "import", file_of(cli, name, text), "--dry-run")
    systems = {one["id"] for one in found["changes"] if one["part"] == "systems" and one["kind"] == "added"}
    assert (found["kind"], systems) == (kind, added)
    assert found["passed_over"] == (1 if kind in ("glpi", "netbox") else 0)


def test_a_file_that_tells_nothing_asks_for_its_kind(cli: CommandLine) -> None:
    """With the kinds that there are; a broken spreadsheet says what it is."""
    assert "glpi" in cli.fails("inventory", "import", file_of(cli, "x.csv", "a;b\n1;2\n"))
    assert cli.run("inventory", "import", file_of(cli, "y.csv", NETBOX), "--kind", "netbox").exit_code == 0
    broken = cli.directory / "z.xlsx"
    broken.write_bytes(b"PK\x03\x04 no zip")
    assert "damaged" in cli.fails("inventory", "import", str(broken))


def test_what_is_exported_is_imported_to_the_same(cli: CommandLine) -> None:
    """As YAML and as tables; a spreadsheet program may open the tables."""
    whole = cli.directory / "whole.yaml"
    cli.says("inventory", "export", "--to", str(whole))
    assert cli.says("inventory", "import", str(whole)) == "nothing changed\n"
    assert cli.says("inventory", "export") == whole.read_text(encoding="utf-8")
    tables = cli.directory / "tables"
    written = cli.json("inventory", "export", "--format", "csv", "--to", str(tables))["files"]
    assert {Path(one).stem for one in written} >= {"systems", "clients", "activities"}
    assert cli.says("inventory", "import", str(tables)) == "nothing changed\n"
    assert "--to" in cli.fails("inventory", "export", "--format", "csv")


def test_what_a_whole_inventory_leaves_out_ends_and_stays(cli: CommandLine) -> None:
    """A breach of before may have touched it; only who says so removes it."""
    exported = cli.says("inventory", "export")
    begin = exported.index("  - id: telephony" if "  - id: telephony" in exported else "- id: telephony")
    end = exported.index("- id: customer-management", begin)
    file = file_of(cli, "fewer.yaml", exported[:begin].rstrip(" ") + exported[end:])
    (line,) = cli.json("inventory", "import", file, "--dry-run")["changes"]
    assert (line["kind"], line["id"], line["field"]) == ("ended", "telephony", "valid_to")
    removed = cli.json("inventory", "import", file, "--dry-run", "--missing", "remove")["changes"]
    assert [(one["kind"], one["id"]) for one in removed] == [("removed", "telephony")]
    assert cli.json("inventory", "import", file, "--dry-run", "--missing", "keep")["changes"] == []
    cli.says("inventory", "import", file)
    (system,) = [one for one in cli.json("inventory", "show")["systems"] if one["id"] == "telephony"]
    assert system["valid_to"] is not None
    assert "YAML" in cli.fails("inventory", "import", file_of(cli, "systems.csv", "id\n"), "--missing", "remove")


def test_the_history_says_who_changed_what_when_and_why(cli: CommandLine) -> None:
    """Newest first; of each revision what it changed."""
    file = file_of(cli, "systems.csv", "id;name.fr;match.hosts\nmail;Messagerie;mail-* | smtp-*\n")
    cli.says("inventory", "import", file, "--reason", "A second mail server.")
    newest, first = cli.json("inventory", "history")
    assert (newest["reason"], newest["note"]) == ("A second mail server.", "inventory_imported")
    assert newest["number"] > first["number"]
    (change,) = cli.json("inventory", "history", "--of", str(newest["number"]))
    assert (change["id"], change["field"], change["after"]) == ("mail", "match.hosts", ["mail-*", "smtp-*"])
    assert "A second mail server." in cli.says("inventory", "history")
    assert "smtp-*" in cli.says("inventory", "history", "--of", str(newest["number"]))
    assert "no revision 99" in cli.fails("inventory", "history", "--of", "99")


def test_the_first_import_names_our_organisation(empty_cli: CommandLine) -> None:
    """Machines may come first; then the organisation that stood in for ours goes."""
    empty_cli.says("migrate")
    empty_cli.says("inventory", "import", file_of(empty_cli, "m.csv", NETBOX))
    assert [one["id"] for one in empty_cli.json("inventory", "show")["organisations"]] == ["a-completer"]
    empty_cli.says("inventory", "import", str(register(empty_cli, {})))
    assert [one["name"] for one in empty_cli.json("inventory", "show")["organisations"]] == ["Exemple SAS"]
    empty_cli.says("inventory", "import", str(EXAMPLE))
    assert empty_cli.json("inventory", "show")["organisations"][0]["id"] == "bsoft"
