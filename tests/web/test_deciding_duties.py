"""The page and the API on which duties are decided, like cases, and the choices of awareness."""

from collections.abc import Iterator

import pytest

from breach_service.domain.access import UserRole
from tests.deciders import agree
from tests.web.edge import Edge, forms_in, shared_edge, text_in

TOLD = "2026-11-20T08:00:00+01:00"


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """One application for all: each test has an incident and people of its own."""
    with shared_edge(tmp_path_factory.mktemp("duties")) as made:
        yield made


def fact(edge: Edge, reference: str, name: str, value: str) -> None:
    body = {"fact": name, "value": value}
    answer = edge.client.post(f"/api/v1/incidents/{reference}/facts", json=body, headers=edge.token())
    assert answer.status_code == 204, answer.text


def duties(edge: Edge, reference: str) -> dict[tuple[str, str], dict[str, object]]:
    answer = edge.client.get(f"/api/v1/incidents/{reference}/decisions", headers=edge.token())
    assert answer.status_code == 200, answer.text
    return {(one["perimeter"], one["duty"]): one for one in answer.json()}


def test_deciding_not_to_notify_shows_like_cases_and_what_changed_afterwards(edge: Edge) -> None:
    """From the advice to the decision against it, and to the fact that arrives too late for it."""
    reference, dpo = edge.declare(), edge.person(UserRole.DPO)
    for name, value in (
        ("loss.confidentiality", "yes"), ("incident.malicious", "no"), ("system.holds_personal_data", "yes"),
        ("incident.origins", "wrong_recipient"), ("recipients.kind", "trusted"),
    ):  # fmt: skip
        fact(edge, reference, name, value)
    path = f"/incidents/{reference}/decide"
    page = dpo.get(path)
    assert page.status_code == 200, text_in(page.text)
    said = text_in(page.text)
    assert "How regulators judged like cases" in said
    assert "bound by secrecy" in said
    assert "Alike:" in said
    sent = dpo.post(path, data={"perimeter": "own", "duty": "authority", "outcome": "no", "reason": "He is one of us."})
    assert sent.status_code == 303, text_in(sent.text)
    agree(edge.service, edge.now, reference=reference)
    assert "against the advice of the service" in text_in(dpo.get(path).text)
    fact(edge, reference, "recipients.kind", "public")
    again = text_in(dpo.get(path).text)
    assert "The decision was taken on other facts: one has changed since." in again
    assert "taken on other facts: one has changed since" in text_in(dpo.get(f"/incidents/{reference}").text)
    found = duties(edge, reference)["own", "authority"]
    assert found["departs_from_advice"] is True
    taken_on = found["taken_on"]
    assert isinstance(taken_on, dict)
    assert [(one["fact"], one["before"], one["after"]) for one in taken_on["changes"]] == [
        ("recipients.kind", "trusted", "public")
    ]
    assert "edpb-01-2021-09" in taken_on["precedents"]


def test_a_form_that_is_not_clear_comes_back_with_what_was_typed(edge: Edge) -> None:
    """With the sentence at its place, and status 422."""
    reference, dpo = edge.declare(), edge.person(UserRole.DPO)
    for path in (f"/incidents/{reference}/decide", f"/incidents/{reference}/decide/opinion"):
        for typed, sentence in (
            ({"outcome": "", "reason": "x"}, "Choose: notify"), ({"outcome": "no", "reason": " "}, "Give the reason"),
        ):  # fmt: skip
            answer = dpo.post(path, data={"perimeter": "own", "duty": "authority", **typed})
            assert answer.status_code == 422, text_in(answer.text)
            assert sentence in text_in(answer.text)


def test_a_dpo_advises_on_a_duty_and_a_reader_only_reads(edge: Edge) -> None:
    """The opinion stands beside the decision; nobody else sees a form."""
    reference = edge.declare()
    adviser = edge.person(UserRole.DPO, has_mandate=False)
    path = f"/incidents/{reference}/decide"
    shown = forms_in(adviser.get(path).text)
    assert path not in shown
    assert shown[f"{path}/opinion"].send(adviser, outcome="yes", reason="It is owed.").status_code == 303
    viewer = edge.person(UserRole.VIEWER)
    page = viewer.get(path)
    assert "It is owed." in text_in(page.text)
    assert not {one for one in forms_in(page.text) if one.startswith(path)}


def test_the_api_decides_as_the_page_does(edge: Edge) -> None:
    """The same act; taken back by the contrary decision."""
    reference, dpo = edge.declare(), edge.person(UserRole.DPO)
    path = f"/api/v1/incidents/{reference}/decisions"
    for notify in (False, True):
        body = {"perimeter": "own", "duty": "authority", "notify": notify, "reason": "Read again."}
        answer = dpo.post(path, json=body)
        assert answer.status_code == 204, answer.text
        agree(edge.service, edge.now, reference=reference)
        decision = duties(edge, reference)["own", "authority"]["decision"]
        assert isinstance(decision, dict)
        assert decision["value"] == ("yes" if notify else "no")


def test_awareness_is_chosen_among_recorded_moments_and_none_is_chosen_beforehand(edge: Edge) -> None:
    """Radio choices without a default and an empty field: the time of the click is nowhere in the form."""
    answer = edge.client.post(
        "/api/v1/incidents", headers=edge.token(),
        json={"what_happened": "Accounts were read.", "told_at": TOLD, "personal_data": "yes"},
    )  # fmt: skip
    reference, responder = answer.json()["reference"], edge.person(UserRole.RESPONDER)
    found = edge.client.get(f"/api/v1/incidents/{reference}/awareness", headers=edge.token()).json()
    assert found["proposed"]["why"] == "told_with_data"
    html = responder.get(f"/incidents/{reference}").text
    form = forms_in(html)[f"/incidents/{reference}/acts/record_awareness"]
    assert form.fields.get("candidate", []) == []
    assert form.fields["aware_at"] == [""]
    sent = responder.post(
        f"/incidents/{reference}/acts/record_awareness",
        data={"candidate": found["proposed"]["at"], "aware_at": "", "reason": "The mail held a dump."},
    )
    assert sent.status_code == 303, text_in(sent.text)
    page = text_in(responder.get(f"/incidents/{reference}").text)
    assert "Recorded, without a decision:" in page
    whole = edge.client.get(f"/api/v1/incidents/{reference}", headers=edge.token()).json()
    assert [one["kind"] for one in whole["positions"]] == ["statement"]


def test_two_answers_to_one_question_are_refused(edge: Edge) -> None:
    """A recorded moment and another one: which of them is meant?"""
    reference, responder = edge.declare(), edge.person(UserRole.RESPONDER)
    data = {"candidate": TOLD, "aware_at": "2026-11-20T07:00", "reason": "x"}
    answer = responder.post(f"/incidents/{reference}/acts/record_awareness", data=data)
    assert answer.status_code == 422
    assert "keep one of the two" in text_in(answer.text)


def test_everybody_who_looks_around_reads_how_regulators_judged(edge: Edge) -> None:
    """Page and API hold the same cases."""
    page = edge.person(UserRole.VIEWER).get("/precedents").text
    cases = edge.client.get("/api/v1/precedents", headers=edge.token(UserRole.VIEWER)).json()
    assert len(cases) > 20
    assert all(f'id="{one["id"]}"' in page for one in cases)
