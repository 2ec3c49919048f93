"""A client's contract makes the client's clock: from when, how long, in which form; never later than we promised."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.calendar import Calendar, is_working_day, working_end
from breach_service.domain.deadlines import DutyKind, RegimeKind, Terms, clock_for, due_after, terms_for
from breach_service.domain.incident import Instant, InstantKind
from breach_service.domain.inventory import Client, NoticeForm
from tests.domain.test_deadlines import a_regime

PARIS = ZoneInfo("Europe/Paris")
FRIDAY = datetime(2026, 11, 20, 16, 0, tzinfo=PARIS)
DAY = FRIDAY.date()
AWARE, FLAW, TOLD, RECEIVED = (
    InstantKind.AWARE_AT, InstantKind.FLAW_DISCOVERED_AT, InstantKind.TOLD_AT, InstantKind.RECEIVED_AT,
)  # fmt: skip
REGIME = a_regime("client", counted_from="flaw_discovered_at", contract_may_shorten=True)


def a_client(**contract: Any) -> Client:
    return Client.model_validate({"id": "acme", "name": "Acme", "contract": contract})


def a_term(**changes: Any) -> dict[str, Any]:
    return {"clause": "Contrat, article 12", "hours": 24, **changes}


def known(**at: datetime) -> dict[InstantKind, Instant]:
    return {InstantKind(name): Instant(InstantKind(name), when) for name, when in at.items()}


def due(terms: Terms, detected_at: datetime = FRIDAY, **at: datetime) -> datetime | None:
    return clock_for(DutyKind.CLIENT, terms, known(**at), detected_at, PARIS, Calendar.FR).due_at


def test_the_term_of_the_day_makes_the_clock_with_its_clause() -> None:
    """Terms that changed over time: what held on the day on which the clock starts, and no other."""
    client = a_client(
        notice_hours=48, clause="Contrat, article 9",
        notice=[
            a_term(hours=12, clause="Avenant 1", valid_from="2026-01-01", valid_to="2026-06-30"),
            a_term(hours=36, clause="Avenant 2", valid_from="2026-07-01"),
        ],
    )  # fmt: skip
    found = {
        day: (terms.hours, terms.reference)
        for day in (date(2025, 6, 1), date(2026, 6, 30), date(2026, 7, 1))
        for terms in [terms_for(REGIME, client, day)]
    }
    assert list(found.values()) == [(48, "Contrat, article 9"), (12, "Avenant 1"), (36, "Avenant 2")]


def test_a_contract_counts_from_its_own_instant_and_never_ends_after_what_we_promised() -> None:
    """24 h from awareness, and 72 h from the discovery of the flaw at most: whichever ends first."""
    terms = terms_for(REGIME, a_client(notice=[a_term(counted_from="aware_at")]), DAY)
    assert terms.at_most is not None
    assert (terms.kind, terms.counted_from, terms.hours) == (RegimeKind.CONTRACT, AWARE, 24)
    assert (terms.at_most.counted_from, terms.at_most.hours) == (FLAW, 72)
    soon, late = FRIDAY + timedelta(hours=5), FRIDAY + timedelta(hours=60)
    assert due(terms, flaw_discovered_at=FRIDAY, aware_at=soon) == soon + timedelta(hours=24)
    assert due(terms, flaw_discovered_at=FRIDAY, aware_at=late) == FRIDAY + timedelta(hours=72)


def test_working_hours_pass_over_the_week_end_and_what_we_promised_still_counts() -> None:
    """Eight hours of working days from Friday 20:00 end on Monday; forty-eight would end after our 72 hours."""
    eight = terms_for(REGIME, a_client(notice=[a_term(hours=None, working_hours=8)]), DAY)
    evening = FRIDAY.replace(hour=20)
    assert due(eight, aware_at=evening, flaw_discovered_at=evening) == datetime(2026, 11, 23, 4, 0, tzinfo=PARIS)
    long = terms_for(REGIME, a_client(notice=[a_term(hours=None, working_hours=48)]), DAY)
    assert due(long, aware_at=evening, flaw_discovered_at=evening) == evening + timedelta(hours=72)


def test_a_public_holiday_is_no_working_day() -> None:
    """All Saints' Day 2027 is a Monday: the hours go on on Tuesday."""
    friday = datetime(2027, 10, 29, 12, 0, tzinfo=PARIS)
    assert working_end(friday, 24, PARIS, Calendar.FR) == datetime(2027, 11, 2, 12, 0, tzinfo=PARIS)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 1), timezones=st.just(UTC)),
    st.floats(0.25, 200),
)
def test_working_hours_are_as_many_hours_of_working_days(trigger: datetime, hours: float) -> None:
    """They never end before elapsed ones, and the hours between that fall on working days add up."""
    end = working_end(trigger, hours, UTC, Calendar.FR)
    assert end >= trigger + timedelta(hours=hours) - timedelta(milliseconds=1)
    at, counted = trigger, timedelta()
    while at < end:
        midnight = datetime.combine(at.date() + timedelta(days=1), datetime.min.time(), UTC)
        if is_working_day(at.date(), Calendar.FR):
            counted += min(midnight, end) - at
        at = midnight
    assert abs(counted - timedelta(hours=hours)) < timedelta(seconds=1)


def test_a_naive_trigger_is_refused() -> None:
    """Nobody can say which hour it is."""
    with pytest.raises(ValueError, match="offset"):
        due_after(datetime(2026, 11, 20, 16, 0), Terms("r", RegimeKind.CONTRACT, "c", None, None, AWARE, 8))


def test_the_form_the_address_and_the_mandate_stand_with_the_terms() -> None:
    """Also where the contract's own hours are longer than what we promise anyway."""
    client = a_client(
        notice=[a_term(hours=96, counted_from="flaw_discovered_at", form="portal", sent_to="https://portal.example")],
        mandates=[
            {"clause": "Contrat, article 14", "notifies": ["authority", "persons"]},
            {"clause": "Ancien contrat", "notifies": ["authority"], "valid_to": "2024-12-31"},
        ],
    )
    terms = terms_for(REGIME, client, DAY)
    assert (terms.kind, terms.hours, terms.at_most) == (RegimeKind.LEGAL, 72, None)
    assert (terms.form, terms.sent_to) == (NoticeForm.PORTAL, "https://portal.example")
    assert (terms.notifies, terms.mandate_clause) == (("authority", "persons"), "Contrat, article 14")


def test_a_form_without_hours_leaves_the_hours_that_always_held() -> None:
    """And the instant from which those count."""
    terms = terms_for(REGIME, a_client(notice_hours=48, notice=[a_term(hours=None, form="registered_letter")]), DAY)
    assert (terms.hours, terms.counted_from, terms.form) == (48, FLAW, NoticeForm.REGISTERED_LETTER)


def test_a_clients_clock_starts_at_the_latest_when_a_provider_told_us() -> None:
    """Awareness that is recorded for later does not move it; an earlier one does."""
    terms = terms_for(REGIME, a_client(notice=[a_term(counted_from="aware_at")]), DAY)
    later, before = FRIDAY + timedelta(hours=9), FRIDAY - timedelta(hours=2)
    assert due(terms, later, received_at=FRIDAY, aware_at=later) == FRIDAY + timedelta(hours=24)
    assert due(terms, later, received_at=FRIDAY, aware_at=before) == before + timedelta(hours=24)
    only = clock_for(DutyKind.CLIENT, terms, known(received_at=FRIDAY), later, PARIS)
    assert (only.is_recorded, only.triggered_at) == (True, FRIDAY)


def test_what_a_provider_told_us_starts_no_clock_of_the_authority() -> None:
    """There awareness decides, which a person records."""
    terms = terms_for(a_regime(), None)
    clock = clock_for(DutyKind.AUTHORITY, terms, known(received_at=FRIDAY), FRIDAY + timedelta(hours=1), PARIS)
    assert (clock.is_recorded, clock.triggered_at) == (False, FRIDAY + timedelta(hours=1))
