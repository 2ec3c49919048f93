"""Two incidents that may be one: decided on the page of either, by the API, and told to whoever looks."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from breach_service.domain.access import UserRole
from breach_service.store import grouping, incidents
from tests.web.edge import Edge, forms_in, shared_edge, text_in

WHY = "One stolen laptop, told of twice."


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("merging")) as one:
        yield one


@pytest.fixture
def responder(edge: Edge) -> TestClient:
    return edge.person(UserRole.RESPONDER)


@pytest.fixture
def pair(edge: Edge) -> tuple[str, str]:
    """Two incidents that grouping found something in common of."""
    one, other = edge.declare("A laptop was stolen."), edge.declare("A laptop is missing.")

    def propose(session: Any) -> None:
        numbers = [incidents.row_of(session, name).id or 0 for name in (one, other)]
        assert grouping.propose_merge(session, numbers[0], numbers[1], edge.now)

    edge.service.database.write(propose)
    return one, other


def api(edge: Edge, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    headers = edge.token(UserRole.RESPONDER)
    answer = edge.client.request(method, f"/api/v1/incidents/{path}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def status_of(edge: Edge, reference: str) -> str:
    return str(api(edge, "GET", reference)["status"])


def test_a_proposal_stands_on_both_pages_with_what_they_share(
    edge: Edge, responder: TestClient, pair: tuple[str, str]
) -> None:
    """And by the API."""
    for here, there in (pair, pair[::-1]):
        said = text_in(responder.get(f"/incidents/{here}").text)
        assert f"It may be one with {there}." in said
        (only,) = api(edge, "GET", f"{here}/merge-proposals")
        assert (only["other"], only["decision"], only["decided_at"]) == (there, None, None)
        assert [one["kind"] for one in only["shared"]] == ["system"]


@pytest.mark.parametrize("goes_on", ["here", "there"])
def test_a_person_merges_on_the_page(
    edge: Edge, responder: TestClient, pair: tuple[str, str], goes_on: str
) -> None:  # fmt: skip
    """Under the reference that they choose; the other one leads there."""
    here, there = pair
    path = f"/incidents/{here}/merge"
    form = forms_in(responder.get(f"/incidents/{here}").text)[path]
    form.choices.clear()  # the form beside the proposal holds the other reference itself
    answer = form.send(responder, other=there, goes_on=goes_on, reason=WHY)
    kept, gone = pair if goes_on == "here" else pair[::-1]
    assert (answer.status_code, answer.headers["location"]) == (303, f"/incidents/{kept}?done=recorded")
    assert status_of(edge, gone) == "merged"
    assert f'href="/incidents/{kept}"' in responder.get(f"/incidents/{gone}").text
    page = responder.get(f"/incidents/{kept}").text
    assert f'href="/incidents/{gone}"' in page
    assert WHY in text_in(page)
    (only,) = api(edge, "GET", f"{kept}/merge-proposals")
    assert only["decision"] == "merged"


def test_a_person_keeps_them_apart_on_the_page(edge: Edge, responder: TestClient, pair: tuple[str, str]) -> None:
    """Then nobody is asked any more."""
    here, there = pair
    page = responder.get(f"/incidents/{here}").text
    path = next(one for one in forms_in(page) if one.endswith("/decline"))
    assert forms_in(page)[path].send(responder, reason="Two laptops.").status_code == 303
    for one in pair:
        said = text_in(responder.get(f"/incidents/{one}").text)
        assert "It may be one" not in said
        assert "Two laptops." in said
    assert api(edge, "GET", f"{there}/merge-proposals")[0]["decision"] == "kept_apart"


def test_programs_decide_by_the_api(edge: Edge, pair: tuple[str, str]) -> None:
    """Merging, declining, and a sentence for what cannot be."""
    here, there = pair
    (only,) = api(edge, "GET", f"{here}/merge-proposals")
    api(edge, "POST", f"{here}/merge-proposals/{only['id']}/decline", {"reason": "Two."}, 204)
    assert "already" in api(edge, "POST", f"{here}/merge-proposals/{only['id']}/decline", {"reason": "2"}, 422)["title"]
    api(edge, "POST", f"{there}/merge", {"into": here, "reason": WHY}, 204)
    assert status_of(edge, there) == "merged"
    assert "only open" in api(edge, "POST", f"{there}/merge", {"into": here, "reason": WHY}, 422)["title"]
    api(edge, "POST", f"{here}/merge", {"into": "INC-1999-0001", "reason": WHY}, 404)
    api(edge, "POST", f"{here}/merge", {"into": there}, 422)


def test_two_open_incidents_are_merged_without_a_proposal(edge: Edge, responder: TestClient) -> None:
    """Chosen from the list of those that are open."""
    one, other = edge.declare("A letter went astray."), edge.declare("A letter came back.")
    page = responder.get(f"/incidents/{one}").text
    assert f'<option value="{other}">' in page
    form = forms_in(page)[f"/incidents/{one}/merge"]
    assert form.send(responder, other=other, goes_on="here", reason=WHY).status_code == 303
    assert status_of(edge, other) == "merged"


def test_a_form_without_the_choice_merges_nothing(edge: Edge, responder: TestClient, pair: tuple[str, str]) -> None:
    """422 and a sentence."""
    here, there = pair
    form = forms_in(responder.get(f"/incidents/{here}").text)[f"/incidents/{here}/merge"]
    form.choices.clear()
    answer = form.send(responder, other=there, goes_on="nowhere", reason=WHY)
    assert answer.status_code == 422
    assert status_of(edge, here) != "merged"


def test_a_reader_sees_the_proposal_and_no_form(edge: Edge, pair: tuple[str, str]) -> None:
    """Nor any list of others."""
    page = edge.person(UserRole.VIEWER).get(f"/incidents/{pair[0]}").text
    assert f"It may be one with {pair[1]}." in text_in(page)
    assert not [one for one in forms_in(page) if "merge" in one]
