"""CloudEvents: the envelope of events, and the permission to send them."""

from datetime import UTC, datetime

import pytest

from breach_service.sources.redelivery import delivery_key
from breach_service.sources.request import Delivery
from breach_service.sources.senders.cloudevents import SOURCE

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_who_asks_to_send_is_let() -> None:
    """The origin and the rate that it names are allowed; the answer has no body."""
    headers = {"webhook-request-origin": "eventemitter.example.com", "webhook-request-rate": "120"}
    reply = SOURCE.handshake(Delivery(b"", headers, "", NOW, "OPTIONS"))
    assert reply is not None
    assert reply.body == b""
    answer = dict(reply.headers)
    assert answer["webhook-allowed-origin"] == "eventemitter.example.com"
    assert answer["webhook-allowed-rate"] == "120"


def test_what_is_asked_for_is_never_reflected_unread() -> None:
    """A header cannot be smuggled into the answer."""
    headers = {"webhook-request-origin": "a\r\nset-cookie: x", "webhook-request-rate": "many"}
    reply = SOURCE.handshake(Delivery(b"", headers, "", NOW, "OPTIONS"))
    assert reply is not None
    assert dict(reply.headers)["webhook-allowed-origin"] == "*"
    assert dict(reply.headers)["webhook-allowed-rate"] == "*"


@pytest.mark.parametrize(
    ("method", "headers"), [("POST", {"webhook-request-origin": "a.example"}), ("OPTIONS", {}), ("GET", {})]
)
def test_every_other_request_is_no_handshake(method: str, headers: dict[str, str]) -> None:
    """A preflight of a browser among them."""
    assert SOURCE.handshake(Delivery(b"{}", headers, "", NOW, method)) is None


def test_an_event_in_binary_mode_sent_again_is_the_same_delivery() -> None:
    """By its id within its source, whatever its body: two sources may both count from one."""
    first, again, other, elsewhere = (
        delivery_key(SOURCE.redelivery, Delivery(body, {"ce-id": identity, "ce-source": source}, "", NOW))
        for body, identity, source in (
            (b"1", "e-1", "/a"),
            (b"2", "e-1", "/a"),
            (b"1", "e-2", "/a"),
            (b"1", "e-1", "/b"),
        )
    )
    assert first == again
    assert len({first, other, elsewhere}) == 3


def test_an_event_is_recognised_by_its_attributes() -> None:
    """Sent to any other address, it is read all the same."""
    assert SOURCE.recognises({"specversion": "1.0", "id": "1", "source": "/s", "type": "t"})
    assert not SOURCE.recognises({"type": "t", "source": "/s"})
