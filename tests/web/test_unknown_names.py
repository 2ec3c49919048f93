"""The queue of names that nobody knows: one click where it is plain, forms where it is not, and the API."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from breach_service.acts.seeing import compartments
from breach_service.domain.access import Actor, UserRole
from breach_service.store import incidents
from tests.web.edge import Edge, forms_in, shared_edge, text_in

NUMBERS = count(1)
TURN = timedelta(seconds=11)
"""After so long the worker looks after names again."""


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("unknown")) as one:
        one.person(UserRole.DECIDER)  # person 1, who restricts
        yield one


def said(edge: Edge, host: str) -> str:
    """A sender names a machine; the reference of the incident that it opens."""
    number = next(NUMBERS)
    body = {"title": f"Odd file {number}", "signal": "web_shell", "severity": "high", "host": host, "id": str(number)}
    edge.send(edge.source(), json.dumps(body).encode())
    edge.clock.at += TURN
    edge.work()
    return str(listed(edge)[host]["incidents"][0])


def listed(edge: Edge, headers: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    answer = edge.client.get("/api/v1/inventory/unknown", headers=headers or edge.token())
    assert answer.status_code == 200, answer.text
    return {one["name"]: one for one in answer.json()}


def answered(edge: Edge, host: str, status: int = 200, **body: Any) -> Any:
    path = f"/api/v1/inventory/unknown/{listed(edge)[host]['id']}/answer"
    answer = edge.client.post(path, json=body, headers=edge.token(UserRole.ADMIN))
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_suggested_system_is_one_click_away(edge: Edge) -> None:
    """The page says who names it and in which incident; the click leads to what came of it."""
    reference = said(edge, "app7")
    dpo = edge.person(UserRole.DPO)
    shown = dpo.get("/inventory/unknown")
    assert "app7" in shown.text
    assert reference in shown.text
    number = listed(edge)["app7"]["id"]
    assert listed(edge)["app7"]["suggested_systems"] == ["application"]
    answer = forms_in(shown.text)[f"/inventory/unknown/{number}"].send(dpo)
    assert answer.status_code == 303
    after = dpo.get(answer.headers["location"])
    assert reference in after.text
    assert "assessed again" in text_in(after.text)
    assert "app7" not in listed(edge)
    page = dpo.get(f"/incidents/{reference}")
    assert "app7" in page.text


def test_an_answer_with_a_reason_is_given_on_the_page_of_the_name(edge: Edge) -> None:
    """What is missing is said beside what was typed; then it is recorded."""
    said(edge, "lobby-display")
    dpo, number = edge.person(UserRole.DPO), listed(edge)["lobby-display"]["id"]
    path = f"/inventory/unknown/{number}"
    faulty = dpo.post(path, data={"answer": "not_ours", "title": "Screen of the landlord", "reason": ""})
    assert faulty.status_code == 422
    assert "Screen of the landlord" in faulty.text
    form = forms_in(faulty.text)[f"{path}#not_ours"]
    done = form.send(dpo, reason="The landlord runs it.")
    assert done.status_code == 303
    assert "The landlord runs it." in dpo.get("/inventory/unknown").text
    assert dpo.get(path).status_code == 404


def test_an_incident_says_what_the_inventory_leaves_open(edge: Edge) -> None:
    """The name that nobody knows, with the way to say it; and a system of which nobody says what it processes."""
    reference = said(edge, "orphan-1")
    dpo = edge.person(UserRole.DPO)
    page = dpo.get(f"/incidents/{reference}").text
    assert "orphan-1" in page.partition('id="gaps"')[2]
    assert 'href="/inventory/unknown"' in page
    made = answered(edge, "orphan-1", answer="new_system", title="Orphan")
    assert (made["system"], made["gained"], made["names"]) == ("orphan", [reference], 1)
    page = dpo.get(f"/incidents/{reference}").text
    assert 'href="/inventory/entry/systems/orphan"' in page


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"answer": "system", "system": "nowhere"}, "choose a system"),
        ({"answer": "no_personal_data"}, "give the reason"),
        ({"answer": "elsewhere"}, "say what it is"),
        ({"answer": "system", "system": "application", "pattern": "*"}, "too wide"),
    ],
)
def test_the_api_says_what_is_missing(edge: Edge, body: dict[str, str], why: str) -> None:
    """In words, and nothing is changed."""
    if "vague-1" not in listed(edge):
        said(edge, "vague-1")
    assert why in json.dumps(answered(edge, "vague-1", 422, **body))
    assert "vague-1" in listed(edge)


def test_a_reader_sees_the_queue_and_answers_nothing(edge: Edge) -> None:
    """The inventory is the data protection officer's and the administrators'."""
    said(edge, "seen-by-all")
    viewer = edge.person(UserRole.VIEWER)
    page = viewer.get("/inventory/unknown").text
    assert "seen-by-all" in page
    assert not [one for one in forms_in(page) if one.startswith("/inventory/unknown")]
    number = listed(edge)["seen-by-all"]["id"]
    assert viewer.post(f"/inventory/unknown/{number}", data={"answer": "not_ours", "reason": "x"}).status_code == 403


def test_a_name_of_a_restricted_incident_is_shown_to_nobody_who_does_not_see_it(edge: Edge) -> None:
    """Neither in the list nor by its number, nor in the count."""
    reference = said(edge, "whispering-gallery")
    number = listed(edge)["whispering-gallery"]["id"]
    boss = Actor("boss", UserRole.DECIDER, person=1)

    def restrict(session: Any) -> None:
        assert incidents.row_of(session, reference)
        compartments.restrict(session, boss, reference, [], [], "Quiet.", edge.service.knowledge(), edge.now)

    edge.service.database.write(restrict)
    viewer = edge.person(UserRole.VIEWER)
    assert "whispering-gallery" not in viewer.get("/inventory/unknown").text
    assert viewer.get(f"/inventory/unknown/{number}").status_code == 404
    assert "whispering-gallery" not in listed(edge)


def test_a_number_that_waits_for_nothing_is_not_found(edge: Edge) -> None:
    """Somebody may have answered it meanwhile."""
    dpo = edge.person(UserRole.DPO)
    assert dpo.get("/inventory/unknown/999999").status_code == 404
    assert dpo.post("/inventory/unknown/999999", data={"answer": "not_ours", "reason": "x"}).status_code == 404
    assert dpo.get("/inventory/unknown?answer=999999").status_code == 200
