"""“Je signale un incident”: five questions behind the link of the organisation, for whoever has no account."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from breach_service.acts import reporting
from breach_service.app import OPERATOR
from breach_service.domain.access import LIMITS, Throttled, UserRole
from breach_service.store import incidents
from tests.web.edge import ORIGIN, Edge, forms_in, shared_edge

NOTHING_SENT = {"what": "", "when": "", "where": "", "done": "", "name": "", "contact": ""}


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    """An application on SQLite."""
    with shared_edge(tmp_path) as found:
        yield found


def link_of(edge: Edge) -> str:
    return edge.service.database.write(lambda session: reporting.make_link(session, OPERATOR, edge.now))


def form_at(edge: Edge, path: str, language: str = "fr") -> tuple[Any, Any]:
    browser = edge.browser()
    browser.cookies.set("breach_language", language)
    answer = browser.get(path)
    assert answer.status_code == 200
    return browser, forms_in(answer.text)[path]


def number_in(html: str) -> str:
    [found] = re.findall(r'id="number">([^<]+)<', html)
    return str(found)


def references(edge: Edge) -> list[str]:
    with edge.service.database.reading() as session:
        return [one.incident.reference for one in incidents.summaries(session)]


def test_whoever_holds_the_link_reports_and_gets_a_number(edge: Edge) -> None:
    """Without a session and without scripts; the answer names no incident."""
    path = link_of(edge)
    browser, form = form_at(edge, path)
    answer = form.send(browser, what="J’ai perdu mon ordinateur.", persons="yes", when="2026-11-22T18:00", name="Zoé")
    assert answer.status_code == 201
    assert number_in(answer.text) == "SIG-2026-0001"
    assert "INC-" not in answer.text
    assert references(edge) == ["INC-2026-0001"]


@pytest.mark.parametrize(("language", "words"), [("fr", "Que s’est-il passé"), ("en", "What happened?")])
def test_the_five_questions_are_asked_in_both_languages(edge: Edge, language: str, words: str) -> None:
    """Each of them with its help."""
    browser, form = form_at(edge, link_of(edge), language)
    assert words in browser.get(form.action).text
    assert {"what", "when", "where", "persons", "done"} <= set(form.fields)


def test_a_form_that_is_sent_twice_is_one_report(edge: Edge) -> None:
    """And gives the same number."""
    browser, form = form_at(edge, link_of(edge))
    numbers = {number_in(form.send(browser, what="Fuite").text) for _ in range(2)}
    assert numbers == {"SIG-2026-0001"}
    assert len(references(edge)) == 1


def test_what_was_typed_stays_where_it_cannot_be_taken(edge: Edge) -> None:
    """With what is wrong; nothing is recorded."""
    browser, form = form_at(edge, link_of(edge))
    answer = form.send(browser, what="Fuite <b>", when="2031-01-01T10:00")
    assert answer.status_code == 422
    assert forms_in(answer.text)[form.action].fields["what"] == ["Fuite <b>"]
    assert form.send(browser, what=" ").status_code == 422
    assert form.send(browser, what="Fuite", when="0001-01-01T00:00").status_code == 422
    assert references(edge) == []


@pytest.mark.parametrize("path", ["/signaler/wrong", f"/signaler/{'x' * 43}"])
def test_without_the_link_nothing_can_be_reported(edge: Edge, path: str) -> None:
    """Whether there is one or not; the page says what to do."""
    link_of(edge)
    assert edge.browser().get(path).status_code == 410
    assert edge.browser().post(path, data={**NOTHING_SENT, "what": "x"}).status_code == 410
    assert references(edge) == []


def test_a_new_link_ends_the_former(edge: Edge) -> None:
    """An administrator makes it on the page of people and sees it once."""
    admin = edge.person(UserRole.ADMIN)
    first = link_of(edge)
    forms = forms_in(admin.get("/people").text)
    shown = forms["/people/report-link"].send(admin)
    [path] = re.findall(rf"{ORIGIN}(/signaler/[\w-]+)", shown.text)
    assert edge.browser().get(first).status_code == 410
    assert edge.browser().get(path).status_code == 200
    assert forms["/people/report-link/end"].send(admin).status_code == 303
    assert edge.browser().get(path).status_code == 410


@pytest.mark.parametrize("role", [UserRole.DPO, UserRole.RESPONDER, UserRole.VIEWER])
def test_only_an_administrator_makes_the_link(edge: Edge, role: UserRole) -> None:
    """Others are refused."""
    assert edge.person(role).post("/people/report-link").status_code == 403


def test_too_many_reports_of_one_address_wait_and_others_do_not(edge: Edge) -> None:
    """On every replica alike: they are counted in the database."""
    path, limit = link_of(edge), LIMITS[Throttled.REPORT]
    browser = edge.browser()
    codes = [
        browser.post(path, data={"what": f"Fuite {number}", "key": str(number)}).status_code
        for number in range(limit.failures + 1)
    ]
    assert codes == [201] * limit.failures + [429]
    replica = Edge(edge.service)
    assert replica.browser().post(path, data={"what": "x"}).status_code == 429
    elsewhere = Edge(edge.service, address="192.0.2.7")
    assert elsewhere.browser().post(path, data={"what": "x"}).status_code == 201
    edge.clock.at += limit.lock
    assert browser.post(path, data={"what": "y"}).status_code == 201


def test_another_site_cannot_make_a_browser_report(edge: Edge) -> None:
    """The form is ours."""
    path = link_of(edge)
    answer = edge.browser().post(path, data={"what": "x"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_a_report_comes_over_a_real_connection(edge: Edge) -> None:
    """Served by the real server."""
    path = link_of(edge)
    server = uvicorn.Server(uvicorn.Config(edge.app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
            key = re.findall(r'name="key" value="([^"]+)"', client.get(path).text)[0]
            answer = client.post(path, data={"what": "Un courriel au mauvais destinataire", "key": key})
    finally:
        server.should_exit = True
        thread.join()
    assert (answer.status_code, number_in(answer.text)) == (201, "SIG-2026-0001")
