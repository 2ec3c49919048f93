"""What is said of one incident now: one sentence for everything whose moment came, the nearest date first."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from breach_service.domain.deadlines import DutyKind, Obligation, RegimeKind
from breach_service.domain.incident import OPEN_STATUSES, UNQUALIFIED_STATUSES, Incident, IncidentStatus
from breach_service.domain.office_hours import OfficeHours
from breach_service.domain.reminders.climbing import Passing, next_after, passed_by
from breach_service.domain.reminders.ladder import GENTLE, SHIPPED_LADDERS, STANDARD, TRIAGE, Ladder
from breach_service.domain.reminders.mute import Mute
from breach_service.domain.waking import Urgency


class ReminderReason(StrEnum):
    """Why something is said."""

    QUALIFY_SOON = "qualify_soon"
    QUALIFICATION_OVERDUE = "qualification_overdue"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    PROVIDER_SILENT = "provider_silent"
    """A provider owes us an answer, see `providers.chasing_key`."""


@dataclass(frozen=True)
class Owed:
    """Open obligations of one incident with the same date, from the same instant on: so many of one kind. UTC."""

    duty: DutyKind
    triggered_at: datetime
    due_at: datetime
    is_provisional: bool
    ladder: str = STANDARD
    number: int = 1


@dataclass(frozen=True)
class Speaking:
    """What is known of an incident when it is looked at: as little as that takes, since it is looked at often."""

    status: IncidentStatus
    detected_at: datetime
    qualify_by: datetime
    owed: tuple[Owed, ...] = ()
    scale: float = 1
    """Of an exercise: its ladders are as much shorter as its terms."""
    mute: Mute | None = None


@dataclass(frozen=True)
class Rhythm:
    """How people are reminded: the ladders in force, and when people are at work."""

    ladders: Mapping[str, Ladder] = field(default_factory=lambda: SHIPPED_LADDERS)
    hours: OfficeHours = field(default_factory=OfficeHours)

    def ladder(self, name: str) -> Ladder:
        """The ladder of that name; the standard one where there is none any more: rather too often than never."""
        return self.ladders.get(name) or self.ladders.get(STANDARD) or SHIPPED_LADDERS[STANDARD]


@dataclass(frozen=True)
class Reminder:
    """One thing to say. `key` makes it said once; `others` counts the further obligations it speaks for."""

    reason: ReminderReason
    key: str
    due_at: datetime
    """The nearest date that it speaks for."""
    others: int = 0
    urgency: Urgency = Urgency.LOG
    marks: tuple[str, ...] = ()
    """Every moment of every date that it speaks for."""
    duties: Mapping[DutyKind, int] = field(default_factory=dict)
    """How many obligations of which kind it speaks for; of a qualification, how many wait for it."""


NOTHING_SAID: frozenset[str] = frozenset()


def reminder_of(
    one: Speaking, now: datetime, said: frozenset[str] = NOTHING_SAID, rhythm: Rhythm | None = None
) -> Reminder | None:
    """What must be said of an incident now, None where that is nothing; `said` holds the marks that were spoken of.

    Before an incident is qualified its qualification speaks for every date that is provisional. A date that counts
    from an instant that a person recorded speaks for itself in any case: the law counts it whatever the incident is
    called. Muting holds back what may wait; once something is said, it speaks for what was held back too.
    """
    if one.status not in OPEN_STATUSES:
        return None
    rhythm = rhythm or Rhythm()
    is_muted = one.mute is not None and now < one.mute.until
    new = [(owed, passing) for owed, passing in _passings(one, now, rhythm) if passing.mark not in said]
    if not any(passing.at <= now and not (is_muted and passing.is_muteable) for _, passing in new):
        return None
    return _sentence(one, _together(new, now), now)


def look_again_at(one: Speaking, now: datetime, rhythm: Rhythm) -> datetime | None:
    """Before when nothing new comes to be said, as long as nothing changes; None where nothing ever does."""
    if one.status not in OPEN_STATUSES:
        return None
    coming = [
        next_after(rhythm.ladder(owed.ladder), owed.triggered_at, owed.due_at, now, one.scale, rhythm.hours)
        for owed in _speaking_for_itself(one)
    ]
    if one.mute is not None and one.mute.until > now:
        coming.append(one.mute.until)
    return min((at for at in coming if at is not None), default=None)


def owed_of(obligations: Iterable[Obligation]) -> tuple[Owed, ...]:
    """The dates of open obligations, counted where they are the same."""
    found = Counter(
        Owed(
            one.duty, one.triggered_at, one.due_at, one.is_provisional, ladder_name(one.terms.kind, one.terms.reminders)
        )
        for one in obligations
        if one.due_at is not None and _is_open(one)
    )
    return tuple(
        Owed(one.duty, one.triggered_at, one.due_at, one.is_provisional, one.ladder, number)
        for one, number in found.items()
    )


def _is_open(one: Obligation) -> bool:
    return one.fulfilled_at is None and one.withdrawn_at is None and one.not_required_reason is None


def ladder_name(kind: RegimeKind, kept: str) -> str:
    """The ladder whose name terms keep; of a target never the one of what must not be late."""
    if kind is RegimeKind.TARGET and kept in ("", STANDARD):
        return GENTLE
    return kept or STANDARD


def reminders_due(
    incident: Incident, obligations: Iterable[Obligation], now: datetime, said: frozenset[str] = NOTHING_SAID,
    rhythm: Rhythm | None = None, mute: Mute | None = None,
) -> tuple[Reminder, ...]:  # fmt: skip
    """The same of an incident with its obligations: at most one."""
    found = reminder_of(
        Speaking(
            incident.status, incident.detected_at, incident.qualify_by, owed_of(obligations),
            incident.drill_scale, mute,
        ), now, said, rhythm,
    )  # fmt: skip
    return (found,) if found is not None else ()


def _speaking_for_itself(one: Speaking) -> Iterable[Owed]:
    """Every date with a ladder of its own; the qualification's stands for those that are provisional."""
    if one.status in UNQUALIFIED_STATUSES:
        yield _qualification(one)
        yield from (owed for owed in one.owed if not owed.is_provisional)
    else:
        yield from one.owed


def _qualification(one: Speaking) -> Owed:
    return Owed(DutyKind.REGISTER, one.detected_at, one.qualify_by, False, TRIAGE)


def _together(new: list[tuple[Owed, Passing]], now: datetime) -> list[tuple[Owed, Passing]]:
    """What has come, and what comes so soon that it is spoken of with it: never less urgently than on its own."""
    passed = [passing for _, passing in new if passing.at <= now]
    most = max(_BY_URGENCY.index(one.urgency) for one in passed)
    is_over = any(one.is_after and one.urgency is Urgency.WAKE for one in passed)
    return [
        (owed, one)
        for owed, one in new
        if one.at <= now or (_BY_URGENCY.index(one.urgency) <= most and (is_over or not one.is_after))
    ]


_QUALIFY = "qualify:"
"""What the marks of a qualification begin with: a notice may fall due at the same instant."""


def _passings(one: Speaking, now: datetime, rhythm: Rhythm) -> Iterable[tuple[Owed, Passing]]:
    for owed in _speaking_for_itself(one):
        ladder = rhythm.ladder(owed.ladder)
        for passing in passed_by(ladder, owed.triggered_at, owed.due_at, now, one.scale, rhythm.hours):
            if owed.ladder == TRIAGE:
                yield owed, _of_qualification(passing)
            else:
                yield owed, passing


def _of_qualification(passing: Passing) -> Passing:
    return Passing(
        f"{_QUALIFY}{passing.mark}", passing.at, passing.due_at, passing.urgency, passing.is_muteable,
        passing.is_after, passing.ahead,
    )  # fmt: skip


def _sentence(one: Speaking, new: list[tuple[Owed, Passing]], now: datetime) -> Reminder:
    """One sentence for all that is new: the notices before the qualification, which it then speaks for as well."""
    notices = [(owed, passing) for owed, passing in new if owed.ladder != TRIAGE]
    is_notice = any(passing.at <= now for _, passing in notices)
    told = notices if is_notice else new
    spoken = {owed: owed.number for owed, _ in told if owed.ladder != TRIAGE}
    due_at = min(passing.due_at for _, passing in told)
    is_over = any(passing.is_after and passing.at <= now for _, passing in told)
    if is_notice:
        reason = ReminderReason.OVERDUE if is_over else ReminderReason.DUE_SOON
    else:
        due_at = one.qualify_by
        reason = ReminderReason.QUALIFICATION_OVERDUE if is_over else ReminderReason.QUALIFY_SOON
        spoken = {owed: owed.number for owed in one.owed if owed.is_provisional}
    duties: Counter[DutyKind] = Counter()
    for owed, number in spoken.items():
        duties[owed.duty] += number
    passed = [passing for _, passing in new if passing.at <= now]
    marks = sorted({passing.mark for _, passing in new})
    return Reminder(
        reason, f"{reason}:{min(passed, key=lambda each: (each.due_at, each.mark)).mark}", due_at,
        max(sum(duties.values()) - 1, 0) if is_notice else 0,
        max((passing.urgency for passing in passed), key=_BY_URGENCY.index), tuple(marks), dict(duties),
    )  # fmt: skip


_BY_URGENCY = (Urgency.LOG, Urgency.WORKING_HOURS, Urgency.WAKE)
