"""The rota on its page and by the API: read, set, taken over, swapped, imported, exported, and refused in words."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from breach_service.acts.on_call import contact_ways, rota
from breach_service.acts.on_call.contact_ways import NewWay
from breach_service.app import OPERATOR
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.contact_ways import WayKind
from breach_service.store import people
from breach_service.store.tables import UserRow
from tests.web.edge import Edge, forms_in, shared_edge, text_in

PARIS = ZoneInfo("Europe/Paris")
DOCUMENT = """\
zone: Europe/Paris
holidays: FR
working_hours:
  days:
  - monday
  - tuesday
  - wednesday
  - thursday
  - friday
  from: 09:00
  until: 18:00
first:
  people:
  - maud@us.example
  - yanis@us.example
  every: week
  length: 1
  hand_over_on: monday
  hand_over_at: 09:00
  starts_on: '2026-11-23'
dpo: noe@us.example
"""
CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//
BEGIN:VEVENT
UID:leave
SUMMARY:Leave at the clinic
DTSTART;VALUE=DATE:20261201
DTEND;VALUE=DATE:20261203
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """Maud and Yanis take turns by the week from Monday 23 November 2026, nine in the morning, which it is now."""
    with shared_edge(tmp_path_factory.mktemp("rota")) as one:
        account(one, "Maud Sabran")
        account(one, "Yanis Ferrachat")
        account(one, "Noe Varenne", UserRole.DPO)
        one.service.database.write(lambda session: rota.set_rota_from_text(session, OPERATOR, DOCUMENT, one.now))
        yield one


def account(edge: Edge, name: str, role: UserRole = UserRole.RESPONDER) -> None:
    email = f"{name.split()[0].lower()}@us.example"
    row = UserRow(email=email, name=name, role=role, language="fr", created_at=edge.now)
    edge.service.database.write(lambda session: people.add(session, row))


def number(edge: Edge, first_name: str) -> int:
    with edge.service.database.reading() as session:
        row = people.user_by_email(session, f"{first_name}@us.example")
        assert row is not None
        return row.id or 0


def local(day: int, hour: int, month: int = 11) -> str:
    return f"2026-{month:02}-{day:02}T{hour:02}:00"


def on_call(edge: Edge, at: str = "") -> dict[str, Any]:
    query = {"at": datetime.fromisoformat(at).replace(tzinfo=PARIS).isoformat()} if at else {}
    answer = edge.client.get("/api/v1/on-call", params=query, headers=edge.token(UserRole.VIEWER))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def first(edge: Edge, at: str = "") -> str | None:
    found = on_call(edge, at)["first"]
    return found["name"] if found else None


def done(answer: Any) -> None:
    assert (answer.status_code, answer.headers.get("location")) == (303, "/rota?done=recorded"), text_in(answer.text)


# ---------- the page ----------


def test_the_page_says_who_is_on_call_now_and_next(edge: Edge) -> None:
    """Maud took over at nine; Yanis follows in a week. Who may change nothing is offered nothing."""
    said = text_in(edge.person(UserRole.AUDITOR).get("/rota").text)
    assert "First Maud Sabran Mon 30 Nov, 09:00: Yanis Ferrachat" in said
    assert "Data protection officer Noe Varenne no change within four weeks" in said
    assert "Somebody is on call at every hour of the coming four weeks." in said
    assert "It is working time." in said
    shown = forms_in(edge.person(UserRole.VIEWER).get("/rota").text)
    assert not {"/rota/overrides", "/rota#document", "/rota/swaps"} & set(shown)


def test_the_coming_four_weeks_are_a_table_that_can_be_read_aloud(edge: Edge) -> None:
    """A row a day with its date as heading; hand-overs with their hour; rest and holidays told."""
    edge.clock.at = datetime(2026, 12, 14, 8, tzinfo=UTC)
    page = edge.person(UserRole.VIEWER).get("/rota")
    said = text_in(page.text)
    assert page.text.count('<th scope="row"') >= 28 + 2
    assert (
        "Monday 21 December 2026 First: Yanis Ferrachatfrom 09:00 Maud Sabran Data protection officer: Noe Varenne"
        in said
    )
    assert "Friday 25 December 2026Christmas Day" in said
    assert page.text.count('class="is-rest') == 10, "four weekends and two holidays"
    assert 'aria-current="date"' in page.text
    french = edge.person(UserRole.VIEWER)
    french.get("/language/fr")
    assert "vendredi 25 décembre 2026Noël" in text_in(french.get("/rota").text)


def test_a_gap_is_marked_and_can_be_taken_in_one_click(edge: Edge) -> None:
    """Both are away over Christmas: the page says so weeks ahead; a responder takes the nights."""
    edge.clock.at = datetime(2026, 12, 1, 8, tzinfo=UTC)
    manager = edge.person(UserRole.DECIDER)
    for name in ("maud", "yanis"):
        form = forms_in(manager.get("/rota").text)["/rota/absences"]
        person, span = str(number(edge, name)), {"from_at": local(24, 18, 12), "to_at": local(27, 9, 12)}
        done(form.send(manager, person=person, **span))
    volunteer = edge.person(UserRole.RESPONDER)
    page = volunteer.get("/rota")
    said = text_in(page.text)
    assert "There is one gap in the coming four weeks." in said
    assert "First from Thu 24 Dec, 18:00 to Sun 27 Dec, 09:00" in said
    link = next(one for one in page.text.split('href="') if one.startswith("/rota?level=")).partition('"')[0]
    filled = volunteer.get(link.replace("&amp;", "&"))
    form = forms_in(filled.text)["/rota/overrides"]
    assert (form.fields["from_at"], form.fields["to_at"]) == ([local(24, 18, 12)], [local(27, 9, 12)])
    done(form.send(volunteer))
    assert "Somebody is on call at every hour" in text_in(volunteer.get("/rota").text)
    assert (first(edge, local(25, 12, 12)) or "").startswith("responder")


def test_a_night_is_given_back_and_an_absence_taken_back(edge: Edge) -> None:
    mine = edge.person(UserRole.RESPONDER)
    page = mine.get("/rota").text
    done(forms_in(page)["/rota/overrides"].send(mine, level="first", from_at=local(25, 20), to_at=local(26, 8)))
    done(forms_in(page)["/rota/absences"].send(mine, from_at=local(1, 0, 12), to_at=local(2, 0, 12)))
    assert (first(edge, local(25, 22)) or "").startswith("responder")
    shown = forms_in(mine.get("/rota").text)
    ends = [one for path, one in shown.items() if path.endswith("/end")]
    assert len(ends) == 2
    for one in ends:
        done(one.send(mine))
    assert first(edge, local(25, 22)) == "Maud Sabran"
    assert not [path for path in forms_in(mine.get("/rota").text) if path.endswith("/end")]


def test_two_shifts_are_swapped_by_who_manages_the_rota(edge: Edge) -> None:
    manager = edge.person(UserRole.ADMIN)
    form = forms_in(manager.get("/rota").text)["/rota/swaps"]
    answers = {
        "person": str(number(edge, "maud")), "from_at": local(24, 9), "to_at": local(30, 9),
        "other": str(number(edge, "yanis")), "other_from_at": local(30, 9), "other_to_at": local(7, 9, 12),
    }  # fmt: skip
    done(form.send(manager, **answers))
    assert (first(edge, local(25, 12)), first(edge, local(1, 12, 12))) == ("Yanis Ferrachat", "Maud Sabran")
    again = form.send(manager, **answers)
    assert again.status_code == 422
    assert "Maud Sabran is not on call on this level" in text_in(again.text)
    kept = forms_in(again.text)["/rota/swaps"].fields
    assert (kept["other_from_at"], kept["person"]) == ([local(30, 9)], [str(number(edge, "maud"))])


def test_the_rota_is_set_on_its_page_and_every_fault_is_shown_with_what_was_typed(edge: Edge) -> None:
    manager = edge.person(UserRole.DPO)
    form = forms_in(manager.get("/rota").text)["/rota#document"]
    assert form.fields["document"][0].strip() == DOCUMENT.strip()
    wrong = DOCUMENT.replace("maud@", "mod@").replace("holidays: FR", "holidays: GES")
    refused = form.send(manager, document=wrong)
    assert refused.status_code == 422
    said = text_in(refused.text)
    assert "rota.yaml:2:11: holidays is one of FR, FR-Alsace-Moselle, none, not GES" in said
    assert "mod@us.example" in forms_in(refused.text)["/rota#document"].fields["document"][0]
    swapped = DOCUMENT.replace("maud@", "x@").replace("yanis@", "maud@").replace("x@", "yanis@")
    done(form.send(manager, document=swapped))
    assert first(edge) == "Yanis Ferrachat"
    edge.clock.at += timedelta(days=1)


def test_what_is_downloaded_is_what_was_set(edge: Edge) -> None:
    answer = edge.person(UserRole.VIEWER).get("/rota.yaml")
    assert (answer.status_code, answer.text) == (200, DOCUMENT)
    assert "attachment" in answer.headers["content-disposition"]


def test_a_calendar_is_imported_as_absences_and_its_titles_are_not_kept(edge: Edge) -> None:
    mine = edge.person(UserRole.RESPONDER)
    answer = mine.post("/rota/imports", data={"kind": "absences"}, files={"file": ("leave.ics", CALENDAR)})
    done(answer)
    shown = text_in(mine.get("/rota").text)
    assert "from Tue 1 Dec, 00:00 to Thu 3 Dec, 00:00 (from a calendar, responder 1)" in shown
    assert "clinic" not in shown


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choose the calendar file"),
        (b"%PDF-1.7", "not a calendar file"),
        (CALENDAR.replace("DTSTART;VALUE=DATE:20261201\n", "").encode(), "event 1: it has no DTSTART"),
        (CALENDAR.replace("END:VEVENT", "RRULE:FREQ=SECONDLY\nEND:VEVENT").encode(), "recurs secondly"),
    ],
)
def test_a_broken_calendar_is_refused_in_words(edge: Edge, content: bytes, sentence: str) -> None:
    mine = edge.person(UserRole.RESPONDER)
    answer = mine.post("/rota/imports", data={"containing": "Leave"}, files={"file": ("leave.ics", content)})
    assert answer.status_code == 422
    assert sentence in text_in(answer.text)
    assert forms_in(answer.text)["/rota/imports"].fields["containing"] == ["Leave"]


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("/rota", {"document": DOCUMENT}, 403),
        ("/rota/swaps", {"level": "first"}, 403),
        ("/rota/overrides", {"level": "king", "from_at": local(25, 20), "to_at": local(26, 8)}, 422),
        ("/rota/overrides", {"level": "first", "person": "9" * 40}, 422),
        ("/rota/overrides", {"level": "first", "person": "1", "from_at": local(25, 20), "to_at": local(26, 8)}, 403),
        ("/rota/overrides", {"level": "dpo", "from_at": local(25, 20), "to_at": local(26, 8)}, 422),
        ("/rota/absences", {"from_at": "tomorrow", "to_at": local(26, 8)}, 422),
        ("/rota/absences", {"person": "1", "from_at": local(25, 20), "to_at": local(26, 8)}, 403),
        ("/rota/absences/7/end", {}, 404),
        ("/rota/overrides/7/end", {}, 404),
    ],
)
def test_a_responder_cannot_put_others_on_call_or_say_nonsense(
    edge: Edge, path: str, data: dict[str, str], status: int
) -> None:
    """Maud's account is number 1."""
    answer = edge.person(UserRole.RESPONDER).post(path, data=data)
    assert answer.status_code == status, text_in(answer.text)
    assert first(edge, local(25, 22)) == "Maud Sabran"


def test_telephone_numbers_are_shown_to_those_who_work_on_incidents(edge: Edge) -> None:
    """And to nobody else: they are private numbers."""
    maud = Actor("Maud Sabran", UserRole.RESPONDER, person=number(edge, "maud"))
    new, cipher = NewWay(WayKind.TELEPHONE, "06 12 34 56 78"), edge.service.cipher
    edge.service.database.write(lambda session: contact_ways.add_way(session, maud, cipher, new, frozenset(), edge.now))
    assert "+33612345678" in edge.person(UserRole.RESPONDER).get("/rota").text
    assert "612345678" not in edge.person(UserRole.VIEWER).get("/rota").text


def test_before_there_is_a_rota_the_page_proposes_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    """With everybody who may answer; sent as it is, it is in force."""
    with shared_edge(tmp_path_factory.mktemp("empty")) as edge:
        manager: TestClient = edge.person(UserRole.DECIDER)
        page = manager.get("/rota")
        assert "There is no rota yet: nobody is on call." in text_in(page.text)
        done(forms_in(page.text)["/rota#document"].send(manager))
        assert (first(edge) or "").startswith("decider")
        assert "There is no rota yet" not in text_in(manager.get("/rota").text)


# ---------- the API ----------


def test_the_api_says_who_is_on_call_and_where_nobody_is(edge: Edge) -> None:
    headers = edge.signed_in(UserRole.DPO)
    found = on_call(edge)
    assert (found["first"]["name"], found["second"], found["dpo"]["name"]) == ("Maud Sabran", None, "Noe Varenne")
    assert (found["is_working_time"], found["holiday"]) == (True, "")
    assert on_call(edge, local(25, 12, 12))["holiday"] == "Noël"
    away = {"person": number(edge, "noe"), "from_at": "2026-12-01T00:00:00+01:00", "to_at": "2026-12-02T00:00:00+01:00"}
    made = edge.client.post("/api/v1/rota/absences", json=away, headers=headers)
    assert made.status_code == 201, made.text
    (gap,) = edge.client.get("/api/v1/rota/gaps", headers=headers).json()
    assert gap == {
        "level": "dpo", "person": None, "from_at": "2026-11-30T23:00:00Z", "to_at": "2026-12-01T23:00:00Z",
    }  # fmt: skip
    ended = edge.client.post(f"/api/v1/rota/absences/{made.json()['id']}/end", headers=headers)
    assert ended.status_code == 204
    assert edge.client.get("/api/v1/rota/gaps", headers=headers).json() == []


def test_the_api_takes_back_the_rota_that_it_gives(edge: Edge) -> None:
    headers = edge.signed_in(UserRole.DPO)
    given = edge.client.get("/api/v1/rota", headers=headers).json()["rota"]
    given["first"]["people"].reverse()
    answer = edge.client.put("/api/v1/rota", json=given, headers=headers)
    assert (answer.status_code, answer.json()["rota"]) == (200, given)
    assert first(edge) == "Yanis Ferrachat"
    given["first"]["people"] = ["eve@us.example"]
    answer = edge.client.put("/api/v1/rota", json=given, headers=headers)
    assert answer.status_code == 422
    assert "there is no account eve@us.example" in answer.json()["title"]


def test_shifts_are_listed_for_a_year_at_most(edge: Edge) -> None:
    headers = edge.signed_in(UserRole.VIEWER)
    query = {"from_at": "2026-11-23T09:00:00+01:00", "to_at": "2026-12-07T09:00:00+01:00"}
    listed = edge.client.get("/api/v1/rota/shifts", params=query, headers=headers).json()
    assert [one["person"]["name"] for one in listed if one["level"] == "first"] == ["Maud Sabran", "Yanis Ferrachat"]
    query["to_at"] = "2099-12-07T09:00:00+01:00"
    assert edge.client.get("/api/v1/rota/shifts", params=query, headers=headers).status_code == 422


def test_a_program_takes_no_shift_for_itself(edge: Edge) -> None:
    body = {"level": "first", "from_at": "2026-12-01T00:00:00+01:00", "to_at": "2026-12-02T00:00:00+01:00"}
    answer = edge.client.post("/api/v1/rota/overrides", json=body, headers=edge.token(UserRole.RESPONDER))
    assert answer.status_code == 403
