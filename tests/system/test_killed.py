"""SIGKILL in the middle of a flood loses no alert that was answered with 200."""

import json
import os
import signal
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery

ROUNDS = int(os.environ.get("KILL_ROUNDS", "2"))
SENDERS = 8
MOST_PER_SENDER = 2000


def flood(address: str, secret: str, stop: threading.Event, first: int, accepted: list[str]) -> None:
    """Send different alerts until told to stop or the service is gone; remember what was answered with 200."""
    for number in range(first, first + MOST_PER_SENDER):
        if stop.is_set():
            return
        identity = f"alert-{number}"
        body = json.dumps({"title": "Upload refused", "signal": "routine", "host": "app-01", "id": identity}).encode()
        request = urllib.request.Request(
            f"{address}/webhooks/flood", data=body, headers={"Authorization": f"Bearer {secret}"}, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                if answer.status == 200:
                    accepted.append(identity)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return  # not answered: the sender would send it again


def kill_amid_flood(running: Any, secret: str, first: int, wait_until: Callable[..., Any]) -> list[str]:
    """Flood, kill without warning once a few hundred were accepted, and say what was accepted."""
    accepted: list[list[str]] = [[] for _ in range(SENDERS)]
    stop = threading.Event()
    threads = [
        threading.Thread(
            target=flood, args=(running.address, secret, stop, first + index * MOST_PER_SENDER, accepted[index])
        )
        for index in range(SENDERS)
    ]
    for one in threads:
        one.start()
    try:
        wait_until(lambda: sum(map(len, accepted)) >= 300, "the service did not accept 300 alerts")
        running.process.send(signal.SIGKILL)
    finally:
        stop.set()
        for one in threads:
            one.join()
    return [one for some in accepted for one in some]


def counted(running: Any) -> dict[str, int]:
    """Every alert that is kept, by its identity, with its count."""
    found: dict[str, int] = {}
    before = None
    while True:
        page = running.api(f"/alerts?source=flood&limit=1000{f'&before={before}' if before else ''}")
        if not page:
            return found
        for one in page:
            found[one["fingerprint"]] = found.get(one["fingerprint"], 0) + one["count"]
        before = page[-1]["id"]


def is_drained(running: Any) -> bool:
    """True once nothing waits in the inbox."""
    lines = running.get("/metrics").splitlines()
    return any(line.startswith("breach_inbox_pending") and float(line.split()[-1]) == 0 for line in lines)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a_killed_process_loses_no_acknowledged_alert(
    database: str, make_running: Any, wait_until: Any, request: pytest.FixtureRequest
) -> None:
    """After each kill and restart every alert that was answered with 200 is there."""
    settings = {}
    if database == "postgres":
        settings["database_url"] = request.getfixturevalue("postgres_url")
        settings["secret_key"] = "dGVzdHMgb25seSwgbmV2ZXIgaW4gcHJvZHVjdGlvbiE="
    running = make_running(**settings)
    running.start()
    running.set_up()
    secret = running.command("source", "add", "flood", "--kind", "json", "--auth", "bearer")["secret"]
    accepted: list[str] = []
    for number in range(ROUNDS):
        wait_until(lambda: knows_the_source(running, secret), "the new source was not taken up")
        accepted += kill_amid_flood(running, secret, number * SENDERS * MOST_PER_SENDER, wait_until)
        running.start()
    wait_until(lambda: is_drained(running), "the inbox was not processed after the restart")
    missing = missing_of(set(accepted), running)
    print(f"\n{database}: {ROUNDS} rounds of SIGKILL, {len(accepted)} alerts acknowledged, {len(missing)} lost")
    assert not missing, f"{len(missing)} acknowledged alerts are lost: {sorted(missing)[:5]}"


def knows_the_source(running: Any, secret: str) -> bool:
    """True once the running service accepts the source."""
    body = b'{"title": "ready?", "signal": "heartbeat", "id": "ready"}'
    request = urllib.request.Request(
        f"{running.address}/webhooks/flood", data=body, headers={"Authorization": f"Bearer {secret}"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return False


def missing_of(accepted: set[str], running: Any) -> set[str]:
    """What was accepted and is nowhere: a repeat of it would open a new row instead of counting up."""
    kept = counted(running)
    normalise = source_of("json").normalise
    now = datetime.now(UTC)

    def fingerprint(identity: str) -> str:
        body = json.dumps({"title": "Upload refused", "signal": "routine", "host": "app-01", "id": identity}).encode()
        return normalise("flood", Delivery(body, {}, "", now))[0].fingerprint

    return {one for one in accepted if fingerprint(one) not in kept}
