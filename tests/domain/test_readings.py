"""The dates of one clock side by side."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from breach_service.domain.assessment import Duty
from breach_service.domain.calendar import Calendar
from breach_service.domain.deadlines import DutyKind, Obligation, RegimeKind, Terms
from breach_service.domain.incident import Instant, InstantKind
from breach_service.domain.readings import readings_of

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)
AWARE, RECEIVED = InstantKind.AWARE_AT, InstantKind.RECEIVED_AT


def owed(at: datetime, kind: RegimeKind = RegimeKind.LEGAL, duty: DutyKind = DutyKind.AUTHORITY) -> Obligation:
    terms = Terms("a-regime", kind, "RGPD art. 33(1)", 72, None, AWARE)
    return Obligation("own", "cnil", duty, terms, Duty.REQUIRED, False, at, at + 72 * HOUR)


def test_the_regulation_stands_beside_the_strict_date_of_a_law_alone() -> None:
    """Aware on Saturday 4 April 2026, two days before Easter Monday: the strict date comes first."""
    at = datetime(2026, 4, 4, 8, 30, tzinfo=UTC)
    found = readings_of(owed(at), (), at, PARIS, Calendar.FR)
    assert found.strict_at == at + 72 * HOUR
    assert found.reg_1182_71_at == datetime(2026, 4, 8, 22, 0, tzinfo=UTC)  # Wednesday, 24:00 in Paris
    for kind in (RegimeKind.CONTRACT, RegimeKind.TARGET):
        assert readings_of(owed(at, kind), (), at, PARIS, Calendar.FR).reg_1182_71_at is None


@pytest.mark.parametrize(
    ("calendar", "ends_at"),
    [
        (Calendar.FR, datetime(2026, 4, 5, 15, tzinfo=UTC)),  # Sunday 5 April, 17:00 in Paris
        (Calendar.FR_ALSACE_MOSELLE, datetime(2026, 4, 7, 22, tzinfo=UTC)),  # the end of Tuesday 7 April
    ],
)
def test_the_holidays_are_those_of_the_organisation(calendar: Calendar, ends_at: datetime) -> None:
    """From Thursday 2 April 2026, 16:40 in Paris: Good Friday is a working day except in Alsace-Moselle."""
    at = datetime(2026, 4, 2, 14, 40, tzinfo=UTC)
    assert readings_of(owed(at), (), at, PARIS, calendar).reg_1182_71_at == ends_at


def test_the_date_from_the_first_alert_stays_whatever_was_recorded() -> None:
    """Also where what a client's clock counts from besides stays known."""
    first = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    aware = first + 5 * HOUR
    instants = (Instant(AWARE, aware, "Seen.", "Maud", "", 1),)
    assert readings_of(owed(aware), instants, first, PARIS, Calendar.FR).first_alert_at == first + 72 * HOUR
    received = (*instants, Instant(RECEIVED, first - HOUR, "Their mail.", "Maud", "", 2))
    client = owed(aware, RegimeKind.TARGET, DutyKind.CLIENT)
    assert readings_of(client, received, first, PARIS, Calendar.FR).first_alert_at == first + 71 * HOUR
