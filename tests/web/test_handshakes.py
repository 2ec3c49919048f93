"""Senders that ask to be let speak are answered what they expect, and none of it opens anything."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from breach_service.sources.registry import SOURCES
from tests.conftest import settings_for
from tests.web.edge import Edge, credential


@pytest.fixture
def own_edge(tmp_path: Path, make_service: Any) -> Iterator[Edge]:
    """A service of the test's own."""
    with Edge(make_service(settings_for(tmp_path))) as one:
        yield one


def alerts(edge: Edge, name: str) -> list[dict[str, object]]:
    edge.work()
    found = edge.client.get(f"/api/v1/alerts?source={name}", headers=edge.token())
    return list(found.json())


def open_incidents(edge: Edge) -> int:
    return len(edge.client.get("/api/v1/incidents", headers=edge.token()).json())


def test_the_challenge_of_okta_comes_back_as_json(own_edge: Edge) -> None:
    """One GET with a header, before any event."""
    sender = own_edge.source("okta", "bearer")
    challenge = {"x-okta-verification-challenge": "c0ffee-1"}
    answer = own_edge.client.get(sender.path, headers=challenge)
    assert answer.status_code == 200
    assert answer.json() == {"verification": "c0ffee-1"}
    assert answer.headers["content-type"].startswith("application/json")


def test_the_validation_token_of_microsoft_graph_comes_back_decoded_as_plain_text(own_edge: Edge) -> None:
    """Within ten seconds, as text that no browser takes for a page."""
    sender = own_edge.source("microsoft", "url")
    answer = own_edge.client.post(f"{sender.path}?validationToken=Validation%3A+a%3Cb%3E", content=b"")
    assert answer.status_code == 200
    assert answer.text == "Validation: a<b>"
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert [one["status"] for one in alerts(own_edge, sender.name)] == ["handshake"]
    assert open_incidents(own_edge) == 0


def test_the_validation_code_of_event_grid_comes_back(own_edge: Edge) -> None:
    """The first event of a subscription asks for it."""
    sender = own_edge.source("microsoft", "url")
    event = {"eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "data": {"validationCode": "512d38b6"}}
    headers = {"aeg-event-type": "SubscriptionValidation"}
    answer = own_edge.client.post(sender.path, content=json.dumps([event]), headers=headers)
    assert answer.json() == {"validationResponse": "512d38b6"}


def test_a_cloudevents_sender_is_allowed(own_edge: Edge) -> None:
    """OPTIONS with its origin, before the first event."""
    sender = own_edge.source("cloudevents", "bearer")
    answer = own_edge.client.options(sender.path, headers={"webhook-request-origin": "events.example.com"})
    assert answer.status_code == 200
    assert answer.headers["webhook-allowed-origin"] == "events.example.com"
    assert "webhook-allowed-rate" in answer.headers


def test_the_challenge_of_slack_comes_back(own_edge: Edge) -> None:
    """The url_verification of everything that is built like Slack."""
    sender = own_edge.source("slack", "url")
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7"})
    answer = own_edge.client.post(sender.path, content=body)
    assert answer.status_code == 200
    assert "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7" in answer.text


def test_the_secret_of_an_address_is_needed_for_a_handshake_too(own_edge: Edge) -> None:
    """Else anybody could find out which senders there are."""
    sender = own_edge.source("okta", "url")
    answer = own_edge.client.get(f"/webhooks/{sender.name}/wrong", headers={"x-okta-verification-challenge": "x"})
    assert answer.status_code == 401


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PATCH", "DELETE"])
def test_what_is_neither_an_alert_nor_a_handshake_is_told_how_to_send(own_edge: Edge, method: str) -> None:
    """405, with the methods that are taken."""
    sender = own_edge.source()
    answer = own_edge.client.request(method, sender.path)
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


def test_an_alert_may_come_by_put(own_edge: Edge) -> None:
    """Some senders say PUT."""
    sender = own_edge.source()
    body = b'{"title": "An odd request"}'
    assert own_edge.client.put(sender.path, content=body, headers=credential(sender, body)).status_code == 200
    assert [one["title"] for one in alerts(own_edge, sender.name)] == ["An odd request"]


def test_an_alert_may_come_in_the_query_of_a_get(own_edge: Edge) -> None:
    """Uptime checks put it there."""
    sender = own_edge.source("json", "url")
    answer = own_edge.client.get(f"{sender.path}?title=Shop+is+down&host=shop-01&status=firing")
    assert answer.status_code == 200
    (found,) = alerts(own_edge, sender.name)
    assert (found["title"], found["signal"]) == ("Shop is down", "unavailability")


def test_the_test_button_of_every_kind_is_kept_as_a_test_and_opens_nothing(own_edge: Edge) -> None:
    """It says that the connection works, and nothing else."""
    for kind, source in SOURCES.items():
        sender = own_edge.source(kind, "bearer")
        assert own_edge.send(sender, source.test_body()).status_code == 200
        assert {one["status"] for one in alerts(own_edge, sender.name)} == {"test"}, kind
    assert open_incidents(own_edge) == 0
