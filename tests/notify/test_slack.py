"""Slack over HTTP, as its API answers; the other side is a small server on this machine."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.notify.channel import Card, DeliveryFailed, DeliveryFault
from breach_service.notify.slack import Slack, blocks_of, escaped

CARD = Card(
    reference="INC-2026-0001", headline="Porte dérobée web : Application", status="Suspecté",
    pairs=(("Systèmes", "Application"), ("Risque", "de « improbable » à « élevé »")),
    clocks=("CNIL : jeudi 26 novembre 2026 à 9 h 00 (provisoire)",), link="https://breach.example/incidents/INC-2026-0001",
    link_words="Ouvrir l’incident", key="card:slack:1:a",
)  # fmt: skip


@dataclass
class Answer:
    """One answer of the other side."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def ok(**more: Any) -> Answer:
    return Answer(body=json.dumps({"ok": True, "channel": "C1", "ts": "1795.0001", **more}).encode())


def no(word: str, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps({"ok": False, "error": word}).encode(), named)


class StandIn:
    """Gives the answers that it was told, in order, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.tokens: set[str] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.calls.append((self.path, sent))
                outer.tokens.add(self.headers["Authorization"])
                answer = outer.answers.pop(0)
                self.send_response(answer.status)
                headers = {
                    "Content-Type": "application/json",
                    "Content-Length": str(len(answer.body)),
                    **answer.headers,
                }
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/api/"

    @property
    def asked(self) -> list[str]:
        """Which methods were called."""
        return [path.rsplit("/", 1)[-1] for path, _ in self.calls]


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """Listening on loopback."""
    one = StandIn()
    thread = threading.Thread(target=one.server.serve_forever, args=(0.01,))
    thread.start()
    yield one
    one.server.shutdown()
    thread.join()
    one.server.server_close()


@pytest.fixture
def slack(stand_in: StandIn) -> Slack:
    """The channel under test."""
    return Slack("xoxb-tests", "C0", stand_in.address)


def failure(slack: Slack) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        slack.show_card(CARD, None)
    return caught.value


def test_a_card_is_posted_to_the_channel(slack: Slack, stand_in: StandIn) -> None:
    """With the bot's token, a text for notifications, its blocks and the key of the sending; its place comes back."""
    stand_in.answers = [ok()]
    assert slack.show_card(CARD, None) == "C1:1795.0001"
    ((path, sent),) = stand_in.calls
    assert path == "/api/chat.postMessage"
    assert stand_in.tokens == {"Bearer xoxb-tests"}
    assert (sent["channel"], sent["text"]) == ("C0", "INC-2026-0001 Porte dérobée web : Application")
    assert sent["blocks"] == blocks_of(CARD)
    assert sent["metadata"]["event_payload"] == {"key": "card:slack:1:a"}


def test_a_card_that_stands_there_is_edited(slack: Slack, stand_in: StandIn) -> None:
    """In the channel in which it stands, whatever channel is set today."""
    stand_in.answers = [ok()]
    assert slack.show_card(CARD, "C7:1700.0007") == "C7:1700.0007"
    ((path, sent),) = stand_in.calls
    assert path == "/api/chat.update"
    assert (sent["channel"], sent["ts"]) == ("C7", "1700.0007")


@pytest.mark.parametrize("word", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_a_card_that_cannot_be_edited_any_more_is_posted_anew(slack: Slack, stand_in: StandIn, word: str) -> None:
    """Somebody deleted it, or the workspace closes old messages."""
    stand_in.answers = [no(word), ok()]
    assert slack.show_card(CARD, "C0:1700.0007") == "C1:1795.0001"
    assert stand_in.asked == ["chat.update", "chat.postMessage"]


def test_a_sentence_goes_under_the_card(slack: Slack, stand_in: StandIn) -> None:
    """Or into the channel, where there is no card yet."""
    stand_in.answers = [ok(), ok()]
    slack.say("INC-2026-0001 <!channel> & co", "C7:1700.0007", "reminder:a")
    slack.say("again", None, "reminder:b")
    first, second = (sent for _, sent in stand_in.calls)
    assert (first["channel"], first["thread_ts"]) == ("C7", "1700.0007")
    assert first["text"] == "INC-2026-0001 &lt;!channel&gt; &amp; co"
    assert second["channel"] == "C0"
    assert "thread_ts" not in second


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (no("ratelimited", 429, Retry_After="30"), 30),
        (no("ratelimited", 429, retry_after="30"), 30),
        (Answer(429, b"", {"Retry-After": "7"}), 7),
        (no("ratelimited", 429), 1),
        (no("ratelimited", 429, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"), 1),
        (no("rate_limited"), 1),
    ],
)
def test_slack_may_ask_to_wait(slack: Slack, stand_in: StandIn, answer: Answer, wait: float) -> None:
    """As long as it says."""
    stand_in.answers = [answer]
    found = failure(slack)
    assert (found.reason, found.is_permanent, found.retry_after) == (DeliveryFault.RATE_LIMITED, False, wait)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, b'{"ok": false, "error": "fatal_error"}'),
        Answer(503, b"<html>maintenance</html>", {"Content-Type": "text/html"}),
        Answer(502, b""),
    ],
)
def test_a_failing_slack_is_tried_again(slack: Slack, stand_in: StandIn, answer: Answer) -> None:
    """Also where it answers with a page instead of JSON."""
    stand_in.answers = [answer]
    found = failure(slack)
    assert (found.reason, found.is_permanent) == (DeliveryFault.UNREACHABLE, False)
    assert str(answer.status) in str(found)


def test_a_slack_that_is_not_there_is_tried_again(stand_in: StandIn) -> None:
    """Nobody listens."""
    stand_in.server.server_close()
    found = failure(Slack("xoxb-tests", "C0", stand_in.address))
    assert (found.reason, found.is_permanent) == (DeliveryFault.UNREACHABLE, False)


@pytest.mark.parametrize("body", [b"<html>a captive portal</html>", b"[]", b""])
def test_an_answer_that_is_none_is_tried_again(slack: Slack, stand_in: StandIn, body: bytes) -> None:
    """A proxy answers in Slack's place."""
    stand_in.answers = [Answer(200, body)]
    found = failure(slack)
    assert not found.is_permanent


@pytest.mark.parametrize(
    ("word", "is_permanent"),
    [
        ("invalid_auth", True), ("token_revoked", True), ("channel_not_found", True), ("is_archived", True),
        ("not_in_channel", True), ("internal_error", False), ("some_new_error", False),
    ],
)  # fmt: skip
def test_what_slack_refuses_is_given_up_where_a_person_must_mend_it(
    slack: Slack, stand_in: StandIn, word: str, is_permanent: bool
) -> None:
    """The sentence names Slack's own word; the token is never in it."""
    stand_in.answers = [no(word)]
    found = failure(slack)
    assert (found.reason, found.is_permanent) == (DeliveryFault.REFUSED, is_permanent)
    assert word in str(found)
    assert "xoxb" not in str(found)


HOSTILE = st.text(max_size=400) | st.sampled_from(["<!channel>", "&" * 9000, "<@U1>" * 900, "é" * 9000, ""])


@given(
    headline=HOSTILE, status=HOSTILE, pairs=st.lists(st.tuples(HOSTILE, HOSTILE), max_size=15).map(tuple),
    clocks=st.lists(HOSTILE, max_size=60).map(tuple), notes=st.lists(HOSTILE, max_size=60).map(tuple), link=HOSTILE,
)  # fmt: skip
def test_a_card_keeps_within_the_limits_of_slack_whatever_it_holds(link: str, **parts: Any) -> None:
    """50 blocks; 150 characters in a header, 3000 in a section, 2000 in a field, 10 fields, 75 on a button."""
    card = Card(reference="INC-2026-0001", link=link, link_words=link, **parts)
    blocks = blocks_of(card)
    assert len(blocks) <= 50
    for block in blocks:
        match block["type"]:
            case "header":
                assert 1 <= len(block["text"]["text"]) <= 150
            case "section":
                assert len(block["text"]["text"]) <= 3000
                assert len(block.get("fields", [])) <= 10
                assert all(1 <= len(one["text"]) <= 2000 for one in block.get("fields", []))
            case "actions":
                (button,) = block["elements"]
                assert len(button["text"]["text"]) <= 75
                assert len(button["url"]) <= 3000


@given(value=HOSTILE)
def test_nothing_of_a_value_becomes_a_mention_or_a_link(value: str) -> None:
    """No control sequence of Slack is left, no escape is cut in two, and addresses are not made into links."""
    blocks = blocks_of(Card("INC-2026-0001", "a", "b", ((value, value),), (value,), (value,)))
    for block in blocks[1:]:
        for text in (block["text"], *block.get("fields", [])):
            assert text["text"]
            assert text["verbatim"] is True
            assert not set(text["text"]) & {"<", ">"}
            assert re.fullmatch(r"(?:[^&]|&(?:amp|lt|gt);)*", text["text"], re.DOTALL)


@given(value=st.text())
def test_escaping_loses_nothing(value: str) -> None:
    """What people read is what was meant."""
    assert escaped(value).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == value
