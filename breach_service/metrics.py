"""Figures of this process: how long the stages take. What is read from the database is collected in `web.figures`."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from breach_service.clock import monotonic

disable_created_metrics()  # type: ignore[no-untyped-call]  # instants that nobody asks for, one more series for each
REGISTRY = CollectorRegistry()
STAGES = ("receive", "normalise", "place", "assess", "deliver", "seal")

stage_duration = Histogram(
    "breach_stage_duration_seconds",
    "How long one stage of the way of the data takes",
    ["stage"],
    registry=REGISTRY,
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
for _stage in STAGES:
    stage_duration.labels(_stage)
heartbeats = Counter(
    "breach_heartbeats", "Signs of life to the dead-man's switch: sent, lost, or kept back", ["result"],
    registry=REGISTRY,
)  # fmt: skip
for _result in ("sent", "lost", "kept_back"):
    heartbeats.labels(_result)


@contextmanager
def timed(stage: str) -> Iterator[None]:
    """Time one stage."""
    began = monotonic()
    try:
        yield
    finally:
        stage_duration.labels(stage).observe(monotonic() - began)
