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

from breach_service.domain.deadlines import state_of
from breach_service.domain.incident import ClockState, IncidentStatus
from breach_service.metrics import REGISTRY
from breach_service.store import figures, obligations
from breach_service.store.figures import Figures
from breach_service.store.tables import ObligationRow
from breach_service.web.context import Context, Here
from breach_service.web.needs import open_because

MOST_OBLIGATIONS = 500
"""The nearest ones; each is a series."""
WORKER_LEASE = "worker"

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
        read = figures.read(session, WORKER_LEASE)
    now = here.now()
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
        build = GaugeMetricFamily("breach_build_info", "What runs here", labels=["version"])
        build.add_metric([self._here.version], 1)
        yield build


def _about_obligations(read: Figures, now: datetime) -> Iterable[Metric]:
    due = GaugeMetricFamily(
        "breach_obligation_due_timestamp_seconds",
        "When an open obligation falls due (the 500 nearest)",
        labels=["incident", "regime", "recipient", "phase"],
    )
    told: dict[tuple[str, str, str, str], float] = {}
    nearest: dict[tuple[str, str], float] = {}
    states: Counter[tuple[str, str]] = Counter()
    for row, reference in read.open_obligations:
        states[str(state_of(obligations.obligation_of(row), now)), row.regime] += 1
        if row.due_at is None:
            continue
        phase, at = ("provisional" if row.is_provisional else "running"), row.due_at.timestamp()
        if row.due_at > now:
            nearest.setdefault((row.regime, phase), at)
        # Joint controllers owe the CNIL once for each perimeter: of equal labels the nearest stands, which came first.
        if reference:  # a restricted incident is only counted
            told.setdefault((reference, row.regime, recipient_label(row), phase), at)
    for series, at in list(told.items())[:MOST_OBLIGATIONS]:
        due.add_metric(series, at)
    yield due
    next_due = GaugeMetricFamily(
        "breach_obligation_next_due_timestamp_seconds",
        "When the next one of a regime falls due",
        labels=["regime", "phase"],
    )
    for labels, at in nearest.items():
        next_due.add_metric(labels, at)
    yield next_due
    counted = GaugeMetricFamily("breach_obligations", "Open obligations", labels=["state", "regime"])
    regimes = sorted({regime for _, regime in states})
    for state in (ClockState.RUNNING, ClockState.DUE_SOON, ClockState.OVERDUE):
        for regime in regimes:
            counted.add_metric([str(state), regime], states[str(state), regime])
    yield counted


def recipient_label(row: ObligationRow) -> str:
    """`cnil`, `persons`, `register` or `client:<opaque id>`."""
    return f"client:{row.public_id}" if row.recipient.startswith("client:") else row.recipient


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
    if read.last_tick is not None:
        yield _gauge(
            "breach_worker_last_tick_timestamp_seconds", "When the worker was last alive", read.last_tick.timestamp()
        )
    if read.sealed_until is not None:
        yield _gauge(
            "breach_seal_last_timestamp_seconds", "Until when everything is sealed", read.sealed_until.timestamp()
        )


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=float(value))
