"""A dry run of changed rules of grouping: what would be new, merged, split or gone, and nothing is stored."""

from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts.grouping import try_grouping
from breach_service.domain.access import Actor, UserRole
from breach_service.errors import InvalidCommand, NotAllowed
from breach_service.pipeline.dry_running import Change, DryRun
from breach_service.store.tables import METADATA
from tests.pipeline.incoming import Incoming

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
RESPONDER = Actor("Yanis", UserRole.RESPONDER)
EXPLOIT = {"title": "SQL in a form", "signal": "web_exploit", "host": "app-77", "id": "exploit"}


@pytest.fixture
def incoming(sqlite_incoming: Incoming) -> Incoming:
    return sqlite_incoming


def tried(incoming: Incoming, *changes: tuple[str, str], actor: Actor = RESPONDER, back: timedelta = 7 * DAY) -> Any:
    """What comes of the rules in force with replacements."""
    service = incoming.service
    catalogue = service.knowledge().catalogue
    text = catalogue.documents["grouping.yaml"]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    with service.database.reading() as session:
        return try_grouping(session, actor, text, back, catalogue, service.now())


def run_of(incoming: Incoming, *changes: tuple[str, str], **how: Any) -> DryRun:
    found = tried(incoming, *changes, **how).run
    assert isinstance(found, DryRun)
    return found


SHORTER = (("quiet_minutes: 120", "quiet_minutes: 60"), ("  host: 120", "  host: 60"))
LONGER = (("quiet_minutes: 120", "quiet_minutes: 300"),)
SHUT = (
    ("rules:\n  - id: echo-of", "rules:\n  - id: nothing\n    why: {fr: Rien.}\n    when: {tout: {fact: alert.signal, "
     "known: yes}}\n    role: observes\n  - id: echo-of"),
)  # fmt: skip
OPEN = tuple((old, new.replace("role: observes\n  - id: echo", "role: opens\n  - id: echo")) for old, new in SHUT)


def test_the_same_rules_change_nothing(incoming: Incoming) -> None:
    """Every incident stays as it is."""
    incoming.alert(EXPLOIT)
    found = run_of(incoming)
    assert (found.looked_at, found.same, found.incidents) == (1, 1, ())
    assert found.before == found.after
    assert (found.before.incidents, found.before.opens, found.before.observed) == (1, 1, 0)


def test_rules_that_open_nothing_show_what_would_be_gone(incoming: Incoming) -> None:
    """With the incident in which it stands today."""
    incoming.alert(EXPLOIT)
    found = run_of(incoming, *SHUT)
    (only,) = found.incidents
    assert (only.change, only.references) == (Change.GONE, ("INC-2026-0001",))
    assert found.gone == ("SQL in a form",)
    assert (found.after.incidents, found.after.observed) == (0, 1)


def test_rules_that_open_more_show_what_would_be_new(incoming: Incoming) -> None:
    """What was only counted until now."""
    incoming.alert({**EXPLOIT, "signal": "routine", "title": "Log-in succeeded"})
    found = run_of(incoming, *OPEN)
    assert [one.change for one in found.incidents] == [Change.OPENED]
    assert found.new == ("Log-in succeeded",)


def test_a_longer_quiet_time_merges_and_a_shorter_one_splits(incoming: Incoming, clock: Any) -> None:
    """Three attacks with pauses between them: of 100 minutes, then of 200."""
    for number, pause in enumerate((100, 200, 0)):
        incoming.alert({**EXPLOIT, "id": f"exploit-{number}"})
        clock.at += pause * MINUTE
    assert [one.change for one in run_of(incoming, *LONGER).incidents] == [Change.MERGED]
    parts = run_of(incoming, *SHORTER).incidents
    assert [one.change for one in parts] == [Change.SPLIT, Change.SPLIT]


def test_alerts_that_join_and_leave_are_counted(incoming: Incoming, clock: Any) -> None:
    """An alert that opens nothing, nearer or farther from the attack than the rules take in."""
    incoming.alert(EXPLOIT)
    clock.at += 20 * MINUTE
    incoming.alert({**EXPLOIT, "title": "Pages tried", "signal": "scan", "id": "scan"})
    (only,) = run_of(incoming, ("around_minutes: 30", "around_minutes: 10")).incidents
    assert (only.change, only.left, only.joined) == (Change.SHRANK, 1, 0)


def test_faults_are_told_with_their_lines(incoming: Incoming) -> None:
    """All of them, and nothing is played."""
    found = tried(incoming, ("quiet_minutes: 120", "quiet_minutes: soon"), ("longest_hours: 24", "longest_hours: day"))
    assert found.run is None
    assert [one.path for one in found.faults] == ["grouping.yaml"] * 2
    assert all(one.line > 1 for one in found.faults)


def test_nothing_is_stored(incoming: Incoming) -> None:
    """The database is as it was."""
    incoming.alert(EXPLOIT)

    def counts() -> dict[str, int]:
        with incoming.service.database.reading() as session:
            connection = session.connection()
            return {
                name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
                for name in METADATA.tables
            }

    before = counts()
    run_of(incoming, *SHUT)
    assert counts() == before


def test_only_the_chosen_time_is_looked_at(incoming: Incoming, clock: Any) -> None:
    """What is older is left out."""
    incoming.alert(EXPLOIT)
    clock.at += 3 * DAY
    assert run_of(incoming, back=2 * DAY).looked_at == 0
    assert run_of(incoming, back=4 * DAY).looked_at == 1
    with pytest.raises(InvalidCommand, match="how far back"):
        tried(incoming, back=timedelta())


@pytest.mark.parametrize("role", [UserRole.VIEWER, UserRole.AUDITOR, UserRole.INSPECTOR])
def test_whoever_only_reads_tries_nothing(incoming: Incoming, role: UserRole) -> None:
    """It takes the machine's time."""
    with pytest.raises(NotAllowed):
        tried(incoming, actor=Actor("somebody", role))
