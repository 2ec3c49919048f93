"""HTTP as uvicorn speaks it, with a short way for webhooks: in a flood the routing costs more than the storing.

What takes the short way: a POST with an announced length to a source whose requests are all answered alike. Its head
and body are read by the same parser, checked and stored by the same gate and answered in one write, without a task, a
scope and messages in between. Everything else, and what comes behind a request that is not answered yet, goes to the
application.
"""

from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from breach_service.sources.request import Delivery
from breach_service.web.context import Context
from breach_service.web.guard import SECURITY_HEADERS
from breach_service.web.webhooks import PREFIX, STORED, STORED_BODY, refusal

_PREFIX = PREFIX.encode()


def protocol_of(context: Context) -> type[HttpToolsProtocol]:
    """The protocol of a server around that context."""
    return type("Protocol", (WebhookProtocol,), {"context": context})


class WebhookProtocol(HttpToolsProtocol):
    """One connection."""

    context: Context
    _taken: "Taken | None" = None
    """The request that is being read on the short way."""

    def on_headers_complete(self) -> None:
        """Choose the way."""
        self._taken = None
        if self.url.startswith(_PREFIX) and (self.cycle is None or self.cycle.response_complete):
            self._taken = self._take()
        if self._taken is None:
            super().on_headers_complete()

    def _take(self) -> "Taken | None":
        """The request, where it may go the short way."""
        path, _, query = self.url.partition(b"?")
        if (
            self.parser.get_method() != b"POST"
            or self.expect_100_continue
            or b"%" in path
            or self.parser.should_upgrade()
        ):
            return None
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self.headers}
        length = headers.get("content-length", "")
        if not length.isdecimal() or int(length) > self.context.max_body_bytes:
            return None
        name, _, secret = path[len(_PREFIX) :].decode("latin-1").strip("/").partition("/")
        if not self.context.gate.is_only_told(name):
            return None
        taken = Taken(self, name, secret or None, headers, query.decode("latin-1"))
        # A server that stops, a connection that is lost and requests that come behind look at this.
        self.cycle = cast(RequestResponseCycle, taken)
        return taken

    def on_body(self, body: bytes) -> None:
        """Collect it."""
        if self._taken is None:
            super().on_body(body)
        else:
            self._taken.parts.append(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        if self._taken is None:
            super().on_message_complete()
        else:
            taken, self._taken = self._taken, None
            taken.accept()


class Taken:
    """One request on the short way; it waits for the disk. To uvicorn it is a cycle of request and response."""

    def __init__(
        self, protocol: WebhookProtocol, name: str, secret: str | None, headers: dict[str, str], query: str
    ) -> None:
        self.loop = protocol.loop
        self.parts: list[bytes] = []
        self.response_complete = False
        self.disconnected = False
        self.keep_alive = protocol.parser.get_http_version() != "1.0" and protocol.parser.should_keep_alive()
        self.message_event = self
        self._protocol = protocol
        self._name = name
        self._secret = secret
        self._headers = headers
        self._query = query

    def set(self) -> None:
        """As an event: nobody waits for it."""

    def accept(self) -> None:
        """Hand it to the gate."""
        context = self._protocol.context
        body = self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)
        self.parts.clear()
        delivery = Delivery(body, self._headers, self._query, context.now())
        try:
            context.gate.accept(self._name, self._secret, delivery, self)
        except Exception as error:  # noqa: BLE001  # told to the sender, and logged there
            self.tell(error)

    def is_there(self) -> bool:
        """False where the connection was lost."""
        return not self.disconnected

    def tell(self, error: Exception | None) -> None:
        """Answer."""
        if self.disconnected:
            return
        if error is None:
            self._write(200, STORED["headers"], STORED_BODY["body"])
        else:
            status, sentence, *headers = refusal(error, self._name)
            length = (b"content-length", str(len(sentence)).encode())
            self._write(
                status, [(b"content-type", b"text/plain; charset=utf-8"), length, *headers, *SECURITY_HEADERS], sentence
            )

    def _write(self, status: int, headers: Any, body: bytes) -> None:
        protocol = self._protocol
        lines = [STATUS_LINE[status]]
        for name, value in (*protocol.server_state.default_headers, *headers):
            lines += (name, b": ", value, b"\r\n")
        lines += (b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n", body)
        protocol.transport.write(b"".join(lines))
        self.response_complete = True
        if not self.keep_alive:
            protocol.transport.close()
        protocol.on_response_complete()
