"""The service as an operator starts it: its syslog ports, its observation, its refusals, in real processes."""

import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.system.conftest import ROOT, Running, SlackStandIn, free_port, until

DENIED = b"<166>Nov 23 2026 08:00:00 fw-01 : %ASA-6-113015: AAA user authentication Rejected : reason = Invalid"


def post(address: str, secret: str, body: bytes) -> int:
    request = urllib.request.Request(address, data=body, headers={"Authorization": f"Bearer {secret}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_lines_of_syslog_become_alerts_of_their_source(tmp_path: Path) -> None:
    """Over TCP, once the ports are opened by settings; what was read before SIGTERM is there after the next start."""
    port = free_port()
    running = Running(tmp_path, syslog_tcp=f"127.0.0.1:{port}", syslog_source="office-firewall")
    running.command("migrate")
    running.command("source", "add", "office-firewall", "--kind", "firewall")
    running.set_up()
    running.start()
    assert running.process is not None
    try:
        with socket.create_connection(("127.0.0.1", port)) as sender:
            sender.sendall(DENIED + b"\n" + str(len(DENIED) + 2).encode() + b" " + DENIED + b" 2")
        found = until(lambda: running.api("/alerts?source=office-firewall"), "no line became an alert")
        assert {one["class"] for one in found} == {"security"}
        with socket.create_connection(("127.0.0.1", port)) as sender:
            sender.sendall(b"<13>Nov 23 08:01:00 fw-01 last words\n")
        assert running.process.send(signal.SIGTERM) == 0
        running.start()
        until(
            lambda: [one for one in running.api("/alerts?source=office-firewall") if "last words" in one["title"]],
            "the last line was lost",
        )
    finally:
        running.process.send(signal.SIGTERM)


def test_a_source_that_is_not_there_is_said_at_the_start(tmp_path: Path) -> None:
    """One sentence that names the variable and the command, and no half start."""
    running = Running(tmp_path, syslog_udp=f"127.0.0.1:{free_port()}", syslog_source="nobody")
    done = subprocess.run(
        [sys.executable, "-m", "breach_service", "serve"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", **running.environment}, timeout=120,
    )  # fmt: skip
    assert done.returncode != 0
    assert "BREACH_SYSLOG_SOURCE" in done.stderr
    assert "source add nobody" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def observing(tmp_path: Path, slack: SlackStandIn) -> Running:
    """A service with Slack, whose new senders are observed."""
    running = Running(
        tmp_path, slack_token="xoxb-test", slack_channel="C1", slack_api_url=slack.url, observe_hours="24"
    )
    running.start()
    running.set_up()
    return running


def test_a_new_sender_is_silent_until_it_is_released_and_a_refused_one_is_told_of(
    observing: Running, slack: SlackStandIn
) -> None:
    """What it opens is there and nothing goes to Slack; after the release, and at a wrong secret, Slack hears of it."""
    running = observing
    assert running.process is not None
    try:
        new = running.command("source", "add", "probe", "--kind", "json")
        body = b'{"title": "An odd request", "signal": "anomaly", "host": "app-01", "id": "odd"}'
        until(lambda: post(new["url"], new["secret"], body) == 200, "the new sender was not taken")
        until(lambda: running.api("/incidents"), "nothing was opened")
        running.command("source", "release", "probe")
        assert slack.called("chat.postMessage") == []
        assert post(new["url"], new["secret"], body) == 200
        until(lambda: slack.called("chat.postMessage"), "nobody was told after the release")
        assert post(new["url"], "wrong", body) == 401
        until(
            lambda: [one for one in slack.called("chat.postMessage") if "probe" in one["text"]],
            "nobody was told of the refusal",
        )
    finally:
        running.process.send(signal.SIGTERM)
