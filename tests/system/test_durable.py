"""The answer comes after the disk: seen from outside, in the order of the system calls."""

import re
import signal
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BODY = b'{"title": "Upload refused", "signal": "routine", "host": "app-01", "id": "seen-by-strace"}'


@pytest.mark.needs("strace")
def test_the_answer_is_written_after_the_body_is_on_disk(
    make_running: Any, wait_until: Callable[..., Any], start_process: Callable[..., Any], tmp_path: Path
) -> None:
    """Between reading the request and writing 200, the log of the database is written and fdatasync has returned."""
    running = make_running()
    running.start()
    running.set_up()
    secret = running.command("source", "add", "probe", "--kind", "json", "--auth", "bearer")["secret"]
    wait_until(lambda: _send(running, secret, b'{"title": "ready?", "signal": "heartbeat"}') == 200, "it is not known")
    traced = tmp_path / "calls.txt"
    calls = "trace=read,recvfrom,write,writev,sendto,sendmsg,pwrite64,fdatasync,fsync"
    strace = start_process(
        "strace", "strace", "-f", "-s", "4096", "-e", calls, "-o", str(traced), "-p", str(running.process.pid)
    )
    wait_until(lambda: "attached" in strace.text() or not strace.is_alive(), "strace did not attach")
    assert strace.is_alive(), strace.text()
    assert _send(running, secret, BODY) == 200
    strace.send(signal.SIGINT)
    order = _order_of(traced.read_text(errors="replace"))
    came, answered = order.index("came"), order.index("answered")
    assert "synced" in order[came:answered], order
    assert "written" in order[came : came + order[came:].index("synced")], order


def _order_of(trace: str) -> list[str]:
    """What happened, in the order in which the calls returned."""
    found = []
    for line in trace.splitlines():
        if "seen-by-strace" in line:
            found.append("came")
        elif "HTTP/1.1 200" in line and "stored" in line:
            found.append("answered")
        elif "pwrite64(" in line:
            found.append("written")
        elif re.search(r"(fdatasync|fsync)(\(| resumed).*= 0$", line):
            found.append("synced")
    return found


def _send(running: Any, secret: str, body: bytes) -> int:
    request = urllib.request.Request(
        f"{running.address}/webhooks/probe", data=body, headers={"Authorization": f"Bearer {secret}"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return int(error.code)
