"""The third reading of a term in hours: Regulation 1182/71 with complete working days only.

Art. 3(5) gives a period of two days or more two working days at least. The prudent reading (`calendar.reg_1182_71`)
counts a working day that the period touches; this one counts only those that lie in it from 00:00 to 24:00. It can be
argued, and nothing of the EDPB or the CNIL confirms it: nobody should wait for it.
"""

from datetime import date, datetime, time, timedelta, tzinfo

from breach_service.domain.calendar import Calendar, Reading, Step, first_instant_at, is_working_day, reg_1182_71
from breach_service.domain.calendar_steps import StepRule

_TWO_DAYS_IN_HOURS = 48


def reg_1182_71_whole_days(trigger_at: datetime, hours: float, zone: tzinfo, calendar: Calendar) -> Reading:
    """The term with two complete working days, in UTC; never earlier than the prudent reading.

    ValueError for a naive trigger. A period shorter than two days is as in the prudent reading.
    """
    prudent = reg_1182_71(trigger_at, hours, zone, calendar)
    if hours < _TWO_DAYS_IN_HOURS:
        return prudent
    known = {step.rule: step for step in prudent.steps}
    starts_at = known[StepRule.EVENT_HOUR_NOT_COUNTED].at or trigger_at
    ends_at = known[StepRule.LAST_HOUR_EXPIRES].at or prudent.due_at
    second = _second_complete_day(starts_at, zone, calendar)
    lasts_to = first_instant_at(datetime.combine(second + timedelta(days=1), time()), zone)
    kept = tuple(one for one in prudent.steps if one.rule in _BEFORE_ART_3_5)
    if lasts_to <= ends_at:
        return Reading(ends_at, (*kept, Step(StepRule.TWO_WHOLE_WORKING_DAYS)))
    extended = Step(StepRule.EXTENDED_TO_SECOND_WHOLE_WORKING_DAY, lasts_to, {"day": second.isoformat()})
    return Reading(lasts_to, (*kept, extended))


_BEFORE_ART_3_5 = (
    StepRule.TRIGGER, StepRule.EVENT_HOUR_NOT_COUNTED, StepRule.CLOCK_CHANGE, StepRule.LAST_HOUR_EXPIRES,
)  # fmt: skip


def _second_complete_day(starts_at: datetime, zone: tzinfo, calendar: Calendar) -> date:
    local = starts_at.astimezone(zone)
    day = local.date() if first_instant_at(datetime.combine(local.date(), time()), zone) == starts_at else None
    found: list[date] = []
    at = day or local.date() + timedelta(days=1)
    while len(found) < 2:
        if is_working_day(at, calendar):
            found.append(at)
        at += timedelta(days=1)
    return found[1]
