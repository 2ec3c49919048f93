"""Playbooks and plans over HTTP: read by everybody who is signed in, worked on by those who may, leaked to nobody."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts import incidents
from breach_service.acts.seeing import compartments
from breach_service.app import OPERATOR
from breach_service.domain.access import Actor, UserRole
from breach_service.store import alerts
from tests.web.edge import Edge, forms_in, shared_edge, text_in

STEP = "open-log"


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("plans")) as one:
        yield one


def attacked(edge: Edge, number: int) -> str:
    """An incident that a web shell opened on a machine of its own; its reference."""
    sender = edge.source()
    body = {"title": "Web shell", "signal": "web_shell", "severity": "high", "host": f"host-{number}", "id": "shell"}
    edge.send(sender, json.dumps(body).encode())
    edge.work()
    with edge.service.database.reading() as session:
        return alerts.newest(session, None, 1, None)[0].incident or ""


def plan(edge: Edge, reference: str) -> dict[str, Any]:
    answer = edge.client.get(f"/api/v1/incidents/{reference}/playbook", headers=edge.token(UserRole.VIEWER))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def step(edge: Edge, reference: str, name: str = STEP) -> dict[str, Any]:
    (found,) = [one for one in plan(edge, reference)["steps"] if one["step"] == name]
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize("role", [UserRole.VIEWER, UserRole.INSPECTOR, UserRole.AUDITOR])
def test_whoever_is_signed_in_reads_every_playbook(edge: Edge, role: UserRole) -> None:
    """The list leads to each of them, and each is whole: no page fails, none is empty."""
    browser = edge.person(role)
    listed = browser.get("/playbooks")
    assert listed.status_code == 200
    playbooks = edge.service.knowledge().catalogue.playbooks
    for one in playbooks:
        assert f'href="/playbooks/{one.id}"' in listed.text
    assert len(playbooks) > 10


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_playbook_is_shown_in_both_languages(edge: Edge, language: str) -> None:
    """With its first step, its evidence, its calls and its references; a word that is missing would be an error."""
    browser = edge.person(UserRole.VIEWER)
    browser.cookies.set("breach_language", language)
    for one in edge.service.knowledge().catalogue.playbooks:
        answer = browser.get(f"/playbooks/{one.id}")
        assert answer.status_code == 200, (one.id, answer.text[-500:])
        assert len(text_in(answer.text)) > 500
    assert browser.get("/playbooks/dancing").status_code == 404


def test_the_page_of_an_incident_says_what_to_do_next_and_what_is_overdue(edge: Edge) -> None:
    """The first steps with role and due time; one click says that one is done, and leads back."""
    reference, browser = attacked(edge, 1), edge.person(UserRole.RESPONDER)
    page = browser.get(f"/incidents/{reference}").text
    assert 'id="playbook"' in page
    assert "The whole plan" in text_in(page)
    action = f"/incidents/{reference}/playbook/steps/{STEP}"
    answer = forms_in(page)[action].send(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/incidents/{reference}?done=recorded#playbook")
    assert step(edge, reference)["state"] == "done"
    assert action not in forms_in(browser.get(f"/incidents/{reference}").text)
    chronology = text_in(browser.get(f"/incidents/{reference}").text)
    assert "It answers:" in chronology


def test_of_an_incident_that_is_over_nothing_is_next(edge: Edge) -> None:
    """Below “nothing is due any more” stand neither steps nor questions nor anything overdue: a link to the plan."""
    reference, browser = attacked(edge, 30), edge.person(UserRole.DPO)
    assert 'id="questions"' in browser.get(f"/incidents/{reference}").text
    knowledge = edge.service.knowledge()
    edge.service.database.write(
        lambda session: incidents.dismiss(session, OPERATOR, reference, "A drill.", knowledge, edge.now)
    )
    began = edge.clock.at
    edge.clock.at += timedelta(minutes=20)
    try:
        page = browser.get(f"/incidents/{reference}").text
        assert f'href="/incidents/{reference}/playbook"' in page
        assert 'id="questions"' not in page
        assert f"/incidents/{reference}/playbook/steps/{STEP}" not in forms_in(page)
        assert "verdue" not in text_in(page)
        assert plan(edge, reference)["steps"]
    finally:
        edge.clock.at = began


def test_one_step_is_counted_in_the_singular(edge: Edge) -> None:
    """In both languages; French counts none as one."""
    reference, browser = attacked(edge, 31), edge.person(UserRole.RESPONDER)
    browser.cookies.set("breach_language", "fr")
    assert "0 étape sur" in text_in(browser.get(f"/incidents/{reference}/playbook").text)
    for name, words in ((STEP, "1 étape sur"), (None, "2 étapes sur")):
        known = [one["step"] for one in plan(edge, reference)["steps"] if one["state"] == "open"]
        browser.post(f"/incidents/{reference}/playbook/steps/{name or known[0]}", data={"state": "done"})
        assert words in text_in(browser.get(f"/incidents/{reference}/playbook").text)


def test_an_overdue_step_is_marked_and_counted(edge: Edge) -> None:
    """On the page of the incident, on the plan and in the API; what is done is overdue no more."""
    reference, browser = attacked(edge, 2), edge.person(UserRole.RESPONDER)
    assert plan(edge, reference)["overdue"] == 0
    began = edge.clock.at
    edge.clock.at += timedelta(minutes=20)
    try:
        found = plan(edge, reference)
        late = [one["step"] for one in found["steps"] if one["is_overdue"]]
        assert STEP in late
        assert found["overdue"] == len(late)
        assert "Overdue" in text_in(browser.get(f"/incidents/{reference}/playbook").text)
        browser.post(f"/incidents/{reference}/playbook/steps/{STEP}", data={"state": "done"})
        assert plan(edge, reference)["overdue"] == len(late) - 1
    finally:
        edge.clock.at = began


def test_the_plan_is_worked_on_by_its_forms(edge: Edge) -> None:
    """A result with who and when, a step added, left out and put back, a playbook attached and set aside."""
    reference, browser = attacked(edge, 3), edge.person(UserRole.RESPONDER)
    base = f"/incidents/{reference}/playbook"

    def send(action: str, **fields: str) -> Any:
        return browser.post(f"{base}/{action}", data=fields)

    assert browser.get(base).status_code == 200
    answer = send(f"steps/{STEP}", state="done", result="It is open.", done_by="Anouk")
    assert answer.headers["location"] == f"{base}?done=recorded#step-{STEP}"
    assert (step(edge, reference)["result"], step(edge, reference)["done_by"]) == ("It is open.", "Anouk")
    assert send("add", title="Call the landlord.", role="dpo", hours="4", after="detected_at").status_code == 303
    (added,) = [one for one in plan(edge, reference)["steps"] if one["title"] == "Call the landlord."]
    assert (added["role"], added["due"]) == ("dpo", {"after": "detected_at", "hours": 4.0})
    assert send("leave-out", subject=added["step"], reason="He knows.").status_code == 303
    assert [one["step"] for one in plan(edge, reference)["left_out"] if one["left_out"]] == [added["step"]]
    assert send("put-back", subject=added["step"]).status_code == 303
    assert send("change", subject=added["step"], role="decider", reason="It costs.").status_code == 303
    assert step(edge, reference, added["step"])["role"] == "decider"
    assert send("attach", subject="ransomware", reason="Notes.").status_code == 303
    assert {"id": "ransomware", "reason": "attached"}.items() <= _offers(edge, reference)["ransomware"].items()
    assert send("set-aside", subject="ransomware", reason="Old notes.").status_code == 303
    assert "ransomware" not in _offers(edge, reference)
    page = text_in(browser.get(base).text)
    for words in ("It is open.", "Anouk", "Call the landlord.", "Old notes.", "added here"):
        assert words in page, words
    assert "Old notes." in text_in(browser.get(f"/incidents/{reference}").text)


def _offers(edge: Edge, reference: str) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in plan(edge, reference)["playbooks"]}


def test_what_cannot_be_recorded_is_said_on_the_page_of_the_plan(edge: Edge) -> None:
    """With the forms of the step open, and nothing written."""
    reference, browser = attacked(edge, 4), edge.person(UserRole.RESPONDER)
    answer = browser.post(f"/incidents/{reference}/playbook/steps/{STEP}", data={"state": "not_applicable"})
    assert answer.status_code == 422
    assert "Give the reason" in text_in(answer.text)
    assert f'id="step-{STEP}"' in answer.text
    for data in ({"state": "perhaps"}, {"state": "done", "done_at": "2100-01-01T00:00"}):
        answer = browser.post(f"/incidents/{reference}/playbook/steps/{STEP}", data=data)
        assert answer.status_code == 422
    answer = browser.post(f"/incidents/{reference}/playbook/add", data={"title": "x", "hours": "soon"})
    assert answer.status_code == 422
    assert step(edge, reference)["state"] == "open"


def test_a_reader_sees_the_plan_and_no_form(edge: Edge) -> None:
    reference, browser = attacked(edge, 5), edge.person(UserRole.VIEWER)
    page = browser.get(f"/incidents/{reference}/playbook")
    assert page.status_code == 200
    assert not [one for one in forms_in(page.text) if "/playbook/" in one]


def test_the_api_adapts_a_plan_and_records_its_steps(edge: Edge) -> None:
    """The same acts as the page, with the same sentences."""
    reference, headers = attacked(edge, 6), edge.token(UserRole.RESPONDER)
    base = f"/api/v1/incidents/{reference}/playbook"

    def post(path: str, body: dict[str, Any]) -> Any:
        return edge.client.post(f"{base}/{path}", json=body, headers=headers)

    made = post("steps", {"title": "Call the landlord.", "role": "responder"})
    assert made.status_code == 201, made.text
    assert post(f"steps/{made.json()['step']}", {"state": "done", "result": "He comes."}).status_code == 204
    assert step(edge, reference, made.json()["step"])["state"] == "done"
    assert post("changes", {"change": "leave_out", "subject": STEP, "reason": "On paper."}).status_code == 204
    due = {"after": "aware_at", "hours": 3}
    body = {"change": "change", "subject": "name-lead", "reason": "Later.", "due": due}
    assert post("changes", body).status_code == 204
    assert step(edge, reference, "name-lead")["due"] == due
    refused = post("changes", {"change": "attach", "subject": "ransomware", "role": "dpo"})
    assert (refused.status_code, "belong to the change" in refused.json()["title"]) == (422, True)
    assert post("changes", {"change": "set_aside", "subject": "every-incident"}).status_code == 422


def test_the_plan_of_what_is_not_seen_is_nothing(edge: Edge) -> None:
    """Neither to read nor to work on: as if there were no such incident."""
    reference = attacked(edge, 7)
    decider = Actor("boss", UserRole.DECIDER)
    edge.service.database.write(
        lambda session: compartments.restrict(
            session, decider, reference, [], [], "Staff.", edge.service.knowledge(), edge.now
        )
    )
    browser = edge.person(UserRole.RESPONDER)
    base = f"/incidents/{reference}/playbook"
    assert browser.get(base).status_code == 404
    assert browser.get(f"/api/v1{base}").status_code == 404
    assert browser.post(f"{base}/steps/{STEP}", data={"state": "done"}).status_code == 404
    assert browser.post(f"{base}/attach", data={"subject": "ransomware"}).status_code == 404


def test_what_was_written_names_no_incident_that_is_not_seen(edge: Edge) -> None:
    """A result may name another incident; whoever does not see that one reads that there is another."""
    reference, other = attacked(edge, 8), attacked(edge, 9)
    author = edge.signed_in(UserRole.RESPONDER)
    base = f"/api/v1/incidents/{reference}/playbook"
    body = {"state": "done", "result": f"See {other}."}
    assert edge.client.post(f"{base}/steps/{STEP}", json=body, headers=author).status_code == 204
    new = {"title": f"Compare with {other}.", "role": "dpo"}
    assert edge.client.post(f"{base}/steps", json=new, headers=author).status_code == 201
    assert other in json.dumps(plan(edge, reference))
    decider = Actor("boss", UserRole.DECIDER)
    edge.service.database.write(
        lambda session: compartments.restrict(
            session, decider, other, [], [], "Staff.", edge.service.knowledge(), edge.now
        )
    )
    assert other not in json.dumps(plan(edge, reference))
    page = edge.person(UserRole.RESPONDER).get(f"/incidents/{reference}/playbook").text
    assert other not in page
    assert "another incident" in page


def test_one_playbook_is_given_as_its_file_says_it(edge: Edge) -> None:
    """In both languages, for whoever keeps a copy of their own."""
    headers = edge.token(UserRole.VIEWER)
    listed = edge.client.get("/api/v1/playbooks", headers=headers).json()
    assert {"id", "title", "why", "steps", "is_common", "reviewed_on"} == set(listed[0])
    one = edge.client.get(f"/api/v1/playbooks/{listed[0]['id']}", headers=headers).json()
    assert set(one["title"]) == {"fr", "en"}
    assert edge.client.get("/api/v1/playbooks/dancing", headers=headers).status_code == 404
