"""A flood of every shape that a request has: one alert, several, thousands packed into one, deliveries with an id."""

import gzip
import json
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

SENDERS = 8
MOST_PER_SENDER = 2_000
SEVERAL, VERY_MANY = 5, 1_200
HOSTS = 6
"""Machines of one round that web shells are found on; each opens an incident."""


@dataclass(frozen=True)
class Body:
    """One request; the same one may be sent again."""

    source: str
    """`hub` names its deliveries, `flood` does not."""
    data: bytes
    delivery: str


@dataclass
class Ledger:
    """How often each body was sent, and how often it was answered with 200."""

    sent: Counter[Body] = field(default_factory=Counter)
    acknowledged: Counter[Body] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: Counter[Body], body: Body) -> None:
        with self.lock:
            kind[body] += 1


def send(address: str, secrets: dict[str, str], body: Body, ledger: Ledger) -> bool:
    """Send one body; True where it was acknowledged. Raises HTTPError where it was refused."""
    headers = {"Authorization": f"Bearer {secrets[body.source]}", "X-GitHub-Delivery": body.delivery}
    request = urllib.request.Request(f"{address}/webhooks/{body.source}", data=body.data, headers=headers)
    ledger.note(ledger.sent, body)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            is_acknowledged = answer.status == 200
    except urllib.error.HTTPError:
        raise
    except (OSError, TimeoutError):
        return False  # not answered: it may be stored all the same
    if is_acknowledged:
        ledger.note(ledger.acknowledged, body)
    return is_acknowledged


def bodies(first: str) -> Iterator[Body]:
    """Different bodies of one sender; every alert has an id of its own."""
    for number in range(MOST_PER_SENDER):
        name = f"{first}-{number}"
        if number % 12 == 0:
            shell = {"title": "PHP file in the upload folder", "signal": "web_shell", "id": name}
            host = f"host-{first.partition('-')[0]}-{number // 12 % HOSTS}"
            yield _body("flood", [{**shell, "host": host}], name)
        elif number % 12 == 1:
            yield _body("flood", [_routine(f"{name}-{one}") for one in range(SEVERAL)], name)
        elif number % 12 in (2, 3):
            yield _body("hub", [_routine(name)], name)
        elif number == 4 and first.endswith("-0"):
            many = _body("flood", [_routine(f"{name}-{one}") for one in range(VERY_MANY)], name)
            yield Body(many.source, gzip.compress(many.data, mtime=0), many.delivery)
        else:
            yield _body("flood", [_routine(name)], name)


def _routine(identity: str) -> dict[str, str]:
    return {"title": "Upload refused", "signal": "routine", "host": "app-01", "id": identity}


def _body(source: str, alerts: list[dict[str, str]], name: str) -> Body:
    return Body(source, json.dumps(alerts).encode(), name)


class Flood:
    """Several senders at once, each until it gets no answer or is told to stop."""

    def __init__(self, address: str, secrets: dict[str, str], ledger: Ledger, number: int) -> None:
        self._address, self._secrets, self._ledger = address, secrets, ledger
        self._stop = threading.Event()
        self._unanswered: list[Body] = []
        self.answered = 0
        self._threads = [threading.Thread(target=self._send, args=(f"{number}-{one}",)) for one in range(SENDERS)]

    def start(self) -> None:
        for one in self._threads:
            one.start()

    def stop(self) -> list[Body]:
        """End it; the bodies that got no answer."""
        self._stop.set()
        for one in self._threads:
            one.join()
        return self._unanswered

    def _send(self, name: str) -> None:
        for body in bodies(name):
            if self._stop.is_set():
                return
            if not send(self._address, self._secrets, body, self._ledger):
                self._unanswered.append(body)
                return
            self.answered += 1
