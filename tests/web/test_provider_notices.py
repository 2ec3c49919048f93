"""A provider's notice on its pages and by the API: taken down, asked, answered; seen by whoever sees its incident."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from breach_service.domain.access import UserRole
from tests.web.edge import Edge, shared_edge, text_in

PAGE = "/providers/notices"
FORM = {"provider": "messaging", "received_at": "2026-11-23T08:30", "said": "Support accounts were taken over."}


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("providers")) as one:
        yield one


@pytest.fixture
def responder(edge: Edge) -> TestClient:
    return edge.person(UserRole.RESPONDER)


def api(edge: Edge, method: str, path: str = "", body: Any = None, status: int = 200) -> Any:
    headers = edge.token(UserRole.RESPONDER)
    answer = edge.client.request(method, f"/api/v1{PAGE}{path}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def told(edge: Edge) -> dict[str, Any]:
    received_at = (edge.now - timedelta(hours=1)).isoformat()
    body = {**FORM, "received_at": received_at, "reference": "SUP-77"}
    return dict(api(edge, "POST", "", body, 201))


def test_a_notice_is_taken_down_on_the_page_and_leads_to_its_letter(edge: Edge, responder: TestClient) -> None:
    """The form, the redirect, the letter with its questions, the incident that links back."""
    answer = responder.post(PAGE, data=FORM)
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"].partition("?")[0]
    shown = text_in(responder.get(path).text)
    assert "What we must know" in shown or "Ce que nous devons savoir" in shown
    (line, *_) = api(edge, "GET")
    assert path in responder.get(f"/incidents/{line['incident']}").text
    assert path in responder.get(PAGE).text


def test_what_was_typed_is_shown_again_with_the_sentence(responder: TestClient) -> None:
    """Nothing is lost where it cannot be taken."""
    answer = responder.post(PAGE, data={**FORM, "incident": "inc-1999-0001", "systems": ["mail"], "provider": "nobody"})
    assert answer.status_code == 422
    assert "Support accounts were taken over." in answer.text
    assert "not a provider" in answer.text
    assert answer.text.count(" checked") == 1


def test_the_whole_way_by_the_api(edge: Edge) -> None:
    """Taken down, asked with a date, answered as a fact; the page says the same."""
    number = told(edge)["number"]
    sent_at = edge.now.isoformat()
    facts = ["loss.confidentiality", "incident.origins"]
    asked = {"sent_at": sent_at, "means": "mail", "facts": facts}
    due_at = api(edge, "POST", f"/{number}/asked", asked)["due_at"]
    assert due_at[:16] == (edge.now + timedelta(hours=24)).isoformat()[:16]
    api(edge, "POST", f"/{number}/answers", {"fact": "loss.confidentiality", "value": "yes"}, 204)
    one = api(edge, "GET", f"/{number}")
    assert (one["standing"], one["reference"]) == ("waiting", "SUP-77")
    assert [(each["fact"], each["answered_at"] is not None) for each in one["questions"]] == [
        ("loss.confidentiality", True), ("incident.origins", False),
    ]  # fmt: skip
    assert one["digest"]
    assert one["incident"] in one["letter"]


def test_the_letter_speaks_of_their_service_and_is_a_letter(edge: Edge) -> None:
    """With salutation, closing and signature; “our service” would ask them about ours."""
    number = told(edge)["number"]
    asked = {"sent_at": edge.now.isoformat(), "means": "mail", "facts": ["flaw.confirmed"]}
    api(edge, "POST", f"/{number}/asked", asked)
    letter = " ".join(api(edge, "GET", f"/{number}")["letter"].split())
    assert "confirmée dans votre service" in letter or "confirmed in your service" in letter
    assert "Madame, Monsieur," in letter or "Dear Sir or Madam," in letter
    assert "salutations distinguées" in letter or "Yours faithfully," in letter


def test_answers_of_every_kind_are_taken_from_the_page(edge: Edge, responder: TestClient) -> None:
    """A word, several words, a range; and the sending of the letter."""
    number = told(edge)["number"]
    path = f"{PAGE}/{number}"
    facts = ["loss.integrity", "incident.origins", "persons.number"]
    api(edge, "POST", f"/{number}/asked", {"sent_at": edge.now.isoformat(), "means": "mail", "facts": facts})
    for posted in (
        {"fact": "loss.integrity", "value": "no", "note": "Their logs."},
        {"fact": "incident.origins", "value": ["hacking"]},
        {"fact": "persons.number", "at_least": "10", "at_most": "20"},
    ):
        answer = responder.post(f"{path}/answers", data=posted)
        assert answer.status_code == 303, answer.text
    assert api(edge, "GET", f"/{number}")["standing"] == "answered"
    sent = responder.post(f"{path}/asked", data={"sent_at": edge.now.strftime("%Y-%m-%dT%H:%M"), "means": "mail"})
    assert sent.status_code in (303, 422)


def test_a_viewer_reads_and_changes_nothing(edge: Edge) -> None:
    """No form, no act."""
    number = told(edge)["number"]
    viewer = edge.person(UserRole.VIEWER)
    shown = viewer.get(f"{PAGE}/{number}")
    assert shown.status_code == 200
    assert "/asked" not in shown.text
    assert "h-new" not in viewer.get(PAGE).text
    assert viewer.post(PAGE, data=FORM).status_code == 403


def test_a_notice_of_a_restricted_incident_is_not_there_for_others(edge: Edge, responder: TestClient) -> None:
    """Neither in the list nor by its number, in the same words as one that does not exist."""
    done = told(edge)
    incident, number = done["incident"], done["number"]
    dpo = edge.person(UserRole.DPO)
    form = {"fact": "incident.concerns_staff", "value": "yes", "scope": "incident", "note": "One of ours."}
    assert dpo.post(f"/incidents/{incident}/acts/record_fact", data=form).status_code == 303
    hidden, missing = responder.get(f"{PAGE}/{number}"), responder.get(f"{PAGE}/{number + 900}")
    assert hidden.status_code == missing.status_code == 404
    assert f"{PAGE}/{number}" not in responder.get(PAGE).text
    assert number not in [one["number"] for one in api(edge, "GET")]
    refused = responder.post(f"{PAGE}/{number}/answers", data={"fact": "loss.integrity", "value": "no"})
    assert refused.status_code == 404
