"""Muting the reminders of an incident: on its page, in both languages, and by the API."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from breach_service.domain.access import UserRole
from tests.web.edge import Edge, forms_in, shared_edge, text_in

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("muting")) as one:
        yield one


@pytest.fixture
def reference(edge: Edge) -> str:
    return edge.declare()


def test_whoever_works_on_it_mutes_and_unmutes_on_the_page(edge: Edge, reference: str) -> None:
    """Who, until when and why are shown to everybody; the page says what is never muted."""
    responder, path = edge.person(UserRole.RESPONDER), f"/incidents/{reference}"
    form = forms_in(responder.get(path).text)[f"{path}/reminders/mute"]
    answer = form.send(responder, hours="12", reason="The DPO is on it.")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?done=recorded")
    page = responder.get(path).text
    assert "The DPO is on it." in text_in(page)
    assert f"{path}/reminders/mute" not in forms_in(page)
    seen = edge.person(UserRole.VIEWER).get(path, headers={"accept-language": "en"}).text
    assert "The DPO is on it." in text_in(seen)
    assert "what is overdue, is spoken of all the same" in text_in(seen)
    assert not {one for one in forms_in(seen) if "/reminders/" in one}
    assert forms_in(page)[f"{path}/reminders/unmute"].send(responder).status_code == 303
    assert f"{path}/reminders/mute" in forms_in(responder.get(path).text)


def test_the_api_takes_an_instant_and_shows_what_holds(edge: Edge, reference: str) -> None:
    """Null before and after; a naive, a past and a far instant are refused with what to do."""
    token, path = edge.token(UserRole.RESPONDER), f"/api/v1/incidents/{reference}/reminders"
    assert edge.client.get(f"{path}/mute", headers=token).json() is None
    for until in ("2026-11-23T09:00:00", (edge.now - HOUR).isoformat(), (edge.now + 100 * HOUR).isoformat()):
        answer = edge.client.post(f"{path}/mute", headers=token, json={"until": until, "reason": "x"})
        assert answer.status_code == 422, answer.text
    until = edge.now + 5 * HOUR
    answer = edge.client.post(f"{path}/mute", headers=token, json={"until": until.isoformat(), "reason": "On it."})
    assert answer.status_code == 204, answer.text
    held = edge.client.get(f"{path}/mute", headers=token).json()
    assert (datetime.fromisoformat(held["until"]), held["reason"]) == (until, "On it.")
    assert edge.client.post(f"{path}/unmute", headers=token).status_code == 204
    assert edge.client.get(f"{path}/mute", headers=token).json() is None
    assert edge.client.post(f"{path}/unmute", headers=token).status_code == 422
    viewer = edge.token(UserRole.VIEWER)
    answer = edge.client.post(f"{path}/mute", headers=viewer, json={"until": until.isoformat(), "reason": "x"})
    assert answer.status_code == 403
