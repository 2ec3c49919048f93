"""`mandate`: who decides, written down at the machine's own command line."""

from typing import Any


def test_a_mandate_is_recorded_listed_and_revoked(cli: Any) -> None:
    """With what the writing says; a revoked one is listed only where all are asked for."""
    cli.json("user", "add", "zoe@us.example", "--role", "decider")
    made = cli.json(
        "mandate", "add", "zoe@us.example", "--kind", "delegation", "--document", "Lyon, 20 November 2026",
        "--granted-by", "Alix Montreuil", "--decision", "qualify", "--to", "2099-01-01T00:00:00+01:00",
    )  # fmt: skip
    assert (made["kind"], made["acts"], made["granted_by"]) == ("delegation", ["qualify"], "Alix Montreuil")
    assert (made["to_at"], made["is_in_force"]) == ("2098-12-31T23:00:00Z", True)
    number = made["id"]
    assert [one["id"] for one in cli.json("mandate", "list")] == [number]
    assert cli.json("mandate", "revoke", str(number), "--reason", "Zoé has left.") == {
        "mandate": number, "is_revoked": True,
    }  # fmt: skip
    assert cli.json("mandate", "list") == []
    assert [one["id"] for one in cli.json("mandate", "list", "--all")] == [number]


def test_a_mandate_that_cannot_be_taken_says_why(cli: Any) -> None:
    """In one sentence, with status 1."""
    rest = ("--kind", "delegation", "--document", "Lyon", "--granted-by", "Alix")
    assert "no account" in cli.fails("mandate", "add", "nobody@us.example", *rest)
    cli.json("user", "add", "vera@us.example", "--role", "viewer")
    assert "is viewer here" in cli.fails("mandate", "add", "vera@us.example", *rest)
    assert "is no decision" in cli.fails("mandate", "add", "vera@us.example", *rest, "--decision", "merge")
    assert "no mandate number 9" in cli.fails("mandate", "revoke", "9", "--reason", "Over.")
