"""Restricted incidents, the counsel compartment, substitutes and the audit trail, as a browser meets them."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from breach_service.domain.access import UserRole
from breach_service.store import people
from tests.web.edge import Edge, forms_in, shared_edge, text_in

WHY = "A colleague may be behind it."


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("compartments")) as one:
        yield one


def somebody(edge: Edge, role: UserRole) -> tuple[str, TestClient]:
    """The number of a new person, as forms send it, and their browser."""
    browser = edge.person(role)
    with edge.service.database.reading() as session:
        return str(max(one.id or 0 for one in people.users(session))), browser


def restrict(boss: TestClient, reference: str, **answers: Any) -> Any:
    form = forms_in(boss.get(f"/incidents/{reference}").text)[f"/incidents/{reference}/restrict"]
    return form.send(boss, reason=WHY, **answers)


def trail(browser: TestClient, query: str = "") -> list[dict[str, Any]]:
    answer = browser.get(f"/api/v1/audit{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["entries"])


def restricted_beside(browser: TestClient) -> int:
    """How many incidents the list says are there and not seen."""
    said = re.search(
        r"There (?:is|are) (one|\d+) restricted incidents? that you do not see\.",
        text_in(browser.get("/incidents").text),
    )
    return 0 if said is None else 1 if said[1] == "one" else int(said[1])


def test_a_decider_restricts_an_incident_and_names_people(edge: Edge) -> None:
    """Everybody else is answered as if there were none, and learns that something exists."""
    reference = edge.declare()
    _, boss = somebody(edge, UserRole.DECIDER)
    number, maud = somebody(edge, UserRole.RESPONDER)
    _, auditor = somebody(edge, UserRole.AUDITOR)
    before = restricted_beside(auditor)
    assert restrict(boss, reference, named=[number]).status_code == 303
    for one in (boss, maud):
        shown = one.get(f"/incidents/{reference}")
        assert shown.status_code == 200
        assert "Restricted" in text_in(shown.text)
    refused, unknown = (auditor.get(f"/incidents/{one}") for one in (reference, "INC-1999-0001"))
    assert refused.status_code == unknown.status_code == 404
    assert refused.text == unknown.text.replace("INC-1999-0001", reference)
    assert restricted_beside(auditor) == before + 1
    refused, unknown = (auditor.get(f"/api/v1/incidents/{one}") for one in (reference, "INC-1999-0001"))
    assert refused.text == unknown.text.replace("INC-1999-0001", reference)


def test_whom_it_concerns_is_shut_out_in_the_session_that_is_open(edge: Edge) -> None:
    """The page that was open a moment ago is there no more; no act goes through either."""
    reference = edge.declare()
    _, boss = somebody(edge, UserRole.DECIDER)
    number, officer = somebody(edge, UserRole.DPO)
    page = officer.get(f"/incidents/{reference}")
    form = forms_in(page.text)[f"/incidents/{reference}/acts/record_awareness"]
    restrict(boss, reference, concerned=[number])
    assert officer.get(f"/incidents/{reference}").status_code == 404
    assert form.send(officer, aware_at="2026-11-23T08:00", reason="x").status_code == 404
    assert reference not in officer.get("/").text


def test_a_form_that_cannot_be_taken_is_shown_again_with_what_was_typed(edge: Edge) -> None:
    """Nothing is lost, and the sentence says what to do."""
    reference = edge.declare()
    _, boss = somebody(edge, UserRole.DECIDER)
    number, _ = somebody(edge, UserRole.VIEWER)
    answer = restrict(boss, reference, named=[number], concerned=[number])
    assert answer.status_code == 422
    assert "cannot be named in an incident that concerns them" in text_in(answer.text)
    assert WHY in answer.text
    assert f'value="{number}" checked' in answer.text


def test_whoever_shuts_themselves_out_is_led_to_the_list(edge: Edge) -> None:
    """Their own report may point at staff: they are told that it was recorded, and see it no more."""
    _, maud = somebody(edge, UserRole.RESPONDER)
    somebody(edge, UserRole.DPO)
    form = forms_in(maud.get("/declare").text)["/declare"]
    answer = form.send(maud, what_happened="The accountant copied the files.", points_at_staff="yes")
    assert answer.headers["location"] == "/incidents?done=restricted"
    shown = maud.get(answer.headers["location"])
    assert "The incident is restricted" in shown.text
    assert "accountant" not in shown.text


def test_every_reading_and_every_denied_try_stands_in_the_trail(edge: Edge) -> None:
    """Who, what page, by which way; the trail of it is read by those who see the incident."""
    reference = edge.declare()
    _, boss = somebody(edge, UserRole.DECIDER)
    _, auditor = somebody(edge, UserRole.AUDITOR)
    restrict(boss, reference)
    boss.get(f"/incidents/{reference}")
    boss.get(f"/api/v1/incidents/{reference}")
    auditor.get(f"/incidents/{reference}")
    auditor.get(f"/api/v1/incidents/{reference}/drafts")
    edge.settle()  # a denied try is answered before it is written down
    found = [(one["kind"], one["what"], one["via"]) for one in trail(boss, f"?incident={reference}")]
    assert ("read_incident", "/incidents/{reference}", "page") in found
    assert ("denied", "/incidents/{reference}", "page") in found
    assert [one[2] for one in found if one[0] == "denied"] == ["api", "page"]
    assert next(one[2] for one in found if one[0] == "read_incident") == "api"
    assert trail(auditor, f"?incident={reference}") == []


def test_looking_at_a_raw_body_stands_in_the_trail(edge: Edge) -> None:
    """Evidence may hold personal data: who looked at it is known."""
    sender = edge.source()
    edge.send(sender, b"\x00\xff\x00\xff")
    edge.work()
    _, auditor = somebody(edge, UserRole.AUDITOR)
    assert auditor.get("/quarantine/1").status_code == 200
    assert [one["what"] for one in trail(auditor, "?kind=read_evidence")] == ["quarantine:1"]


def test_what_cannot_be_written_down_is_not_shown(edge: Edge) -> None:
    """A reading without its line in the trail is refused; what is not restricted is read as ever."""
    reference, other = edge.declare(), edge.declare()
    _, boss = somebody(edge, UserRole.DECIDER)
    restrict(boss, reference)
    stop = "CREATE TRIGGER no_room BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'no room'); END"
    edge.service.database.write(lambda session: session.execute(text(stop)))
    try:
        refused = boss.get(f"/incidents/{reference}")
        assert refused.status_code == 503
        assert "every reading of this is written down first" in text_in(refused.text).lower()
        assert boss.get(f"/incidents/{other}").status_code == 200
        assert edge.person(UserRole.AUDITOR).get(f"/incidents/{reference}").status_code == 404
    finally:
        edge.service.database.write(lambda session: session.execute(text("DROP TRIGGER no_room")))
    assert boss.get(f"/incidents/{reference}").status_code == 200


def test_the_counsel_compartment_is_open_to_counsel_alone(edge: Edge) -> None:
    """Whoever named them does not read it."""
    reference = edge.declare()
    _, boss = somebody(edge, UserRole.DECIDER)
    number, lawyer = somebody(edge, UserRole.VIEWER)
    form = forms_in(boss.get(f"/incidents/{reference}").text)[f"/incidents/{reference}/people"]
    assert form.send(boss, person=number, standing="counsel", reason="Advice.").status_code == 303
    assert boss.get(f"/incidents/{reference}/counsel").status_code == 403
    path = f"/incidents/{reference}/counsel"
    assert path in lawyer.get(f"/incidents/{reference}").text
    written = forms_in(lawyer.get(path).text)[path].send(lawyer, note="Privileged & <b>secret</b>.")
    assert written.status_code == 303
    assert "Privileged &amp; &lt;b&gt;secret&lt;/b&gt;." in lawyer.get(path).text
    for one in (boss, lawyer):
        shown = one.get(f"/incidents/{reference}").text
        assert "Privileged" not in shown
        assert "only its digest stands here" in shown


def test_an_administrator_names_substitutes_in_advance(edge: Edge) -> None:
    """On a page of its own; one who may not is refused."""
    number, officer = somebody(edge, UserRole.DPO)
    other, decider = somebody(edge, UserRole.DECIDER)
    _, admin = somebody(edge, UserRole.ADMIN)
    assert decider.get("/access/substitutes").status_code == 403
    answer = admin.post("/access/substitutes", data={"person": number, "substitute": other})
    assert answer.status_code == 303
    found = admin.get("/api/v1/substitutes").json()
    assert (int(number), int(other)) in [(one["person"], one["substitute"]) for one in found]
    assert officer.post("/access/substitutes", data={"person": number, "substitute": number}).status_code == 422


def test_the_trail_is_filtered_and_taken_out_as_a_file(edge: Edge) -> None:
    """As a table and as JSON, and that it was taken out stands in it; a formula in a name stays a text."""
    (number, boss), (other, _) = somebody(edge, UserRole.DECIDER), somebody(edge, UserRole.DPO)
    edge.person(UserRole.ADMIN).post("/access/substitutes", data={"person": number, "substitute": other})
    page = boss.get("/audit?kind=substitute&since=2020-01-01T00:00")
    assert page.status_code == 200
    assert "named a substitute" in page.text
    rows = list(csv.DictReader(io.StringIO(boss.get("/audit.csv?kind=substitute").text)))
    assert {one["kind"] for one in rows} == {"substitute"}
    assert {one["kind"] for one in boss.get("/audit.json?kind=substitute").json()} == {"substitute"}
    assert [one["what"] for one in trail(boss, "?kind=read_audit")] == ["json", "csv"]
    assert boss.get("/audit?since=yesterday").status_code == 422
    assert edge.person(UserRole.RESPONDER).get("/audit").status_code == 403
