"""What alerts show of persons: noted by kind and number once for each new episode, and nowhere kept as such."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect, text

from breach_service.acts import incidents as acts
from breach_service.acts.incidents import FactCommand
from breach_service.domain.conditions import Truth
from breach_service.domain.facts import Provenance
from breach_service.domain.personal_data import SEEN_IN_ALERTS
from breach_service.pipeline.judging import judge
from breach_service.pipeline.normalising import normalise
from breach_service.pipeline.placing import place_all
from breach_service.pipeline.spotting import spot
from breach_service.pipeline.verifying import KeyRing, nothing_reachable
from breach_service.store import inbox, spotted
from breach_service.store.database import Session, lock_placing
from breach_service.store.incidents import summaries
from breach_service.store.tables import AlertRow, FactRow, OutboxRow
from breach_service.worker.messages import card_for
from tests.deciders import DPO
from tests.pipeline.incoming import SCAN, WEB_SHELL, Incoming

IBAN, NIR, MAIL = "FR7610107001180098765432138", "178067512004758", "rose.anselme@boite.net"
TELLING = {**WEB_SHELL, "description": f"export.csv;{MAIL};{IBAN};{NIR}"}


def take(incoming: Incoming, *alerts: dict[str, Any], **changes: Any) -> set[int]:
    """One slice as processing runs it; the incidents that spotting asks to be judged."""
    incoming.send(*alerts, **changes)
    knowledge, now, cipher = incoming.service.knowledge(), incoming.now, incoming.service.cipher

    def work(session: Session) -> set[int]:
        lock_placing(session)
        taken = inbox.take(session, cipher, 100, 1_000_000)
        arrivals = normalise(session, cipher, taken, KeyRing(nothing_reachable), now)
        newest = spotted.newest_episode(session)
        changed = place_all(session, arrivals, knowledge, now)
        again = spot(session, arrivals, newest, changed.judge, knowledge, now)
        for number in sorted(changed.judge | again):
            judge(session, number, knowledge, now)
        inbox.remove(session, [one.id for one in taken])
        return again

    return incoming.service.database.write(work)


def kinds_of(incoming: Incoming, reference: str = "INC-2026-0001") -> Mapping[str, int]:
    number = incoming.dossier(reference).incident.id
    with incoming.service.database.reading() as session:
        return {str(kind): count for kind, count in spotted.of_incidents(session, [number]).get(number, {}).items()}


def said(incoming: Incoming, reference: str = "INC-2026-0001") -> list[Any]:
    return [one.value for one in incoming.dossier(reference).facts if one.name == SEEN_IN_ALERTS]


def test_what_an_alert_shows_is_noted_by_kind_and_number(incoming: Incoming) -> None:
    """In the order of the kinds, with a fact of the incident that alerts established."""
    assert len(take(incoming, TELLING)) == 1
    assert list(kinds_of(incoming).items()) == [("email", 1), ("iban", 1), ("nir", 1)]
    (fact,) = [one for one in incoming.dossier().facts if one.name == SEEN_IN_ALERTS]
    assert (fact.value, fact.provenance) == (frozenset({"email", "iban", "nir"}), Provenance.ALERT)


def test_an_alert_that_shows_nothing_leaves_nothing(incoming: Incoming) -> None:
    """Neither rows nor facts, and nothing to be judged again."""
    assert take(incoming, WEB_SHELL) == set()
    assert kinds_of(incoming) == {}
    assert said(incoming) == []


def test_alerts_that_came_together_are_told_apart(incoming: Incoming) -> None:
    """Of a request with several alerts each shows what is its own: title, summary, labels, accounts."""
    take(incoming, {**WEB_SHELL, "user": MAIL}, {**WEB_SHELL, "id": "other", "title": "Other file"})
    shown = {one.fingerprint: one.id for one in incoming.dossier().episodes}
    with incoming.service.database.reading() as session:
        found = spotted.of_episodes(session, shown.values())
    assert found == {shown["shell"]: {"email": 1}}


def test_the_same_alert_said_again_is_not_looked_at_again(incoming: Incoming) -> None:
    """Once for each new episode: a repeat counts the episode up and adds nothing."""
    take(incoming, TELLING)
    assert take(incoming, TELLING, TELLING) == set()
    assert kinds_of(incoming) == {"email": 1, "iban": 1, "nir": 1}
    assert len(said(incoming)) == 1


def test_a_further_alert_adds_its_kinds(incoming: Incoming) -> None:
    """More of a kind that was seen is a count; a kind that was not is a new fact beside the former ones."""
    take(incoming, TELLING)
    assert take(incoming, {**WEB_SHELL, "id": "b", "description": f"encore {IBAN}"}) == set()
    assert kinds_of(incoming)["iban"] == 2
    assert len(take(incoming, {**WEB_SHELL, "id": "c", "description": "tél. 06 45 12 98 73"})) == 1
    assert said(incoming)[-1] == frozenset({"email", "iban", "nir", "phone"})


def test_alerts_that_were_taken_in_later_speak_for_the_incident_too(incoming: Incoming) -> None:
    """What was only observed when it came, before the incident opened."""
    take(incoming, {**SCAN, "description": f"POST /login {MAIL}"})
    take(incoming, WEB_SHELL)
    (episode,) = [one for one in incoming.dossier().episodes if one.signal == "scan"]
    assert episode.why_here == "observed_before"
    assert kinds_of(incoming) == {"email": 1}
    assert said(incoming) == [frozenset({"email"})]


def test_what_an_alert_shows_decides_no_duty_by_itself(incoming: Incoming) -> None:
    """With and without it, the same duties; what a person says of the system outweighs it."""
    take(incoming, {**WEB_SHELL, "host": "unheard-of-01"})
    take(incoming, {**TELLING, "host": "unheard-of-02", "id": "telling"})
    bare, telling = (incoming.dossier(f"INC-2026-000{number}") for number in (1, 2))
    assert kinds_of(incoming, "INC-2026-0002")
    assert telling.assessment.personal_data is bare.assessment.personal_data is Truth.UNKNOWN
    assert {(one.recipient, one.advice) for one in telling.obligations} == {
        (one.recipient, one.advice) for one in bare.obligations
    }
    questions = [[one.fact for one in each.assessment.open_questions] for each in (bare, telling)]
    assert questions[0] == questions[1]
    for reference in ("INC-2026-0001", "INC-2026-0002"):
        command = FactCommand("system.holds_personal_data", "no")
        incoming.act(acts.record_fact, DPO, command, reference=reference)
        assert incoming.dossier(reference).assessment.personal_data is Truth.NO


def test_where_the_system_holds_such_data_the_alerts_are_a_further_reason(incoming: Incoming) -> None:
    """The criterion stands among those that apply."""
    take(incoming, TELLING)
    own = incoming.dossier().perimeter("own")
    assert own is not None
    applied = {one.rule.id for one in own.findings if one.truth is Truth.YES}
    assert {"personal-data-in-the-system", "personal-data-seen-in-alerts"} <= applied


def test_no_value_stands_anywhere_but_in_the_words_of_the_alert_itself(incoming: Incoming) -> None:
    """The whole database is searched: the title as it came, the request encrypted, nothing else."""
    service = incoming.service
    take(incoming, {**TELLING, "title": f"Leak of {MAIL}"})
    with service.database.engine.connect() as connection:
        holding = set()
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f"SELECT * FROM {table}")).mappings():
                holding |= {(table, name) for name, value in row.items() if _shows_a_value(value)}
    assert holding == {("alert", "title")}


def _shows_a_value(value: object) -> bool:
    shown = bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)
    return any(one in re.sub(r"\s", "", shown) for one in (IBAN, NIR, MAIL))


def test_no_value_is_sent_to_the_team(incoming: Incoming) -> None:
    """Cards are made of closed words: neither title nor summary of a sender leaves."""
    take(incoming, {**TELLING, "title": f"Leak of {MAIL}"})
    knowledge = incoming.service.knowledge()
    with incoming.service.database.reading() as session:
        (summary,) = summaries(session)
    card = card_for(
        summary, incoming.dossier().obligations, knowledge, incoming.service.renderer, "https://b.example", "k",
        incoming.now,
    )  # fmt: skip
    assert not _shows_a_value(card)
    assert not any(_shows_a_value(row.payload) for row in incoming.rows(OutboxRow))


def test_what_an_alert_shows_goes_with_the_alert(incoming: Incoming) -> None:
    """An episode that is deleted because it is counted in another takes its note along."""
    take(incoming, TELLING)
    (row,) = incoming.rows(AlertRow)
    incoming.service.database.write(lambda session: session.delete(session.get(AlertRow, row.id)))
    with incoming.service.database.reading() as session:
        assert spotted.of_episodes(session, [row.id or 0]) == {}


def test_labels_and_accounts_are_looked_at_and_machines_are_not(incoming: Incoming) -> None:
    """Where a sender puts what a person typed."""
    take(incoming, {**WEB_SHELL, "user": MAIL})
    assert kinds_of(incoming) == {"email": 1}
    (fact,) = [one for one in incoming.rows(FactRow) if one.name == SEEN_IN_ALERTS]
    assert fact.value == ["email"]
    (episode,) = incoming.dossier().episodes
    assert MAIL in "".join(one.value for one in episode.entities)
