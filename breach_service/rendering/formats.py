"""Instants, durations and numbers in the words of a page: French or English, in the zone of the page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from breach_service.domain.conditions import NumberRange
from breach_service.domain.text import Text
from breach_service.rendering.typography import typeset

LOCALES = {"fr": "fr_FR", "en": "en_GB"}
"""The languages of pages and letters, and the locale that each is written in."""

LONGEST_IN_HOURS = timedelta(hours=72)
"""Beyond this a duration is told in days and hours."""


@dataclass(frozen=True)
class Formats:
    """How one language and one zone write things. Every instant given must be aware; naive ones raise ValueError."""

    language: str
    zone: str
    year: int | None = None
    """The year of the reader: instants of another one are written with theirs. None: short in any year."""

    def instant(self, at: datetime) -> str:
        """`mar. 24 nov., 11 h 40`, `Tue 24 Nov, 11:40`; of another year `mar. 23 nov. 2027, 18 h 51`."""
        if self.year is not None and self._local(at).year != self.year:
            return self.instant_dated(at)
        return self._dated(at, "EEE d MMM", ", ")

    def instant_dated(self, at: datetime) -> str:
        """`mar. 24 nov. 2026, 11 h 40`, `Tue 24 Nov 2026, 11:40`: with the year, whatever it is."""
        return self._dated(at, "EEE d MMM y", ", ")

    def instant_full(self, at: datetime) -> str:
        """`mardi 24 novembre 2026 à 11 h 40 (UTC+1)`, `Tuesday 24 November 2026 at 11:40 (UTC+1)`."""
        between = " à " if self.language == "fr" else " at "
        return f"{self._dated(at, 'EEEE d MMMM y', between)} ({self.offset(at)})"

    def clock(self, at: datetime) -> str:
        """`11 h 40`, `11:40`."""
        pattern = "HH 'h' mm" if self.language == "fr" else "HH:mm"
        return self._typeset(format_datetime(self._local(at), pattern, locale=self._locale))

    def day(self, at: date) -> str:
        """`mardi 24 novembre 2026`, `Tuesday 24 November 2026`; of an instant, the day it is in the zone."""
        return self._day(self._local(at) if isinstance(at, datetime) else at, "EEEE d MMMM y")

    def short_day(self, on: date) -> str:
        """`24 novembre 2026`, `24 November 2026`."""
        return self._day(on, "d MMMM y")

    def iso(self, at: datetime) -> str:
        """`2026-11-24T11:40:00+01:00`, for the `datetime` attribute of a `time` element."""
        return self._local(at).isoformat(timespec="seconds")

    def offset(self, at: datetime) -> str:
        """How far the zone is from UTC at that instant: `UTC+1`, `UTC+5:30`, `UTC`."""
        away = self._local(at).utcoffset() or timedelta()
        if not away:
            return "UTC"
        hours, minutes = divmod(abs(away) // timedelta(minutes=1), 60)
        return f"UTC{'+' if away > timedelta() else '−'}{hours}" + (f":{minutes:02}" if minutes else "")

    def duration(self, span: timedelta) -> str:
        """`48 min`, `26 h 58`, `4 j 3 h`: the length only, whatever the sign; a started minute does not count."""
        length = abs(span)
        minutes = length // timedelta(minutes=1)
        if length > LONGEST_IN_HOURS:
            days, rest = divmod(minutes, 24 * 60)
            shown = f"{days} {'j' if self.language == 'fr' else 'd'} {rest // 60} h"
        elif minutes >= 60:
            shown = f"{minutes // 60} h {minutes % 60:02}"
        else:
            shown = f"{minutes} min"
        return shown.replace(" ", "\u00a0")

    def left(self, span: timedelta) -> str:
        """Time left, `26 h 58`; of a negative span, `dépassé de 2 h 05`, `2 h 05 overdue`."""
        if span >= timedelta():
            return self.duration(span)
        return f"dépassé de {self.duration(span)}" if self.language == "fr" else f"{self.duration(span)} overdue"

    def number(self, value: float) -> str:
        """`12 000`, `12,000`; a whole number has no decimals."""
        shown = int(value) if float(value).is_integer() else value
        return format_decimal(shown, locale=self._locale)

    def range(self, value: NumberRange | None) -> str:
        """`3 100`, `de 8 900 à 9 300`, `au moins 40`; of a number that nobody knows, `nombre non connu`."""
        french = self.language == "fr"
        least = None if value is None or value.least is None else self.number(value.least)
        most = None if value is None or value.most is None else self.number(value.most)
        if least is not None and least == most:
            return least
        if least is not None and most is not None:
            return f"de {least} à {most}" if french else f"{least} to {most}"
        if least is not None:
            return f"au moins {least}" if french else f"at least {least}"
        if most is not None:
            return f"au plus {most}" if french else f"at most {most}"
        return "nombre non connu" if french else "number not known"

    def text(self, value: Text | str) -> str:
        """A text of the playbooks or the inventory in the language of the page, typeset."""
        return self._typeset(value.in_language(self.language) if isinstance(value, Text) else str(value))

    def filters(self) -> dict[str, Callable[..., str]]:
        """The filters that templates may use, by name (`typo`, which must keep markup, is made beside them)."""
        names = (
            "instant",
            "instant_dated",
            "instant_full",
            "clock",
            "day",
            "short_day",
            "iso",
            "offset",
            "duration",
            "left",
            "number",
        )
        return {name: getattr(self, name) for name in (*names, "range", "text")}

    @property
    def _locale(self) -> str:
        return LOCALES[self.language]

    def _local(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError(f"an instant needs a time zone, this one has none: {at.isoformat()}")
        return at.astimezone(ZoneInfo(self.zone))

    def _dated(self, at: datetime, pattern: str, between: str) -> str:
        return f"{self._day(self._local(at), pattern)}{between}{self.clock(at)}"

    def _day(self, day: date, pattern: str) -> str:
        if self.language == "fr" and day.day == 1:
            pattern = pattern.replace("d M", "d'er' M")
        return self._typeset(format_date(day, pattern, locale=self._locale))

    def _typeset(self, text: str) -> str:
        return typeset(text, self.language)
