"""What to say to the team now: per incident, each thing once, the nearest for all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breach_service.domain.assessment import Duty
from breach_service.domain.deadlines import DutyKind, Obligation, RegimeKind, Terms
from breach_service.domain.incident import OPEN_STATUSES, Incident, IncidentStatus, InstantKind
from breach_service.domain.reminders import Reminder, ReminderReason, reminders_due

AT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
QUALIFY_BY = AT + timedelta(hours=4)
NOTHING_SAID: frozenset[str] = frozenset()
SOON, OVERDUE = ReminderReason.DUE_SOON, ReminderReason.OVERDUE


def hours(number: float) -> datetime:
    """That many hours after the first alert."""
    return AT + timedelta(hours=number)


def an_incident(status: IncidentStatus = IncidentStatus.CONFIRMED) -> Incident:
    """An incident that must be qualified within four hours."""
    return Incident(1, "INC-2026-0001", "", status, "us", AT, AT, QUALIFY_BY, "system:web", AT)


def an_obligation(due: float | None = 72, start: float = 0, **changes: object) -> Obligation:
    """Due that many hours after the first alert."""
    terms = Terms("art33", RegimeKind.LEGAL, "RGPD art. 33", due, None, InstantKind.AWARE_AT)
    due_at = None if due is None else hours(due)
    one = Obligation("own", "cnil", DutyKind.AUTHORITY, terms, Duty.REQUIRED, False, hours(start), due_at)
    return replace(one, **changes)


def said_of(now: datetime, *obligations: Obligation, said: frozenset[str] = NOTHING_SAID) -> tuple[Reminder, ...]:
    """What is said of a confirmed incident."""
    return reminders_due(an_incident(), obligations, now, said)


def test_before_an_incident_is_qualified_only_its_qualification_speaks() -> None:
    """However many provisional dates have passed."""
    overdue = [an_obligation(), an_obligation(24)]
    for status in (IncidentStatus.SUSPECTED, IncidentStatus.ASSESSING):
        (only,) = reminders_due(an_incident(status), overdue, hours(100), NOTHING_SAID)
        assert (only.reason, only.due_at, only.others) == (ReminderReason.QUALIFICATION_OVERDUE, QUALIFY_BY, 0)


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (hours(2.99), None),
        (hours(3), ReminderReason.QUALIFY_SOON),
        (hours(3.99), ReminderReason.QUALIFY_SOON),
        (hours(4), ReminderReason.QUALIFICATION_OVERDUE),
    ],
)
def test_the_qualification_speaks_in_its_last_quarter_and_from_its_end(
    now: datetime, reason: ReminderReason | None
) -> None:
    """Once each."""
    incident = an_incident(IncidentStatus.SUSPECTED)
    found = reminders_due(incident, (), now, NOTHING_SAID)
    assert [one.reason for one in found] == ([reason] if reason else [])
    assert reminders_due(incident, (), now, frozenset(one.key for one in found)) == ()


@pytest.mark.parametrize("status", sorted(set(IncidentStatus) - OPEN_STATUSES))
def test_a_closed_incident_is_silent(status: IncidentStatus) -> None:
    """Dismissed, closed or merged: nobody is reminded of it."""
    assert reminders_due(an_incident(status), [an_obligation()], hours(100), NOTHING_SAID) == ()


def test_once_qualified_the_qualification_is_silent() -> None:
    """Even though its date has passed."""
    assert said_of(hours(5)) == ()


@pytest.mark.parametrize(("now", "reasons"), [(53.9, []), (54, [SOON]), (71.9, [SOON]), (72, [OVERDUE])])
def test_an_obligation_speaks_in_its_last_quarter_and_from_its_end(now: float, reasons: list[ReminderReason]) -> None:
    """Seventy-two hours warn eighteen hours before."""
    assert [one.reason for one in said_of(hours(now), an_obligation())] == reasons


def test_one_sentence_speaks_for_all_and_counts_the_others() -> None:
    """Three hundred clients make one reminder, with the nearest date."""
    clients = [an_obligation(72 + n / 100, recipient=f"client:{n}") for n in range(300)]
    (only,) = said_of(hours(60), *clients)
    assert (only.reason, only.due_at, only.others) == (SOON, hours(72), 299)


def test_what_is_overdue_and_what_is_due_soon_are_said_apart() -> None:
    """The overdue first."""
    found = said_of(hours(72), an_obligation(24), an_obligation(48), an_obligation(80))
    assert [(one.reason, one.due_at, one.others) for one in found] == [(OVERDUE, hours(24), 1), (SOON, hours(80), 0)]


@pytest.mark.parametrize(
    "settled",
    [{"fulfilled_at": AT}, {"not_required_reason": "chiffré"}, {"withdrawn_at": AT}, {"due_at": None}],
)
def test_what_is_settled_or_has_no_date_is_silent(settled: dict[str, object]) -> None:
    """It is not counted among the others either."""
    assert said_of(hours(100), an_obligation(**settled)) == ()  # type: ignore[arg-type]
    (only,) = said_of(hours(100), an_obligation(), an_obligation(**settled))  # type: ignore[arg-type]
    assert only.others == 0


def test_what_was_said_is_not_said_again() -> None:
    """Not while nothing changes, and not because one of several notices was sent meanwhile."""
    first, second = an_obligation(72), an_obligation(74)
    said = frozenset(one.key for one in said_of(hours(60), first, second))
    assert said_of(hours(61), first, second, said=said) == ()
    assert said_of(hours(62), replace(first, fulfilled_at=hours(61)), second, said=said) == ()
    assert said_of(hours(62), first, replace(second, fulfilled_at=hours(61)), said=said) == ()


def test_what_falls_due_later_is_said_when_its_time_comes() -> None:
    """A further date is a new thing to say."""
    first, second = an_obligation(24), an_obligation(72)
    said = frozenset(one.key for one in said_of(hours(23), first, second))
    (overdue,) = said_of(hours(24), first, second, said=said)
    said |= {overdue.key}
    (soon,) = said_of(hours(54), first, second, said=said)
    said |= {soon.key}
    assert (overdue.reason, soon.reason, soon.due_at) == (OVERDUE, SOON, hours(72))
    (both,) = said_of(hours(72), first, second, said=said)
    assert (both.reason, both.due_at, both.others) == (OVERDUE, hours(24), 1)


def test_a_short_term_that_becomes_due_soon_after_a_long_one_is_said_too() -> None:
    """Even though it falls due before what was said already."""
    long, short = an_obligation(200), an_obligation(190, start=166)
    said = frozenset(one.key for one in said_of(hours(176), long, short))
    (only,) = said_of(hours(184), long, short, said=said)
    assert (only.reason, only.due_at, only.others) == (SOON, hours(190), 1)


def test_a_corrected_date_is_said_anew() -> None:
    """Awareness moved: the team hears the date that counts now."""
    said = frozenset(one.key for one in said_of(hours(60), an_obligation(72)))
    (only,) = said_of(hours(60), an_obligation(70), said=said)
    assert only.due_at == hours(70)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 300), st.integers(0, 100)), max_size=6),
    st.lists(st.integers(0, 500), max_size=30).map(sorted),
)
def test_looking_often_says_no_more_than_looking_at_each_change(terms: list[tuple[int, int]], looks: list[int]) -> None:
    """Each obligation causes at most one sentence per state, however often the worker looks; none is forgotten."""
    obligations = [an_obligation(start + term, start) for term, start in terms]
    said: list[Reminder] = []
    for now in [*looks, 600]:
        said += said_of(hours(now), *obligations, said=frozenset(one.key for one in said))
    assert len(said) <= 2 * len(obligations)
    assert len({one.key for one in said}) == len(said)
    assert bool(obligations) is any(one.reason is OVERDUE for one in said)
    assert said_of(hours(600), *obligations, said=frozenset(one.key for one in said)) == ()
