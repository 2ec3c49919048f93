"""GET /metrics: what is read from the database is the same on every replica, so rules take `max by`.

No personal data, client name or free text stands in a label: a client is its obligation's opaque id.
"""

import hmac
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from ipaddress import ip_address

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from breach_service.domain.incident import ClockState, IncidentStatus, clock_state
from breach_service.metrics import REGISTRY
from breach_service.store import figures
from breach_service.store.figures import Figures
from breach_service.store.open_clocks import Due, SameClock
from breach_service.web.context import Context, Here
from breach_service.web.needs import open_because

MOST_OBLIGATIONS = 500
"""The nearest ones; each is a series."""
WORKER_LEASE = "worker"
HEARTBEAT_SENT = "heartbeat_sent"

router = APIRouter()


@router.get(
    "/metrics",
    include_in_schema=False,
    dependencies=[open_because("it asks for a credential of its own: the token of metrics, or the loopback address")],
)
def metrics(request: Request, here: Here) -> Response:
    """For Prometheus: with the bearer token, or from loopback where none is set."""
    if not may_read(request, here.metrics_token):
        return Response("metrics need their bearer token (BREACH_METRICS_TOKEN)\n", 401, media_type="text/plain")
    with here.database.reading() as session:
        now = here.now()
        read = figures.read(session, WORKER_LEASE, HEARTBEAT_SENT, now, MOST_OBLIGATIONS)
    from_database = CollectorRegistry()
    from_database.register(_FromDatabase(read, here, now))
    body = generate_latest(REGISTRY) + generate_latest(from_database)
    return Response(body, media_type="text/plain; version=0.0.4; charset=utf-8")


def may_read(request: Request, token: str | None) -> bool:
    """True with the token, or from this machine where there is no token."""
    if token is not None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False  # a proxy on this machine speaks for somebody else
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


class _FromDatabase(Collector):
    def __init__(self, read: Figures, here: Context, now: datetime) -> None:
        self._read, self._here, self._now = read, here, now

    def collect(self) -> Iterator[Metric]:
        yield from _about_obligations(self._read, self._now)
        yield from _about_incidents(self._read)
        yield from _about_sources(self._read)
        yield from _about_queues(self._read)
        yield _gauge(
            "breach_catalog_valid", "1 while the content on disk has no fault", not self._here.content_faults()
        )
        if self._here.has_heartbeat:  # 0 where none has ever arrived, so that a wrong address is seen
            at = self._read.heartbeat_sent_at
            yield _gauge(
                "breach_heartbeat_last_success_timestamp_seconds",
                "When the last sign of life reached the dead-man's switch",
                at.timestamp() if at else 0,
            )
        build = GaugeMetricFamily("breach_build_info", "What runs here", labels=["version"])
        build.add_metric([self._here.version], 1)
        yield build


def _about_obligations(read: Figures, now: datetime) -> Iterable[Metric]:
    due = GaugeMetricFamily(
        "breach_obligation_due_timestamp_seconds",
        "When an open obligation falls due (the 500 nearest)",
        labels=["incident", "regime", "recipient", "phase"],
    )
    for one in read.nearest:
        due.add_metric([one.reference, one.regime, one.recipient, _phase(one)], one.due_at.timestamp())
    yield due
    nearest: dict[tuple[str, str], float] = {}
    states: Counter[tuple[str, str]] = Counter()
    for clock in read.clocks:
        states[str(_state(clock, now)), clock.regime] += clock.count
        if clock.due_at is not None and clock.due_at > now and not clock.is_target:
            labels, at = (clock.regime, _phase(clock)), clock.due_at.timestamp()
            nearest[labels] = min(at, nearest.get(labels, at))
    next_due = GaugeMetricFamily(
        "breach_obligation_next_due_timestamp_seconds",
        "When the next one of a regime falls due",
        labels=["regime", "phase"],
    )
    for labels, at in sorted(nearest.items()):
        next_due.add_metric(labels, at)
    yield next_due
    counted = GaugeMetricFamily("breach_obligations", "Open obligations", labels=["state", "regime"])
    regimes = sorted({regime for _, regime in states})
    for state in (ClockState.RUNNING, ClockState.DUE_SOON, ClockState.OVERDUE, ClockState.PASSED):
        for regime in regimes:
            counted.add_metric([str(state), regime], states[str(state), regime])
    yield counted


def _phase(one: Due | SameClock) -> str:
    return "provisional" if one.is_provisional else "running"


def _state(clock: SameClock, now: datetime) -> ClockState:
    """As `state_of` says it of one obligation: a target is passed, never overdue."""
    state = clock_state(clock.triggered_at, clock.due_at, now)
    return ClockState.PASSED if clock.is_target and state is ClockState.OVERDUE else state


def _about_incidents(read: Figures) -> Iterable[Metric]:
    counted = GaugeMetricFamily("breach_incidents", "Incidents by status", labels=["status"])
    for status in IncidentStatus:
        counted.add_metric([str(status)], read.incidents.get(str(status), 0))
    yield counted
    if read.oldest_unqualified is not None:
        yield _gauge(
            "breach_incident_unqualified_oldest_timestamp_seconds",
            "Since when the longest unqualified incident waits",
            read.oldest_unqualified.timestamp(),
        )
    if read.qualify_by is not None:
        yield _gauge(
            "breach_incident_unqualified_due_timestamp_seconds",
            "By when the first of the unqualified incidents must be qualified",
            read.qualify_by.timestamp(),
        )


def _about_sources(read: Figures) -> Iterable[Metric]:
    for name, words, values in (
        ("breach_alerts_received", "Alerts received", read.received),
        ("breach_quarantined", "Requests that could not be understood", read.quarantined),
    ):
        counter = CounterMetricFamily(name, words, labels=["source"])
        for source, value in values.items():
            counter.add_metric([source], value)
        yield counter
    refused = CounterMetricFamily("breach_webhooks_refused", "Requests refused", labels=["source", "reason"])
    for labels, value in read.refused.items():
        refused.add_metric(labels, value)
    yield refused
    seen = GaugeMetricFamily(
        "breach_source_last_seen_timestamp_seconds", "When a sender was last heard", labels=["source"]
    )
    for source, at in read.last_seen.items():
        seen.add_metric([source], at.timestamp())
    yield seen
    silent = GaugeMetricFamily(
        "breach_source_silent", "1 while a sender was not heard for longer than is expected of it", labels=["source"]
    )
    for source, is_silent in read.is_silent.items():
        silent.add_metric([source], float(is_silent))
    yield silent


def _about_queues(read: Figures) -> Iterable[Metric]:
    yield _gauge("breach_inbox_pending", "Requests that wait to be processed", read.inbox_pending)
    if read.inbox_oldest is not None:
        yield _gauge(
            "breach_inbox_oldest_timestamp_seconds", "Since when the oldest waits", read.inbox_oldest.timestamp()
        )
    pending = GaugeMetricFamily("breach_outbox_pending", "Messages that wait to be sent", labels=["channel"])
    oldest = GaugeMetricFamily(
        "breach_outbox_oldest_timestamp_seconds", "Since when the oldest message waits", labels=["channel"]
    )
    for channel, (count, since) in read.outbox.items():
        pending.add_metric([channel], count)
        oldest.add_metric([channel], since.timestamp())
    yield pending
    yield oldest
    delivered = CounterMetricFamily(
        "breach_deliveries", "Attempts to get a message out", labels=["channel", "result", "reason"]
    )
    for labels, count in read.deliveries.items():
        delivered.add_metric(labels, count)
    yield delivered
    yield _gauge("breach_wakes_unacknowledged", "Calls that nobody has answered yet", read.wakes_unacknowledged)
    if read.last_tick is not None:
        yield _gauge(
            "breach_worker_last_tick_timestamp_seconds", "When the worker was last alive", read.last_tick.timestamp()
        )
    if read.backed_up_at is not None:
        yield _gauge(
            "breach_backup_last_success_timestamp_seconds",
            "When the last good backup was made",
            read.backed_up_at.timestamp(),
        )
    if read.sealed_until is not None:
        yield _gauge(
            "breach_seal_last_timestamp_seconds", "Until when everything is sealed", read.sealed_until.timestamp()
        )


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=float(value))
