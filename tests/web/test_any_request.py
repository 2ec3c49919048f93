"""Whatever comes to the door: a documented answer, never a fault of ours, and nothing that was accepted is lost."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import func, select

from breach_service.acts.senders import NewSource
from breach_service.sources.registry import SOURCES
from breach_service.store import sources
from breach_service.store.tables import AlertRow, QuarantineRow
from tests.web.edge import Edge, shared_edge

DOCUMENTED = {200, 401, 405, 413, 503}
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
HEADER_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "content-type", "content-encoding", "x-github-event", "x-github-delivery", "x-gitlab-event", "ce-id",
            "ce-type", "x-amz-sns-message-type", "sentry-hook-resource", "x-okta-verification-challenge",
            "webhook-request-origin", "aeg-event-type", "user-agent", "x-signature-256",
        ]
    ),
    HEADER_TEXT,
    max_size=5,
)  # fmt: skip


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("any")) as one:
        yield one


@pytest.fixture(scope="module")
def senders(edge: Edge) -> list[NewSource]:
    """One of every kind."""
    return [edge.source(kind, "url") for kind in SOURCES]


@given(data=st.data())
@FEW
def test_any_request_is_answered_as_documented(edge: Edge, senders: list[NewSource], data: st.DataObject) -> None:
    """Any method, any headers, any query, any bytes, to any kind of sender, with its credential or without."""
    sender = data.draw(st.sampled_from(senders))
    path = data.draw(st.sampled_from([sender.path, f"/webhooks/{sender.name}", f"{sender.path}x"]))
    answer = edge.client.request(
        data.draw(st.sampled_from(["POST", "PUT", "GET", "HEAD", "OPTIONS", "DELETE"])),
        path,
        content=data.draw(st.binary(max_size=300)),
        headers=data.draw(HEADERS),
        params=data.draw(st.dictionaries(HEADER_TEXT, HEADER_TEXT, max_size=3)),
    )
    assert answer.status_code in DOCUMENTED


def rows(edge: Edge, sender: NewSource) -> tuple[int, int]:
    """What the service says that it received of a sender, and what it keeps of it."""
    with edge.service.database.reading() as session:
        (summary,) = [one for one in sources.summaries(session) if one.name == sender.name]
        row = sources.named(session, sender.name)
        assert row is not None
        kept = session.exec(select(func.sum(AlertRow.count)).where(AlertRow.source_id == row.id)).one() or 0
        aside = session.exec(select(func.count()).where(QuarantineRow.source_id == row.id)).one()
    return summary.received, int(kept) + int(aside)


@given(value=st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=12,
))  # fmt: skip
@FEW
def test_any_json_that_was_accepted_is_an_alert_or_in_quarantine(edge: Edge, value: Any) -> None:
    """By the general reader: what it says it received is what is kept, alert by alert."""
    sender = edge.source("json", "bearer")
    body = json.dumps(value).encode()
    assert edge.send(sender, body).status_code == 200
    edge.work()
    assert edge.waiting() == 0
    received, kept = rows(edge, sender)
    assert received == kept > 0
