"""The rota as people write it, in YAML or on its page: addresses of accounts, days of the week in words."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, field_validator, model_validator

from breach_service.domain.calendar import Calendar
from breach_service.domain.rota.turns import Rota, Turns, WorkingHours

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MOST_PEOPLE = 100
"""On one level."""
LONGEST_TURN = {"week": 12, "day": 60}
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)


def _time_in(given: object) -> time:
    if isinstance(given, time):
        return given
    if not isinstance(given, str) or not _CLOCK.fullmatch(given):
        raise ValueError(f'a time of day is written "09:00", from "00:00" to "23:59", not {given}')
    return time.fromisoformat(given)


ClockTime = Annotated[
    time, BeforeValidator(_time_in), PlainSerializer(lambda one: one.strftime("%H:%M"), return_type=str)
]
Person = Annotated[str, Field(min_length=1, max_length=320)]
"""The address of an account; as it is stored, its number."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class HoursDocument(_Part):
    """When people are at work anyway."""

    days: tuple[Weekday, ...] = Field(("monday", "tuesday", "wednesday", "thursday", "friday"), min_length=1)
    since: ClockTime = Field(time(9), alias="from")
    until: ClockTime = time(18)

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if self.since >= self.until:
            raise ValueError(f"working hours end ({self.until:%H:%M}) after they begin ({self.since:%H:%M})")
        return self


class LevelDocument(_Part):
    """People who take turns."""

    people: tuple[Person, ...] = Field(min_length=1, max_length=MOST_PEOPLE)
    """In the order in which they take over; the first of them does on `starts_on`."""
    every: Literal["week", "day"] = "week"
    length: int = Field(1, ge=1)
    """Weeks or days in a turn."""
    hand_over_on: Weekday = "monday"
    """Only where turns are weeks."""
    hand_over_at: ClockTime = time(9)
    starts_on: date

    @field_validator("people")
    @classmethod
    def _each_once(cls, people: tuple[str, ...]) -> tuple[str, ...]:
        twice = [one for one, times in Counter(one.casefold() for one in people).items() if times > 1]
        if twice:
            raise ValueError(f"{twice[0]} stands twice in the list of people: keep one")
        return people

    @model_validator(mode="after")
    def _turns_are_of_some_length(self) -> Self:
        if self.length > LONGEST_TURN[self.every]:
            raise ValueError(f"a turn lasts {LONGEST_TURN[self.every]} {self.every}s at most, not {self.length}")
        return self

    @model_validator(mode="after")
    def _starts_on_its_day(self) -> Self:
        day = DAYS[self.starts_on.weekday()]
        if self.every == "week" and day != self.hand_over_on:
            raise ValueError(
                f"starts_on ({self.starts_on}) is a {day}: choose a {self.hand_over_on}, or write hand_over_on: {day}"
            )
        if not 2000 <= self.starts_on.year <= 2100:
            raise ValueError(f"starts_on ({self.starts_on}) is no likely day: check the year")
        return self


class RotaDocument(_Part):
    """The whole rota."""

    zone: str = "Europe/Paris"
    holidays: Literal["FR", "FR-Alsace-Moselle", "none"] = "FR"
    working_hours: HoursDocument | None = None
    first: LevelDocument
    second: LevelDocument | None = None
    dpo: Person | None = None
    deputy: Person | None = None

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"{zone!r} is no time zone: write it as Europe/Paris")
        return ZoneInfo(zone).key

    @model_validator(mode="after")
    def _deputy_is_somebody_else(self) -> Self:
        if self.deputy is not None and self.dpo is None:
            raise ValueError("a deputy stands in for the data protection officer: name the dpo too")
        if self.deputy is not None and self.dpo is not None and self.deputy.casefold() == self.dpo.casefold():
            raise ValueError("the deputy must be somebody else than the data protection officer")
        return self

    def everybody(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        """Every person that is named, and where in the document."""
        found: list[tuple[tuple[str | int, ...], str]] = []
        for name, level in (("first", self.first), ("second", self.second)):
            found += [((name, "people", index), one) for index, one in enumerate(level.people if level else ())]
        found += [((name,), one) for name, one in (("dpo", self.dpo), ("deputy", self.deputy)) if one is not None]
        return tuple(found)

    def with_people(self, names: Mapping[str, str]) -> Self:
        """The same with each person by another name; one without stays."""

        def renamed(level: LevelDocument | None) -> LevelDocument | None:
            if level is None:
                return None
            return level.model_copy(update={"people": tuple(names.get(one, one) for one in level.people)})

        return self.model_copy(
            update={
                "first": renamed(self.first),
                "second": renamed(self.second),
                "dpo": names.get(self.dpo, self.dpo) if self.dpo else None,
                "deputy": names.get(self.deputy, self.deputy) if self.deputy else None,
            }
        )


def as_document(rota: RotaDocument) -> dict[str, object]:
    """A document as plain data, in the order in which it is read; what is not set is left out."""
    return rota.model_dump(mode="json", by_alias=True, exclude_none=True)


def rota_in(document: RotaDocument, numbers: Mapping[str, int]) -> Rota:
    """The rota of a document; `numbers` are those of the accounts that it names. KeyError for one that is missing."""

    def turns(level: LevelDocument) -> Turns:
        days = level.length * (7 if level.every == "week" else 1)
        return Turns(tuple(numbers[one] for one in level.people), days, level.starts_on, level.hand_over_at)

    hours = document.working_hours
    return Rota(
        zone=document.zone,
        first=turns(document.first),
        second=turns(document.second) if document.second else None,
        dpo=numbers[document.dpo] if document.dpo else None,
        deputy=numbers[document.deputy] if document.deputy else None,
        working_hours=WorkingHours(frozenset(map(DAYS.index, hours.days)), hours.since, hours.until) if hours else None,
        holidays=None if document.holidays == "none" else Calendar(document.holidays),
    )
