"""Closing by the API and on the pages: what is proposed, one act for many, and what is only noise."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from breach_service.acts.senders import NewSource
from breach_service.app import Service
from breach_service.domain.access import ALLOWED, Act, UserRole
from tests.web.edge import ROLES, Edge, forms_in, text_in

DAY = timedelta(days=1)
READERS = tuple(one for one in ROLES if one is not UserRole.INSPECTOR)
KIND = {"reason_kind": "false_alarm", "reason": "The probe was being set up."}


@pytest.fixture
def edge(sqlite_service: Service) -> Iterator[Edge]:
    with Edge(sqlite_service) as one:
        yield one


def alert(host: str, status: str = "firing", number: int = 1) -> bytes:
    said = f'"title": "Odd DNS query", "signal": "web_shell", "host": "{host}", "id": "{host}{number}"'
    return f'{{{said}, "status": "{status}"}}'.encode()


def over(edge: Edge, sender: NewSource, host: str, number: int = 1) -> None:
    """Something that began and is over, and nothing for two days."""
    for status in ("firing", "resolved"):
        edge.send(sender, alert(host, status, number))
        edge.work()
    edge.clock.at += 2 * DAY


@pytest.fixture
def started(edge: Edge) -> Edge:
    """Two incidents without personal data, one with; all over."""
    sender = edge.source()
    for host in ("fw-01", "fw-01", "app-01"):
        over(edge, sender, host)
    return edge


def api(edge: Edge, method: str, path: str, body: Any = None, status: int = 200, role: UserRole = UserRole.DPO) -> Any:
    answer = edge.client.request(method, f"/api/v1{path}", json=body, headers=edge.signed_in(role))
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def standing(edge: Edge) -> dict[str, tuple[str, str | None]]:
    listed = api(edge, "GET", "/incidents")
    return {one["reference"][-1]: (one["status"], one["closing_reason"]) for one in listed}


def bulk_form(browser: TestClient) -> Any:
    return forms_in(browser.get("/incidents").text)["/incidents/close#closable"]


# ---------- API ----------


def test_what_is_over_is_listed_with_why_and_what_calls_for_caution(started: Edge) -> None:
    """What one reason may close first."""
    found = api(started, "GET", "/incidents/closable", role=UserRole.VIEWER)
    assert [(one["reference"][-1], one["cause"], one["goes_in_bulk"], one["cautions"]) for one in found] == [
        ("1", "all_resolved", True, []),
        ("2", "all_resolved", True, []),
        ("3", "all_resolved", False, ["personal_data"]),
    ]


def test_many_are_closed_and_the_one_with_personal_data_is_named(started: Edge) -> None:
    """It needs its own reason and its own confirmation, and is taken with them."""
    some = [{"reference": f"INC-2026-000{number}"} for number in (1, 2, 3)]
    done = api(started, "POST", "/incidents/close", {"incidents": some, **KIND})
    assert done["closed"] == ["INC-2026-0001", "INC-2026-0002"]
    assert "personal data are concerned" in done["refused"][0]["reason"]
    assert standing(started)["3"] == ("suspected", None)
    own = {"reference": "INC-2026-0003", "reason_kind": "test", "reason": "Our exercise.", "confirmed": True}
    assert api(started, "POST", "/incidents/close", {"incidents": [own]})["refused"] == []
    assert standing(started) == {
        "1": ("dismissed", "false_alarm"), "2": ("dismissed", "false_alarm"), "3": ("dismissed", "test"),
    }  # fmt: skip


def test_one_is_dismissed_as_something_or_without_saying(started: Edge) -> None:
    """As before, or with the kind; a duplicate names the other."""
    api(started, "POST", "/incidents/INC-2026-0001/dismiss", {"reason": "Nothing."}, 204)
    duplicate = {"reason": "The same.", "reason_kind": "duplicate", "duplicate_of": "INC-2026-0001"}
    api(started, "POST", "/incidents/INC-2026-0002/dismiss", duplicate, 204)
    wrong = {"reason": "x", "reason_kind": "breach_handled"}
    api(started, "POST", "/incidents/INC-2026-0003/dismiss", wrong, 422)
    assert standing(started) == {
        "1": ("dismissed", None), "2": ("dismissed", "duplicate"), "3": ("suspected", None),
    }  # fmt: skip
    assert api(started, "GET", "/incidents/INC-2026-0002")["duplicate_of"] == "INC-2026-0001"


@pytest.mark.parametrize(
    "body",
    [{"incidents": []}, {"incidents": [{"reference": "a"}] * 201}, {"incidents": [{"reference": "a\0"}]},
     {"incidents": [{"reference": "a", "reason_kind": "bored"}]}, {"incidents": [{"reference": "a", "sure": True}]}],
)  # fmt: skip
def test_a_bulk_act_that_is_not_well_formed_is_refused(edge: Edge, body: Any) -> None:
    """422, and nothing is closed."""
    api(edge, "POST", "/incidents/close", body, 422)


# ---------- the list of the incidents ----------


@pytest.mark.parametrize("role", READERS)
def test_whoever_may_qualify_sees_the_form_and_the_others_the_list(started: Edge, role: UserRole) -> None:
    """All see what is proposed, and why."""
    html = started.person(role).get("/incidents").text
    assert ("/incidents/close#closable" in forms_in(html)) is (role in ALLOWED[Act.QUALIFY])
    assert "all its alerts are resolved" in text_in(html)


def test_what_is_without_personal_data_is_ticked_and_the_rest_stands_apart(started: Edge) -> None:
    """Unticked, with why, and with a reason of its own to give."""
    browser = started.person(UserRole.DPO)
    html = browser.get("/").text
    for number in (1, 2):
        assert f'value="INC-2026-000{number}" checked' in html
    assert 'name="confirm" value="INC-2026-0003" aria-label' in html
    assert "personal data are concerned" in text_in(html)
    assert {"kind-INC-2026-0003", "reason-INC-2026-0003"} <= set(bulk_form(browser).fields)


def test_what_is_ticked_is_closed_with_one_click(started: Edge) -> None:
    """And what is not ticked stays."""
    browser = started.person(UserRole.DPO)
    answer = bulk_form(browser).send(browser, pick=["INC-2026-0001", "INC-2026-0002"], **KIND)
    assert (answer.status_code, answer.headers["location"]) == (303, "/incidents?done=recorded")
    assert [one[0] for one in standing(started).values()] == ["suspected", "dismissed", "dismissed"]
    assert "false alarm" in text_in(browser.get("/incidents").text)


def test_what_stays_open_is_named_and_what_was_typed_is_kept(started: Edge) -> None:
    """The others are closed all the same."""
    browser = started.person(UserRole.DPO)
    form = bulk_form(browser)
    own = {"confirm": "INC-2026-0003", "reason-INC-2026-0003": "Our exercise."}
    answer = form.send(browser, pick="INC-2026-0001", **own, **KIND)
    said = text_in(answer.text)
    assert answer.status_code == 200
    assert "One incident was closed." in said
    assert "say for this one by itself what it was, and why." in said
    assert "Our exercise." in answer.text
    assert standing(started)["1"] == ("dismissed", "false_alarm")
    answer = form.send(browser, pick=[], **own, **{"kind-INC-2026-0003": "test"})
    assert answer.status_code == 303
    assert standing(started)["3"] == ("dismissed", "test")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [({"pick": []}, "at least one"), ({"reason": ""}, "give the reason"), ({"reason_kind": ""}, "say what it was")],
)  # fmt: skip
def test_what_cannot_be_done_is_said_and_nothing_is_closed(
    started: Edge, fields: dict[str, Any], sentence: str
) -> None:
    """422, in words."""
    browser = started.person(UserRole.DPO)
    answer = bulk_form(browser).send(browser, **{"pick": "INC-2026-0001", **KIND, **fields})
    assert answer.status_code == 422
    assert sentence in text_in(answer.text)
    assert standing(started)["1"] == ("suspected", None)


# ---------- false alarms ----------


@pytest.fixture
def noisy(edge: Edge) -> tuple[Edge, NewSource]:
    """The same false alarm three times, and one incident that nobody looked at."""
    sender = edge.source()
    for number in (1, 2, 3):
        over(edge, sender, "fw-01")
        api(edge, "POST", f"/incidents/INC-2026-000{number}/dismiss", KIND, 204)
    edge.send(sender, alert("app-01"))
    edge.work()
    return edge, sender


def test_the_share_of_false_alarms_is_shown(noisy: tuple[Edge, NewSource]) -> None:
    """Of all senders, of one, and by what opened; in the API too."""
    edge, sender = noisy
    (share,) = api(edge, "GET", "/false-alarms")
    assert (share["source"], share["opened"], share["false_alarms"], share["share"]) == (sender.name, 4, 3, 0.75)
    assert share["undecided"] == 1
    assert sum(one["opened"] for one in share["by"]) == 4
    browser = edge.person(UserRole.VIEWER)
    assert "75%" in text_in(browser.get("/sources").text)
    assert "3 of 4 incidents opened were nothing" in text_in(browser.get(f"/sources/{sender.name}").text)


def test_the_page_proposes_a_rule_and_a_silence_with_their_dry_run(noisy: tuple[Edge, NewSource]) -> None:
    """From the list and from the sender; the rule as text, and what it would have spared."""
    edge, sender = noisy
    (found,) = api(edge, "GET", "/noise")
    tried = api(edge, "GET", f"/noise/{found['key']}")
    assert (tried["before"]["incidents"], tried["after"]["incidents"], tried["spared"]) == (4, 1, 3)
    assert tried["silence"]["matched"] == 3
    browser = edge.person(UserRole.DPO)
    for path in ("/incidents", f"/sources/{sender.name}"):
        assert f'href="/noise/{found["key"]}"' in browser.get(path).text
    page = browser.get(f"/noise/{found['key']}").text
    assert "3 incidents would not have been opened" in text_in(page)
    assert "role: observes" in text_in(page)


def test_one_click_makes_the_silence(noisy: tuple[Edge, NewSource]) -> None:
    """It is among the silences, and is proposed no more."""
    edge, _ = noisy
    (found,) = api(edge, "GET", "/noise")
    browser = edge.person(UserRole.RESPONDER)
    form = forms_in(browser.get(f"/noise/{found['key']}").text)[f"/noise/{found['key']}/silence"]
    assert form.send(browser).status_code == 303
    (silence,) = api(edge, "GET", "/silences")
    assert "INC-2026-0001" in silence["reason"]
    assert set(silence["when"]) == {"source", "signal", "system", "words"}
    assert api(edge, "GET", "/noise") == []
    assert browser.get(f"/noise/{found['key']}").status_code == 404
    api(edge, "POST", f"/noise/{found['key']}/silence", {}, 404)


def test_the_api_makes_it_too(noisy: tuple[Edge, NewSource]) -> None:
    """With a reason of one's own."""
    edge, _ = noisy
    (found,) = api(edge, "GET", "/noise")
    made = api(edge, "POST", f"/noise/{found['key']}/silence", {"reason": "The probe is being set up."}, 201)
    assert (made["reason"], made["state"]) == ("The probe is being set up.", "active")
    api(edge, "GET", "/noise?signal=toaster", status=422)


def test_a_reason_that_is_none_of_the_menu_is_refused(started: Edge) -> None:
    """Also where a browser would not have let it through."""
    browser = started.person(UserRole.DPO)
    token = bulk_form(browser).fields["form_token"][0]
    fields = {"form_token": token, "pick": "INC-2026-0001", "reason": "x", "reason_kind": "bored"}
    answer = browser.post("/incidents/close", data=fields)
    assert answer.status_code == 422
    assert "bored is no reason" in text_in(answer.text)
