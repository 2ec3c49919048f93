"""`content`: what is in force, what would change, and putting it in force after a look."""

from pathlib import Path

import pytest

from breach_service.app import shipped
from tests.cli.conftest import EXAMPLE, CommandLine

RULE = "personal-data-in-the-system.yaml"


@pytest.fixture
def changed(cli: CommandLine, tmp_path: Path) -> CommandLine:
    """A command line with systems, whose own directory retires a criterion."""
    cli.says("inventory", "import", str(EXAMPLE))
    own = tmp_path / "own" / "playbooks" / "rules"
    own.mkdir(parents=True)
    text = (shipped("playbooks") / "rules" / RULE).read_text(encoding="utf-8")
    (own / RULE).write_text(text.replace("status: active", "status: retired"), encoding="utf-8")
    cli.environment["BREACH_CONTENT_DIR"] = str(tmp_path / "own")
    return cli


def test_what_is_in_force_is_listed(cli: CommandLine) -> None:
    """With who put it in force; nothing was compared before the first one."""
    found = cli.json("content", "status")
    assert (len(found["versions"]), found["is_on_disk"], found["faults"]) == (1, True, [])
    assert "operator" in cli.says("content", "status")
    assert "in force" in cli.says("content", "diff")


def test_what_would_change_is_printed_before_it_is_put_in_force(changed: CommandLine) -> None:
    """Files, incidents and criteria; the digest of what was printed is kept."""
    made = changed.json("incident", "new", "A laptop was stolen.", "--system", "application")
    reference = made["reference"]
    assert not changed.json("content", "status")["is_on_disk"]
    words = changed.says("content", "diff")
    for one in (RULE, reference, "personal data yes -> unknown", "personal-data-in-the-system (yes -> none)"):
        assert one in words
    assert changed.json("content", "status")["versions"][0]["comparison"] == ""
    done = changed.says("content", "activate", "--yes")
    assert reference in done
    assert done.endswith("in force\n")
    newest = changed.json("content", "status")["versions"][0]
    assert (newest["looked_at"], newest["differing"]) == (1, 1)
    assert newest["comparison"] in words
    assert changed.json("content", "activate")["is_new"] is False


def test_nothing_is_put_in_force_without_a_yes(changed: CommandLine) -> None:
    """Neither where the question is answered with no, nor by a program that does not say it."""
    assert changed.run("content", "activate").exit_code == 1
    assert "--yes" in changed.fails("content", "activate", "--json")
    assert len(changed.json("content", "status")["versions"]) == 1


def test_files_with_faults_are_named(cli: CommandLine, tmp_path: Path) -> None:
    """And nothing is compared."""
    own = tmp_path / "own" / "playbooks" / "rules"
    own.mkdir(parents=True)
    (own / RULE).write_text("id: personal-data-in-the-system\n", encoding="utf-8")
    cli.environment["BREACH_CONTENT_DIR"] = str(tmp_path / "own")
    assert RULE in cli.fails("content", "diff")
    assert RULE in cli.fails("content", "activate", "--yes")
