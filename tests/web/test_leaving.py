"""Somebody leaves: over real HTTP, from what rests on them to the last of their credentials."""

import json
import secrets
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import uvicorn

from breach_service.acts.people import accounts, tokens
from breach_service.app import OPERATOR
from breach_service.domain.access import UserRole
from breach_service.domain.incident import EntryKind
from breach_service.store import incidents, people, sign_ins, timeline
from breach_service.store.database import Session
from breach_service.store.sign_ins import hash_of
from breach_service.store.tables import SessionRow
from breach_service.web.guard import COOKIE
from breach_service.web.server import protocol_of
from tests.web.edge import ORIGIN, Edge, forms_in, shared_edge, text_in
from tests.web.test_server import Answer, Line

DAY = timedelta(days=1)


class Leaver:
    """Somebody with two browsers and a token of their own."""

    def __init__(self, edge: Edge, role: UserRole = UserRole.RESPONDER) -> None:
        self.edge = edge
        name = f"leaver {secrets.token_hex(3)}"
        self.name = name
        self.number = self._do(
            lambda session: accounts.add_user(
                session, OPERATOR, f"{name.replace(' ', '.')}@us.example", role, "a rather long sentence", edge.now,
                name=name, language="en",
            )
        )  # fmt: skip
        self.cookies = [self._session() for _ in range(2)]
        self.token = self._do(
            lambda session: tokens.add_token(session, OPERATOR, name, role, edge.now, owner=self.number)
        )

    def _do(self, work: Any) -> Any:
        return self.edge.service.database.write(work)

    def _session(self) -> str:
        token, now = secrets.token_urlsafe(32), self.edge.now

        def work(session: Session) -> None:
            people.add(
                session,
                SessionRow(token_hash=hash_of(token), user_id=self.number, created_at=now, expires_at=now + DAY),
            )

        self._do(work)
        return token

    def browser(self, which: int = 0) -> Any:
        one = self.edge.browser()
        one.cookies.set(COOKIE, self.cookies[which])
        one.headers["origin"] = ORIGIN
        return one

    def is_in(self) -> list[bool]:
        """Each of their browsers, then their token."""
        found = [self.browser(which).get("/incidents").status_code == 200 for which in range(2)]
        headers = {"authorization": f"Bearer {self.token}"}
        return [*found, self.edge.browser().get("/api/v1/incidents", headers=headers).status_code == 200]


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("leaving")) as one:
        yield one


@pytest.fixture(scope="module")
def port(edge: Edge) -> Iterator[int]:
    """The same application behind a real server."""
    config = uvicorn.Config(
        edge.app, port=0, log_level="error", access_log=False, lifespan="off", ws="none",
        http=protocol_of(edge.app.state.context),
    )  # fmt: skip
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()
    listening.close()


def number_of(edge: Edge, browser: Any) -> int:
    with edge.service.database.reading() as session:
        found = sign_ins.live_session(session, browser.cookies[COOKIE], edge.now)
        assert found is not None
        return found[1].id or 0


def test_leaving_is_told_from_page_to_page(edge: Edge) -> None:
    """The page lists what rests on them; the successor accepts on theirs; then the account can be closed."""
    admin, leaver, successor = edge.person(UserRole.ADMIN), Leaver(edge), edge.person(UserRole.RESPONDER)
    reference, heir = edge.declare(), number_of(edge, successor)
    lead = forms_in(admin.get(f"/incidents/{reference}").text)[f"/incidents/{reference}/lead"]
    assert lead.send(admin, person=str(leaver.number)).status_code == 303
    page = admin.get(f"/people/{leaver.number}/leave")
    assert "leads an incident" in text_in(page.text)
    assert reference in page.text
    assert f"/people/{leaver.number}/leave" not in forms_in(page.text)
    assert admin.post(f"/people/{leaver.number}/leave", data={"reason": "Retires."}).status_code == 422
    assert leaver.is_in() == [True, True, True]
    form = forms_in(page.text)[f"/people/{leaver.number}/handover"]
    assert form.send(admin, successor="", reason="Retires.").status_code == 422
    assert form.send(admin, successor=str(heir), reason="Retires.").status_code == 303
    [accept] = [one for one in forms_in(successor.get("/account/handover").text).values() if "accept" in one.action]
    assert leaver.browser().post(accept.action).status_code == 403
    assert accept.send(successor).status_code == 303
    page = admin.get(f"/people/{leaver.number}/leave")
    assert "Nothing rests on this person any more" in text_in(page.text)
    close = forms_in(page.text)[f"/people/{leaver.number}/leave"]
    assert close.send(admin, reason="Retires.").status_code == 303
    assert leaver.is_in() == [False, False, False]
    with edge.service.database.reading() as session:
        row = incidents.row_of(session, reference)
        kinds = [one.kind for one in timeline.entries_of(session, row.id or 0)]
    assert row.lead == heir
    assert kinds.count(EntryKind.LEAD_CHANGED) == 2


def test_an_offer_can_be_declined_on_its_page(edge: Edge) -> None:
    """With a reason; then the leaver still leads."""
    admin, leaver, successor = edge.person(UserRole.ADMIN), Leaver(edge), edge.person(UserRole.RESPONDER)
    reference = edge.declare()
    admin.post(f"/incidents/{reference}/lead", data={"person": str(leaver.number)})
    data = {"successor": str(number_of(edge, successor)), "reason": "Retires."}
    assert admin.post(f"/people/{leaver.number}/handover", data=data).status_code == 303
    forms = forms_in(successor.get("/account/handover").text)
    [decline] = [one for one in forms.values() if "withdraw" in one.action]
    assert decline.send(successor, reason="").status_code == 422
    assert decline.send(successor, reason="I am leaving, too.").status_code == 303
    assert "withdrawn" in text_in(admin.get(f"/people/{leaver.number}/leave").text)
    assert "Nothing waits for you" in text_in(successor.get("/account/handover").text)


def test_a_hidden_incident_shows_as_work_and_not_by_its_reference(edge: Edge) -> None:
    """Whoever manages accounts learns that there is something, not what."""
    admin, leaver, dpo = edge.person(UserRole.ADMIN), Leaver(edge), edge.person(UserRole.DPO)
    reference = edge.declare("A colleague sold the list.")
    dpo.post(f"/incidents/{reference}/lead", data={"person": str(leaver.number)})
    restricted = dpo.post(f"/incidents/{reference}/restrict", data={"reason": "Staff.", "named": str(leaver.number)})
    assert restricted.status_code == 303, restricted.text
    page = admin.get(f"/people/{leaver.number}/leave").text
    assert "in an incident that you do not see" in text_in(page)
    assert reference not in page


def shut_out(edge: Edge, leaver: Leaver) -> None:
    edge.service.database.write(
        lambda session: accounts.disable(
            session, OPERATOR, leaver.number, edge.now, reason="Stolen laptop.", for_security=True
        )
    )


def head(path: str, body: bytes, *headers: str) -> bytes:
    lines = (f"POST {path} HTTP/1.1", "Host: testserver", f"Content-Length: {len(body)}", *headers, "", "")
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize("way", ["session", "api session", "token"])
def test_a_request_that_was_under_way_is_lost_with_its_credential(edge: Edge, port: int, way: str) -> None:
    """They sent half of it while they were in; the other half comes when they are out, and nothing is written."""
    leaver, reference = Leaver(edge), edge.declare()
    assert leaver.is_in() == [True, True, True]
    cookie = f"Cookie: {COOKIE}={leaver.cookies[0]}", "Sec-Fetch-Site: same-origin"
    fact = json.dumps({"fact": "loss.integrity", "value": "no"}).encode()
    path, body, headers = {
        "session": (
            f"/incidents/{reference}/acts/record_fact", b"fact=loss.integrity&value=no",
            (*cookie, "Content-Type: application/x-www-form-urlencoded"),
        ),
        "api session": (f"/api/v1/incidents/{reference}/facts", fact, (*cookie, "Content-Type: application/json")),
        "token": (
            f"/api/v1/incidents/{reference}/facts", fact,
            (f"Authorization: Bearer {leaver.token}", "Content-Type: application/json"),
        ),
    }[way]  # fmt: skip
    before = said(edge, reference)
    line = Line(port)
    try:
        line.send(head(path, body, *headers), body[:10])
        assert ask(port, "/healthz").status == 200  # the server has read what was sent before
        shut_out(edge, leaver)
        line.send(body[10:])
        answer = line.answer()
    finally:
        line.socket.close()
    assert (answer.status, b"nothing was recorded" in answer.body) == (401, True), answer
    assert said(edge, reference) == before
    assert leaver.is_in() == [False, False, False]


def test_the_same_request_of_somebody_who_stays_is_done(edge: Edge, port: int) -> None:
    """Otherwise the story before would prove nothing."""
    stays, reference = Leaver(edge), edge.declare()
    body = json.dumps({"fact": "loss.integrity", "value": "no"}).encode()
    path, headers = f"/api/v1/incidents/{reference}/facts", f"Authorization: Bearer {stays.token}"
    line = Line(port)
    try:
        line.send(head(path, body, headers, "Content-Type: application/json"), body[:10])
        assert ask(port, "/healthz").status == 200
        line.send(body[10:])
        assert line.answer().status == 204
    finally:
        line.socket.close()


def ask(port: int, path: str) -> Answer:
    line = Line(port)
    try:
        line.send(f"GET {path} HTTP/1.1\r\nHost: testserver\r\n\r\n".encode())
        return line.answer()
    finally:
        line.socket.close()


def said(edge: Edge, reference: str) -> int:
    with edge.service.database.reading() as session:
        row = incidents.row_of(session, reference)
        entries = timeline.entries_of(session, row.id or 0)
    return sum(one.kind is EntryKind.FACT_RECORDED for one in entries)
