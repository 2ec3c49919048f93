"""That reports wait is said in working hours, once a day, and of further ones once an hour at most."""

from datetime import UTC, datetime, timedelta

import pytest

from breach_service.app import Service
from breach_service.pipeline import reports_waiting
from breach_service.store import reports
from breach_service.store.outbox import pending
from breach_service.store.reports import WaitingReports

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)  # 10:30 in Paris


def said(service: Service, now: datetime) -> int:
    """How many notes wait to be sent after a look."""
    knowledge = service.knowledge()
    service.database.write(lambda session: reports_waiting.tell_of_reports(session, knowledge, now))
    with service.database.reading() as session:
        return sum(count for count, _ in pending(session).values())


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[WaitingReports | None]:
    """What waits, to be changed."""
    held: list[WaitingReports | None] = [None]
    monkeypatch.setattr(reports, "waiting_since", lambda _session: held[0])
    return held


def test_the_team_hears_once_a_day_and_of_new_ones(service: Service, waits: list[WaitingReports | None]) -> None:
    assert said(service, MONDAY) == 0
    waits[0] = WaitingReports(1, MONDAY - timedelta(minutes=59), MONDAY - timedelta(minutes=59))
    assert said(service, MONDAY) == 0, "somebody may be about to look"
    assert [said(service, MONDAY + timedelta(minutes=one)) for one in (1, 2, 300)] == [1, 1, 1]
    waits[0] = WaitingReports(40, MONDAY - timedelta(minutes=59), MONDAY + timedelta(hours=2))
    assert [said(service, MONDAY + timedelta(hours=one)) for one in (3, 4, 5)] == [2, 2, 2]
    assert said(service, MONDAY + timedelta(hours=12)) == 2, "not in the evening"
    assert said(service, MONDAY + timedelta(days=1)) == 3


def test_nothing_is_said_at_the_weekend(service: Service, waits: list[WaitingReports | None]) -> None:
    saturday = MONDAY + timedelta(days=5)
    waits[0] = WaitingReports(1, MONDAY, MONDAY)
    assert said(service, saturday) == 0
