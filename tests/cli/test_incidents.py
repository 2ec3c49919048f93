"""`incident`, `dossier` and `register`: an incident by hand, and the proof that nothing was rewritten."""

import json
import re
import sqlite3
from typing import Any

import pytest

from tests.cli.conftest import CommandLine

TOLD = ("--told-at", "2026-11-20T14:05:00+01:00", "--told-by", "A client, by telephone")


def new(cli: CommandLine, *options: str) -> str:
    """A new incident on the application; its reference."""
    made = cli.json("incident", "new", "A laptop was stolen.", "--system", "application", *options)
    assert set(made) == {"reference", "number"}
    return str(made["reference"])


def sealed(cli: CommandLine) -> None:
    """What the worker does: seal the chronology."""
    service = cli.service()
    try:
        worker = service.worker()
        while worker.turn(service.now()):
            pass
    finally:
        service.close()


def altered(cli: CommandLine, statement: str) -> None:
    """Change evidence behind the service's back, as somebody with the disk could."""
    with sqlite3.connect(cli.database) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        assert database.execute(statement).rowcount > 0


def test_an_incident_is_declared_by_hand(cli: CommandLine) -> None:
    """With a reference of this year; told when, by whom, about what."""
    reference = new(cli, *TOLD, "--occurred-at", "2026-11-19T22:00:00Z")
    assert re.fullmatch(r"INC-\d{4}-0001", reference)
    found = cli.json("incident", "show", reference)
    assert (found["reference"], found["status"], found["systems"]) == (reference, "suspected", ["application"])
    instants = {one["kind"]: one["at"] for one in found["instants"]}
    assert instants["told_at"].startswith("2026-11-20T13:05:00")
    assert instants["occurred_at"].startswith("2026-11-19T22:00:00")
    assert {one["recipient"] for one in found["obligations"]} >= {"cnil", "client:mutuelle-exemple"}


def test_the_words_say_what_is_owed_to_whom_by_when(cli: CommandLine) -> None:
    """After declaring, with the number of the report, and when shown later, with more beneath."""
    said = cli.says("incident", "new", "A laptop was stolen.", "--system", "application", "--system", "mail", *TOLD)
    assert said.splitlines()[0].endswith("A laptop was stolen.")
    assert "cnil" in said
    assert "Mutuelle Exemple" in said
    assert "provisional" in said
    reference = said.split()[0]
    words, _, number = said.rstrip().rpartition("\n\nreport ")
    assert number == "SIG-2026-0001"
    assert cli.says("incident", "show", reference).startswith(words.rstrip())


def test_without_a_known_system_an_incident_can_be_declared_all_the_same(cli: CommandLine) -> None:
    """What is not known yet can follow."""
    said = cli.says("incident", "new", "Something is wrong.")
    assert "systems: not known" in said


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("x", "--told-at", "2026-11-20T14:05:00"), "has no time zone"),
        (("x", "--told-at", "soon"), "is not an instant"),
        (("x", "--occurred-at", "0001-01-01T00:00:00+14:00"), "check the year"),
        (("x", "--told-at", "2099-01-01T00:00:00Z"), "future"),
        (("x", "--system", "mainframe"), "mainframe is not a system of the inventory"),
        (("  ",), "say what happened"),
    ],
)
def test_a_wrong_declaration_is_refused_in_words(cli: CommandLine, options: tuple[str, ...], sentence: str) -> None:
    """And no reference is spent on it."""
    assert sentence in cli.fails("incident", "new", *options)
    assert new(cli).endswith("-0001")


@pytest.mark.parametrize("words", [("incident", "show"), ("dossier",)], ids=" ".join)
def test_an_incident_that_is_not_there_is_said(cli: CommandLine, words: tuple[str, ...]) -> None:
    """With its reference."""
    assert "INC-1999-0001" in cli.fails(*words, "INC-1999-0001")


def test_the_dossier_holds_everything(cli: CommandLine) -> None:
    """JSON that needs no other tool of ours to be read, every instant in ISO 8601."""
    reference = new(cli, *TOLD)
    sealed(cli)
    dossier = json.loads(cli.says("dossier", reference))
    assert dossier == cli.json("dossier", reference)
    assert set(dossier) >= {
        "reference", "title", "status", "organisation", "assessment", "obligations", "instants", "facts", "episodes",
        "filings", "timeline", "detected_at",
    }  # fmt: skip
    assert all(one["seal"] for one in dossier["timeline"])
    assert list(texts_like_an_instant(dossier)) != []
    for one in texts_like_an_instant(dossier):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", one), one


def texts_like_an_instant(found: Any) -> list[str]:
    """Every text that begins with a date and an hour."""
    match found:
        case dict():
            return [text for one in found.values() for text in texts_like_an_instant(one)]
        case list():
            return [text for one in found for text in texts_like_an_instant(one)]
        case str() if re.match(r"\d{4}-\d\d-\d\d[ T]\d\d:", found):
            return [found]
        case _:
            return []


def test_an_untouched_chronology_is_confirmed(cli: CommandLine) -> None:
    """With the number of seals and the head of the chain, to be noted elsewhere."""
    new(cli)
    sealed(cli)
    found = cli.json("register", "verify")
    assert found["faults"] == []
    assert found["seals"] > 0
    assert re.fullmatch(r"[0-9a-f]{64}", found["head"])
    said = cli.says("register", "verify")
    assert said == f"{found['seals']} seals, nothing was altered; head {found['head']}\n"


def test_an_empty_chronology_is_no_fault(cli: CommandLine) -> None:
    """Nothing was sealed yet."""
    assert cli.json("register", "verify")["seals"] == 0


ALTERATIONS = {
    "words": "UPDATE timeline_detail SET words = '{\"what_happened\": \"Nothing.\"}' WHERE words LIKE '%laptop%'",
    "actor": "UPDATE timeline_entry SET actor = 'somebody else' WHERE kind = 'declared'",
    "instant": "UPDATE timeline_entry SET at = '2020-01-01 00:00:00.000000' WHERE kind = 'declared'",
    "entry gone": "DELETE FROM timeline_entry WHERE kind = 'declared'",
    "seal gone": "DELETE FROM seal WHERE seq = 2",
    "seal changed": "UPDATE seal SET digest = 'x' || substr(digest, 2) WHERE seq = 1",
}


@pytest.mark.parametrize("what", sorted(ALTERATIONS))
def test_whatever_was_altered_is_found(cli: CommandLine, what: str) -> None:
    """Status 1, and a sentence for each fault; also as JSON."""
    new(cli)
    sealed(cli)
    altered(cli, ALTERATIONS[what])
    done = cli.run("register", "verify")
    assert done.exit_code == 1
    assert "seal" in done.stdout
    assert "faults in the chain" in done.stderr
    assert json.loads(cli.run("register", "verify", "--json").stdout)["faults"]


DISMISS = ("--as", "false_alarm", "--reason", "The lost laptop lay in the drawer.")


def test_an_incident_is_dismissed_as_something(cli: CommandLine) -> None:
    """One alone, by its reference in any case, with or without personal data."""
    reference = new(cli)
    assert cli.says("incident", "close", reference.lower(), *DISMISS) == f"{reference} is over: false alarm\n"
    found = cli.json("incident", "show", reference)
    assert (found["status"], found["closing_reason"]) == ("dismissed", "false_alarm")


def test_a_duplicate_names_the_other_incident(cli: CommandLine) -> None:
    """And is refused where it names none."""
    first, second = new(cli), new(cli)
    assert "which incident" in cli.fails("incident", "close", second, "--as", "duplicate", "--reason", "Same.")
    said = ("--as", "duplicate", "--reason", "Same.", "--duplicate-of", first)
    assert cli.json("incident", "close", second, *said) == {"closed": [second], "refused": []}
    assert cli.json("incident", "show", second)["duplicate_of"] == first


def test_a_breach_is_closed_as_handled_once_it_was_confirmed(cli: CommandLine) -> None:
    """Not before."""
    said = ("--as", "breach_handled", "--reason", "Done.")
    assert "say first what this is" in cli.fails("incident", "close", new(cli), *said)


def test_several_are_closed_only_where_they_are_proposed(cli: CommandLine) -> None:
    """What a person declared is not; it is named, with status 1."""
    assert cli.json("incident", "closable") == []
    assert "(none)" in cli.says("incident", "closable")
    references = [new(cli), new(cli)]
    done = cli.run("incident", "close", *references, *DISMISS, "--json")
    assert done.exit_code == 1
    assert [one["reference"] for one in json.loads(done.stdout)["refused"]] == references
    assert f"{references[0]} stays open" in done.stderr
