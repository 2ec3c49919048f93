"""What to say to the team now: per incident, each thing once, the nearest for all."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from breach_service.domain.deadlines import DutyKind, RegimeKind
from breach_service.domain.incident import OPEN_STATUSES, Incident, IncidentStatus
from breach_service.domain.reminders import GENTLE, STANDARD, Reminder, ReminderReason, owed_of, reminders_due
from breach_service.domain.waking import Urgency
from tests.domain.reminders.builders import AT, HOUR, MONDAY, RHYTHM, an_obligation, every, incident, muted, owed, told

SOON, OVERDUE = ReminderReason.DUE_SOON, ReminderReason.OVERDUE
QUALIFY, LATE = ReminderReason.QUALIFY_SOON, ReminderReason.QUALIFICATION_OVERDUE


def hours_of(found: list[tuple[datetime, Reminder]], at: datetime = MONDAY) -> list[float]:
    return [(now - at) / HOUR for now, _ in found]


@pytest.mark.parametrize("status", [IncidentStatus.SUSPECTED, IncidentStatus.ASSESSING])
def test_before_it_is_qualified_one_reminder_speaks_for_every_provisional_date(status: IncidentStatus) -> None:
    """However many there are, and however many have passed; they are counted."""
    clients = owed(24, MONDAY, duty=DutyKind.CLIENT, number=300, is_provisional=True)
    one = incident(owed(72, MONDAY, is_provisional=True), clients, at=MONDAY, status=status)
    found = told(one, every(10, MONDAY, 60))
    assert [reminder.reason for _, reminder in found] == [QUALIFY, LATE, LATE]
    assert hours_of(found) == [7, 24, 48], "75 % are at 04:00: said at 17:00"
    assert {reminder.due_at for _, reminder in found} == {one.qualify_by}
    assert all(reminder.duties == {DutyKind.AUTHORITY: 1, DutyKind.CLIENT: 300} for _, reminder in found)
    assert all(reminder.urgency is not Urgency.WAKE for _, reminder in found), "noise wakes nobody"


def test_a_clock_that_a_person_started_speaks_before_the_qualification_too() -> None:
    """The law counts from awareness, whatever the incident is called meanwhile."""
    one = incident(owed(72, MONDAY), at=MONDAY, status=IncidentStatus.ASSESSING, qualify_by=MONDAY + 300 * HOUR)
    found = told(one, every(10, MONDAY, 72))
    assert [reminder.reason for _, reminder in found] == [SOON] * 5 + [OVERDUE]
    assert [reminder.urgency for _, reminder in found][-3:] == [Urgency.WAKE] * 3


@pytest.mark.parametrize("status", sorted(set(IncidentStatus) - OPEN_STATUSES))
def test_a_closed_incident_is_silent(status: IncidentStatus) -> None:
    """Dismissed, closed or merged: nobody is reminded of it, and all its dates are waived in that one act."""
    assert told(incident(owed(), status=status), every(60, AT, 100)) == []


def test_once_qualified_the_qualification_is_silent() -> None:
    """Even though its date has passed."""
    assert told(incident(), every(60, AT, 100)) == []


def test_a_date_climbs_its_ladder_and_is_said_each_day_once_it_has_passed() -> None:
    """Half, 24 h, 12 h, 6 h, 1 h, the end, and daily; from six hours on somebody is woken, daily nobody again."""
    found = told(incident(owed(72, MONDAY), at=MONDAY), every(10, MONDAY, 130))
    assert hours_of(found) == [31, 48, 55, 66, 71, 72, 96, 120]
    assert [reminder.reason for _, reminder in found] == [SOON] * 5 + [OVERDUE] * 3
    urgencies = [reminder.urgency for _, reminder in found]
    assert urgencies == [Urgency.WORKING_HOURS] * 3 + [Urgency.WAKE] * 3 + [Urgency.LOG] * 2


def test_three_hundred_clients_are_one_message_each_time() -> None:
    """With the nearest date, and how many others; dates a minute apart are spoken of together."""
    clients = [owed(72 + n / 60, MONDAY, duty=DutyKind.CLIENT) for n in range(15)]
    same = owed(72, MONDAY, duty=DutyKind.CLIENT, number=285)
    found = told(incident(same, *clients[1:], at=MONDAY), every(1, MONDAY, 73))
    assert hours_of(found) == [31, 48, 55, 66, 71, 72]
    assert all(reminder.due_at == MONDAY + 72 * HOUR for _, reminder in found)
    assert all(reminder.others == 285 + 14 - 1 for _, reminder in found)


def test_what_comes_later_never_loses_its_own_urgency() -> None:
    """A working-hours message about one date does not use up the six hours of another, nor a near end an end."""
    first, second = owed(100, MONDAY), owed(85.5, MONDAY)
    # Half an hour before the six hours of the second somebody at work is told of the first.
    found = told(incident(first, second, at=MONDAY), every(1, MONDAY, 101))
    for one in (first, second):
        wakes = [reminder for _, reminder in found if reminder.urgency is Urgency.WAKE]
        due = one.due_at.isoformat()
        spoken = {mark for reminder in wakes for mark in reminder.marks if due in mark}
        expected = {f"{rung}:{due}" for rung in ("-6h", "-1h", "+0h")}
        assert expected <= spoken


def test_what_is_overdue_and_what_comes_are_one_message() -> None:
    """The nearest first."""
    one = incident(owed(24, MONDAY), owed(48, MONDAY), owed(80, MONDAY), at=MONDAY)
    ((_, only),) = told(one, [MONDAY + 72 * HOUR])
    assert (only.reason, only.due_at, only.others, only.urgency) == (OVERDUE, MONDAY + 24 * HOUR, 2, Urgency.WAKE)


def test_after_twenty_hours_of_silence_one_message_catches_up() -> None:
    """Not one for each moment that passed meanwhile."""
    looks = [*every(10, MONDAY, 47), *every(10, MONDAY + 67 * HOUR, 5)]
    found = told(incident(owed(72, MONDAY), at=MONDAY), looks)
    assert hours_of(found) == [31, 67, 71, 72]
    assert {mark.partition(":")[0] for mark in found[1][1].marks} == {"-24h", "-12h", "-6h"}
    assert found[1][1].urgency is Urgency.WAKE, "six hours passed unsaid: whoever is on call hears of it now"


def test_what_is_settled_or_has_no_date_is_silent() -> None:
    """It is not counted among the others either."""
    settled = [
        an_obligation(fulfilled_at=AT), an_obligation(not_required_reason="chiffré"), an_obligation(withdrawn_at=AT),
        an_obligation(None),
    ]  # fmt: skip
    assert owed_of(settled) == ()
    (only,) = owed_of([*settled, an_obligation()])
    assert only.number == 1


def test_dates_that_are_the_same_are_counted_and_keep_their_ladder() -> None:
    """Of earlier releases that of their kind: a target is never called overdue."""
    target = replace(an_obligation().terms, kind=RegimeKind.TARGET)
    found = owed_of([an_obligation(), an_obligation(), an_obligation(terms=target)])
    assert [(one.ladder, one.number) for one in found] == [(STANDARD, 2), (GENTLE, 1)]
    gentle = incident(owed(72, MONDAY, ladder=GENTLE), at=MONDAY)
    assert [reminder.reason for _, reminder in told(gentle, every(10, MONDAY, 200))] == [SOON, SOON]


def test_a_corrected_date_is_said_anew() -> None:
    """Awareness moved: the team hears the date that counts now, and the moments that passed before it in one."""
    said = frozenset(mark for _, one in told(incident(owed(72)), every(60, AT, 60)) for mark in one.marks)
    whole = Incident(1, "INC-2026-0001", "", IncidentStatus.CONFIRMED, "us", AT, AT, AT + 24 * HOUR, "system:web", AT)
    assert reminders_due(whole, [an_obligation(72)], AT + 60 * HOUR, said, RHYTHM) == ()
    (only,) = reminders_due(whole, [an_obligation(70)], AT + 60 * HOUR, said, RHYTHM)
    assert only.due_at == AT + 70 * HOUR


def test_one_of_several_notices_that_was_sent_changes_nothing_for_the_others() -> None:
    """They are neither said again nor forgotten."""
    first, second = owed(72, MONDAY), owed(72, MONDAY, duty=DutyKind.CLIENT)
    said = frozenset(mark for _, one in told(incident(first, second, at=MONDAY), [MONDAY + 60 * HOUR])
                     for mark in one.marks)  # fmt: skip
    whole = Incident(1, "", "", IncidentStatus.CONFIRMED, "us", MONDAY, MONDAY, MONDAY + HOUR, "", MONDAY)
    left = an_obligation(triggered_at=MONDAY, due_at=second.due_at)
    assert reminders_due(whole, [left], MONDAY + 61 * HOUR, said, RHYTHM) == ()
    assert len(reminders_due(whole, [left], MONDAY + 66 * HOUR, said, RHYTHM)) == 1


# Muting ---------------------------------------------------------------------------------------------------------------


def test_muting_holds_back_what_may_wait_and_nothing_else() -> None:
    """Muted for the whole time: six hours, one hour, the end and each day after are said all the same."""
    one = incident(owed(72, MONDAY), at=MONDAY, mute=muted(MONDAY + 200 * HOUR))
    found = told(one, every(10, MONDAY, 100))
    assert hours_of(found) == [66, 71, 72, 96]
    held_back = {mark.partition(":")[0] for mark in found[0][1].marks}
    assert held_back == {"50%", "-24h", "-12h", "-6h"}, "once something is said it speaks for what was held back"


def test_what_was_held_back_is_said_in_one_message_when_it_ends() -> None:
    """Muted until Wednesday 12:00: the half and the 24 hours are said then, once."""
    one = incident(owed(72, MONDAY), at=MONDAY, mute=muted(MONDAY + 50 * HOUR))
    found = told(one, every(10, MONDAY, 72))
    assert hours_of(found) == [50, 55, 66, 71, 72]


def test_the_qualification_can_be_muted_until_it_is_overdue() -> None:
    """Somebody is on it; once its day is over everybody hears of it again."""
    one = incident(at=MONDAY, status=IncidentStatus.SUSPECTED, mute=muted(MONDAY + 100 * HOUR))
    assert hours_of(told(one, every(10, MONDAY, 30))) == [24]


def test_an_exercise_is_reminded_at_its_own_pace() -> None:
    """72 hours in one: at the same parts of it."""
    scale = 1 / 72
    one = incident(owed(1, MONDAY), at=MONDAY, scale=scale)
    found = told(one, every(0.1, MONDAY, 1.1))
    assert [round((now - MONDAY) / timedelta(minutes=1) * 72 / 60) for now, _ in found] == [36, 48, 60, 66, 71, 72]
