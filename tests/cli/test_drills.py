"""`drill`: a scenario begins an exercise; list, report and stop."""

import pytest

from breach_service.domain.drills import Drill
from breach_service.store import drills
from tests.cli.conftest import CommandLine


def drill_of(cli: CommandLine, reference: str) -> Drill:
    service = cli.service()
    try:
        with service.database.reading() as session:
            return drills.one(session, reference)
    finally:
        service.close()


def test_a_scenario_alone_begins_the_exercise(cli: CommandLine) -> None:
    """`drill SCENARIO` prints the reference; of what has just begun everything is still to come."""
    begun = cli.json("drill", "stolen-laptop", "--hours", "0.5")
    reference = begun["reference"]
    assert reference.startswith("EX-")
    report = cli.json("drill", "report", reference)
    assert (report["scenario"], report["hours"]) == ("stolen-laptop", 0.5)
    assert {one["outcome"] for role in report["roles"] for one in role["expected"]} == {"waiting"}
    assert reference in cli.says("drill", "report", reference)
    listed = cli.json("drill", "list")
    assert [one["reference"] for one in listed["drills"]] == [reference]
    assert len(listed["scenarios"]) >= 5
    assert cli.json("drill", "stop", reference, "--reason", "Enough.") == {"reference": reference}
    assert "is over already" in cli.fails("drill", "stop", reference)


@pytest.mark.parametrize(("option", "scale"), [(("--scale", "0.025"), 0.025), (("--hours", "36"), 0.5), ((), 1 / 72)])
def test_the_length_is_given_in_hours_or_as_a_factor(
    cli: CommandLine, option: tuple[str, ...], scale: float
) -> None:  # fmt: skip
    """Or as the scenario says."""
    made = cli.json("drill", "start", "provider-breach", *option)
    assert drill_of(cli, made["reference"]).scale == pytest.approx(scale)


def test_a_real_incident_keeps_its_number(cli: CommandLine) -> None:
    """Exercises are counted in a series of their own."""
    cli.json("drill", "stolen-laptop")
    cli.json("drill", "stolen-laptop")
    made = cli.json("incident", "new", "A laptop was stolen.")
    assert made["reference"].endswith("-0001")


def test_what_cannot_be_is_said_in_a_sentence(cli: CommandLine) -> None:
    """An unknown scenario, a length that is none, both ways at once, an incident that is no exercise."""
    assert "there is no scenario stolen-lptop: playbooks/drills holds" in cli.fails("drill", "stolen-lptop")
    assert "from 0.1 to 72" in cli.fails("drill", "stolen-laptop", "--hours", "100")
    assert "one of them" in cli.fails("drill", "stolen-laptop", "--hours", "1", "--scale", "0.1")
    assert "not a system of the inventory" in cli.fails("drill", "stolen-laptop", "--system", "nothing")
    made = cli.json("incident", "new", "A laptop was stolen.")
    assert "is no exercise" in cli.fails("drill", "report", made["reference"])
