"""Every link and every form of every page leads somewhere that is there, for every role."""

import json
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urldefrag, urljoin

import pytest

from breach_service.domain.access import PEOPLE, UserRole
from tests.web.edge import Edge, forms_in, routes_of, shared_edge

READERS = tuple(one for one in PEOPLE if one is not UserRole.INSPECTOR)


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """An incident from an alert, a declared one, a body in quarantine, a refused sender."""
    with shared_edge(tmp_path_factory.mktemp("routes")) as one:
        sender = one.source()
        one.send(sender)
        one.send(sender, b"\x00\xff\x00\xff")
        one.client.post(sender.path)
        one.gate.flush_refusals(one.now)
        one.declare()
        one.work()
        yield one


def links_in(html: str) -> set[str]:
    """Addresses of this service that a page leads to, without their fragments."""
    found = {unescape(one) for one in re.findall(r'(?:href|src)="(/[^"]*)"', html)}
    return {urldefrag(one).url for one in found}


def shape_of(link: str) -> str:
    """One of each kind is followed: numbers and the values of a query are left out."""
    path, _, query = link.partition("?")
    names = "&".join(one.partition("=")[0] for one in query.split("&"))
    return re.sub(r"\d+", "0", path) + (f"?{names}" if names else "")


def ids_in(html: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', html))


@pytest.mark.parametrize("role", READERS)
def test_every_link_leads_somewhere(edge: Edge, role: UserRole) -> None:
    """A browser that follows all links from the first page finds no dead one, nor one that its role may not follow."""
    browser, waiting, seen = edge.person(role), ["/"], {"/"}
    while waiting:
        path = waiting.pop(0)
        answer = browser.get(path)
        assert answer.status_code in (200, 303), (path, answer.status_code)
        if answer.headers.get("content-type", "").startswith("text/html"):
            for one in sorted(links_in(answer.text)):
                if shape_of(one) not in seen:
                    seen.add(shape_of(one))
                    waiting.append(one)
    assert {
        "/incidents/INC-0-0/drafts/0",
        "/incidents/INC-0-0/drafts/0/print",
        "/quarantine",
        "/quarantine?source",
        "/sources/s0",
        "/static/app.css",
    } <= seen


@pytest.mark.parametrize("role", READERS)
def test_every_form_is_posted_to_a_route(edge: Edge, role: UserRole) -> None:
    """The action of each form is registered with its method."""
    browser = edge.person(role)
    references = [one["reference"] for one in edge.client.get("/api/v1/incidents", headers=edge.token()).json()]
    paths = ["/", "/declare", "/sources", "/sources/s1", "/sources/s1/mapping", "/quarantine"]
    paths += [f"/incidents/{one}" for one in references]
    if browser.get("/quarantine/1").status_code == 200:
        paths.append("/quarantine/1")
    registered = [
        (method, re.compile(re.sub(r"\{[a-z]+\}", "[^/]+", path) + r"\Z"))
        for path, methods in routes_of(edge.app.routes)
        for method in methods
    ]
    for path in paths:
        for form in forms_in(browser.get(path).text).values():
            action = urldefrag(form.action).url
            assert any(form.method.upper() == method and pattern.match(action) for method, pattern in registered), (
                path,
                form,
            )


def test_links_within_a_page_find_their_place(edge: Edge) -> None:
    """`#…` names an element of the page that the link leads to."""
    browser = edge.person(UserRole.DPO)
    reference = edge.client.get("/api/v1/incidents", headers=edge.token()).json()[0]["reference"]
    here = f"/incidents/{reference}"
    page = browser.get(here).text
    for link in {unescape(one) for one in re.findall(r'href="([^"]*#[^"]+)"', page)}:
        target, fragment = urldefrag(urljoin(here, link))
        there = page if target == here else browser.get(target).text
        assert fragment in ids_in(there), link


def test_the_api_describes_itself(edge: Edge) -> None:
    """OpenAPI 3.1 holds exactly the routes under /api/v1, and no page."""
    described = edge.client.get("/api/openapi.json", headers=edge.token(UserRole.VIEWER)).json()
    assert described["openapi"].startswith("3.1")
    assert described["info"]["title"] == "breach_service"
    told = {(path, method.upper()) for path, methods in described["paths"].items() for method in methods}
    there = {
        (path, method)
        for path, methods in routes_of(edge.app.routes)
        for method in methods
        if path.startswith("/api/v1/")
    }
    assert told == there


def test_the_description_of_the_api_is_whole(edge: Edge) -> None:
    """Every reference in it leads to a part of it, every operation has a name of its own, words and answers."""
    described = edge.client.get("/api/openapi.json", headers=edge.token(UserRole.VIEWER)).json()
    for reference in re.findall(r'"#/([^"]+)"', json.dumps(described)):
        part = described
        for step in reference.split("/"):
            part = part[step]
    operations = [one for methods in described["paths"].values() for one in methods.values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    for one in operations:
        assert one["description"].endswith(".")
        assert "422" in one["responses"] or "parameters" not in one
        assert any(code.startswith("2") for code in one["responses"])


def test_nothing_shows_the_api_in_a_foreign_script(edge: Edge) -> None:
    """The documentation pages of the framework load scripts from elsewhere, so they are off."""
    for path in ("/docs", "/redoc", "/api/docs"):
        assert edge.person(UserRole.ADMIN).get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/incidents", "/register", "/api/v1/incidents", "/metrics"])
def test_a_head_request_is_refused_in_words(edge: Edge, path: str) -> None:
    """Only the health checks answer HEAD; elsewhere 405 says which methods there are."""
    browser = edge.person(UserRole.DPO)
    answer = browser.head(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
