"""What people do with the rota: set it, take over, be away, import a calendar; and who may."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from breach_service.acts.on_call import rota as acts
from breach_service.acts.on_call import rota_files, rota_imports
from breach_service.acts.on_call.rota_calendars import MOST_EVENTS, MOST_HAPPENINGS, CalendarFile, read_calendar
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import ALLOWED, PEOPLE, Act, Actor, UserRole
from breach_service.domain.incident import EntryKind
from breach_service.domain.rota import Level, OnCall
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from breach_service.store import people
from breach_service.store.tables import TimelineDetailRow, TimelineEntryRow, UserRow
from tests.conftest import START
from tests.pipeline.incoming import Incoming

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)
ROTA = """\
first:
  people: [maud@us.example, yanis@us.example, zoe@us.example]
  starts_on: 2026-11-23
second:
  people: [yanis@us.example, zoe@us.example, maud@us.example]
  starts_on: 2026-11-23
dpo: noe@us.example
deputy: eva@us.example
"""


def paris(month: int, day: int, hour: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=PARIS).astimezone(UTC)


class Team:
    """A service with a rota and the people in it, by first name."""

    def __init__(self, service: Service) -> None:
        self.service = service
        roles = {"maud": UserRole.RESPONDER, "yanis": UserRole.RESPONDER, "zoe": UserRole.DECIDER,
                 "noe": UserRole.DPO, "eva": UserRole.DECIDER, "ida": UserRole.VIEWER}  # fmt: skip
        self.numbers = {name: self.write(self._account, name, role) for name, role in roles.items()}
        self.roles = roles

    def _account(self, session: Any, name: str, role: UserRole) -> int:
        row = UserRow(email=f"{name}@us.example", name=name.title(), role=role, created_at=START - DAY)
        people.add(session, row)
        return row.id or 0

    def __getitem__(self, name: str) -> int:
        return self.numbers[name]

    def actor(self, name: str) -> Actor:
        return Actor(name.title(), self.roles[name], person=self.numbers[name])

    def write(self, work: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        return self.service.database.write(lambda session: work(session, *arguments, **more))

    def read(self, work: Callable[..., Any], *arguments: Any) -> Any:
        with self.service.database.reading() as session:
            return work(session, *arguments)

    def on_call(self, at: datetime) -> OnCall:
        found: OnCall = self.read(acts.on_call, at)
        return found

    def first(self, at: datetime) -> str | None:
        number = self.on_call(at).first
        return next((name for name, one in self.numbers.items() if one == number), None)


@pytest.fixture
def team(incoming: Incoming) -> Team:
    """On each database in turn."""
    found = Team(incoming.service)
    found.write(acts.set_rota_from_text, OPERATOR, ROTA, START)
    return found


@pytest.fixture
def sqlite_team(sqlite_incoming: Incoming) -> Team:
    """For what does not depend on the database."""
    found = Team(sqlite_incoming.service)
    found.write(acts.set_rota_from_text, OPERATOR, ROTA, START)
    return found


def test_before_a_rota_is_set_nobody_is_on_call(sqlite_service: Service) -> None:
    with sqlite_service.database.reading() as session:
        assert acts.on_call(session, START) == OnCall()
        assert acts.absent(session, START) == frozenset()
        with pytest.raises(NotFound, match="no rota yet"):
            acts.rota_as_text(session, START)


def test_the_rota_says_who_answers_at_every_instant_from_when_it_was_set(team: Team) -> None:
    """Old ones are kept: what was true then stays true of then."""
    assert team.on_call(START) == OnCall(team["maud"], team["yanis"], team["noe"], team["eva"])
    assert team.on_call(START - timedelta(seconds=1)) == OnCall()
    alone = "first: {people: [zoe@us.example], starts_on: 2026-11-23}"
    team.write(acts.set_rota_from_text, OPERATOR, alone, START + DAY)
    assert team.first(START + timedelta(hours=23)) == "maud"
    assert team.on_call(START + DAY) == OnCall(team["zoe"])


def test_the_same_rota_set_again_is_no_new_one(sqlite_incoming: Incoming, sqlite_team: Team) -> None:
    text = sqlite_team.read(acts.rota_as_text, START)
    sqlite_team.write(acts.set_rota_from_text, OPERATOR, text, START + DAY)
    assert sqlite_team.read(acts.board, START + DAY, START + 2 * DAY).recorded_at == START
    kinds = [one.kind for one in sqlite_incoming.rows(TimelineEntryRow)]
    assert kinds.count(EntryKind.ROTA_CHANGED) == 1


def test_what_is_exported_is_what_was_set(sqlite_team: Team) -> None:
    text = sqlite_team.read(acts.rota_as_text, START)
    document, _ = rota_files.document_in(text)
    assert document == rota_files.document_in(ROTA)[0]
    assert document.first.starts_on == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", ["rota.yaml:1:1: the file is empty"]),
        ("- a\n- b\n", ["rota.yaml:1:1: a rota holds named fields"]),
        ("first: {people: [], starts_on: 2026-11-23}", ["people needs at least 1"]),
        ("first: {people: [a@b.c, A@b.c], starts_on: 2026-11-23}", ["stands twice"]),
        ("first: {people: [maud@us.example], starts_on: 2026-11-24}", ["is a tuesday: choose a monday"]),
        ("first: {people: [maud@us.example], starts_on: 1026-11-23, every: day}", ["check the year"]),
        ("first: {people: [maud@us.example], starts_on: soon}", ["is a day such as 2026-11-22"]),
        ("first: {people: [maud@us.example], starts_on: 2026-11-23, length: 99}", ["12 weeks at most"]),
        ("first: {people: [maud@us.example], starts_on: 2026-11-23, hand_over_at: 25:00}", ["a time of day"]),
        ("first: {people: [maud@us.example], starts_on: 2026-11-23, hand_over_at: 9}", ["a time of day"]),
        ("first: {people: [maud@us.example], starts_on: 2026-11-23, every: month}", ["one of week, day"]),
        ("zone: Nowhere\nfirst: {people: [maud@us.example], starts_on: 2026-11-23}", ["rota.yaml:1:7", "no time zone"]),
        ("zone: ../../etc/passwd\nfirst: {people: [maud@us.example], starts_on: 2026-11-23}", ["no time zone"]),
        ("holidays: GES\nfirst: {people: [maud@us.example], starts_on: 2026-11-23}", ["FR-Alsace-Moselle"]),
        (ROTA.replace("eva@", "noe@"), ["somebody else"]),
        (ROTA.replace("dpo: noe@us.example\n", ""), ["name the dpo too"]),
        (ROTA.replace("noe@us.example", "maud@us.example"), ["rota.yaml:7:6", "has the role responder"]),
        (ROTA.replace("zoe@us.example", "ida@us.example", 1),
         ["rota.yaml:2:47", "has the role viewer, which cannot do what is asked"]),
        (ROTA + "working_hours: {from: 18:00, until: 09:00}\n", ["end (09:00) after they begin (18:00)"]),
        (ROTA + "a: &x 1\n", ["anchors"]),
        (ROTA + "second_level: {}\n", ["there is no field second_level"]),
        ("x: " + "[" * 5000, ["rota.yaml:"]),
    ],
)  # fmt: skip
def test_every_fault_of_a_rota_is_told_by_line(sqlite_team: Team, text: str, sentences: list[str]) -> None:
    """And the rota in force stays."""
    with pytest.raises(InvalidCommand) as told:
        sqlite_team.write(acts.set_rota_from_text, OPERATOR, text, START + DAY)
    for sentence in sentences:
        assert sentence in str(told.value)
    assert sqlite_team.first(START + 2 * DAY) == "maud"


@pytest.mark.parametrize("role", PEOPLE)
def test_only_who_manages_the_rota_sets_it(sqlite_team: Team, role: UserRole) -> None:
    actor = Actor("somebody", role, person=999)
    if role in ALLOWED[Act.MANAGE_ROTA]:
        sqlite_team.write(acts.set_rota_from_text, actor, ROTA, START)
        return
    with pytest.raises(NotAllowed):
        sqlite_team.write(acts.set_rota_from_text, actor, ROTA, START)
    with pytest.raises(NotAllowed, match="ask somebody who manages the rota"):
        sqlite_team.write(acts.add_absence, actor, sqlite_team["maud"], START, START + DAY, START)
    with pytest.raises(NotAllowed):
        sqlite_team.write(acts.take_over, actor, Level.FIRST, sqlite_team["maud"], START, START + DAY, START)


# ---------- taking over ----------


def test_i_take_your_night_and_give_it_back_before_it_begins(team: Team) -> None:
    """A colleague takes a night for themselves; nobody needs to manage anything."""
    night = paris(11, 25, 20), paris(11, 26, 8)
    number = team.write(acts.take_over, team.actor("yanis"), Level.FIRST, team["yanis"], *night, START)
    assert team.first(night[0]) == "yanis"
    assert team.on_call(night[0]).second == team["zoe"], "nobody is first and second"
    assert team.first(night[1]) == "maud"
    with pytest.raises(NotAllowed, match="only who took a shift"):
        team.write(acts.give_back, team.actor("maud"), number, START)
    with pytest.raises(NotAllowed, match="before it begins"):
        team.write(acts.give_back, team.actor("yanis"), number, night[0])
    team.write(acts.give_back, team.actor("yanis"), number, START)
    assert team.first(night[0]) == "maud"
    with pytest.raises(NotFound):
        team.write(acts.give_back, OPERATOR, number, START)


def test_nobody_puts_a_colleague_on_call(sqlite_team: Team) -> None:
    """Only who manages the rota does, and only somebody who can do what is asked."""
    night = paris(11, 25, 20), paris(11, 26, 8)
    with pytest.raises(NotAllowed, match="take a shift yourself"):
        sqlite_team.write(acts.take_over, sqlite_team.actor("maud"), Level.FIRST, sqlite_team["yanis"], *night, START)
    sqlite_team.write(acts.take_over, sqlite_team.actor("noe"), Level.FIRST, sqlite_team["zoe"], *night, START)
    assert sqlite_team.first(night[0]) == "zoe"
    with pytest.raises(InvalidCommand, match="has the role viewer"):
        sqlite_team.write(acts.take_over, sqlite_team.actor("ida"), Level.FIRST, sqlite_team["ida"], *night, START)
    with pytest.raises(NotFound, match="no account"):
        sqlite_team.write(acts.take_over, OPERATOR, Level.FIRST, 999_999, *night, START)


def test_two_people_swap_their_weeks(sqlite_team: Team) -> None:
    mine = acts.Stretch(sqlite_team["maud"], START, paris(11, 30, 9))
    yours = acts.Stretch(sqlite_team["yanis"], paris(11, 30, 9), paris(12, 7, 9))
    sqlite_team.write(acts.swap, sqlite_team.actor("noe"), Level.FIRST, mine, yours, START)
    assert [sqlite_team.first(at) for at in (START, paris(12, 1), paris(12, 8))] == ["yanis", "maud", "zoe"]


def test_a_swap_of_a_shift_that_somebody_does_not_have_is_refused_and_nothing_changes(sqlite_team: Team) -> None:
    mine = acts.Stretch(sqlite_team["maud"], START, paris(11, 30, 9))
    wrong = acts.Stretch(sqlite_team["zoe"], paris(11, 30, 9), paris(12, 7, 9))
    with pytest.raises(InvalidCommand, match="Zoe is not on call"):
        sqlite_team.write(acts.swap, OPERATOR, Level.FIRST, mine, wrong, START)
    over = acts.Stretch(sqlite_team["yanis"], START + DAY, paris(12, 7, 9))
    with pytest.raises(InvalidCommand, match="overlap"):
        sqlite_team.write(acts.swap, OPERATOR, Level.FIRST, mine, over, START)
    with pytest.raises(NotAllowed):
        sqlite_team.write(acts.swap, sqlite_team.actor("maud"), Level.FIRST, mine, over, START)
    assert sqlite_team.first(START) == "maud"


@pytest.mark.parametrize(
    ("from_at", "to_at", "sentence"),
    [
        (START, START, "exchange them"),
        (START - 2 * DAY, START, "in the past"),
        (START, START + 401 * DAY, "400 days"),
        (START + 2000 * DAY, START + 2001 * DAY, "check the year"),
    ],
)
def test_a_stretch_that_cannot_be_meant_is_refused(
    sqlite_team: Team, from_at: datetime, to_at: datetime, sentence: str
) -> None:
    with pytest.raises(InvalidCommand, match=sentence):
        sqlite_team.write(acts.add_absence, OPERATOR, sqlite_team["maud"], from_at, to_at, START)
    with pytest.raises(InvalidCommand, match=sentence):
        sqlite_team.write(acts.take_over, OPERATOR, Level.FIRST, sqlite_team["maud"], from_at, to_at, START)


# ---------- being away ----------


def test_whoever_is_away_is_passed_over_until_they_are_back(team: Team) -> None:
    span = paris(11, 25), paris(11, 27)
    number = team.write(acts.add_absence, team.actor("maud"), team["maud"], *span, START)
    assert team.first(span[0]) == "yanis"
    assert team.read(acts.absent, span[0]) == {team["maud"]}
    assert team.first(span[1]) == "maud"
    with pytest.raises(NotAllowed):
        team.write(acts.end_absence, team.actor("yanis"), number, START)
    team.write(acts.end_absence, team.actor("maud"), number, START)
    assert team.first(span[0]) == "maud"
    with pytest.raises(NotFound):
        team.write(acts.end_absence, team.actor("maud"), number, START)


def test_a_disabled_account_is_passed_over_for_good(team: Team) -> None:
    """Somebody must always be reachable: the turn of who left does not ring in an empty room."""

    def disable(session: Any) -> None:
        row = people.user_by_email(session, "maud@us.example")
        assert row is not None
        row.disabled_at = START + DAY
        session.add(row)

    team.write(disable)
    assert team.first(START) == "maud"
    assert team.first(START + DAY) == "yanis"
    assert team["maud"] in team.read(acts.absent, START + 300 * DAY)
    assert [one.person for one in team.read(acts.absences_between, START, START + 2 * DAY)] == [team["maud"]]
    with pytest.raises(InvalidCommand, match=r"rota.yaml:2:12: the account maud@us.example is disabled"):
        team.write(acts.set_rota_from_text, OPERATOR, ROTA, START + 2 * DAY)


def test_what_changes_stands_in_the_sealed_chronology_without_the_reasons(
    sqlite_incoming: Incoming, sqlite_team: Team
) -> None:
    """Who, when, which level: numbers and closed words."""
    night = paris(11, 25, 20), paris(11, 26, 8)
    sqlite_team.write(acts.take_over, sqlite_team.actor("yanis"), Level.FIRST, sqlite_team["yanis"], *night, START)
    sqlite_team.write(acts.add_absence, sqlite_team.actor("maud"), sqlite_team["maud"], *night, START)
    entries = [one for one in sqlite_incoming.rows(TimelineEntryRow) if one.kind == EntryKind.ROTA_CHANGED]
    details = sqlite_team.read(
        lambda session: [(one.entry_id, one.words) for one in session.exec(select(TimelineDetailRow))]
    )
    words = dict(details)
    assert [words[one.id]["what"] for one in entries] == ["rota_set", "shift_taken", "absence_recorded"]
    assert [one.actor for one in entries][1:] == ["Yanis", "Maud"]
    assert words[entries[2].id]["account"] == str(sqlite_team["maud"])


# ---------- calendars ----------


def event(uid: str, start: str, end: str = "", title: str = "Leave", *more: str) -> str:
    lines = ["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{title}", f"DTSTART{start}", *([f"DTEND{end}"] if end else [])]
    return "\r\n".join([*lines, *more, "END:VEVENT"])


def calendar(*events: str, method: str = "") -> bytes:
    head = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//somebody//calendar//",
        *([f"METHOD:{method}"] if method else []),
    ]
    return "\r\n".join([*head, *events, "END:VCALENDAR", ""]).encode()


def reading(*events: str, containing: str = "") -> CalendarFile:
    return read_calendar(calendar(*events), "Europe/Paris", START, containing)


def spans(found: CalendarFile) -> list[tuple[datetime, datetime]]:
    return [(one.from_at, one.to_at) for one in found.happenings]


ALL_DAY = event("a", ";VALUE=DATE:20261224", ";VALUE=DATE:20261228")


def test_an_event_of_whole_days_is_from_midnight_to_midnight_in_the_zone() -> None:
    assert spans(reading(ALL_DAY)) == [(paris(12, 24), paris(12, 28))]
    one_day = event("a", ";VALUE=DATE:20261224")
    assert spans(reading(one_day)) == [(paris(12, 24), paris(12, 25))]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (":20261201T080000Z", ":20261201T180000Z", (paris(12, 1, 9), paris(12, 1, 19))),
        (":20261201T080000", ":20261201T180000", (paris(12, 1, 8), paris(12, 1, 18))),
        (";TZID=America/New_York:20261201T080000", ";TZID=America/New_York:20261201T120000",
         (paris(12, 1, 14), paris(12, 1, 18))),
        (";TZID=Romance Standard Time:20261201T080000", ";TZID=Romance Standard Time:20261201T120000",
         (paris(12, 1, 8), paris(12, 1, 12))),
    ],
)  # fmt: skip
def test_an_event_with_hours_is_when_it_says_in_its_zone_or_ours(
    start: str, end: str, expected: tuple[datetime, datetime]
) -> None:
    assert spans(reading(event("a", start, end))) == [expected]


def test_a_weekly_event_keeps_its_local_time_over_the_change_of_the_clocks() -> None:
    """Every Monday at nine, from March to April 2027: before and after it is nine o’clock in Paris."""
    weekly = event("w", ";TZID=Europe/Paris:20270315T090000", ";TZID=Europe/Paris:20270315T100000", "Day off",
                   "RRULE:FREQ=WEEKLY;COUNT=4")  # fmt: skip
    found = spans(reading(weekly))
    assert [one.astimezone(PARIS).hour for one, _ in found] == [9, 9, 9, 9]
    assert found[2][0] - found[1][0] == timedelta(days=7, hours=-1)


def test_an_endless_rule_ends_after_the_time_that_is_looked_at() -> None:
    endless = event("w", ";VALUE=DATE:20200106", ";VALUE=DATE:20200107", "Mondays", "RRULE:FREQ=WEEKLY;BYDAY=MO")
    found = spans(reading(endless))
    assert len(found) == 58
    assert found[0] == (paris(11, 23), paris(11, 24))


def test_dates_that_were_moved_or_dropped_are() -> None:
    """EXDATE drops one, RECURRENCE-ID moves one, a cancelled one of a series is gone."""
    series = event("s", ";TZID=Europe/Paris:20261201T090000", ";TZID=Europe/Paris:20261201T100000", "S",
                   "RRULE:FREQ=DAILY;COUNT=5", "EXDATE;TZID=Europe/Paris:20261202T090000",
                   "RDATE;TZID=Europe/Paris:20261210T090000")  # fmt: skip
    moved = event("s", ";TZID=Europe/Paris:20261203T150000", ";TZID=Europe/Paris:20261203T160000", "S",
                  "RECURRENCE-ID;TZID=Europe/Paris:20261203T090000")  # fmt: skip
    gone = event("s", ";TZID=Europe/Paris:20261204T090000", ";TZID=Europe/Paris:20261204T100000", "S",
                 "RECURRENCE-ID;TZID=Europe/Paris:20261204T090000", "STATUS:CANCELLED")  # fmt: skip
    assert [one for one, _ in spans(reading(series, moved, gone))] == [
        paris(12, 1, 9), paris(12, 3, 15), paris(12, 5, 9), paris(12, 10, 9),
    ]  # fmt: skip


def test_a_rule_that_ends_on_a_day_includes_that_day() -> None:
    until = event("u", ";VALUE=DATE:20261207", ";VALUE=DATE:20261208", "U", "RRULE:FREQ=DAILY;UNTIL=20261209")
    assert len(reading(until).happenings) == 3
    monthly = event("m", ";VALUE=DATE:20261208", ";VALUE=DATE:20261209", "M", "RRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=3")
    assert [one.astimezone(PARIS).day for one, _ in spans(reading(monthly))] == [8, 12, 9]


def test_only_events_with_the_wanted_words_are_taken() -> None:
    found = reading(ALL_DAY, event("b", ";VALUE=DATE:20261201", "", "Team meeting"), containing="LEAVE")
    assert spans(found) == [(paris(12, 24), paris(12, 28))]


STARTED = ";VALUE=DATE:20261201"


def recurring(rule: str, times: int = 1) -> bytes:
    """So many events from the first of December on, each with that rule."""
    return calendar(*(event(f"x{n}", STARTED, "", "T", f"RRULE:{rule}") for n in range(times)))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not a calendar file"),
        (b"<html>Sign in</html>", "not a calendar file"),
        (b"\xff\xfe\x00\x01" * 9, "not a calendar file"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "cut off"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "no events"),
        (b"BEGIN:VCALENDAR" + b"A" * 1_100_000, "larger than 1024 KiB"),
        (calendar(*["BEGIN:VEVENT\r\nEND:VEVENT"] * (MOST_EVENTS + 1)), "more than 5000 events"),
        (calendar("BEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT"), "event 1: it has no DTSTART"),
        (calendar(event("x", ":yesterday")), "event 1: DTSTART cannot be read"),
        (calendar(event("x", STARTED, ";VALUE=DATE:20261201")), "ends before or when it begins"),
        (calendar(event("x", STARTED, ";VALUE=DATE:20261101")), "ends before or when it begins"),
        (calendar(event("x", ":20261201T080000Z")), "ends before or when it begins"),
        (calendar(event("x", STARTED, ":20261201T080000Z")), "not of the same kind"),
        (calendar(event("x", STARTED, ";VALUE=DATE:20991201")), "more than 400 days"),
        (calendar(event("x", ";VALUE=DATE:00011201")), "the year 1"),
        (calendar(event("x", ":20261201T080000Z", ":20261201T090000Z", "T", "RRULE:FREQ=SECONDLY")), "recurs secondly"),
        (recurring("FREQ=DAILY;BYSETPOS=1;BYDAY=TU"), "BYSETPOS"),
        (recurring("FREQ=DAILY;INTERVAL=0"), "INTERVAL"),
        (recurring("FREQ=DAILY;COUNT=99999999"), "COUNT"),
        (recurring("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "does not fit its own rule"),
        (recurring("FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1"), "does not fit"),
        (calendar(event("x", STARTED, "", "T", "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY")), "several rules"),
        (calendar(event("x", STARTED, "", "T", "EXRULE:FREQ=DAILY")), "EXRULE"),
        (recurring("nonsense"), "event 1"),
        (recurring("FREQ=DAILY", times=9), f"more than {MOST_HAPPENINGS}"),
        (recurring("FREQ=YEARLY", times=210), "more than 200 events recur"),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_calendar_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    """Huge, endless, damaged, or no calendar at all: in no time, and nothing is imported."""
    with pytest.raises(InvalidCommand) as told:
        read_calendar(content, "Europe/Paris", START)
    assert sentence in str(told.value)


def test_many_faults_are_told_at_once_but_not_all_of_thousands() -> None:
    many = [f"BEGIN:VEVENT\r\nUID:x{n}\r\nEND:VEVENT" for n in range(100)]
    with pytest.raises(InvalidCommand, match="and 80 more") as told:
        read_calendar(calendar(*many), "Europe/Paris", START)
    assert len(str(told.value).splitlines()) == 22


def test_an_imported_calendar_is_followed(team: Team) -> None:
    """Moved, cancelled, left out: by the identity of the event; what was recorded by hand stays."""
    mine, maud = team.actor("maud"), team["maud"]
    team.write(acts.add_absence, mine, maud, paris(12, 1), paris(12, 2), START)
    week = event("w", ";VALUE=DATE:20261207", ";VALUE=DATE:20261208", "Leave", "RRULE:FREQ=WEEKLY;COUNT=2")

    def follow(*events: str, is_whole: bool = False) -> tuple[int, int, int]:
        found = team.write(rota_imports.import_absences, mine, maud, reading(*events), START, is_whole=is_whole)
        return found.added, found.taken_back, found.kept

    assert follow(ALL_DAY, week) == (3, 0, 0)
    assert follow(ALL_DAY, week) == (0, 0, 3)
    later = event("a", ";VALUE=DATE:20261226", ";VALUE=DATE:20261229")
    assert follow(later) == (1, 1, 0)
    assert team.first(paris(12, 25)) != "maud" or maud not in team.read(acts.absent, paris(12, 25))
    assert maud in team.read(acts.absent, paris(12, 28))
    cancelled = event("w", ";VALUE=DATE:20261207", ";VALUE=DATE:20261208", "Leave", "STATUS:CANCELLED")
    assert follow(cancelled) == (0, 2, 0)
    assert follow(event("other", ";VALUE=DATE:20270110"), is_whole=True) == (1, 1, 0)
    assert maud not in team.read(acts.absent, paris(12, 28))
    assert maud in team.read(acts.absent, paris(12, 1))


def test_a_calendar_that_cancels_takes_back(sqlite_team: Team) -> None:
    mine, maud = sqlite_team.actor("maud"), sqlite_team["maud"]
    sqlite_team.write(rota_imports.import_absences, mine, maud, reading(ALL_DAY), START)
    cancelling = read_calendar(calendar(ALL_DAY, method="CANCEL"), "Europe/Paris", START)
    done = sqlite_team.write(rota_imports.import_absences, mine, maud, cancelling, START)
    assert (done.added, done.taken_back) == (0, 1)


def test_a_calendar_of_somebody_else_is_theirs_to_import(sqlite_team: Team) -> None:
    with pytest.raises(NotAllowed, match="your own calendar"):
        sqlite_team.write(
            rota_imports.import_absences, sqlite_team.actor("yanis"), sqlite_team["maud"], reading(ALL_DAY), START
        )
    sqlite_team.write(
        rota_imports.import_absences, sqlite_team.actor("noe"), sqlite_team["maud"], reading(ALL_DAY), START
    )


def test_shifts_of_a_calendar_go_to_whom_they_name(sqlite_team: Team) -> None:
    """By the only attendee with an account, else by the address or the name in the title."""
    first = event("1", ";VALUE=DATE:20261201", ";VALUE=DATE:20261202", "On call: Zoe")
    second = event("2", ";VALUE=DATE:20261202", ";VALUE=DATE:20261203", "On call", "ATTENDEE:mailto:Yanis@us.example")
    noe = sqlite_team.actor("noe")
    done = sqlite_team.write(rota_imports.import_shifts, noe, Level.FIRST, reading(first, second), START)
    assert (done.added, done.taken_back) == (2, 0)
    assert sqlite_team.first(paris(12, 1, 12)) == "zoe"
    assert sqlite_team.first(paris(12, 2, 12)) == "yanis"
    handed = event("1", ";VALUE=DATE:20261201", ";VALUE=DATE:20261202", "On call: maud@us.example")
    done = sqlite_team.write(rota_imports.import_shifts, noe, Level.FIRST, reading(handed), START)
    assert (done.added, done.taken_back) == (1, 1)
    assert sqlite_team.first(paris(12, 1, 12)) == "maud"


@pytest.mark.parametrize(
    ("title", "sentence"),
    [("On call", "names nobody"), ("Zoe or Yanis", "several people (Yanis, Zoe)"), ("Ida", "has the role viewer")],
)
def test_a_shift_of_nobody_in_particular_is_refused(sqlite_team: Team, title: str, sentence: str) -> None:
    some = reading(event("1", ";VALUE=DATE:20261201", ";VALUE=DATE:20261202", title))
    with pytest.raises(InvalidCommand) as told:
        sqlite_team.write(rota_imports.import_shifts, OPERATOR, Level.FIRST, some, START)
    assert sentence in str(told.value)


def test_shifts_that_overlap_are_refused(sqlite_team: Team) -> None:
    some = reading(event("1", ";VALUE=DATE:20261201", ";VALUE=DATE:20261204", "Zoe"),
                   event("2", ";VALUE=DATE:20261203", ";VALUE=DATE:20261205", "Yanis"))  # fmt: skip
    with pytest.raises(InvalidCommand, match="overlap"):
        sqlite_team.write(rota_imports.import_shifts, OPERATOR, Level.FIRST, some, START)
    with pytest.raises(NotAllowed):
        sqlite_team.write(rota_imports.import_shifts, sqlite_team.actor("maud"), Level.FIRST, some, START)
