"""The command line on a prepared database of its own: made once, copied for each test."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from breach_service.app import Service, open_service, shipped
from breach_service.cli.commands import app
from breach_service.settings import Settings
from tests.conftest import SECRET_KEY, settings_for

EXAMPLE = shipped("playbooks") / "inventory" / "example.yaml"


class CommandLine:
    """`breach-service` with the data in one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._runner = CliRunner()
        self.environment: dict[str, str | None] = {f"BREACH_{name.upper()}": None for name in Settings.model_fields}
        self.environment |= {"BREACH_DATA_DIR": str(directory / "data"), "BREACH_SECRET_KEY": SECRET_KEY}
        self.environment |= {"BREACH_LOG_LEVEL": "error"}

    def run(self, *arguments: str) -> Result:
        return self._runner.invoke(app, list(arguments), env=self.environment, terminal_width=200)

    def says(self, *arguments: str) -> str:
        """What a command that succeeds prints; nothing on standard error."""
        done = self.run(*arguments)
        assert (done.exit_code, done.stderr) == (0, ""), (arguments, done.output, done.exception)
        return done.stdout

    def json(self, *arguments: str) -> Any:
        """The value that a command prints with --json."""
        return json.loads(self.says(*arguments, "--json"))

    def fails(self, *arguments: str) -> str:
        """The sentence of a command that fails: on standard error, status 1, no trace of the code."""
        done = self.run(*arguments)
        assert isinstance(done.exception, SystemExit), (arguments, done.exception)
        assert (done.exit_code, done.stdout) == (1, ""), (arguments, done.output)
        assert done.stderr.strip()
        assert "Traceback" not in done.stderr
        return done.stderr.strip()

    def service(self) -> Service:
        """The same database, for what no command does; the caller closes it."""
        return open_service(settings_for(self.directory))

    @property
    def database(self) -> Path:
        return self.directory / "data" / "breach.sqlite3"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with the content in force and the example inventory."""
    directory = tmp_path_factory.mktemp("prepared")
    cli = CommandLine(directory)
    assert cli.says("migrate") == "the database is ready\n"
    cli.says("inventory", "import", str(EXAMPLE))
    return directory


@pytest.fixture
def cli(prepared: Path, tmp_path: Path) -> CommandLine:
    """A copy of the prepared database."""
    shutil.copytree(prepared / "data", tmp_path / "data")
    return CommandLine(tmp_path)


@pytest.fixture
def empty_cli(tmp_path: Path) -> CommandLine:
    """No database yet."""
    return CommandLine(tmp_path)
