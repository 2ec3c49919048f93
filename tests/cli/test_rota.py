"""`rota` at the command line: set from a file, shown, its gaps told, a calendar imported twice."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine

ROTA = """\
holidays: FR-Alsace-Moselle
first:
  people: [maud@us.example, yanis@us.example]
  starts_on: 2026-11-23
"""
CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//
BEGIN:VEVENT
UID:leave@us.example
SUMMARY:Secret surgery
DTSTART;VALUE=DATE:21001224
DTEND;VALUE=DATE:21001227
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def team(cli: CommandLine) -> CommandLine:
    """Two people who may answer."""
    for name in ("maud", "yanis"):
        cli.says("user", "add", f"{name}@us.example", "--role", "responder")
    return cli


def written(cli: CommandLine, name: str, text: str) -> str:
    path = cli.directory / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_without_a_rota_everything_is_a_gap(cli: CommandLine) -> None:
    """And the status says so, for a check that runs by itself."""
    done = cli.run("rota", "gaps")
    assert (done.exit_code, "nobody" in done.stdout) == (1, True)
    assert "there is no rota yet" in cli.fails("rota", "show")


def test_a_rota_is_set_shown_and_exported_as_it_was(team: CommandLine) -> None:
    """What is exported can be set again and changes nothing."""
    said = team.says("rota", "set", written(team, "rota.yaml", ROTA))
    assert said.startswith("level  who")
    exported = team.says("rota", "show", "--yaml")
    assert "maud@us.example" in exported
    team.says("rota", "set", written(team, "again.yaml", exported))
    assert team.says("rota", "show", "--yaml") == exported
    shown = team.json("rota", "show", "--at", "2026-11-24T10:00:00Z")
    assert shown["on_call"]["first"]["name"] == "maud"
    assert team.says("rota", "gaps") == "somebody answers at every hour\n"


def test_every_fault_of_a_file_is_told_by_line_and_nothing_changes(team: CommandLine) -> None:
    """Unknown people, a wrong day, a field that is not there: all at once."""
    faulty = "first:\n  people: [maud@us.example]\n  starts_on: 2026-11-24\n  pepole: []\nzone: Mars/Base\n"
    said = team.fails("rota", "set", written(team, "faulty.yaml", faulty))
    assert "faulty.yaml:4:3: there is no field pepole here: did you mean people?" in said
    assert "faulty.yaml:5:7: 'Mars/Base' is no time zone" in said
    unknown = ROTA.replace("yanis", "yanniss")
    said = team.fails("rota", "set", written(team, "rota.yaml", unknown))
    assert "rota.yaml:3:29: there is no account yanniss@us.example: did you mean yanis@us.example?" in said
    assert "there is no rota yet" in team.fails("rota", "show")


def test_a_calendar_is_imported_once_and_then_followed(team: CommandLine) -> None:
    """A second import changes nothing; a cancelled event is taken back; its title is kept nowhere."""
    today = datetime.now(UTC)
    calendar = CALENDAR.replace("2100", f"{today.year + 1 if today.month == 12 else today.year}")
    file = written(team, "leave.ics", calendar)
    add = ("rota", "import", file, "--person", "maud@us.example")
    assert team.json(*add) == {"added": 1, "taken_back": 0, "kept": 0}
    assert team.json(*add) == {"added": 0, "taken_back": 0, "kept": 1}
    written(team, "leave.ics", calendar.replace("END:VEVENT", "STATUS:CANCELLED\nEND:VEVENT"))
    assert team.json(*add) == {"added": 0, "taken_back": 1, "kept": 0}
    assert b"surgery" not in team.database.read_bytes()


def test_what_is_wrong_is_said(team: CommandLine, tmp_path: Path) -> None:
    file = written(team, "leave.ics", CALENDAR)
    assert "--person" in team.fails("rota", "import", file)
    assert "no account for" in team.fails("rota", "import", file, "--person", "eve@us.example")
    assert "cannot be read" in team.fails("rota", "import", str(tmp_path / "none.ics"), "--person", "maud@us.example")
    other = written(team, "other.ics", "Hello")
    assert "not a calendar file" in team.fails("rota", "import", other, "--person", "maud@us.example")
