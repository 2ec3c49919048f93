"""The pages and the API of exercises: begun by a form, told apart at a glance, reported by role."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from breach_service.domain.access import ALLOWED, PEOPLE, Act, UserRole
from tests.web.edge import Edge, shared_edge

HOUR = timedelta(hours=1) / 72


@pytest.fixture
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("drills")) as one:
        yield one


def begin(edge: Edge, scenario: str = "ransomware-shared-platform") -> str:
    answer = edge.client.post("/api/v1/drills", json={"scenario": scenario, "hours": 1}, headers=edge.token())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["reference"])


def test_a_form_begins_an_exercise_and_leads_to_its_incident(edge: Edge) -> None:
    """The strip, the tint and the reference say that nothing of it is real, in both languages."""
    browser = edge.person(UserRole.RESPONDER)
    shown = browser.get("/drills").text
    assert "Ordinateur portable volé" in shown or "Stolen laptop" in shown
    answer = browser.post("/drills", data={"scenario": "stolen-laptop", "hours": "0,5"}, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/incidents/EX-2026-0001"
    for language, word in (("fr", "EXERCICE"), ("en", "EXERCISE")):
        browser.get(f"/language/{language}")
        for path in ("/incidents/EX-2026-0001", "/drills/EX-2026-0001"):
            page = browser.get(path)
            assert page.status_code == 200
            assert '<body class="is-drill">' in page.text
            assert f'<p class="drill-strip"><strong>{word}</strong>' in page.text


def test_a_form_that_cannot_be_is_shown_again_with_the_reason(edge: Edge) -> None:
    """And begins nothing."""
    browser = edge.person(UserRole.RESPONDER)
    laptop = {"scenario": "stolen-laptop"}
    for form in ({"scenario": "nothing"}, {**laptop, "hours": "many"}, {**laptop, "hours": "999"}):
        answer = browser.post("/drills", data=form)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    assert edge.client.get("/api/v1/drills", headers=edge.token()).json() == []


def test_real_incidents_carry_no_mark(edge: Edge) -> None:
    """The list of incidents names the exercise that runs apart from them."""
    reference, drill = edge.declare(), begin(edge)
    browser = edge.person(UserRole.DPO)
    assert "is-drill" not in browser.get(f"/incidents/{reference}").text
    listed = browser.get("/incidents").text
    assert f'href="/drills/{drill}"' in listed
    assert listed.count(f'class="name" href="/incidents/{drill}"') == 0
    assert f'class="name" href="/incidents/{reference}"' in listed


def test_the_register_knows_of_no_exercise(edge: Edge) -> None:
    """Not by reference, not by title; what is confirmed in one does not enter it either."""
    drill = begin(edge)
    edge.work()
    register = edge.person(UserRole.DPO).get("/register").text
    assert drill not in register
    assert "Rançongiciel sur la plateforme partagée" not in register


def test_the_report_is_shown_by_role_and_stops_with_the_exercise(edge: Edge) -> None:
    """What is to come, what was missed; nobody is named."""
    drill = begin(edge)
    browser = edge.person(UserRole.DPO)
    page = browser.get(f"/drills/{drill}").text
    assert page.count('<li class="is-run">') == 9
    assert browser.post(f"/drills/{drill}/stop", data={"reason": "Enough."}).status_code in (200, 303)
    out = edge.client.get(f"/api/v1/drills/{drill}", headers=edge.token()).json()
    assert out["ended_at"] is not None
    assert [one["role"] for one in out["roles"]] == ["responder", "dpo", "decider"]
    listed = edge.client.get("/api/v1/incidents", headers=edge.token()).json()
    assert [one["is_drill"] for one in listed if one["reference"] == drill] == [True]


@pytest.mark.parametrize("role", PEOPLE)
def test_who_may_begin_one(edge: Edge, role: UserRole) -> None:
    """Whoever handles incidents, and administrators; others see the list without the form."""
    if role is UserRole.INSPECTOR:
        return
    browser = edge.person(role)
    is_allowed = role in ALLOWED[Act.RUN_DRILL]
    page = browser.get("/drills")
    assert page.status_code == 200
    assert ('name="scenario"' in page.text) is is_allowed
    answer = browser.post("/drills", data={"scenario": "stolen-laptop"}, follow_redirects=False)
    assert answer.status_code == (303 if is_allowed else 403)
