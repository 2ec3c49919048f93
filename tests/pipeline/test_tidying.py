"""What was kept long enough goes, and nothing else: not of an open incident, not of what the register needs."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from breach_service.acts.closing import dismiss
from breach_service.app import Service
from breach_service.pipeline.tidying import Keep, tidy
from breach_service.store import tidying
from breach_service.store.access_tables import ChallengeRow, OneTimeLinkRow
from breach_service.store.database import Session
from breach_service.store.grouping_tables import StrandRow
from breach_service.store.tables import (
    AlertRow,
    DeliverySeenRow,
    FactRow,
    IncidentRow,
    InstantRow,
    ObligationRow,
    QuarantineRow,
    ReminderRow,
    SessionRow,
    TimelineDetailRow,
    TimelineEntryRow,
    UserRow,
)
from tests.conftest import START, Clock
from tests.deciders import DPO
from tests.pipeline.incoming import SCAN, WEB_SHELL, Incoming

DAY = timedelta(days=1)
KEEP = Keep()
EVIDENCE = (IncidentRow, FactRow, InstantRow, ObligationRow, ReminderRow, TimelineEntryRow)


@pytest.fixture
def incoming(service: Service) -> Incoming:
    """On each database in turn."""
    return Incoming(service)


def tidied(incoming: Incoming, keep: Keep = KEEP, most: int = 500) -> int:
    """Tidy up, slice by slice; how many rows in all."""
    total = 0
    while found := incoming.service.database.write(lambda session: tidy(session, incoming.now, keep, most)):
        total += found
    return total


def numbers(incoming: Incoming) -> list[int]:
    return [incoming.count(table) for table in EVIDENCE] + [
        len(incoming.dossier(one.reference).timeline) for one in incoming.incidents()
    ]


def bodies(incoming: Incoming) -> list[bool]:
    return [one.sample is not None for one in incoming.rows(AlertRow)]


def test_an_open_incident_keeps_everything_however_old_it_is(incoming: Incoming, clock: Clock) -> None:
    """Ten years later nothing of it is gone, and there was nothing to do."""
    incoming.alert(WEB_SHELL)
    clock.at += 3650 * DAY
    before, strands = numbers(incoming), incoming.count(StrandRow)
    assert tidied(incoming) == 0
    assert numbers(incoming) == before
    assert bodies(incoming) == [True]
    assert incoming.count(StrandRow) == strands > 0


def test_of_an_incident_that_ended_the_bodies_go_and_the_evidence_stays(incoming: Incoming, clock: Clock) -> None:
    """Counted from its end and not from its alerts; episodes, facts, chronology, obligations stay for the register."""
    incoming.alert(WEB_SHELL)
    clock.at += 300 * DAY
    incoming.act(dismiss, DPO, "A test of the provider.")
    before = numbers(incoming)
    clock.at += KEEP.bodies - DAY
    tidied(incoming)
    assert bodies(incoming) == [True]
    clock.at += 2 * DAY
    assert tidied(incoming) == 1
    assert bodies(incoming) == [False]
    assert numbers(incoming) == before
    assert incoming.count(TimelineDetailRow) == incoming.count(TimelineEntryRow)
    assert incoming.count(StrandRow) == 0


def test_what_joined_after_the_end_counts_from_then(incoming: Incoming, clock: Clock) -> None:
    """The echo of a dismissed incident keeps its body for as long as any other."""
    incoming.alert({**WEB_SHELL, "signal": "anomaly"})
    incoming.act(dismiss, DPO, "A test of the provider.")
    clock.at += timedelta(minutes=20)
    incoming.alert({**WEB_SHELL, "signal": "anomaly"})
    (row,) = incoming.rows(AlertRow)
    assert row.count == 2
    clock.at += KEEP.bodies - timedelta(minutes=10)
    tidied(incoming)
    assert bodies(incoming) == [True]


def test_what_was_only_observed_goes_after_its_time(incoming: Incoming, clock: Clock) -> None:
    """Rows that opened and joined nothing; the same alert later is a new row and counts anew."""
    incoming.alert(SCAN, {**SCAN, "id": "other"})
    clock.at += KEEP.observed - DAY
    incoming.alert({**SCAN, "id": "young"})
    assert tidied(incoming) == 0
    clock.at += 2 * DAY
    assert tidied(incoming) == 2
    assert len(incoming.rows(AlertRow)) == 1


def test_observed_rows_are_kept_no_longer_than_bodies(incoming: Incoming, clock: Clock) -> None:
    """They hold bodies too."""
    incoming.alert(SCAN)
    clock.at += 31 * DAY
    assert tidied(incoming, Keep(bodies=30 * DAY, observed=100 * DAY)) == 1


def test_what_nobody_understood_goes_after_its_time(incoming: Incoming, clock: Clock) -> None:
    """Played again or not."""
    incoming.send_bytes(b"\x00")
    incoming.process()
    assert incoming.count(QuarantineRow) == 1
    clock.at += KEEP.bodies - DAY
    assert tidied(incoming) == 0
    clock.at += 2 * DAY
    assert tidied(incoming) == 1
    assert incoming.count(QuarantineRow) == 0


def test_marks_of_deliveries_go_when_nobody_sends_them_again(incoming: Incoming, clock: Clock) -> None:
    """Slice by slice, whatever their number."""
    rows = [DeliverySeenRow(source_id=1, key=f"k{number}", expires_at=clock.at) for number in range(25)]
    rows.append(DeliverySeenRow(source_id=1, key="still", expires_at=clock.at + DAY))
    incoming.service.database.write(lambda session: session.add_all(rows))
    assert incoming.service.database.write(lambda session: tidy(session, clock.at, KEEP, 10)) == 10
    assert tidied(incoming, most=10) == 15


def test_a_slice_is_never_larger_than_it_was_asked_to_be(incoming: Incoming, clock: Clock) -> None:
    """So that no answer waits for a year of rows."""
    incoming.alert(*({**SCAN, "id": f"scan-{number}"} for number in range(25)))
    clock.at += 400 * DAY
    sizes = [incoming.service.database.write(lambda session: tidy(session, clock.at, KEEP, 10)) for _ in range(4)]
    assert sizes == [10, 10, 5, 0]


def test_a_daily_flood_leaves_the_database_as_large_as_its_time(incoming: Incoming, clock: Clock) -> None:
    """Every day other scans, for a month: there are never more rows than of the days that are kept."""
    a_day, keep = 30, Keep(bodies=5 * DAY, observed=5 * DAY)
    most = 0
    for day in range(30):
        incoming.alert(*({**SCAN, "id": f"{day}-{number}"} for number in range(a_day)))
        tidied(incoming, keep)
        most = max(most, incoming.count(AlertRow))
        clock.at += DAY
    assert most == 6 * a_day


def test_a_visit_that_ended_is_forgotten_after_a_month(incoming: Incoming, clock: Clock) -> None:
    """Sessions and links that ended, and what is awaited of a browser no more; never a session that goes on."""
    user = incoming.service.database.write(lambda session: _somebody(session, START))
    ends, late = {"created_at": START, "expires_at": START + DAY}, START + 900 * DAY
    rows = [
        SessionRow(token_hash="ended", user_id=user, **ends),
        SessionRow(token_hash="revoked", user_id=user, created_at=START, expires_at=late, revoked_at=START),
        SessionRow(token_hash="lasting", user_id=user, created_at=START, expires_at=late),
        OneTimeLinkRow(token_hash="link", purpose="reset", by="", **ends),
        ChallengeRow(token_hash="asked", purpose="passkey", sealed="", **ends),
    ]
    incoming.service.database.write(lambda session: session.add_all(rows))
    clock.at += 29 * DAY
    assert tidied(incoming) == 1
    assert incoming.count(ChallengeRow) == 0
    clock.at += 3 * DAY
    assert tidied(incoming) == 3
    assert [one.token_hash for one in incoming.rows(SessionRow)] == ["lasting"]
    assert incoming.count(OneTimeLinkRow) == 0


def _somebody(session: Session, now: datetime) -> int:
    row = UserRow(email="somebody@example.test", name="Somebody", role="viewer", created_at=now)
    session.add(row)
    session.flush()
    return row.id or 0


def test_the_operator_says_how_long(sqlite_service: Service) -> None:
    """A year for bodies and half a year for what was observed, unless the settings say otherwise."""
    assert sqlite_service.keep == Keep()
    sqlite_service.settings = sqlite_service.settings.model_copy(update={"keep_bodies_days": 90})
    assert sqlite_service.keep == Keep(bodies=90 * DAY)


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (tidying.observed_before(START, 10), "ix_alert_observed"),
        (tidying.with_bodies_before(START, 10), "ix_alert_of_incident"),
        (tidying.strands_before(START, 10), "ix_strand_incident_id"),
        (tidying.quarantined_before(START, 10), "ix_quarantine_received_at"),
    ],
)
def test_what_goes_is_found_by_an_index(sqlite_service: Service, statement: object, index: str) -> None:
    """However large the database is; in the plan of SQLite."""
    compiled = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))  # type: ignore[attr-defined]
    with sqlite_service.database.reading() as session:
        plan = [row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))]
    assert any(index in one for one in plan), plan
    assert not any(one.startswith("SCAN") for one in plan), plan
