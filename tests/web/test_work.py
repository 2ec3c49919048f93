"""Measures, evidence and the review as people meet them: pages by their forms, the API, and what is not seen."""

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from breach_service.acts import incidents
from breach_service.acts.seeing import compartments
from breach_service.app import OPERATOR
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.deadlines import DutyKind
from breach_service.store import audit, obligations, people
from breach_service.store.incidents import row_of
from tests.deciders import agree
from tests.web.edge import Edge, forms_in, shared_edge

LOG = b"GET /shell.php 200\n"
DIGEST = hashlib.sha256(LOG).hexdigest()
REVIEW = {
    "what_happened": "A web shell.", "went_well": "The alert.", "causes": "An old plugin.", "to_change": "Nothing.",
    "participants": "Zoé\nAli",
}  # fmt: skip


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("work"), evidence_max_bytes=1000) as one:
        yield one


@pytest.fixture
def reference(edge: Edge) -> str:
    return edge.declare("A web shell stood on app-01.")


def form_of(browser: Any, path: str, action: str) -> Any:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return {one.partition("#")[0]: form for one, form in forms_in(answer.text).items()}[action]


def follow(browser: Any, answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return str(browser.get(answer.headers["location"].partition("#")[0]).text)


def file_of(browser: Any, reference: str, **fields: str) -> Any:
    data = {
        "what": "Access log", "place": "app-01", "method": "scp", "collected_at": "2026-11-23T08:30", **fields,
    }  # fmt: skip
    files = {"file": ("../access log.txt", LOG, "text/plain")}
    return browser.post(f"/incidents/{reference}/evidence", data=data, files=files)


def handled(edge: Edge, reference: str) -> None:
    """Confirm an incident, and say that nobody is to be informed."""
    knowledge, now = edge.service.knowledge(), edge.now

    def work(session: Any) -> None:
        incidents.confirm(session, OPERATOR, reference, "Seen.", knowledge, now)
        for one in obligations.of_incident(session, row_of(session, reference).id or 0):
            if one.duty is not DutyKind.REGISTER and not one.withdrawn_at:
                incidents.decide_not_required(session, OPERATOR, reference, one.id, "No risk.", knowledge, now)

    edge.service.database.write(work)
    agree(edge.service, now, reference=reference)


# ── Measures


def test_a_measure_is_planned_changed_and_done_by_the_forms_of_its_page(edge: Edge, reference: str) -> None:
    """It stands on the incident, among all open measures, in the register and in the chronology."""
    browser, base = edge.person(UserRole.RESPONDER), f"/incidents/{reference}/measures"
    planned = form_of(browser, base, base).send(
        browser, what="Reset every password", owner="Ali", due_on="2026-11-30", kind="passwords_reset"
    )
    shown = follow(browser, planned)
    (number,) = re.findall(r'id="measure-(\d+)"', shown)
    for path in (f"/incidents/{reference}", "/measures", "/measures?order=owner&overdue=false"):
        assert "Reset every password" in browser.get(path).text, path
    change = form_of(browser, base, f"{base}/{number}")
    assert change.fields["due_on"] == ["2026-11-30"]
    follow(browser, change.send(browser, due_on="2026-12-05"))
    settle = form_of(browser, base, f"{base}/{number}/settle")
    assert "412 accounts" in follow(browser, settle.send(browser, state="done", outcome="412 accounts."))
    log = browser.get(f"/incidents/{reference}").text
    assert "Planned: Reset every password" in log
    assert "Before: 2026-11-30" in log
    handled(edge, reference)
    assert "412 accounts." in browser.get("/register").text


def test_what_cannot_be_taken_is_shown_again_with_what_was_typed(edge: Edge, reference: str) -> None:
    """In the form that it was typed into, with what is wrong."""
    browser, base = edge.person(UserRole.DPO), f"/incidents/{reference}/measures"
    refused = form_of(browser, base, base).send(browser, what="Pentest", owner="", due_on="2026-11-30")
    assert (refused.status_code, "has an owner" in refused.text) == (422, True)
    assert forms_in(refused.text)[f"{base}#new"].fields["what"] == ["Pentest"]
    follow(browser, form_of(browser, base, base).send(browser, what="Pentest", owner="Ali", due_on="2026-11-30"))
    (number,) = re.findall(r'id="measure-(\d+)"', browser.get(base).text)
    refused = form_of(browser, base, f"{base}/{number}").send(browser, owner="", what="Another")
    assert (refused.status_code, forms_in(refused.text)[f"{base}/{number}"].fields["what"]) == (422, ["Another"])
    for wrong in ({"due_on": "soon"}, {"owner_id": "x"}, {"audience": "x"}):
        assert browser.post(base, data={"what": "x", "owner": "y", **wrong}).status_code == 422


def test_what_was_done_lies_in_the_past(edge: Edge, reference: str) -> None:
    """With a result or without: the sentence is about the day, not about what else is missing."""
    browser, base = edge.person(UserRole.DPO), f"/incidents/{reference}/measures"
    for outcome in ("Done.", ""):
        answer = browser.post(base, data={"what": "x", "owner": "y", "outcome": outcome, "done_on": "2031-01-01"})
        assert (answer.status_code, "lies in the past" in answer.text) == (422, True)


def test_an_incident_without_measures_says_that_none_is_recorded(edge: Edge, reference: str) -> None:
    """Not that there is nothing to do, of which nobody knows."""
    shown = edge.person(UserRole.DPO).get(f"/incidents/{reference}/measures").text
    assert "No measure is recorded yet." in shown


def test_destroyed_evidence_is_called_destroyed_whatever_was_read_before(edge: Edge, reference: str) -> None:
    """That its digest differed stays in its history."""
    browser = edge.person(UserRole.DPO)
    (number,) = re.findall(r'id="evidence-(\d+)"', follow(browser, file_of(browser, reference)))
    base = f"/incidents/{reference}/evidence"
    form = form_of(browser, base, f"{base}/{number}/handlings")
    shown = follow(browser, form.send(browser, kind="verified", why="A check.", digest="0" * 64))
    assert "is-over" in shown.partition(f'id="evidence-{number}"')[0].rpartition("<li")[2]
    shown = follow(browser, form.send(browser, kind="destroyed", why="It was spoilt."))
    assert "is-off" in shown.partition(f'id="evidence-{number}"')[0].rpartition("<li")[2]
    assert shown.count("the digest differs") == 1


def test_overdue_measures_are_marked_and_found(edge: Edge, reference: str) -> None:
    """On the incident, on the page of all and in the API; only one's own where that is asked."""
    browser, headers = edge.person(UserRole.RESPONDER), edge.token(UserRole.RESPONDER)
    body = {"what": "Overdue soon", "owner": "Ali", "due_on": "2026-11-23"}
    url = f"/api/v1/incidents/{reference}/measures"
    assert edge.client.post(url, json=body, headers=headers).status_code == 201
    before = edge.clock.at
    try:
        edge.clock.at = before.replace(day=25)
        browser = edge.person(UserRole.RESPONDER)
        assert "Overdue soon" in browser.get("/measures?overdue=true").text
        assert "Overdue soon" not in browser.get("/measures?mine=true").text
        assert "Overdue" in browser.get(f"/incidents/{reference}").text.partition('id="work"')[2][:3000]
        found = edge.client.get("/api/v1/measures?overdue=true", headers=edge.token()).json()
        assert [one["incident"] for one in found if one["is_overdue"] and one["what"] == "Overdue soon"] == [reference]
    finally:
        edge.clock.at = before


def test_the_api_plans_changes_and_settles_measures(edge: Edge, reference: str) -> None:
    """The whole incident as JSON holds them, too; a wrong kind is refused in words."""
    headers, url = edge.token(UserRole.DPO), f"/api/v1/incidents/{reference}/measures"
    body = {"what": "Pentest", "owner": "Ali", "due_on": "2026-12-01"}
    number = edge.client.post(url, json=body, headers=headers).json()["id"]
    changed = {**body, "owner": "Bea", "revision": 1}
    assert edge.client.put(f"{url}/{number}", json=changed, headers=headers).status_code == 204
    assert edge.client.put(f"{url}/{number}", json=changed, headers=headers).status_code == 422
    settled = {"state": "dropped", "outcome": "No budget."}
    assert edge.client.post(f"{url}/{number}/settle", json=settled, headers=headers).status_code == 204
    (one,) = edge.client.get(f"/api/v1/incidents/{reference}", headers=headers).json()["measures"]
    assert (one["owner"], one["state"], one["outcome"]) == ("Bea", "dropped", "No budget.")
    assert edge.client.post(url, json={**body, "kind": "magic"}, headers=headers).status_code == 422


# ── Evidence


def test_a_file_is_handed_in_and_taken_out_and_the_reading_is_written_down(edge: Edge, reference: str) -> None:
    """As an attachment under its own name without any path, never shown by the browser; its digest comes with it."""
    browser = edge.person(UserRole.RESPONDER)
    shown = follow(browser, file_of(browser, reference))
    assert DIGEST in shown
    (number,) = re.findall(r'id="evidence-(\d+)"', shown)
    got = browser.get(f"/incidents/{reference}/evidence/{number}/file")
    assert (got.status_code, got.content, got.headers["x-sha256"]) == (200, LOG, DIGEST)
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''access%20log.txt"
    assert got.headers["content-type"] == "application/octet-stream"
    with edge.service.database.reading() as session:
        (line,) = audit.entries(session, audit.AuditFilter(incident=reference, kind="read_evidence"))
    assert line.what == f"evidence:{number}"
    assert browser.get(f"/incidents/{reference}/evidence/999/file").status_code == 404
    handling = form_of(
        browser, f"/incidents/{reference}/evidence", f"/incidents/{reference}/evidence/{number}/handlings"
    )
    assert "to whom it went" in handling.send(browser, kind="handed_over", why="They asked.").text
    shown = follow(browser, handling.send(browser, kind="handed_over", why="They asked.", whom="Police"))
    assert "→ Police" in shown
    assert "Handed over" in browser.get(f"/incidents/{reference}").text


def test_the_size_of_a_small_file_is_said_in_french_too(edge: Edge, reference: str) -> None:
    """Bytes, not kilobytes."""
    dpo = edge.person(UserRole.DPO)
    dpo.cookies.set("breach_language", "fr")
    assert file_of(dpo, reference).status_code == 303
    page = dpo.get(f"/incidents/{reference}/evidence")
    assert page.status_code == 200
    assert f"{len(LOG)}\N{NO-BREAK SPACE}octets" in page.text.replace(" octets", "\N{NO-BREAK SPACE}octets")


def test_a_file_that_is_too_large_is_refused_in_words(edge: Edge, reference: str) -> None:
    """Of it the digest is taken, without a file."""
    browser, url = edge.person(UserRole.RESPONDER), f"/incidents/{reference}/evidence"
    fields = {"what": "Disk", "place": "app-01", "method": "dd", "collected_at": "2026-11-23T08:30"}
    answer = browser.post(url, data=fields, files={"file": ("disk.dd", b"x" * 1001, "")})
    assert (answer.status_code, "larger than" in answer.text) == (422, True)
    follow(browser, browser.post(url, data={**fields, "digest": DIGEST, "kept_at": "Safe 2"}))
    (number,) = re.findall(r'id="evidence-(\d+)"', browser.get(url).text)
    assert browser.get(f"{url}/{number}/file").status_code == 404
    for wrong in ({"kind": "eaten"}, {"kind": "copied", "at": ""}):
        data = {"why": "x", "at": "2026-11-23T08:40", **wrong}
        assert browser.post(f"{url}/{number}/handlings", data=data).status_code == 422


def test_the_api_takes_evidence_in_base64_and_gives_it_back(edge: Edge, reference: str) -> None:
    """Whoever may only look sees digests and handlings, and no content."""
    headers, url = edge.token(UserRole.RESPONDER), f"/api/v1/incidents/{reference}/evidence"
    body = {
        "what": "Log", "place": "app-01", "method": "scp", "collected_at": "2026-11-23T08:30:00+01:00",
        "content": base64.b64encode(LOG).decode(),
    }  # fmt: skip
    assert edge.client.post(url, json={**body, "content": "?"}, headers=headers).status_code == 422
    made = edge.client.post(url, json=body, headers=headers).json()
    done = {"kind": "verified", "why": "Monthly.", "at": "2026-11-23T08:50:00+01:00"}
    answer = edge.client.post(f"{url}/{made['id']}/handlings", json=done, headers=headers)
    assert (answer.status_code, answer.json()["handlings"][0]["digest"]) == (201, DIGEST)
    assert edge.client.get(f"{url}/{made['id']}/file", headers=headers).content == LOG
    viewer = edge.token(UserRole.VIEWER)
    assert [one["digest"] for one in edge.client.get(url, headers=viewer).json()] == [DIGEST]
    assert edge.client.get(f"{url}/{made['id']}/file", headers=viewer).status_code == 403


# ── The review


def test_a_review_is_written_closed_and_opened_again_by_its_forms(edge: Edge, reference: str) -> None:
    """Asked for once the incident is handled; its follow-ups are measures that outlast it."""
    handled(edge, reference)
    browser, base = edge.person(UserRole.DPO), f"/incidents/{reference}/review"
    assert "its review is asked for" in browser.get(f"/incidents/{reference}").text
    assert f'href="{base}"' in browser.get("/measures").text
    form = form_of(browser, base, base)
    refused = form.send(browser, what_happened="A web shell.")  # no button has a value of its own here
    assert "The review is begun." in follow(browser, refused)
    early = browser.post(base, data={**form_of(browser, base, base).fields, "do": "close"})
    assert (early.status_code, "say what the causes were" in early.text) == (422, True)
    follow_up = form_of(browser, base, f"{base}/follow-ups")
    wrong = follow_up.send(browser, what="A criterion more", owner="Ali")
    assert (wrong.status_code, "has a day" in wrong.text) == (422, True)
    follow(browser, follow_up.send(browser, what="A criterion more", owner="Ali", due_on="2026-12-20"))
    stale = form_of(browser, base, base)
    follow(browser, browser.post(base, data={**stale.fields, **REVIEW, "do": "close"}))
    assert browser.post(base, data={**stale.fields, **REVIEW}).status_code == 422
    shown = browser.get(base).text
    assert "The review is closed." in shown
    assert "Zoé, Ali" in shown
    assert "A criterion more" in shown
    assert f'href="{base}"' not in browser.get("/measures").text
    assert "A criterion more" in browser.get("/measures").text
    again = form_of(browser, base, f"{base}/reopen")
    assert "New logs came." in follow(browser, again.send(browser, reason="New logs came."))


def test_the_api_writes_and_closes_a_review(edge: Edge, reference: str) -> None:
    """The awaited ones are listed; a revision that is not the latest is refused."""
    handled(edge, reference)
    headers, url = edge.token(UserRole.RESPONDER), f"/api/v1/incidents/{reference}/review"
    assert reference in {one["reference"] for one in edge.client.get("/api/v1/reviews", headers=headers).json()}
    body = {**REVIEW, "participants": ["Zoé"]}
    assert edge.client.put(url, json=body, headers=headers).json()["revision"] == 1
    assert edge.client.put(url, json={**body, "causes": "x"}, headers=headers).status_code == 422
    closed = edge.client.put(url, json={**body, "seen": 1, "is_closed": True}, headers=headers)
    assert closed.json()["is_closed"] is True
    shown = edge.client.get(url, headers=headers).json()
    assert (shown["standing"], len(shown["revisions"])) == ("closed", 2)
    assert edge.client.post(f"{url}/reopen", json={"reason": "More."}, headers=headers).json()["revision"] == 3


# ── What is not seen


def test_of_a_restricted_incident_nothing_of_this_is_seen(edge: Edge, reference: str) -> None:
    """No measure, no piece of evidence, no review, in no list; whoever is named sees it, and is written down."""
    named = edge.person(UserRole.RESPONDER)
    with edge.service.database.reading() as session:
        number = max(one.id or 0 for one in people.users(session))
    base = f"/incidents/{reference}"
    follow(named, file_of(named, reference, what="Xylopolist"))
    body = {"what": "Xylopolist measure", "owner": "Ali", "due_on": "2026-11-30"}
    follow(named, named.post(f"{base}/measures", data={**body, "audience": "team"}))
    dpo, knowledge = Actor("dpo", UserRole.DPO, is_operator=True), edge.service.knowledge()
    edge.service.database.write(
        lambda session: compartments.restrict(session, dpo, reference, [number], [], "Staff.", knowledge, edge.now)
    )
    other = edge.person(UserRole.DPO)
    for path in ("measures", "evidence", "review", "evidence/1/file"):
        assert other.get(f"{base}/{path}").status_code == 404, path
        assert other.get(f"/api/v1{base}/{path}").status_code == 404, path
    for path in ("/measures", "/api/v1/measures", "/api/v1/reviews", "/register"):
        assert "Xylopolist" not in other.get(path).text, path
        assert reference not in other.get(path).text, path
    assert other.post(f"{base}/measures", data=body).status_code == 404
    assert "Xylopolist measure" in named.get("/measures").text
    with edge.service.database.reading() as session:
        lines = audit.entries(session, audit.AuditFilter(incident=reference, kind="read_incident"))
    assert "/measures" in {one.what for one in lines}
