"""Alerts are taken, and the process says that it lives, before pages and API are there."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from breach_service.web.later import Later
from tests.web.edge import Edge, shared_edge


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Who knows the database that is asked whether it can be read."""
    with shared_edge(tmp_path_factory.mktemp("later")) as edge:
        yield edge


async def asked(app: ASGIApp, path: str) -> tuple[int, bytes]:
    """The status and body of a GET."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent[1:])


def in_a_loop(edge: Edge, make: Callable[[], ASGIApp], story: Callable[[Later], Awaitable[None]]) -> None:
    async def told() -> None:
        await story(Later(make, edge.app.state.context))

    asyncio.run(told())


def test_who_asks_for_a_page_waits_for_it_and_who_asks_for_health_does_not(edge: Edge) -> None:
    """The page is answered once it is there; until then the process answers for itself and its database."""
    may_go_on = threading.Event()

    def make() -> ASGIApp:
        may_go_on.wait(20)
        return PlainTextResponse("the page")

    async def story(later: Later) -> None:
        page = asyncio.ensure_future(asked(later, "/incidents"))
        assert await asked(later, "/healthz") == (200, b"ok\n")
        assert await asked(later, "/readyz") == (200, b"ready\n")
        assert not page.done()
        may_go_on.set()
        assert await page == (200, b"the page")
        assert await asked(later, "/readyz") == (200, b"the page"), "from now on everything is answered there"

    in_a_loop(edge, make, story)


def test_it_is_made_once_however_many_wait(edge: Edge) -> None:
    """One who goes away in the meantime takes nothing from the others."""
    made: list[int] = []
    may_go_on = threading.Event()

    def make() -> ASGIApp:
        may_go_on.wait(20)
        made.append(1)
        return PlainTextResponse("the page")

    async def story(later: Later) -> None:
        waiting = [asyncio.ensure_future(asked(later, "/")) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        may_go_on.set()
        assert await asyncio.gather(*waiting[1:]) == [(200, b"the page")] * 2

    in_a_loop(edge, make, story)
    assert made == [1]


def test_what_cannot_be_made_is_told_to_everybody_who_asks(edge: Edge) -> None:
    """Health among them: a service without pages is not ready."""

    def make() -> ASGIApp:
        raise RuntimeError("a page is broken")

    async def story(later: Later) -> None:
        for path in ("/", "/readyz"):  # health after the page: a moment before, it would still have been well
            with pytest.raises(RuntimeError, match="a page is broken"):
                await asked(later, path)

    in_a_loop(edge, make, story)


def test_serving_reads_no_page_before_it_listens() -> None:
    """What `serve` needs for the first alert is read at once, and no page, route or sender besides."""
    code = (
        "import sys, breach_service.cli.commands\n"
        "later = ('breach_service.web.views', 'breach_service.sources.senders.')\n"
        "print([one for one in sys.modules if one.startswith(later)"
        " or one in ('breach_service.web.application', 'icalendar', 'alembic', 'webauthn', 'apprise')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
