"""Sentry: its signature over the raw bytes, and what an event names."""

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.alert import Alert
from breach_service.errors import UnreadablePayload, WrongCredential
from breach_service.sources.credentials import AuthKind, Credential, verify
from breach_service.sources.request import Delivery
from breach_service.sources.senders.sentry import SOURCE

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
# With a blank and an escape that serialising again would lose.
BODY = b'{"action":  "created", "data": {"issue": {"title": "caf\\u00e9"}}}'


def alerts_of(body: Any) -> list[Alert]:
    return SOURCE.normalise("probe", Delivery(json.dumps(body).encode(), {}, "", NOW))


def check(headers: dict[str, str], body: bytes, *secrets: bytes) -> int:
    credential = Credential(AuthKind.HMAC, secrets=secrets, signings=SOURCE.signings)
    return verify(credential, headers, body, None, NOW)


def test_the_signature_of_the_raw_bytes_is_accepted() -> None:
    """Hexadecimal without a prefix, by either secret of a rotation; the clock in the headers is not signed."""
    headers = {"sentry-hook-signature": hmac.new(b"theirs", BODY, sha256).hexdigest(), "sentry-hook-timestamp": "1"}
    assert check(headers, BODY, b"theirs") == 0
    assert check(headers, BODY, b"newer", b"theirs") == 1


def test_a_body_that_was_written_again_is_refused() -> None:
    """The same JSON in other bytes is not what Sentry signed."""
    headers = {"sentry-hook-signature": hmac.new(b"theirs", BODY, sha256).hexdigest()}
    with pytest.raises(WrongCredential):
        check(headers, json.dumps(json.loads(BODY)).encode(), b"theirs")


@pytest.mark.parametrize(
    "tags",
    [
        [["server_name", "web-02"], ["environment", "production"]],
        [{"key": "server_name", "value": "web-02"}, {"key": "environment", "value": "production"}],
        {"server_name": "web-02", "environment": "production"},
    ],
)
def test_tags_are_read_however_they_are_written(tags: Any) -> None:
    """Pairs, objects, or one object."""
    [alert] = alerts_of({"data": {"event": {"title": "x", "tags": tags}}, "installation": {"uuid": "u"}})
    assert [one.value for one in alert.entities] == ["web-02"]
    assert alert.labels["environment"] == "production"


def test_what_follows_the_question_mark_of_an_address_stays_in_the_body() -> None:
    """Visitors' tokens and words are in there."""
    request = {"url": "https://boutique.example.fr/compte?jeton=abc#def"}
    [alert] = alerts_of({"data": {"event": {"title": "x", "request": request, "tags": [["url", request["url"]]]}}})
    assert "jeton" not in repr(alert)


@pytest.mark.parametrize(
    ("title", "signal"),
    [
        ("IntegrityError: duplicate key value", "operations"),
        ("AuthenticationFailed: token expired", "operations"),
        ("ConnectionError: host is down", "operations"),
        ("DisallowedHost: Invalid HTTP_HOST header", "scan"),
        ("Possible SQL injection in /search", "web_exploit"),
    ],
)
def test_the_words_of_an_error_do_not_make_an_attack_of_it(title: str, signal: str) -> None:
    """Only names of exceptions that say so."""
    [alert] = alerts_of({"data": {"event": {"title": title, "issue_id": "1"}}})
    assert alert.signal == signal


def test_a_body_that_is_not_of_sentry_is_unreadable() -> None:
    """It holds no event, issue or alert."""
    with pytest.raises(UnreadablePayload, match="holds no event"):
        alerts_of({"data": {"hello": "world"}})


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["yes", "x" * 3000])
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "title", "tags", "user", "key", "value", "project"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
KEYS = ["tags", "user", "request", "metadata", "title", "issue_id", "contexts", "project", "level", "datetime", "url"]


@pytest.mark.parametrize("holder", ["event", "error", "issue", "metric_alert", "installation"])
@given(data=st.data())
def test_any_event_is_an_alert(holder: str, data: st.DataObject) -> None:
    """Whatever stands in its places."""
    event = data.draw(st.dictionaries(st.sampled_from(KEYS), VALUES, min_size=1, max_size=6))
    [alert] = alerts_of({"action": "created", "data": {holder: event}})
    assert 0 < len(alert.title) <= 300
