"""A month in minutes: two workers that are killed at any moment forget no rung of any ladder, and say little twice.

`make test` plays two days of it, `make test-long` thirty.
"""

import os
import random
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from breach_service.acts.closing import dismiss
from breach_service.acts.incidents import Awareness, confirm, record_awareness
from breach_service.app import Service
from breach_service.domain.incident import IncidentStatus
from breach_service.domain.reminders import STANDARD, TRIAGE, Ladder, Owed, owed_of
from breach_service.domain.waking import WakeReason
from breach_service.store import obligations, timeline
from breach_service.store.calls_tables import CallRow
from breach_service.store.tables import IncidentRow, OutboxRow, ReminderRow
from breach_service.worker.delivering import MOST_AT_ONCE
from tests.conftest import SECRET_KEY, START, settings_for
from tests.deciders import DPO
from tests.pipeline.incoming import WEB_SHELL, Incoming
from tests.system.month import AT_THE_WORST_MOMENT, CARD, PROCESSES, Book, Crew

IS_LONG = os.environ.get("LONG") == "1"
DAYS, NEW_EVERY, STEP = (
    (30, timedelta(hours=17), timedelta(minutes=20)) if IS_LONG else (2, timedelta(hours=5), timedelta(minutes=30))
)
SEED = os.environ.get("MONTH_SEED") or secrets.token_hex(4)
"""Chooses the moments; a run that failed prints it."""
KILLED_OF = 40 if IS_LONG else 10
"""Of so many steps one sees a worker killed from outside, besides those that die in the middle of sending."""
AWAY_OF = 150 if IS_LONG else 40
"""Of so many steps one begins a time in which nobody works."""
LONGEST_AWAY = timedelta(hours=20)
"""Shorter than the day after which what is overdue is said again."""


class Month:
    """Incidents that arise, and people who confirm, dismiss, or forget them."""

    def __init__(self, service: Service, crew: Crew, clock: Any, chance: random.Random) -> None:
        self.service, self.crew, self.clock, self.chance = service, crew, clock, chance
        self.incoming = Incoming(service)
        self.sent = 0
        self.away: list[tuple[datetime, datetime]] = []
        self._later: list[tuple[datetime, Callable[[], None]]] = []

    def play(self, until: datetime) -> None:
        """Step by step; a step is longer while nobody works."""
        new_at = self.clock.at
        while self.clock.at < until:
            if self.clock.at >= new_at:
                self._arise()
                new_at += NEW_EVERY
            is_killed = self.chance.random() < 1 / KILLED_OF
            self.crew.show(self.clock.at, kill_after=self.chance.random() / 10 if is_killed else None)
            for one in [one for one in self._later if one[0] <= self.clock.at]:
                self._later.remove(one)
                one[1]()
            step = STEP
            if self.chance.random() < 1 / AWAY_OF:
                step = self.chance.random() * LONGEST_AWAY
                self.crew.end()
                self.away.append((self.clock.at, self.clock.at + step))
            self.clock.at += step
        for _ in range(3):  # what was under way when its worker died is taken up when its lease has ended
            self.clock.at += STEP
            self.crew.show(self.clock.at)

    def _arise(self) -> None:
        number, now = self.sent, self.clock.at
        self.sent += 1
        host = f"host-{number}"
        self.incoming.send({**WEB_SHELL, "host": host, "system": "application", "id": host})
        match number % 4:
            case 0:  # aware since long ago, so that a short run climbs to the top as well
                self._confirm_at(number, now + STEP, aware_at=now - timedelta(hours=60))
            case 1:
                self._confirm_at(number, now + STEP, aware_at=now)
            case 2:
                self._later.append((now + timedelta(hours=10), lambda: self._dismiss(number)))
            case _:
                pass  # nobody ever says what it is

    def _confirm_at(self, number: int, at: datetime, aware_at: datetime) -> None:
        def work() -> None:
            aware = Awareness(aware_at, "The logs show it.")
            self.incoming.act(record_awareness, DPO, aware, reference=self._reference(number))
            self.incoming.act(confirm, DPO, "Data were read.", reference=self._reference(number))

        self._later.append((at, work))

    def _dismiss(self, number: int) -> None:
        self.incoming.act(dismiss, DPO, "A test of our own.", reference=self._reference(number))

    def _reference(self, number: int) -> str:
        return f"INC-2026-{number + 1:04d}"


def owed_marks(ladder: Ladder, owed: Owed, now: datetime) -> Iterator[str]:
    """What must have been spoken of by now, as the ladder says it: its rungs after the beginning of the term."""
    for rung in ladder.rungs:
        if rung.elapsed_percent is not None:
            at = owed.triggered_at + (owed.due_at - owed.triggered_at) * rung.elapsed_percent / 100
            mark = f"{rung.id}:{owed.due_at.isoformat()}:{owed.triggered_at.isoformat()}"
        else:
            at = owed.due_at + timedelta(hours=(rung.hours_after or 0) - (rung.hours_before or 0))
            mark = f"{rung.id}:{owed.due_at.isoformat()}"
        if owed.triggered_at < at <= now:
            yield mark
        if rung.again_every_hours is not None:
            for times in range(1, int((now - at) / timedelta(hours=rung.again_every_hours)) + 1):
                yield f"{rung.id}+{times}:{owed.due_at.isoformat()}"


@pytest.fixture
def crew_of(tmp_path: Path) -> Iterator[Callable[..., Crew]]:
    """Workers, ended after the test."""
    PROCESSES.set_forkserver_preload(["tests.system.month"])
    made: list[Crew] = []

    def make(database_url: str | None, size: int, chance: random.Random) -> Crew:
        values = {
            "data_dir": str(tmp_path / "data"), "database_url": database_url, "secret_key": SECRET_KEY,
            "at_worst": AT_THE_WORST_MOMENT if IS_LONG else 5 * AT_THE_WORST_MOMENT,
        }  # fmt: skip
        made.append(Crew(values, tmp_path, size, chance))
        return made[-1]

    yield make
    for one in made:
        one.end()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("database", "workers"), [("sqlite", 1), ("postgres", 2)])
def test_no_rung_of_a_month_is_forgotten_and_little_is_said_twice(
    database: str, workers: int, make_service: Any, crew_of: Any, clock: Any, channel: Any, tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    """Every rung is spoken of, each message leaves at least once and at most once more per crash, the seals hold.

    No alert, incident or obligation is lost, and nothing is said of what was dismissed.
    """
    url = request.getfixturevalue("postgres_url") if database == "postgres" else None
    channel.name = Book.name  # what people do is told where the workers tell it
    service, chance = make_service(settings_for(tmp_path, url)), random.Random(f"{SEED} {database}")
    crew = crew_of(url, workers, chance)
    month = Month(service, crew, clock, chance)
    month.play(START + timedelta(days=DAYS))

    knowledge, now = service.knowledge(), clock.at
    with service.database.reading() as session:
        rows = list(session.exec(select(IncidentRow).order_by(IncidentRow.id)))  # type: ignore[arg-type]
        reminders = list(session.exec(select(ReminderRow)))
        called = set(session.exec(select(CallRow.incident_id).where(CallRow.reason == WakeReason.DEADLINE)))
        waiting = list(session.exec(select(OutboxRow.key).where(OutboxRow.done_at == None)))  # noqa: E711
        held = obligations.by_incident(session, [row.id or 0 for row in rows])
        faults = timeline.broken_seals(session)
    assert len(rows) == month.sent
    assert len({frozenset(one.key for one in held[row.id or 0]) for row in rows}) == 1, "obligations were lost"
    assert (waiting, faults) == ([], [])

    forgotten, rungs = [], 0
    for row in rows:
        spoken = {mark for one in reminders if one.incident_id == row.id for mark in one.speaks_for}
        wanted: set[str] = set()
        if row.status == IncidentStatus.CONFIRMED:
            for owed in owed_of(held[row.id or 0]):
                wanted |= set(owed_marks(knowledge.rhythm.ladder(owed.ladder), owed, now - STEP))
                assert owed.ladder != STANDARD or owed.due_at > now or row.id in called, "nobody was called"
        elif row.status != IncidentStatus.DISMISSED:
            owed = Owed(next(iter(held[row.id or 0])).duty, row.detected_at, row.qualify_by, False)
            marks = owed_marks(knowledge.rhythm.ladder(TRIAGE), owed, now - STEP)
            wanted = {f"qualify:{mark}" for mark in marks}
        else:
            assert row.closed_at is None or all(
                one.said_at <= row.closed_at for one in reminders if one.incident_id == row.id
            )
        rungs += len(wanted)
        forgotten += [f"{row.reference} {mark}" for mark in sorted(wanted - spoken)]
    said = crew.said
    messages = {f"reminder:{Book.name}:{one.incident_id}:{one.key}" for one in reminders}
    twice = {key: times - 1 for key, times in said.items() if not key.startswith(CARD) and times > 1}
    print(
        f"\n{database}, {workers} worker(s), seed {SEED}: {DAYS} days, {len(rows)} incidents, {crew.kills} SIGKILLs, "
        f"{len(month.away)} times nobody there, {rungs} rungs owed, {len(reminders)} reminders, {sum(said.values())} "
        f"messages, {sum(twice.values())} said again, {len(forgotten)} forgotten"
    )
    assert crew.kills > 0
    assert rungs > 0
    assert forgotten == []
    assert messages - set(said) == set()
    assert max(twice.values(), default=0) <= crew.kills
    assert sum(twice.values()) <= crew.kills * MOST_AT_ONCE
