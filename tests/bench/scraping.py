"""How long Prometheus waits for /metrics while thousands of obligations are open."""

import secrets
import statistics
import time
from datetime import timedelta
from http.client import HTTPConnection

from sqlalchemy import create_engine
from sqlmodel import Session

from breach_service.clock import utc_now
from breach_service.store.tables import IncidentRow, ObligationRow
from tests.bench.report import Line, at_most
from tests.bench.serving import Ours, Server, baseline
from tests.bench.stage import Stage

OBLIGATIONS, TO_AN_INCIDENT = 10_000, 50
ROUNDS = 41
WARMING = 3
LIMIT = 100
TERMS = {
    "regime": "client-notice", "kind": "legal", "reference": "GDPR Art. 33(2)", "hours": 72, "months": None,
    "counted_from": "aware_at",
}  # fmt: skip


def metrics(stage: Stage) -> list[Line]:
    """One answer of /metrics with 10,000 open obligations, in milliseconds; beside it the bare route."""
    return _measured(stage, postgres=False)


def metrics_postgres(stage: Stage) -> list[Line]:
    """The same with PostgreSQL."""
    return _measured(stage, postgres=True)


def _measured(stage: Stage, *, postgres: bool) -> list[Line]:
    on = "PostgreSQL" if postgres else "SQLite"
    with stage.service(postgres=postgres, with_worker=False) as ours, baseline(stage.directory) as bare:
        _fill(ours)
        found, cpu, length = _asked(ours, "/metrics")
        other, other_cpu, _ = _asked(bare, "/readyz")
    more = {"obligations": OBLIGATIONS, "bytes": length, "slowest": round(max(found), 2)}
    wall = at_most(f"/metrics, 10,000 open obligations, {on}", "ms", round(statistics.median(found), 2), LIMIT, **more)
    spent = Line(f"/metrics, 10,000 open obligations, {on}: processor", round(cpu, 2), "ms")
    wall.baseline, spent.baseline = round(statistics.median(other), 3), round(other_cpu, 3)
    for line in (wall, spent):
        line.ratio = line.found / line.baseline if line.baseline else None
    return [wall, spent]


def _asked(server: Server, path: str) -> tuple[list[float], float, int]:
    """Milliseconds from each request to its answer, processor milliseconds of one on average, bytes of the last."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    times, before, length = [], 0.0, 0
    for number in range(WARMING + ROUNDS):
        if number == WARMING:
            before = server.cpu()
        began = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        length = len(answer.read())
        times.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
    connection.close()
    return times[WARMING:], (server.cpu() - before) / ROUNDS * 1000, length


def _fill(ours: Ours) -> None:
    """Incidents with clients to inform, due at as many instants; some are overdue, some due soon, some restricted."""
    now = utc_now()
    with Session(create_engine(ours.database_url)) as session:
        for number in range(OBLIGATIONS // TO_AN_INCIDENT):
            began = now - timedelta(minutes=25 * number)
            incident = IncidentRow(
                reference=f"INC-2026-{number + 1:04d}", title="Web shell", status="confirmed", organisation="us",
                opened_at=began, detected_at=began, qualify_by=began + timedelta(hours=24), group_key=str(number),
                first_alert_at=began, last_alert_at=began, is_restricted=number % 10 == 9,
            )  # fmt: skip
            session.add(incident)
            session.flush()
            for one in range(TO_AN_INCIDENT):
                triggered_at = began + timedelta(seconds=one)
                session.add(
                    ObligationRow(
                        incident_id=incident.id, perimeter=f"client:{one}", recipient=f"client:{one}",
                        public_id=secrets.token_hex(8), duty="client", terms=TERMS, advice="required",
                        is_provisional=one % 2 == 0, triggered_at=triggered_at,
                        due_at=triggered_at + timedelta(hours=72), created_at=began, regime="client-notice",
                    )
                )  # fmt: skip
        session.commit()
