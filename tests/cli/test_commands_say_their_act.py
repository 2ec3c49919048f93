"""Each command is an act of the table of who may do what, or says why it is none."""

import inspect
import re
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any

import pytest
from typer.main import get_command

from breach_service.cli.acts import COMMANDS, Offline
from breach_service.cli.commands import app
from breach_service.domain.access import Act
from tests.cli.conftest import CommandLine

LOOKING = {Act.LOOK, Act.LOOK_AROUND, Act.LOOK_AT_RAW, Act.LOOK_AT_AUDIT}


def commands_in(group: Any, before: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every command by the words that are typed, with what it calls."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_in(command, f"{before}{name} ")
        else:
            yield before + name, inspect.unwrap(command.callback)


FOUND = dict(commands_in(get_command(app)))


def functions_used(function: FunctionType, seen: set[FunctionType] | None = None) -> set[FunctionType]:
    """The functions of ours that one names, and those that they name, down to where an act begins."""
    seen = set() if seen is None else seen
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        codes += [one for one in code.co_consts if inspect.iscode(one)]
        for name in code.co_names:
            for one in _meant(function, name, code.co_names):
                if one not in seen:
                    seen.add(one)
                    functions_used(one, seen)
    return seen


def _meant(function: FunctionType, name: str, names: tuple[str, ...]) -> Iterator[FunctionType]:
    held = function.__globals__.get(name)
    if isinstance(held, ModuleType) and held.__name__.startswith("breach_service.acts"):
        found = [getattr(held, one, None) for one in names]
    else:
        found = [held]
    for one in found:
        if isinstance(one, FunctionType) and one.__module__.startswith(("breach_service.acts", "breach_service.cli")):
            yield one


def acts_asked_in(function: Callable[..., Any]) -> set[Act]:
    """The acts that anything asks for which a command calls."""
    assert isinstance(function, FunctionType)
    source = "".join(
        inspect.getsource(one) for one in functions_used(function) if one.__module__.startswith("breach_service.acts")
    )
    return {Act[one] for one in re.findall(r"authorise\([\w.]+, Act\.(\w+)\)", source)}


def test_every_command_says_its_act() -> None:
    """A new command is written down before it can be released, and one that is gone is not kept."""
    assert set(COMMANDS) == set(FOUND)


def test_a_command_without_an_entry_would_be_found() -> None:
    """Otherwise the walk would prove nothing: groups are walked, too."""
    assert {"serve", "source add", "user add", "register verify"} <= set(FOUND)
    assert all(isinstance(one, Act | Offline) for one in COMMANDS.values())
    assert all(len(one.reason) > 10 for one in COMMANDS.values() if isinstance(one, Offline))


@pytest.mark.parametrize("name", sorted(one for one, act in COMMANDS.items() if isinstance(act, Act)))
def test_the_act_that_is_written_is_the_one_that_is_asked_for(name: str) -> None:
    """What a command calls in acts authorises that act; a command that calls none only looks, or cares for itself."""
    act, asked = COMMANDS[name], acts_asked_in(FOUND[name])
    assert act in asked if asked else act in LOOKING | {Act.OPERATE}, (act, asked)


@pytest.mark.parametrize("name", sorted(one for one, act in COMMANDS.items() if isinstance(act, Offline)))
def test_what_asks_for_no_act_makes_no_database_and_calls_no_act(name: str, empty_cli: CommandLine) -> None:
    """It neither sees nor changes what a service holds."""
    if name != "grouping replay":  # it acts on a service of its own, which is thrown away
        assert acts_asked_in(FOUND[name]) == set()
    empty_cli.run(*name.split(), "--help")
    empty_cli.run(*name.split(), "no-such-file")
    assert not empty_cli.database.exists()
