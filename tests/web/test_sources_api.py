"""The API of the senders: what a program can do that sets an installation up."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts.senders import NewSource
from breach_service.domain.access import UserRole
from breach_service.sources.credentials import AuthKind
from tests.web.edge import Edge, shared_edge

URL = "/api/v1/sources"


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("sources-api")) as one:
        yield one


def call(edge: Edge, method: str, path: str, body: Any = None, role: UserRole = UserRole.ADMIN) -> Any:
    return edge.client.request(method, f"{URL}{path}", json=body, headers=edge.token(role))


def problem(answer: Any, status: int) -> str:
    """The sentence of an answer that says no."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    return str(answer.json()["title"])


def test_a_program_connects_a_sender_and_is_told_its_secret_once(edge: Edge) -> None:
    """201 with the address and the secret, not to be cached; the list holds neither."""
    answer = call(edge, "POST", "", {"kind": "json", "name": "by-program", "auth": "bearer"})
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    new = answer.json()
    assert new["url"] == "http://testserver/webhooks/by-program"
    assert new["observed_until"] == (edge.now + timedelta(hours=24)).isoformat().replace("+00:00", "Z")
    sender = NewSource(new["name"], new["kind"], AuthKind(new["auth"]), new["secret"], "/webhooks/by-program")
    assert edge.send(sender).status_code == 200
    edge.work()
    assert new["secret"] not in call(edge, "GET", "").text


def test_a_program_may_bring_the_secret_and_ask_for_no_observation(edge: Edge) -> None:
    """As on the command line."""
    body = {"kind": "json", "name": "own-secret", "secret": "made-elsewhere-1", "live": True}
    new = call(edge, "POST", "", body).json()
    assert (new["secret"], new["observed_until"]) == ("made-elsewhere-1", None)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"kind": "pigeon", "name": "x"}, "no kind of source"),
        ({"kind": "json", "name": "Not A Name"}, "named with"),
        ({"kind": "json", "name": "x", "auth": "magic"}, "auth"),
        ({"kind": "json", "name": "x", "secret": "short"}, "at least 12"),
        ({"kind": "json", "name": "a\x00b"}, "NUL"),
        ({"kind": "json"}, "name"),
        ([], "the body"),
    ],
)
def test_a_connection_that_cannot_be_made_is_said(edge: Edge, body: Any, sentence: str) -> None:
    """422 as problem+json, and nothing is recorded."""
    before = call(edge, "GET", "").json()
    assert sentence in problem(call(edge, "POST", "", body), 422)
    assert call(edge, "GET", "").json() == before


def test_a_secret_is_renewed_by_a_program(edge: Edge) -> None:
    """Both are valid; without a body a new one is made; a third one must be forced while the former is in use."""
    old = edge.source()
    answer = call(edge, "POST", f"/{old.name}/rotate")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    new = NewSource(old.name, old.kind, old.auth, answer.json()["secret"], old.path)
    assert (edge.send(old).status_code, edge.send(new).status_code) == (200, 200)
    edge.gate.flush_refusals(edge.now)
    assert "still in use" in problem(call(edge, "POST", f"/{old.name}/rotate", {}), 422)
    forced = call(edge, "POST", f"/{old.name}/rotate", {"force": True, "secret": "brought-along-1"})
    assert forced.json()["secret"] == "brought-along-1"
    assert edge.send(old).status_code == 401
    edge.work()


def test_a_sender_is_released_by_a_program(edge: Edge) -> None:
    """204, and once only."""
    call(edge, "POST", "", {"kind": "json", "name": "to-release"})
    assert call(edge, "POST", "/to-release/release").status_code == 204
    assert "not under observation" in problem(call(edge, "POST", "/to-release/release"), 422)


@pytest.mark.parametrize("path", ["/nobody/rotate", "/nobody/release"])
def test_acts_on_a_sender_that_is_not_there_are_not_found(edge: Edge, path: str) -> None:
    """404 as problem+json."""
    assert "nobody" in problem(call(edge, "POST", path), 404)


@pytest.mark.parametrize("role", [UserRole.DPO, UserRole.VIEWER, UserRole.RESPONDER])
def test_only_an_administrator_changes_senders(edge: Edge, role: UserRole) -> None:
    """403 as problem+json."""
    source = edge.source()
    for path in ("", f"/{source.name}/rotate", f"/{source.name}/release"):
        problem(call(edge, "POST", path, {"kind": "json", "name": "x"}, role), 403)


def test_a_body_can_be_tried_without_anything_being_kept(edge: Edge) -> None:
    """The normal form of each alert, whether the body is given as text or as JSON."""
    body = {"title": "Disk full", "severity": "P2", "host": "DB-01", "source_address": "198.51.100.7"}
    one = call(edge, "POST", "/try", {"kind": "json", "body": body}, UserRole.VIEWER).json()
    text = '{"title": "Disk full", "severity": "P2", "host": "DB-01", "source_address": "198.51.100.7"}'
    assert call(edge, "POST", "/try", {"kind": "json", "body": text}).json() == one
    assert (one[0]["title"], one[0]["vendor_severity"], one[0]["status"]) == ("Disk full", "P2", "firing")
    roles = {(each["kind"], each["value"]): each["role"] for each in one[0]["entities"]}
    assert roles["host", "db-01"] == "target"
    assert roles["source_address", "198.51.100.7"] == "actor"
    assert edge.waiting() == 0


def test_a_body_that_nobody_understands_says_what_was_expected(edge: Edge) -> None:
    """422 with the words of the kind."""
    assert "JSON" in problem(call(edge, "POST", "/try", {"kind": "json", "body": "\u0000\ufffd"}), 422)
    assert "no kind" in problem(call(edge, "POST", "/try", {"kind": "pigeon", "body": {}}), 422)


def test_a_program_says_what_each_message_must_carry(edge: Edge) -> None:
    """By the names that the kind knows; half a proof is refused."""
    wanted = {"kind": "google", "name": "push", "expected": {"audience": "https://breach.example.fr"}}
    assert "service-account" in problem(call(edge, "POST", "", wanted), 422)
    wanted["expected"] = {"audience": "https://breach.example.fr", "service-account": "push@example.com"}
    assert call(edge, "POST", "", wanted).status_code == 201
    listed = {one["name"]: one["has_expectations"] for one in call(edge, "GET", "").json()}
    assert listed["push"] is True
    assert "audience" in problem(call(edge, "PUT", "/push/expected", {"topic": "x"}), 422)
    assert call(edge, "PUT", "/push/expected", {}).status_code == 204
    assert not next(one for one in call(edge, "GET", "").json() if one["name"] == "push")["has_expectations"]


def test_only_an_administrator_says_what_messages_must_carry(edge: Edge) -> None:
    """As for every change of a sender."""
    call(edge, "POST", "", {"kind": "aws", "name": "cloud-of-admin"})
    problem(call(edge, "PUT", "/cloud-of-admin/expected", {}, UserRole.RESPONDER), 403)
