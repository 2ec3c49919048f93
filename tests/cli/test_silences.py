"""`silence`: made, listed, tried and ended at the command line."""

import pytest

from tests.cli.conftest import CommandLine

ADD = ("silence", "add", "--reason", "Works.", "--hours", "2")


def test_a_silence_is_made_listed_and_ended(cli: CommandLine) -> None:
    """With its number; those that are over are listed on request."""
    made = cli.json(*ADD, "--source", "probe", "--signal", "scan", "--owner", "Maud")
    assert (made["state"], made["owner"], made["kind"]) == ("active", "Maud", "silence")
    assert set(made["when"]) == {"sources", "signals"}
    listed = cli.says("silence", "list")
    assert "Maud" in listed
    assert "probe" in listed
    assert cli.says("silence", "end", "1", "--reason", "Done.") == "silence 1 is over: what it matched wakes again\n"
    assert cli.json("silence", "list") == []
    assert [one["state"] for one in cli.json("silence", "list", "--all")] == ["over"]


def test_a_planned_scan_and_windows_can_be_said(cli: CommandLine) -> None:
    """In the zone of the organisation, unless another is given."""
    scan = cli.json(*ADD, "--scanner", "192.0.2.0/24", "--scanner", "pentest")
    assert (scan["kind"], scan["scanners"]) == ("planned_scan", ["192.0.2.0/24", "pentest"])
    nightly = cli.json(*ADD, "--system", "mail", "--every", "fri-mon 22:00-02:00")["recurrence"]
    assert (sorted(nightly["weekdays"]), nightly["zone"]) == ([0, 4, 5, 6], "Europe/Paris")
    other = cli.json(*ADD, "--system", "mail", "--every", "mon,thu 03:00-04:00 UTC")["recurrence"]
    assert (sorted(other["weekdays"]), other["zone"]) == ([0, 3], "UTC")


def test_conditions_can_be_given_as_json(cli: CommandLine) -> None:
    """As in grouping.yaml."""
    when = '{"a": {"fact": "alert.words", "all_of": ["backup", "late"]}}'
    assert cli.json(*ADD, "--when", when)["when"] == {"a": {"fact": "alert.words", "all_of": ["backup", "late"]}}


def test_a_preview_stores_nothing(cli: CommandLine) -> None:
    """It says what it looked at."""
    assert "0 of the 0 alerts" in cli.says("silence", "preview", "--source", "probe")
    assert cli.json("silence", "preview", "--source", "probe")["matched"] == 0
    assert cli.json("silence", "list", "--all") == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (ADD, "which alerts"), ((*ADD, "--until", "2030-01-01T00:00:00Z", "--source", "a"), "--hours"),
        (("silence", "add", "--reason", "x", "--source", "a"), "--until"), ((*ADD, "--signal", "toaster"), "toaster"),
        (("silence", "add", "--reason", "x", "--source", "a", "--until", "2099-01-01T00:00:00Z"), "30 days"),
        ((*ADD, "--source", "a", "--every", "never"), "recurring"), ((*ADD, "--when", "{"), "--when"),
        (("silence", "end", "7", "--reason", "x"), "no silence"), ((*ADD, "--scanner", "0.0.0.0/0"), "too wide"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(cli: CommandLine, words: tuple[str, ...], sentence: str) -> None:
    """And nothing is stored."""
    assert sentence in cli.fails(*words)
    assert cli.json("silence", "list", "--all") == []
