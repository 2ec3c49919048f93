"""Somebody answers: a rota over the end of summer time, a public holiday, and a Christmas that nobody wanted.

The story runs on the real service (both databases) with a clock that is told the time.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from freezegun import freeze_time

from breach_service.acts.on_call import contact_ways, rota, rota_imports
from breach_service.acts.on_call.contact_ways import NewWay, Proof
from breach_service.acts.on_call.rota_calendars import read_calendar
from breach_service.app import Service
from breach_service.clock import utc_now
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.contact_ways import QuietHours, WayKind
from breach_service.domain.rota import DayKind, Level, holiday_on, is_working_time, kind_of_day
from breach_service.store import people
from breach_service.store.tables import UserRow

PARIS = ZoneInfo("Europe/Paris")
ROTA = """\
zone: Europe/Paris
holidays: FR-Alsace-Moselle
working_hours: {from: 09:00, until: 18:00}
first:
  people: [maud@us.example, yanis@us.example]
  hand_over_on: monday
  hand_over_at: 09:00
  starts_on: 2026-10-19
dpo: noe@us.example
"""
CHRISTMAS = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//calendar//
BEGIN:VEVENT
UID:christmas-of-{name}
SUMMARY:Vacances
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20261227
END:VEVENT
END:VCALENDAR
"""


def paris(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


@pytest.fixture
def team(service: Service) -> dict[str, Actor]:
    """Maud and Yanis respond, Noé is the officer."""
    found = {}
    for name, role in {"maud": UserRole.RESPONDER, "yanis": UserRole.RESPONDER, "noe": UserRole.DPO}.items():
        row = UserRow(email=f"{name}@us.example", name=name.title(), role=role, created_at=paris(10, 1, 9))
        service.database.write(lambda session, row=row: people.add(session, row))
        with service.database.reading() as session:
            held = people.user_by_email(session, f"{name}@us.example")
            assert held is not None
            found[name] = Actor(held.name, role, person=held.id)
    return found


def test_a_rota_over_a_change_of_the_clocks_a_holiday_and_a_gap(service: Service, team: dict[str, Actor]) -> None:
    """Nobody is left out, nobody is on twice, and the gap is seen a month before it comes."""

    def write(work: Any, *arguments: Any) -> Any:
        return service.database.write(lambda session: work(session, *arguments))

    def first(at: datetime) -> str | None:
        with service.database.reading() as session:
            found = rota.on_call(session, at).first
        return next((name for name, one in team.items() if one.person == found), None)

    # On the first Monday of October’s rota Noé puts it in force; Maud has the week in which the clocks go back.
    with freeze_time(paris(10, 19, 9)):
        write(rota.set_rota_from_text, team["noe"], ROTA, utc_now())
        assert first(utc_now()) == "maud"

    # In the night of the long hour the clock shows half past two twice: Maud answers both times.
    for at in (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)):
        assert at.astimezone(PARIS).strftime("%H:%M") == "02:30"
        assert first(at) == "maud"

    # She hands over at nine on the wall on Monday, which is an hour later by UTC than the week before.
    assert paris(10, 26, 9) - paris(10, 19, 9) == timedelta(days=7, hours=1)
    assert (first(paris(10, 26, 8, 59)), first(paris(10, 26, 9))) == ("maud", "yanis")

    # On the eleventh of November, a Wednesday, nobody is at work; whoever is on call is all the same.
    with service.database.reading() as session:
        board = rota.board(session, paris(11, 11, 0), paris(11, 12, 0))
    assert board.rota is not None
    armistice = paris(11, 11, 11).astimezone(PARIS).date()
    assert (kind_of_day(board.rota, armistice), holiday_on(board.rota, armistice)) == (DayKind.HOLIDAY, "Armistice")
    assert not is_working_time(board.rota, paris(11, 11, 11))
    assert is_working_time(board.rota, paris(11, 12, 11))
    assert first(paris(11, 11, 11)) == "yanis"

    # Both import the calendar in which they are away at Christmas; the doctor’s words in it stay theirs.
    with freeze_time(paris(11, 27, 17)):
        for name in ("maud", "yanis"):
            text = CHRISTMAS.replace("{name}", name).encode()
            calendar = read_calendar(text, "Europe/Paris", utc_now())
            write(rota_imports.import_absences, team[name], team[name].person, calendar, utc_now())
        with service.database.reading() as session:
            (gap,) = rota.board(session, utc_now(), utc_now() + rota.SHOWN_AHEAD).gaps()
        assert (gap.level, gap.from_at, gap.to_at) == (Level.FIRST, paris(12, 24, 0), paris(12, 25, 17))
        with service.database.reading() as session:
            (gap,) = rota.board(session, utc_now(), utc_now() + timedelta(weeks=6)).gaps()
        assert gap.to_at == paris(12, 27, 0)

        # Boxing Day is a holiday in Alsace; Noé takes the whole gap, and there is none any more.
        assert kind_of_day(board.rota, paris(12, 26, 12).date()) is DayKind.HOLIDAY
        noe = team["noe"]
        write(rota.take_over, noe, Level.FIRST, noe.person, gap.from_at, gap.to_at, utc_now())
        with service.database.reading() as session:
            assert rota.board(session, utc_now(), utc_now() + timedelta(weeks=6)).gaps() == ()

        # Noé sleeps at night unless something must wake; the way is proven long before it is needed.
        quiet = QuietHours(datetime(2026, 1, 1, 22).time(), datetime(2026, 1, 1, 7).time())
        new = NewWay(WayKind.NTFY, "ntfys://ntfy.sh/noe-9x2k", (quiet.since, quiet.until), is_wakeable=True)
        number = write(contact_ways.add_way, noe, service.cipher, new, frozenset(), utc_now())
        with service.database.reading() as session:
            assert contact_ways.ways_of(session, noe.person or 0, utc_now()) == []
        test = write(contact_ways.ask_code, noe, service.cipher, number, utc_now())
        assert write(contact_ways.prove, noe, number, test.code, utc_now()) is Proof.PROVEN

    # On Christmas night at three, whoever answers can be woken; for less, the night stays quiet.
    at = paris(12, 25, 3)
    assert first(at) == "noe"
    with service.database.reading() as session:
        answering = rota.on_call(session, at).first
        assert answering is not None
        assert contact_ways.ways_of(session, answering, at) == []
        assert [one.id for one in contact_ways.ways_of(session, answering, at, is_wake=True)] == [number]

    # Maud leaves the company in the new year: her turns fall to Yanis from that hour on, without anybody’s care.
    def leave(session: Any) -> None:
        row = people.user_by_email(session, "maud@us.example")
        assert row is not None
        row.disabled_at = paris(12, 29, 12)
        session.add(row)

    write(leave)
    assert (first(paris(12, 29, 11)), first(paris(12, 29, 12))) == ("maud", "yanis")
    with service.database.reading() as session:
        assert rota.absent(session, paris(12, 30, 12)) == {team["maud"].person}
