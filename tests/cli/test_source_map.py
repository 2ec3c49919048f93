"""`source map`: a sender's own format, taught by a file."""

from pathlib import Path

from tests.cli.conftest import CommandLine
from tests.cli.test_senders import send

MAPPING = "title: what\nhost: where\n"


def test_a_file_teaches_the_format_of_a_sender(cli: CommandLine, tmp_path: Path) -> None:
    """Until it is removed."""
    made = cli.json("source", "add", "shop", "--kind", "json", "--auth", "bearer")
    file = tmp_path / "mapping.yaml"
    file.write_text(MAPPING, encoding="utf-8")
    assert cli.json("source", "map", "shop", str(file)) == {"name": "shop", "has_mapping": True}
    assert send(cli, made, b'{"what": "Odd program", "title": "no title", "where": "app-01"}') == 200
    assert [one["has_mapping"] for one in cli.json("source", "list")] == [True]
    assert cli.json("source", "map", "shop", "--remove")["has_mapping"] is False
    assert [one["has_mapping"] for one in cli.json("source", "list")] == [False]


def test_a_file_with_faults_is_refused_with_their_lines(cli: CommandLine, tmp_path: Path) -> None:
    """Nothing changes."""
    cli.json("source", "add", "shop", "--kind", "json")
    file = tmp_path / "mapping.yaml"
    file.write_text("title: a\nhots: b\n", encoding="utf-8")
    assert "line 2: hots" in cli.fails("source", "map", "shop", str(file))
    assert [one["has_mapping"] for one in cli.json("source", "list")] == [False]


def test_a_file_or_its_removal_has_to_be_named(cli: CommandLine, tmp_path: Path) -> None:
    """One of the two; a file that is not there is said."""
    cli.json("source", "add", "shop", "--kind", "json")
    assert "--remove" in cli.fails("source", "map", "shop")
    assert "--remove" in cli.fails("source", "map", "shop", "x.yaml", "--remove")
    assert "cannot be read" in cli.fails("source", "map", "shop", str(tmp_path / "none.yaml"))
