"""Quiet, not blind: a silenced alert is stored, counted and shown, and wakes nobody."""

from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts import silences as acts
from breach_service.acts.silences import NewSilence
from breach_service.app import OPERATOR
from breach_service.domain.silences import Matchers, Silence, lines_of
from breach_service.store import silences
from breach_service.store.tables import AlertRow, IncidentRow, OutboxRow, ReminderRow
from tests.pipeline.incoming import SCAN, WEB_SHELL, Incoming

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LOGIN = {"title": "Login from two countries", "signal": "suspicious_login", "host": "app-01", "id": "login"}


def silence(incoming: Incoming, lasts: timedelta = HOUR, scanners: tuple[str, ...] = (), **matchers: Any) -> Silence:
    """What the probe says of `app-01`, unless said otherwise."""
    matchers = matchers or ({} if scanners else {"sources": ("probe",), "entities": ("app-01",)})
    new = NewSilence(incoming.now + lasts, "Works.", lines_of(Matchers(**matchers)), scanners, owner="Maud")
    return incoming.service.database.write(lambda session: acts.add_silence(session, OPERATOR, new, incoming.now))


def end(incoming: Incoming, one: Silence) -> None:
    incoming.service.database.write(lambda session: acts.end_silence(session, OPERATOR, one.id, "Done.", incoming.now))


def held(incoming: Incoming, one: Silence) -> Silence:
    with incoming.service.database.reading() as session:
        found = silences.by_id(session, one.id)
    assert found is not None
    return found


def turn(incoming: Incoming, clock: Any, span: timedelta) -> None:
    """Let the worker work for a while."""
    worker = incoming.service.worker()
    for _ in range(4):
        clock.at += span / 4
        while worker.turn(clock.at):
            pass


def test_a_silenced_alert_is_stored_counted_and_shown_and_sends_nothing(incoming: Incoming, clock: Any) -> None:
    """It opens an incident with all its clocks; no card, no reminder, for days."""
    one = silence(incoming)
    incoming.alert(WEB_SHELL, WEB_SHELL)
    clock.at += MINUTE
    incoming.alert(WEB_SHELL)
    incident = incoming.incident()
    assert (incident.is_muted, incident.alerts) == (True, 3)
    (episode,) = incoming.dossier().episodes
    assert episode.silenced is not None
    assert (episode.silenced.owner, episode.silenced.until) == ("Maud", one.ends_at)
    assert [row.silenced_by for row in incoming.rows(AlertRow)] == [one.id]
    counted = held(incoming, one)
    assert (counted.silenced, counted.last_silenced_at) == (3, clock.at)
    assert incoming.dossier().obligations
    turn(incoming, clock, 3 * DAY)
    assert incoming.count(OutboxRow) == incoming.count(ReminderRow) == 0


def test_without_the_silence_the_same_alert_wakes(incoming: Incoming) -> None:
    """The one above is no accident; what the silence is not about is told as ever."""
    silence(incoming, sources=("probe",), entities=("db-01",))
    incoming.alert(WEB_SHELL)
    assert not incoming.incident().is_muted
    assert incoming.count(OutboxRow) == 1
    assert incoming.rows(AlertRow)[0].silenced_by is None


@pytest.mark.parametrize("signal", ["exfiltration", "suspicious_login"])
def test_exfiltration_and_a_compromised_account_wake_all_the_same(incoming: Incoming, signal: str) -> None:
    """Unless the silence names the signal."""
    one = silence(incoming)
    incoming.alert(LOGIN, signal=signal)
    assert not incoming.incident().is_muted
    assert held(incoming, one).silenced == 0
    assert incoming.count(OutboxRow) == 1


def test_what_is_named_is_silenced_whatever_it_is(sqlite_incoming: Incoming) -> None:
    """Somebody thought of it and answers for it."""
    silence(sqlite_incoming, sources=("probe",), signals=("suspicious_login",))
    sqlite_incoming.alert(LOGIN)
    assert sqlite_incoming.incident().is_muted


def test_a_honeytoken_wakes_all_the_same(sqlite_incoming: Incoming) -> None:
    """Whatever sender says it."""
    silence(sqlite_incoming, sources=("probe",))
    sqlite_incoming.alert(WEB_SHELL, title="Honeytoken backup-admin was used", signal="anomaly")
    assert not sqlite_incoming.incident().is_muted


def test_an_alert_that_is_not_silenced_wakes_for_the_incident_that_it_joins(incoming: Incoming, clock: Any) -> None:
    """Of another sender, or of another rule; the silenced one stays what it is."""
    incoming.connect("second")
    silence(incoming)
    incoming.alert(WEB_SHELL)
    assert incoming.count(OutboxRow) == 0
    clock.at += MINUTE
    incoming.alert({**WEB_SHELL, "id": "again"}, source="second")
    assert not incoming.incident().is_muted
    assert incoming.count(OutboxRow) == 1
    assert [one.silenced is not None for one in incoming.dossier().episodes] == [True, False]


@pytest.mark.parametrize("is_ended", [True, False])
def test_what_goes_on_after_the_end_wakes(incoming: Incoming, clock: Any, is_ended: bool) -> None:
    """The next repeat of the very same alert is told, and no more shown as silenced."""
    one = silence(incoming)
    incoming.alert(WEB_SHELL)
    clock.at += HOUR / 2 if is_ended else HOUR
    if is_ended:
        end(incoming, one)
    incoming.alert(WEB_SHELL)
    assert not incoming.incident().is_muted
    assert [row.silenced_by for row in incoming.rows(AlertRow)] == [None]
    assert incoming.count(OutboxRow) == 1


def test_the_receipt_counts_and_not_when_the_problem_began(incoming: Incoming, clock: Any) -> None:
    """Senders repeat for days since when a problem goes on; made in one click, a silence holds at once."""
    began_at = clock.at.isoformat()
    incoming.alert(WEB_SHELL, occurred_at=began_at, host="db-01")
    clock.at += 2 * DAY
    one = silence(incoming, entities=("db-01",))
    incoming.alert(WEB_SHELL, occurred_at=began_at, host="db-01")
    assert held(incoming, one).silenced == 1


def test_one_repeat_of_a_minute_that_may_wake_is_enough(sqlite_incoming: Incoming) -> None:
    """Folded together, they are told."""
    one = silence(sqlite_incoming, rules=("PHP file in the upload folder",))
    sqlite_incoming.alert(WEB_SHELL, {**WEB_SHELL, "title": "PHP file in another folder"})
    assert not sqlite_incoming.incident().is_muted
    assert held(sqlite_incoming, one).silenced == 0


def test_a_silenced_alert_of_a_known_incident_is_counted_there(sqlite_incoming: Incoming, clock: Any) -> None:
    """An incident that people were told of goes on as it was."""
    sqlite_incoming.alert(WEB_SHELL)
    clock.at += MINUTE
    silence(sqlite_incoming)
    sqlite_incoming.alert({**WEB_SHELL, "id": "more"})
    incident = sqlite_incoming.incident()
    assert (incident.is_muted, incident.alerts) == (False, 2)


def test_what_opens_nothing_is_silenced_and_shown_as_well(incoming: Incoming) -> None:
    """A scan that stands in no incident says by whom it is silenced."""
    one = silence(incoming)
    incoming.alert(SCAN)
    assert incoming.incidents() == []
    assert [row.silenced_by for row in incoming.rows(AlertRow)] == [one.id]


def test_a_planned_scan_wakes_nobody_and_an_attacker_beside_it_does(incoming: Incoming) -> None:
    """By the addresses that carry it out."""
    silence(incoming, scanners=("192.0.2.0/24",))
    incoming.alert({**WEB_SHELL, "src_ip": "192.0.2.7"})
    assert incoming.incident().is_muted
    incoming.alert({**WEB_SHELL, "src_ip": "203.0.113.9", "id": "other"})
    assert not incoming.incident().is_muted


def test_a_silenced_wave_that_completes_a_pattern_wakes_nobody(sqlite_incoming: Incoming) -> None:
    """Sixty passwords tried by a tester are still a test."""
    silence(sqlite_incoming, scanners=("192.0.2.7",))
    tries = [
        {"title": "Failed login", "signal": "brute_force", "host": "app-01", "src_ip": "192.0.2.7", "id": f"t{n}",
         "user": f"u{n}"}
        for n in range(80)
    ]  # fmt: skip
    for some in (tries[:40], tries[40:]):
        sqlite_incoming.alert(*some)
    assert sqlite_incoming.incidents(), "the pattern is completed"
    assert all(one.is_muted for one in sqlite_incoming.incidents())
    assert sqlite_incoming.count(OutboxRow) == 0


def test_what_is_silenced_completes_no_pattern_by_staying_away(sqlite_incoming: Incoming, clock: Any) -> None:
    """A log that is stopped for works and stays so is no incident half an hour later; without a silence it is one."""
    stopped = {"title": "auditd stopped", "signal": "operations", "host": "app-01"}
    one = silence(sqlite_incoming, DAY, entities=("app-01",))
    sqlite_incoming.alert({**stopped, "id": "first"})
    assert held(sqlite_incoming, one).silenced == 1
    turn(sqlite_incoming, clock, 2 * HOUR)
    assert sqlite_incoming.count(IncidentRow) == 0
    end(sqlite_incoming, one)
    sqlite_incoming.alert({**stopped, "id": "second"})
    turn(sqlite_incoming, clock, 2 * HOUR)
    assert sqlite_incoming.incident().patterns == ("log-stopped-and-not-resumed",)
