"""`POST /webhooks/{source}` and `/webhooks/{source}/{secret}`: a raw ASGI route, since a flood comes through here.

The answer is 200 only after the body is on disk, whether or not it can be understood: at most senders a 4xx loses the
alert for good (401 wrong credential, 413 too large, 405 wrong method), and 503 with Retry-After makes them send again.
A sender that asks to be let speak (a challenge, a validation token) is answered what it expects.
"""

import asyncio

from starlette.types import Message, Receive, Scope, Send

from breach_service.errors import BacklogFull, WrongCredential
from breach_service.logs import logger
from breach_service.metrics import timed
from breach_service.sources.request import Delivery
from breach_service.sources.source import Reply
from breach_service.store.database import Closed
from breach_service.web.context import Context

RETRY_AFTER = b"5"
"""Seconds."""
METHODS = frozenset({"POST", "PUT", "GET", "HEAD", "OPTIONS"})
ALLOW = b"POST, PUT, GET, OPTIONS"

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
        method, query = scope["method"], scope["query_string"].decode("latin-1")
        if method not in METHODS:
            await answer(send, 405, b"send alerts by POST\n", (b"allow", ALLOW))
            return
        try:
            body = await body_of(headers, receive, self._context.max_body_bytes)
        except TooLarge:
            self._context.gate.refuse(name, "too_large")
            await answer(send, 413, f"a body has at most {self._context.max_body_bytes} bytes\n".encode())
            return
        except WentAway:  # nobody is left to be answered, and nothing was accepted
            return
        delivery = Delivery(body, headers, query, self._context.now(), method)
        if method in ("POST", "PUT"):
            await self._accept(send, name, secret or None, delivery)
        else:
            await self._greet(send, name, secret or None, delivery)

    async def _greet(self, send: Send, name: str, secret: str | None, delivery: Delivery) -> None:
        """Answer a GET, HEAD or OPTIONS: a sender that asks to be let speak, or one that sends alerts by GET."""
        try:
            reply = self._context.gate.greeting(name, secret, delivery)
        except WrongCredential as error:
            await answer(send, 401, f"{error}\n".encode())
            return
        if reply is not None:
            await answer_with(send, reply)
        elif delivery.method == "GET" and delivery.query:
            await self._accept(send, name, secret, delivery)
        else:
            await answer(send, 405, b"send alerts by POST\n", (b"allow", ALLOW))

    async def _accept(self, send: Send, name: str, secret: str | None, delivery: Delivery) -> None:
        gate = self._context.gate
        try:
            with timed("receive"):
                stored = gate.receive(
                    name, secret, delivery.headers, delivery.query, delivery.body, delivery.received_at, delivery.method
                )
                await asyncio.wrap_future(stored)
        except WrongCredential as error:
            await answer(send, 401, f"{error}\n".encode())
        except (BacklogFull, Closed) as error:
            await answer(send, 503, f"{error}\n".encode(), (b"retry-after", RETRY_AFTER))
        except Exception as error:  # not stored: the sender must keep it and send again
            log.error("not_stored", source=name, error=type(error).__name__, exc_info=error)
            await answer(send, 503, b"it could not be stored: send it again\n", (b"retry-after", RETRY_AFTER))
        else:
            reply = gate.reply_to(name, delivery)
            await (answer_with(send, reply) if reply is not None else answer(send, 200, b"stored\n"))


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


async def answer_with(send: Send, reply: Reply) -> None:
    """The answer that a sender's handshake calls for."""
    headers = [(key.encode("latin-1"), value.encode("latin-1", "replace")) for key, value in reply.headers]
    await answer(send, 200, reply.body, *headers, content_type=reply.content_type.encode("latin-1"))


async def answer(
    send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes],
    content_type: bytes = b"text/plain; charset=utf-8",
) -> None:  # fmt: skip
    """A short plain answer."""
    head = [(b"content-type", content_type), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
