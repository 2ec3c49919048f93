"""Recorded payloads and the shortest way from one to its alerts."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from breach_service.domain.alert import Alert
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery

SAMPLES = Path(__file__).parent / "samples"
RECEIVED_AT = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def sample() -> Callable[[str], bytes]:
    """The bytes of `samples/<kind>/<name>`."""
    return lambda name: (SAMPLES / name).read_bytes()


@pytest.fixture(scope="session")
def normalised() -> Callable[[str, bytes], list[Alert]]:
    """The alerts of one body from a source of that kind, called `probe`."""

    def alerts_of(kind: str, body: bytes) -> list[Alert]:
        return source_of(kind).normalise("probe", Delivery(body, {}, "", RECEIVED_AT))

    return alerts_of


@pytest.fixture(scope="session")
def recorded(
    sample: Callable[[str], bytes], normalised: Callable[[str, bytes], list[Alert]]
) -> Callable[[str], list[Alert]]:
    """The alerts of `samples/<kind>/<name>`."""
    return lambda name: normalised(name.partition("/")[0], sample(name))
