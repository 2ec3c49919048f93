"""Calls on the page, over the API and in Slack: who was woken, who was reached, and the answer."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from breach_service.domain.access import UserRole
from breach_service.store import people
from breach_service.store.access_tables import ContactWayRow
from breach_service.store.tables import IncidentRow
from breach_service.web.reports.slack_buttons import press
from tests.web.edge import Edge, forms_in, shared_edge


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("calls")) as one:
        yield one


@pytest.fixture
def called(edge: Edge) -> str:
    """An incident that wakes people; its reference."""
    reference = edge.declare()
    edge.work()
    return reference


def call_of(edge: Edge, reference: str, role: UserRole = UserRole.RESPONDER) -> Any:
    answer = edge.client.get("/api/v1/calls", headers=edge.token(role))
    assert answer.status_code == 200, answer.text
    return next(one for one in answer.json() if one["incident"] == reference)


def test_an_open_call_stands_on_the_page_and_on_the_incident(edge: Edge, called: str) -> None:
    """With the button for whoever can answer, and without it for whoever cannot."""
    responder = edge.person(UserRole.RESPONDER)
    for path in ("/calls", f"/incidents/{called}"):
        page = responder.get(path)
        assert page.status_code == 200
        assert f"/incidents/{called}/calls/acknowledge" in forms_in(page.text)
    seen = edge.person(UserRole.VIEWER).get("/calls")
    assert called in seen.text
    assert "calls/acknowledge" not in seen.text


def test_whoever_presses_the_button_has_answered(edge: Edge, called: str) -> None:
    """From the incident back to it; then nobody is called, and the chronology says who came."""
    responder = edge.person(UserRole.RESPONDER)
    form = forms_in(responder.get(f"/incidents/{called}").text)[f"/incidents/{called}/calls/acknowledge"]
    answer = form.send(responder)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/incidents/{called}?done=recorded")
    call = call_of(edge, called)
    assert (call["state"], call["next_at"]) == ("acknowledged", None)
    assert call["acknowledged_by"].startswith("responder")
    page = responder.get(f"/incidents/{called}").text
    assert "calls/acknowledge" not in page
    assert "Somebody answered" in page
    again = responder.post(f"/incidents/{called}/calls/acknowledge", data={"from": "calls", **token_of(form)})
    assert again.status_code == 422
    assert "nobody is being called for" in again.text.lower()


def token_of(form: Any) -> dict[str, Any]:
    return {"form_token": form.fields["form_token"]}


def test_the_api_says_whom_each_step_called_and_what_came_of_it(edge: Edge, called: str) -> None:
    """Whoever has no way to be reached is named with that."""
    edge.person(UserRole.RESPONDER)
    edge.clock.at += timedelta(minutes=20)
    edge.work()
    call = call_of(edge, called)
    assert (call["state"], call["reason"]) == ("open", "urgent")
    last = call["steps"][-1]
    assert last["stage"] == "everyone"
    assert {"unreachable"} == {one["outcome"] for one in last["messages"] if one["is_person"]}
    assert [one["outcome"] for one in last["messages"] if one["to"] == "fake"] == ["sent"]
    page = edge.person(UserRole.DPO).get("/calls").text
    assert "no proven way to be reached" in page


def test_over_the_api_only_a_person_answers(edge: Edge, called: str) -> None:
    """A program that answers every call would be a pager that nobody hears."""
    path = f"/api/v1/incidents/{called}/calls/acknowledge"
    assert edge.client.post(path, headers=edge.token(UserRole.RESPONDER)).status_code == 403
    answer = edge.client.post(path, headers=edge.signed_in(UserRole.RESPONDER))
    assert (answer.status_code, answer.json()) == (200, {"calls": 1})
    assert edge.client.post(path, headers=edge.signed_in(UserRole.RESPONDER)).status_code == 422


def test_a_call_of_an_incident_that_is_not_seen_does_not_exist(edge: Edge, called: str) -> None:
    """Neither in the list nor for the button."""

    def restrict(session: Any) -> None:
        row = session.exec(select(IncidentRow).where(IncidentRow.reference == called)).one()
        row.is_restricted = True
        session.add(row)

    edge.service.database.write(restrict)
    stranger = edge.signed_in(UserRole.RESPONDER)
    answer = edge.client.get("/api/v1/calls", headers=stranger)
    assert called not in answer.text
    assert edge.client.post(f"/api/v1/incidents/{called}/calls/acknowledge", headers=stranger).status_code == 404


def pressed(member: str, reference: str, action: str = "acknowledge") -> dict[str, Any]:
    """What Slack posts when somebody presses a button."""
    return {"type": "block_actions", "user": {"id": member}, "actions": [{"action_id": action, "value": reference}]}


def in_slack(edge: Edge, member: str, role: UserRole = UserRole.RESPONDER, *, is_proven: bool = True) -> None:
    """A new person of whom Slack knows that member."""
    email = edge.account(role)

    def work(session: Any) -> None:
        row = people.user_by_email(session, email)
        sealed = edge.service.cipher.seal(member.encode()).hex()
        session.add(
            ContactWayRow(
                user_id=row.id, kind="slack", address_encrypted=sealed, position=1, is_wakeable=True,
                created_at=edge.now, proven_at=edge.now if is_proven else None,
            )
        )  # fmt: skip

    edge.service.database.write(work)


def test_a_button_in_slack_answers_for_whoever_proved_to_be_there(edge: Edge, called: str) -> None:
    """By their account; whoever is nobody’s account, has not proved it, or may not, presses in vain."""
    here = edge.app.state.context
    in_slack(edge, "U0UNPROVEN", is_proven=False)
    in_slack(edge, "U0LOOKSON", UserRole.VIEWER)
    for member in ("U0STRANGER", "U0UNPROVEN", "U0LOOKSON", ""):
        press(here, pressed(member, called))
        assert call_of(edge, called)["state"] == "open"
    in_slack(edge, "U0ANSWERS")
    press(here, pressed("U0ANSWERS", called, "open"))
    press(here, pressed("U0ANSWERS", called, "unheard-of"))
    assert call_of(edge, called)["state"] == "open"
    press(here, pressed("U0ANSWERS", called))
    assert call_of(edge, called)["state"] == "acknowledged"
    press(here, pressed("U0ANSWERS", called))
