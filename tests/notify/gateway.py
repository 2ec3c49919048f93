"""A real HTTP server on this machine, in the place of an ntfy, a Signal gateway or a webhook."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Gateway:
    """An HTTP server that remembers what came; answers as it is told to."""

    port: int
    status: int = 200
    location: str = ""
    paths: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    waits_for: threading.Event | None = None


@contextmanager
def listening() -> Iterator[Gateway]:
    """A server on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            gateway.paths.append(self.path)
            gateway.bodies.append(json.loads(body))
            if gateway.waits_for is not None:
                gateway.waits_for.wait(20)
            self.send_response(gateway.status)
            if gateway.location:
                self.send_header("location", gateway.location)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway = Gateway(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
