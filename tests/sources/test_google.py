"""Google Cloud: what Pub/Sub wraps, and what is a re-delivery."""

import base64
import json
from datetime import UTC, datetime

import pytest

from breach_service.domain.alert import AlertStatus
from breach_service.errors import UnreadablePayload
from breach_service.sources.redelivery import delivery_key
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.sources.senders.google import SOURCE

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


def push(data: str, **message: object) -> Delivery:
    body = {"message": {"data": data, "messageId": "77", **message}, "subscription": "projects/p/subscriptions/s"}
    return Delivery(json.dumps(body).encode(), {}, "", NOW)


def test_a_push_is_known_by_the_id_of_its_message() -> None:
    """In the body, in either spelling, or in a header where the wrapper was taken off."""
    in_body = delivery_key(SOURCE.redelivery, push("e30="))
    older = delivery_key(SOURCE.redelivery, Delivery(b'{"message": {"message_id": "77"}}', {}, "", NOW))
    in_header = delivery_key(SOURCE.redelivery, Delivery(b"{}", {"x-goog-pubsub-message-id": "77"}, "", NOW))
    assert in_body is not None
    assert in_body == older == in_header
    assert in_body != delivery_key(SOURCE.redelivery, push("e30=", messageId="78"))


@pytest.mark.parametrize(
    "body", [b'{"message": null}', b'{"message": {"messageId": {}}}', b'"messageId"', b"messageId"]
)
def test_a_push_without_an_id_is_no_redelivery(body: bytes) -> None:
    """Whatever stands in its place."""
    assert delivery_key(SOURCE.redelivery, Delivery(body, {}, "", NOW)) is None


@pytest.mark.parametrize("is_encoded", [True, False])
def test_data_is_read_encoded_or_not(is_encoded: bool) -> None:
    """Relays that play Pub/Sub forget the Base64."""
    text = json.dumps(
        {"incident": {"incident_id": "1", "policy_name": "CRM", "state": "closed", "started_at": 1795372092}}
    )
    data = base64.b64encode(text.encode()).decode() if is_encoded else text
    (alert,) = SOURCE.normalise("probe", push(data))
    assert (alert.title, alert.status) == ("CRM", AlertStatus.RESOLVED)


def test_an_empty_message_is_an_alert_all_the_same() -> None:
    """Its attributes may be all that it says."""
    (alert,) = SOURCE.normalise("probe", push("", attributes={"env": "prod"}))
    assert (alert.title, dict(alert.labels)) == ("Pub/Sub message", {"env": "prod"})


def test_every_product_is_a_word_for_it() -> None:
    """People look for the product that they have."""
    words = ("gcp", "google_cloud", "scc", "pubsub", "stackdriver")
    assert {source_of(word) for word in words} == {SOURCE}


def test_its_test_message_is_a_test() -> None:
    """As the test button of a notification channel."""
    (alert,) = SOURCE.normalise("probe", Delivery(SOURCE.test_body(), {}, "", NOW))
    assert alert.status is AlertStatus.TEST


@pytest.mark.parametrize("body", [b"{}", b'{"incident": 3}', b'{"message": {"data": "e30="}}'])
def test_what_is_not_of_google_is_unreadable(body: bytes) -> None:
    """The sentence names what is expected."""
    with pytest.raises(UnreadablePayload, match="Security Command Center"):
        SOURCE.normalise("probe", Delivery(body, {}, "", NOW))
