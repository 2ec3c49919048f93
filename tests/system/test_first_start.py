"""The first start on an empty database: one link, for one administrator, that no log keeps."""

import os
import pty
import re
import signal
import sqlite3
import stat
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from subprocess import Popen
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from tests.system.conftest import ROOT, Process, Running, until

SERVE = [sys.executable, "-m", "breach_service", "serve"]
PASSWORD = "a password of my own"


class Replica:
    """One process of several that share a database."""

    def __init__(self, directory: Path, name: str, **settings: str) -> None:
        (directory / name).mkdir(exist_ok=True)
        self.running = Running(directory, **settings)
        self.process = Process(SERVE, directory / f"{name}.log", self.running.environment)
        self.address = self.running.address

    def listens(self) -> bool:
        assert self.process.is_alive(), self.process.text()
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@pytest.fixture(params=["sqlite", "postgres"])
def replicas(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Replica]]:
    """Two that start at once: on one file, or on one PostgreSQL."""
    settings = {}
    if request.param == "postgres":
        settings = {
            "database_url": str(request.getfixturevalue("postgres_url")),
            "secret_key": "dGVzdHMgb25seSwgbmV2ZXIgaW4gcHJvZHVjdGlvbiE=",
        }
    found = [Replica(tmp_path, name, **settings) for name in ("one", "two")]
    try:
        yield found
    finally:
        for one in found:
            one.process.send(signal.SIGTERM)


def test_two_that_start_at_once_make_one_administrator(replicas: list[Replica], tmp_path: Path) -> None:
    """One link in one file that only its owner may read; opened in many browsers at once it makes one account."""
    for one in replicas:
        until(one.listens, "it does not listen")
    file = tmp_path / "data" / "first-administrator.link"
    until(file.exists, "there is no link")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    url = file.read_text(encoding="utf-8").strip()
    token = url.partition("token=")[2]
    assert len(token) > 40
    paths = [f"{replicas[index % 2].address}/sign-in/link" for index in range(6)]
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda each: come(each[1], token, f"a{each[0]}@us.example"), enumerate(paths)))
    assert statuses.count(200) == 1, statuses
    assert set(statuses) <= {200, 410, 422}
    listed = replicas[0].running.command("user", "list")
    assert [(one["role"], one["state"]) for one in listed] == [("admin", "active")]
    until(lambda: not file.exists(), "the link that was used is still there")
    for one in replicas:
        assert token not in one.process.text(), "a log kept the link"
        assert "first-administrator.link" in replicas[0].process.text() + replicas[1].process.text()


def come(address: str, token: str, email: str) -> int:
    """Open the link and send its form, as a browser does; the status at the end."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    form = {"email": email, "name": email, "language": "en", "password": PASSWORD, "again": PASSWORD}
    try:
        browser.open(f"{address}?token={token}", timeout=60)
        with browser.open(address, urllib.parse.urlencode(form).encode(), timeout=60) as answer:
            assert answer.url.endswith("/sign-in?done=password_set")
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_later_start_makes_no_second_link(tmp_path: Path) -> None:
    """Stopped before anybody came, it says again where the link is; the same link still opens."""
    running = Running(tmp_path)
    file = tmp_path / "data" / "first-administrator.link"
    held = set()
    for name in ("first", "second"):
        process = Process(SERVE, tmp_path / f"{name}.log", running.environment)
        until(lambda one=process: "first_link_in" in one.text(), "it does not say where the link is")  # type: ignore[misc]
        held.add(file.read_text(encoding="utf-8"))
        assert process.send(signal.SIGTERM) == 0
    assert len(held) == 1


def test_a_terminal_shows_the_link(tmp_path: Path) -> None:
    """To whoever started it by hand; what is not a terminal is kept, and is told of the file only."""
    running = Running(tmp_path)
    ours, theirs = pty.openpty()
    environment = {**os.environ, **running.environment}
    with (tmp_path / "err").open("wb") as err:
        child = Popen(SERVE, stdout=theirs, stderr=err, cwd=ROOT, env=environment)
    os.close(theirs)
    try:
        shown = ""
        while (found := re.search(r"token=([\w-]+)\s", shown)) is None:
            shown += os.read(ours, 4096).decode()
        assert found[1] in (tmp_path / "data" / "first-administrator.link").read_text(encoding="utf-8")
        assert found[1] not in (tmp_path / "err").read_text(encoding="utf-8")
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(timeout=60)
        os.close(ours)
    with sqlite3.connect(tmp_path / "data" / "breach.sqlite3") as database:
        assert found[1] not in repr(database.execute("SELECT * FROM one_time_link").fetchall())
    database.close()
