"""A backup is whole, checked and restorable into either database; what is restored tells nobody twice."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlmodel import Session, select

from breach_service.acts import backups
from breach_service.acts.backups import Made, Restored
from breach_service.app import OPERATOR, Service, check_key, open_service
from breach_service.domain.access import Actor, UserRole
from breach_service.errors import ConfigurationError, InvalidCommand, NotAllowed
from breach_service.settings import Settings
from breach_service.store import outbox, timeline
from breach_service.store.backups import files, rows, snapshot
from breach_service.store.backups.aftercare import RESTORED
from breach_service.store.cipher import Cipher
from breach_service.store.expected_tables import BackupRow
from breach_service.store.migrations import differences
from breach_service.store.tables import OutboxRow, SealRow
from tests.conftest import Clock, settings_for
from tests.pipeline.incoming import SCAN, WEB_SHELL, Incoming

VERSION = "1.2.3"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def busy(service: Service) -> Service:
    """On each database in turn, with an incident, a seal and a message that waits."""
    incoming = Incoming(service)
    incoming.alert(WEB_SHELL, SCAN)
    service.worker().seal(service.now())
    return service


def make(service: Service, file: Path) -> Made:
    return backups.back_up(service.database, OPERATOR, file, VERSION, service.now())


def engine_for(settings: Settings) -> Engine:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return create_engine(settings.sqlalchemy_url(), poolclass=NullPool)


def _url(settings: Settings) -> str:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return settings.sqlalchemy_url()


def put_back(service: Service, file: Path, settings: Settings, **options: bool) -> Restored:
    def fits(session: Session) -> None:
        check_key(session, service.cipher)

    return backups.restore(_url(settings), OPERATOR, file, fits, service.now() + timedelta(hours=1), **options)


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return rows.counts_of(connection)


def altered(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """The tables whose rows are more or fewer, and by how many."""
    return {name: after[name] - before[name] for name in before if after[name] != before[name]}


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
def test_what_was_backed_up_is_there_again(
    busy: Service, target: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """From each database into each: every row of every table, the chain of seals whole, the schema complete."""
    before, file = counts(busy.database.engine), tmp_path / "b.sqlite3"
    made = make(busy, file)
    assert counts(snapshot.engine_of(file)) == before
    url = _another_postgres(request) if target == "postgres" else None
    settings = settings_for(tmp_path / "new", url)
    done = put_back(busy, file, settings)
    engine = engine_for(settings)
    assert (done.manifest, done.former) == (made.manifest, None)
    # A line of the chronology says that it was restored; the messages that waited have one more delivery each.
    added = {"timeline_entry": 1, "timeline_detail": 1, "delivery": done.given_up}
    assert altered(before, counts(engine)) == {name: more for name, more in added.items() if more}
    assert differences(engine) == []
    with Session(engine) as session:
        assert timeline.broken_seals(session) == []
        assert timeline.chain_head(session)[:2] == (made.manifest.seals, made.manifest.head)
    _goes_on(settings, busy.now() + timedelta(hours=2))


def _another_postgres(request: pytest.FixtureRequest) -> str:
    """An empty database that only this test knows."""
    server = str(request.getfixturevalue("postgres")).replace("postgresql://", "postgresql+psycopg://")
    engine, name = create_engine(server, isolation_level="AUTOCOMMIT"), f"restored{os.getpid()}x{time.monotonic_ns()}"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    base, _, query = server.partition("?")
    return f"{base.rsplit('/', 1)[0]}/{name}{'?' + query if query else ''}"


def _goes_on(settings: Settings, at: object) -> None:
    """The service starts on it, takes an alert, opens a new row of everything, and seals it."""
    service = open_service(settings)
    service.now = Clock(at)  # type: ignore[arg-type]
    try:
        incoming = Incoming(service, "after")
        incoming.alert(WEB_SHELL, id="after", host="db-01")
        service.worker().seal(service.now())
        with service.database.reading() as session:
            assert timeline.broken_seals(session) == []
            assert session.exec(select(SealRow)).all()
    finally:
        service.close()


def test_a_backup_is_a_checked_file_that_its_owner_alone_may_read(busy: Service, tmp_path: Path) -> None:
    """With its digest beside it as `sha256sum --check` reads it, and nothing else left; its success is noted."""
    directory = tmp_path / "backups"
    directory.mkdir()
    made = make(busy, directory / "b.sqlite3")
    assert sorted(one.name for one in directory.iterdir()) == ["b.sqlite3", "b.sqlite3.sha256"]
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert (directory / "b.sqlite3.sha256").read_text() == f"{made.digest}  b.sqlite3\n"
    assert made.digest == files.digest_of(made.file)
    with busy.database.reading() as session:
        kept = session.exec(select(BackupRow)).one()
    assert (kept.at, kept.digest, kept.size, kept.seals) == (busy.now(), made.digest, made.size, made.manifest.seals)


def test_the_key_is_not_in_it(sqlite_service: Service, tmp_path: Path) -> None:
    """Whoever finds the file opens nothing that is sealed."""
    key = sqlite_service.settings.secret_key
    assert key is not None
    make(sqlite_service, tmp_path / "b.sqlite3")
    assert key.get_secret_value().encode() not in (tmp_path / "b.sqlite3").read_bytes()


def test_the_service_writes_on_while_it_is_backed_up(busy: Service, tmp_path: Path) -> None:
    """A snapshot: what is written meanwhile is in it whole, or not at all."""
    entries = [make(busy, tmp_path / f"{number}.sqlite3") and _more(busy, number) for number in range(3)]
    for number, _ in enumerate(entries):
        snapshot.check(tmp_path / f"{number}.sqlite3")


def _more(service: Service, number: int) -> int:
    Incoming(service, f"more{number}")
    return number


def test_messages_that_waited_are_not_sent_again(busy: Service, tmp_path: Path) -> None:
    """They may have gone out since: they stay visible as given up, unless somebody wants them sent."""
    file = tmp_path / "b.sqlite3"
    with busy.database.reading() as session:
        waiting = sum(count for count, _ in outbox.pending(session).values())
    assert waiting > 0
    make(busy, file)
    for name, options, sent in (("held", {}, 0), ("sent", {"sends_waiting": True}, waiting)):
        settings = settings_for(tmp_path / name)
        assert put_back(busy, file, settings, **options).given_up == waiting - sent
        with Session(engine_for(settings)) as session:
            assert sum(count for count, _ in outbox.pending(session).values()) == sent
            held = session.exec(select(OutboxRow.error).where(OutboxRow.error == RESTORED)).all()
            assert len(held) == waiting - sent


def test_nothing_is_replaced_unless_that_was_said(busy: Service, tmp_path: Path) -> None:
    """And then what was there is kept beside it, on SQLite."""
    file, settings = tmp_path / "b.sqlite3", settings_for(tmp_path / "new")
    make(busy, file)
    put_back(busy, file, settings)
    with pytest.raises(InvalidCommand, match="holds something already: say --replace"):
        put_back(busy, file, settings)
    done = put_back(busy, file, settings, replaces=True)
    assert done.former is not None
    assert done.former.name == "breach.sqlite3.before-20261123T090000Z"
    with Session(snapshot.engine_of(done.former)) as session:
        assert timeline.broken_seals(session) == []


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_postgres_database_is_replaced_as_a_whole(busy: Service, tmp_path: Path) -> None:
    """In one transaction; what came since the backup is gone, and the evidence is insert-only as before."""
    file = tmp_path / "b.sqlite3"
    make(busy, file)
    before = counts(snapshot.engine_of(file))
    Incoming(busy, "since").alert(WEB_SHELL, id="since")
    settings = busy.settings
    busy.close()
    put_back(busy, file, settings, replaces=True)
    engine = engine_for(settings)
    assert altered(before, counts(engine)).keys() <= {"timeline_entry", "timeline_detail", "delivery"}
    assert differences(engine) == []
    with pytest.raises(Exception, match="insert-only"), engine.begin() as connection:
        connection.execute(text("UPDATE seal SET digest = 'x'"))


def test_a_running_service_is_not_pulled_away(busy: Service, tmp_path: Path) -> None:
    """Its worker holds a lease: it must be stopped first, whatever else was said."""
    file = tmp_path / "b.sqlite3"
    make(busy, file)
    busy.worker().turn(busy.now() + timedelta(hours=1))
    with pytest.raises(InvalidCommand, match="the service is running on this database"):
        put_back(busy, file, busy.settings, replaces=True)


def test_another_key_is_refused(busy: Service, tmp_path: Path) -> None:
    """Before anything was put in place: with that key nothing could be read."""
    file, settings = tmp_path / "b.sqlite3", settings_for(tmp_path / "new")
    Incoming(busy, "signed").connect("hmac", auth="hmac")
    make(busy, file)
    other = Cipher(bytes(32))

    def fits(session: Session) -> None:
        check_key(session, other)

    with pytest.raises(ConfigurationError):
        backups.restore(_url(settings), OPERATOR, file, fits, busy.now())
    assert not (settings.data_dir / "breach.sqlite3").exists()


def spoil(change: Callable[[Path], None], drops_digest: bool = True) -> Callable[[Path], None]:
    def spoiled(file: Path) -> None:
        change(file)
        if drops_digest:
            files.digest_file(file).unlink()

    return spoiled


def _one_byte(file: Path) -> None:
    held = bytearray(file.read_bytes())
    held[len(held) // 2] ^= 0xFF
    file.write_bytes(held)


def _altered_entry(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DROP TRIGGER timeline_entry_refuses_update")
        connection.execute("UPDATE timeline_entry SET actor = 'nobody' WHERE id = 1")


def _of_the_future(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE backup_manifest SET value = '9999' WHERE name = 'revision'")


def _no_manifest(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DROP TABLE backup_manifest")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (spoil(_one_byte, drops_digest=False), "is not what was backed up"),
        (spoil(lambda file: file.write_bytes(b"not a database at all")), "is no backup"),
        (spoil(lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])), "is no backup|damaged"),
        (spoil(_no_manifest), "is no backup"),
        (spoil(_altered_entry), "the chronology of this backup does not hold"),
        (spoil(_of_the_future), r"made by release 1\.2\.3, which is newer"),
        (spoil(Path.unlink), "there is no file"),
    ],
)
def test_what_is_spoilt_is_not_restored(
    sqlite_service: Service, tmp_path: Path, change: Callable[[Path], None], sentence: str
) -> None:
    """A changed byte, half a file, an altered line of the chronology: the database stays as it was."""
    Incoming(sqlite_service).alert(WEB_SHELL)
    sqlite_service.worker().seal(sqlite_service.now())
    file, settings = tmp_path / "b.sqlite3", settings_for(tmp_path / "new")
    make(sqlite_service, file)
    change(file)
    with pytest.raises(InvalidCommand, match=sentence):
        put_back(sqlite_service, file, settings)
    assert list(settings.data_dir.iterdir()) == []


def test_a_chronology_that_was_altered_is_not_backed_up_as_if_it_were_sound(
    sqlite_service: Service, tmp_path: Path
) -> None:
    """The older backup of that name stays."""
    file = tmp_path / "b.sqlite3"
    sqlite_service.worker().seal(sqlite_service.now())
    make(sqlite_service, file)
    before = file.read_bytes()
    with sqlite_service.database.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER timeline_entry_refuses_update"))
        connection.execute(text("UPDATE timeline_entry SET actor = 'nobody' WHERE id = 1"))
    with pytest.raises(InvalidCommand, match="register verify"):
        make(sqlite_service, file)
    assert file.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir() if one.name.endswith(".part")] == []


def test_where_nothing_can_be_written_that_is_said(sqlite_service: Service, tmp_path: Path) -> None:
    """No directory, no file: with the remedy."""
    with pytest.raises(InvalidCommand, match="there is no directory"):
        make(sqlite_service, tmp_path / "none" / "b.sqlite3")
    with pytest.raises(InvalidCommand, match="is no file"):
        make(sqlite_service, tmp_path)


def test_only_who_holds_the_machine_backs_up_and_restores(sqlite_service: Service, tmp_path: Path) -> None:
    """Not even an administrator: whoever has the file has everything that is not sealed."""
    admin = Actor("A", UserRole.ADMIN, person=1)
    with pytest.raises(NotAllowed):
        backups.back_up(sqlite_service.database, admin, tmp_path / "b", VERSION, sqlite_service.now())
    with pytest.raises(NotAllowed):
        backups.restore(_url(sqlite_service.settings), admin, tmp_path / "b", lambda _: None, sqlite_service.now())


KILLED = """
import os, signal, sys
from pathlib import Path
from breach_service.acts import backups
from breach_service.app import OPERATOR, open_service
from breach_service.settings import settings_from_environment
from breach_service.store.backups import files, snapshot

sound = snapshot.check
def check(file):
    sound(file)
    os.kill(os.getpid(), signal.SIGKILL)  # all is written, and the file has not got its name yet
snapshot.check = check
service = open_service(settings_from_environment())
backups.back_up(service.database, OPERATOR, Path(sys.argv[1]), "1", service.now())
"""


def test_killed_in_the_middle_no_half_file_has_the_name(sqlite_service: Service, tmp_path: Path) -> None:
    """The older backup stays whole; what is left of the new one says by its name that it is a part."""
    file = tmp_path / "b.sqlite3"
    make(sqlite_service, file)
    before = file.read_bytes()
    settings = sqlite_service.settings
    assert isinstance(settings.secret_key, SecretStr)
    environment = {
        **os.environ, "BREACH_DATA_DIR": str(settings.data_dir),
        "BREACH_SECRET_KEY": settings.secret_key.get_secret_value(),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(file)], env=environment, cwd=ROOT, timeout=120, check=False,
        capture_output=True,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert file.read_bytes() == before
    left = [one.name for one in tmp_path.iterdir() if one.name.startswith(".b.sqlite3")]
    assert all(one.endswith(".part") for one in left)
    assert make(sqlite_service, file).size > 0


def test_the_commands_say_what_was_done(sqlite_service: Service, tmp_path: Path) -> None:
    """`backup` while the service has the database open, `restore` elsewhere, `register verify` afterwards."""
    key = sqlite_service.settings.secret_key
    assert key is not None

    def run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "BREACH_DATA_DIR": str(data), "BREACH_SECRET_KEY": key.get_secret_value()}
        command = [sys.executable, "-m", "breach_service", *words]
        return subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )

    Incoming(sqlite_service)
    file, new = tmp_path / "b.sqlite3", tmp_path / "new"
    made = run(sqlite_service.settings.data_dir, "backup", str(file))
    assert made.returncode == 0, made.stderr
    assert "nothing was altered; sha256" in made.stdout
    assert "is not in it: keep it elsewhere" in made.stdout
    done = run(new, "restore", str(file), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["former"] is None
    again = run(new, "restore", str(file))
    assert (again.returncode, again.stdout) == (1, "")
    assert "say --replace" in again.stderr
    verified = run(new, "register", "verify")
    assert (verified.returncode, "nothing was altered" in verified.stdout) == (0, True), verified.stderr
