"""The door for senders: an alert that was answered with 200 is on disk, everybody else is told why not."""

import asyncio
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.types import Message

from breach_service.acts import senders
from breach_service.acts.senders import Connection
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import UserRole
from breach_service.store.database import Database
from breach_service.web.webhooks import Webhooks
from tests.conftest import settings_for
from tests.web.edge import JSON_ALERT, Edge, basic, credential, shared_edge, text_in
from tests.web.polling import until

FAMILIES = ("bearer", "hmac", "url")
LIMIT = 4096


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("webhooks"), max_body_bytes=LIMIT) as one:
        yield one


def refusals(edge: Edge, name: str) -> dict[str, Any]:
    """What the API says of one sender, once the refusals are written down."""
    edge.gate.flush_refusals(edge.now)
    listed = edge.client.get("/api/v1/sources", headers=edge.token(UserRole.VIEWER)).json()
    return next(dict(one) for one in listed if one["name"] == name)


def counted(edge: Edge, name: str, reason: str) -> float:
    """What /metrics says of one sender and one reason."""
    line = f'breach_webhooks_refused_total{{reason="{reason}",source="{name}"}} '
    other = f'breach_webhooks_refused_total{{source="{name}",reason="{reason}"}} '
    found = [one for one in edge.client.get("/metrics").text.splitlines() if one.startswith((line, other))]
    return float(found[0].rpartition(" ")[2]) if found else 0.0


@pytest.mark.parametrize("auth", FAMILIES)
def test_an_answer_of_200_means_that_the_request_is_in_the_database(service: Service, auth: str) -> None:
    """Each way of proving who one is: at the instant of the answer another connection finds the row."""
    with Edge(service) as edge:
        sender = edge.source("json", auth)
        answer = edge.send(sender)
        assert (answer.status_code, edge.waiting()) == (200, 1)


def test_basic_credentials_are_taken_for_bearer_ones(edge: Edge) -> None:
    """Senders that know HTTP Basic only put the secret where the password goes."""
    sender, before = edge.source("json", "bearer"), edge.waiting()
    answer = edge.client.post(sender.path, content=JSON_ALERT, headers=basic(sender.secret))
    assert (answer.status_code, edge.waiting()) == (200, before + 1)


@pytest.mark.parametrize(
    ("auth", "headers", "reason"),
    [
        ("bearer", {}, "missing_credential"),
        ("bearer", {"authorization": "Bearer wrong"}, "wrong_credential"),
        ("bearer", {"authorization": "Basic %%%"}, "wrong_credential"),
        ("hmac", {}, "missing_signature"),
        ("hmac", {"x-signature-256": "sha256=00"}, "wrong_signature"),
        ("url", {}, "missing_credential"),
    ],
)
def test_a_wrong_credential_is_refused_and_counted_with_its_reason(
    edge: Edge, auth: str, headers: dict[str, str], reason: str
) -> None:
    """401 with a sentence; the API, the page of the senders and /metrics name the reason."""
    sender, before = edge.source("json", auth), edge.waiting()
    answer = edge.client.post(f"/webhooks/{sender.name}", content=JSON_ALERT, headers=headers)
    assert answer.status_code == 401
    assert answer.text.strip().endswith(".")
    assert edge.waiting() == before
    shown = refusals(edge, sender.name)
    assert (shown["refused"], shown["last_refusal"], shown["received"]) == (1, reason, 0)
    assert counted(edge, sender.name, reason) == 1
    page = edge.person(UserRole.VIEWER).get("/sources")
    assert page.status_code == 200
    assert f"source rotate {sender.name}" in text_in(page.text)


def test_a_wrong_secret_in_the_address_is_refused(edge: Edge) -> None:
    """The last part of the path is compared like any other secret."""
    sender = edge.source("wazuh", "url")
    answer = edge.client.post(f"/webhooks/{sender.name}/{'x' * 43}", content=b"{}")
    assert answer.status_code == 401
    assert refusals(edge, sender.name)["last_refusal"] == "wrong_credential"


def test_the_secret_of_one_sender_does_not_open_another(edge: Edge) -> None:
    """A credential belongs to a name."""
    one, other = edge.source("json", "bearer"), edge.source("json", "bearer")
    answer = edge.client.post(other.path, content=JSON_ALERT, headers=credential(one, JSON_ALERT))
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/webhooks/nobody", "/webhooks/nobody/secret", "/webhooks/", "/webhooks/%00"])
def test_an_unknown_sender_is_refused_and_counted_under_one_name(edge: Edge, path: str) -> None:
    """Whatever a stranger calls itself, /metrics gets one series: names of strangers are free text."""
    edge.gate.flush_refusals(edge.now)
    before = counted(edge, "unknown", "unknown_source")
    answer = edge.client.post(path, content=JSON_ALERT)
    edge.gate.flush_refusals(edge.now)
    assert answer.status_code == 401
    assert counted(edge, "unknown", "unknown_source") == before + 1


@pytest.mark.parametrize("is_announced", [True, False], ids=["announced", "chunked"])
def test_a_body_over_the_limit_is_refused_and_counted(edge: Edge, is_announced: bool) -> None:
    """413 with the limit in a sentence, whether the size was announced or comes to light while reading."""
    sender, before, body = edge.source(), edge.waiting(), b" " * (LIMIT + 1)
    parts = body if is_announced else iter([body[:LIMIT], body[LIMIT:]])
    answer = edge.client.post(sender.path, content=parts, headers=credential(sender, body))
    assert answer.status_code == 413
    assert str(LIMIT) in answer.text
    assert (refusals(edge, sender.name)["last_refusal"], edge.waiting()) == ("too_large", before)
    assert counted(edge, sender.name, "too_large") == 1


@pytest.mark.parametrize("is_announced", [True, False], ids=["announced", "chunked"])
def test_a_body_of_exactly_the_limit_is_taken(edge: Edge, is_announced: bool) -> None:
    """The limit is the largest that is accepted."""
    sender, body = edge.source(), JSON_ALERT.ljust(LIMIT)
    parts = body if is_announced else iter([body[:1], body[1:]])
    assert edge.client.post(sender.path, content=parts, headers=credential(sender, body)).status_code == 200


def test_forms_and_the_api_have_the_same_limit(edge: Edge) -> None:
    """413, and nothing is recorded."""
    words = {"what_happened": "x" * (LIMIT + 1)}
    answer = edge.client.post("/api/v1/incidents", json=words, headers=edge.token())
    page = edge.person(UserRole.DPO).post("/declare", data=words)
    assert (answer.status_code, page.status_code) == (413, 413)
    assert "x" * 100 not in edge.client.get("/api/v1/incidents", headers=edge.token()).text


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00\xff\x00\xff", b"[]", b"\xff\xfe\x00", b"[" * 2000, b'{"title": null}', b"5"],
)
def test_what_cannot_be_understood_is_taken_and_set_aside(edge: Edge, body: bytes) -> None:
    """200, since a 4xx loses the alert at most senders; then quarantine, with the reason, shown on the page."""
    sender = edge.source("json", "bearer")
    assert edge.send(sender, body).status_code == 200
    edge.work()
    shown = edge.client.get("/api/v1/quarantine", headers=edge.token(UserRole.VIEWER)).json()
    mine = [one for one in shown if one["source"] == sender.name]
    assert len(mine) == 1
    assert mine[0]["reason"]
    page = edge.person(UserRole.RESPONDER).get("/quarantine")
    assert page.status_code == 200
    assert sender.name in text_in(page.text)
    item = edge.person(UserRole.RESPONDER).get(f"/quarantine/{mine[0]['id']}")
    assert item.status_code == 200
    assert mine[0]["reason"] in text_in(item.text)
    assert refusals(edge, sender.name)["quarantined"] == 1


@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_only_post_brings_alerts(edge: Edge, method: str) -> None:
    """405 that says which methods there are."""
    sender = edge.source()
    answer = edge.client.request(method, sender.path, headers=credential(sender, b""))
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, PUT, GET, OPTIONS")


def test_beyond_the_backlog_a_sender_is_told_to_come_again(tmp_path: Path, make_service: Any) -> None:
    """503 with Retry-After, counted; what was accepted before stays, and room opens again with the work."""
    with Edge(make_service(settings_for(tmp_path, backlog_limit=2))) as edge:
        sender = edge.source()
        assert [edge.send(sender).status_code for _ in range(3)] == [200, 200, 503]
        refused = edge.send(sender)
        assert int(refused.headers["retry-after"]) > 0
        assert edge.waiting() == 2
        assert refusals(edge, sender.name)["last_refusal"] == "backlog_full"
        assert counted(edge, sender.name, "backlog_full") == 2
        edge.work()
        edge.gate.renew()
        assert edge.send(sender).status_code == 200


def broken(database: Database) -> None:
    """Take the table of accepted requests away, so that nothing can be written there."""
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE inbox RENAME TO gone"))


def mended(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO inbox"))


def test_a_database_that_cannot_write_is_never_answered_with_200(service: Service) -> None:
    """503 with Retry-After: the sender keeps the alert. Once the database writes again, so does the service."""
    with Edge(service) as edge:
        sender = edge.source()
        broken(service.database)
        refused = edge.send(sender)
        assert (refused.status_code, bool(refused.headers["retry-after"])) == (503, True)
        assert "gone" not in refused.text
        assert "inbox" not in refused.text
        mended(service.database)
        assert (edge.send(sender).status_code, edge.waiting()) == (200, 1)


def test_a_service_that_is_stopping_sends_its_senders_away(tmp_path: Path, make_service: Any) -> None:
    """After the database is closed nothing is taken any more, and nobody is told otherwise."""
    service = make_service(settings_for(tmp_path))
    with Edge(service) as edge:
        sender = edge.source()
        edge.gate.flush_refusals(edge.now)
        service.database.close()
        answer = edge.send(sender)
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)


def test_a_sender_that_goes_away_half_way_leaves_nothing(edge: Edge) -> None:
    """No row, no answer, no exception for the server to write down."""
    sender, before = edge.source(), edge.waiting()
    headers = [(key.encode(), value.encode()) for key, value in credential(sender, JSON_ALERT).items()]
    scope = {
        "type": "http", "method": "POST", "path": sender.path, "root_path": "/webhooks", "query_string": b"",
        "headers": [*headers, (b"content-length", str(len(JSON_ALERT)).encode())],
    }  # fmt: skip
    coming: list[Message] = [
        {"type": "http.request", "body": JSON_ALERT[:20], "more_body": True},
        {"type": "http.disconnect"},
    ]
    answered: list[Any] = []

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Any) -> None:
        answered.append(message)

    asyncio.run(Webhooks(edge.app.state.context)(scope, receive, send))
    assert (answered, edge.waiting()) == ([], before)


def test_a_sender_that_is_added_while_the_service_runs_is_known_soon(edge: Edge) -> None:
    """Another process (`source add`) wrote it; nobody restarts anything."""
    service = edge.service
    new = service.database.write(
        lambda session: senders.add_source(session, OPERATOR, Connection("late", "json"), service.cipher, edge.now)
    )
    until(lambda: edge.send(new).status_code == 200, "the new sender is still unknown")


def test_after_a_rotation_both_secrets_open_until_the_next(edge: Edge) -> None:
    """No alert is lost between the rotation here and the one at the sender."""
    service, first = edge.service, edge.source("json", "hmac")

    def rotate() -> Any:  # forced: the one before may have been noted as still in use by now
        new = service.database.write(
            lambda session: senders.rotate_source(
                session, OPERATOR, first.name, service.cipher, edge.now, is_forced=True
            )
        )
        edge.gate.renew()
        return new

    second = rotate()
    assert [edge.send(one).status_code for one in (first, second)] == [200, 200]
    third = rotate()
    assert [edge.send(one).status_code for one in (first, second, third)] == [401, 200, 200]


def test_refusals_are_written_down_even_when_the_service_stops_at_once(tmp_path: Path, make_service: Any) -> None:
    """The last second before a stop is counted like any other."""
    service = make_service(settings_for(tmp_path))
    with Edge(service) as edge:
        sender = edge.source()
        assert edge.client.post(sender.path).status_code == 401
    with Edge(service) as edge:
        listed = edge.client.get("/api/v1/sources", headers=edge.token()).json()
    assert [one["refused"] for one in listed] == [1]


@pytest.mark.parametrize("auth", FAMILIES)
def test_the_secret_appears_in_no_answer_and_no_log_line(
    edge: Edge, auth: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Accepted, refused, set aside, shown: nowhere does a secret come back."""
    caplog.set_level(logging.DEBUG)
    sender = edge.source("wazuh" if auth == "url" else "json", auth)
    answers = [
        edge.send(sender), edge.send(sender, b"\x00\xff\x00\xff"), edge.send(sender, b" " * (LIMIT + 1)),
        edge.client.post(f"{sender.path}x", content=b"", headers={"authorization": f"Bearer {sender.secret}x"}),
    ]  # fmt: skip
    edge.work()
    browser, headers = edge.person(UserRole.ADMIN), edge.token(UserRole.ADMIN)
    answers += [browser.get(path) for path in ("/sources", "/quarantine", "/incidents")]
    answers += [edge.client.get(f"/api/v1/{path}", headers=headers) for path in ("sources", "quarantine", "alerts")]
    for one in answers[-2].json():
        if one["source"] == sender.name:
            answers.append(browser.get(f"/quarantine/{one['id']}"))
    written = capfd.readouterr()
    said = [one.text for one in answers] + [json.dumps(dict(one.headers)) for one in answers]
    logged = [one.getMessage() for one in caplog.records if not one.name.startswith("httpx")]  # the test's own client
    assert [one for one in [*said, *logged, written.out, written.err] if sender.secret in one] == []


def test_a_request_that_is_stored_keeps_its_instant(edge: Edge) -> None:
    """Whenever it is processed, the alert says when it came."""
    sender, received_at = edge.source(), edge.now
    edge.send(sender)
    edge.clock.at += timedelta(minutes=7)
    edge.work()
    listed = edge.client.get("/api/v1/alerts", params={"source": sender.name}, headers=edge.token()).json()
    assert [one["received_at"] for one in listed] == [received_at.isoformat().replace("+00:00", "Z")]
