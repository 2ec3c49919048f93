"""What the tests of reminders are built of: an incident, what is owed in it, and a worker that looks now and then."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from breach_service.domain.assessment import Duty
from breach_service.domain.deadlines import DutyKind, Obligation, RegimeKind, Terms
from breach_service.domain.incident import IncidentStatus, InstantKind
from breach_service.domain.office_hours import OfficeHours
from breach_service.domain.reminders import Mute, Owed, Reminder, Rhythm, Speaking, reminder_of

AT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
"""A Saturday, 03:12 in Paris."""
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""10:00 in Paris."""
PARIS = OfficeHours(ZoneInfo("Europe/Paris"))
RHYTHM = Rhythm(hours=PARIS)
HOUR = timedelta(hours=1)


def owed(due: float = 72, at: datetime = AT, **changes: object) -> Owed:
    """Owed to an authority, due that many hours after `at`."""
    return replace(Owed(DutyKind.AUTHORITY, at, at + due * HOUR, False), **changes)  # type: ignore[arg-type]


def incident(*dates: Owed, at: datetime = AT, **changes: object) -> Speaking:
    """A confirmed incident that began at `at`, to be qualified within a day."""
    one = Speaking(IncidentStatus.CONFIRMED, at, at + 24 * HOUR, dates)
    return replace(one, **changes)  # type: ignore[arg-type]


def muted(until: datetime) -> Mute:
    """Reminders muted until an instant."""
    return Mute(1, until, "On it.", "Yanis", AT)


def an_obligation(hours: float | None = 72, **changes: object) -> Obligation:
    """Due that many hours after `AT`."""
    terms = Terms("art33", RegimeKind.LEGAL, "RGPD art. 33", hours, None, InstantKind.AWARE_AT)
    due_at = None if hours is None else AT + hours * HOUR
    one = Obligation("own", "cnil", DutyKind.AUTHORITY, terms, Duty.REQUIRED, False, AT, due_at)
    return replace(one, **changes)  # type: ignore[arg-type]


def told(one: Speaking, looks: Iterable[datetime], rhythm: Rhythm = RHYTHM) -> list[tuple[datetime, Reminder]]:
    """What a worker says that looks at those instants, remembering what it said."""
    said: set[str] = set()
    found = []
    for now in looks:
        reminder = reminder_of(one, now, frozenset(said), rhythm)
        if reminder is not None:
            found.append((now, reminder))
            said.update(reminder.marks)
    return found


def every(minutes: float, begin: datetime, hours: float) -> list[datetime]:
    """Instants at that distance over so many hours."""
    return [begin + timedelta(minutes=minutes) * n for n in range(int(hours * 60 / minutes) + 1)]
