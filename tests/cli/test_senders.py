"""`source` and `quarantine`: connecting senders, and what they sent that nobody understood."""

import base64
from pathlib import Path

import pytest

from breach_service.acts.senders import NewSource
from breach_service.sources.credentials import AuthKind
from breach_service.sources.registry import SOURCES
from tests.cli.conftest import CommandLine
from tests.web.edge import JSON_ALERT, Edge


def send(cli: CommandLine, made: dict[str, str], body: bytes = JSON_ALERT) -> int:
    """Post a body to the address and with the secret that were printed, and process it."""
    service = cli.service()
    try:
        with Edge(service) as edge:
            path = "/" + made["url"].split("/", 3)[3]
            new = NewSource(made["name"], made["kind"], AuthKind(made["auth"]), made["secret"], path)
            status = edge.send(new, body).status_code
            edge.work()
    finally:
        service.close()
    return int(status)


@pytest.mark.parametrize("auth", ["bearer", "hmac", "url"])
def test_a_new_sender_can_send_with_what_was_printed(cli: CommandLine, auth: str) -> None:
    """Address and secret, shown once; the list never shows the secret again."""
    made = cli.json("source", "add", "shop", "--kind", "json", "--auth", auth)
    assert set(made) == {"name", "kind", "auth", "url", "secret"}
    assert send(cli, made) == 200
    listed = cli.says("source", "list") + cli.says("source", "list", "--json")
    assert made["secret"] not in listed
    assert [one["received"] for one in cli.json("source", "list")] == [1]


@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_every_kind_can_be_connected(cli: CommandLine, kind: str) -> None:
    """With the safest credential that it can send."""
    made = cli.json("source", "add", f"my-{kind}", "--kind", kind)
    assert made["auth"] == SOURCES[kind].default_auth
    assert send(cli, made, SOURCES[kind].test_body()) == 200


def test_the_address_is_the_public_one(cli: CommandLine) -> None:
    """As senders reach it; without one, this machine and its port."""
    assert cli.json("source", "add", "a", "--kind", "json")["url"] == "http://127.0.0.1:8080/webhooks/a"
    cli.environment |= {"BREACH_PORT": "9000"}
    assert cli.json("source", "add", "b", "--kind", "json")["url"] == "http://127.0.0.1:9000/webhooks/b"
    cli.environment |= {"BREACH_PUBLIC_URL": "https://incidents.example/"}
    assert cli.json("source", "add", "c", "--kind", "json")["url"] == "https://incidents.example/webhooks/c"


@pytest.mark.parametrize(
    ("auth", "said"), [("bearer", "Authorization: Bearer "), ("hmac", "X-Signature-256: sha256="), ("url", "address")]
)
def test_the_words_say_where_the_secret_goes(cli: CommandLine, auth: str, said: str) -> None:
    """Once."""
    words = cli.says("source", "add", "shop", "--kind", "json", "--auth", auth)
    assert said in words
    assert "shown once" in words


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("Shop", "--kind", "json"), "a-z"), (("my shop", "--kind", "json"), "a-z"), (("", "--kind", "json"), "a-z"),
        (("shop", "--kind", "toaster"), "known kinds"), (("shop", "--kind", "json", "--auth", "magic"), "bearer"),
    ],
)  # fmt: skip
def test_a_wrong_sender_is_said(cli: CommandLine, words: tuple[str, ...], sentence: str) -> None:
    """And not connected."""
    assert sentence in cli.fails("source", "add", *words)
    assert cli.json("source", "list") == []


def test_a_name_is_given_once(cli: CommandLine) -> None:
    """With the way to a new secret."""
    cli.says("source", "add", "shop", "--kind", "json")
    assert "source rotate shop" in cli.fails("source", "add", "shop", "--kind", "json")


def test_a_new_secret_stands_beside_the_former_one(cli: CommandLine) -> None:
    """Until the next rotation."""
    first = cli.json("source", "add", "shop", "--kind", "json")
    second = cli.json("source", "rotate", "shop")
    assert second["secret"] != first["secret"]
    assert [send(cli, one) for one in (first, second)] == [200, 200]
    assert "no source" in cli.fails("source", "rotate", "nobody")


def test_the_list_says_what_became_of_the_requests(cli: CommandLine) -> None:
    """In words and as JSON."""
    assert cli.says("source", "list") == "(none)\n"
    made = cli.json("source", "add", "shop", "--kind", "json")
    assert "never" in cli.says("source", "list")
    send(cli, made)
    send(cli, made, b"\x00\xff\x00\xff")
    one = cli.json("source", "list")[0]
    assert (one["received"], one["quarantined"], one["refused"]) == (2, 1, 0)
    assert one["last_seen_at"][10] == "T"
    assert "shop" in cli.says("source", "list")


def test_a_body_in_quarantine_is_listed_shown_and_played_again(cli: CommandLine, tmp_path: Path) -> None:
    """Its headers without the credential, its body as it came."""
    assert cli.says("quarantine", "list") == "(none)\n"
    made = cli.json("source", "add", "shop", "--kind", "json")
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("each: alarms\ntitle: descr\n", encoding="utf-8")
    cli.says("source", "map", "shop", str(mapping))
    send(cli, made, '{"autre": "déjà"}'.encode())
    listed = cli.json("quarantine", "list")
    assert [(one["source"], one["replayed_at"]) for one in listed] == [("shop", None)]
    assert "déjà" not in cli.says("quarantine", "list")
    number = str(listed[0]["id"])
    shown = cli.json("quarantine", "show", number)
    assert shown["body"] == '{"autre": "déjà"}'
    assert "authorization" not in shown["headers"]
    assert made["secret"] not in cli.says("quarantine", "show", number)
    assert f"# {listed[0]['reason']}" in cli.says("quarantine", "show", number)
    assert "waits in the inbox again" in cli.says("quarantine", "replay", number)
    assert cli.json("quarantine", "list")[0]["replayed_at"] is not None


def test_a_body_that_is_no_text_is_shown_all_the_same(cli: CommandLine) -> None:
    """As escapes."""
    made = cli.json("source", "add", "shop", "--kind", "json")
    send(cli, made, b"\x00\xff\x00\xff")
    assert cli.json("quarantine", "show", "1")["body"] == "\x00\\xff\x00\\xff"


@pytest.mark.parametrize("verb", ["show", "replay"])
def test_a_number_that_is_not_in_quarantine_is_said(cli: CommandLine, verb: str) -> None:
    """Whichever."""
    assert "no request number 7 in quarantine" in cli.fails("quarantine", verb, "7")


def test_a_sender_is_connected_by_one_command(cli: CommandLine) -> None:
    """With --recipe its side of the configuration is printed at once, with the secret in it."""
    made = cli.json("source", "add", "shop", "--kind", "prometheus", "--recipe")
    assert made["secret"] in made["recipe"]
    assert made["url"] in made["recipe"]
    assert "webhook_configs" in cli.says("source", "add", "other", "--kind", "alertmanager", "--recipe")


def test_what_each_message_must_carry_is_said_by_a_command(cli: CommandLine) -> None:
    """What is set is named and never its value; what does not carry it is set aside with the reason."""
    topic = "arn:aws:sns:eu-west-3:123456789012:alarms"
    made = cli.json("source", "add", "cloud", "--kind", "aws", "--expect", f"topic={topic}")
    body = SOURCES["aws"].test_body()
    assert send(cli, made, body) == 200
    (item,) = cli.json("quarantine", "list")
    assert "topic" in item["reason"]
    assert topic not in cli.says("source", "expect", "cloud", f"topic={topic}")
    cli.says("source", "expect", "cloud", "--nothing")
    assert send(cli, made, body.replace(b"operator", b"person")) == 200
    assert len(cli.json("quarantine", "list")) == 1
    assert "topic" in cli.says("source", "expect", "--help")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("cloud",), "--nothing"),
        (("cloud", "topic"), "name=value"),
        (("cloud", "topic=x"), "does not look like one"),
        (("cloud", "client-state=x"), "topic"),
        (("elsewhere", "topic=x"), "there is no source elsewhere"),
    ],
)
def test_a_wrong_expectation_is_said(cli: CommandLine, words: tuple[str, ...], sentence: str) -> None:
    """With what the kind knows."""
    cli.json("source", "add", "cloud", "--kind", "aws")
    assert sentence in cli.fails("source", "expect", *words)


def test_a_signing_secret_has_the_form_that_the_sender_takes(cli: CommandLine) -> None:
    """GitLab refuses every signing token but `whsec_` with 32 bytes in base64."""
    made = cli.json("source", "add", "forge", "--kind", "gitlab", "--auth", "hmac")
    assert made["secret"].startswith("whsec_")
    assert len(base64.b64decode(made["secret"].removeprefix("whsec_"), validate=True)) == 32


def test_how_often_a_sender_must_be_heard_is_said_and_a_test_is_played(cli: CommandLine) -> None:
    """Shown in the list; `off` and `learn` take it back; one thing at a time."""
    cli.json("source", "add", "shop", "--kind", "json")
    assert cli.json("source", "expect", "shop", "--every", "2 H") == {"name": "shop", "every": "2h"}
    (listed,) = cli.json("source", "list")
    assert (listed["expected_every"], listed["expectation"]["comes_from"]) == ("2h", "person")
    assert "2:00:00" in cli.says("source", "list")
    assert "is never an alarm" in cli.says("source", "expect", "shop", "--every", "off")
    assert "learned anew" in cli.says("source", "expect", "shop", "--every", "learn")
    assert "a test message waits" in cli.says("source", "test", "shop")
    assert "one at a time" in cli.fails("source", "expect", "shop", "--nothing", "--every", "1h")
    assert "is no interval" in cli.fails("source", "expect", "shop", "--every", "soon")
