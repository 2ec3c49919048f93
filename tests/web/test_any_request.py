"""Whatever comes to the door: a documented answer, never a fault of ours, and nothing that was accepted is lost.

Accepted is what was answered with 200 and is no greeting. Of each such request the service says afterwards that it was
an alert or several, that it stands in quarantine as it came, that it was the same delivery again, or that it was
understood and is documented as no alert; the counts of its sender say just that, and the ledger holds them to it.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from breach_service.acts.senders import NewSource
from breach_service.sources.parts.payload import MOST_UNPACKED_BYTES
from breach_service.sources.registry import SOURCES
from tests.web.accounting import NO_ALERT, REDELIVERED, SET_ASIDE, SILENT, Ledger, Request, alerts
from tests.web.edge import Edge, shared_edge

DOCUMENTED = {200, 401, 405, 413, 503}
QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck)}
FEW = settings(max_examples=60, **QUIET)  # type: ignore[arg-type]
ROUNDS = settings(max_examples=8, **QUIET)  # type: ignore[arg-type]
"""In each, every kind there is gets a request."""
FEW_ROUNDS = settings(max_examples=4, phases=[Phase.explicit, Phase.reuse, Phase.generate], **QUIET)  # type: ignore[arg-type]
HEADER_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
HEADER_NAMES = [
    "content-type", "content-encoding", "x-github-event", "x-github-delivery", "x-gitlab-event", "ce-id", "ce-source",
    "ce-type", "x-amz-sns-message-type", "sentry-hook-resource", "x-okta-verification-challenge",
    "webhook-request-origin", "aeg-event-type", "user-agent", "x-signature-256",
]  # fmt: skip
HEADERS = st.dictionaries(st.sampled_from(HEADER_NAMES), HEADER_TEXT, max_size=5)
DELIVERY_IDS = sorted({part for one in SOURCES.values() for name in one.redelivery.headers for part in name.split("+")})
SPOKEN_HEADERS = st.dictionaries(
    st.sampled_from(HEADER_NAMES + DELIVERY_IDS),
    st.sampled_from(["1", "push", "application/json", "application/x-www-form-urlencoded", "gzip", "alert"])
    | HEADER_TEXT,
    max_size=5,
)
WORDS = st.sampled_from(
    ["title", "text", "message", "alerts", "event", "event_type", "action", "data", "status", "object_kind", "log_type",
     "newIssues", "value", "detail", "id", "type"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=12), inner, max_size=5),
    max_leaves=12,
)
ALERT, FORM = b'{"title": "one"}', {"content-type": "application/x-www-form-urlencoded"}
HOSTILE = {
    "empty": Request(),
    "blank": Request(b" \r\n\t"),
    "NUL bytes": Request(b"\0" * 50),
    "NUL escaped": Request(b'{"title": "a\\u0000b", "host": "a\\u0000"}'),
    "NUL behind": Request(ALERT + b"\0\0"),
    "lone surrogates": Request(b'{"title": "\\ud800 and \\udfff", "host": "\\udc00"}'),
    "surrogate in bytes": Request(b'{"title": "\xed\xa0\x80"}'),
    "arrays without end": Request(b"[" * 100_000),
    "objects without end": Request(b'{"a":' * 100_000),
    "a thousand objects": Request(b'{"a":' * 900 + b"1" + b"}" * 900),
    "five thousand arrays": Request(b"[" * 5000 + b"]" * 5000),
    "arrays in a text": Request(json.dumps({"title": "x", "message": "[" * 50_000}).encode()),
    "a number without end": Request(b'{"title": "x", "id": ' + b"9" * 5000 + b"}"),
    "a bomb": Request(gzip.compress(b"\0" * (MOST_UNPACKED_BYTES + 1)), {"content-encoding": "gzip"}),
    "a broken archive": Request(b"\x1f\x8b\x08 and no more"),
    "half an archive": Request(gzip.compress(ALERT * 100)[:-20], {"content-encoding": "gzip"}),
    "two archives": Request(gzip.compress(ALERT) + gzip.compress(ALERT)),
    "an archive in an archive": Request(gzip.compress(gzip.compress(ALERT))),
    "half a stream": Request(zlib.compress(ALERT * 100)[:-5], {"content-encoding": "deflate"}),
    "no archive, as it says": Request(ALERT, {"content-encoding": "gzip"}),
    "another archive": Request(ALERT, {"content-encoding": "br"}),
    "wide, as it does not say": Request(
        '{"title": "é"}'.encode("utf-16"), {"content-type": "text/json; charset=utf-8"}
    ),
    "not wide, as it says": Request('{"title": "é"}'.encode(), {"content-type": "application/json; charset=utf-16"}),
    "one byte a letter": Request('{"title": "é"}'.encode("latin-1"), {"content-type": "application/json"}),
    "an unknown charset": Request(ALERT, {"content-type": "application/json; charset=\xff"}),
    "a large header": Request(ALERT, {"x-trace": "a" * 200_000}),
    "a large title": Request(json.dumps({"title": "t" * 900_000}).encode()),
    "too large": Request(b" " * 1_048_577),
    "parts without a boundary": Request(b"--x\r\nfoo", {"content-type": "multipart/form-data"}),
    "parts without an end": Request(b"--x\r\nfoo", {"content-type": 'multipart/form-data; boundary="x'}),
    "a broken form": Request(b"%zz&=&a", FORM),
    "half a greeting": Request(b'{"type": "url_verification", "challenge":'),
    "a greeting without end": Request(b'{"type": "url_verification", "challenge":' + b"[" * 50_000),
    "a greeting": Request(b'{"type": "url_verification", "challenge": "x"}'),
    "a greeting and an alert": Request(b'{"type": "url_verification", "challenge": "x"}\n' + ALERT),
    "an address with anything": Request(ALERT, query="validationToken=%00%ff&&=&a=%zz", method="PUT"),
    "all of it in the address": Request(query="title=%ed%a0%80%00", method="GET"),
    "a page": Request(b"<a>b</a>", {"content-type": "text/xml"}),
    "a line": Request(b"<13>Nov 22 hello world", {"content-type": "text/plain"}),
}
"""A name for each, so that a failure reads well; they are sent in turn, so that in some runs every kind gets all."""
NO_ALERTS = {
    "firewall": Request(b'{"event_type": "flow", "flow_id": 1, "src_ip": "192.0.2.1"}'),
    "github": Request(b'{"ref": "refs/heads/main", "repository": {"id": 1}}', {"x-github-event": "push"}),
    "gitlab": Request(b'{"object_kind": "push", "project": {"id": 1}}'),
    "harfanglab": Request(b'{"log_type": "process", "agent": {"agentid": "1"}}'),
    "microsoft": Request(b'{"value": []}'),
    "pagerduty": Request(b'{"event": {"event_type": "service.updated", "resource_type": "service", "data": {}}}'),
    "sentry": Request(b'{"action": "created", "data": {"comment": "x"}}', {"sentry-hook-resource": "comment"}),
    "suricata": Request(b'{"event_type": "dns", "flow_id": 1, "src_ip": "192.0.2.1"}'),
    "thinkst": Request(b'{"type": "console-audit", "action_type": "login"}'),
    "vulnerability-scanners": Request(b'{"newIssues": [], "removedIssues": [], "project": {"name": "x"}}'),
}


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("any")) as one:
        yield one


@pytest.fixture(scope="module")
def senders(edge: Edge) -> list[NewSource]:
    """One of every kind, each with its secret in its address."""
    return [edge.source(kind, "url") for kind in SOURCES]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """One of every kind, each with its own credential, and nobody besides."""
    with shared_edge(tmp_path_factory.mktemp("ledger")) as one:
        yield Ledger(one)


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


@given(value=JSON, headers=SPOKEN_HEADERS)
@ROUNDS
def test_any_json_that_was_accepted_is_accounted_for(ledger: Ledger, value: Any, headers: dict[str, str]) -> None:
    """To every kind with its own credential, under headers of its own or of others."""
    ledger.send_to_all(Request(json.dumps(value).encode(), headers))


@given(
    body=st.binary(max_size=300) | st.text(max_size=200).map(str.encode),
    headers=SPOKEN_HEADERS,
    query=st.sampled_from(["", "a=b", "title=x&status=down", "validationToken=t"]),
    method=st.sampled_from(["POST", "POST", "PUT", "GET"]),
)
@ROUNDS
def test_any_bytes_that_were_accepted_are_accounted_for(
    ledger: Ledger, body: bytes, headers: dict[str, str], query: str, method: str
) -> None:
    """To every kind, by each method that may carry an alert; what nobody can read is kept as it came."""
    ledger.send_to_all(Request(body, headers, query, method))


@given(turn=st.integers(0, len(HOSTILE) - 1))
@FEW_ROUNDS
def test_what_was_made_to_break_us_is_accounted_for(ledger: Ledger, turn: int) -> None:
    """Every kind gets another body in each turn: bombs, lies about encodings, nesting, greetings with more behind."""
    cases = list(HOSTILE.values())
    ledger.send({kind: cases[(place + turn) % len(cases)] for place, kind in enumerate(ledger.senders)})


def test_what_a_kind_documents_as_no_alert_is_received_and_nothing_else(ledger: Ledger) -> None:
    """A push, telemetry, an audit trail: counted, so that its sender does not look silent, and no alert."""
    assert set(NO_ALERTS) == SILENT
    became = ledger.send(NO_ALERTS)
    assert {kind: became[kind] for kind in NO_ALERTS} == dict.fromkeys(NO_ALERTS, NO_ALERT)


def test_the_trial_of_every_kind_is_one_alert_and_sent_again_no_second_delivery(ledger: Ledger) -> None:
    """Where a kind retries, the same delivery is counted as such; where nothing names it, it is the alert again."""
    ids = dict.fromkeys(DELIVERY_IDS, "trial")
    trials = {kind: Request(source.test_body(), ids) for kind, source in SOURCES.items()}
    assert set(ledger.send(trials).values()) == {alerts(1)}
    again = ledger.send(trials)
    retrying = {kind for kind, source in SOURCES.items() if again[kind] == REDELIVERED}
    assert retrying >= {kind for kind, source in SOURCES.items() if source.redelivery.headers}
    assert all(again[kind] == alerts(1) for kind in set(SOURCES) - retrying)


def test_what_was_refused_leaves_no_trace_and_what_nobody_reads_is_kept(ledger: Ledger) -> None:
    """Both are told from an alert by the counts alone."""
    assert set(ledger.send_to_all(HOSTILE["too large"]).values()) == {alerts(0)}
    assert set(ledger.send_to_all(HOSTILE["a broken archive"]).values()) == {SET_ASIDE}


def test_a_greeting_and_an_archive_hide_nothing_behind_them(ledger: Ledger) -> None:
    """Whatever comes with a greeting, or in the second piece of an archive, is an alert as well."""
    code = {"eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "data": {"validationCode": "x"}}
    scan = {"eventType": "Microsoft.Security.MalwareScanningResult", "subject": "/blob", "data": {"blobUri": "a"}}
    greetings = {
        "slack": HOSTILE["a greeting and an alert"],
        "microsoft": Request(json.dumps([code, scan]).encode(), {"aeg-event-type": "SubscriptionValidation"}),
        "json": HOSTILE["two archives"],
    }
    became = ledger.send(greetings)
    assert {kind: became[kind] for kind in greetings} == dict.fromkeys(greetings, alerts(2))
