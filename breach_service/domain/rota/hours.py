"""Working hours and days off of a rota: when somebody is at work anyway."""

from datetime import date, datetime
from enum import StrEnum

from breach_service.domain.calendar import Language, public_holidays
from breach_service.domain.rota.turns import Rota


class DayKind(StrEnum):
    """What a local day is."""

    WORKING = "working"
    REST = "rest"
    """A day of the week on which nobody works."""
    HOLIDAY = "holiday"
    """A public holiday, whatever its day of the week."""


_USUAL_DAYS = frozenset(range(5))


def holiday_on(rota: Rota, day: date, language: Language = "fr") -> str:
    """The name of the public holiday on a local day; empty where it is none."""
    return public_holidays(rota.holidays, day.year, language).get(day, "") if rota.holidays else ""


def kind_of_day(rota: Rota, day: date) -> DayKind:
    """Whether people work on a local day; Monday to Friday where the rota names no working hours."""
    if holiday_on(rota, day):
        return DayKind.HOLIDAY
    days = rota.working_hours.days if rota.working_hours else _USUAL_DAYS
    return DayKind.WORKING if day.weekday() in days else DayKind.REST


def is_working_time(rota: Rota, at: datetime) -> bool:
    """True within the working hours of a working day; False where the rota names no working hours."""
    hours, local = rota.working_hours, at.astimezone(rota.clock)
    if hours is None or kind_of_day(rota, local.date()) is not DayKind.WORKING:
        return False
    return hours.since <= local.time() < hours.until
