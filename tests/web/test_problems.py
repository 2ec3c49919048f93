"""What goes wrong is said in the form that the asker reads: a page with a remedy, or RFC 9457 JSON."""

from collections.abc import Iterator
from typing import Any

import pytest

from breach_service.domain.access import UserRole
from tests.web.edge import Edge, shared_edge, text_in


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("problems")) as one:
        yield one


API = {
    "GET /api/v1/nowhere": 404,
    "GET /api/v1/incidents/INC-1999-0001": 404,
    "DELETE /api/v1/incidents": 405,
    "PUT /api/v1/incidents/INC-2026-0001": 405,
    "GET /api/v1/incidents?limit=0": 422,
    "GET /api/v1/incidents?limit=1001": 422,
    "GET /api/v1/incidents?limit=x": 422,
    "GET /api/v1/incidents?open=perhaps": 422,
    "GET /api/v1/incidents?before=0": 422,
    "GET /api/v1/incidents?before=99999999999999999999999": 422,
    "GET /api/v1/alerts?before=99999999999999999999999": 422,
    "GET /api/v1/incidents/INC-2026-0001/drafts/99999999999999999999999": 422,
    "GET /api/v1/incidents/INC-2026-0001/drafts/1?language=de": 422,
    "POST /api/v1/quarantine/99999999999999999999999/replay": 422,
    "POST /api/v1/quarantine/999/replay": 404,
    "POST /api/v1/quarantine/x/replay": 422,
    "POST /api/v1/incidents": 422,
    "POST /api/v1/incidents/INC-2026-0001/explode": 404,
}


@pytest.mark.parametrize("asked", sorted(API))
def test_a_program_reads_a_problem(edge: Edge, asked: str) -> None:
    """problem+json with the status and a sentence; never a stack trace, never HTML."""
    method, _, path = asked.partition(" ")
    answer = edge.client.request(method, path, headers=edge.token(UserRole.DPO))
    assert answer.status_code == API[asked], answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == API[asked]
    assert len(problem["title"]) > 8


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        (b"", "the body"),
        (b'{"a"', "the body"),
        (b"[]", "the body"),
        (b"5", "the body"),
        (b"{}", "what_happened"),
        (b'{"what_happened": ""}', "what_happened"),
        (b'{"what_happened": 5}', "what_happened"),
        (b'{"what_happened": "\\ud800"}', "what_happened"),
        (b'{"what_happened": "x", "title": "%s"}' % (b"t" * 161), "title"),
        (b'{"what_happened": "x", "systems": "application"}', "systems"),
        (b'{"what_happened": "x", "personal_data": "maybe"}', "personal_data"),
        (b'{"what_happened": "x", "told_at": "2026-11-22T14:05"}', "told_at"),
        (b'{"what_happened": "x", "told_at": "yesterday"}', "told_at"),
        (b'{"what_happened": "x", "told_at": "0001-01-01T00:00:00+14:00"}', "told_at"),
        (b'{"what_happened": "x", "occurred_at": "0026-11-22T14:05:00+01:00"}', "occurred_at"),
        (b'{"what_happened": "x", "told_at": "9999-12-31T23:59:59-12:00"}', "told_at"),
        (b'{"what_happened": "x", "systems": ["mainframe"]}', "mainframe"),
        (b'{"what_happened": " "}', "what happened"),
    ],
)
def test_what_is_wrong_with_a_body_is_named(edge: Edge, sent: bytes, named: str) -> None:
    """422 and the field at fault, or the whole body."""
    headers = {**edge.token(UserRole.DPO), "content-type": "application/json"}
    answer = edge.client.post("/api/v1/incidents", content=sent, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert named in answer.json()["title"]


def test_a_body_that_is_too_deep_is_refused(edge: Edge) -> None:
    """And not a mistake of ours."""
    headers = {**edge.token(UserRole.DPO), "content-type": "application/json"}
    answer = edge.client.post("/api/v1/incidents", content=b"[" * 100_000, headers=headers)
    assert answer.status_code in (400, 422)


def test_a_wrong_method_says_which_are_right(edge: Edge) -> None:
    """RFC 9110, section 15.5.6: a 405 carries Allow."""
    assert edge.client.delete("/api/v1/sources", headers=edge.token()).headers["allow"] == "GET"
    assert "GET" in edge.person(UserRole.DPO).post("/register").headers["allow"]


PAGES = {
    "/nowhere": (404, "There is nothing here"),
    "/incidents/INC-1999-0001": (404, "There is nothing here"),
    "/incidents/INC-1999-0001/drafts/1": (404, "There is nothing here"),
    "/quarantine/999": (404, "There is nothing here"),
    "/quarantine/x": (422, "A field cannot be taken"),
    "/quarantine/99999999999999999999999": (422, "A field cannot be taken"),
    "/incidents/INC-1999-0001?obligation=x": (422, "A field cannot be taken"),
}


@pytest.mark.parametrize("path", sorted(PAGES))
def test_a_person_reads_a_page_with_a_remedy(edge: Edge, path: str) -> None:
    """The same frame as every page, what happened, and what to do."""
    status, words = PAGES[path]
    answer = edge.person(UserRole.DPO).get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert words in text_in(answer.text)
    assert "What to do" in text_in(answer.text)


def test_what_was_typed_into_the_address_is_shown_as_text(edge: Edge) -> None:
    """A problem page repeats it, escaped."""
    answer = edge.person(UserRole.DPO).get("/incidents/<script>alert(1)")
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_a_page_that_needs_another_role_says_so(edge: Edge) -> None:
    """403: ask somebody who holds it."""
    answer = edge.person(UserRole.VIEWER).get("/quarantine/1")
    assert answer.status_code == 403
    assert "Ask a person who holds the role" in text_in(answer.text)


def test_the_reader_of_french_gets_a_french_problem(edge: Edge) -> None:
    """The frame follows the language that was chosen."""
    browser: Any = edge.person(UserRole.DPO)
    browser.get("/language/fr")
    assert "Que faire" in text_in(browser.get("/nowhere").text)
