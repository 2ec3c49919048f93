"""Real processes: the service as an operator starts it, a stand-in for Slack on loopback, Prometheus, Alertmanager."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 90
"""Seconds after which something that should have happened has not; generous, since machines are slow and shared."""


def until(what: Callable[[], Any], sentence: str) -> Any:
    """The first true answer; fails with the sentence where there is none."""
    ends_at = time.monotonic() + PATIENCE
    while time.monotonic() < ends_at:
        found = what()
        if found:
            return found
        time.sleep(0.1)
    pytest.fail(f"within {PATIENCE} s: {sentence}")


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Process:
    """One child process; its output goes to a file."""

    def __init__(self, arguments: list[str], log: Path, environment: dict[str, str] | None = None) -> None:
        self.log = log
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                arguments, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT, env={**os.environ, **(environment or {})}
            )

    @property
    def pid(self) -> int:
        return self._child.pid

    def is_alive(self) -> bool:
        return self._child.poll() is None

    def send(self, one: signal.Signals) -> int:
        """Send a signal and wait for the end; the exit status."""
        if self.is_alive():
            self._child.send_signal(one)
        return self._child.wait(timeout=PATIENCE)

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


class Running:
    """The service in a process of its own, and its command line."""

    def __init__(self, directory: Path, **settings: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._log = directory / "service.log"
        self.environment = {
            "BREACH_DATA_DIR": str(directory / "data"),
            "BREACH_PORT": str(self.port),
            "BREACH_PUBLIC_URL": self.address,
            "BREACH_OBSERVE_HOURS": "0",
            **{f"BREACH_{name.upper()}": value for name, value in settings.items()},
        }
        self.process: Process | None = None
        self.token = ""
        self._session = ""

    def start(self, *command: str) -> None:
        arguments = [sys.executable, "-m", "breach_service", *(command or ("serve",))]
        self.process = Process(arguments, self._log, self.environment)
        until(self._answers, f"the service did not start:\n{self.process.text()}")

    def _answers(self) -> bool:
        assert self.process is not None
        if not self.process.is_alive():
            pytest.fail(f"the service ended:\n{self.process.text()}")
        try:
            return self.get("/readyz").startswith("ready")
        except (urllib.error.URLError, ConnectionError):
            return False

    def command(self, *arguments: str) -> Any:
        """Run one command of the service's own command line; its JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "breach_service", *arguments, "--json"], cwd=ROOT, capture_output=True, text=True,
            env={**os.environ, **self.environment}, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def set_up(self) -> None:
        """The example inventory, and a token for the API."""
        self.command("inventory", "import", "playbooks/inventory/example.yaml")
        self.token = self.command("token", "add", "tests", "--role", "dpo")["token"]

    def get(self, path: str, **headers: str) -> str:
        request = urllib.request.Request(f"{self.address}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(answer.read().decode())

    def api(self, path: str, body: object | None = None) -> Any:
        """Ask the API with a token; a body makes it a POST."""
        return self._ask(path, body, {"Authorization": f"Bearer {self.token}"})

    def decide(self, path: str, body: object) -> Any:
        """Ask the API with the session of somebody who holds a mandate: a token decides nothing."""
        if not self._session:
            self._session = self._sign_in()
        return self._ask(path, body, {"Cookie": self._session, "Origin": self.address})

    def _sign_in(self) -> str:
        email, password = "decider@us.example", secrets.token_urlsafe(16)
        self.command("user", "add", email, "--role", "decider", "--password", password)
        self.command(
            "mandate", "add", email, "--kind", "representative", "--document", "Minutes", "--granted-by", "The board"
        )
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        form = urllib.parse.urlencode({"email": email, "password": password})
        connection.request("POST", "/sign-in", form, {"Content-Type": "application/x-www-form-urlencoded"})
        cookie = connection.getresponse().getheader("Set-Cookie") or ""
        connection.close()
        assert cookie, "nobody was let in"
        return cookie.partition(";")[0]

    def _ask(self, path: str, body: object | None, credential: dict[str, str]) -> Any:
        headers = {**credential, "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/api/v1{path}", data=data, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read().decode()
        return json.loads(text) if text else None


class SlackStandIn:
    """Answers slack-sdk over HTTP as Slack's Web API does, and remembers what it was sent."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sent = json.loads(body)
                outer.calls.append((self.path.rsplit("/", 1)[-1], sent))
                ts = sent["ts_given"] = sent.get("ts") or f"1795372253.{len(outer.calls):06d}"
                answer = json.dumps({"ok": True, "channel": sent["channel"], "ts": ts}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def called(self, method: str) -> list[dict[str, Any]]:
        return [body for name, body in self.calls if name == method]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    """A stand-in for Slack on loopback."""
    server = SlackStandIn()
    yield server
    server.close()


@pytest.fixture
def wait_until() -> Callable[[Callable[[], Any], str], Any]:
    """Poll for something, with patience."""
    return until


@pytest.fixture
def make_running(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Services in processes of their own, ended after the test."""
    made: list[Running] = []

    def make(**settings: str) -> Running:
        directory = tmp_path / f"service{len(made)}"
        directory.mkdir()
        made.append(Running(directory, **settings))
        return made[-1]

    yield make
    for one in made:
        if one.process is not None:
            one.process.send(signal.SIGKILL)


@pytest.fixture
def start_process(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Other real components, ended after the test."""
    started: list[Process] = []

    def start(name: str, *arguments: str) -> Process:
        started.append(Process(list(arguments), tmp_path / f"{name}.log"))
        return started[-1]

    yield start
    for one in started:
        one.send(signal.SIGTERM)


@pytest.fixture
def port() -> Callable[[], int]:
    """Free ports."""
    return free_port
