"""`incident merge`, and `schema` for editors."""

import json
from pathlib import Path

from breach_service.catalog.schemas import SCHEMAS
from tests.cli.conftest import CommandLine


def declared(cli: CommandLine, what: str) -> str:
    return str(cli.json("incident", "new", what)["reference"])


def test_two_incidents_are_merged_with_a_reason(cli: CommandLine) -> None:
    """What goes on is printed; the other one stands as merged."""
    first, second = declared(cli, "A laptop was stolen."), declared(cli, "A laptop is missing.")
    assert cli.json("incident", "merge", second, first, "--reason", "The same laptop.") == {"reference": first}
    assert cli.json("incident", "show", second)["status"] == "merged"
    assert "The same laptop." in json.dumps(cli.json("incident", "show", first)["timeline"])
    assert "only open incidents" in cli.fails("incident", "merge", second, first, "--reason", "Again.")


def test_a_merger_in_words_shows_what_goes_on(cli: CommandLine) -> None:
    """With what is owed to whom."""
    first, second = declared(cli, "A laptop was stolen."), declared(cli, "A laptop is missing.")
    assert cli.says("incident", "merge", second.lower(), first, "--reason", "The same.").startswith(first)


def test_a_schema_is_printed(empty_cli: CommandLine) -> None:
    """JSON Schema 2020-12, without any database."""
    schema = json.loads(empty_cli.says("schema", "rules"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "loss.confidentiality" in schema["$defs"]["FactLine"]["properties"]["fact"]["enum"]


def test_all_schemas_are_written_into_a_directory(empty_cli: CommandLine, tmp_path: Path) -> None:
    """Beside files of one's own."""
    folder = tmp_path / "own" / "schemas"
    assert empty_cli.says("schema", "--to", str(folder)) == f"{len(SCHEMAS)} schemas are in {folder}\n"
    assert sorted(one.stem for one in folder.iterdir()) == sorted(SCHEMAS)
    (tmp_path / "file").write_text("x")
    assert "cannot be written to" in empty_cli.fails("schema", "--to", str(tmp_path / "file" / "below"))


def test_a_schema_that_there_is_not_is_said(empty_cli: CommandLine) -> None:
    """With those that there are."""
    assert "rules, facts" in empty_cli.fails("schema", "letters")
    assert "name one of" in empty_cli.fails("schema")
