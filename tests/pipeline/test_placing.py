"""Where alerts go: the same one counts up, a new one joins or opens an incident, and nothing is lost or told twice."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from breach_service.acts import incidents as acts
from breach_service.domain.alert import AlertStatus, Signal
from breach_service.domain.grouping import PlacementReason
from breach_service.domain.incident import EntryKind
from breach_service.store.tables import AlertRow, InboxRow, SourceRow
from tests.deciders import DPO
from tests.pipeline.incoming import SCAN, WEB_SHELL, Incoming

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EXPLOIT = {"title": "SQL in a form", "signal": "web_exploit", "host": "app-01", "id": "exploit"}


def test_an_alert_becomes_an_incident_with_everything_that_follows(incoming: Incoming, clock: Any) -> None:
    """Systems, perimeters, obligations, chronology and a card to send, in one transaction."""
    began_at = clock.at - MINUTE
    incoming.alert(WEB_SHELL, occurred_at=began_at.isoformat())
    dossier = incoming.dossier()
    incident = dossier.incident
    assert incident.reference == f"INC-{clock.at.year}-0001"
    assert incident.systems == ("application",)
    assert incident.signals == (Signal.WEB_SHELL,)
    assert (incident.alerts, incident.has_firing) == (1, True)
    assert (incident.detected_at, incident.opened_at) == (began_at, clock.at)
    assert incident.qualify_by == began_at + DAY
    keys = [one.perimeter.key for one in dossier.assessment.perimeters]
    assert keys[0] == "own"
    assert sorted(keys[1:]) == [
        "client:atelier-exemple", "client:commune-exemple", "client:kilbride-example", "client:mutuelle-exemple",
    ]  # fmt: skip
    assert {one.recipient for one in dossier.obligations} == {"cnil", "persons", "register", *keys[1:]}
    assert incoming.kinds()[:2] == [EntryKind.OPENED, EntryKind.ASSESSED]
    assert EntryKind.OBLIGATION_ARISEN in incoming.kinds()
    assert incoming.count(InboxRow) == 0


def test_the_same_alert_again_counts_up(incoming: Incoming, clock: Any) -> None:
    """Within one request, within one slice and across slices; one episode, last seen when it was said last."""
    incoming.alert(WEB_SHELL, WEB_SHELL)
    clock.at += MINUTE
    incoming.send(WEB_SHELL)
    clock.at += MINUTE
    incoming.send(WEB_SHELL)
    incoming.process()
    (episode,) = incoming.dossier().episodes
    assert (episode.count, episode.last_seen_at) == (4, clock.at)
    assert (incoming.incident().alerts, incoming.incident().last_alert_at) == (4, clock.at)


def test_the_same_words_of_another_sender_are_another_alert(incoming: Incoming) -> None:
    """Two senders that see the same thing stand side by side in one incident."""
    incoming.connect("second")
    incoming.alert(WEB_SHELL)
    incoming.alert(WEB_SHELL, source="second")
    dossier = incoming.dossier()
    assert [(one.source, one.count) for one in dossier.episodes] == [("probe", 1), ("second", 1)]
    assert dossier.incident.alerts == 2


def test_resolved_is_seen_as_resolved_and_closes_nothing(incoming: Incoming, clock: Any) -> None:
    """The incident stays open with nothing firing in it."""
    incoming.alert(WEB_SHELL)
    clock.at += MINUTE
    incoming.alert(WEB_SHELL, status="resolved")
    incident = incoming.incident()
    assert (incident.status, incident.has_firing) == ("suspected", False)
    assert [one.status for one in incoming.dossier().episodes] == [AlertStatus.RESOLVED]


def test_an_incident_fires_while_one_of_its_alerts_does(incoming: Incoming) -> None:
    """One alert that is over does not speak for the others."""
    incoming.alert(WEB_SHELL, EXPLOIT)
    incoming.alert(WEB_SHELL, status="resolved")
    assert incoming.incident().has_firing
    incoming.alert(EXPLOIT, status="resolved")
    assert not incoming.incident().has_firing


def test_what_fires_again_soon_after_it_was_over_is_the_same_problem(incoming: Incoming, clock: Any) -> None:
    """Within the window it counts up and fires again."""
    incoming.alert(WEB_SHELL)
    incoming.alert(WEB_SHELL, status="resolved")
    clock.at += 30 * MINUTE
    incoming.alert(WEB_SHELL)
    (episode,) = incoming.dossier().episodes
    assert (episode.count, episode.status) == (3, AlertStatus.FIRING)
    assert incoming.incident().has_firing


def test_what_fires_again_long_after_it_was_over_is_a_new_incident(incoming: Incoming, clock: Any) -> None:
    """Beyond the window, its sender having said that it was over."""
    incoming.alert(WEB_SHELL)
    incoming.alert(WEB_SHELL, status="resolved")
    clock.at += 2 * HOUR + MINUTE
    incoming.alert(WEB_SHELL)
    first, second = incoming.incidents()
    assert (first.alerts, second.alerts) == (2, 1)


def monitor_alert(at: datetime) -> bytes:
    """Alertmanager says a problem again and again until it says that it is over."""
    alert = {
        "status": "firing", "fingerprint": "a" * 16, "startsAt": at.isoformat(), "annotations": {"summary": "SQL"},
        "labels": {"alertname": "SqlInAForm", "signal": "web_exploit", "instance": "app-01"},
    }  # fmt: skip
    return json.dumps({"version": "4", "status": "firing", "alerts": [alert]}).encode()


def test_what_never_stopped_firing_counts_up_after_days(incoming: Incoming, clock: Any) -> None:
    """Its sender says when it is over, and never did: it is no second incident."""
    incoming.connect("prometheus", "alertmanager")
    for _ in range(2):
        incoming.send_bytes(monitor_alert(clock.at), "prometheus")
        incoming.process()
        clock.at += 3 * DAY
    assert incoming.incident().alerts == 2


def test_what_a_detector_sees_again_days_later_is_a_new_incident(incoming: Incoming, clock: Any) -> None:
    """It never says that anything is over."""
    incoming.alert(EXPLOIT)
    clock.at += 3 * DAY
    incoming.alert(EXPLOIT)
    assert [one.alerts for one in incoming.incidents()] == [1, 1]


def test_a_new_alert_joins_within_the_window(incoming: Incoming, clock: Any) -> None:
    """Another alert of the same system, two hours after the last one at most, belongs to the incident."""
    incoming.alert(WEB_SHELL)
    clock.at += 2 * HOUR
    incoming.alert(EXPLOIT)
    incident = incoming.incident()
    assert incident.signals == (Signal.WEB_SHELL, Signal.WEB_EXPLOIT)
    assert [one.why_here for one in incoming.dossier().episodes] == [
        PlacementReason.OPENED_INCIDENT,
        PlacementReason.SAME_KEY,
    ]


def test_a_new_alert_beyond_the_window_opens_a_second_incident(incoming: Incoming, clock: Any) -> None:
    """A minute more than two hours after the last one."""
    incoming.alert(WEB_SHELL)
    clock.at += 2 * HOUR + MINUTE
    incoming.alert(EXPLOIT)
    assert [one.reference[-4:] for one in incoming.incidents()] == ["0001", "0002"]


def test_an_incident_does_not_grow_for_ever(incoming: Incoming, clock: Any) -> None:
    """Steady noise does not hide a new attack: after a day and a half at most a new incident opens."""
    for number in range(60):
        incoming.alert(EXPLOIT, id=f"exploit-{number}")
        clock.at += HOUR
    spans = [one.last_alert_at - one.detected_at for one in incoming.incidents()]
    assert sum(one.alerts for one in incoming.incidents()) == 60
    assert len(spans) > 1
    assert max(spans) <= 36 * HOUR


def test_another_system_is_another_incident(incoming: Incoming) -> None:
    """The machines of one system are one, those of two are two."""
    incoming.alert(WEB_SHELL, {**WEB_SHELL, "host": "app-02", "id": "b"}, {**WEB_SHELL, "host": "db-01", "id": "c"})
    assert [one.systems for one in incoming.incidents()] == [("application",), ("database",)]


def test_what_was_observed_is_adopted_when_the_incident_opens(incoming: Incoming, clock: Any) -> None:
    """The scan that came before the web shell is part of the story, though it opened nothing."""
    incoming.alert(SCAN)
    assert incoming.incidents() == []
    clock.at += 5 * MINUTE
    incoming.alert(WEB_SHELL)
    dossier = incoming.dossier()
    assert [(one.signal, one.why_here) for one in dossier.episodes] == [
        (Signal.SCAN, PlacementReason.OBSERVED_BEFORE),
        (Signal.WEB_SHELL, PlacementReason.OPENED_INCIDENT),
    ]
    assert dossier.incident.alerts == 2
    assert dossier.incident.detected_at == clock.at, "a scan detects nothing"


def test_what_was_observed_long_before_is_not_adopted(incoming: Incoming, clock: Any) -> None:
    """Nor is what was observed of another system."""
    incoming.alert(SCAN)
    incoming.alert(SCAN, host="db-01", id="other")
    clock.at += 2 * HOUR
    incoming.alert(WEB_SHELL)
    assert len(incoming.dossier().episodes) == 1


def test_an_incident_of_the_past_does_not_adopt_what_is_observed_today(incoming: Incoming, clock: Any) -> None:
    """A report that comes two days late has nothing to do with the scan of this morning."""
    incoming.alert(SCAN)
    incoming.alert(WEB_SHELL, occurred_at=(clock.at - 2 * DAY).isoformat())
    assert [one.signal for one in incoming.dossier().episodes] == [Signal.WEB_SHELL]


def test_the_scan_goes_on_in_the_same_request_as_the_web_shell(incoming: Incoming, clock: Any) -> None:
    """An alert observed before, adopted and said again, all in one body, is one episode that counts up."""
    incoming.alert(SCAN)
    clock.at += MINUTE
    incoming.alert(WEB_SHELL, {**SCAN, "occurred_at": (clock.at + timedelta(seconds=1)).isoformat()})
    assert [(one.signal, one.count) for one in incoming.dossier().episodes] == [(Signal.SCAN, 2), (Signal.WEB_SHELL, 1)]


def test_an_alert_whose_end_came_first_still_opens(incoming: Incoming, clock: Any) -> None:
    """“Resolved” arrives before “firing”: observed first, then an incident, and no body is lost."""
    incoming.alert(WEB_SHELL, status="resolved")
    assert incoming.incidents() == []
    clock.at += MINUTE
    incoming.alert(WEB_SHELL)
    assert incoming.incident().has_firing
    assert incoming.rows(SourceRow)[0].quarantined == 0


def test_what_was_over_before_anybody_looked_still_opens(incoming: Incoming, clock: Any) -> None:
    """A web shell that fired and resolved while the service was down is an incident, as if it had been up."""
    incoming.send(WEB_SHELL)
    clock.at += MINUTE
    incoming.send(WEB_SHELL, status="resolved")
    incoming.process()
    incident = incoming.incident()
    assert (incident.alerts, incident.has_firing) == (2, False)


def test_an_end_of_something_never_heard_of_opens_nothing(incoming: Incoming) -> None:
    """Only that it is over: observed and counted."""
    incoming.alert(WEB_SHELL, status="resolved")
    incoming.alert(WEB_SHELL, status="resolved")
    assert incoming.incidents() == []
    assert [(one.count, one.status) for one in incoming.rows(AlertRow)] == [(2, AlertStatus.RESOLVED)]


def test_a_dismissed_incident_takes_nothing_in_any_more(incoming: Incoming, clock: Any) -> None:
    """What fires again after it was dismissed opens a new one, also where it was over again at once."""
    incoming.alert(WEB_SHELL)
    dismiss(incoming)
    clock.at += MINUTE
    incoming.alert(WEB_SHELL, {**WEB_SHELL, "status": "resolved"})
    first, second = incoming.incidents()
    assert (first.status, first.alerts) == ("dismissed", 1)
    assert (second.status, second.alerts) == ("suspected", 2)


def dismiss(incoming: Incoming) -> None:
    incoming.act(acts.dismiss, DPO, "A test, announced on Friday.")


def test_what_goes_on_after_it_was_dismissed_wakes_nobody_again(incoming: Incoming, clock: Any) -> None:
    """For as long as two alerts of one system belong together; then it is looked at again."""
    incoming.alert(EXPLOIT)
    dismiss(incoming)
    for _ in range(3):
        clock.at += 30 * MINUTE
        incoming.alert(EXPLOIT)
    (incident,) = incoming.incidents()
    assert (incident.status, incident.alerts) == ("dismissed", 4)
    clock.at += HOUR
    incoming.alert(EXPLOIT)
    assert [one.status for one in incoming.incidents()] == ["dismissed", "suspected"]


@pytest.mark.parametrize("signal", ["heartbeat", "routine"])
def test_what_says_that_all_is_well_opens_nothing_and_is_counted(incoming: Incoming, clock: Any, signal: str) -> None:
    """Observed, counted, its sender seen; and it stays outside when an incident opens on its system."""
    for _ in range(3):
        incoming.alert({"title": "As every day", "signal": signal, "host": "app-01", "id": "daily"})
        clock.at += MINUTE
    assert incoming.incidents() == []
    (observed,) = incoming.rows(AlertRow)
    assert (observed.count, observed.why_here) == (3, PlacementReason.OPENS_NOTHING)
    assert incoming.rows(SourceRow)[0].received == 3
    incoming.alert(WEB_SHELL)
    assert [one.signal for one in incoming.dossier().episodes] == [Signal.WEB_SHELL]


def own_alert(**labels: str) -> bytes:
    alert = {
        "status": "firing", "fingerprint": "f" * 16, "annotations": {"summary": "A deadline is near"},
        "labels": {"alertname": "BreachDeadlineNear", "service": "breach_service", **labels},
    }  # fmt: skip
    return json.dumps({"version": "4", "status": "firing", "alerts": [alert]}).encode()


def test_an_own_alert_joins_the_incident_that_it_names_and_changes_nothing_of_it(incoming: Incoming) -> None:
    """Neither the count nor the systems, however often it is said; it opens none by itself."""
    incoming.connect("prometheus", "alertmanager")
    incoming.send_bytes(own_alert(incident="INC-2026-0001"), "prometheus")
    incoming.process()
    assert incoming.incidents() == []
    incoming.alert(WEB_SHELL)
    before = incoming.incident()
    for _ in range(2):
        incoming.send_bytes(own_alert(incident="INC-2026-0001", host="db-01"), "prometheus")
        incoming.process()
    after = incoming.incident()
    assert (after.alerts, after.systems, after.signals) == (before.alerts, before.systems, before.signals)
    assert after.last_alert_at == before.last_alert_at
    joined = [one for one in incoming.dossier().episodes if one.why_here == PlacementReason.NAMES_INCIDENT]
    assert [one.count for one in joined] == [2]


def test_an_own_alert_that_names_no_incident_is_only_counted(incoming: Incoming) -> None:
    """A worker that is silent is no breach."""
    incoming.connect("prometheus", "alertmanager")
    incoming.send_bytes(own_alert(), "prometheus")
    incoming.process()
    assert incoming.incidents() == []
    assert incoming.count(AlertRow) == 1


def test_alerts_may_come_in_any_order(incoming: Incoming, clock: Any) -> None:
    """The incident was detected when the earliest alert happened, whenever that one arrived."""
    incoming.alert(WEB_SHELL)
    clock.at += MINUTE
    earlier = clock.at - 40 * MINUTE
    incoming.alert(EXPLOIT, occurred_at=earlier.isoformat())
    incident = incoming.incident()
    assert (incident.detected_at, incident.qualify_by) == (earlier, earlier + DAY)
    assert incident.last_alert_at == clock.at - MINUTE
    assert incoming.owed_to("cnil").due_at == earlier + 3 * DAY


def test_an_alert_that_comes_very_late_opens_its_own_incident(incoming: Incoming, clock: Any) -> None:
    """It is not squeezed into the incident of another day."""
    incoming.alert(WEB_SHELL)
    incoming.alert(EXPLOIT, occurred_at=(clock.at - 2 * DAY).isoformat())
    assert [one.detected_at for one in incoming.incidents()] == [clock.at, clock.at - 2 * DAY]


def test_what_fired_before_it_was_over_and_comes_late_does_not_fire_again(incoming: Incoming, clock: Any) -> None:
    """Senders that try again deliver out of order: the later word counts."""
    began_at = clock.at
    clock.at += 10 * MINUTE
    incoming.alert(WEB_SHELL, occurred_at=began_at.isoformat())
    incoming.alert(WEB_SHELL, status="resolved")
    incoming.alert(WEB_SHELL, occurred_at=(began_at + MINUTE).isoformat())
    (episode,) = incoming.dossier().episodes
    assert (episode.status, episode.count) == (AlertStatus.RESOLVED, 3)


@pytest.mark.parametrize(
    "said",
    ["2026-11-24T08:00:00Z", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "soon", "", None],
)
def test_a_time_of_the_sender_that_cannot_be_is_replaced_by_the_receipt(
    sqlite_incoming: Incoming, clock: Any, said: str | None
) -> None:
    """In the future, zero, or no time at all."""
    sqlite_incoming.alert(WEB_SHELL, occurred_at=said)
    assert sqlite_incoming.incident().detected_at == clock.at == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_every_member_of_a_large_body_is_placed(incoming: Incoming) -> None:
    """One request may hold thousands of alerts of thousands of machines."""
    alerts = [{"title": "t", "signal": "scan", "host": f"m-{number}", "id": str(number)} for number in range(1200)]
    incoming.alert(*alerts)
    incoming.alert(*alerts)
    assert {one.count for one in incoming.rows(AlertRow)} == {2}
    assert incoming.count(AlertRow) == 1200
