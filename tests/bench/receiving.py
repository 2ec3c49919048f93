"""How quickly requests are answered that are on disk, and what becomes of those beyond capacity."""

import statistics
from dataclasses import dataclass

from tests.bench.client import Load, send
from tests.bench.machine import peak_memory
from tests.bench.report import Line, at_most, median_line
from tests.bench.stage import Stage, load_of

ROUNDS = 3


@dataclass
class Burst:
    """One burst of the service, and the bare route just before it."""

    ours: Load
    bare: Load
    cpu: float
    """Seconds per 1000 requests, database included."""
    bare_cpu: float
    peak: float


def bursts(
    stage: Stage, connections: int, seconds: float, *, postgres: bool = False, with_worker: bool = True
) -> list[Burst]:  # fmt: skip
    """Bursts from an empty inbox, each into a service of its own."""
    found = []
    for _ in range(ROUNDS):
        bare, bare_cpu = stage.bare(connections, seconds)
        with stage.service(postgres=postgres, with_worker=with_worker) as server:
            before = server.cpu()
            load = send(load_of(server, server.secret, connections, seconds))
            used = (server.cpu() - before) / max(1, load.statuses[200]) * 1000
            found.append(Burst(load, bare, used, bare_cpu, server.peak()))
    return found


def _lines(what: str, found: list[Burst], wanted: float, slowest: int) -> list[Line]:
    rates = median_line(
        f"{what}: durable answers", "/s", [one.ours.rate for one in found], [one.bare.rate for one in found],
        wanted=wanted, refused=sum(one.ours.statuses[503] for one in found),
        failed=sum(sum(one.ours.statuses.values()) - one.ours.statuses[200] for one in found),
    )  # fmt: skip
    p99 = statistics.median(one.ours.milliseconds(0.99) for one in found)
    worst = max(one.ours.milliseconds(1) for one in found)
    middle = statistics.median(one.ours.milliseconds(0.5) for one in found)
    cost = statistics.median(one.cpu for one in found)
    bare_cost = statistics.median(one.bare_cpu for one in found)
    cpu = Line(f"{what}: CPU per 1000", round(cost, 4), "s", round(bare_cost, 4), cost / bare_cost)
    return [
        rates,
        at_most(f"{what}: p99 of the answer", "ms", round(p99, 1), slowest, p50=round(middle, 1)),
        at_most(f"{what}: slowest answer", "ms", round(worst, 1), 1000),
        cpu,
        at_most(f"{what}: most memory", "MB", round(max(one.peak for one in found), 1), 200),
    ]


def durable_singles(stage: Stage) -> list[Line]:
    """One alert a request, 64 connections, SQLite, five seconds from an empty inbox."""
    return _lines("singles, 64 connections", bursts(stage, 64, 5.0), 1.5, 100)


def durable_singles_16(stage: Stage) -> list[Line]:
    """The same over 16 connections, where the answer time is what counts."""
    lines = _lines("singles, 16 connections", bursts(stage, 16, 3.0), 0.0, 50)
    lines[0].wanted, lines[0].holds = "", None
    return lines


def durable_singles_postgres(stage: Stage) -> list[Line]:
    """The same on PostgreSQL, with the durability it comes with."""
    return _lines("singles, PostgreSQL", bursts(stage, 64, 5.0, postgres=True), 0.5, 100)


def receiving_alone(stage: Stage) -> list[Line]:
    """The same on SQLite with nothing processed meanwhile: what receiving itself costs."""
    return _lines("receiving alone", bursts(stage, 64, 3.0, with_worker=False), 1.5, 100)


def beyond_capacity(stage: Stage) -> list[Line]:
    """More than may wait: 503, and every alert that was answered with 200 is there afterwards."""
    with stage.service(backlog_limit=500) as server:
        load = send(load_of(server, server.secret, 64, 4.0))
        most = server.waiting()
        left = server.drain(60)
        lost = load.statuses[200] - left - server.counted()
        others = sum(load.statuses.values()) - load.statuses[200] - load.statuses[503]
    return [
        Line("beyond capacity: answered 503", load.statuses[503], "", wanted="> 0", holds=load.statuses[503] > 0),
        at_most("beyond capacity: waiting at the end", "", most, 500 + 64),
        at_most("beyond capacity: accepted and lost", "", lost, 0, accepted=load.statuses[200], still_waiting=left),
        at_most("beyond capacity: other answers", "", others, 0),
    ]


def memory(stage: Stage) -> list[Line]:
    """The most resident memory while large requests flood in."""
    with stage.service() as server:
        idle = peak_memory(server.pid)
        send(load_of(server, server.secret, 64, 5.0, alerts=100))
        peak = server.peak()
    return [at_most("100 a request, 64 connections: most memory", "MB", round(peak, 1), 200, at_start=round(idle, 1))]
