"""SIGKILL at any moment of a flood: an account of everything that was answered, on each database."""

import os
import random
import secrets
import signal
import threading
import urllib.error
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.system.accounts import Stored, bounds
from tests.system.flooding import Body, Flood, Ledger, send

ROUNDS = int(os.environ.get("KILL_ROUNDS", "3"))
SEED = os.environ.get("KILL_SEED") or secrets.token_hex(4)
"""Chooses the moments; a run that failed prints it."""
AWARE = timedelta(hours=80)
"""For how long we say that we have been aware of an incident: every deadline of 72 hours has passed."""


class Story:
    """A service that is killed again and again, and what it acknowledged."""

    def __init__(self, running: Any, wait_until: Callable[..., Any]) -> None:
        self.running, self.wait_until = running, wait_until
        self.secrets = {
            name: running.command("source", "add", name, "--kind", kind, "--auth", "bearer")["secret"]
            for name, kind in (("flood", "json"), ("hub", "github"))
        }
        self.ledger = Ledger()
        self.unanswered: list[Body] = []
        self.acts: list[str] = []
        """References of incidents of which it was acknowledged that we are aware, and that they are breaches."""

    def round(self, number: int, chance: random.Random) -> None:
        """Flood it, act on an incident, and kill it without warning at a moment that chance has chosen."""
        self.send_again()
        flood = Flood(self.running.address, self.secrets, self.ledger, number)
        flood.start()
        try:
            self.wait_until(lambda: flood.answered >= 60, "the service did not answer")
            self._act()
            wanted = flood.answered + chance.randint(0, 300)
            self.wait_until(lambda: flood.answered >= wanted, f"the service did not answer {wanted} requests")
            threading.Event().wait(chance.random() / 2)
            self.running.process.send(signal.SIGKILL)
        finally:
            self.unanswered = flood.stop()

    def send_again(self) -> None:
        """What got no answer, as every sender does; once the service has taken up its sources."""
        for source in self.secrets:
            self.wait_until(lambda source=source: self._knows(source), f"the source {source} was not taken up")
        for body in self.unanswered:
            assert send(self.running.address, self.secrets, body, self.ledger)
        self.unanswered = []

    def _knows(self, source: str) -> bool:
        ready = Body(source, b'{"title": "ready?", "signal": "heartbeat", "id": "ready"}', secrets.token_hex(8))
        try:
            return send(self.running.address, self.secrets, ready, Ledger())
        except urllib.error.HTTPError:
            return False

    def _act(self) -> None:
        """Somebody records since when we are aware of an incident, and confirms it."""

        def untouched() -> str | None:
            opened = [one["reference"] for one in self.running.api("/incidents") if one["status"] != "confirmed"]
            return opened[0] if opened else None

        reference = self.wait_until(untouched, "no incident was opened")
        aware_at = (datetime.now(UTC) - AWARE).isoformat()
        self.running.api(f"/incidents/{reference}/awareness", {"aware_at": aware_at, "reason": "The logs show it."})
        self.running.decide(f"/incidents/{reference}/confirm", {"reason": "Data were read."})
        self.acts.append(reference)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a_killed_process_owes_nobody_anything(
    database: str, make_running: Any, slack: Any, wait_until: Any, request: pytest.FixtureRequest
) -> None:
    """After each kill and restart: every alert counted as often as it was acknowledged and never more than it was sent.

    Each incident has its obligations, its card and its line once; each reminder was raised and told; the seals hold.
    """
    settings = {"slack_token": "xoxb-stand-in", "slack_channel": "C0001", "slack_api_url": slack.url}
    if database == "postgres":
        settings["database_url"] = request.getfixturevalue("postgres_url")
        settings["secret_key"] = "dGVzdHMgb25seSwgbmV2ZXIgaW4gcHJvZHVjdGlvbiE="
    running = make_running(**settings)
    running.start()
    running.set_up()
    story, chance = Story(running, wait_until), random.Random(f"{SEED} {database}")
    for number in range(ROUNDS):
        story.round(number, chance)
        running.start()
    story.send_again()
    stored = Stored(running)
    wait_until(lambda: set(story.acts) <= set(stored.references_said()), "a reminder was not raised")
    wait_until(stored.is_through, "something waits for ever")

    expected, counted = bounds(story.ledger), stored.counted()
    lost = [one for one, (least, _) in expected.items() if counted.get(one, 0) < least]
    too_often = [one for one, (_, most) in expected.items() if counted.get(one, 0) > most]
    alerts = sum(least for least, _ in expected.values())
    requests, incidents = story.ledger.acknowledged.total(), stored.number("SELECT count(*) FROM incident")
    print(
        f"\n{database}, seed {SEED}: {ROUNDS} rounds of SIGKILL, {requests} requests with {alerts} alerts answered, "
        f"{incidents} incidents, {len(story.acts)} with a reminder; {len(lost)} alerts lost, {len(too_often)} too often"
    )
    assert (lost, too_often) == ([], [])
    assert stored.faults() == []
    posted = " ".join(one["text"] for one in slack.called("chat.postMessage"))
    assert not [one for one in story.acts if one not in posted]
    verified = running.command("register", "verify")
    assert verified["faults"] == [], verified
