"""Microsoft: the greetings of its senders, secrets that must not be kept, and what is a re-delivery."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from breach_service.domain.alert import AlertStatus
from breach_service.errors import UnreadablePayload
from breach_service.sources.redelivery import delivery_key
from breach_service.sources.registry import source_of
from breach_service.sources.request import Delivery
from breach_service.sources.senders.microsoft import SOURCE
from breach_service.sources.source import Reply
from breach_service.sources.understanding import understood

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
SAMPLES = Path(__file__).parent / "samples" / "microsoft"


def reply_to(
    body: object = None, headers: dict[str, str] | None = None, query: str = "", method: str = "POST"
) -> Reply | None:
    raw = b"" if body is None else json.dumps(body).encode()
    return SOURCE.handshake(Delivery(raw, headers or {}, query, NOW, method))


def test_graph_is_answered_with_its_token_decoded() -> None:
    """As plain text: it is a text of somebody else."""
    reply = reply_to(query="validationToken=Validation%3A+Testing%20%3Cb%3E")
    assert reply is not None
    assert reply.body == b"Validation: Testing <b>"
    assert reply.content_type.startswith("text/plain")


@pytest.mark.parametrize("query", ["", "validationToken=", "token=x", "validationToken=" + "x" * 5000])
def test_without_a_token_there_is_nothing_to_answer(query: str) -> None:
    """Nor to one that is longer than any of Microsoft's."""
    assert reply_to(query=query) is None


@pytest.mark.parametrize("headers", [{"aeg-event-type": "SubscriptionValidation"}, {}])
def test_event_grid_is_answered_with_its_code(headers: dict[str, str]) -> None:
    """With its header or without."""
    event = {"eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "data": {"validationCode": "512d-38b6"}}
    reply = reply_to([event], headers)
    assert reply is not None
    assert json.loads(reply.body) == {"validationResponse": "512d-38b6"}
    assert reply.content_type == "application/json"


@pytest.mark.parametrize(
    "body", [None, [], {}, [{"eventType": "x"}], "Microsoft.EventGrid.SubscriptionValidationEvent", [{"data": None}]]
)
def test_a_greeting_without_a_code_is_no_greeting(body: object) -> None:
    """Whatever it is."""
    assert reply_to(body, {"aeg-event-type": "SubscriptionValidation"}) is None


def test_a_sender_of_cloud_events_may_write() -> None:
    """It is told that it may, as often as it asked."""
    headers = {"webhook-request-origin": "eventgrid.azure.net", "webhook-request-rate": "120"}
    reply = reply_to(headers=headers, method="OPTIONS")
    assert reply is not None
    answered = dict(reply.headers)
    assert answered["webhook-allowed-origin"] == "eventgrid.azure.net"
    assert answered["webhook-allowed-rate"] == "120"


def test_a_sender_that_names_no_rate_may_write_as_it_likes() -> None:
    """An odd rate is none."""
    reply = reply_to(headers={"webhook-request-origin": "a.example.com", "webhook-request-rate": "x"}, method="OPTIONS")
    assert reply is not None
    assert dict(reply.headers)["webhook-allowed-rate"] == "*"


@pytest.mark.parametrize("origin", ["", "a b", "a\r\nset-cookie: x", "é"])
def test_an_odd_origin_is_not_repeated(origin: str) -> None:
    """What comes back in a header is checked first."""
    assert reply_to(headers={"webhook-request-origin": origin}, method="OPTIONS") is None


def test_an_alert_is_no_greeting() -> None:
    """Every recorded body but the greetings goes on to be read."""
    names = [path for path in SAMPLES.glob("*.json") if "validation" not in path.name]
    assert names
    assert all(SOURCE.handshake(Delivery(path.read_bytes(), {}, "", NOW)) is None for path in names)


@pytest.mark.parametrize("name", ["graph_change", "graph_changes", "graph_rich", "graph_life"])
def test_the_secret_of_a_subscription_is_in_nothing_that_is_kept(name: str) -> None:
    """The client state is a shared secret, the tokens are credentials."""
    body = (SAMPLES / f"{name}.json").read_bytes()
    assert b"s3cr3t-of-ours" in body
    kept = repr([asdict(alert) for alert in SOURCE.normalise("probe", Delivery(body, {}, "", NOW))])
    assert "s3cr3t" not in kept
    assert "eyJ0" not in kept


def test_the_same_body_again_is_a_redelivery() -> None:
    """Azure Monitor repeats what was not taken, and marks it by nothing."""
    first, other = Delivery(b'{"a": 1}', {}, "", NOW), Delivery(b'{"a": 2}', {}, "", NOW)
    assert delivery_key(SOURCE.redelivery, first) == delivery_key(SOURCE.redelivery, first)
    assert delivery_key(SOURCE.redelivery, first) != delivery_key(SOURCE.redelivery, other)


def test_every_product_is_a_word_for_it() -> None:
    """People look for the product that they have."""
    words = ("azure", "Azure_Monitor", "defender", "sentinel", "graph", "entra", "logic-app", "event-grid")
    assert {source_of(word) for word in words} == {SOURCE}


def test_its_test_message_is_a_test() -> None:
    """As the test button of an action group."""
    (alert,) = SOURCE.normalise("probe", Delivery(SOURCE.test_body(), {}, "", NOW))
    assert alert.status is AlertStatus.TEST


def test_a_list_without_members_says_nothing() -> None:
    """And is no fault."""
    assert SOURCE.normalise("probe", Delivery(b'{"value": []}', {}, "", NOW)) == []


@pytest.mark.parametrize("body", [b"{}", b'{"value": [1]}', b'{"data": {"data": {"data": {"data": {"x": 1}}}}}'])
def test_what_is_not_of_microsoft_is_unreadable(body: bytes) -> None:
    """The sentence names what is expected."""
    with pytest.raises(UnreadablePayload, match="Azure Monitor, Defender or Sentinel"):
        SOURCE.normalise("probe", Delivery(body, {}, "", NOW))


def test_an_alert_at_the_address_of_another_kind_is_understood_all_the_same() -> None:
    """The common schema and a playbook of Sentinel are like nobody else's."""
    for name in ("metric", "sentinel_incident", "defender_alert", "graph_change"):
        delivery = Delivery((SAMPLES / f"{name}.json").read_bytes(), {}, "", NOW)
        (alert,) = understood(source_of("json"), "probe", delivery)
        assert alert.labels["understood_as"] == "microsoft"
