"""Messages for chats, read as alerts."""

import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from breach_service.errors import WrongCredential
from breach_service.sources.credentials import AuthKind, Credential, verify
from breach_service.sources.request import Delivery
from breach_service.sources.senders.slack import SOURCE
from breach_service.sources.senders.slack.text import first_link, mood_of_color, plain_chat

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_the_challenge_of_an_address_is_sent_back() -> None:
    """As text, and only where it is one."""
    body = json.dumps({"type": "url_verification", "token": "t", "challenge": "3eZbrw1aB"}).encode()
    reply = SOURCE.handshake(Delivery(body, {}, "", NOW))
    assert reply is not None
    assert (reply.body, reply.content_type) == (b"3eZbrw1aB", "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"url_verification",
        b'{"type": "url_verification"}',
        b'{"text": "url_verification", "challenge": "x"}',
        b'{"type": "url_verification", "challenge": "' + b"x" * 600 + b'"}',
    ],
)
def test_no_other_body_is_a_challenge(body: bytes) -> None:
    """A message that speaks of one is a message."""
    assert SOURCE.handshake(Delivery(body, {}, "", NOW)) is None


def test_a_signature_of_slack_is_checked_with_its_clock() -> None:
    """`v0:`, the time and the body; an old one is refused."""
    body, stamp = b'{"text": "x"}', str(int(NOW.timestamp()))
    digest = hmac.new(b"secret", b"v0:" + stamp.encode() + b":" + body, "sha256").hexdigest()
    headers = {"x-slack-signature": f"v0={digest}", "x-slack-request-timestamp": stamp}
    credential = Credential(AuthKind.HMAC, secrets=(b"new", b"secret"), signings=SOURCE.signings)
    assert verify(credential, headers, body, None, NOW) == 1
    for wrong, at in ((b'{"text": "y"}', NOW), (body, NOW + timedelta(minutes=6))):
        with pytest.raises(WrongCredential):
            verify(credential, headers, wrong, None, at)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("*Disk* _full_ on `web-01`", "Disk full on web-01"),
        ("<https://a.example.fr/1|the page> &amp; <@U1|alice>", "the page & alice"),
        ("**[Shop](https://a.example.fr)** is down", "Shop is down"),
        (":fire: 🔥 Hot :white_check_mark:", "Hot"),
        ("snake_case_name at 12:30:45 and 2*3*4", "snake_case_name at 12:30:45 and 2*3*4"),
        ("### Heading\n> quoted", "Heading\nquoted"),
        ("```code```", "code"),
    ],
)
def test_the_marks_of_chats_are_taken_off(written: str, plain: str) -> None:
    """Links keep their words, names their underscores."""
    assert plain_chat(written) == plain


def test_the_first_link_of_a_text_is_kept() -> None:
    """Of Slack's form or of Markdown's."""
    assert first_link("see [a](https://a.example.fr/1) <https://b.example.fr|b>") == "https://a.example.fr/1"
    assert first_link("nothing") == ""


@pytest.mark.parametrize(
    ("color", "mood"),
    [
        ("danger", "bad"),
        ("#D63232", "bad"),
        ("ff9900", "unsure"),
        ("good", "good"),
        ("#2eb886", "good"),
        (16711680, "bad"),
        (65280, "good"),
        ("#439FE0", ""),
        ("", ""),
        (-1, ""),
        ("#ggg", ""),
    ],
)
def test_a_colour_says_how_it_is(color: str | int, mood: str) -> None:
    """By name, in hexadecimal, as a number; blue says nothing."""
    assert mood_of_color(color) == mood
