"""Silences by the API and on their page: made in one click from an alert, tried first, ended by hand."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from breach_service.acts.senders import NewSource
from breach_service.domain.access import ALLOWED, Act, UserRole
from tests.web.edge import ROLES, Edge, forms_in, shared_edge, text_in

ALERT = b'{"title": "SQL in a form", "signal": "web_exploit", "severity": "high", "host": "app-01", "id": "sql"}'
LOGIN = b'{"title": "Login from two countries", "signal": "suspicious_login", "host": "app-01", "id": "login"}'
READERS = tuple(one for one in ROLES if one is not UserRole.INSPECTOR)


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("silences")) as one:
        yield one


@pytest.fixture
def sender(edge: Edge) -> NewSource:
    """One whose two alerts were taken."""
    made = edge.source()
    edge.send(made, ALERT)
    edge.send(made, LOGIN)
    edge.work()
    return made


@pytest.fixture
def responder(edge: Edge) -> TestClient:
    return edge.person(UserRole.RESPONDER)


def api(edge: Edge, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    headers = edge.token(UserRole.RESPONDER)
    answer = edge.client.request(method, f"/api/v1/silences{path}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def until(edge: Edge, **span: float) -> str:
    return (edge.now + timedelta(**(span or {"hours": 1}))).isoformat()


def alerts_of(edge: Edge, sender: NewSource) -> dict[str, dict[str, Any]]:
    listed = edge.client.get("/api/v1/alerts", params={"source": sender.name}, headers=edge.token()).json()
    return {one["title"]: one for one in listed}


# ---------- API ----------


def test_a_silence_is_made_shown_at_what_it_silences_and_ended(edge: Edge, sender: NewSource) -> None:
    """The whole way; what came before is untouched."""
    body = {"match": {"sources": [sender.name]}, "ends_at": until(edge), "reason": "Works.", "owner": "Maud"}
    made = api(edge, "POST", "", body, 201)
    assert (made["state"], made["owner"], made["silenced"]) == ("active", "Maud", 0)
    assert made["when"] == {"sources": {"fact": "alert.source", "any_of": [sender.name]}}
    edge.send(sender, ALERT)
    edge.send(sender, LOGIN)
    edge.work()
    found = alerts_of(edge, sender)
    assert found["SQL in a form"]["silenced"] == {"id": made["id"], "owner": "Maud", "until": made["ends_at"]}
    assert found["Login from two countries"]["silenced"] is None, "a compromised account ignores silences"
    listed = {one["id"]: one for one in api(edge, "GET", "?over=false")}
    assert listed[made["id"]]["silenced"] == 1
    api(edge, "POST", f"/{made['id']}/end", {"reason": "Done."}, 204)
    assert made["id"] in {one["id"] for one in api(edge, "GET", "?over=true")}
    assert made["id"] not in {one["id"] for one in api(edge, "GET", "?over=false")}
    api(edge, "POST", f"/{made['id']}/end", {"reason": "Done."}, 422)
    api(edge, "POST", "/77777/end", {"reason": "Done."}, 404)


def test_a_preview_tells_what_would_be_silenced_and_what_would_wake(edge: Edge, sender: NewSource) -> None:
    """Without a reason, and without a trace."""
    before = api(edge, "GET", "")
    found = api(edge, "POST", "/preview", {"match": {"sources": [sender.name]}, "ends_at": until(edge)})
    assert (found["matched"], found["waking"], found["count"]) == (1, 1, 1)
    assert [one["title"] for one in found["alerts"]] == ["SQL in a form"]
    assert [one["signal"] for one in found["waking_alerts"]] == ["suspicious_login"]
    assert api(edge, "GET", "") == before


def test_conditions_windows_and_scanners_come_back_as_they_were_given(edge: Edge) -> None:
    """Conditions under their own names; plain matchers beside them must hold as well."""
    when = {"a": {"any": {"b": {"fact": "alert.hosts", "contains": "x"}, "c": {"fact": "alert.words", "is": "y"}}}}
    window = {"weekdays": [0, 4], "since": "22:00:00", "until": "02:00:00", "zone": "Europe/Paris"}
    body = {"when": when, "ends_at": until(edge), "reason": "x", "recurrence": window, "scanners": ["192.0.2.7"]}
    made = api(edge, "POST", "", body, 201)
    assert (made["when"], made["kind"], made["scanners"]) == (when, "planned_scan", ["192.0.2.7"])
    assert {**made["recurrence"], "weekdays": sorted(made["recurrence"]["weekdays"])} == window
    both = api(edge, "POST", "", {**body, "match": {"signals": ["scan"]}}, 201)
    assert set(both["when"]) == {"signals", "when.a"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"match": {}}, {"match": {"colour": ["red"]}}, {"match": {"signals": ["toaster"]}}, {"reason": ""},
        {"reason": " "}, {"ends_at": None}, {"ends_at": "2026-11-23T08:00:00"}, {"ends_at": "2020-01-01T00:00:00Z"},
        {"ends_at": "2027-06-01T00:00:00Z"}, {"when": {"a": {"fact": "alert.colour", "is": "red"}}},
        {"when": {"a": {"all": {}}}, "match": {}}, {"when": {"a": {"fact": "alert.hosts", "contains": "a\0b"}}},
        {"when": {"a\0": {"fact": "alert.hosts", "contains": "b"}}}, {"when": "x"}, {"scanners": ["0.0.0.0/0"]},
        {"recurrence": {"weekdays": [9], "since": "22:00", "until": "23:00", "zone": "UTC"}},
        {"recurrence": {"weekdays": [1], "since": "22:00", "until": "23:00", "zone": "Mars"}},
        {"when": {"a": {"fact": "alert.signal", "is_not": "scan"}}, "match": {}},
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_a_sentence(edge: Edge, wrong: dict[str, Any]) -> None:
    """422, nothing is stored."""
    before = api(edge, "GET", "")
    body = {"match": {"sources": ["s1"]}, "ends_at": until(edge), "reason": "Works.", **wrong}
    assert api(edge, "POST", "", body, 422)["title"]
    assert api(edge, "GET", "") == before


# ---------- The page ----------


def test_from_the_alert_in_one_click_with_a_preview(edge: Edge, sender: NewSource, responder: TestClient) -> None:
    """The incident leads to the form, filled in and tried; sent as it is, it silences that alert."""
    mine = alerts_of(edge, sender)["SQL in a form"]
    page = responder.get(f"/incidents/{mine['incident']}").text
    link = f"/silences?alert={mine['id']}"
    assert f'href="{link}#new"' in page
    answer = responder.get(link)
    assert "it would have silenced one alert" in text_in(answer.text)
    form = forms_in(answer.text)["/silences#new"]
    sent = {name: values[0] for name, values in form.fields.items() if values}
    assert (sent["source"], sent["signal"], sent["rule"]) == (sender.name, "web_exploit", "SQL in a form")
    assert (sent["system"], sent["entity"]) == ("application", "app-01")
    assert form.send(responder, reason="Known, being mended.").status_code == 303
    edge.send(sender, ALERT)
    edge.work()
    assert alerts_of(edge, sender)["SQL in a form"]["silenced"] is not None
    shown = text_in(responder.get(f"/incidents/{mine['incident']}").text)
    assert "silenced by responder" in shown
    source = responder.get(f"/sources/{sender.name}").text
    assert "silenced by responder" in text_in(source)
    assert 'id="observation"' not in source, "it is under no observation"


def test_the_alert_of_a_compromised_account_can_be_silenced_by_name(
    edge: Edge, sender: NewSource, responder: TestClient
) -> None:
    """Its link names the signal: whoever clicks it has seen it."""
    mine = alerts_of(edge, sender)["Login from two countries"]
    answer = responder.get(f"/silences?alert={mine['id']}")
    assert "it would have silenced one alert" in text_in(answer.text)


def test_a_silence_is_tried_before_it_is_made(edge: Edge, sender: NewSource, responder: TestClient) -> None:
    """What was typed stays; nothing is stored."""
    before = api(edge, "GET", "")
    data = {"source": sender.name, "ends_at": "2026-11-23T12:00", "do": "preview", "owner": "Maud"}
    answer = responder.post("/silences", data=data)
    assert answer.status_code == 200
    said = text_in(answer.text)
    assert "it would have silenced one alert" in said
    assert "One more would have woken all the same" in said
    assert forms_in(answer.text)["/silences#new"].fields["owner"] == ["Maud"]
    assert api(edge, "GET", "") == before


def test_windows_and_scanners_are_made_on_the_page(edge: Edge, responder: TestClient) -> None:
    """In the time of the organisation."""
    form = forms_in(responder.get("/silences").text)["/silences#new"]
    answer = form.send(
        responder, scanners="192.0.2.0/24\npentest, 198.51.100.7", weekdays=["0", "6"], since="22:00", until="02:00",
        reason="Test.", ends_at="2026-12-01T08:00", starts_at="2026-11-24T08:00",
    )  # fmt: skip
    assert answer.status_code == 303
    made = api(edge, "GET", "?limit=1")[0]
    assert made["scanners"] == ["192.0.2.0/24", "pentest", "198.51.100.7"]
    assert (sorted(made["recurrence"]["weekdays"]), made["recurrence"]["zone"]) == ([0, 6], "Europe/Paris")
    assert (made["state"], made["starts_at"]) == ("planned", "2026-11-24T07:00:00Z")


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": ""}, {"reason": ""}, {"ends_at": "2026-11-01T08:00"}, {"ends_at": "tomorrow"}, {"since": "22:00"},
        {"weekdays": "0", "since": "late", "until": "later"}, {"weekdays": "x", "since": "22:00", "until": "23:00"},
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_shown_again(edge: Edge, responder: TestClient, wrong: dict[str, str]) -> None:
    """With the sentence and what was typed."""
    data = {"source": "s1", "reason": "Works.", "ends_at": "2026-11-23T12:00", "owner": "Maud", **wrong}
    answer = responder.post("/silences", data=data)
    assert answer.status_code == 422
    assert "Nothing was recorded." in text_in(answer.text)
    assert forms_in(answer.text)["/silences#new"].fields["owner"] == ["Maud"]


def test_a_silence_is_ended_on_the_page(edge: Edge, responder: TestClient) -> None:
    """With a reason; it stays on the list as over."""
    body = {"match": {"sources": ["s1"]}, "ends_at": until(edge), "reason": "Works."}
    number = api(edge, "POST", "", body, 201)["id"]
    form = forms_in(responder.get("/silences").text)[f"/silences/{number}/end"]
    assert form.send(responder, reason="Done.").status_code == 303
    held = next(one for one in api(edge, "GET", "") if one["id"] == number)
    assert (held["state"], held["ended_by"].startswith("responder")) == ("over", True)
    assert f"/silences/{number}/end" not in forms_in(responder.get("/silences").text)


def test_an_alert_that_is_not_there_is_said(responder: TestClient) -> None:
    """404, not an empty form."""
    assert responder.get("/silences?alert=7777777").status_code == 404


@pytest.mark.parametrize("role", READERS)
def test_who_may_not_silence_sees_no_form_and_no_link(edge: Edge, sender: NewSource, role: UserRole) -> None:
    """All who look see the silences."""
    browser, may = edge.person(role), role in ALLOWED[Act.SILENCE]
    answer = browser.get("/silences")
    assert answer.status_code == 200
    assert ("/silences#new" in forms_in(answer.text)) is may
    mine = alerts_of(edge, sender)["SQL in a form"]
    assert ("/silences?alert=" in browser.get(f"/incidents/{mine['incident']}").text) is may
    assert browser.get(f"/silences?alert={mine['id']}").status_code == (200 if may else 403)
    data = {"source": sender.name, "ends_at": "2026-11-23T12:00", "do": "preview"}
    assert browser.post("/silences", data=data).status_code == (200 if may else 403)
