"""`user` and `token`: who may come in, with secrets that are shown once."""

from datetime import datetime, timedelta

import pytest

from breach_service.domain.access import PEOPLE, UserRole
from tests.cli.conftest import CommandLine
from tests.web.edge import Edge


def test_an_account_comes_with_a_link_to_choose_the_password(cli: CommandLine) -> None:
    """Nobody knows a password but its person; the link opens once."""
    made = cli.json("user", "add", "zoe@us.example", "--role", "dpo")
    assert (made["email"], made["role"], made["is_mailed"]) == ("zoe@us.example", "dpo", False)
    assert chooses(cli, made["link"], "a good long password")
    assert signs_in(cli, "zoe@us.example", "a good long password")
    assert not chooses(cli, made["link"], "another long password")


def test_the_words_name_the_link(cli: CommandLine) -> None:
    """For those who read instead of parsing."""
    said = cli.says("user", "add", "zoe@us.example", "--role", "viewer")
    assert "zoe@us.example may sign in as viewer." in said
    assert chooses(cli, said.rpartition("24 hours): ")[2].strip(), "a good long password")


def test_a_new_invitation_ends_the_former_one(cli: CommandLine) -> None:
    """And there is none for somebody who has come."""
    former = cli.json("user", "add", "zoe@us.example", "--role", "viewer")["link"]
    link = cli.json("user", "invite", "zoe@us.example")["link"]
    assert not chooses(cli, former, "a good long password")
    assert chooses(cli, link, "a good long password")
    assert "has signed in before" in cli.fails("user", "invite", "zoe@us.example")


@pytest.mark.parametrize("by_environment", [True, False])
def test_a_password_that_was_chosen_is_not_repeated(cli: CommandLine, by_environment: bool) -> None:
    """Given as an option, or in BREACH_NEW_PASSWORD, which no history keeps."""
    password = "chosen by the operator"
    if by_environment:
        cli.environment |= {"BREACH_NEW_PASSWORD": password}
    options = () if by_environment else ("--password", password)
    said = cli.says("user", "add", "zoe@us.example", "--role", "viewer", *options)
    assert password not in said
    assert signs_in(cli, "zoe@us.example", password)


def test_an_empty_password_is_none(cli: CommandLine) -> None:
    """A link is made, so that nobody is locked out of a new account."""
    made = cli.json("user", "add", "zoe@us.example", "--role", "viewer", "--password", "")
    assert chooses(cli, made["link"], "a good long password")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nobody", "--role", "viewer"), "not an e-mail address"),
        (("a@b.example", "--role", "viewer", "--password", "short"), "at least 12 characters"),
    ],
)
def test_a_wrong_account_is_said(cli: CommandLine, words: tuple[str, ...], sentence: str) -> None:
    """And not made."""
    assert sentence in cli.fails("user", "add", *words)


def test_an_address_has_one_account(cli: CommandLine) -> None:
    """Whatever its case."""
    cli.says("user", "add", "zoe@us.example", "--role", "viewer")
    assert "already" in cli.fails("user", "add", "ZOE@us.example", "--role", "admin")


def test_a_language_that_no_page_speaks_is_refused(cli: CommandLine) -> None:
    """Its person could read no page."""
    done = cli.run("user", "add", "zoe@us.example", "--role", "viewer", "--language", "de")
    assert done.exit_code == 2
    assert "fr" in done.stderr


@pytest.mark.parametrize("role", PEOPLE)
def test_a_token_opens_the_api_with_its_role(cli: CommandLine, role: UserRole) -> None:
    """Shown once."""
    cli.says("user", "add", "owner@us.example", "--role", str(role))
    made = cli.json("token", "add", "robot", "--role", str(role), "--owner", "owner@us.example")
    assert (made["name"], made["role"]) == ("robot", str(role))
    service = cli.service()
    try:
        headers = {"authorization": f"Bearer {made['token']}"}
        status = Edge(service).browser().get("/api/v1/incidents", headers=headers).status_code
    finally:
        service.close()
    assert status == 200


def test_the_words_are_the_header(cli: CommandLine) -> None:
    """Ready to be copied."""
    said = cli.says("token", "add", "robot", "--role", "viewer", "--days", "30")
    assert said.startswith("Authorization: Bearer bs_")


@pytest.mark.parametrize("days", ["0", "-1", "1000000"])
def test_a_token_that_has_ended_already_is_not_made(cli: CommandLine, days: str) -> None:
    """`--days 0` is no way to say for ever."""
    assert cli.run("token", "add", "robot", "--role", "viewer", "--days", days).exit_code == 2


def test_a_token_without_a_name_is_not_made(cli: CommandLine) -> None:
    """The chronology would name nobody."""
    assert "name the token" in cli.fails("token", "add", " ", "--role", "viewer")


def test_a_sender_gets_no_token(cli: CommandLine) -> None:
    """It has a secret of its own."""
    assert "source add" in cli.fails("token", "add", "robot", "--role", "source")
    assert "source add" in cli.fails("user", "add", "robot@us.example", "--role", "source")


def test_people_are_listed_disabled_enabled_and_given_a_role(cli: CommandLine) -> None:
    """What the machine's owner needs when nobody can sign in."""
    cli.says("user", "add", "zoe@us.example", "--role", "viewer", "--password", "a good long password")
    assert "is responder from now on" in cli.says("user", "role", "zoe@us.example", "responder")
    said = cli.says("user", "disable", "zoe@us.example", "--reason", "Laptop stolen.", "--security")
    assert "is out" in said
    assert "password, passkeys and one-time codes" in " ".join(said.split())
    [listed] = cli.json("user", "list")
    assert (listed["role"], listed["state"], listed["disabled_reason"]) == ("responder", "disabled", "Laptop stolen.")
    assert not signs_in(cli, "zoe@us.example", "a good long password")
    assert "user invite zoe@us.example" in " ".join(cli.says("user", "enable", "zoe@us.example").split())
    assert not signs_in(cli, "zoe@us.example", "a good long password"), "what had ended stays ended"
    assert "zoe@us.example" in cli.says("user", "list")
    assert "there is no account for" in cli.fails("user", "enable", "nobody@us.example")


def test_tokens_are_listed_without_their_secret_and_revoked(cli: CommandLine) -> None:
    """A scope is of the role; an end is always there."""
    made = cli.json("token", "add", "robot", "--role", "viewer", "--scope", "look")
    assert "cannot have: silence" in cli.fails("token", "add", "other", "--role", "viewer", "--scope", "silence")
    listed = cli.says("token", "list") + cli.says("token", "list", "--json")
    assert made["token"] not in listed
    [one] = cli.json("token", "list")
    assert (one["name"], one["scopes"], one["state"]) == ("robot", ["look"], "live")
    assert one["expires_at"] is not None
    assert "opens nothing" in cli.says("token", "revoke", "robot")
    assert cli.json("token", "list")[0]["state"] == "revoked"
    assert "no token" in cli.fails("token", "revoke", "unknown")


def test_a_token_lasts_no_longer_than_the_settings_say(cli: CommandLine) -> None:
    """And as long as they say where nobody does."""
    cli.environment |= {"BREACH_TOKEN_DAYS": "7", "BREACH_TOKEN_LONGEST_DAYS": "10"}
    assert "at most 10 days" in cli.fails("token", "add", "robot", "--role", "viewer", "--days", "11")
    cli.says("token", "add", "robot", "--role", "viewer")
    [one] = cli.json("token", "list")
    created, ends = (datetime.fromisoformat(one[name]) for name in ("created_at", "expires_at"))
    assert ends - created == timedelta(days=7)


def chooses(cli: CommandLine, link: str, password: str) -> bool:
    """True if the link opens and takes the password."""
    service = cli.service()
    try:
        browser = Edge(service).browser()
        browser.get(link[link.index("/sign-in") :])
        answer = browser.post("/sign-in/link", data={"password": password, "again": password})
    finally:
        service.close()
    return bool(answer.status_code == 303)


def signs_in(cli: CommandLine, email: str, password: str) -> bool:
    """True if the sign-in page takes them."""
    service = cli.service()
    try:
        answer = Edge(service).browser().post("/sign-in", data={"email": email, "password": password})
    finally:
        service.close()
    return bool(answer.status_code == 303)
