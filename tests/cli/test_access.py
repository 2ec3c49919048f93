"""`user` and `token`: who may come in, with secrets that are shown once."""

import pytest

from breach_service.domain.access import UserRole
from tests.cli.conftest import CommandLine
from tests.web.edge import Edge


def test_a_password_is_made_and_shown_once(cli: CommandLine) -> None:
    """The account works with it."""
    made = cli.json("user", "add", "zoe@us.example", "--role", "dpo")
    assert (made["email"], made["role"]) == ("zoe@us.example", "dpo")
    assert len(made["password"]) >= 12
    assert signs_in(cli, "zoe@us.example", made["password"])


def test_the_words_name_the_password(cli: CommandLine) -> None:
    """For those who read instead of parsing."""
    said = cli.says("user", "add", "zoe@us.example", "--role", "viewer")
    assert "zoe@us.example may sign in as viewer." in said
    password = said.rpartition("(shown once): ")[2].strip()
    assert signs_in(cli, "zoe@us.example", password)


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
    """One is made, and shown, so that nobody is locked out of a new account."""
    made = cli.json("user", "add", "zoe@us.example", "--role", "viewer", "--password", "")
    assert signs_in(cli, "zoe@us.example", made["password"])


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


@pytest.mark.parametrize("role", list(UserRole))
def test_a_token_opens_the_api_with_its_role(cli: CommandLine, role: UserRole) -> None:
    """Shown once; the inspector's opens nothing yet."""
    made = cli.json("token", "add", "robot", "--role", str(role))
    assert (made["name"], made["role"]) == ("robot", str(role))
    service = cli.service()
    try:
        headers = {"authorization": f"Bearer {made['token']}"}
        status = Edge(service).browser().get("/api/v1/incidents", headers=headers).status_code
    finally:
        service.close()
    assert status == (403 if role is UserRole.INSPECTOR else 200)


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


def signs_in(cli: CommandLine, email: str, password: str) -> bool:
    """True if the sign-in page takes them."""
    service = cli.service()
    try:
        answer = Edge(service).browser().post("/sign-in", data={"email": email, "password": password})
    finally:
        service.close()
    return bool(answer.status_code == 303)
