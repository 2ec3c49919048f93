"""The page of the next question, its API, and the file: one way of asking, one assessment."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from breach_service.catalog import Catalogue
from breach_service.catalog.cases import case_from
from breach_service.domain.access import UserRole
from breach_service.domain.assessment import assess
from breach_service.web.representations import assessment_out
from tests.web.edge import Edge, forms_in, shared_edge, text_in
from tests.web.questions_walk import CASES, answered, posted, told_in

WALKED = (
    "own-payroll-export-to-another-client", "own-encrypted-phone-stolen", "own-mailbox-taken-over",
    "own-emergency-line-down", "own-hidden-deliveries",
)  # fmt: skip


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("questions")) as one:
        yield one


@pytest.fixture(scope="module")
def dpo(edge: Edge) -> TestClient:
    browser = edge.person(UserRole.DPO)
    browser.cookies.set("breach_language", "en")
    return browser


@pytest.fixture(scope="module")
def catalogue(edge: Edge) -> Catalogue:
    return edge.service.knowledge().catalogue


def shown(edge: Edge, reference: str) -> dict[str, Any]:
    answer = edge.client.get(f"/api/v1/incidents/{reference}", headers=edge.token())
    found: dict[str, Any] = answer.json()
    return found


def recorded(edge: Edge, reference: str, fact: str, value: Any, status: int = 204, **more: Any) -> str:
    body = {"fact": fact, "value": value, **more}
    answer = edge.client.post(f"/api/v1/incidents/{reference}/facts", json=body, headers=edge.token())
    assert answer.status_code == status, answer.text
    return answer.text


def judged(assessment: dict[str, Any]) -> str:
    """An assessment without who the controller is and which criteria name which perimeter."""
    parts = [
        {name: value for name, value in one.items() if name not in ("controller", "systems", "activities")}
        for one in assessment["perimeters"]
    ]
    return json.dumps({**assessment, "perimeters": parts}, sort_keys=True)


def test_prose_answered_through_the_pages_reaches_its_outcome(
    edge: Edge, dpo: TestClient, catalogue: Catalogue
) -> None:
    """Tried as a new user would: each question as it is shown, from what the account tells, until nothing is open."""
    for name in WALKED:
        told = told_in(name, catalogue)
        reference = edge.declare(f"As told: {name}", ())
        asked = answered(dpo, reference, told)
        duties = shown(edge, reference)["assessment"]["duties"]
        assert {duty: duties[duty] for duty in told.outcome} == told.outcome, (name, asked)


@pytest.mark.parametrize(
    "name",
    [
        "own-payslip-to-a-stranger", "edpb-01-2021-02-ransomware-without-backup", "edpb-01-2021-05-job-applications",
        "edpb-9-2022-b-iii-power-cut", "own-database-deleted", "own-flaw-found-by-a-tester",
    ],
)  # fmt: skip
def test_the_same_facts_by_page_api_and_file_lead_to_the_same_assessment(
    edge: Edge, dpo: TestClient, catalogue: Catalogue, name: str
) -> None:
    """Equal as JSON: findings, risk, severity, duties with their reasons, open questions and their effects."""
    told = told_in(name, catalogue)
    by_page, by_api = edge.declare("By page.", ()), edge.declare("By API.", ())
    asked = {fact for fact, is_told in answered(dpo, by_page, told) if is_told}
    for fact, value in told.values.items():
        recorded(edge, by_api, fact, posted(value))
        if fact not in asked:
            recorded(edge, by_page, fact, posted(value))
    recorded(edge, by_page, "system.holds_personal_data", posted(told.values.get("system.holds_personal_data", "yes")))
    case = case_from((CASES / f"{name}.yaml").read_text(), name, catalogue)
    by_file = assess(case.perimeters, case.facts, catalogue.rules, catalogue.facts)
    language = "fr"
    api = edge.client.get(f"/api/v1/incidents/{by_api}", headers=edge.token()).json()["assessment"]
    page = shown(edge, by_page)["assessment"]
    file = json.loads(json.dumps(assessment_out(by_file, language)))
    assert judged(page) == judged(api)
    assert judged(api) == judged(file)


def test_what_happened_is_asked_first_and_its_answer_brings_the_plan_that_fits(edge: Edge, dpo: TestClient) -> None:
    """A lost laptop gets the playbook of a lost device, and is not asked again what it was."""
    reference = edge.declare("A laptop is gone.", ())
    page = dpo.get(f"/incidents/{reference}/questions").text
    form = forms_in(page)[f"/incidents/{reference}/questions"]
    assert form.fields["fact"] == ["incident.scenario"]
    assert "What happened?" in text_in(page)
    assert form.send(dpo, value=["lost_device"], scope="incident").status_code == 303
    listed = edge.client.get(f"/api/v1/incidents/{reference}/questions", headers=edge.token()).json()["questions"]
    assert "incident.scenario" not in [one["fact"] for one in listed]
    assert "protection.locked" in [one["fact"] for one in listed]
    plan = text_in(dpo.get(f"/incidents/{reference}").text)
    assert "Lost or stolen device or papers" in plan


def test_what_an_alert_or_a_recorded_fact_says_already_is_not_asked(edge: Edge) -> None:
    """The origin recorded from a report names the kind of thing; nothing but the rest is asked."""
    reference = edge.declare("A letter went to a wrong address.", ())
    recorded(edge, reference, "incident.origins", ["wrong_recipient"])
    listed = edge.client.get(f"/api/v1/incidents/{reference}/questions", headers=edge.token()).json()["questions"]
    assert "kind" not in [one["because"] for one in listed]


def test_each_answer_says_in_a_sentence_what_it_entails(edge: Edge, dpo: TestClient) -> None:
    """The clause of the playbooks, then what becomes of the duty; in both languages."""
    reference = edge.declare("A server was open.", ())
    address = f"/incidents/{reference}/questions?skip=incident.scenario"
    page = text_in(dpo.get(address).text)
    assert "If data were seen, copied or received without right: enter it in the register." in page
    french = edge.person(UserRole.RESPONDER)
    french.cookies.set("breach_language", "fr")
    said = text_in(french.get(address).text)
    assert "Si des données ont été vues, copiées ou reçues sans droit" in said
    assert "If " not in said


def test_after_an_answer_the_page_says_what_changed_and_so_does_the_chronology(edge: Edge, dpo: TestClient) -> None:
    """Duties before and after, in words."""
    reference = edge.declare("A mail went to a wrong address.", ())
    address = f"/incidents/{reference}/questions?skip=incident.scenario"
    form = forms_in(dpo.get(address).text)[f"/incidents/{reference}/questions"]
    assert form.fields["fact"] == ["loss.confidentiality"]
    after = dpo.get(form.send(dpo, value="yes", note="The recipient called.").headers["location"])
    assert "register: undecided → required" in text_in(after.text).replace("enter it in the ", "")
    assert "undecided → required" in text_in(dpo.get(f"/incidents/{reference}").text)
    [entry] = [one for one in shown(edge, reference)["timeline"] if one["kind"] == "fact_recorded"]
    assert entry["words"]["turns"] == "register:undecided:required"


def test_what_contradicts_a_recorded_fact_is_asked_about_before_it_shuts_a_duty(edge: Edge, dpo: TestClient) -> None:
    """Nothing was seen, while data may have left: which holds? Only somebody who says how they know may say both."""
    reference = edge.declare("Somebody was in.", ())
    recorded(edge, reference, "exfiltration.state", "possible")
    assert "exfiltration.state" in recorded(edge, reference, "loss.confidentiality", "no", 422)
    address = f"/incidents/{reference}/questions?fact=loss.confidentiality"
    form = forms_in(dpo.get(address).text)[f"/incidents/{reference}/questions"]
    answer = form.send(dpo, value="no")
    assert answer.status_code == 422
    assert "Which one holds?" in text_in(answer.text)
    again = forms_in(answer.text)[f"/incidents/{reference}/questions"]
    assert again.fields["value"] == ["no"]
    assert again.send(dpo, is_despite="yes", note=" ").status_code == 422
    assert again.send(dpo, is_despite="yes", note="The logs were read in full.").status_code == 303
    contradictions = shown(edge, reference)["assessment"]["contradictions"]
    assert [one["first"]["fact"] for one in contradictions] == ["loss.confidentiality"]


def test_who_finds_out_and_by_when_stands_beside_the_question(edge: Edge, dpo: TestClient) -> None:
    """It waits behind the others, is marked once it is overdue, and is gone with the answer."""
    reference = edge.declare("A laptop was left in a train.", ())
    page = dpo.get(f"/incidents/{reference}/questions").text
    later = forms_in(page)[f"/incidents/{reference}/questions/later"]
    fact = later.fields["fact"][0]
    due_at = (edge.now + timedelta(hours=30)).replace(second=0, microsecond=0, tzinfo=None)
    assert later.send(dpo, who="Maud Sabran", due_at="2020-01-01T10:00").status_code == 422
    assert later.send(dpo, who="Maud Sabran", due_at=due_at.isoformat()).status_code == 303
    listed = edge.client.get(f"/api/v1/incidents/{reference}/questions", headers=edge.token()).json()["questions"]
    [held] = [one for one in listed if one["assignment"]]
    assert (held["fact"], held["assignment"]["who"]) == (fact, "Maud Sabran")
    assert listed[0]["fact"] != fact
    assert "Maud Sabran finds out until" in text_in(dpo.get(f"/incidents/{reference}/questions").text)
    assert "Maud Sabran" in text_in(dpo.get(f"/incidents/{reference}").text)
    recorded(edge, reference, fact, ["lost_device"])
    listed = edge.client.get(f"/api/v1/incidents/{reference}/questions", headers=edge.token()).json()["questions"]
    assert not [one for one in listed if one["assignment"]]


def test_a_question_can_be_skipped_and_the_last_answer_corrected(edge: Edge, dpo: TestClient) -> None:
    """Skipping goes on with the next one; the way back leads to the answer that was given last."""
    reference = edge.declare("A disk was lost.", ())
    first = dpo.get(f"/incidents/{reference}/questions").text
    fact = forms_in(first)[f"/incidents/{reference}/questions"].fields["fact"][0]
    second = dpo.get(f"/incidents/{reference}/questions", params={"skip": [fact]}).text
    other = forms_in(second)[f"/incidents/{reference}/questions"]
    assert other.fields["fact"] != [fact]
    assert other.fields["skip"] == [fact]
    recorded(edge, reference, fact, ["lost_device"])
    assert f"/incidents/{reference}/questions?fact={fact}" in dpo.get(f"/incidents/{reference}/questions").text


def test_who_only_looks_reads_the_questions_and_answers_none(edge: Edge) -> None:
    """No form, and the door is shut for what is posted all the same."""
    reference = edge.declare("A screen was seen.", ())
    viewer = edge.person(UserRole.VIEWER)
    page = viewer.get(f"/incidents/{reference}/questions")
    assert page.status_code == 200
    assert "autofocus" not in page.text
    assert viewer.post(f"/incidents/{reference}/questions", data={"fact": "x", "value": "yes"}).status_code == 403


def test_no_list_has_to_be_left_unknown_because_it_is_empty(edge: Edge, dpo: TestClient) -> None:
    """“None of them” is an answer to a list."""
    reference = edge.declare("A form was open.", ())
    address = f"/incidents/{reference}/questions?fact=data.special_categories"
    form = forms_in(dpo.get(address).text)[f"/incidents/{reference}/questions"]
    assert form.send(dpo, value=["none_of_these"]).status_code == 303
    [fact] = [one for one in shown(edge, reference)["facts"] if one["fact"] == "data.special_categories"]
    assert fact["value"] == []


def test_what_the_report_says_is_accepted_with_one_click(edge: Edge, dpo: TestClient) -> None:
    """Data and number, as facts of whoever accepts them, with the report as their source; nothing before that."""
    reference = edge.declare("A list with the names and passwords of 40 customers went out.", ())
    page = dpo.get(f"/incidents/{reference}/questions").text
    assert "What the report says" in text_in(page)
    assert not [one for one in shown(edge, reference)["facts"] if one["fact"] == "persons.number"]
    offered = page.partition('id="h-said"')[2]
    form = forms_in(offered)[f"/incidents/{reference}/acts/record_fact"]
    assert form.send(dpo).status_code == 303
    fact = form.fields["fact"][0]
    [kept] = [one for one in shown(edge, reference)["facts"] if one["fact"] == fact and one["by"] != "alerts"]
    assert kept["note"].startswith("SIG-")
    again = dpo.get(f"/incidents/{reference}/questions").text.partition('id="h-said"')[2]
    assert f'value="{fact}"' not in again.partition("</section>")[0]
