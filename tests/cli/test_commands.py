"""The command line as a whole: every command speaks JSON when asked, and fails in one sentence."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from breach_service import __version__
from breach_service.cli.commands import app
from tests.cli.conftest import CommandLine

SERVING = {"serve", "web", "work", "demo"}
"""They run until they are stopped and print no result."""


def leaves(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(leaves(get_command(app)))


@pytest.mark.parametrize("words", sorted(COMMANDS), ids=" ".join)
def test_every_command_says_what_it_does_and_what_its_options_are(
    words: tuple[str, ...], empty_cli: CommandLine
) -> None:
    """`--help` with a sentence; every option has words."""
    command = COMMANDS[words]
    assert command.help.rstrip().endswith(".") or ":" in command.help
    for one in command.params:
        if one.param_type_name == "option" and one.name != "help":
            assert one.help, one.name
    assert "--help" in empty_cli.says(*words, "--help")


@pytest.mark.parametrize("words", sorted(COMMANDS), ids=" ".join)
def test_every_result_can_be_had_as_json(words: tuple[str, ...]) -> None:
    """`--json` on everything that prints a result."""
    if words[0] not in SERVING:
        assert "--json" in {opt for one in COMMANDS[words].params for opt in one.opts}


def test_the_version_is_printed(empty_cli: CommandLine) -> None:
    """And nothing is made on the disk."""
    assert empty_cli.says("--version") == f"{__version__}\n"
    assert not (empty_cli.directory / "data").exists()


def test_the_module_runs_like_the_command() -> None:
    """`python -m breach_service`."""
    done = subprocess.run(
        [sys.executable, "-m", "breach_service", "--version"], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")


def test_without_a_command_the_commands_are_listed(empty_cli: CommandLine) -> None:
    """So is what a group holds."""
    assert "deadline" in empty_cli.run().output
    assert "rotate" in empty_cli.run("source").output


@pytest.mark.parametrize("command", ["web", "work"])
def test_the_halves_refuse_sqlite(empty_cli: CommandLine, command: str) -> None:
    """Two processes on one SQLite file would fight; the sentence names the way out."""
    sentence = empty_cli.fails(command)
    assert "needs PostgreSQL (BREACH_DATABASE_URL)" in sentence
    assert "`serve`" in sentence
    assert not (empty_cli.directory / "data").exists()


NEEDS_A_DATABASE = [
    ("source", "list"), ("source", "add", "x", "--kind", "json"), ("source", "rotate", "x"), ("quarantine", "list"),
    ("quarantine", "show", "1"), ("quarantine", "replay", "1"), ("user", "add", "a@b.example", "--role", "viewer"),
    ("token", "add", "x", "--role", "viewer"), ("inventory", "show"), ("incident", "new", "x"),
    ("incident", "show", "INC-2026-0001"), ("dossier", "INC-2026-0001"), ("register", "verify"),
]  # fmt: skip


@pytest.mark.parametrize("words", NEEDS_A_DATABASE, ids=" ".join)
def test_an_empty_database_is_said(empty_cli: CommandLine, words: tuple[str, ...]) -> None:
    """With the command that makes one."""
    assert "run `breach-service migrate`" in empty_cli.fails(*words)


@pytest.mark.parametrize("words", [*NEEDS_A_DATABASE, ("serve",), ("migrate",), ("check",), ("demo",)], ids=" ".join)
def test_a_wrong_setting_is_said_by_every_command(empty_cli: CommandLine, words: tuple[str, ...]) -> None:
    """Instead of a stack trace."""
    empty_cli.environment |= {"BREACH_PORT": "http"}
    assert empty_cli.fails(*words).startswith("BREACH_PORT: ")


def test_a_secret_file_that_is_missing_is_said(empty_cli: CommandLine) -> None:
    """Before anything is made."""
    empty_cli.environment |= {"BREACH_SECRET_KEY": None, "BREACH_SECRET_KEY_FILE": "/nowhere/key"}
    assert "BREACH_SECRET_KEY_FILE names a file that cannot be read" in empty_cli.fails("serve")


@pytest.mark.parametrize("words", [("serve",), ("web",), ("work",), ("migrate",), ("source", "list")], ids=" ".join)
def test_a_database_that_cannot_be_reached_is_said(empty_cli: CommandLine, words: tuple[str, ...]) -> None:
    """One sentence, without the password of its address."""
    empty_cli.environment |= {"BREACH_DATABASE_URL": "postgres://u:geheim@127.0.0.1:1/d"}
    sentence = empty_cli.fails(*words)
    assert sentence.startswith("the database cannot be used: ")
    assert "geheim" not in sentence
    assert "sqlalche.me" not in sentence


def test_postgresql_without_a_key_is_refused(empty_cli: CommandLine) -> None:
    """No machine may make one up."""
    empty_cli.environment |= {"BREACH_DATABASE_URL": "postgres://u@127.0.0.1:1/d", "BREACH_SECRET_KEY": None}
    assert "BREACH_SECRET_KEY is required" in empty_cli.fails("serve")


def test_another_key_is_refused_at_the_start(cli: CommandLine) -> None:
    """What was sealed with the former one could not be read any more."""
    cli.says("source", "add", "shop", "--kind", "json", "--auth", "hmac")
    cli.environment |= {"BREACH_SECRET_KEY": "b3RoZXJrZXlvdGhlcmtleW90aGVya2V5b3RoZXJrZXk="}
    assert "another BREACH_SECRET_KEY: restore the former key" in cli.fails("serve")


def test_a_file_that_is_no_database_is_said(cli: CommandLine) -> None:
    """Not taken for an empty one, and left as it is."""
    cli.database.write_bytes(b"no database at all, but longer than a header" * 9)
    before = cli.database.read_bytes()
    assert cli.fails("source", "list").startswith("the database cannot be used: ")
    assert cli.database.read_bytes() == before


def test_migrate_may_be_run_again(cli: CommandLine) -> None:
    """It changes nothing the second time."""
    with sqlite3.connect(cli.database) as database:
        before = database.execute("SELECT count(*), max(digest) FROM content_version").fetchone()
    assert cli.json("migrate") == {"is_ready": True}
    with sqlite3.connect(cli.database) as database:
        assert database.execute("SELECT count(*), max(digest) FROM content_version").fetchone() == before


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("source", "add"),
        ("user", "add", "a@b.example", "--role", "king"),
        ("deadline",),
        ("--nonsense",),
    ],
    ids=" ".join,
)
def test_a_command_that_is_not_there_is_told_from_a_failure(empty_cli: CommandLine, words: tuple[str, ...]) -> None:
    """Status 2, as usual, with the way to the help."""
    done = empty_cli.run(*words)
    assert done.exit_code == 2
    assert "--help" in done.stderr
