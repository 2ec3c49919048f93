"""`playbook`: the fiches at the command line, and the plan of an incident."""

from typing import Any


def test_the_playbooks_are_listed_and_each_can_be_read(cli: Any) -> None:
    """In words to print, or as its file says it."""
    listed = cli.json("playbook", "list")
    assert {"ransomware", "phishing", "every-incident"} <= {one["id"] for one in listed}
    assert "Rançongiciel" in cli.says("playbook", "list")
    read = cli.says("playbook", "show", "ransomware")
    for words in ("Couper le réseau des machines touchées", "evidence:", "questions:", "calls:", "references:"):
        assert words in read, words
    assert set(cli.json("playbook", "show", "ransomware")["title"]) == {"fr", "en"}


def test_a_playbook_that_is_not_there_is_said_in_one_sentence(cli: Any) -> None:
    assert "playbook list" in cli.fails("playbook", "show", "dancing")


def test_the_plan_of_an_incident_says_what_is_to_be_done(cli: Any) -> None:
    """What a person declared may be anything: the common playbook applies, the others may."""
    reference = cli.json("incident", "new", "A file was sent to the wrong client.")["reference"]
    plan = cli.json("playbook", "plan", reference)
    reasons = {one["id"]: one["reason"] for one in plan["playbooks"]}
    assert (reasons["every-incident"], reasons["misdirected-mail"]) == ("applies", "may_apply")
    assert plan["steps"][0]["state"] == "open"
    assert f"{len(plan['steps'])} of {len(plan['steps'])} steps are open" in cli.says("playbook", "plan", reference)
    assert "no incident" in cli.fails("playbook", "plan", "INC-1999-0001")
