"""`grouping`: a recording played through a service of its own, and what a changed rule would have done."""

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine

BEGAN = 1_760_000_000
"""Seconds since 1970."""


def csv_of(*rows: tuple[int, str, str, str]) -> str:
    """Seconds after the beginning, detector, host and label."""
    lines = [f"{BEGAN + after},{name},192.0.2.7,{host},{label}" for after, name, host, label in rows]
    return "\n".join(("time,name,ip,host,event_label", *lines)) + "\n"


COMBED = "wazuh: Multiple web server 400 error codes from same source ip"
ATTACK = csv_of(
    *((number, COMBED, "web-7", "dirb") for number in range(300)),
    (2_000, "wazuh: User changed UID to root", "web-7", "attacker_change_user"),
    (90_000, "wazuh: Log-in succeeded", "mail-1", "-"),
)  # fmt: skip


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "attack.csv.gz"
    path.write_bytes(gzip.compress(ATTACK.encode()))
    return path


def test_a_recording_is_played_and_scored(cli: CommandLine, recording: Path) -> None:
    """One attack, one incident; nothing of it is in the installation's own database."""
    said = cli.json("grouping", "replay", str(recording))
    assert said["alerts"] == 302
    assert [one["alerts"] for one in said["incidents"]] == [301]
    assert said["score"]["seen"] == ["dirb", "attacker_change_user"] == said["score"]["in_main"]
    assert said["score"]["pure_noise_incidents_a_day"] == 0
    words = cli.says("grouping", "replay", str(recording))
    assert "302 alerts, 1 incidents" in words
    assert "steps in an incident: 2 of 2" in words


def test_a_recording_may_be_lines_of_json_without_labels(cli: CommandLine, tmp_path: Path) -> None:
    """Then there is nothing to score but how many incidents there are."""
    path = tmp_path / "night.jsonl"
    said = {"source": "ids", "title": "Web shell found in uploads", "host": "web-7", "time": "2026-11-01T02:00:00Z"}
    path.write_text(json.dumps(said) + "\n\n" + json.dumps({**said, "time": "2026-11-01T02:01:00+00:00"}) + "\n")
    found = cli.json("grouping", "replay", str(path))
    assert (found["alerts"], len(found["incidents"])) == (2, 1)
    assert set(found["score"]) == {"reduction", "incidents"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "holds no alerts"),
        ("time,name,host\nsoon,x,y\n", "line 2: 'soon' is no time"),
        ("time,name,host\n1,,y\n", "line 2: there is no title"),
        ('{"time": 1, "title": "x"}\n{"time": 1,\n', "line 2 is no JSON"),
    ],
)
def test_a_recording_that_cannot_be_read_is_said_with_its_line(
    cli: CommandLine, tmp_path: Path, text: str, sentence: str
) -> None:
    """And nothing is played."""
    path = tmp_path / "recording"
    path.write_text(text)
    assert sentence in cli.fails("grouping", "replay", str(path))
    assert "cannot be read" in cli.fails("grouping", "replay", str(tmp_path / "nowhere"))


def test_changed_rules_are_tried_on_what_came_in(cli: CommandLine, tmp_path: Path) -> None:
    """Without any alert there is nothing to change; a file with faults is told with its lines."""
    cli.says("migrate")
    shipped = Path(__file__).parents[2] / "playbooks" / "grouping.yaml"
    said = cli.json("grouping", "try", str(shipped))
    assert (said["alerts"], said["new"], said["gone"]) == (0, [], [])
    broken = tmp_path / "grouping.yaml"
    broken.write_text(shipped.read_text().replace("quiet_minutes: 120", "quiet_minutes: soon"))
    assert "grouping.yaml:" in cli.fails("grouping", "try", str(broken))
