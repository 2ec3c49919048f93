"""When does a term end? Terms in hours and in calendar months, with every step of the reckoning in words.

Two readings of a term in hours stand side by side. `strict` is the operative one: elapsed hours from the trigger, to
the minute. `reg_1182_71` reads the same term under Regulation (EEC, Euratom) No 1182/71, Art. 2 and 3; it never ends
earlier, and is shown as an argument only. A term set by a contract or by a promise of ours is outside that Regulation.

Instants that come in are aware datetimes in any zone; instants that go out are in UTC. Hours are real hours: adding 72
of them to a local time would be one hour wrong across a change of the clocks, so all arithmetic is done in UTC.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from itertools import count
from types import MappingProxyType
from typing import Literal

from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.units import format_unit
from holidays import country_holidays

from breach_service.domain.calendar_steps import SENTENCES, StepRule

Language = Literal["fr", "en"]


class Calendar(StrEnum):
    """Whose public holidays count: where the action is taken (Regulation 1182/71, Art. 2(1))."""

    FR = "FR"
    """Code du travail, L3133-1."""
    FR_ALSACE_MOSELLE = "FR-Alsace-Moselle"
    """With Good Friday and 26 December (code du travail, L3134-13)."""


# No free text: for the region ("GES") the library adds no day and does not say so, and it refuses 67 and 68.
_SUBDIVISION = {Calendar.FR: None, Calendar.FR_ALSACE_MOSELLE: "57"}


@lru_cache(maxsize=256)
def public_holidays(calendar: Calendar, year: int, language: Language = "fr") -> Mapping[date, str]:
    """The public holidays of one year with their names; ValueError for a year that the holidays package lacks."""
    # The language is always given, because the library would otherwise take it from the environment.
    spoken = "fr" if language == "fr" else "en_US"
    found = country_holidays("FR", subdiv=_SUBDIVISION[calendar], years=year, expand=False, language=spoken)
    if not found:
        raise ValueError(f"the holidays package knows no public holidays of {calendar} in {year}: is the date right?")
    return MappingProxyType({day: name.replace("'", "’") for day, name in sorted(found.items())})


def is_working_day(day: date, calendar: Calendar) -> bool:
    """Neither a Saturday, nor a Sunday, nor a public holiday (Regulation 1182/71, Art. 2(2)); a bridge day is one."""
    return day.weekday() < 5 and day not in public_holidays(calendar, day.year)


@dataclass(frozen=True)
class Step:
    """One step of a reckoning, in machine words; `words` makes a sentence of it.

    `at` is the instant that the step arrives at (UTC), if any. `params` hold numbers as digits, days as ISO dates
    (several are joined by a comma), offsets from UTC as `+01:00`.
    """

    rule: StepRule
    at: datetime | None = None
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """When a term ends under one way of counting (UTC), and the steps that lead there."""

    due_at: datetime
    steps: tuple[Step, ...]


def strict_end(trigger_at: datetime, hours: float) -> datetime:
    """The instant that many elapsed hours after the trigger, in UTC; ValueError for a naive trigger."""
    if not 0 <= hours < float("inf"):
        raise ValueError(f"a term is a number of hours, zero or more, not {hours}")
    return _in_utc(trigger_at) + timedelta(hours=hours)


def strict_end_months(trigger_at: datetime, months: int, zone: tzinfo) -> datetime:
    """The same local time on the same day of the month, that many months later, in UTC.

    Where that month is too short its last day is taken; where the clocks skip that time, the instant at which they
    do; where they show it twice, the first. ValueError for a naive trigger or less than one month.
    """
    if months < 1:
        raise ValueError(f"a term in calendar months is a whole number from 1 up, not {months}")
    local = _in_utc(trigger_at).astimezone(zone)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return first_instant_at(local.replace(year=year, month=month + 1, day=day, tzinfo=None), zone)


def working_end(trigger_at: datetime, hours: float, zone: tzinfo, calendar: Calendar) -> datetime:
    """The instant that many hours of working days after the trigger, in UTC; ValueError for a naive trigger.

    All the hours of a working day count, not those of an office alone: a contract that does not say which hours it
    means must not be read to our advantage. They are real hours, on the days on which the clocks change too.
    """
    if not 0 <= hours < float("inf"):
        raise ValueError(f"a term is a number of hours, zero or more, not {hours}")
    at, left = _in_utc(trigger_at), timedelta(hours=hours)
    for day in _days_from(at.astimezone(zone).date()):
        midnight = first_instant_at(datetime.combine(day + timedelta(days=1), time()), zone)
        if not is_working_day(day, calendar):
            at = midnight
        elif at + left <= midnight:
            return at + left
        else:
            at, left = midnight, left - (midnight - at)
    raise ValueError(f"{hours} working hours after {trigger_at} is beyond every calendar")


def _days_from(first: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in count())


def strict(trigger_at: datetime, hours: float, zone: tzinfo) -> Reading:
    """Elapsed hours from the trigger: the operative reading. The zone serves the explanation only."""
    due_at = strict_end(trigger_at, hours)
    elapsed = Step(StepRule.ELAPSED_HOURS, due_at, {"hours": f"{hours:g}"})
    return Reading(due_at, (_trigger(trigger_at), *_clock_change(trigger_at, due_at, zone), elapsed))


def strict_months(trigger_at: datetime, months: int, zone: tzinfo) -> Reading:
    """Calendar months from the trigger, as `strict_end_months` counts them, with the steps."""
    due_at = strict_end_months(trigger_at, months, zone)
    day = trigger_at.astimezone(zone).day
    steps = [_trigger(trigger_at)]
    if due_at.astimezone(zone).day != day:
        steps.append(Step(StepRule.LAST_DAY_OF_MONTH, params={"day_of_month": str(day)}))
    return Reading(due_at, (*steps, Step(StepRule.CALENDAR_MONTHS, due_at, {"months": str(months)})))


def reg_1182_71(trigger_at: datetime, hours: float, zone: tzinfo, calendar: Calendar) -> Reading:
    """The term under Regulation 1182/71, with the prudent reading of Art. 3(5): a working day touched counts.

    The hour of the event is not counted (Art. 3(1)), the period ends when its last hour expires (Art. 3(2)(a)), days
    off are included (Art. 3(3)) and do not move the end (Art. 3(4)); a period of two days or more that touches fewer
    than two working days ends at 24:00 of the day that makes two (Art. 3(5)). ValueError for a naive trigger.

    A later trigger may therefore end earlier: a period from Saturday 00:00 to Monday 24:00 touches Monday only and is
    extended to Tuesday 24:00, while one that starts an hour later touches Tuesday and ends there at 01:00.
    """
    starts_at = _next_full_hour(_in_utc(trigger_at), zone)
    ends_at = strict_end(starts_at, hours)
    steps = (
        _trigger(trigger_at),
        Step(StepRule.EVENT_HOUR_NOT_COUNTED, starts_at),
        *_clock_change(starts_at, ends_at, zone),
        Step(StepRule.LAST_HOUR_EXPIRES, ends_at, {"hours": f"{hours:g}"}),
    )
    if hours < _TWO_DAYS_IN_HOURS:
        return Reading(ends_at, (*steps, Step(StepRule.SHORTER_THAN_TWO_DAYS)))
    due_at, last_steps = _with_two_working_days(starts_at, ends_at, zone, calendar)
    return Reading(due_at, (*steps, *last_steps))


_TWO_DAYS_IN_HOURS = 48


def _with_two_working_days(
    starts_at: datetime, ends_at: datetime, zone: tzinfo, calendar: Calendar
) -> tuple[datetime, tuple[Step, ...]]:
    """Art. 3(5): the end, extended where fewer than two working days are touched, and why."""
    first = starts_at.astimezone(zone).date()
    # The end is not part of the period: one that ends on Tuesday at 00:00 ends on Monday at 24:00.
    last = (ends_at - timedelta.resolution).astimezone(zone).date()
    touched = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    working = [day for day in touched if is_working_day(day, calendar)]
    off = [day for day in touched if day in public_holidays(calendar, day.year)]
    params = {"calendar": str(calendar), "working_days": _joined(working), "public_holidays": _joined(off)}
    if len(working) >= 2:
        enough = Step(StepRule.TWO_WORKING_DAYS, params=params)
        return ends_at, (enough,) if last in working else (enough, Step(StepRule.NOT_MOVED_OFF_DAY_OFF))
    days_to_come = _working_days_from(first, calendar)
    next(days_to_come)
    second = next(days_to_come)
    due_at = first_instant_at(datetime.combine(second + timedelta(days=1), time()), zone)
    too_few = StepRule.ONE_WORKING_DAY if working else StepRule.NO_WORKING_DAY
    extended = Step(StepRule.EXTENDED_TO_SECOND_WORKING_DAY, due_at, {"day": second.isoformat()})
    return due_at, (Step(too_few, params=params), extended)


def _working_days_from(first: date, calendar: Calendar) -> Iterator[date]:
    days = (first + timedelta(days=n) for n in count())
    return (day for day in days if is_working_day(day, calendar))


def _joined(days: list[date]) -> str:
    return ",".join(day.isoformat() for day in days)


def _in_utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError(f"{instant.isoformat()} has no offset from UTC: write it like 2026-11-27T18:30:00+01:00")
    return instant.astimezone(UTC)


def _next_full_hour(instant: datetime, zone: tzinfo) -> datetime:
    """The first instant after this one at which the local clock shows a full hour."""
    # Minute by minute: clocks are off UTC by half-hours and quarters, and some jump by half an hour (Lord Howe).
    minute = instant.replace(second=0, microsecond=0)
    minutes = (minute + timedelta(minutes=n) for n in count(1))
    return next(one for one in minutes if one.astimezone(zone).minute == 0)


def first_instant_at(wall: datetime, zone: tzinfo) -> datetime:
    """The first instant at which the local clock shows this naive time, or jumps over it."""
    earliest = min(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if earliest.astimezone(zone).replace(tzinfo=None) == wall:
        return earliest
    # The clock jumps over it: both readings of `fold` miss it, the earlier one lies before the jump.
    before = earliest.replace(second=0, microsecond=0)
    minutes = (before + timedelta(minutes=n) for n in count())
    return next(one for one in minutes if one.astimezone(zone).replace(tzinfo=None) >= wall)


def _trigger(trigger_at: datetime) -> Step:
    return Step(StepRule.TRIGGER, _in_utc(trigger_at))


def _clock_change(starts_at: datetime, ends_at: datetime, zone: tzinfo) -> tuple[Step, ...]:
    before, after = _offset(starts_at, zone), _offset(ends_at, zone)
    return () if before == after else (Step(StepRule.CLOCK_CHANGE, params={"before": before, "after": after}),)


def _offset(instant: datetime, zone: tzinfo) -> str:
    return format_datetime(instant, "xxx", tzinfo=zone)


def words(step: Step, language: Language, zone: tzinfo) -> str:
    """The step as a sentence, in French or English, with local times and their offset from UTC."""
    shown = {name: _param_in_words(name, value, step.params, language) for name, value in step.params.items()}
    if step.at is not None:
        shown["at"] = _instant_in_words(step.at, language, zone)
    return SENTENCES[step.rule].in_language(language).format(**shown)


def _param_in_words(name: str, value: str, params: Mapping[str, str], language: Language) -> str:
    match name:
        case "hours" | "months":
            return format_unit(float(value), f"duration-{name.removesuffix('s')}", locale=language)
        case "working_days":
            days = [date.fromisoformat(one) for one in value.split(",") if one]
            return format_list([_day_in_words(day, language) for day in days], locale=language)
        case "public_holidays":
            return _days_off_in_words(value, Calendar(params["calendar"]), language)
        case "day":
            return _day_in_words(date.fromisoformat(value), language)
    return value


def _days_off_in_words(value: str, calendar: Calendar, language: Language) -> str:
    """The public holidays as the tail of a sentence; empty where there are none."""
    days = [date.fromisoformat(one) for one in value.split(",") if one]
    if not days:
        return ""
    named = [f"{_day_in_words(day, language)} ({public_holidays(calendar, day.year, language)[day]})" for day in days]
    lead = {"fr": " Jours fériés touchés : {}.", "en": " Public holidays touched: {}."}[language]
    return lead.format(format_list(named, locale=language))


def _day_pattern(day: date, language: Language) -> str:
    return "EEEE '1er' MMMM y" if language == "fr" and day.day == 1 else "EEEE d MMMM y"


def _day_in_words(day: date, language: Language) -> str:
    return format_date(day, _day_pattern(day, language), locale=language)


def _instant_in_words(instant: datetime, language: Language, zone: tzinfo) -> str:
    local = instant.astimezone(zone)
    clock = {"fr": "'à' H 'h' mm ('UTC'xxx)", "en": "'at' HH:mm ('UTC'xxx)"}[language]
    return format_datetime(local, f"{_day_pattern(local, language)} {clock}", tzinfo=zone, locale=language)
