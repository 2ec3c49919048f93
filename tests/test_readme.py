"""The README says what is true: every setting, every command, every place that an alert points at."""

import re
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined
from typer.main import get_command

from breach_service.cli.commands import app
from breach_service.settings import SECRETS, Settings
from breach_service.sources.registry import SOURCES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RULES = (ROOT / "helm" / "breach-service" / "files" / "rules.yaml").read_text(encoding="utf-8")


def settings_table() -> str:
    """The table between the README's marks, from the settings themselves."""
    lines = ["| variable | default | what it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, "", PydanticUndefined) else f"`{field.default}`"
        mark = " †" if name in SECRETS else ""
        lines.append(f"| `BREACH_{name.upper()}`{mark} | {default} | {field.description} |")
    return "\n".join(lines)


def test_every_setting_stands_in_the_table() -> None:
    """Name, default and words of each setting; on failure the right table is printed."""
    between = README.partition("<!-- settings -->")[2].partition("<!-- /settings -->")[0].strip()
    assert between == settings_table()


def kinds_table() -> str:
    """The table between the README's marks, from the kinds themselves."""
    lines = ["| kind | what it is | also called |", "|---|---|---|"]
    for kind, source in SOURCES.items():
        aliases = ", ".join(f"`{one}`" for one in source.aliases)
        lines.append(f"| `{kind}` | {source.title.en} | {aliases} |")
    return "\n".join(lines)


def test_every_kind_of_sender_stands_in_the_table() -> None:
    """Its word, what it is, and the other words for it; on failure the right table is printed."""
    between = README.partition("<!-- kinds -->")[2].partition("<!-- /kinds -->")[0].strip()
    assert between == kinds_table()


@pytest.mark.parametrize("anchor", sorted(set(re.findall(r"README\.md#([a-z0-9-]+)", RULES))))
def test_every_place_that_an_alert_points_at_is_there(anchor: str) -> None:
    """A runbook link leads to a heading."""
    headings = {
        re.sub(r"[^a-z0-9 -]", "", one.lower()).replace(" ", "-") for one in re.findall(r"^#+ (.+)$", README, re.M)
    }
    assert anchor in headings


@pytest.mark.parametrize("command", sorted(get_command(app).commands))  # type: ignore[attr-defined]  # a group
def test_every_command_is_named(command: str) -> None:
    """Each command of the command line stands in the README."""
    assert f"`{command}" in README or f"`breach-service {command}" in README


def test_the_links_lead_somewhere() -> None:
    """Every relative link of the README names a file that is there."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (ROOT / target).exists(), target
