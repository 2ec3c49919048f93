"""What all measures share: prepared databases, the body, rounds in which the bare route and the service take turns."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.bodies import body_like, bytes_of
from tests.bench.client import Load, send
from tests.bench.serving import Ours, Postgres, Prepared, Server, baseline, ours, prepared

BODY = body_like("web_exploit")
"""Each of these is placed in an incident, and the incident is assessed."""


@dataclass
class Stage:
    """Made as it is needed, and cleared away by `close`."""

    directory: Path
    say: Callable[[str], object]
    _prepared: dict[bool, Prepared] = field(default_factory=dict)
    _postgres: Postgres | None = None

    def prepared(self, *, postgres: bool = False) -> Prepared:
        """An empty service to copy."""
        if postgres and self._postgres is None:
            self._postgres = Postgres()
        if postgres not in self._prepared:
            name = "postgres" if postgres else "sqlite"
            self._prepared[postgres] = prepared(self.directory / name, self._postgres if postgres else None)
        return self._prepared[postgres]

    @contextmanager
    def service(
        self, *, postgres: bool = False, with_worker: bool = True, **settings: object
    ) -> Iterator[Ours]:  # fmt: skip
        """The service on an empty database of its own."""
        with ours(self.prepared(postgres=postgres), with_worker=with_worker, **settings) as server:
            yield server

    def bare(self, connections: int, seconds: float, alerts: int = 1) -> tuple[Load, float]:
        """The bare route under the same load, and its CPU seconds per 1000 requests."""
        with baseline(self.directory) as server:
            before = server.cpu()
            load = send(load_of(server, "", connections, seconds, alerts))
            return load, (server.cpu() - before) / max(1, load.statuses[200]) * 1000

    def close(self) -> None:
        """End the database server."""
        if self._postgres is not None:
            self._postgres.stop()


def load_of(server: Server, secret: str, connections: int, seconds: float, alerts: int = 1, **more: object) -> Load:
    """Different alerts, so many to a request."""
    return Load(
        server.address, secret, lambda number: bytes_of(BODY, number * alerts, alerts), connections, seconds,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip
