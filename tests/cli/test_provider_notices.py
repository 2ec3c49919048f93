"""`provider`: a provider's notice is taken down, listed, and its letter printed at the command line."""

from tests.cli.conftest import CommandLine

NOTICE = ("provider", "notice", "messaging", "Accounts of our support were taken over.")


def test_a_notice_is_taken_down_listed_and_answered_with_a_letter(cli: CommandLine) -> None:
    """One incident over everything that depends on the provider; the letter asks what is open."""
    made = cli.json(*NOTICE, "--received-at", "2026-11-20T18:30:00+01:00", "--reference", "SUP-77")
    assert set(made) == {"number", "incident"}
    (listed,) = cli.json("provider", "notices")
    assert (listed["incident"], listed["standing"], listed["received_at"]) == (
        made["incident"], "to_be_asked", "2026-11-20T17:30:00Z",
    )  # fmt: skip
    assert made["incident"] in cli.says("provider", "notices")
    assert "SUP-77" in cli.says("provider", "letter", str(made["number"]), "--language", "en")
    shown = cli.json("incident", "show", made["incident"])
    assert {"application", "mail"} <= set(shown["systems"])


def test_what_cannot_be_is_said_in_a_sentence(cli: CommandLine) -> None:
    """An unknown provider, a number that is not there."""
    assert "not a provider" in cli.fails("provider", "notice", "nobody", "Said.")
    assert "number 7" in cli.fails("provider", "letter", "7")
