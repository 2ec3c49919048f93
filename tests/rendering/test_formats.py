"""Instants, durations and numbers as people write them, in both languages and any zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.conditions import NumberRange
from breach_service.domain.text import Text
from breach_service.rendering import Formats

FRENCH = Formats("fr", "Europe/Paris")
ENGLISH = Formats("en", "Europe/Paris")
AT = datetime(2026, 11, 24, 10, 40, tzinfo=UTC)
NARROW = "\u202f"


def plain(text: str) -> str:
    """The text with ordinary spaces."""
    return text.replace("\u00a0", " ").replace(NARROW, " ")


class TestInstants:
    """In the zone of the page, with the offset wherever the year is told."""

    def test_short_as_in_a_table(self) -> None:
        assert plain(FRENCH.instant(AT)) == "mar. 24 nov., 11 h 40"
        assert ENGLISH.instant(AT) == "Tue 24 Nov, 11:40"

    def test_an_instant_of_another_year_carries_its_year(self) -> None:
        """The mandate that lasts until next November is not over the day after tomorrow."""
        french, english = Formats("fr", "Europe/Paris", 2026), Formats("en", "Europe/Paris", 2026)
        next_year = datetime(2027, 11, 23, 17, 51, tzinfo=UTC)
        assert plain(french.instant(next_year)) == "mar. 23 nov. 2027, 18 h 51"
        assert english.instant(next_year) == "Tue 23 Nov 2027, 18:51"
        assert plain(french.instant(AT)) == "mar. 24 nov., 11 h 40"
        new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
        assert plain(french.instant(new_year)) == "ven. 1er janv. 2027, 00 h 30"
        assert plain(french.instant_dated(AT)) == "mar. 24 nov. 2026, 11 h 40"

    def test_in_full_as_in_a_letter(self) -> None:
        assert plain(FRENCH.instant_full(AT)) == "mardi 24 novembre 2026 à 11 h 40 (UTC+1)"
        assert ENGLISH.instant_full(AT) == "Tuesday 24 November 2026 at 11:40 (UTC+1)"

    def test_the_first_of_a_month_is_written_as_an_ordinal_in_french(self) -> None:
        assert plain(FRENCH.day(date(2026, 12, 1))) == "mardi 1er décembre 2026"
        assert plain(FRENCH.instant(datetime(2026, 12, 1, 8, 2, tzinfo=UTC))) == "mar. 1er déc., 09 h 02"
        assert ENGLISH.day(date(2026, 12, 1)) == "Tuesday 1 December 2026"

    def test_the_hour_alone(self) -> None:
        assert plain(FRENCH.clock(AT)) == "11 h 40"
        assert ENGLISH.clock(AT) == "11:40"

    def test_the_day_of_an_instant_is_the_day_it_is_in_the_zone(self) -> None:
        late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
        assert plain(FRENCH.day(late)) == "mercredi 25 novembre 2026"

    def test_both_sides_of_the_change_of_clocks_carry_their_own_offset(self) -> None:
        before, after = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
        assert plain(FRENCH.instant_full(before)) == "dimanche 25 octobre 2026 à 02 h 30 (UTC+2)"
        assert plain(FRENCH.instant_full(after)) == "dimanche 25 octobre 2026 à 02 h 30 (UTC+1)"
        assert FRENCH.iso(before) == "2026-10-25T02:30:00+02:00"
        assert FRENCH.iso(after) == "2026-10-25T02:30:00+01:00"

    @pytest.mark.parametrize(
        ("zone", "offset"),
        [("UTC", "UTC"), ("Asia/Kolkata", "UTC+5:30"), ("Pacific/Marquesas", "UTC−9:30"), ("America/Cayenne", "UTC−3")],
    )
    def test_any_zone_has_its_offset(self, zone: str, offset: str) -> None:
        assert Formats("fr", zone).offset(AT) == offset

    @pytest.mark.parametrize("write", [FRENCH.instant, FRENCH.instant_full, FRENCH.clock, FRENCH.iso, FRENCH.day])
    def test_an_instant_without_a_zone_is_refused(self, write: object) -> None:
        with pytest.raises(ValueError, match="time zone"):
            write(datetime(2026, 11, 24, 11, 40))  # type: ignore[operator]

    @given(
        st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
        st.sampled_from(["Europe/Paris", "America/Cayenne", "Indian/Reunion", "Pacific/Noumea"]),
    )
    def test_the_machine_readable_form_is_the_same_instant(self, at: datetime, zone: str) -> None:
        written = Formats("fr", zone).iso(at)
        assert datetime.fromisoformat(written) == at.replace(microsecond=0)
        assert datetime.fromisoformat(written).utcoffset() == at.astimezone(ZoneInfo(zone)).utcoffset()


class TestDurations:
    """Time left never says more than there is; overdue is said in words, not with a sign."""

    @pytest.mark.parametrize(
        ("span", "french", "english"),
        [
            (timedelta(hours=26, minutes=58, seconds=59), "26 h 58", "26 h 58"),
            (timedelta(minutes=48), "48 min", "48 min"),
            (timedelta(hours=72), "72 h 00", "72 h 00"),
            (timedelta(days=4, hours=3, minutes=59), "4 j 3 h", "4 d 3 h"),
            (timedelta(0), "0 min", "0 min"),
            (timedelta(hours=-2, minutes=-5), "dépassé de 2 h 05", "2 h 05 overdue"),
        ],
    )
    def test_time_left_in_words(self, span: timedelta, french: str, english: str) -> None:
        assert plain(FRENCH.left(span)) == french
        assert plain(ENGLISH.left(span)) == english

    def test_a_duration_has_no_sign(self) -> None:
        assert FRENCH.duration(timedelta(hours=-2)) == FRENCH.duration(timedelta(hours=2))


class TestNumbers:
    """Grouped as the language does, ranges in words, never a false single figure."""

    def test_thousands_are_grouped(self) -> None:
        assert FRENCH.number(12000) == f"12{NARROW}000"
        assert ENGLISH.number(12000.0) == "12,000"
        assert FRENCH.number(1.5) == "1,5"

    @pytest.mark.parametrize(
        ("value", "french", "english"),
        [
            (NumberRange(3100, 3100), "3 100", "3,100"),
            (NumberRange(8900, 9300), "de 8 900 à 9 300", "8,900 to 9,300"),
            (NumberRange(40, None), "au moins 40", "at least 40"),
            (NumberRange(None, 40), "au plus 40", "at most 40"),
            (NumberRange(None, None), "nombre non connu", "number not known"),
            (None, "nombre non connu", "number not known"),
        ],
    )
    def test_a_range_in_words(self, value: NumberRange | None, french: str, english: str) -> None:
        assert plain(FRENCH.range(value)) == french
        assert ENGLISH.range(value) == english

    def test_a_text_of_the_playbooks_comes_in_the_language_of_the_page(self) -> None:
        text = Text(fr="l'essai : bon", en="the trial: good")
        assert FRENCH.text(text) == "l’essai\u00a0: bon"
        assert ENGLISH.text(text) == "the trial: good"
