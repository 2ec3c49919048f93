"""Workers as processes of their own on a clock that is simulated and shared: they are killed, and others take over."""

import multiprocessing
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from breach_service.app import open_service
from breach_service.notify.channel import Card
from breach_service.settings import Settings

PATIENCE = 120.0
LOOK = 0.002
AT_THE_WORST_MOMENT = 0.01
"""How often a worker dies right after a message left and before that is noted."""
CARD = "card "
"""What the line of a card begins with; it is written as often as it changes."""
PROCESSES = multiprocessing.get_context("forkserver")


class Book:
    """A channel that writes each message into a file: what a killed process has said stays said."""

    name = "book"

    def __init__(self, file: Path, chance: random.Random, at_worst: float) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._chance, self._at_worst = chance, at_worst

    def show_card(self, card: Card, external_id: str | None) -> str:
        self._write(f"{CARD}{card.reference}")
        return external_id or f"book:{card.reference}"

    def say(self, text: str, external_id: str | None, key: str) -> None:
        self._write(key)

    def call(self, text: str, words: str, reference: str, external_id: str | None, key: str) -> None:
        self._write(key)

    def _write(self, line: str) -> None:
        os.write(self._file, f"{line}\n".encode())
        if self._chance.random() < self._at_worst:
            os.kill(os.getpid(), signal.SIGKILL)


def said_in(file: Path) -> Counter[str]:
    """How often each message left."""
    return Counter(file.read_text(encoding="utf-8").splitlines()) if file.exists() else Counter()


def write_whole(file: Path, content: str) -> None:
    """Nobody ever reads half of it."""
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    new.write_text(content, encoding="utf-8")
    new.replace(file)


def work(values: Mapping[str, Any], directory: Path, number: int, seed: str) -> None:
    """A worker: at each instant of the shared clock it works until there is nothing left, and says so."""
    os.dup2(os.open(directory / "worker.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT), sys.stderr.fileno())
    chance, parent = random.Random(seed), os.getppid()
    url = SecretStr(values["database_url"]) if values["database_url"] else None
    service = open_service(
        Settings(
            data_dir=values["data_dir"], database_url=url, secret_key=SecretStr(values["secret_key"]),
            log_level="error", observe_hours=0,
        )
    )  # fmt: skip
    service.channels = {Book.name: Book(directory / "said", chance, values["at_worst"])}
    worker, clock, done = service.worker(), directory / "clock", directory / f"done-{number}"
    seen = ""
    while os.getppid() == parent:
        if (shown := clock.read_text(encoding="utf-8")) == seen:
            time.sleep(LOOK)
            continue
        try:
            while worker.turn(datetime.fromisoformat(shown)):
                pass
        except Exception as error:  # noqa: BLE001  # as the loop of the service goes on: another was quicker, say
            print(f"{shown} {error!r}", file=sys.stderr, flush=True)
            time.sleep(LOOK)
            continue
        seen = shown
        write_whole(done, shown)


@dataclass
class Crew:
    """Some workers on one database; whoever dies is followed by another."""

    values: Mapping[str, Any]
    directory: Path
    size: int
    chance: random.Random
    kills: int = 0
    _workers: dict[int, BaseProcess] = field(default_factory=dict)
    _started: int = 0

    @property
    def said(self) -> Counter[str]:
        """How often each message left, by its key."""
        return said_in(self.directory / "said")

    def show(self, now: datetime, *, kill_after: float | None = None) -> None:
        """Set the clock, and wait until a worker is through; one is killed after so many seconds."""
        write_whole(self.directory / "clock", now.isoformat())
        self._fill()
        if kill_after is not None:
            time.sleep(kill_after)
            victim = self.chance.choice(sorted(self._workers))
            self._workers[victim].kill()
        ends_at = time.monotonic() + PATIENCE
        while not self._is_through(now):
            self._fill()
            if time.monotonic() > ends_at:
                log = (self.directory / "worker.log").read_text(encoding="utf-8")
                raise AssertionError(f"nobody was through with {now}:\n{log[-4000:]}")
            time.sleep(LOOK)

    def end(self) -> None:
        """Kill everybody."""
        for one in self._workers.values():
            one.kill()
            one.join()
        self._workers.clear()

    def _is_through(self, now: datetime) -> bool:
        """True once everybody who lives has done all that was to be done."""
        return all(self._done_until(number) == now.isoformat() for number in range(self.size))

    def _done_until(self, number: int) -> str:
        file = self.directory / f"done-{number}"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def _fill(self) -> None:
        for number in range(self.size):
            held = self._workers.get(number)
            if held is not None and held.is_alive():
                continue
            if held is not None:
                held.join()
                if held.exitcode != -signal.SIGKILL:
                    log = (self.directory / "worker.log").read_text(encoding="utf-8")
                    raise AssertionError(f"a worker ended by itself ({held.exitcode}):\n{log[-4000:]}")
                self.kills += 1
            self._started += 1
            seed = f"{self.chance.random()} {self._started}"
            new = PROCESSES.Process(target=work, args=(self.values, self.directory, number, seed), daemon=True)
            new.start()
            self._workers[number] = new
