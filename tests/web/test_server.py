"""The short way of webhooks over a real socket: quicker, and otherwise the same for everybody who sends."""

import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from breach_service.acts.senders import NewSource
from breach_service.store import inbox
from breach_service.web.guard import SECURITY_HEADERS
from breach_service.web.server import Taken, protocol_of
from tests.web.edge import JSON_ALERT, Edge, shared_edge

LIMIT = 4096
PATIENCE = 30


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Line:
    """One connection, and what comes back on it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._held = b""

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self.socket.sendall(part)

    def answer(self) -> Answer:
        while b"\r\n\r\n" not in self._held:
            self._read()
        head, _, rest = self._held.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", 0))
        self._held = rest
        while len(self._held) < length:
            self._read()
        body, self._held = self._held[:length], self._held[length:]
        return Answer(int(first.split()[1]), headers, body)

    def is_closed(self) -> bool:
        return self.socket.recv(1) == b""

    def _read(self) -> None:
        data = self.socket.recv(65536)
        assert data, f"the connection ended after {self._held!r}"
        self._held += data


class Served:
    """The application behind the server's own protocol."""

    def __init__(self, edge: Edge, port: int) -> None:
        self.edge = edge
        self.port = port
        self.sender: NewSource = edge.source("json", "bearer")

    def request(self, body: bytes = JSON_ALERT, *more: str, path: str = "", method: str = "POST", version: str = "1.1",
                secret: str | None = None, length: bool = True) -> bytes:  # fmt: skip
        lines = [
            f"{method} {path or self.sender.path} HTTP/{version}", "Host: test",
            f"Authorization: Bearer {self.sender.secret if secret is None else secret}", *more,
        ]  # fmt: skip
        if length:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with shared_edge(tmp_path_factory.mktemp("server"), max_body_bytes=LIMIT) as edge:
        config = uvicorn.Config(
            edge.app, port=0, log_level="error", access_log=False, lifespan="off",
            http=protocol_of(edge.app.state.context), ws="none",
        )  # fmt: skip
        server = uvicorn.Server(config)
        listening = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield Served(edge, listening.getsockname()[1])
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture
def line(served: Served) -> Iterator[Line]:
    one = Line(served.port)
    yield one
    one.socket.close()


def newest(served: Served) -> inbox.Received:
    with served.edge.service.database.reading() as session:
        return inbox.take(session, served.edge.service.cipher, 100_000)[-1]


def test_many_requests_of_one_connection_are_stored_and_answered_in_turn(served: Served, line: Line) -> None:
    """One after the other, and several written at once without waiting for an answer."""
    before = served.edge.waiting()
    for _ in range(3):
        line.send(served.request())
        assert line.answer().status == 200
    line.send(served.request() * 3)
    answers = [line.answer() for _ in range(3)]
    assert [(one.status, one.body) for one in answers] == [(200, b"stored\n")] * 3
    assert served.edge.waiting() == before + 6


@pytest.mark.parametrize("size", [0, 1, 1000, LIMIT])
def test_what_is_stored_is_what_came(served: Served, line: Line, size: int) -> None:
    """Body, query and headers, in however many pieces they arrive; the credential is left out."""
    body = bytes(number % 256 for number in range(size))
    data = served.request(body, "X-Odd: \xe9\xff", "X-Twice: 1", path=f"{served.sender.path}?a=1&b=%2F")
    line.send(*(data[start : start + 700] for start in range(0, len(data), 700)))
    assert line.answer().status == 200
    kept = newest(served)
    assert (kept.body, kept.query) == (body, "a=1&b=%2F")
    assert kept.headers == {"host": "test", "x-odd": "\xe9\xff", "x-twice": "1", "content-length": str(size)}


def test_both_ways_store_the_same(served: Served, line: Line) -> None:
    """A body without an announced length goes the long way; only the header that says so differs."""
    line.send(served.request())
    line.answer()
    short = newest(served)
    chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (len(JSON_ALERT), JSON_ALERT)
    line.send(served.request(b"", "Transfer-Encoding: chunked", length=False) + chunk)
    assert line.answer().status == 200
    long = newest(served)
    assert (short.source_id, short.query, short.body) == (long.source_id, long.query, long.body)
    assert set(short.headers) ^ set(long.headers) == {"content-length", "transfer-encoding"}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"secret": "wrong"}, 401),
        ({"path": "/webhooks/nobody"}, 401),
        ({"path": "/webhooks/"}, 401),
        ({"body": b" " * (LIMIT + 1)}, 413),
        ({"method": "DELETE"}, 405),
        ({"method": "GET", "body": b""}, 405),
    ],
    ids=str,
)
def test_a_refusal_is_the_same_as_on_the_long_way(
    served: Served, line: Line, change: dict[str, str], status: int
) -> None:
    """Status, sentence and the headers that every page has; nothing is stored."""
    before = served.edge.waiting()
    line.send(served.request(**change))  # type: ignore[arg-type]
    answer = line.answer()
    assert (answer.status, served.edge.waiting()) == (status, before)
    assert answer.body.endswith(b"\n")
    if status == 401:
        assert {name.decode() for name, _ in SECURITY_HEADERS} <= set(answer.headers)


def test_a_secret_in_the_address_opens_the_short_way_too(served: Served, line: Line) -> None:
    """As it does for those who can do nothing else, also with an escaped character in the address."""
    sender = served.edge.source("wazuh", "url")
    for path in (sender.path, sender.path.replace("s", "%73", 1)):
        line.send(served.request(path=path))
        assert line.answer().status == 200


def test_a_sender_that_asks_before_it_sends_is_told_to_go_on(served: Served, line: Line) -> None:
    """`Expect: 100-continue`, as curl says with a large body."""
    data = served.request(JSON_ALERT, "Expect: 100-continue")
    line.send(data[: -len(JSON_ALERT)])
    assert line.answer().status == 100
    line.send(JSON_ALERT)
    assert line.answer().status == 200


@pytest.mark.parametrize(("version", "more"), [("1.0", ()), ("1.1", ("Connection: close",))])
def test_a_connection_ends_where_the_sender_wants_it(
    served: Served, line: Line, version: str, more: tuple[str, ...]
) -> None:
    """After the answer, which says so."""
    line.send(served.request(JSON_ALERT, *more, version=version))
    answer = line.answer()
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert line.is_closed()


def test_a_sender_that_goes_away_half_way_leaves_nothing(served: Served) -> None:
    """The next one is served, and the half body is nowhere."""
    before = served.edge.waiting()
    half, other = Line(served.port), Line(served.port)
    half.send(served.request()[:-10])
    half.socket.close()
    other.send(served.request())
    assert other.answer().status == 200
    other.socket.close()
    assert served.edge.waiting() == before + 1


def test_a_sender_that_has_gone_is_not_wanted_any_more() -> None:
    """Lost before its turn came, a request is not stored: its sender was not answered, and sends again."""
    taken = object.__new__(Taken)
    taken.disconnected = False
    assert taken.is_there()
    taken.disconnected = True
    assert not taken.is_there()


def test_every_answer_has_a_date(served: Served, line: Line) -> None:
    """As HTTP asks of servers with a clock."""
    line.send(served.request())
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", line.answer().headers["date"])


def test_beyond_the_backlog_the_short_way_says_when_to_come_again(tmp_path: Path) -> None:
    """503 with Retry-After, and the connection stays."""
    with shared_edge(tmp_path, backlog_limit=1) as edge:
        server = uvicorn.Server(
            uvicorn.Config(
                edge.app, log_level="error", lifespan="off", ws="none", http=protocol_of(edge.app.state.context)
            )
        )
        listening = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        served = Served(edge, listening.getsockname()[1])
        line = Line(served.port)
        line.send(served.request() * 2)
        answers = [line.answer() for _ in range(2)]
        line.socket.close()
        server.should_exit = True
        thread.join()
        listening.close()
    assert [one.status for one in answers] == [200, 503]
    assert answers[1].headers["retry-after"] == "5"
