"""The service as an operator starts it: real processes, real signals, a real socket."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SECRET_KEY
from tests.web.polling import PATIENCE, until

ROOT = Path(__file__).parents[2]


class Process:
    """`breach-service …` with its output in files."""

    def __init__(self, directory: Path, *arguments: str, **settings: str) -> None:
        self.out, self.err = directory / "out", directory / "err"
        environment = {**os.environ, "BREACH_PORT": "0", "BREACH_DATA_DIR": str(directory / "data")}
        environment |= {f"BREACH_{name.upper()}": value for name, value in settings.items()}
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "breach_service", *arguments], cwd=ROOT, env=environment, stdout=out, stderr=err
            )

    @property
    def said(self) -> str:
        return self.out.read_text(encoding="utf-8") + self.err.read_text(encoding="utf-8")

    def prints(self, pattern: str) -> re.Match[str]:
        """Wait for a line; fails at once where the process ends without it."""

        def found() -> re.Match[str] | None:
            match = re.search(pattern, self.said)
            assert match or self.child.poll() is None, f"it ended with {self.child.returncode}:\n{self.said}"
            return match

        return until(found, f"{pattern} was not printed")  # type: ignore[return-value]  # until gives what is true

    def ends(self, one: signal.Signals) -> int:
        """Send a signal; the exit status."""
        self.child.send_signal(one)
        return self.child.wait(timeout=PATIENCE)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Processes on one data directory, ended after the test."""
    started: list[Process] = []

    def starting(*arguments: str, **settings: str) -> Process:
        started.append(Process(tmp_path, *arguments, **settings))
        return started[-1]

    yield starting
    for one in started:
        if one.child.poll() is None:
            one.child.kill()
            one.child.wait()


def command(directory: Path, *arguments: str) -> Any:
    """Run a command of the same installation; its JSON."""
    environment = {**os.environ, "BREACH_DATA_DIR": str(directory / "data")}
    done = subprocess.run(
        [sys.executable, "-m", "breach_service", *arguments, "--json"], cwd=ROOT, env=environment, check=False,
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def get(url: str, **headers: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=PATIENCE) as answer:
        return str(answer.read().decode())


def status_of(url: str, body: bytes, **headers: str) -> int:
    try:
        request = urllib.request.Request(url, data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def address_of(process: Process) -> str:
    """Where a served process listens, as its log says."""
    found = process.prints(r'"host": "([^"]+)", "port": (\d+)')
    return f"http://{found[1]}:{found[2]}"


@pytest.mark.parametrize("one", [signal.SIGINT, signal.SIGTERM])
def test_a_service_that_is_told_to_stop_ends_well(start: Callable[..., Process], one: signal.Signals) -> None:
    """Ctrl-C and what systemd and Kubernetes send: status 0, and no stack trace."""
    process = start("serve")
    assert get(f"{address_of(process)}/readyz") == "ready\n"
    assert process.ends(one) == 0
    assert "Traceback" not in process.said
    assert '"event": "stopped"' in process.said


def test_a_port_that_is_taken_ends_the_start(start: Callable[..., Process]) -> None:
    """With a status that says so, and a line that says why."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start("serve", port=str(taken.getsockname()[1]))
        assert process.child.wait(timeout=PATIENCE) != 0
    assert "address already in use" in process.said.lower()
    assert "Traceback" not in process.said


def test_the_halves_share_the_work(start: Callable[..., Process], postgres_url: str, tmp_path: Path) -> None:
    """`web` takes, `work` places; both stop well."""
    shared = {"database_url": postgres_url, "secret_key": SECRET_KEY}
    os.mkdir(tmp_path / "work")
    web = start("web", **shared)
    address = address_of(web)
    work = Process(tmp_path / "work", "work", **shared)
    try:
        environment = {"BREACH_DATABASE_URL": postgres_url, "BREACH_SECRET_KEY": SECRET_KEY}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            made = command(tmp_path, "source", "add", "shop", "--kind", "json")
            token = command(tmp_path, "token", "add", "robot", "--role", "viewer")["token"]
        body = b'{"title": "Data leave by night", "signal": "exfiltration", "host": "db-01"}'
        bearer = f"Bearer {made['secret']}"
        until(
            lambda: status_of(f"{address}/webhooks/shop", body, Authorization=bearer) == 200,
            "the new sender is unknown",
        )
        until(
            lambda: json.loads(get(f"{address}/api/v1/incidents", Authorization=f"Bearer {token}")),
            "the worker placed nothing",
        )
    finally:
        status = work.ends(signal.SIGTERM)
    assert status == 0, work.said
    assert web.ends(signal.SIGTERM) == 0


def test_a_secret_in_an_address_is_never_written_down(start: Callable[..., Process], tmp_path: Path) -> None:
    """Neither for what is accepted, nor refused, nor broken off in the middle, nor no HTTP at all."""
    process = start("serve", log_level="debug")
    address = address_of(process)
    made = command(tmp_path, "source", "add", "siem", "--kind", "wazuh", "--auth", "url")
    url = f"{address}/webhooks/siem/{made['secret']}"
    until(lambda: status_of(url, b"{}") == 200, "the new sender is unknown")
    assert status_of(f"{url}x", b"{}") == 401
    host, _, port = address.removeprefix("http://").partition(":")
    path = f"/webhooks/siem/{made['secret']}"
    for head in (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{{",
        f"POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        f"NONSENSE {path}\r\n\r\n",
    ):
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as wire:
            wire.sendall(head.encode())
    assert get(f"{address}/healthz") == "ok\n"
    assert process.ends(signal.SIGTERM) == 0
    assert made["secret"] not in process.said
    assert "Traceback" not in process.said


# ── The demonstration


def shown(process: Process) -> tuple[str, str, str]:
    """Address, e-mail and password, as the demonstration prints them."""
    found = process.prints(r"runs at\s+(http\S+)\s+sign in with\s+(\S+)\s+/\s+(\S+)")
    return found[1], found[2], found[3]


class Visitor:
    """Somebody who signs in and looks."""

    def __init__(self, address: str, email: str, password: str) -> None:
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor()).open
        self._address = address
        data = urllib.parse.urlencode({"email": email, "password": password}).encode()
        self._open(f"{address}/sign-in", data=data, timeout=PATIENCE).read()

    def look(self, path: str) -> Any:
        with self._open(f"{self._address}{path}", timeout=PATIENCE) as answer:
            text = answer.read().decode()
        return json.loads(text) if path.startswith("/api/") else text


def test_the_demonstration_tells_a_story_and_keeps_it(start: Callable[..., Process]) -> None:
    """Address and sign-in are printed, an attack becomes an incident by itself; stopped and started, all is there."""
    first = start("demo")
    visitor = Visitor(*shown(first))

    def sources() -> dict[str, int]:
        return {one["name"]: one["received"] for one in visitor.look("/api/v1/sources")}

    def attack() -> list[Any]:
        found: list[Any] = visitor.look("/api/v1/incidents")
        return [one for one in found if one["alerts"] > 100]

    incident = until(attack, "no incident came of the attack")[0]
    assert incident["systems"] == ["application"]
    assert {"cnil", "client:mutuelle-exemple"} <= {one["recipient"] for one in incident["obligations"]}
    page = visitor.look(f"/incidents/{incident['reference']}")
    assert incident["reference"] in page
    until(lambda: all(sources().values()), "not every sender was heard")
    received, references = sources(), [one["reference"] for one in visitor.look("/api/v1/incidents")]
    assert first.ends(signal.SIGINT) == 0
    assert "Traceback" not in first.said

    second = start("demo")
    visitor = Visitor(*shown(second))
    assert [one["reference"] for one in visitor.look("/api/v1/incidents")] == references
    assert sources() == received
    assert second.ends(signal.SIGINT) == 0


def test_the_demonstration_can_be_stopped_in_the_middle(start: Callable[..., Process]) -> None:
    """While the attack is still being played."""
    process = start("demo")
    shown(process)
    assert process.ends(signal.SIGINT) == 0
    assert "Traceback" not in process.said


def test_the_demonstration_stays_away_from_real_data(start: Callable[..., Process], tmp_path: Path) -> None:
    """Its password stands in its own manual: it makes no account where others have theirs."""
    command(tmp_path, "migrate")
    command(tmp_path, "user", "add", "zoe@us.example", "--role", "dpo")
    process = start("demo")
    assert process.child.wait(timeout=PATIENCE) == 1
    assert "holds real data" in process.said
    assert "Traceback" not in process.said


def test_the_demonstration_leaves_a_configured_postgresql_alone(start: Callable[..., Process]) -> None:
    """The address of the real database may well stand in the environment of whoever tries it."""
    process = start("demo", database_url="postgresql://u:p@127.0.0.1:1/real")
    address, _, _ = shown(process)
    assert get(f"{address}/readyz") == "ready\n"
    assert process.ends(signal.SIGINT) == 0
