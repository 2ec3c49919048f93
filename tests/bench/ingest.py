"""How quick receiving is, as a ratio to a bare ASGI application on the same server in the same run.

`make bench` runs it: both servers in processes of their own on loopback, a bounded number of requests over 16
connections, three rounds in turn; the median is what counts. Not a test: nothing here passes or fails.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.system.conftest import Process, Running, free_port  # noqa: E402  # run as a script

CONNECTIONS = 16
REQUESTS = 4000
ROUNDS = 3

BARE = """
async def app(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"7")]})
    await send({"type": "http.response.body", "body": b"stored\\n"})
"""


def body(number: int, alerts: int) -> bytes:
    """An Alertmanager webhook with so many alerts, each different."""
    return json.dumps(
        {
            "version": "4", "status": "firing", "receiver": "bench", "groupKey": f"g{number}", "groupLabels": {},
            "commonLabels": {}, "commonAnnotations": {}, "externalURL": "", "truncatedAlerts": 0,
            "alerts": [
                {
                    "status": "firing",
                    "labels": {"alertname": "Refused", "signal": "routine", "instance": f"app-{number % 50:02d}:9100"},
                    "annotations": {"summary": "An upload was refused " * 20},
                    "startsAt": "2026-11-22T20:00:00Z", "endsAt": "0001-01-01T00:00:00Z",
                    "fingerprint": f"{number:08x}{index:08x}",
                }
                for index in range(alerts)
            ],
        }
    ).encode()  # fmt: skip


async def load(url: str, secret: str, requests: list[bytes]) -> tuple[float, list[float]]:
    """Send all requests over so many connections: requests per second, and each answer's time in ms."""
    target = urlsplit(url)
    waiting = iter(requests)
    times: list[float] = []

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection(target.hostname, target.port)
        head = f"POST {target.path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {secret}\r\nContent-Length: "
        for payload in waiting:
            began = time.perf_counter()
            writer.write(head.encode() + str(len(payload)).encode() + b"\r\n\r\n" + payload)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200"), answer
            length = next(
                int(line.split(b":")[1]) for line in answer.split(b"\r\n") if line.lower().startswith(b"content-length")
            )
            await reader.readexactly(length)
            times.append((time.perf_counter() - began) * 1000)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS)))
    return len(requests) / (time.perf_counter() - began), times


def wait_until_drained(running: Running) -> float:
    """Seconds until nothing waits in the inbox."""
    began = time.perf_counter()
    while "breach_inbox_pending 0.0" not in running.get("/metrics"):
        time.sleep(0.2)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print one table."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "bare.py").write_text(BARE)
        port = free_port()
        bare = Process(
            [
                sys.executable,
                "-m",
                "uvicorn",
                "bare:app",
                "--app-dir",
                name,
                "--port",
                str(port),
                "--log-level",
                "error",
            ],
            directory / "bare.log",
        )
        running = Running(directory)
        running.start()
        running.set_up()
        secret = running.command("source", "add", "bench", "--kind", "alertmanager", "--auth", "bearer")["secret"]
        time.sleep(2)  # the running service looks for new senders once a second
        print("| body | bare ASGI req/s | service req/s | ratio | service p50 ms | p99 ms | drained after s |")
        print(f"{'|---' * 7}|")
        for alerts, requests in ((1, REQUESTS), (100, REQUESTS // 20)):
            rows = []
            for _ in range(ROUNDS):
                first = time.time_ns()
                payloads = [body(first + number, alerts) for number in range(requests)]
                plain, _times = asyncio.run(load(f"http://127.0.0.1:{port}/", secret, payloads))
                ours, times = asyncio.run(load(f"{running.address}/webhooks/bench", secret, payloads))
                drained = wait_until_drained(running)
                cuts = statistics.quantiles(times, n=100)
                rows.append((plain, ours, ours / plain, cuts[49], cuts[98], drained))
            medians = [statistics.median(column) for column in zip(*rows, strict=True)]
            cells = " | ".join(f"{one:,.2f}" if index >= 2 else f"{one:,.0f}" for index, one in enumerate(medians))
            print(f"| {alerts} alert{'s' if alerts > 1 else ''} a request | {cells} |", flush=True)
        for process in (bare, running.process):
            if process is not None:
                process._child.terminate()
                process._child.wait()


if __name__ == "__main__":
    main()
