"""What holds for every kind of sender and every body that could ever arrive."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breach_service.domain.alert import Alert
from breach_service.errors import UnreadablePayload
from breach_service.sources.registry import SOURCES, source_of
from breach_service.sources.request import Delivery

RECEIVED_AT = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
SAMPLES = sorted((Path(__file__).parent / "samples").glob("*/*"))
KEYS = st.sampled_from(
    [
        "alerts",
        "labels",
        "annotations",
        "status",
        "alertname",
        "fingerprint",
        "startsAt",
        "rule",
        "id",
        "level",
        "groups",
        "mitre",
        "tactic",
        "agent",
        "name",
        "ip",
        "data",
        "srcip",
        "dest_ip",
        "alert",
        "signature",
        "category",
        "severity",
        "metadata",
        "all_fields",
        "syscheck",
        "path",
        "full_log",
        "scenario",
        "source",
        "scope",
        "value",
        "events",
        "meta",
        "key",
        "decisions",
        "simulated",
        "machine_id",
        "event_type",
        "src_ip",
        "flow",
        "timestamp",
        "title",
        "host",
        "signal",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["alert", "firing", "Ip", "ids", "10.0.0.1", "203.0.113.7:80", "[1]", "2026-11-22T18:28:12Z", "12"]
    )
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=6),
    max_leaves=25,
)


def alerts_of(kind: str, body: bytes, received_at: datetime = RECEIVED_AT) -> list[Alert]:
    return source_of(kind).normalise("probe", Delivery(body, {}, "", received_at))


def check_whatever_comes(kind: str, body: bytes) -> None:
    try:
        alerts = alerts_of(kind, body)
    except UnreadablePayload:
        return
    for alert in alerts:
        assert 0 < len(alert.title) <= 300
        assert len(alert.summary) <= 2000
        assert 0 < len(alert.fingerprint) <= 64
        assert list(alert.entities) == sorted(set(alert.entities))
        repr(alert).encode()
        json.dumps([alert.title, alert.summary, dict(alert.labels)], ensure_ascii=False).encode()


@pytest.mark.parametrize("kind", SOURCES)
@given(body=st.binary(max_size=200))
def test_any_bytes_are_alerts_or_unreadable(kind: str, body: bytes) -> None:
    """Nothing else comes out of them, whatever they are."""
    check_whatever_comes(kind, body)


@pytest.mark.parametrize("kind", SOURCES)
@given(value=JSON)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_json_is_alerts_or_unreadable(kind: str, value: Any) -> None:
    """Whatever its shape, even one that nearly is the sender's."""
    check_whatever_comes(kind, json.dumps(value).encode())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_a_recorded_body_with_anything_in_any_place_is_alerts_or_unreadable(path: Path, data: st.DataObject) -> None:
    """One value of a real payload is replaced by something else."""
    records = [json.loads(line) for line in path.read_text().splitlines()] if path.suffix == ".jsonl" else None
    value = records or json.loads(path.read_text())
    check_whatever_comes(path.parent.name, json.dumps(with_one_change(value, data)).encode())


def with_one_change(value: Any, data: st.DataObject) -> Any:
    if not isinstance(value, dict | list) or not value or data.draw(st.integers(0, 5)) == 0:
        return data.draw(JSON)
    if isinstance(value, dict):
        key = data.draw(st.sampled_from(sorted(value)))
        return value | {key: with_one_change(value[key], data)}
    place = data.draw(st.integers(0, len(value) - 1))
    return [*value[:place], with_one_change(value[place], data), *value[place + 1 :]]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_time_of_receipt_changes_nothing(path: Path) -> None:
    """An alert says what the sender said; the receipt is kept beside it."""
    body = path.read_bytes()
    assert alerts_of(path.parent.name, body) == alerts_of(path.parent.name, body, RECEIVED_AT + timedelta(days=400))


def members_of(value: Any) -> list[Any]:
    members: list[Any] = value["alerts"] if isinstance(value, dict) and "alerts" in value else value
    return members


@pytest.mark.parametrize("kind", SOURCES)
def test_every_kind_has_a_batch_among_its_recordings(kind: str) -> None:
    """The next promise is about something for each of them."""
    assert any(path.parent.name == kind and is_batch(path) for path in SAMPLES)


def is_batch(path: Path) -> bool:
    if path.suffix != ".json":
        return False
    members = members_of(json.loads(path.read_text()))
    return isinstance(members, list) and len(members) > 1


@pytest.mark.parametrize(
    "path", [path for path in SAMPLES if is_batch(path)], ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_the_order_of_the_members_changes_nothing_but_the_order(path: Path) -> None:
    """Each member is understood by itself."""
    value = json.loads(path.read_text())
    before = alerts_of(path.parent.name, json.dumps(value).encode())
    members_of(value).reverse()
    assert alerts_of(path.parent.name, json.dumps(value).encode()) == before[::-1]


PER_FIRING = {"id", "uuid", "flow_id", "timestamp", "startsAt", "start_at", "created_at", "firedtimes", "events_count"}


def without_the_firing(value: Any, path: tuple[str, ...] = ()) -> Any:
    if isinstance(value, list):
        return [without_the_firing(one, path) for one in value]
    if not isinstance(value, dict):
        return value
    # The id of a rule or of an agent is not the id of a firing.
    named = {"rule", "agent", "data", "mitre"} & set(path)
    return {
        key: "7" if key in PER_FIRING and not named else without_the_firing(one, (*path, key))
        for key, one in value.items()
    }


@pytest.mark.parametrize(
    "path",
    [path for path in SAMPLES if path.suffix == ".json" and path.parent.name != "json"],
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_what_is_of_one_firing_is_no_part_of_the_identity(path: Path) -> None:
    """Ids, counters and times of a delivery leave every fingerprint as it was."""
    value = json.loads(path.read_text())
    before = [alert.fingerprint for alert in alerts_of(path.parent.name, json.dumps(value).encode())]
    later = json.dumps(without_the_firing(value)).encode()
    assert [alert.fingerprint for alert in alerts_of(path.parent.name, later)] == before


def test_a_body_of_a_megabyte_is_read(normalised: Callable[[str, bytes], list[Alert]]) -> None:
    """Two thousand alerts at once, each with its own identity."""
    body = json.dumps([{"title": f"t{number}", "summary": "x" * 500} for number in range(2000)]).encode()
    assert len({alert.fingerprint for alert in normalised("json", body)}) == 2000
