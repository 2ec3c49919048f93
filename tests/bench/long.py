"""What takes many minutes, run with BENCH_LONG=1: a million stored alerts, a million repeats."""

import signal

from tests.bench.bodies import bytes_of
from tests.bench.client import Load, send
from tests.bench.processing import one_alert, room_in
from tests.bench.report import Line, at_most
from tests.bench.serving import Ours
from tests.bench.stage import BODY, Stage, load_of

FEW, MANY = 10_000, 1_000_000
SAMPLE = 20_000
HOURS = 3600.0


def _store(server: Ours, first: int, alerts: int) -> float:
    """Send so many different alerts, a hundred a request, and wait for them: CPU seconds per 1000."""
    before, counted = server.cpu(), server.counted()
    load = load_of(server, server.secret, 16, HOURS, 100, most=alerts // 100, first=first // 100)
    load.room = room_in(server, 50)
    send(load)
    server.drain(HOURS)
    return (server.cpu() - before) / (server.counted() - counted) * 1000


def a_million_stored(stage: Stage) -> list[Line]:
    """CPU per new alert and per repeat with a million stored against ten thousand, and the start after SIGKILL."""
    with stage.service() as server:
        _store(server, 0, FEW)
        few, few_repeats = _store(server, FEW, SAMPLE), _store(server, 0, FEW)
        _store(server, FEW + SAMPLE, MANY - FEW - SAMPLE)
        many, many_repeats = _store(server, MANY, SAMPLE), _store(server, MANY // 2, SAMPLE)
        send(load_of(server, server.secret, 64, 2.0))
        server.stop(signal.SIGKILL)
        started = server.start()
        return [
            at_most("CPU per new alert, a million to ten thousand", "×", round(many / few, 2), 1.3, few=few, many=many),
            at_most("CPU per repeat, a million to ten thousand", "×", round(many_repeats / few_repeats, 2), 2.0),
            at_most("start after SIGKILL at a million alerts", "s", round(started, 2), 1.5),
            at_most("a million alerts: most memory", "MB", round(server.peak(), 1), 200),
        ]


def a_million_repeats(stage: Stage) -> list[Line]:
    """One alert, said a million times."""
    body = BODY.opening + b",".join([one_alert()] * 100) + BODY.closing
    with stage.service() as server:
        send(Load(server.address, server.secret, lambda _: bytes_of(BODY, 0), 1, 5.0, 1))
        server.drain(60)
        before = server.size()
        send(Load(server.address, server.secret, lambda _: body, 8, HOURS, MANY // 100, room=room_in(server, 20)))
        server.drain(HOURS)
        grown = (server.size() - before) / 2**20
        return [at_most("a million repeats: database grew", "MB", round(grown, 1), 50, counted=server.counted())]
