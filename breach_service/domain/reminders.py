"""What to say to the team now, and why: per incident, never per recipient, each thing once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from breach_service.domain.deadlines import Obligation, state_of
from breach_service.domain.incident import OPEN_STATUSES, UNQUALIFIED_STATUSES, ClockState, Incident, clock_state


class ReminderReason(StrEnum):
    """Why something is said."""

    QUALIFY_SOON = "qualify_soon"
    QUALIFICATION_OVERDUE = "qualification_overdue"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    PROVIDER_SILENT = "provider_silent"
    """A provider owes us an answer, see `providers.chasing_key`."""


@dataclass(frozen=True)
class Reminder:
    """One thing to say. `key` makes it said once; `others` counts the further obligations it speaks for.

    The key of a sentence about obligations holds the first and the last date that it speaks for (ISO 8601 interval).
    """

    reason: ReminderReason
    key: str
    due_at: datetime
    others: int = 0


def reminders_due(
    incident: Incident, obligations: Iterable[Obligation], now: datetime, said: frozenset[str]
) -> tuple[Reminder, ...]:
    """What must be said now and was not said yet.

    Before an incident is qualified only its qualification clock speaks; then its obligations do, the nearest for all.
    """
    if incident.status not in OPEN_STATUSES:
        return ()
    found = (
        _about_qualification(incident, now)
        if incident.status in UNQUALIFIED_STATUSES
        else _about_obligations(tuple(obligations), now, said)
    )
    return tuple(one for one in found if one.key not in said)


def _about_qualification(incident: Incident, now: datetime) -> Iterable[Reminder]:
    reasons = {
        ClockState.DUE_SOON: ReminderReason.QUALIFY_SOON,
        ClockState.OVERDUE: ReminderReason.QUALIFICATION_OVERDUE,
    }
    reason = reasons.get(clock_state(incident.detected_at, incident.qualify_by, now))
    if reason is not None:
        yield Reminder(reason, str(reason), incident.qualify_by)


def _about_obligations(obligations: tuple[Obligation, ...], now: datetime, said: frozenset[str]) -> Iterable[Reminder]:
    for state, reason in (
        (ClockState.OVERDUE, ReminderReason.OVERDUE),
        (ClockState.DUE_SOON, ReminderReason.DUE_SOON),
    ):
        dates = sorted(one.due_at for one in obligations if one.due_at and state_of(one, now) is state)
        if not all(_is_said(reason, date, said) for date in dates):
            key = f"{reason}:{dates[0].isoformat()}/{dates[-1].isoformat()}"
            yield Reminder(reason, key, dates[0], len(dates) - 1)


def _is_said(reason: ReminderReason, date: datetime, said: frozenset[str]) -> bool:
    """True if a sentence spoke for this date: terms differ, so what comes last need not fall due last."""
    spans = (key.removeprefix(f"{reason}:").partition("/") for key in said if key.startswith(f"{reason}:"))
    return any(
        datetime.fromisoformat(first) <= date <= datetime.fromisoformat(last or first) for first, _, last in spans
    )
