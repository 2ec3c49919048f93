"""From the request to what people see: how quickly alerts are placed and assessed, and at what cost."""

import http.client
import statistics
import time
from collections.abc import Callable

from tests.bench.bodies import bytes_of
from tests.bench.client import Load, send
from tests.bench.report import Line, at_most, median_line
from tests.bench.serving import SOURCE, Ours
from tests.bench.stage import BODY, Stage, load_of

ROUNDS = 2
SECONDS = 20.0
"""Long enough that the flood is no burst any more; all incidents of it open in the first seconds."""
DRAIN = 10.0
IDLE = 0.1
"""Seconds between one alert and the next, where nothing else is to be done."""
LOOK_EVERY = 0.05


def room_in(server: Ours, requests: int) -> Callable[[], bool]:
    """Room while fewer than so many requests wait; looked up now and then."""
    looked_at, has_room = 0.0, True

    def room() -> bool:
        nonlocal looked_at, has_room
        now = time.perf_counter()
        if now - looked_at >= LOOK_EVERY:
            looked_at, has_room = now, server.waiting() < requests
        return has_room

    return room


def _sustained(
    stage: Stage, what: str, alerts: int, window: int, wanted: float, *, postgres: bool = False
) -> list[Line]:
    """Send for some seconds as fast as it is processed, wait until it is, and count what was placed."""
    rates, bare_rates, costs, peaks, left = [], [], [], [], 0
    for _ in range(ROUNDS):
        bare_rates.append(stage.bare(64, 2.0, alerts)[0].rate * alerts)
        with stage.service(postgres=postgres) as server:
            before, began = server.cpu(), time.perf_counter()
            send(load_of(server, server.secret, 64, SECONDS, alerts, room=room_in(server, window)))
            left += server.drain(DRAIN)
            elapsed, placed = time.perf_counter() - began, server.counted()
            rates.append(placed / elapsed)
            costs.append((server.cpu() - before) / max(1, placed) * 1000)
            peaks.append(server.peak())
    return [
        median_line(f"{what}: placed and assessed", "alerts/s", rates, bare_rates, wanted=wanted, still_waiting=left),
        Line(f"{what}: CPU per 1000", round(statistics.median(costs), 3), "s"),
        at_most(f"{what}: most memory", "MB", round(max(peaks), 1), 200),
    ]


def sustained_singles(stage: Stage) -> list[Line]:
    """One alert a request."""
    return _sustained(stage, "singles, sustained", 1, 1000, 0.6)


def sustained_hundreds(stage: Stage) -> list[Line]:
    """A hundred alerts a request, fingerprints all different, 500 machines."""
    return _sustained(stage, "100 a request, sustained", 100, 50, 0.2)


def sustained_hundreds_postgres(stage: Stage) -> list[Line]:
    """The same on PostgreSQL."""
    return _sustained(stage, "100 a request, sustained, PostgreSQL", 100, 50, 0.07, postgres=True)


def alert_to_card(stage: Stage) -> list[Line]:
    """On an idle system, from sending to the incident with its obligations and its card in the outbox."""
    times = []
    headers = {"Content-Type": "application/json"}
    with stage.service() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        headers["Authorization"] = f"Bearer {server.secret}"
        for number in range(100):
            body = bytes_of(BODY, number)
            time.sleep(IDLE)
            began = time.perf_counter()
            connection.request("POST", f"/webhooks/{SOURCE}", body, headers)
            connection.getresponse().read()
            while server.figures("SELECT count(DISTINCT incident_id) FROM outbox WHERE kind = 'card'")[0] <= number:
                if time.perf_counter() - began > 10:
                    raise RuntimeError("an alert became no card within ten seconds")
                time.sleep(0.001)
            times.append((time.perf_counter() - began) * 1000)
        connection.close()
    cuts = statistics.quantiles(times, n=100)
    return [at_most("alert to card, idle: p99", "ms", round(cuts[98], 1), 300, p50=round(cuts[49], 1))]


def growth_by_repeats(stage: Stage) -> list[Line]:
    """What the database grows by for each repeat of one alert, as much as a million would make."""
    body = BODY.opening + b",".join([one_alert()] * 100) + BODY.closing
    with stage.service() as server:

        def repeat(requests: int) -> tuple[int, int]:
            room = room_in(server, 20)
            send(Load(server.address, server.secret, lambda _: body, 8, 60.0, requests, room=room))
            server.drain(60)
            return server.counted(), server.size()

        (before, small), (after, large) = repeat(50), repeat(150)
    per_million = (large - small) / 2**20 / max(1, after - before) * 1e6
    return [at_most("repeats: database per million", "MB", round(per_million, 1), 50, counted=after - before)]


def one_alert() -> bytes:
    return bytes_of(BODY, 0)[len(BODY.opening) : -len(BODY.closing)]


def start(stage: Stage) -> list[Line]:
    """From the command to the first answer, on a small database."""
    times = []
    for _ in range(5):
        with stage.service() as server:
            server.stop()
            times.append(server.start())
    return [
        at_most("start to first answer", "s", round(statistics.median(times), 2), 1.5, slowest=round(max(times), 2))
    ]
