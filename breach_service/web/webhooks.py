"""`POST /webhooks/{source}` and `/webhooks/{source}/{secret}`: a raw ASGI route, since a flood comes through here.

The answer is 200 only after the body is on disk, whether or not it can be understood: at most senders a 4xx loses the
alert for good (401 wrong credential, 413 too large, 405 wrong method), and 503 with Retry-After makes them send again.
"""

import asyncio

from starlette.types import Message, Receive, Scope, Send

from breach_service.errors import BacklogFull, WrongCredential
from breach_service.logs import logger
from breach_service.metrics import timed
from breach_service.store.database import Closed
from breach_service.web.context import Context

RETRY_AFTER = b"5"
"""Seconds."""

log = logger(__name__)


class TooLarge(Exception):
    """The body is over the limit."""


class WentAway(Exception):
    """The sender left before its body was complete."""


class Webhooks:
    """The ASGI application behind `/webhooks`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        name, _, secret = scope["path"].removeprefix(scope.get("root_path", "")).strip("/").partition("/")
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        if scope["method"] != "POST":
            await answer(send, 405, b"send alerts by POST\n", (b"allow", b"POST"))
            return
        try:
            body = await body_of(headers, receive, self._context.max_body_bytes)
        except TooLarge:
            self._context.gate.refuse(name, "too_large")
            await answer(send, 413, f"a body has at most {self._context.max_body_bytes} bytes\n".encode())
            return
        except WentAway:  # nobody is left to be answered, and nothing was accepted
            return
        await self._accept(send, name, secret or None, headers, scope["query_string"].decode("latin-1"), body)

    async def _accept(
        self, send: Send, name: str, secret: str | None, headers: dict[str, str], query: str, body: bytes
    ) -> None:
        context = self._context
        try:
            with timed("receive"):
                stored = context.gate.receive(name, secret, headers, query, body, context.now())
                await asyncio.wrap_future(stored)
        except WrongCredential as error:
            await answer(send, 401, f"{error}\n".encode())
        except (BacklogFull, Closed) as error:
            await answer(send, 503, f"{error}\n".encode(), (b"retry-after", RETRY_AFTER))
        except Exception as error:  # not stored: the sender must keep it and send again
            log.error("not_stored", source=name, error=type(error).__name__, exc_info=error)
            await answer(send, 503, b"it could not be stored: send it again\n", (b"retry-after", RETRY_AFTER))
        else:
            await answer(send, 200, b"stored\n")


async def body_of(headers: dict[str, str], receive: Receive, limit: int) -> bytes:
    """The whole body; TooLarge as soon as it is over the limit, announced or not; WentAway where it stays half."""
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise TooLarge
    parts: list[bytes] = []
    size = 0
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise WentAway
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise TooLarge
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def answer(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    """A short plain answer."""
    head = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
