"""Our own tables: exported, they are imported again to the same; and what is wrong in them is told cell by cell."""

import csv
import io

import pytest
from hypothesis import given, settings

from breach_service.catalog import inventory_as_yaml, read_inventory
from breach_service.domain.inventory import Inventory, changes_between, merged, proposal_of
from breach_service.inventory_files import (
    FaultKind,
    Reading,
    entries_in,
    entries_of_sheets,
    inventory_as_csv,
    read_csv,
    read_spreadsheet,
)
from tests.inventory_files.inventories import inventories
from tests.inventory_files.made import SAVED

NOBODY = Inventory.model_validate({"organisations": [{"id": "us", "name": "Nous", "dpo": {"name": "DPO"}}]})


@given(inventories)
@settings(max_examples=60, deadline=None)
def test_an_export_to_csv_is_imported_again_to_the_same(inventory: Inventory) -> None:
    """Whatever the texts: formulas, line breaks, apostrophes, separators, marks that nobody sees."""
    reading = entries_in({part: read_csv(raw, part) for part, raw in inventory_as_csv(inventory).items()})
    assert reading.faults == ()
    assert {part: tuple(entries) for part, entries in reading.understood.entries()} == {
        part: getattr(inventory, part) for part, _ in reading.understood.entries()
    }
    assert changes_between(inventory, merged(inventory, reading.understood)) == []


@given(inventories)
@settings(max_examples=60, deadline=None)
def test_an_export_to_yaml_is_imported_again_to_the_same(inventory: Inventory) -> None:
    """Words that YAML reads otherwise (yes, null, a day, a number) stay the texts that they are."""
    back, faults = read_inventory(inventory_as_yaml(inventory), "back.yaml")
    assert faults == ()
    assert back == inventory


@given(inventories)
@settings(max_examples=30, deadline=None)
def test_no_cell_of_an_export_is_a_formula(inventory: Inventory) -> None:
    """A spreadsheet program that opens it runs nothing."""
    for raw in inventory_as_csv(inventory).values():
        for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";"):
            assert not [one for one in row if one.startswith(("=", "+", "-", "@", "\t", "\r"))]


@given(inventories)
@settings(max_examples=30, deadline=None)
def test_laid_over_itself_an_inventory_stays_the_same(inventory: Inventory) -> None:
    """And over a nearly empty one it gives itself."""
    assert merged(inventory, proposal_of(inventory)) == inventory
    assert merged(NOBODY, proposal_of(inventory)) == inventory


@pytest.mark.parametrize("book", SAVED)
def test_tables_may_be_the_sheets_of_one_spreadsheet(book: str) -> None:
    """Called after the parts."""
    sheets = {
        "Systems": {
            (1, 1): "id", (1, 2): "name.fr", (1, 3): "match.hosts", (2, 1): "web", (2, 2): "Site", (2, 3): "a | b-*",
        },
        "divers": {(1, 1): "a"},
    }  # fmt: skip
    reading = entries_of_sheets(read_spreadsheet(SAVED[book](sheets)))
    assert [(one.sheet, one.kind) for one in reading.faults] == [("divers", FaultKind.UNKNOWN_SHEET)]
    assert reading.understood.systems[0].match.hosts == ("a", "b-*")


def read(part: str, text: str, present: Inventory | None = None) -> Reading:
    return entries_in({part: read_csv(text.encode(), part)}, present)


@pytest.mark.parametrize(
    ("part", "text", "row", "column", "kind"),
    [
        ("systems", "id;name.fr\nWeb Site;a\n", 2, "A", FaultKind.NOT_ACCEPTED),
        ("systems", "id;name.fr\nweb;\n", 2, "B", FaultKind.MISSING_VALUE),
        ("systems", "id;name.fr;match.networks\nweb;a;192.0.2.1/28\n", 2, "C", FaultKind.NOT_ACCEPTED),
        ("systems", "id;name.fr;is_in_production\nweb;a;peut-être\n", 2, "C", FaultKind.NOT_ACCEPTED),
        ("systems", "id;name.fr;valid_from\nweb;a;31/02/2026\n", 2, "C", FaultKind.NOT_ACCEPTED),
        ("systems", "id;name.fr;facts\nweb;a;{\n", 2, "C", FaultKind.NOT_ACCEPTED),
        ("systems", "id;name.fr\nweb;a\nweb;b\n", 3, "A", FaultKind.USED_TWICE),
        ("systems", "id;name.fr\nweb;a;b\n", 2, "C", FaultKind.BEYOND_THE_HEADER),
        ("systems", "id;name.fr;id\n", 1, "C", FaultKind.COLUMN_TWICE),
        ("systems", "id;name.fr;match.host\n", 1, "C", FaultKind.UNKNOWN_COLUMN),
        ("systems", "name.fr\na\n", 1, "A", FaultKind.MISSING_COLUMN),
        ("systems", "id;name.fr;activities\nweb;a;news | gone\n", 2, "C", FaultKind.UNKNOWN_ID),
        ("clients", "id;name;contract.notice_hours\na;A;0\n", 2, "C", FaultKind.NOT_ACCEPTED),
        ("clients", "id;name;contacts.1.name;contacts.3.order\na;A;B;x\n", 2, "D", FaultKind.NOT_ACCEPTED),
        ("clients", "id;name;activities.2.number_of_persons\na;A;9 to 3\n", 2, "C", FaultKind.NOT_ACCEPTED),
        ("clients", "id;name;activities.2.activity\na;A;gone\n", 2, "C", FaultKind.UNKNOWN_ID),
        ("clients", f"id;name;contacts.{'9' * 5_000}.name\n", 1, "C", FaultKind.UNKNOWN_COLUMN),
        ("activities", f"id;number_of_persons\na;{'9' * 5_000}\n", 2, "B", FaultKind.NOT_ACCEPTED),
        ("activities", "id;name.fr;our_role;data\na;A;owner;[1]\n", 2, "C", FaultKind.NOT_ACCEPTED),
    ],
)
def test_each_faulty_cell_is_told(part: str, text: str, row: int, column: str, kind: FaultKind) -> None:
    """By row and column, with what could stand there; and nothing is imported while one is faulty."""
    news = {"id": "news", "name": {"fr": "N"}, "our_role": "controller", "data": []}
    present = Inventory.model_validate({**NOBODY.model_dump(), "activities": [news]})
    reading = read(part, text, present)
    assert (row, column, kind) in [(one.row, one.column, one.kind) for one in reading.faults], reading.faults
    assert reading.proposal is None
    assert all("%(" not in one.what.fr + one.remedy.fr for one in reading.faults)


def test_an_empty_cell_says_nothing_and_keeps_what_is_there() -> None:
    """Columns that a file does not have, cells that it leaves empty."""
    client = {"id": "a", "name": "A", "siren": "123456782", "contract": {"clause": "12.4", "notice_hours": 48}}
    present = Inventory.model_validate({**NOBODY.model_dump(), "clients": [client]})
    reading = read("clients", "id;name;siren;contract.notice_hours\na;A SA;;24\n", present)
    assert reading.proposal is not None
    after = merged(present, reading.proposal)
    (changed,) = after.clients
    assert (changed.name, changed.siren, changed.contract.clause) == ("A SA", "123456782", "12.4")
    assert [(one.field, one.before, one.after) for one in changes_between(present, after)] == [
        ("name", "A", "A SA"),
        ("contract.notice_hours", 48.0, 24.0),
    ]
