"""`source recipe`: the sender's side, with what is known of the source."""

from pathlib import Path

import pytest

from breach_service.sources.registry import SOURCES
from tests.cli.conftest import CommandLine


@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_every_kind_can_be_asked_for(cli: CommandLine, kind: str) -> None:
    """With the credential that `source add` would choose."""
    found = cli.json("source", "recipe", kind)
    assert (found["kind"], found["auth"]) == (kind, SOURCES[kind].default_auth)
    assert f"/webhooks/{kind}" in found["url"]


def test_address_and_secret_are_the_real_ones(cli: CommandLine) -> None:
    """The public address, the name and the secret that `source add` printed."""
    cli.environment |= {"BREACH_PUBLIC_URL": "https://incidents.example/"}
    made = cli.json("source", "add", "shield", "--kind", "crowdsec")
    words = cli.says("source", "recipe", "crowdsec", "--name", "shield", "--secret", made["secret"])
    assert f"url: {made['url']}\n" in words
    assert f"Authorization: Bearer {made['secret']}\n" in words


def test_a_secret_that_is_not_known_is_a_gap_to_fill(cli: CommandLine) -> None:
    """It is shown once, by `source add`, and stored so that it cannot be read."""
    cli.json("source", "add", "shield", "--kind", "crowdsec")
    assert "THE-SECRET" in cli.says("source", "recipe", "crowdsec", "--name", "shield")


def test_the_credential_of_a_source_that_is_there_counts(cli: CommandLine) -> None:
    """Not the one that the kind would have by default."""
    cli.json("source", "add", "shield", "--kind", "crowdsec", "--auth", "url")
    found = cli.json("source", "recipe", "crowdsec", "--name", "shield", "--secret", "s3cret")
    assert (found["auth"], found["url"]) == ("url", "http://127.0.0.1:8080/webhooks/shield/s3cret")


def test_it_needs_no_database(empty_cli: CommandLine) -> None:
    """Somebody looks before anything is set up; with a name nothing is known of it yet."""
    assert "profiles.yaml" in empty_cli.says("source", "recipe", "crowdsec")
    assert not empty_cli.directory.joinpath("data").exists()
    assert "/webhooks/shield" in empty_cli.says("source", "recipe", "crowdsec", "--name", "shield")


def test_a_product_has_the_recipe_of_its_own_before_that_of_its_kind(cli: CommandLine) -> None:
    """fail2ban is carried by another kind."""
    assert "/etc/fail2ban/action.d/breach-service.conf" in cli.json("source", "recipe", "fail2ban")["files"]
    assert cli.json("source", "recipe", "fortigate")["kind"] == "firewall"


def test_a_tool_that_is_no_kind_says_plain_json(cli: CommandLine, tmp_path: Path) -> None:
    """Where somebody wrote a recipe for it."""
    (tmp_path / "own" / "templates" / "recipes").mkdir(parents=True)
    (tmp_path / "own" / "templates" / "recipes" / "our-tool.md").write_text("Post to @{ address }@\n")
    cli.environment |= {"BREACH_CONTENT_DIR": str(tmp_path / "own")}
    found = cli.json("source", "recipe", "our-tool")
    assert (found["kind"], found["recipe"]) == ("json", "Post to http://127.0.0.1:8080/webhooks/our-tool\n")


def test_an_unknown_word_names_the_known_ones(cli: CommandLine) -> None:
    """And what works with every tool."""
    sentence = cli.fails("source", "recipe", "no-such-tool")
    assert "crowdsec" in sentence
    assert "source recipe json" in sentence


def test_a_source_of_another_kind_is_said(cli: CommandLine) -> None:
    """Its recipe would never work."""
    cli.json("source", "add", "shield", "--kind", "json")
    assert "is of the kind json" in cli.fails("source", "recipe", "crowdsec", "--name", "shield")


def test_a_credential_that_the_sender_cannot_use_is_said(cli: CommandLine) -> None:
    """With the ones that it can."""
    assert "bearer, url" in cli.fails("source", "recipe", "crowdsec", "--auth", "hmac")
