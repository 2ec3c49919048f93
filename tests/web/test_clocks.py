"""The page and the API of clocks: dates side by side, instants with their history, proposals, reasons for a delay."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from breach_service.domain.access import UserRole
from tests.web.edge import Edge, forms_in, shared_edge, text_in

HOUR = timedelta(hours=1)
LATER = {"move": "later", "kind": "aware_at", "reason": "It was a false trail."}


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """A service with its application."""
    with shared_edge(tmp_path_factory.mktemp("clocks")) as shared:
        yield shared


@pytest.fixture
def reference(edge: Edge) -> str:
    """An incident of which a responder said that we have been aware for two hours."""
    reference = edge.declare()
    recorded(edge, edge.person(UserRole.RESPONDER), reference, 2)
    return reference


def recorded(edge: Edge, person: TestClient, reference: str, hours_ago: float, status: int = 204) -> Any:
    at = (edge.now - hours_ago * HOUR).isoformat()
    body = {"kind": "aware_at", "at": at, "reason": "The log shows it."}
    answer = person.post(f"/api/v1/incidents/{reference}/clocks", json=body)
    assert answer.status_code == status, answer.text
    return answer


def clocks(edge: Edge, reference: str) -> dict[str, Any]:
    answer = edge.client.get(f"/api/v1/incidents/{reference}/clocks", headers=edge.token(UserRole.VIEWER))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def cnil(edge: Edge, reference: str) -> dict[str, Any]:
    (found,) = [one for one in clocks(edge, reference)["clocks"] if one["recipient"] == "cnil"]
    return dict(found)


def test_every_reading_stands_beside_the_strict_one_in_utc_and_local_with_its_offset(
    edge: Edge, reference: str
) -> None:
    """The date from the first alert stays in sight whatever was recorded since."""
    one = cnil(edge, reference)
    aware_at = edge.now - 2 * HOUR
    assert one["due_at"] == (aware_at + 72 * HOUR).isoformat().replace("+00:00", "Z")
    assert one["due_local"].endswith("+01:00")
    assert one["due_reg_1182_71_at"] >= one["due_at"]
    assert one["due_from_first_alert_at"] > one["due_at"]  # it was declared now, and known two hours before
    found = clocks(edge, reference)
    assert (found["zone"], found["qualification"]["state"]) == ("Europe/Paris", "running")


def test_a_later_instant_is_refused_alone_and_counts_once_a_second_person_confirms(edge: Edge, reference: str) -> None:
    """By the API as on the page; a token is no second person."""
    responder, decider = edge.person(UserRole.RESPONDER), edge.person(UserRole.DECIDER)
    before = cnil(edge, reference)["due_at"]
    assert "second person" in recorded(edge, responder, reference, 1, status=422).text
    base = f"/api/v1/incidents/{reference}/clocks/proposals"
    body = {**LATER, "at": (edge.now - HOUR).isoformat()}
    assert responder.post(base, json=body).status_code == 403
    number = decider.post(base, json=body).json()["number"]
    assert cnil(edge, reference)["due_at"] == before
    assert decider.post(f"{base}/{number}/confirm", json={}).status_code == 403
    token = edge.token(UserRole.RESPONDER)
    assert edge.client.post(f"{base}/{number}/confirm", json={}, headers=token).status_code == 403
    assert responder.post(f"{base}/{number}/confirm", json={"reason": "I agree."}).status_code == 204
    assert cnil(edge, reference)["due_at"] > before
    (instant,) = [one for one in clocks(edge, reference)["instants"] if one["kind"] == "aware_at"]
    assert [one["counts"] for one in instant["records"]] == [True, False]
    assert [one["state"] for one in clocks(edge, reference)["proposals"]] == ["confirmed"]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("fr", ("Délais et instants", "Règlement 1182/71, lecture prudente", "Compté depuis la première alerte",
                "(+01:00)", "En attente d’une seconde personne")),
        ("en", ("Clocks and instants", "Regulation 1182/71, prudent reading", "Counted from the first alert",
                "(+01:00)", "Waiting for a second person")),
    ],
)  # fmt: skip
def test_the_page_speaks_both_languages(edge: Edge, reference: str, language: str, sentences: tuple[str, ...]) -> None:
    """With what waits for a second person; the page of the incident says it, too."""
    decider = edge.person(UserRole.DECIDER)
    body = {**LATER, "at": edge.now.isoformat()}
    decider.post(f"/api/v1/incidents/{reference}/clocks/proposals", json=body)
    decider.cookies.set("breach_language", language)
    shown = text_in(decider.get(f"/incidents/{reference}/clocks").text).replace("\u00a0", " ")
    for one in sentences:
        assert one in shown, one
    answer = decider.get(f"/incidents/{reference}")
    assert f"/incidents/{reference}/clocks#proposal-" in answer.text
    assert sentences[1] in text_in(answer.text).replace("\u00a0", " ")


def test_the_forms_of_the_page_do_it_and_keep_what_was_typed(edge: Edge, reference: str) -> None:
    """Record, propose, decline, withdraw; a refused form says why on the same page."""
    responder, decider = edge.person(UserRole.RESPONDER), edge.person(UserRole.DECIDER)
    path = f"/incidents/{reference}/clocks"
    local = (edge.now + HOUR - HOUR).strftime("%Y-%m-%dT%H:%M")  # an hour ago in Paris
    refused = responder.post(path, data={"kind": "aware_at", "at": local, "reason": "Only then."})
    assert refused.status_code == 422
    assert "Only then." in refused.text
    assert "second person" in text_in(refused.text)
    assert f"{path}/proposals" not in forms_in(responder.get(path).text)
    data = {"move": "take_back", "kind": "aware_at", "reason": "Another incident was meant."}
    assert decider.post(f"{path}/proposals", data=data).status_code == 303
    number = clocks(edge, reference)["proposals"][-1]["number"]
    assert f"{path}/proposals/{number}/withdraw" in forms_in(decider.get(path).text)
    assert f"{path}/proposals/{number}/confirm" in forms_in(responder.get(path).text)
    nothing_said = responder.post(f"{path}/proposals/{number}/decline", data={"reason": ""})
    assert nothing_said.status_code == 422
    assert responder.post(f"{path}/proposals/{number}/decline", data={"reason": "No."}).status_code == 303
    assert clocks(edge, reference)["proposals"][-1]["outcome"]["kind"] == "declined"
    decider.post(f"{path}/proposals", data=data)
    number = clocks(edge, reference)["proposals"][-1]["number"]
    assert decider.post(f"{path}/proposals/{number}/withdraw", data={}).status_code == 303
    assert clocks(edge, reference)["proposals"][-1]["outcome"]["kind"] == "withdrawn"


@pytest.mark.parametrize(
    "data",
    [
        {"move": "stop", "obligation": "", "reason": "x"}, {"move": "later", "kind": "moon", "reason": "x"},
        {"move": "", "reason": "x"}, {"move": "stop", "obligation": "9" * 30, "reason": "x"},
    ],
)  # fmt: skip
def test_a_wish_that_is_not_clear_comes_back(edge: Edge, reference: str, data: dict[str, str]) -> None:
    """Nothing is proposed."""
    decider = edge.person(UserRole.DECIDER)
    answer = decider.post(f"/incidents/{reference}/clocks/proposals", data=data)
    assert answer.status_code == 422
    assert clocks(edge, reference)["proposals"] == []


def test_a_reader_reads_and_is_offered_nothing(edge: Edge, reference: str) -> None:
    """No form of the page is theirs."""
    path = f"/incidents/{reference}/clocks"
    page = edge.person(UserRole.VIEWER).get(path)
    assert page.status_code == 200
    assert not {one for one in forms_in(page.text) if one.startswith("/incidents/")}


def test_a_clock_is_stopped_from_the_page_of_the_incident_by_two_people(edge: Edge, reference: str) -> None:
    """What stands on the page until then is a proposal."""
    decider, responder = edge.person(UserRole.DECIDER), edge.person(UserRole.RESPONDER)
    number = cnil(edge, reference)["obligation"]
    data = {"obligation": str(number), "reason": "No risk to anybody."}
    assert decider.post(f"/incidents/{reference}/acts/decide_not_required", data=data).status_code == 303
    assert cnil(edge, reference)["state"] != "not_required"
    proposal = clocks(edge, reference)["proposals"][-1]
    assert (proposal["move"], proposal["state"], proposal["obligation"]) == ("stop", "waiting", number)
    responder.post(f"/incidents/{reference}/clocks/proposals/{proposal['number']}/confirm", data={"reason": ""})
    assert cnil(edge, reference)["state"] == "not_required"


def test_what_is_late_asks_for_its_reasons_everywhere(edge: Edge) -> None:
    """On the page of the incident, on the draft, in the API; once given they stand in the draft."""
    reference, dpo = edge.declare(), edge.person(UserRole.DPO)
    edge.clock.at += 80 * HOUR
    dpo = edge.person(UserRole.DPO)
    number = cnil(edge, reference)["obligation"]
    assert clocks(edge, reference)["delays_to_explain"] == [number]
    assert clocks(edge, reference)["qualification"]["state"] == "overdue"
    listed = edge.client.get(f"/api/v1/incidents/{reference}", headers=edge.token()).json()
    assert listed["is_qualification_overdue"] is True
    draft = f"/incidents/{reference}/drafts/{number}"
    for path in (f"/incidents/{reference}", draft):
        assert f"/incidents/{reference}/clocks#delay-{number}" in dpo.get(path).text, path
    assert "[À COMPLÉTER : motifs du retard" in text_in(dpo.get(draft).text).replace("\u00a0", " ")
    path = f"/incidents/{reference}/obligations/{number}/delay"
    assert dpo.post(path, data={"reason": " "}).status_code == 422
    assert dpo.post(path, data={"reason": "Les sauvegardes ont dû être lues."}).status_code == 303
    shown = text_in(dpo.get(draft).text)
    assert "Les sauvegardes ont dû être lues." in shown
    assert "motifs du retard" not in shown.replace("Motifs du retard", "")
    assert cnil(edge, reference)["delay_reasons"][0]["reason"] == "Les sauvegardes ont dû être lues."
    assert clocks(edge, reference)["delays_to_explain"] == []
