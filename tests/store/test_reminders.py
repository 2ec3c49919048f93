"""What reminders are read from: dates counted by the database, what was spoken of, and which incidents are muted."""

from datetime import datetime, timedelta

import pytest

from breach_service.domain.assessment import Duty
from breach_service.domain.deadlines import DutyKind, Obligation, RegimeKind, Terms
from breach_service.domain.incident import IncidentStatus, InstantKind
from breach_service.domain.reminders import GENTLE, STANDARD, Mute, Owed, Reminder, ReminderReason
from breach_service.store import incidents, obligations, reminders
from breach_service.store.database import Database, Session
from breach_service.store.tables import IncidentRow

HOUR = timedelta(hours=1)


def an_incident(database: Database, now: datetime, number: int, **changes: object) -> int:
    row = {
        "reference": f"INC-2026-{number:04d}", "title": "x", "status": "confirmed", "organisation": "us",
        "opened_at": now, "detected_at": now, "qualify_by": now + 24 * HOUR, "group_key": f"k{number}",
        "first_alert_at": now, "last_alert_at": now, **changes,
    }  # fmt: skip

    def work(session: Session) -> int:
        session.add(made := IncidentRow(**row))
        session.flush()
        return made.id or 0

    return database.write(work)


def owe(
    database: Database, incident_id: int, now: datetime, hours: float, number: int, kind: str = "legal",
    prefix: str = "a",
) -> None:  # fmt: skip
    """So many clients with the same date."""
    terms = Terms("regime", RegimeKind(kind), "ref", hours, None, InstantKind.AWARE_AT)
    new = [
        (
            incident_id,
            Obligation(
                f"client:{prefix}{one}", f"client:{prefix}{one}", DutyKind.CLIENT, terms, Duty.REQUIRED, True, now,
                now + hours * HOUR,
            ),
        )
        for one in range(number)
    ]  # fmt: skip
    database.write(lambda session: obligations.insert(session, new, now))


def speaking(database: Database, now: datetime, *ids: int) -> dict:  # type: ignore[type-arg]
    with database.reading() as session:
        return reminders.speaking(session, now, ids or None)


def test_dates_that_are_the_same_are_one_row(database: Database, now: datetime) -> None:
    """Three hundred clients are two dates; what is settled is none, a target climbs gently."""
    number = an_incident(database, now, 1)
    owe(database, number, now, 72, 200)
    owe(database, number, now, 24, 100, prefix="b")
    owe(database, number, now, 48, 1, kind="target", prefix="c")
    found = speaking(database, now)[number]
    assert [(one.due_at - now) / HOUR for one in found.owed] == [24, 48, 72]
    assert [(one.number, one.ladder) for one in found.owed] == [(100, STANDARD), (1, GENTLE), (200, STANDARD)]
    assert found.owed[0] == Owed(DutyKind.CLIENT, now, now + 24 * HOUR, True, STANDARD, 100)
    assert (found.status, found.qualify_by, found.scale, found.mute) == (
        IncidentStatus.CONFIRMED, now + 24 * HOUR, 1, None,
    )  # fmt: skip


@pytest.mark.parametrize(("changes", "is_read"), [
    ({}, True), ({"status": "dismissed"}, False), ({"status": "closed"}, False), ({"is_muted": True}, False),
    ({"is_drill": True, "drill_scale": 0.1}, True),
])  # fmt: skip
def test_what_is_over_or_observed_says_nothing(
    database: Database, now: datetime, changes: dict[str, object], is_read: bool
) -> None:
    """An exercise is reminded of too, at its pace."""
    number = an_incident(database, now, 1, **changes)
    found = speaking(database, now)
    assert (number in found) is is_read
    if changes.get("is_drill"):
        assert found[number].scale == 0.1


def test_the_latest_muting_counts_until_its_end(database: Database, now: datetime) -> None:
    """Muted, muted longer, ended, muted once more."""
    number, other = an_incident(database, now, 1), an_incident(database, now, 2)

    def mute(until: datetime | None) -> None:
        database.write(lambda session: reminders.mute(session, number, until, "r", "Yanis", now))

    def held(at: datetime) -> Mute | None:
        with database.reading() as session:
            return reminders.mute_of(session, number, at)

    assert held(now) is None
    mute(now + 4 * HOUR)
    mute(now + 2 * HOUR)
    found = held(now)
    assert found is not None
    assert (found.until, found.by, found.reason) == (now + 2 * HOUR, "Yanis", "r")
    assert held(now + 2 * HOUR) is None, "the earlier, longer one counts no more"
    assert speaking(database, now)[number].mute == found
    assert speaking(database, now)[other].mute is None
    mute(None)
    assert held(now) is None


def test_what_was_spoken_of_is_found_again(database: Database, now: datetime) -> None:
    """By incident, of all its reminders together."""
    number, other = an_incident(database, now, 1), an_incident(database, now, 2)
    for key, marks in (("a", ("1", "2")), ("b", ("3",))):
        said = Reminder(ReminderReason.DUE_SOON, key, now, marks=marks)
        database.write(lambda session, said=said: reminders.remember(session, number, said, now))
    with database.reading() as session:
        assert reminders.marks(session, [number, other]) == {number: {"1", "2", "3"}, other: frozenset()}
        assert incidents.open_ids(session) == [number, other]
