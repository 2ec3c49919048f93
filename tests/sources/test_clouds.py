"""What holds for every body that a cloud could ever send: it is alerts or unreadable, and the same every time."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.errors import UnreadablePayload
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
BODIES = sorted(
    path
    for kind in ("aws", "microsoft", "google")
    for path in (Path(__file__).parent / "samples" / kind).glob("*.json")
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["[]", "{}", "arn:a:b:c:d:e"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def changed(value: Any, data: st.DataObject) -> Any:
    """The same with anything at one place, also within a text of JSON."""
    if isinstance(value, str) and value.startswith("{"):
        return json.dumps(changed(json.loads(value), data))
    if not isinstance(value, dict | list) or not value or data.draw(st.integers(0, 6)) == 0:
        return data.draw(ANYTHING)
    if isinstance(value, list):
        place = data.draw(st.integers(0, len(value) - 1))
        return [*value[:place], changed(value[place], data), *value[place + 1 :]]
    key = data.draw(st.sampled_from(sorted(value)))
    return value | {key: changed(value[key], data)}


def body_of(delivery: Delivery, kind: str) -> list[Any]:
    try:
        return source_of(kind).normalise("probe", delivery)
    except UnreadablePayload:
        return []


@pytest.mark.parametrize("path", BODIES, ids=lambda path: f"{path.parent.name}-{path.stem}")
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_a_recorded_body_with_anything_at_any_place_is_alerts_or_unreadable(path: Path, data: st.DataObject) -> None:
    """Titles, entities and fingerprints keep their bounds."""
    body = json.dumps(changed(json.loads(path.read_text()), data)).encode()
    for alert in body_of(Delivery(body, {"x-amz-sns-message-type": "Notification"}, "", NOW), path.parent.name):
        assert 0 < len(alert.title) <= 300
        assert 0 < len(alert.fingerprint) <= 64
        assert len(alert.summary) <= 2000
        assert list(alert.entities) == sorted(set(alert.entities))
        json.dumps([alert.title, alert.summary, dict(alert.labels), alert.vendor_reference]).encode()


@pytest.mark.parametrize("path", BODIES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_time_of_receipt_changes_nothing(path: Path) -> None:
    """An alert says what the sender said."""
    body = path.read_bytes()
    early, late = (Delivery(body, {}, "", at) for at in (NOW, NOW + timedelta(days=400)))
    assert body_of(early, path.parent.name) == body_of(late, path.parent.name)


@pytest.mark.parametrize("kind", ["aws", "microsoft", "google"])
@pytest.mark.parametrize("depth", [50, 400, 900, 5000])
def test_a_deep_body_is_no_fault(kind: str, depth: int) -> None:
    """However deep the details of a finding go."""
    deep = "[" * depth + "]" * depth
    for start in (
        '{"detail-type":"x","source":"aws.guardduty","detail":{"type":"a","service":',
        '{"Findings":[{"ProductArn":"a","AwsAccountId":',
    ):
        body_of(Delivery(f"{start}{deep}}}}}".encode(), {}, "", NOW), kind)
    body_of(
        Delivery(f'{{"title":"t","severity":"low","evidence":{deep},"@odata.type":"x"}}'.encode(), {}, "", NOW), kind
    )
    body_of(Delivery(f'{{"incident":{{"incident_id":"1","resource":{deep}}}}}'.encode(), {}, "", NOW), kind)


def test_a_title_of_a_megabyte_is_cut() -> None:
    """What is shown has a sane length."""
    event = {
        "detail-type": "GuardDuty Finding",
        "source": "aws.guardduty",
        "detail": {"type": "x", "title": "a" * 10**6},
    }
    (alert,) = source_of("aws").normalise("probe", Delivery(json.dumps(event).encode(), {}, "", NOW))
    assert len(alert.title) == 300
