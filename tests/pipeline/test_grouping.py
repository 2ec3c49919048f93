"""Grouping in the service: links across senders, patterns, merging, and what people decided."""

import json
from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts import incidents as acts
from breach_service.app import Service
from breach_service.catalog.catalogue import catalogue_from
from breach_service.domain.grouping import PlacementReason
from breach_service.domain.incident import EntryKind
from breach_service.pipeline.tending import tend
from breach_service.store import reference
from breach_service.store.grouping_tables import MergeProposalRow, StrandRow, TallyRow
from breach_service.store.tables import AlertRow
from tests.deciders import DPO
from tests.pipeline.incoming import Incoming

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ATTACKER = "203.0.113.9"
EXPLOIT = {"title": "SQL in a form", "signal": "web_exploit", "host": "app-01", "id": "exploit"}
TEXT = "{fr: mot, en: word}"
RULES = f"""\
title: {TEXT}
why: {TEXT}
quiet_minutes: 120
around_minutes: 60
longest_hours: 36
link_minutes: {{source_address: 120, file_hash: 600}}
common: {{values: [root, 198.51.100.0/24], seen_with: 3, on_days: 2, within_days: 14}}
sorts:
  scanned: {{title: {TEXT}, when: {{a: {{fact: alert.signal, is: scan}}}}}}
  failed: {{title: {TEXT}, when: {{a: {{fact: alert.words, contains: failed}}}}}}
  accepted: {{title: {TEXT}, when: {{a: {{fact: alert.words, contains: accepted}}}}}}
  began: {{title: {TEXT}, when: {{a: {{fact: alert.words, contains: began}}}}}}
  ended: {{title: {TEXT}, when: {{a: {{fact: alert.words, contains: ended}}}}}}
patterns:
  - id: guessing
    title: {TEXT}
    why: {TEXT}
    by: source_address
    steps:
      - {{sort: scanned, at_least: 20, within_minutes: 10}}
  - id: guessed
    title: {TEXT}
    why: {TEXT}
    by: source_address
    steps:
      - {{sort: failed, at_least: 5, within_minutes: 10}}
      - {{sort: accepted, after_minutes: 30}}
  - id: no-backup
    title: {TEXT}
    why: {TEXT}
    steps:
      - {{sort: began}}
      - {{sort: ended, after_minutes: 90, absent: yes}}
"""


@pytest.fixture
def incoming(service: Service) -> Incoming:
    """A sender, and the rules above in force."""
    made = Incoming(service)
    documents = {**service.knowledge().catalogue.documents, "grouping.yaml": RULES}
    reading = catalogue_from(documents)
    assert reading.faults == ()
    assert reading.catalogue is not None
    catalogue = reading.catalogue

    def put_in_force(session: Any) -> None:
        reference.activate_content(session, catalogue.digest, catalogue.documents, "test", service.now())

    service.database.write(put_in_force)
    return made


def alert_of(host: str, signal: str = "web_exploit", address: str = "", **more: Any) -> dict[str, Any]:
    said = {"title": f"{signal} on {host}", "signal": signal, "host": host, "id": f"{signal}-{host}-{address}"}
    return {**said, **({"source_address": address} if address else {}), **more}


def test_a_chain_across_senders_is_one_incident(incoming: Incoming, clock: Any) -> None:
    """Scanned at the firewall, caught by the detector, then seen on the machine: the address links them."""
    for name in ("firewall", "detector", "host"):
        incoming.connect(name)
    incoming.alert(alert_of("edge-9", "scan", ATTACKER), source="firewall")
    clock.at += 5 * MINUTE
    incoming.alert(alert_of("web-9", "web_exploit", ATTACKER), source="detector")
    clock.at += 20 * MINUTE
    incoming.alert(alert_of("web-9", "web_shell"), source="host")
    incident = incoming.incident()
    assert incident.alerts == 3
    assert {str(one) for one in incident.signals} == {"scan", "web_exploit", "web_shell"}
    reasons = {one.source: one.why_here for one in incoming.dossier().episodes}
    assert reasons == {
        "firewall": PlacementReason.OBSERVED_BEFORE,
        "detector": PlacementReason.OPENED_INCIDENT,
        "host": PlacementReason.SAME_KEY,
    }


def test_strangers_are_not_glued_together(incoming: Incoming) -> None:
    """Different machines, different addresses: different incidents, at the same minute."""
    incoming.alert(*(alert_of(f"m-{one}", address=f"203.0.113.{one}") for one in range(1, 5)))
    assert len(incoming.incidents()) == 4


def test_what_is_common_by_the_list_links_nothing(incoming: Incoming) -> None:
    """The network of our own scanner."""
    incoming.alert(alert_of("m-1", address="198.51.100.7"), alert_of("m-2", address="198.51.100.7"))
    assert len(incoming.incidents()) == 2


def test_what_was_named_beside_many_on_many_days_links_nothing(incoming: Incoming, clock: Any) -> None:
    """A mail gateway: it is learned from the days before."""
    for _ in range(2):
        incoming.alert(*(alert_of(f"m-{one}", "scan", ATTACKER) for one in range(4)))
        clock.at += DAY
    incoming.alert(alert_of("a-1", address=ATTACKER), alert_of("b-1", address=ATTACKER))
    assert len(incoming.incidents()) == 2
    incoming.alert(alert_of("a-2", address="203.0.113.77"), alert_of("b-2", address="203.0.113.77"))
    assert len(incoming.incidents()) == 3


def test_an_alert_that_links_two_incidents_makes_them_one(incoming: Incoming, clock: Any) -> None:
    """Both say so; the later one stands as merged, and nothing is owed of it any more."""
    incoming.alert(EXPLOIT)
    clock.at += MINUTE
    incoming.alert(alert_of("far-1", address=ATTACKER))
    assert len(incoming.incidents()) == 2
    clock.at += MINUTE
    incoming.alert({**EXPLOIT, "id": "link", "source_address": ATTACKER})
    first, second = incoming.incidents()
    assert (first.status, second.status) == ("suspected", "merged")
    assert first.alerts == 3
    assert EntryKind.TOOK_IN in incoming.kinds(first.reference)
    assert EntryKind.MERGED in incoming.kinds(second.reference)
    assert {one.incident_id for one in incoming.rows(AlertRow)} == {first.id}
    assert {one.incident_id for one in incoming.rows(StrandRow)} == {first.id}
    assert all(one.withdrawn_at for one in incoming.dossier(second.reference).obligations)


def test_an_incident_that_a_person_decided_about_is_only_proposed(incoming: Incoming, clock: Any) -> None:
    """Once; the chronology of both says it."""
    incoming.alert(EXPLOIT)
    command = acts.FactCommand("incident.malicious", "yes")
    incoming.act(acts.record_fact, DPO, command)
    clock.at += MINUTE
    incoming.alert(alert_of("far-1", address=ATTACKER))
    for number in range(3):
        clock.at += MINUTE
        incoming.alert({**EXPLOIT, "id": f"link-{number}", "source_address": ATTACKER})
    first, second = incoming.incidents()
    assert (first.status, second.status) == ("assessing", "suspected")
    assert incoming.count(MergeProposalRow) == 1
    assert incoming.kinds(first.reference).count(EntryKind.MERGE_PROPOSED) == 1
    assert incoming.kinds(second.reference).count(EntryKind.MERGE_PROPOSED) == 1


def test_so_many_of_a_kind_open_an_incident(incoming: Incoming, clock: Any) -> None:
    """Nineteen scans are observed, the twentieth makes them an incident with all that count."""
    for number in range(19):
        incoming.alert(alert_of(f"m-{number % 4}", "scan", ATTACKER, id=str(number)))
        clock.at += timedelta(seconds=20)
    assert incoming.incidents() == []
    incoming.alert(alert_of("m-0", "scan", ATTACKER, id="19"))
    assert incoming.incident().alerts == 20
    reasons = {one.why_here for one in incoming.rows(AlertRow)}
    assert reasons <= {PlacementReason.OBSERVED_BEFORE, PlacementReason.LINKED}


def test_one_thing_after_another_opens_an_incident(incoming: Incoming, clock: Any) -> None:
    """Failed log-ins from one address, then one that is accepted; the accepted one alone says nothing."""
    routine = {"signal": "routine", "host": "vpn-1", "source_address": ATTACKER}
    incoming.alert({**routine, "title": "Log-in accepted", "id": "before"})
    clock.at += 3 * HOUR
    for number in range(6):
        incoming.alert({**routine, "title": "Log-in failed", "id": f"failed-{number}"})
        clock.at += MINUTE
    assert incoming.incidents() == []
    incoming.alert({**routine, "title": "Log-in accepted", "id": "after"})
    incident = incoming.incident()
    words = next(one.words for one in incoming.dossier().timeline if one.kind == EntryKind.OPENED)
    assert words is not None
    assert (words["pattern"], words["count"]) == ("guessed", "1")
    assert incident.alerts == 7


def test_what_does_not_come_opens_an_incident_in_time(incoming: Incoming, clock: Any) -> None:
    """A backup that began and never ended: told once, when no word of it can come any more."""
    began = {"signal": "operations", "host": "db-7", "title": "Backup began", "id": "began"}
    incoming.alert(began)
    service = incoming.service

    def wait(minutes: int) -> None:
        clock.at += minutes * MINUTE
        service.database.write(lambda session: tend(session, service.knowledge(), clock.at))

    wait(95)
    assert incoming.incidents() == []
    wait(10)
    assert len(incoming.incidents()) == 1
    wait(1)
    assert len(incoming.incidents()) == 1
    clock.at += DAY
    incoming.alert({**began, "id": "second"})
    clock.at += HOUR
    incoming.alert({**began, "title": "Backup ended", "id": "ended"})
    wait(120)
    assert len(incoming.incidents()) == 1


def test_counts_are_let_go_of(incoming: Incoming, clock: Any) -> None:
    """Personal data such as addresses are not kept for counting."""
    incoming.alert(*(alert_of(f"m-{one}", "scan", ATTACKER) for one in range(4)))
    assert incoming.count(TallyRow) > 0
    clock.at += 9 * DAY
    service = incoming.service
    service.database.write(lambda session: tend(session, service.knowledge(), clock.at))
    assert incoming.count(TallyRow) == 0


@pytest.mark.parametrize("slices", [1, 4, 30])
def test_a_slice_may_be_of_any_size(incoming: Incoming, clock: Any, slices: int) -> None:
    """What is grouped is the same, and every alert is counted once."""
    said = [
        alert_of(f"m-{number % 3}", "web_exploit" if number % 5 == 0 else "scan", ATTACKER, id=f"x{number % 7}")
        for number in range(30)
    ]
    dated = [{"occurred_at": clock.at.isoformat(), **one} for one in said]
    size = 30 // slices
    for begin in range(0, 30, size):
        incoming.send_bytes(json.dumps(dated[begin : begin + size]).encode())
    incoming.process()
    assert sum(one.count for one in incoming.rows(AlertRow)) == 30
    assert [one.alerts for one in incoming.incidents() if one.status != "merged"] == [30]
