"""`check`, `inventory`, `assess` and `deadline`: what the files say, without a person or a clock."""

import json
from pathlib import Path
from typing import Any

import pytest

from breach_service.app import shipped
from tests.cli.conftest import EXAMPLE, CommandLine

RULE = "rules/confidentiality-usable-for-fraud.yaml"

PLAIN = """
title: Statement sent to the wrong person
facts:
  incident.compromise_suspected: yes
  system.holds_personal_data: yes
  loss.confidentiality: yes
  data.categories: [civil_status, health]
  persons.number: 1
"""

DEFERRED = """
  persons.information_deferred_by_police: yes
  persons.deferral_days: 30
recorded_at: 2026-11-22T09:00:00Z
perimeters:
  - {key: own}
  - {key: joint:y, our_role: joint, controller: Y, leads: them, arrangement: art. 4}
"""

ROLES = """
title: One server, three controllers
facts:
  incident.compromise_suspected: yes
  system.holds_personal_data: yes
  loss.confidentiality: yes
perimeters:
  - {key: own, our_role: controller, controller: Us, facts: {data.categories: [civil_status, health]}}
  - {key: "client:one", our_role: processor, controller: One, client: one, facts: {system.holds_personal_data: no}}
  - {key: "client:two", our_role: sub_processor, controller: Two, client: two, facts: {persons.number: 300..400}}
"""


def rule_of_ours(cli: CommandLine, text: str | None = None) -> Path:
    """An operator's directory with one rule, and the settings that name it."""
    file = cli.directory / "own" / "playbooks" / RULE
    file.parent.mkdir(parents=True, exist_ok=True)
    shipped_text = (shipped("playbooks") / RULE).read_text(encoding="utf-8")
    file.write_text(shipped_text if text is None else text, encoding="utf-8")
    cli.environment |= {"BREACH_CONTENT_DIR": str(cli.directory / "own")}
    return file


# ── check


def test_the_shipped_content_has_no_fault(empty_cli: CommandLine) -> None:
    """Checked without a database."""
    assert empty_cli.says("check") == "no faults\n"
    assert empty_cli.json("check") == {"faults": []}
    assert not empty_cli.directory.joinpath("data").exists()


def test_every_fault_is_listed_with_its_file_and_line(empty_cli: CommandLine) -> None:
    """Status 1, in words and as JSON."""
    rule_of_ours(empty_cli, "id: confidentiality-usable-for-fraud\nwhen: {a: {fact: no.such, is: yes}}\n")
    done = empty_cli.run("check")
    assert done.exit_code == 1
    assert f"playbooks/{RULE}:" in done.stdout
    faults = json.loads(empty_cli.run("check", "--json").stdout)["faults"]
    assert done.stdout.splitlines() == faults
    assert len(faults) > 1


def test_a_directory_that_is_not_there_is_a_fault(empty_cli: CommandLine) -> None:
    """A mistyped BREACH_CONTENT_DIR would otherwise bring the shipped content back unseen."""
    empty_cli.environment |= {"BREACH_CONTENT_DIR": "/nowhere/own"}
    done = empty_cli.run("check")
    assert (done.exit_code, "check BREACH_CONTENT_DIR" in done.stdout) == (1, True)


# ── inventory


def test_an_inventory_is_imported_and_shown(cli: CommandLine) -> None:
    """The same again changes nothing; what is shown can be imported."""
    assert cli.json("inventory", "import", str(EXAMPLE))["is_new"] is False
    assert cli.says("inventory", "import", str(EXAMPLE)) == "nothing changed\n"
    shown = cli.json("inventory", "show")
    assert [one["id"] for one in shown["systems"]][:2] == ["public-website", "application"]
    assert "app-*" in cli.says("inventory", "show")
    changed = cli.directory / "changed.yaml"
    changed.write_text(EXAMPLE.read_text(encoding="utf-8").replace("name: bsoft.fr", "name: Other"), encoding="utf-8")
    counts = cli.json("inventory", "import", str(changed))
    assert counts["is_new"] is True
    assert counts["systems"] == len(shown["systems"])
    assert cli.json("inventory", "show")["organisations"][0]["name"] == "Other"


def test_before_the_first_import_there_is_nothing_to_show(empty_cli: CommandLine) -> None:
    """With the command that changes that."""
    empty_cli.says("migrate")
    assert "inventory import FILE" in empty_cli.fails("inventory", "show")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"", ":1"),
        (b"organisations: [", ":1"),
        (b"- a\n- b\n", ":1"),
        (b"organisations: []\nspaceships: []\n", "spaceships"),
        (
            b"organisations:\n  - {id: a, name: A, dpo: {name: B}}\nsystems:\n  - {id: s, name: S, activities: [x]}\n",
            "x",
        ),
    ],
)
def test_a_wrong_inventory_is_refused_with_its_faults(cli: CommandLine, content: bytes | None, sentence: str) -> None:
    """File and line where there is one; the inventory in force stays."""
    file, before = cli.directory / "wrong.yaml", cli.json("inventory", "show")
    if content is not None:
        file.write_bytes(content)
    said = cli.fails("inventory", "import", str(file))
    assert str(file) in said
    assert sentence in said
    assert cli.json("inventory", "show") == before


# ── assess


def test_a_case_is_assessed_from_its_facts(empty_cli: CommandLine) -> None:
    """Offline: no database is made or read; the shape is the one that others rely on."""
    file = empty_cli.directory / "case.yaml"
    file.write_text(PLAIN)
    found = empty_cli.json("assess", str(file))
    assert set(found) >= {
        "personal_data", "risk", "risk_min", "risk_max", "duties", "perimeters", "findings", "open_questions",
    }  # fmt: skip
    assert (found["personal_data"], found["duties"]["register"]) == ("yes", "required")
    assert set(found["duties"]) == {"register", "authority", "persons", "clients"}
    assert len(found["perimeters"]) == 1
    assert found["perimeters"][0]["owed_by"] == "us"
    assert any(one["applies"] == "yes" for one in found["findings"])
    assert all({"rule", "title", "references", "lines"} <= set(one) for one in found["findings"])
    assert not empty_cli.directory.joinpath("data").exists()


def test_a_case_of_several_controllers_is_assessed_for_each(empty_cli: CommandLine) -> None:
    """Ours, and two clients whose facts differ; what is owed to whom, and by whom."""
    file = empty_cli.directory / "case.yaml"
    file.write_text(ROLES)
    found = empty_cli.json("assess", str(file))
    by_key: dict[str, Any] = {one["key"]: one for one in found["perimeters"]}
    assert list(by_key) == ["own", "client:one", "client:two"]
    assert {key: one["our_role"] for key, one in by_key.items()} == {
        "own": "controller", "client:one": "processor", "client:two": "sub_processor",
    }  # fmt: skip
    assert (by_key["own"]["owed_by"], by_key["client:two"]["owed_by"]) == ("us", "client")
    assert by_key["client:one"]["personal_data"] == "no"
    assert by_key["client:one"]["duties"]["clients"] == "not_required"
    assert by_key["client:two"]["duties"]["clients"] == "required"
    assert found["duties"]["clients"] == "required"
    assert by_key["client:two"]["number_of_persons"] == {"at_least": 300.0, "at_most": 400.0}


def test_a_case_says_its_severity_its_reasons_and_what_to_find_out(empty_cli: CommandLine) -> None:
    """Beside the strings that others rely on: a score with its points, reasons in words, effects of answers."""
    file = empty_cli.directory / "case.yaml"
    file.write_text(PLAIN + DEFERRED)
    found = empty_cli.json("assess", str(file))
    severity = found["severity"]
    assert 0.25 <= severity["min"] <= severity["max"] <= 6
    assert (severity["band"], found["perimeters"][0]["severity"]) == (severity["band_min"], severity)
    own, joint = found["perimeters"]
    assert set(own["duty_reasons"]) == set(own["duties"])
    assert {name: one["outcome"] for name, one in own["duty_reasons"].items()} == own["duties"]
    persons = own["duty_reasons"]["persons"]
    assert persons["postponed"]["until"] == "2026-12-22T09:00:00+00:00"
    assert persons["reasons"][-1]["reason"] == "deferred_by_police"
    assert (joint["owed_by"], joint["leads"], joint["arrangement"]) == ("joint_controller", "them", "art. 4")
    assert joint["duty_reasons"]["authority"]["ours"] == "not_required"
    assert all(one["question"] and one["effects"] for one in found["open_questions"])
    said = empty_cli.says("assess", str(file))
    assert f"severity (ENISA): {severity['min']}..{severity['max']}" in said
    assert "to find out, in this order:" in said
    assert "joint:y (joint; owed by: joint_controller)" in said


def test_the_words_say_what_is_due_and_why(empty_cli: CommandLine) -> None:
    """In the language of the service."""
    file = empty_cli.directory / "case.yaml"
    file.write_text(PLAIN)
    said = empty_cli.says("assess", str(file))
    assert "authority: " in said
    assert "because:" in said
    assert "Des données personnelles" in said
    empty_cli.environment |= {"BREACH_LANGUAGE": "en"}
    assert "ersonal data" in empty_cli.says("assess", str(file))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"facts: [", ":1"),
        (b"facts: {no.such.fact: yes}", "no.such.fact"),
        (b"facts: {loss.integrity: maybe}", "yes, no or unknown"),
        (b"facts: 5", "facts"),
        (b"perimeters: [{our_role: king}]", "our_role"),
    ],
)
def test_a_wrong_case_is_refused_in_words(empty_cli: CommandLine, content: bytes | None, sentence: str) -> None:
    """Every fault, with the file."""
    file = empty_cli.directory / "case.yaml"
    if content is not None:
        file.write_bytes(content)
    said = empty_cli.fails("assess", str(file))
    assert str(file) in said
    assert sentence in said


# ── deadline

KNOWN = [
    ("2026-11-23T09:00+01:00", "2026-11-26T09:00:00+01:00", "2026-11-26T10:00:00+01:00"),  # a Monday
    ("2026-11-27T18:30:00+01:00", "2026-11-30T18:30:00+01:00", None),  # over a week-end
    ("2026-10-23T18:30+02:00", "2026-10-26T17:30:00+01:00", None),  # over the change of the clocks
    ("2026-03-27T18:30+01:00", "2026-03-30T19:30:00+02:00", None),  # and the other one
    ("2026-12-24T20:00:00Z", "2026-12-27T21:00:00+01:00", None),  # over Christmas
]


@pytest.mark.parametrize(("aware_at", "due_at", "as_argued"), KNOWN)
def test_seventy_two_hours_are_counted(
    empty_cli: CommandLine, aware_at: str, due_at: str, as_argued: str | None
) -> None:
    """Real hours, shown in the zone of the reader; the other reading stands beside it and never ends earlier."""
    found = {one["regime"]: one for one in empty_cli.json("deadline", "--aware-at", aware_at)}
    one = found["gdpr-art33-authority"]
    assert one["due_at"] == due_at
    if as_argued:
        assert one["due_at_reg_1182_71"] == as_argued
    assert one["due_at_reg_1182_71"] >= one["due_at"]
    assert one["steps"]


def test_one_regime_can_be_asked_for(empty_cli: CommandLine) -> None:
    """By its id; a regime without a term has no date."""
    found = empty_cli.json("deadline", "--aware-at", "2026-11-23T09:00Z", "--regime", "client-notice")
    assert [one["regime"] for one in found] == ["client-notice"]
    for none in ("no-such-regime", "gdpr-art34-persons"):
        assert none in empty_cli.fails("deadline", "--aware-at", "2026-11-23T09:00Z", "--regime", none)


def test_the_steps_are_told_in_the_language_and_zone_of_the_reader(empty_cli: CommandLine) -> None:
    """French in Paris unless asked otherwise."""
    at = ("deadline", "--aware-at", "2026-11-23T08:00Z", "--regime", "gdpr-art33-authority")
    assert "jeudi 26 novembre 2026" in empty_cli.says(*at)
    assert "26 November 2026" in empty_cli.says(*at, "--language", "en")
    assert empty_cli.json(*at, "--zone", "Indian/Reunion")[0]["due_at"] == "2026-11-26T12:00:00+04:00"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--aware-at", "2026-11-23T09:00"), "has no time zone"),
        (("--aware-at", "2026-11-23"), "has no time zone"),
        (("--aware-at", "yesterday"), "is not an instant"),
        (("--aware-at", "0026-11-23T09:00+01:00"), "check the year"),
        (("--aware-at", "9999-12-31T23:59Z"), "check the year"),
        (("--aware-at", "2026-11-23T09:00Z", "--zone", "Mars/Olympus"), "is no time zone"),
        (("--aware-at", "2026-11-23T09:00Z", "--zone", "/etc/passwd"), "is no time zone"),
        (("--aware-at", "2026-11-23T09:00Z", "--zone", ""), "is no time zone"),
    ],
)
def test_an_instant_that_could_be_misread_is_refused(
    empty_cli: CommandLine, words: tuple[str, ...], sentence: str
) -> None:
    """An hour without a zone is an hour too early or too late."""
    assert sentence in empty_cli.fails("deadline", *words)
