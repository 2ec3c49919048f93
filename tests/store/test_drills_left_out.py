"""Exercises are in no register, no metric and no list of what is owed: decided for every function that reads incidents.

A new reader fails here until somebody has said what it makes of exercises.
"""

import ast
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path

import pytest
from sqlmodel import select

from breach_service import store
from breach_service.domain.alert import Signal
from breach_service.domain.incident import EntryKind
from breach_service.store import (
    activations,
    closing,
    incidents,
    measures,
    open_clocks,
    reviews,
    timeline,
)
from breach_service.store.database import Database, Session
from breach_service.store.tables import IncidentRow, ObligationRow
from breach_service.store.work_tables import MeasureRow

READING = {"select", "core_select", "exists", "join", "outerjoin", "select_from", "rows_of"}


class Reads(Enum):
    """What a function that reads incidents makes of exercises."""

    WITHOUT = "it leaves them out"
    NAMED = "it is asked for certain incidents, by number or reference"
    ALERTS = "it goes by alerts or senders, and an exercise has none"
    SHOWN = "it is a list for readers, in which the reference EX- tells an exercise"
    TEAM = "it tells our own team, and what is said of an exercise says so first"
    ALL = "it is about rows, whatever they are"


READERS = {
    "activations._COUNTED": Reads.WITHOUT,
    "activations.count_incidents": Reads.WITHOUT,
    "activations.incidents_opened": Reads.WITHOUT,
    "alerts._IN_INCIDENTS": Reads.ALERTS,
    "alerts.newest": Reads.ALERTS,
    "audit.count_hidden": Reads.ALL,
    "audit.entries": Reads.ALL,
    "audit.people_in": Reads.ALL,
    "calls._shown": Reads.SHOWN,
    "calls.unacknowledged": Reads.WITHOUT,
    "closing._AWARE": Reads.NAMED,
    "closing._FILED": Reads.NAMED,
    "closing._closable": Reads.NAMED,
    "closing.closable": Reads.WITHOUT,
    "closing.dismissals": Reads.WITHOUT,
    "closing.ended": Reads.WITHOUT,
    "compartments.count_unseen": Reads.WITHOUT,
    "compartments.named_since": Reads.TEAM,
    "compartments.restricted_among": Reads.NAMED,
    "deciding.glasses": Reads.SHOWN,
    "drills._read": Reads.SHOWN,
    "dry_runs.references_since": Reads.ALERTS,
    "feeds.dates": Reads.WITHOUT,
    "grouping._STRANDS": Reads.ALERTS,
    "handover._letters": Reads.WITHOUT,
    "handover._open_incidents": Reads.WITHOUT,
    "incidents._ON_BOARD": Reads.NAMED,
    "incidents._TOLD": Reads.NAMED,
    "incidents.count_by_organisation": Reads.ALL,
    "incidents.count_by_status": Reads.WITHOUT,
    "incidents.oldest_unqualified": Reads.WITHOUT,
    "incidents.open_ids": Reads.TEAM,
    "incidents.opened_under_observation": Reads.ALERTS,
    "incidents.row_of": Reads.NAMED,
    "incidents.rows_by_id": Reads.NAMED,
    "incidents.seen_among": Reads.NAMED,
    "incidents.summaries": Reads.SHOWN,
    "measures.count_open": Reads.WITHOUT,
    "measures.open_measures": Reads.WITHOUT,
    "merging.having_taken_in": Reads.NAMED,
    "merging.merged_into": Reads.NAMED,
    "neighbours.unseen_among": Reads.NAMED,
    "open_clocks._open": Reads.WITHOUT,
    "provider_notices._read": Reads.SHOWN,
    "provider_notices.of_incident": Reads.NAMED,
    "reminders._owed": Reads.NAMED,
    "reminders.speaking": Reads.TEAM,
    "reports._seen": Reads.SHOWN,
    "reviews._owes": Reads.NAMED,
    "reviews.awaited": Reads.WITHOUT,
    "sight.Visibility": Reads.NAMED,
    "silences.past": Reads.ALERTS,
    "tidying.strands_before": Reads.ALERTS,
    "tidying.with_bodies_before": Reads.ALERTS,
    "unknown_answers._given": Reads.ALERTS,
    "unknown_answers.lead_on": Reads.ALERTS,
    "unknown_names._hidden": Reads.ALERTS,
    "unknown_names.uses_of": Reads.ALERTS,
}


def parts() -> Iterator[tuple[str, ast.stmt]]:
    """Every function, class and value of the modules of `store` by module and name."""
    for file in sorted(Path(store.__file__).parent.glob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield f"{file.stem}.{node.name}", node
            elif isinstance(node, ast.Assign):
                yield f"{file.stem}.{ast.unparse(node.targets[0])}", node


def names_in(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def is_reading(node: ast.AST) -> bool:
    """True where it names the table of incidents and makes a query."""
    called = (one.func for one in ast.walk(node) if isinstance(one, ast.Call))
    verbs = {one.id if isinstance(one, ast.Name) else getattr(one, "attr", "") for one in called}
    return bool(names_in(node) & {"IncidentRow", "INCIDENT"} and verbs & READING)


def test_every_reader_of_incidents_has_a_decision_on_exercises() -> None:
    """Whoever writes a new one says what it makes of them, in `READERS`."""
    undecided = [name for name, node in parts() if is_reading(node) and name not in READERS]
    assert undecided == []


def test_no_decision_outlives_its_reader() -> None:
    """What is gone is taken off the list."""
    assert sorted(READERS.keys() - {name for name, _ in parts()}) == []


@pytest.mark.parametrize("name", [name for name, reads in READERS.items() if reads is Reads.WITHOUT])
def test_whoever_leaves_exercises_out_says_so_in_the_query(name: str) -> None:
    """Itself, or by a condition of its module."""
    found, module = dict(parts()), name.partition(".")[0]
    used = [name, *(f"{module}.{one}" for one in names_in(found[name]))]
    assert any("is_drill" in ast.unparse(found[one]) for one in used if one in found)


# What that means, with one real incident and one exercise that are alike -------------------------------------------


def incident(session: Session, now: datetime, reference: str, *, is_drill: bool) -> int:
    """A confirmed incident with one open duty and one measure."""
    row = IncidentRow(
        reference=reference, title="", status="confirmed", organisation="us", opened_at=now, detected_at=now,
        qualify_by=now, group_key=f"x:{reference}", first_alert_at=now, last_alert_at=now - timedelta(days=30),
        is_drill=is_drill, opened_by="probe", signals=[str(Signal.ANOMALY)], alerts=3, has_firing=False,
        closing_reason="false_alarm", qualified_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    owed = ObligationRow(
        incident_id=row.id, perimeter="own", recipient="cnil", public_id=reference, duty="authority",
        terms={
            "regime": "r", "kind": "legal", "reference": "", "hours": 72, "months": None, "counted_from": "aware_at",
        },
        advice="required", is_provisional=False, triggered_at=now, due_at=now + timedelta(hours=72), created_at=now,
        regime="gdpr-art33-authority",
    )  # fmt: skip
    planned = MeasureRow(
        incident_id=row.id,
        what="Reset",
        owner="a",
        due_on=now.date(),
        state="planned",
        planned_at=now,
        planned_by="a",
        audience="team",
    )
    session.add_all([owed, planned])
    session.flush()
    return row.id or 0


@pytest.fixture
def both(database: Database, now: datetime) -> Database:
    """A real incident and an exercise that differ in nothing else."""

    def work(session: Session) -> None:
        incident(session, now, "INC-2026-0001", is_drill=False)
        incident(session, now, "EX-2026-0001", is_drill=True)

    database.write(work)
    return database


def test_metrics_and_statistics_count_the_real_one_alone(both: Database, now: datetime) -> None:
    """Counts by status, dates for alarms, what was dismissed as noise, what content changes are compared with."""
    with both.reading() as session:
        assert incidents.count_by_status(session) == {"confirmed": 1}
        assert sum(one.count for one in open_clocks.counted(session, now)) == 1
        assert [one.reference for one in open_clocks.nearest(session, 500)] == ["INC-2026-0001"]
        assert len(closing.ended(session, now)) == 1
        assert activations.count_incidents(session) == 1
        assert [one.reference for one in activations.incidents_opened(session, now, 10)] == ["INC-2026-0001"]


def test_the_register_and_the_lists_of_what_is_to_be_done_hold_the_real_one_alone(
    both: Database, now: datetime
) -> None:  # fmt: skip
    """As the pages ask for them."""
    today = date(now.year, now.month, now.day)
    with both.reading() as session:
        found = incidents.summaries(session, with_drills=False)
        assert [one.incident.reference for one in found] == ["INC-2026-0001"]
        assert [one.reference for one in measures.open_measures(session)] == ["INC-2026-0001"]
        assert measures.count_open(session, incidents.FULL, today)[0] == 1


def test_who_waits_longest_is_never_an_exercise(both: Database, now: datetime) -> None:
    """Nor is an exercise proposed for closing, or awaits a review."""

    def work(session: Session) -> None:
        for row in session.exec(select(IncidentRow)):
            row.status = "suspected"
            row.detected_at = now - timedelta(days=9 if row.is_drill else 1)
            session.add(row)

    both.write(work)
    with both.reading() as session:
        assert incidents.oldest_unqualified(session)[0] == now - timedelta(days=1)
        assert [one.incident.reference for one in closing.closable(session, now)] == ["INC-2026-0001"]

    def close(session: Session) -> None:
        for row in session.exec(select(IncidentRow)):
            row.status, row.closed_at, row.is_restricted = "closed", now, True
            session.add(row)

    both.write(close)
    with both.reading() as session:
        assert [one.reference for one in reviews.awaited(session)] == ["INC-2026-0001"]


def test_the_chronology_of_an_exercise_is_verified_like_any_other(both: Database, now: datetime) -> None:
    """It is sealed into the same chain: nothing of it can be altered either."""
    both.write(lambda session: timeline.write_entry(session, 2, now, EntryKind.NOTED, "a", {"note": "x"}))
    both.write(lambda session: timeline.append_seals(session, now))
    with both.reading() as session:
        assert timeline.broken_seals(session) == []
        assert timeline.chain_head(session)[0] == 1
