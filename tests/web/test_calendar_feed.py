"""A calendar of due dates: references alone, right after RFC 5545, for whom they are seen by, until it is revoked."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from icalendar import Calendar, Event
from sqlmodel import col, select, update

from breach_service.acts.people import feeds
from breach_service.domain.access import Actor, UserRole
from breach_service.errors import NotAllowed
from breach_service.rendering.feed import FeedEvent, calendar_of
from breach_service.store.expected_tables import CalendarFeedRow
from breach_service.store.tables import IncidentRow, UserRow
from tests.web.edge import Edge, forms_in, shared_edge
from tests.web.test_compartments import restrict, trail

SECRET_WORDS = "Zephirine Example of Acme lost a laptop; DTSTART\r\nX-EVIL:1"


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("calendars")) as one:
        yield one


def subscribe(edge: Edge, person: TestClient, name: str = "phone") -> str:
    """Make a calendar on the page; the path of its address."""
    form = forms_in(person.get("/account/calendars").text)["/account/calendars"]
    shown = form.send(person, name=name)
    assert shown.status_code == 201
    assert shown.headers["cache-control"] == "no-store"
    found = re.search(r"/calendar/[\w-]{43}\.ics", shown.text)
    assert found is not None
    assert found[0] not in person.get("/account/calendars").text
    return found[0]


def read(edge: Edge, path: str, **headers: str) -> Any:
    """What a calendar program gets: it has no session."""
    return edge.browser().get(path, headers=headers)


def events(body: bytes) -> list[Event]:
    """All of them; what is not right after RFC 5545 is an error, not passed over."""
    assert body.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert b"\n" not in body.replace(b"\r\n", b"")
    calendar = Calendar.from_ical(body.decode())
    assert isinstance(calendar, Calendar)
    assert not calendar.errors
    found = []
    for one in calendar.walk("VEVENT"):
        assert not one.errors
        for required in ("UID", "DTSTAMP", "DTSTART", "SUMMARY", "SEQUENCE", "LAST-MODIFIED", "STATUS"):
            assert required in one, required
        for name in ("DTSTART", "DTSTAMP", "LAST-MODIFIED"):
            assert one[name].to_ical().endswith(b"Z"), name
        found.append(one)
    assert len({str(one["UID"]) for one in found}) == len(found)
    return found


def called(summary: str, body: bytes) -> Event:
    """The one event of that name."""
    (found,) = [one for one in events(body) if str(one["SUMMARY"]) == summary]
    return found


def test_the_open_dates_of_an_incident_stand_in_it(edge: Edge) -> None:
    """To the second, in UTC, with alarms; opaque references and the name of the regime, nothing of the incident."""
    reference, person = edge.declare(SECRET_WORDS), edge.person(UserRole.DPO)
    answer = read(edge, subscribe(edge, person))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = [one for one in events(answer.content) if reference in one["SUMMARY"]]
    with edge.service.database.reading() as session:
        row = session.exec(select(IncidentRow).where(IncidentRow.reference == reference)).one()
    qualify = called(f"{reference} – to be qualified", answer.content)
    found = [one for one in found if one["UID"] != qualify["UID"]]
    assert qualify["DTSTART"].dt == row.qualify_by.replace(microsecond=0)
    dated = {one["due_at"] for one in edge.obligations(reference).values() if one["due_at"]}
    instants = {datetime.fromisoformat(str(one)).astimezone(UTC).replace(microsecond=0) for one in dated}
    assert {one["DTSTART"].dt for one in found} == instants
    assert {str(one["STATUS"]) for one in found} == {"TENTATIVE"}
    alarms = [one["TRIGGER"].dt for one in qualify.walk("VALARM")]
    assert alarms == [timedelta(hours=-24), timedelta(hours=-6), timedelta(hours=-1)]
    for word in ("Zephirine", "Acme", "laptop", "X-EVIL", "Example"):
        assert word not in answer.text


def test_a_date_that_is_settled_is_cancelled_with_a_higher_sequence(edge: Edge) -> None:
    """The same event: whoever holds a copy sees it end; a month later it is gone."""
    reference, person = edge.declare(), edge.person(UserRole.DPO)
    path = subscribe(edge, person)
    before = called(f"{reference} – to be qualified", read(edge, path).content)
    edge.clock.at += timedelta(minutes=5)
    answer = person.post(f"/api/v1/incidents/{reference}/dismiss", json={"reason": "An error."})
    assert answer.status_code < 300, answer.text
    after = called(f"{reference} – to be qualified", read(edge, path).content)
    assert (str(before["STATUS"]), str(after["STATUS"])) == ("CONFIRMED", "CANCELLED")
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt
    assert after.walk("VALARM") == []
    edge.clock.at += timedelta(days=31)
    assert reference not in read(edge, path).text


def test_what_has_not_changed_is_not_sent_again(edge: Edge) -> None:
    """By its ETag; anything new has another one."""
    edge.declare()
    path = subscribe(edge, edge.person(UserRole.RESPONDER))
    first = read(edge, path)
    again = read(edge, path, **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    edge.declare()
    assert read(edge, path, **{"if-none-match": first.headers["etag"]}).status_code == 200


def test_drills_and_what_nobody_was_told_of_are_left_out(edge: Edge) -> None:
    """An exercise in somebody's calendar would be taken for real."""
    drill, muted, path = edge.declare(), edge.declare(), subscribe(edge, edge.person(UserRole.DPO))
    assert drill in read(edge, path).text

    def change(session: Any) -> None:
        for reference, column in ((drill, "is_drill"), (muted, "is_muted")):
            session.execute(
                update(IncidentRow).where(col(IncidentRow.reference) == reference).values({column: True})
            )  # fmt: skip

    edge.service.database.write(change)
    text = read(edge, path).text
    assert drill not in text
    assert muted not in text


def test_a_restricted_incident_stands_in_the_calendars_of_those_alone_who_see_it(edge: Edge) -> None:
    """As on the pages; each reading is written down, but for the one that shows nothing."""
    reference, boss = edge.declare(), edge.person(UserRole.DECIDER)
    mine, other = subscribe(edge, boss), subscribe(edge, edge.person(UserRole.RESPONDER))
    assert restrict(boss, reference).status_code == 303
    before = len([one for one in trail(boss) if one["what"] == "/calendar/{token}.ics"])
    shown = read(edge, mine)
    assert reference in shown.text
    assert reference not in read(edge, other).text
    assert read(edge, mine, **{"if-none-match": shown.headers["etag"]}).status_code == 304
    after = [one for one in trail(boss) if one["what"] == "/calendar/{token}.ics" and one["incident"] == reference]
    assert len(after) == before + 1


def test_a_revoked_calendar_opens_nothing(edge: Edge) -> None:
    """Nor does one of somebody whose account was disabled; both are 404, as if there had never been one."""
    person = edge.person(UserRole.DPO)
    path, kept = subscribe(edge, person, "lost phone"), subscribe(edge, person, "laptop")
    page = person.get("/account/calendars").text
    assert "lost phone" in page
    revoke = next(one for one in forms_in(page).values() if one.action.endswith("/revoke"))
    assert revoke.send(person).status_code == 303
    assert "lost phone" not in person.get("/account/calendars").text
    assert read(edge, path).status_code == 404
    assert read(edge, kept).status_code == 200

    def disable(session: Any) -> None:
        row = session.exec(select(CalendarFeedRow).order_by(col(CalendarFeedRow.id).desc())).first()
        session.execute(update(UserRow).where(col(UserRow.id) == row.user_id).values(disabled_at=edge.now))

    edge.service.database.write(disable)
    assert read(edge, kept).status_code == 404


def test_a_calendar_of_somebody_else_cannot_be_revoked(edge: Edge) -> None:
    """It is not there for them."""
    path = subscribe(edge, edge.person(UserRole.DPO))
    with edge.service.database.reading() as session:
        number = max(one or 0 for one in session.exec(select(CalendarFeedRow.id)))
    other = edge.person(UserRole.DPO)
    assert other.post(f"/account/calendars/{number}/revoke").status_code == 404
    assert read(edge, path).status_code == 200


def test_the_token_is_kept_as_a_hash(edge: Edge) -> None:
    """Whoever reads the database reads no calendar."""
    path = subscribe(edge, edge.person(UserRole.DPO))
    token = path.removeprefix("/calendar/").removesuffix(".ics")
    with edge.service.database.reading() as session:
        rows = session.exec(select(CalendarFeedRow)).all()
    assert rows
    assert all(token not in str(one.model_dump()) for one in rows)


def test_names_and_numbers_of_calendars_are_bounded(edge: Edge) -> None:
    """With a sentence on the page; nothing is made."""
    person = edge.person(UserRole.DPO)
    form = forms_in(person.get("/account/calendars").text)["/account/calendars"]
    assert form.send(person, name=" ").status_code == 422
    for number in range(feeds.MOST_FEEDS):
        subscribe(edge, person, f"calendar {number}")
    refused = form.send(person, name="one more")
    assert refused.status_code == 422
    with edge.service.database.reading() as session, pytest.raises(NotAllowed):
        feeds.own_feeds(session, Actor("token", UserRole.DPO))


def test_whoever_guesses_addresses_is_slowed(service: Any) -> None:
    """And the right one opens all the same."""
    with Edge(service) as own:
        path = subscribe(own, own.person(UserRole.DPO))
        found = {read(own, f"/calendar/{'x' * 42}{number}.ics").status_code for number in range(200)}
        assert found == {404, 429}
        assert read(own, path).status_code == 200


def test_long_lines_are_folded_and_signs_escaped() -> None:
    """Between characters, never inside one; a comma, a semicolon and a line break are no syntax."""
    at = datetime(2026, 11, 23, 8, tzinfo=UTC)
    summary = "INC-2026-0001 – " + "é, ; \\ \n" * 20
    body = calendar_of(
        [FeedEvent("a", summary, at, is_provisional=False, is_open=True, changes=3, changed_at=at, link="https://b/")],
        "Échéances",
    )
    (one,) = events(body)
    assert str(one["SUMMARY"]) == summary
    assert body.count(b"BEGIN:VEVENT") == 1
