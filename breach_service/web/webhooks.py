"""`POST /webhooks/{source}` and `/webhooks/{source}/{secret}`: a raw ASGI route, since a flood comes through here.

The answer is 200 only after the body is on disk, whether or not it can be understood: at most senders a 4xx loses the
alert for good (401 wrong credential, 413 too large, 405 wrong method), and 503 with Retry-After makes them send again.
A sender that asks to be let speak (a challenge, a validation token) is answered what it expects.
"""

from collections.abc import Iterable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from breach_service.errors import BacklogFull, WrongCredential
from breach_service.logs import logger
from breach_service.sources.request import Delivery
from breach_service.sources.source import Reply
from breach_service.store.database import Closed
from breach_service.store.waiting import WaitingTask
from breach_service.web.context import Context

RETRY_AFTER = b"5"
"""Seconds."""
METHODS = frozenset({"POST", "PUT", "GET", "HEAD", "OPTIONS"})
ALLOW = b"POST, PUT, GET, OPTIONS"

PREFIX = "/webhooks/"
_TEXT = b"text/plain; charset=utf-8"
STORED: Message = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", _TEXT), (b"content-length", b"7")],
}
STORED_BODY: Message = {"type": "http.response.body", "body": b"stored\n"}

log = logger(__name__)


class TooLarge(Exception):
    """The body is over the limit."""


class WentAway(Exception):
    """The sender left before its body was complete."""


class Webhooks:
    """The ASGI application behind `/webhooks`. `headers` go on every answer but the one that says *stored*."""

    def __init__(self, context: Context, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        self._context = context
        self._headers = tuple(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        name, _, secret = scope["path"].partition(PREFIX)[2].strip("/").partition("/")
        method = scope["method"]
        if method not in METHODS:
            await self._answer(send, 405, b"send alerts by POST\n", (b"allow", ALLOW))
            return
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        try:
            body = await body_of(headers, receive, self._context.max_body_bytes)
        except TooLarge:
            self._context.gate.refuse(name, "too_large")
            await self._answer(send, 413, f"a body has at most {self._context.max_body_bytes} bytes\n".encode())
            return
        except WentAway:  # nobody is left to be answered, and nothing was accepted
            return
        delivery = Delivery(body, headers, scope["query_string"].decode("latin-1"), self._context.now(), method)
        if method in ("POST", "PUT"):
            await self._accept(send, name, secret or None, delivery)
        else:
            await self._greet(send, name, secret or None, delivery)

    async def _greet(self, send: Send, name: str, secret: str | None, delivery: Delivery) -> None:
        """Answer a GET, HEAD or OPTIONS: a sender that asks to be let speak, or one that sends alerts by GET."""
        try:
            reply = self._context.gate.greeting(name, secret, delivery)
        except WrongCredential as error:
            await self._answer(send, 401, f"{error}\n".encode())
            return
        if reply is not None:
            await self._answer_with(send, reply)
        elif delivery.method == "GET" and delivery.query:
            await self._accept(send, name, secret, delivery)
        else:
            await self._answer(send, 405, b"send alerts by POST\n", (b"allow", ALLOW))

    async def _accept(self, send: Send, name: str, secret: str | None, delivery: Delivery) -> None:
        waiting = WaitingTask()
        try:
            self._context.gate.accept(name, secret, delivery, waiting)
            await waiting.future
        except Exception as error:  # noqa: BLE001  # told to the sender, and logged there
            status, sentence, *headers = refusal(error, name)
            await self._answer(send, status, sentence, *headers)
            return
        reply = self._context.gate.reply_to(name, delivery)
        if reply is not None:
            await self._answer_with(send, reply)
        else:
            await send(STORED)
            await send(STORED_BODY)

    async def _answer_with(self, send: Send, reply: Reply) -> None:
        """The answer that a sender's handshake calls for."""
        headers = [(key.encode("latin-1"), value.encode("latin-1", "replace")) for key, value in reply.headers]
        await self._answer(send, 200, reply.body, *headers, content_type=reply.content_type.encode("latin-1"))

    async def _answer(
        self, send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes], content_type: bytes = _TEXT
    ) -> None:
        """A short plain answer."""
        length = (b"content-length", str(len(body)).encode())
        head = [(b"content-type", content_type), length, *headers, *self._headers]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})


class WebhooksFirst:
    """Everything else behind the webhooks: a flood does not go through the routes and guards that it has no use for."""

    def __init__(self, webhooks: ASGIApp, others: ASGIApp) -> None:
        self._webhooks = webhooks
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or do what else the server asks for."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self._webhooks(scope, receive, send)
        else:
            await self._others(scope, receive, send)


def refusal(error: Exception, name: str) -> tuple[Any, ...]:
    """What a sender is told whose request was not stored: the status, a sentence, more headers.

    Whatever it was that failed, a sender that is told 503 keeps the alert and sends it again.
    """
    if isinstance(error, WrongCredential):
        return 401, f"{error}\n".encode()
    if isinstance(error, BacklogFull | Closed):
        return 503, f"{error}\n".encode(), (b"retry-after", RETRY_AFTER)
    log.error("not_stored", source=name, error=type(error).__name__, exc_info=error)
    return 503, b"it could not be stored: send it again\n", (b"retry-after", RETRY_AFTER)


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
