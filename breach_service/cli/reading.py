"""Commands are read when they are asked for: `serve` answers a third of a second sooner without the others."""

from collections import UserDict
from importlib import import_module
from typing import Any

import typer
from typer.main import get_command


class WhenAsked(UserDict[str, Any]):
    """Commands by name; one that is still `module:name`, below this package, is read with the first look at it."""

    def __getitem__(self, name: str) -> Any:
        held = super().__getitem__(name)
        if isinstance(held, str):
            held = self.data[name] = command_at(name, held)
        return held


def command_at(name: str, where: str) -> Any:
    """The command, or group of commands, of that name; `where` is `module:attribute`, a Typer or a function."""
    module, _, attribute = where.partition(":")
    found = getattr(import_module(f"breach_service.cli.{module}"), attribute)
    around = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    if isinstance(found, typer.Typer):
        around.add_typer(found, name=name)
    else:
        around.callback()(_nothing)  # with one command and nothing else it would be no group
        around.command(name)(found)
    group: Any = get_command(around)
    return group.commands[name]


def _nothing() -> None:
    pass
