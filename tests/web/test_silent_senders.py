"""How often a sender must be heard is said on its page and by the API, its silence shown, a test message played."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from breach_service.domain.access import UserRole
from tests.web.edge import Edge, forms_in, shared_edge, text_in


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("silent")) as one:
        yield one


def listed(edge: Edge, name: str) -> dict[str, object]:
    found = edge.client.get("/api/v1/sources", headers=edge.token(UserRole.ADMIN)).json()
    return next(dict(one) for one in found if one["name"] == name)


def fall_silent(edge: Edge, minutes: int) -> None:
    """Let time pass while the worker turns."""
    for _ in range(minutes):
        edge.clock.at += timedelta(minutes=1)
        edge.work()


def test_an_administrator_says_it_on_the_page_and_sees_the_silence(edge: Edge) -> None:
    """On the page of the sender and in the list, with since when; nothing of it before that was said."""
    sender, admin = edge.source(), edge.person(UserRole.ADMIN)
    edge.send(sender)
    edge.work()
    heard_at = edge.now
    here = f"/sources/{sender.name}"
    assert "its silence is no alarm" in text_in(admin.get(here).text)
    answer = forms_in(admin.get(here).text)[f"{here}/interval"].send(admin, every="1h")
    assert answer.headers["location"] == f"{here}?done=recorded"
    assert "It must be heard every" in text_in(admin.get(here).text)
    assert "is silent" not in text_in(admin.get("/sources").text)
    fall_silent(edge, 121)
    assert "It is silent" in text_in(admin.get(here).text)
    assert "is silent: its alerts may be lost" in text_in(admin.get("/sources").text)
    told = listed(edge, sender.name)
    assert told["expected_every"] == "1h"
    assert told["silent_since"] == heard_at.isoformat().replace("+00:00", "Z")
    edge.send(sender)
    edge.work()
    edge.clock.at += timedelta(seconds=15)
    edge.work()
    assert listed(edge, sender.name)["silent_since"] is None


def test_what_is_no_interval_is_said_on_the_page(edge: Edge) -> None:
    """With what may be written; a viewer sees no form."""
    sender, admin = edge.source(), edge.person(UserRole.ADMIN)
    here = f"/sources/{sender.name}"
    answer = forms_in(admin.get(here).text)[f"{here}/interval"].send(admin, every="now and then")
    assert answer.status_code == 422
    assert "is no interval: write 15m" in text_in(answer.text)
    assert f"{here}/interval" not in forms_in(edge.person(UserRole.VIEWER).get(here).text)


def test_the_api_says_and_learns_it(edge: Edge) -> None:
    """What is expected, where that comes from, and when silence will be an alarm."""
    sender, headers = edge.source(), edge.token(UserRole.ADMIN)
    address = f"/api/v1/sources/{sender.name}/interval"
    assert edge.client.put(address, json={"every": "15m"}, headers=headers).status_code == 204
    told = listed(edge, sender.name)
    assert told["expected_every"] == "15m"
    assert told["expectation"] == {
        "interval": "PT15M", "comes_from": "person", "heard_at": edge.now.isoformat().replace("+00:00", "Z"),
        "silent_from": (edge.now + timedelta(minutes=30)).isoformat().replace("+00:00", "Z"),
    }  # fmt: skip
    assert edge.client.put(address, json={"every": "learn"}, headers=headers).status_code == 204
    assert (listed(edge, sender.name)["expected_every"], listed(edge, sender.name)["expectation"]) == ("learn", None)
    assert edge.client.put(address, json={"every": "soon"}, headers=headers).status_code == 422


def test_a_test_message_stands_among_the_alerts_and_the_sender_was_not_heard(edge: Edge) -> None:
    """By the page and by the API alike."""
    sender, admin = edge.source(), edge.person(UserRole.ADMIN)
    here = f"/sources/{sender.name}"
    answer = forms_in(admin.get(here).text)[f"{here}/test"].send(admin)
    assert answer.headers["location"] == f"{here}?done=recorded#alerts"
    answer = edge.client.post(f"/api/v1{here}/test", headers=edge.token(UserRole.ADMIN))
    assert answer.status_code == 202
    edge.work()
    page = text_in(admin.get(here).text)
    assert "Test message of an operator" in page
    assert "It has never been heard." in page
