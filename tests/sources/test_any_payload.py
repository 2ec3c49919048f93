"""What holds for every kind of sender and every body that could ever arrive."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from breach_service.domain.alert import Alert
from breach_service.errors import UnreadablePayload
from breach_service.sources.registry import SOURCES, source_of
from breach_service.sources.request import Delivery
from breach_service.sources.understanding import understood


def is_json(file: Path) -> bool:
    try:
        json.loads(file.read_bytes())
    except ValueError:
        return False
    return True


def keys_in(value: Any) -> set[str]:
    """Every key that senders use, at any depth."""
    if isinstance(value, list):
        return {key for one in value for key in keys_in(one)}
    if not isinstance(value, dict):
        return set()
    return set(value) | {key for one in value.values() for key in keys_in(one)}


RECEIVED_AT = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
ROOT = Path(__file__).parent / "samples"
BODIES = sorted(one for one in ROOT.glob("*/*") if not one.name.endswith(".expected.yaml"))
SAMPLES = [one for one in BODIES if one.suffix == ".json" and is_json(one)]
MONITORS = ("alertmanager", "crowdsec", "suricata", "wazuh")
"""Kinds whose members are independent of each other, and whose ids of a firing are known by name."""
KEYS = st.sampled_from(sorted({key for one in SAMPLES for key in keys_in(json.loads(one.read_bytes()))}))
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
"""A few of each for every kind: together they are thousands."""
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


def alerts_of(kind: str, body: bytes, received_at: datetime = RECEIVED_AT, **headers: str) -> list[Alert]:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return understood(source_of(kind), "probe", Delivery(body, named, "", received_at))


def check_whatever_comes(kind: str, body: bytes, **headers: str) -> None:
    try:
        alerts = alerts_of(kind, body, **headers)
    except UnreadablePayload:
        return
    for alert in alerts:
        assert 0 < len(alert.title) <= 300
        assert len(alert.summary) <= 2000
        assert len(alert.link) <= 2010
        assert len(alert.vendor_reference) <= 500
        assert 0 < len(alert.fingerprint) <= 64
        assert list(alert.entities) == sorted(set(alert.entities))
        repr(alert).encode()
        json.dumps([alert.title, alert.summary, dict(alert.labels), alert.link, alert.vendor_severity]).encode()


CONTENT_TYPES = st.sampled_from(
    [
        "", "application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "multipart/form-data", "application/cloudevents+json", "application/octet-stream", "\x00", "a" * 300,
    ]
)  # fmt: skip
ENCODINGS = st.sampled_from(["", "gzip", "deflate", "br"])


@pytest.mark.parametrize("kind", SOURCES)
@given(body=st.binary(max_size=200), content_type=CONTENT_TYPES, content_encoding=ENCODINGS)
@FEW
def test_any_bytes_are_alerts_or_unreadable(kind: str, body: bytes, content_type: str, content_encoding: str) -> None:
    """Nothing else comes out of them, whatever they are, and whatever their headers say that they are."""
    check_whatever_comes(kind, body, content_type=content_type, content_encoding=content_encoding)


@pytest.mark.parametrize("kind", SOURCES)
@given(text=st.text(max_size=300), query=st.text(max_size=50), header=st.text(max_size=30))
@FEW
def test_any_text_is_alerts_or_unreadable(kind: str, text: str, query: str, header: str) -> None:
    """In the body, in the query and in the headers that say what kind of event it is."""
    names = ("x-github-event", "x-gitlab-event", "sentry-hook-resource", "x-amz-sns-message-type", "ce-type", "ce-id")
    delivery = Delivery(text.encode("utf-8", "surrogatepass"), dict.fromkeys(names, header), query, RECEIVED_AT, "POST")
    try:
        understood(source_of(kind), "probe", delivery)
    except UnreadablePayload:
        return


@pytest.mark.parametrize("kind", SOURCES)
@given(value=JSON)
@FEW
def test_any_json_is_alerts_or_unreadable(kind: str, value: Any) -> None:
    """Whatever its shape, even one that nearly is the sender's."""
    check_whatever_comes(kind, json.dumps(value).encode())


@pytest.mark.parametrize("kind", SOURCES)
@given(data=st.data())
@settings(FEW, max_examples=60)
def test_a_recorded_body_with_anything_in_any_place_is_alerts_or_unreadable(kind: str, data: st.DataObject) -> None:
    """One value of a real payload is replaced by something else."""
    own = [one for one in SAMPLES if one.parent.name == kind]
    assume(own)
    value = json.loads(data.draw(st.sampled_from(own)).read_bytes())
    check_whatever_comes(kind, json.dumps(with_one_change(value, data)).encode())


@pytest.mark.parametrize("kind", SOURCES)
def test_a_recorded_body_of_any_kind_is_readable_by_every_other(kind: str) -> None:
    """A body at the wrong address is an alert all the same, or nothing at all; it is never a fault."""
    for one in BODIES:
        check_whatever_comes(kind, one.read_bytes())


def with_one_change(value: Any, data: st.DataObject) -> Any:
    if not isinstance(value, dict | list) or not value or data.draw(st.integers(0, 5)) == 0:
        return data.draw(JSON)
    if isinstance(value, dict):
        key = data.draw(st.sampled_from(sorted(value)))
        return value | {key: with_one_change(value[key], data)}
    place = data.draw(st.integers(0, len(value) - 1))
    return [*value[:place], with_one_change(value[place], data), *value[place + 1 :]]


MONITORED = [one for one in SAMPLES if one.parent.name in MONITORS]
NAMES = [f"{one.parent.name}-{one.stem}" for one in MONITORED]


@pytest.mark.parametrize("path", MONITORED, ids=NAMES)
def test_the_time_of_receipt_changes_nothing(path: Path) -> None:
    """An alert says what the sender said; the receipt is kept beside it."""
    body = path.read_bytes()
    assert alerts_of(path.parent.name, body) == alerts_of(path.parent.name, body, RECEIVED_AT + timedelta(days=400))


def members_of(value: Any) -> list[Any]:
    members: list[Any] = value["alerts"] if isinstance(value, dict) and "alerts" in value else value
    return members


def is_batch(path: Path) -> bool:
    if path.suffix != ".json":
        return False
    members = members_of(json.loads(path.read_text()))
    return isinstance(members, list) and len(members) > 1


@pytest.mark.parametrize(
    "path", [path for path in MONITORED if is_batch(path)], ids=lambda path: f"{path.parent.name}-{path.stem}"
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
    MONITORED,
    ids=NAMES,
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
