"""Who is on call: at most one person a level at every instant, at the same local time in summer and in winter."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.calendar import Calendar
from breach_service.domain.rota import (
    LONGEST_LOOK,
    Absence,
    DayKind,
    Level,
    OnCall,
    Override,
    Rota,
    Turns,
    WorkingHours,
    gaps,
    holiday_on,
    is_working_time,
    kind_of_day,
    next_shifts,
    on_call,
    shifts,
)

PARIS = ZoneInfo("Europe/Paris")
ALICE, BOB, CLEO, DORA, EVE = 1, 2, 3, 4, 5
MONDAY = date(2026, 10, 19)
"""The clocks go back on Sunday 25 October 2026, within the first turn."""
HOURS = WorkingHours(frozenset(range(5)), time(9), time(18))
WEEKS = Turns((ALICE, BOB, CLEO), 7, MONDAY, time(9))
ROTA = Rota("Europe/Paris", WEEKS, Turns((BOB, CLEO, ALICE), 7, MONDAY, time(9)), DORA, EVE, HOURS, Calendar.FR)


def paris(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


def away(person: int, since: datetime, until: datetime) -> Absence:
    return Absence(person, since, until)


def test_each_in_the_list_has_a_week_and_then_it_begins_again() -> None:
    mondays = [paris(10, 19, 9), paris(10, 26, 9), paris(11, 2, 9), paris(11, 9, 9)]
    firsts = [on_call(ROTA, (), (), one).first for one in mondays]
    assert firsts == [ALICE, BOB, CLEO, ALICE]


def test_a_week_before_the_first_day_belongs_to_the_last_of_the_list() -> None:
    """The rota has no beginning: a hole before its first day would be a night without anybody."""
    assert on_call(ROTA, (), (), paris(10, 19, 8, 59)).first == CLEO


@pytest.mark.parametrize(("month", "day"), [(10, 26), (3, 29)])
def test_hand_over_after_a_change_of_the_clocks_is_at_the_same_local_time(month: int, day: int) -> None:
    """Sunday has 25 or 23 hours; whoever hands over at nine does so at nine."""
    turns = Turns((ALICE, BOB), 7, date(2026, month, day), time(9))
    rota = Rota("Europe/Paris", turns)
    before, at = paris(month, day, 8, 59), paris(month, day, 9)
    assert (on_call(rota, (), (), before).first, on_call(rota, (), (), at).first) == (BOB, ALICE)


def test_a_turn_over_the_end_of_summer_time_lasts_an_hour_more() -> None:
    found = shifts(ROTA, (), (), Level.FIRST, paris(10, 19, 9), paris(11, 2, 9))
    assert [one.to_at - one.from_at for one in found] == [timedelta(hours=169), timedelta(hours=168)]


@pytest.mark.parametrize(("hour", "minute"), [(2, 0), (2, 30)])
def test_a_hand_over_at_an_hour_that_the_clock_skips_is_when_it_skips_it(hour: int, minute: int) -> None:
    """On 29 March 2026 there is no 02:30 in Paris; the night has somebody all the same."""
    turns = Turns((ALICE, BOB), 1, date(2026, 3, 29), time(hour, minute))
    rota = Rota("Europe/Paris", turns)
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert on_call(rota, (), (), jump - timedelta(minutes=1)).first == BOB
    assert on_call(rota, (), (), jump).first == ALICE


def test_a_hand_over_at_an_hour_that_comes_twice_happens_once() -> None:
    turns = Turns((ALICE, BOB), 1, date(2026, 10, 25), time(2, 30))
    rota = Rota("Europe/Paris", turns)
    found = shifts(rota, (), (), Level.FIRST, paris(10, 24, 12), paris(10, 26, 12))
    assert [one.person for one in found] == [BOB, ALICE, BOB]
    assert found[1].from_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert found[1].to_at - found[1].from_at == timedelta(hours=25)


def test_the_turn_of_somebody_who_is_away_falls_to_the_next_in_order() -> None:
    at = paris(10, 20, 12)
    assert on_call(ROTA, (), [away(ALICE, at, at + timedelta(hours=1))], at) == OnCall(BOB, CLEO, DORA, EVE)
    both = [away(ALICE, at, at + timedelta(hours=1)), away(BOB, at, at + timedelta(hours=1))]
    assert on_call(ROTA, (), both, at) == OnCall(CLEO, None, DORA, EVE)


def test_an_absence_ends_at_its_end() -> None:
    at = paris(10, 20, 12)
    assert on_call(ROTA, (), [away(ALICE, at - timedelta(hours=1), at)], at).first == ALICE


def test_an_override_holds_between_its_instants_and_the_later_one_wins() -> None:
    night = Override(1, Level.FIRST, CLEO, paris(10, 20, 20), paris(10, 21, 8))
    again = Override(2, Level.FIRST, BOB, paris(10, 21, 0), paris(10, 21, 4))
    found = shifts(ROTA, [night, again], (), Level.FIRST, paris(10, 20, 18), paris(10, 21, 10))
    assert [one.person for one in found] == [ALICE, CLEO, BOB, CLEO, ALICE]


def test_an_override_of_somebody_who_is_away_leaves_the_rota_as_it_was() -> None:
    """A promise that cannot be kept must not leave the night empty."""
    night = Override(1, Level.FIRST, CLEO, paris(10, 20, 20), paris(10, 21, 8))
    gone = [away(CLEO, paris(10, 20), paris(10, 22))]
    assert on_call(ROTA, [night], gone, paris(10, 20, 22)).first == ALICE


def test_nobody_is_called_first_and_second() -> None:
    night = Override(1, Level.FIRST, BOB, paris(10, 20, 20), paris(10, 21, 8))
    assert on_call(ROTA, [night], (), paris(10, 20, 22)) == OnCall(BOB, CLEO, DORA, EVE)


def test_an_absent_officer_leaves_the_deputy_and_only_both_make_a_gap() -> None:
    day = paris(10, 20)
    one = [away(DORA, day, day + timedelta(days=1))]
    assert on_call(ROTA, (), one, day) == OnCall(ALICE, BOB, None, EVE)
    assert gaps(ROTA, (), one, day, day + timedelta(days=2)) == ()
    both = [*one, away(EVE, day + timedelta(hours=6), day + timedelta(hours=9))]
    (gap,) = gaps(ROTA, (), both, day, day + timedelta(days=2))
    assert (gap.level, gap.person) == (Level.DPO, None)
    assert (gap.from_at, gap.to_at) == (day + timedelta(hours=6), day + timedelta(hours=9))


def test_a_gap_is_when_all_of_a_level_are_away() -> None:
    christmas = paris(12, 24, 18), paris(12, 27, 9)
    everybody = [away(one, *christmas) for one in (ALICE, BOB, CLEO)]
    found = gaps(ROTA, (), everybody, paris(12, 1), paris(12, 31))
    assert [(one.level, one.from_at, one.to_at) for one in found] == [
        (Level.FIRST, *christmas), (Level.SECOND, *christmas),
    ]  # fmt: skip


def test_a_level_that_the_rota_does_not_have_is_no_gap() -> None:
    alone = Rota("Europe/Paris", Turns((ALICE,), 7, MONDAY, time(9)))
    assert gaps(alone, (), (), paris(10, 1), paris(12, 1)) == ()


def test_the_next_shifts_of_a_person_are_those_of_both_levels_in_order() -> None:
    found = next_shifts(ROTA, (), (), BOB, paris(10, 20), 3)
    assert [one.level for one in found] == [Level.SECOND, Level.FIRST, Level.SECOND]
    assert found[1].from_at == paris(10, 26, 9)


def test_who_is_called_in_order_is_everybody_once() -> None:
    assert OnCall(1, None, 3, 1).in_order == (1, 3)


def test_looking_further_than_a_year_is_refused() -> None:
    with pytest.raises(ValueError, match="400 days"):
        gaps(ROTA, (), (), paris(10, 1), paris(10, 1) + LONGEST_LOOK + timedelta(days=1))


def test_public_holidays_are_those_of_the_chosen_calendar() -> None:
    """Good Friday is one in Alsace and Moselle only."""
    good_friday = date(2026, 4, 3)
    alsace = Rota("Europe/Paris", WEEKS, holidays=Calendar.FR_ALSACE_MOSELLE)
    assert kind_of_day(ROTA, good_friday) is DayKind.WORKING
    assert kind_of_day(alsace, good_friday) is DayKind.HOLIDAY
    assert holiday_on(ROTA, date(2026, 11, 11)) == "Armistice"
    assert kind_of_day(Rota("Europe/Paris", WEEKS), date(2026, 11, 11)) is DayKind.WORKING


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (paris(10, 20, 9), True),
        (paris(10, 20, 8, 59), False),
        (paris(10, 20, 18), False),
        (paris(10, 24, 10), False),
        (paris(11, 11, 10), False),
    ],
)
def test_working_time_is_within_the_hours_of_a_working_day(at: datetime, expected: bool) -> None:
    assert is_working_time(ROTA, at) is expected


def test_without_working_hours_no_time_is_working_time() -> None:
    assert not is_working_time(Rota("Europe/Paris", WEEKS), paris(10, 20, 10))


ZONES = ("Europe/Paris", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Beirut", "Pacific/Apia", "America/Atka")
people = st.lists(st.integers(1, 5), min_size=1, max_size=4, unique=True).map(tuple)
turns = st.builds(
    Turns, people, st.integers(1, 21), st.dates(date(2000, 1, 1), date(2030, 12, 31)),
    st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30))),
)  # fmt: skip
rotas = st.builds(
    Rota, st.sampled_from(ZONES), turns, st.none() | turns, st.none() | st.just(8), st.none() | st.just(9)
)
instants = st.datetimes(datetime(2005, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


@st.composite
def spans(draw: st.DrawFn, around: datetime) -> tuple[datetime, datetime]:
    since = around + timedelta(minutes=draw(st.integers(-20_000, 40_000)))
    return since, since + timedelta(minutes=draw(st.integers(1, 30_000)))


@st.composite
def stories(draw: st.DrawFn) -> tuple[Rota, list[Override], list[Absence], datetime, datetime]:
    at = draw(instants)
    gone = [Absence(draw(st.integers(1, 9)), *draw(spans(at))) for _ in range(draw(st.integers(0, 4)))]
    level, person = st.sampled_from(Level), st.integers(1, 9)
    taken = [Override(n, draw(level), draw(person), *draw(spans(at))) for n in range(draw(st.integers(0, 4)))]
    return draw(rotas), taken, gone, at, at + timedelta(days=draw(st.integers(1, 40)))


@given(stories(), st.integers(0, 40 * 24 * 60))
def test_at_every_instant_the_shifts_say_what_on_call_says(story: tuple, minutes: int) -> None:
    """At most one person a level, nobody both first and second, nobody who is away."""
    rota, taken, gone, from_at, to_at = story
    at = min(from_at + timedelta(minutes=minutes), to_at - timedelta(minutes=1))
    who = on_call(rota, taken, gone, at)
    for level in Level:
        (held,) = [
            one for one in shifts(rota, taken, gone, level, from_at, to_at) if one.from_at <= at < one.to_at
        ]  # fmt: skip
        assert held.person == who.on(level)
    assert who.first is None or who.first != who.second
    assert not {one.person for one in gone if one.covers(at)} & set(who.in_order)


@given(stories())
def test_the_shifts_of_a_level_partition_the_time(story: tuple) -> None:
    """From the first instant to the last without a hole, without an overlap, none empty, neighbours differ."""
    rota, taken, gone, from_at, to_at = story
    for level in Level:
        found = shifts(rota, taken, gone, level, from_at, to_at)
        assert (found[0].from_at, found[-1].to_at) == (from_at, to_at)
        for before, after in pairwise(found):
            assert before.to_at == after.from_at
            assert before.person != after.person
        assert all(one.from_at < one.to_at for one in found)


@given(rotas, instants)
def test_hand_over_is_at_its_local_time_in_summer_and_winter(rota: Rota, at: datetime) -> None:
    """Where the clock shows that time; where it skips it, at the instant of the jump, later on the clock."""
    zone, level = rota.clock, rota.first
    for one in level.hand_overs(at, at + timedelta(days=60), zone):
        local = one.astimezone(zone)
        wall = datetime.combine(local.date(), level.hand_over_at)
        exists = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall
        if exists and (local.date() - level.starts_on).days % level.days == 0:
            assert local.time() == level.hand_over_at
        else:  # a time or, on an island that changed sides of the date line, a day that does not exist
            assert one.astimezone(zone).utcoffset() != (one - timedelta(minutes=1)).astimezone(zone).utcoffset()
