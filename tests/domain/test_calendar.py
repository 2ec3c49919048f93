"""When a term ends, told with dates: weekends, holidays, both changes of the clocks, ends of years, odd zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.calendar import (
    Calendar,
    Language,
    Reading,
    is_working_day,
    public_holidays,
    reg_1182_71,
    strict,
    strict_end,
    strict_end_months,
    strict_months,
    words,
)
from breach_service.domain.calendar_steps import SENTENCES, StepRule

PARIS = ZoneInfo("Europe/Paris")
FR, AM = Calendar.FR, Calendar.FR_ALSACE_MOSELLE
LANGUAGES: tuple[Language, ...] = ("fr", "en")

# story; calendar; aware at; strict 72 hours; Regulation 1182/71 (all local, Europe/Paris)
PARIS_DATES = [
    # A plain week.
    ("monday, on the stroke of nine", FR, "2026-11-23T09:00+01:00", "2026-11-26T09:00+01:00", "2026-11-26T10:00+01:00"),
    ("tuesday, within an hour", FR, "2026-11-24T14:20+01:00", "2026-11-27T14:20+01:00", "2026-11-27T15:00+01:00"),
    ("one minute to midnight", FR, "2026-11-25T23:59+01:00", "2026-11-28T23:59+01:00", "2026-11-29T00:00+01:00"),
    ("thursday, over at the weekend", FR, "2026-11-26T10:15+01:00", "2026-11-29T10:15+01:00", "2026-11-29T11:00+01:00"),
    ("friday evening", FR, "2026-11-27T18:30+01:00", "2026-11-30T18:30+01:00", "2026-11-30T19:00+01:00"),
    ("saturday", FR, "2026-11-28T11:05+01:00", "2026-12-01T11:05+01:00", "2026-12-01T12:00+01:00"),
    ("sunday night", FR, "2026-11-29T22:00+01:00", "2026-12-02T22:00+01:00", "2026-12-02T23:00+01:00"),
    ("over on monday at 24:00", FR, "2026-11-27T23:30+01:00", "2026-11-30T23:30+01:00", "2026-12-02T00:00+01:00"),
    ("over on tuesday at 01:00", FR, "2026-11-28T00:30+01:00", "2026-12-01T00:30+01:00", "2026-12-01T01:00+01:00"),
    ("last day of february", FR, "2040-02-28T23:15+01:00", "2040-03-02T23:15+01:00", "2040-03-03T00:00+01:00"),
    # Easter and Whitsun.
    ("easter monday off", FR, "2026-04-03T17:10+02:00", "2026-04-06T17:10+02:00", "2026-04-08T00:00+02:00"),
    ("good friday off there", AM, "2026-04-02T16:40+02:00", "2026-04-05T16:40+02:00", "2026-04-08T00:00+02:00"),
    ("good friday worked here", FR, "2026-04-02T16:40+02:00", "2026-04-05T16:40+02:00", "2026-04-05T17:00+02:00"),
    ("easter saturday", FR, "2026-04-04T08:00+02:00", "2026-04-07T08:00+02:00", "2026-04-09T00:00+02:00"),
    ("good friday 2030", FR, "2030-04-19T09:10+02:00", "2030-04-22T09:10+02:00", "2030-04-24T00:00+02:00"),
    ("good friday 2030, all off", AM, "2030-04-19T09:10+02:00", "2030-04-22T09:10+02:00", "2030-04-25T00:00+02:00"),
    ("latest easter there is", FR, "2038-04-23T18:00+02:00", "2038-04-26T18:00+02:00", "2038-04-28T00:00+02:00"),
    ("whit monday off", FR, "2026-05-22T20:00+02:00", "2026-05-25T20:00+02:00", "2026-05-27T00:00+02:00"),
    ("whit saturday 2023", FR, "2023-05-27T10:00+02:00", "2023-05-30T10:00+02:00", "2023-06-01T00:00+02:00"),
    # May, summer, November.
    ("eve of labour day", FR, "2026-04-30T19:45+02:00", "2026-05-03T19:45+02:00", "2026-05-05T00:00+02:00"),
    ("on labour day", FR, "2026-05-01T10:00+02:00", "2026-05-04T10:00+02:00", "2026-05-06T00:00+02:00"),
    ("eve of the 8th of may", FR, "2026-05-07T12:30+02:00", "2026-05-10T12:30+02:00", "2026-05-12T00:00+02:00"),
    ("8 may, then ascension", FR, "2024-05-07T23:30+02:00", "2024-05-10T23:30+02:00", "2024-05-14T00:00+02:00"),
    ("ascension, bridge is worked", FR, "2021-05-12T18:00+02:00", "2021-05-15T18:00+02:00", "2021-05-15T19:00+02:00"),
    ("14 july on a saturday", FR, "2029-07-13T20:05+02:00", "2029-07-16T20:05+02:00", "2029-07-16T21:00+02:00"),
    ("14 july on a thursday", FR, "2033-07-13T23:59+02:00", "2033-07-16T23:59+02:00", "2033-07-19T00:00+02:00"),
    ("15 august on a saturday", FR, "2026-08-14T17:59+02:00", "2026-08-17T17:59+02:00", "2026-08-17T18:00+02:00"),
    ("11 november on a friday", FR, "2022-11-10T12:00+01:00", "2022-11-13T12:00+01:00", "2022-11-15T00:00+01:00"),
    # Ends of years.
    ("two days before christmas", FR, "2026-12-23T17:30+01:00", "2026-12-26T17:30+01:00", "2026-12-26T18:00+01:00"),
    ("christmas eve", FR, "2026-12-24T16:00+01:00", "2026-12-27T16:00+01:00", "2026-12-29T00:00+01:00"),
    ("26 december is a saturday", AM, "2026-12-24T16:00+01:00", "2026-12-27T16:00+01:00", "2026-12-29T00:00+01:00"),
    ("christmas 2025", FR, "2025-12-24T10:30+01:00", "2025-12-27T10:30+01:00", "2025-12-27T11:00+01:00"),
    ("26 december is a friday", AM, "2025-12-24T10:30+01:00", "2025-12-27T10:30+01:00", "2025-12-30T00:00+01:00"),
    ("christmas on a wednesday", FR, "2024-12-24T15:00+01:00", "2024-12-27T15:00+01:00", "2024-12-27T16:00+01:00"),
    ("christmas on a saturday", FR, "2027-12-24T16:00+01:00", "2027-12-27T16:00+01:00", "2027-12-27T17:00+01:00"),
    ("new year's eve", FR, "2026-12-31T22:10+01:00", "2027-01-03T22:10+01:00", "2027-01-05T00:00+01:00"),
    ("new year's eve, last hour", FR, "2020-12-31T23:30+01:00", "2021-01-03T23:30+01:00", "2021-01-06T00:00+01:00"),
    ("half past midnight, new year", FR, "2027-01-01T00:30+01:00", "2027-01-04T00:30+01:00", "2027-01-06T00:00+01:00"),
    # Clocks forward.
    ("clocks forward", FR, "2026-03-27T18:30+01:00", "2026-03-30T19:30+02:00", "2026-03-30T20:00+02:00"),
    ("just before they jump", FR, "2026-03-29T01:30+01:00", "2026-04-01T02:30+02:00", "2026-04-01T03:00+02:00"),
    ("clocks forward at easter", FR, "2027-03-26T14:45+01:00", "2027-03-29T15:45+02:00", "2027-03-31T00:00+02:00"),
    ("clocks forward on easter day", FR, "2035-03-23T18:30+01:00", "2035-03-26T19:30+02:00", "2035-03-28T00:00+02:00"),
    # Clocks back.
    ("clocks back", FR, "2026-10-23T18:30+02:00", "2026-10-26T17:30+01:00", "2026-10-26T18:00+01:00"),
    ("the hour shown twice, first", FR, "2026-10-25T02:30+02:00", "2026-10-28T01:30+01:00", "2026-10-28T02:00+01:00"),
    ("the hour shown twice, again", FR, "2026-10-25T02:30+01:00", "2026-10-28T02:30+01:00", "2026-10-28T03:00+01:00"),
    ("monday lacks its last hour", FR, "2026-10-23T23:30+02:00", "2026-10-26T22:30+01:00", "2026-10-28T00:00+01:00"),
    ("clocks back, then all saints", FR, "2032-10-29T18:30+02:00", "2032-11-01T17:30+01:00", "2032-11-03T00:00+01:00"),
]  # fmt: skip

# story; zone; aware at; end under Regulation 1182/71, French calendar
FAR_DATES = [
    ("quarter to", "Asia/Kathmandu", "2026-11-23T09:10+05:45", "2026-11-26T10:00+05:45"),
    ("half past, on the hour", "Asia/Kolkata", "2026-11-23T09:00+05:30", "2026-11-26T10:00+05:30"),
    ("clock jumps from 02:45 to 03:45", "Pacific/Chatham", "2026-09-27T02:30+12:45", "2026-09-30T04:00+13:45"),
    ("clock jumps by half an hour", "Australia/Lord_Howe", "2026-10-04T01:40+10:30", "2026-10-07T03:00+11:00"),
    ("clock goes back half an hour", "Australia/Lord_Howe", "2026-04-05T01:40+11:00", "2026-04-08T02:00+10:30"),
    ("still friday in guadeloupe", "America/Guadeloupe", "2026-11-28T01:10+01:00", "2026-11-30T21:00-04:00"),
    ("already saturday in nouméa", "Pacific/Noumea", "2026-11-27T13:50+01:00", "2026-12-02T00:00+11:00"),
]

ZONES = ("Europe/Paris", "UTC", "America/Guadeloupe", "Pacific/Noumea", "Asia/Kathmandu", "Asia/Kolkata",
         "Pacific/Chatham", "Australia/Lord_Howe", "America/St_Johns", "Africa/Cairo", "America/Santiago",
         "America/Nuuk", "Atlantic/Azores", "America/Adak", "Europe/London")  # fmt: skip
instants = st.datetimes(datetime(2018, 5, 25), datetime(2040, 12, 31), timezones=st.just(UTC))
zones = st.sampled_from([ZoneInfo(name) for name in ZONES])
terms = st.sampled_from([0, 0.5, 4, 24, 47, 48, 50, 71, 72, 96, 240])
calendars = st.sampled_from(Calendar)


def at(iso: str) -> datetime:
    """The instant of an ISO date."""
    return datetime.fromisoformat(iso)


def rules_of(reading: Reading) -> list[StepRule]:
    """What the steps of a reading do."""
    return [step.rule for step in reading.steps]


def nominal_end(reading: Reading) -> datetime | None:
    """Where the last hour expires, before Art. 3(5)."""
    return next(step.at for step in reading.steps if step.rule is StepRule.LAST_HOUR_EXPIRES)


def easter(year: int) -> date:
    """Easter Sunday after Meeus, Astronomical Algorithms, chapter 8."""
    a, (b, c) = year % 19, divmod(year, 100)
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    month, day = divmod(h + weekday - 7 * ((a + 11 * h + 22 * weekday) // 451) + 114, 31)
    return date(year, month, day + 1)


@pytest.mark.parametrize("row", PARIS_DATES, ids=lambda row: row[0])
def test_both_readings_end_to_the_minute(row: tuple[str, Calendar, str, str, str]) -> None:
    """72 hours from a known instant in France end exactly where a lawyer's calendar says."""
    _, calendar, trigger, strict_end_, reg_end = row
    assert strict(at(trigger), 72, PARIS).due_at == at(strict_end_)
    assert reg_1182_71(at(trigger), 72, PARIS, calendar).due_at == at(reg_end)


@pytest.mark.parametrize("row", FAR_DATES, ids=lambda row: row[0])
def test_the_local_hour_and_the_local_day_are_those_of_the_zone(row: tuple[str, str, str, str]) -> None:
    """Full hours and days are those that the clock on the wall of that zone shows."""
    _, zone, trigger, end = row
    assert reg_1182_71(at(trigger), 72, ZoneInfo(zone), FR).due_at == at(end)


def test_a_term_of_less_than_two_days_needs_no_working_day() -> None:
    """24 hours from the evening before Easter weekend end on Saturday."""
    reading = reg_1182_71(at("2026-04-03T17:10+02:00"), 24, PARIS, FR)
    assert reading.due_at == at("2026-04-04T18:00+02:00")
    assert rules_of(reading)[-1] is StepRule.SHORTER_THAN_TWO_DAYS


def test_two_days_of_easter_with_no_work_at_all_run_to_the_second_working_day() -> None:
    """48 hours over Easter Sunday and Monday touch no working day: the end moves to Wednesday 24:00."""
    reading = reg_1182_71(at("2026-04-04T23:30+02:00"), 48, PARIS, FR)
    assert reading.due_at == at("2026-04-09T00:00+02:00")
    assert StepRule.NO_WORKING_DAY in rules_of(reading)


MONTHS = [
    ("same day next month", PARIS, "2026-11-23T09:00+01:00", 1, "2026-12-23T09:00+01:00"),
    ("january has no match in february", PARIS, "2027-01-31T09:00+01:00", 1, "2027-02-28T09:00+01:00"),
    ("leap year", PARIS, "2028-01-31T09:00+01:00", 1, "2028-02-29T09:00+01:00"),
    ("over the new year", PARIS, "2026-12-31T23:30+01:00", 2, "2027-02-28T23:30+01:00"),
    ("twelve months from december", PARIS, "2026-12-05T08:00+01:00", 12, "2027-12-05T08:00+01:00"),
    ("into summer time", PARIS, "2026-03-15T09:00+01:00", 1, "2026-04-15T09:00+02:00"),
    ("into winter time", PARIS, "2026-10-15T09:00+02:00", 1, "2026-11-15T09:00+01:00"),
    ("a time that is skipped", PARIS, "2026-01-29T02:30:15+01:00", 2, "2026-03-29T03:00+02:00"),
    ("a time shown twice", PARIS, "2026-09-25T02:30+02:00", 1, "2026-10-25T02:30+02:00"),
    ("midnight is skipped", ZoneInfo("Africa/Cairo"), "2026-03-24T00:30+02:00", 1, "2026-04-24T01:00+03:00"),
    ("the day is the local one", PARIS, "2026-11-30T23:30+00:00", 2, "2027-02-01T00:30+01:00"),
]


@pytest.mark.parametrize("row", MONTHS, ids=lambda row: row[0])
def test_calendar_months_keep_the_day_and_the_local_time(row: tuple[str, ZoneInfo, str, int, str]) -> None:
    """A month is a month: same day, same time on the wall, the last day where there is no such day."""
    _, zone, trigger, months, end = row
    assert strict_end_months(at(trigger), months, zone) == at(end)
    assert strict_months(at(trigger), months, zone).due_at == at(end)


@given(instants, st.integers(1, 60), zones)
def test_months_never_end_early_and_more_months_end_later(trigger: datetime, months: int, zone: ZoneInfo) -> None:
    """A term of n months lasts at least 28 days a month, less what the clocks take."""
    due_at = strict_end_months(trigger, months, zone)
    assert due_at >= trigger + months * timedelta(days=28) - timedelta(hours=3)
    assert strict_end_months(trigger, months + 1, zone) > due_at


def test_naive_instants_and_impossible_terms_are_refused() -> None:
    """An instant without an offset could be an hour wrong: nothing is guessed, and the message says what to write."""
    naive = datetime(2026, 11, 27, 18, 30)
    with pytest.raises(ValueError, match="write it like 2026"):
        strict_end(naive, 72)
    with pytest.raises(ValueError, match="no offset"):
        strict(naive, 72, PARIS)
    with pytest.raises(ValueError, match="no offset"):
        reg_1182_71(naive, 72, PARIS, FR)
    with pytest.raises(ValueError, match="no offset"):
        strict_months(naive, 1, PARIS)
    with pytest.raises(ValueError, match="from 1 up"):
        strict_end_months(at("2026-11-27T18:30Z"), 0, PARIS)
    for hours in (-1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="zero or more"):
            strict_end(at("2026-11-27T18:30Z"), hours)


@given(instants, instants, terms, zones)
def test_strict_hours_elapse_exactly_in_every_zone(
    one: datetime, other: datetime, hours: float, zone: ZoneInfo
) -> None:
    """72 hours are 72 hours across both changes of the clocks, wherever the trigger was written, and keep the order."""
    due_at = strict(one.astimezone(zone), hours, zone).due_at
    assert due_at - one == timedelta(hours=hours)
    assert due_at.tzinfo is UTC
    assert (strict_end(other, hours) >= due_at) is (other >= one)


@given(instants, terms, zones, zones, calendars)
def test_the_regulation_never_ends_before_the_strict_reading(
    trigger: datetime, hours: float, zone: ZoneInfo, written_in: ZoneInfo, calendar: Calendar
) -> None:
    """Whoever meets the strict date meets both, whatever zone the trigger was written in."""
    reading = reg_1182_71(trigger, hours, zone, calendar)
    assert reading.due_at > strict_end(trigger, hours)
    assert reading.due_at.tzinfo is UTC
    assert reg_1182_71(trigger.astimezone(written_in), hours, zone, calendar) == reading


@given(instants, zones)
def test_the_period_starts_at_the_next_full_hour_on_the_wall(trigger: datetime, zone: ZoneInfo) -> None:
    """It starts on a full local hour, after the trigger, with no full hour in between."""
    starts_at = reg_1182_71(trigger, 0, zone, FR).due_at
    assert starts_at > trigger
    assert starts_at.astimezone(zone).minute == starts_at.second == starts_at.microsecond == 0
    minute = trigger.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while minute < starts_at:
        assert minute.astimezone(zone).minute != 0
        minute += timedelta(minutes=1)


@given(instants, st.sampled_from([48, 50, 72, 96, 240]), zones, calendars)
def test_two_days_or_more_touch_two_working_days(
    trigger: datetime, hours: float, zone: ZoneInfo, calendar: Calendar
) -> None:
    """Art. 3(5) holds for every result, and no day more is given than it takes."""
    reading = reg_1182_71(trigger, hours, zone, calendar)
    starts_at = next(step.at for step in reading.steps if step.rule is StepRule.EVENT_HOUR_NOT_COUNTED)
    assert starts_at is not None
    quarters = range(int((reading.due_at - starts_at) / timedelta(minutes=15)))
    days = {(starts_at + n * timedelta(minutes=15)).astimezone(zone).date() for n in quarters}
    working = {day for day in days if is_working_day(day, calendar)}
    assert len(working) >= 2
    if reading.due_at != nominal_end(reading):
        assert len(working) == 2
        assert max(working) == max(days)
        assert (reading.due_at - timedelta.resolution).astimezone(zone).date() == max(days)
        assert reading.due_at.astimezone(zone).date() > max(days)


@given(instants, st.timedeltas(timedelta(0), timedelta(days=8)), terms, zones, calendars)
def test_a_later_trigger_ends_later_unless_art_3_5_lifts_the_earlier_one(
    trigger: datetime, wait: timedelta, hours: float, zone: ZoneInfo, calendar: Calendar
) -> None:
    """Order is kept before Art. 3(5) and among periods that it extends; only an extension may overtake."""
    earlier = reg_1182_71(trigger, hours, zone, calendar)
    later = reg_1182_71(trigger + wait, hours, zone, calendar)
    before, after = nominal_end(earlier), nominal_end(later)
    assert before is not None
    assert after is not None
    assert before <= after
    if later.due_at < earlier.due_at:
        assert StepRule.EXTENDED_TO_SECOND_WORKING_DAY in rules_of(earlier)
        assert StepRule.EXTENDED_TO_SECOND_WORKING_DAY not in rules_of(later)
        assert (earlier.due_at - after) <= timedelta(hours=25)


@pytest.mark.parametrize("year", range(2020, 2041))
def test_holidays_are_those_of_the_labour_code(year: int) -> None:
    """Eleven days everywhere in France, two more in Alsace and Moselle, with Easter reckoned independently."""
    fixed = {date(year, *day) for day in ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))}
    movable = {easter(year) + timedelta(days=n) for n in (1, 39, 50)}
    assert set(public_holidays(FR, year)) == fixed | movable
    local = {easter(year) - timedelta(days=2), date(year, 12, 26)}
    assert set(public_holidays(AM, year)) == fixed | movable | local


def test_holidays_have_french_and_english_names() -> None:
    """The names follow the language that is asked for, not the machine."""
    assert public_holidays(AM, 2026, "fr")[date(2026, 4, 3)] == "Vendredi saint"
    assert public_holidays(AM, 2026, "en")[date(2026, 4, 3)] == "Good Friday"
    assert public_holidays(FR, 2026, "fr")[date(2026, 1, 1)] == "Jour de l’an"


def test_a_year_without_known_holidays_is_refused() -> None:
    """A year beyond the package's knowledge is not silently a year without holidays."""
    with pytest.raises(ValueError, match="2150"):
        is_working_day(date(2150, 1, 1), FR)


def test_every_step_says_its_sentence_in_french() -> None:
    """The day before Easter weekend is explained step by step, with local times and their offset."""
    reading = reg_1182_71(at("2026-04-03T15:10Z"), 72, PARIS, FR)
    said = [words(step, "fr", PARIS).replace("\u00a0", " ") for step in reading.steps]
    assert said == [
        "Le délai se compte à partir du vendredi 3 avril 2026 à 17 h 10 (UTC+02:00).",
        "L’heure au cours de laquelle survient l’événement n’est pas comptée (règlement 1182/71, art. 3(1)) : "
        "la période commence le vendredi 3 avril 2026 à 18 h 00 (UTC+02:00).",
        "La période de 72 heures comprend les week-ends et les jours fériés (art. 3(3)) et prend fin à "
        "l’expiration de sa dernière heure (art. 3(2)(a)) : le lundi 6 avril 2026 à 18 h 00 (UTC+02:00).",
        "La période ne touche qu’un seul jour ouvrable : vendredi 3 avril 2026. "
        "Jours fériés touchés : lundi 6 avril 2026 (Lundi de Pâques).",
        "Toute période de deux jours ou plus comprend au moins deux jours ouvrables (art. 3(5)) : celle-ci est "
        "prolongée jusqu’à la fin du mardi 7 avril 2026, soit le mercredi 8 avril 2026 à 0 h 00 (UTC+02:00).",
    ]


def test_a_change_of_the_clocks_is_explained() -> None:
    """Whoever sees 17:30 where 18:30 was expected is told why."""
    reading = strict(at("2026-10-23T16:30Z"), 72, PARIS)
    assert [words(step, "en", PARIS) for step in reading.steps] == [
        "The term is counted from Friday 23 October 2026 at 18:30 (UTC+02:00).",
        "The clocks change in between (UTC+02:00, then UTC+01:00): hours that really elapse are counted, "
        "so that the clock shows another time at the end.",
        "The term of 72 hours runs without a break, nights, weekends and public holidays included: "
        "it ends on Monday 26 October 2026 at 17:30 (UTC+01:00).",
    ]


def test_a_weekend_end_that_stays_is_explained() -> None:
    """A period that ends on a Sunday says that Art. 3(4) does not move it; the first of a month is « 1er »."""
    reading = reg_1182_71(at("2026-10-29T10:15+01:00"), 72, PARIS, FR)
    assert reading.due_at == at("2026-11-01T11:00+01:00")
    assert rules_of(reading)[-1] is StepRule.NOT_MOVED_OFF_DAY_OFF
    assert any("dimanche 1er novembre 2026 à 11 h 00" in words(step, "fr", PARIS) for step in reading.steps)


def test_a_short_month_is_explained() -> None:
    """The steps say that the last day of a short month was taken, and count months in words."""
    steps = strict_months(at("2027-01-31T09:00+01:00"), 1, PARIS).steps
    said = [words(step, "fr", PARIS).replace("\u00a0", " ") for step in steps]
    assert said[1] == "Le mois d’arrivée n’a pas de 31 : son dernier jour est retenu."
    assert said[2].startswith("Le délai de 1 mois")


@given(instants, terms, zones, calendars)
def test_every_step_can_be_said_in_both_languages(
    trigger: datetime, hours: float, zone: ZoneInfo, calendar: Calendar
) -> None:
    """No reading has a step without a whole sentence, and its last instant is the one that is due."""
    for reading in (strict(trigger, hours, zone), reg_1182_71(trigger, hours, zone, calendar)):
        assert [step.at for step in reading.steps if step.at][-1] == reading.due_at
        for step in reading.steps:
            for language in LANGUAGES:
                said = words(step, language, zone)
                assert said.endswith(".")
                assert "{" not in said


def test_every_rule_has_its_sentence() -> None:
    """A step that nobody can explain does not exist."""
    assert set(SENTENCES) == set(StepRule)
    assert all(text.en for text in SENTENCES.values())
