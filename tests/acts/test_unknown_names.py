"""Answering what a name is that no system is found by: one question for each, and its past alerts are placed again."""

from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts import content
from breach_service.acts import incidents as incident_acts
from breach_service.acts.inventory.unknown import Answer, answer_unknown
from breach_service.app import OPERATOR
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.alert import Signal
from breach_service.domain.inventory import Inventory
from breach_service.domain.unknown_names import NameKind, UnknownName
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from breach_service.pipeline.tending import tend
from breach_service.store import unknown_answers, unknown_names
from breach_service.store.unknown_answers import Given
from breach_service.store.unknown_names import Waiting
from tests.deciders import DPO
from tests.pipeline.incoming import WEB_SHELL, Incoming

PROCESSED = ("participants-communications",)
STRANGE = {**WEB_SHELL, "host": "stage-07.us.example", "id": "strange"}


def tended(incoming: Incoming) -> None:
    """What the worker does beside the processing."""
    knowledge, now = incoming.service.knowledge(), incoming.now
    incoming.service.database.write(lambda session: tend(session, knowledge, now))


def waiting(incoming: Incoming) -> dict[str, Waiting]:
    with incoming.service.database.reading() as session:
        return {one.name.value: one for one in unknown_names.waiting(session)}


def answered(incoming: Incoming, name: str, answer: Answer, actor: Actor = DPO) -> Given:
    number = waiting(incoming)[name].id
    knowledge, now = incoming.service.knowledge(), incoming.now
    made = incoming.service.database.write(
        lambda session: answer_unknown(session, actor, number, answer, knowledge, now)
    )
    with incoming.service.database.reading() as session:
        given = unknown_answers.one(session, made)
    assert given is not None
    return given


def inventory_of(incoming: Incoming) -> Inventory:
    return incoming.service.knowledge().inventory


def test_many_alerts_of_one_machine_make_one_question(incoming: Incoming) -> None:
    """It counts them, also those that are said again later; a machine that the inventory knows asks nothing."""
    incoming.alert(STRANGE, {**STRANGE, "id": "other", "title": "Another file"}, WEB_SHELL)
    tended(incoming)
    for _ in range(2):
        incoming.service.now.at += timedelta(minutes=1)  # type: ignore[attr-defined]  # the clock of the tests
        incoming.alert(STRANGE)
    tended(incoming)
    (only,) = waiting(incoming).values()
    assert only.name == UnknownName(NameKind.HOST, "stage-07.us.example")
    assert (only.episodes, only.alerts) == (2, 4)


def test_alerts_that_name_only_labels_make_one_question_for_each_set(incoming: Incoming) -> None:
    """By the labels that say what runs; the answer is found again by them."""
    labels = {"namespace": "crm", "app": "importer", "alertname": "Odd", "pod": "importer-1"}
    bare = {"title": "Odd process", "signal": "malware", "labels": labels}
    incoming.alert({**bare, "id": "a"}, {**bare, "id": "b", "labels": {**labels, "pod": "importer-2"}})
    tended(incoming)
    (name,) = waiting(incoming)
    assert name == "app=importer, namespace=crm"
    given = answered(incoming, name, Answer("new_system", title="Importer", activities=PROCESSED))
    assert inventory_of(incoming).systems[-1].match.labels == {"app": "importer", "namespace": "crm"}
    assert [one.reference for one in given.gained] == [one.reference for one in incoming.incidents()]


def test_an_existing_system_gains_the_name_and_its_incidents_the_system(incoming: Incoming) -> None:
    """The open incident is judged again: it stands on the system, with its clients and clocks; the line says why."""
    incoming.alert(STRANGE)
    tended(incoming)
    before = incoming.dossier()
    assert not before.incident.systems
    given = answered(incoming, "stage-07.us.example", Answer("system", system="application"))
    after = incoming.dossier()
    assert after.incident.systems == ("application",)
    assert [one.systems for one in after.episodes] == [("application",)]
    assert len(after.obligations) > len(before.obligations)
    line = [one for one in after.timeline if one.kind == "systems_added"][-1]
    assert line.actor == DPO.name
    assert line.words is not None
    assert line.words["named"] == "stage-07.us.example"
    system = inventory_of(incoming).system("application")
    assert system is not None
    assert "stage-07.us.example" in system.match.hosts
    assert not waiting(incoming)
    assert (given.by, given.system, given.names, [one.reference for one in given.gained]) == (
        DPO.name, "application", 1, [after.incident.reference],
    )  # fmt: skip


def test_the_next_alert_joins_the_incident_that_gained_the_system(incoming: Incoming) -> None:
    """Although its alerts were kept together by their machine so far."""
    incoming.alert(STRANGE)
    tended(incoming)
    answered(incoming, "stage-07.us.example", Answer("new_system", activities=PROCESSED))
    incoming.alert({**STRANGE, "id": "more", "title": "Another file"})
    assert len(incoming.incidents()) == 1


def test_a_pattern_answers_all_that_waits_and_is_called_alike(incoming: Incoming) -> None:
    """Nine machines, one answer."""
    for number in range(3):
        incoming.alert({**STRANGE, "host": f"batch-{number:02}.us.example", "id": str(number)})
    tended(incoming)
    given = answered(incoming, "batch-01.us.example", Answer("system", system="application", written="batch-*"))
    assert (given.names, len(given.gained), waiting(incoming)) == (3, 3, {})


def test_what_is_not_ours_is_asked_about_no_more(incoming: Incoming) -> None:
    """It stands in the inventory with its reason, day and who said so; incidents stay as they are."""
    incoming.alert(STRANGE)
    tended(incoming)
    answered(incoming, "stage-07.us.example", Answer("not_ours", title="Hébergeur", reason="Rented by a neighbour."))
    (kept,) = inventory_of(incoming).elsewhere
    assert (kept.name, kept.reason, kept.said_by, kept.said_on) == (
        "Hébergeur", "Rented by a neighbour.", DPO.name, incoming.now.date()
    )  # fmt: skip
    incoming.alert({**STRANGE, "id": "again"})
    tended(incoming)
    assert not waiting(incoming)
    assert not incoming.incident().systems


def test_no_personal_data_is_a_system_that_says_so(incoming: Incoming) -> None:
    """With the reason; the incident is judged by it."""
    incoming.alert(STRANGE)
    tended(incoming)
    reason = "A build machine: source code only."
    answered(incoming, "stage-07.us.example", Answer("no_personal_data", title="Build", reason=reason))
    system = inventory_of(incoming).systems[-1]
    assert (system.id, system.activities, system.facts) == ("build", (), {"system.holds_personal_data": "no"})
    assert incoming.dossier().assessment.personal_data == "no"


def test_a_new_system_of_which_nobody_knows_what_it_processes_is_not_taken_for_empty(incoming: Incoming) -> None:
    """Unknown is a value: the advice stays to be careful."""
    incoming.alert(STRANGE)
    tended(incoming)
    answered(incoming, "stage-07.us.example", Answer("new_system", title="Staging"))
    assert incoming.incident().systems == ("staging",)
    assert incoming.dossier().assessment.personal_data == "unknown"


def test_an_incident_that_is_over_is_named_and_not_changed(incoming: Incoming) -> None:
    """Whoever answers sees that it was dismissed before this was known."""
    incoming.alert(STRANGE)
    tended(incoming)
    incoming.act(incident_acts.dismiss, DPO, "A test.")
    given = answered(incoming, "stage-07.us.example", Answer("system", system="application"))
    assert [(one.reference, one.status) for one in given.ended] == [("INC-2026-0001", "dismissed")]
    assert not given.gained
    assert not incoming.incident().systems


def test_an_inventory_that_knows_the_name_by_now_answers_it(incoming: Incoming) -> None:
    """Whoever changed it, by whatever way: the alerts are placed again in the worker's next turn."""
    incoming.alert(STRANGE)
    tended(incoming)
    answered(
        incoming,
        "stage-07.us.example",
        Answer("new_system", title="Staging", activities=PROCESSED),
    )
    incoming.alert({**STRANGE, "host": "lone", "id": "lone"})
    tended(incoming)
    inventory = inventory_of(incoming)
    systems = [one.model_copy(update={"match": one.match.model_copy(update={"hosts": (*one.match.hosts, "lone")})})
               for one in inventory.systems if one.id == "staging"]  # fmt: skip
    changed = inventory.model_copy(
        update={"systems": (*(one for one in inventory.systems if one.id != "staging"), *systems)}
    )
    incoming.service.database.write(lambda session: content.import_inventory(session, OPERATOR, changed, incoming.now))
    tended(incoming)
    assert not waiting(incoming)
    assert incoming.incidents()[-1].systems == ("staging",)


def test_a_name_that_nobody_uses_any_more_is_forgotten(incoming: Incoming) -> None:
    """After thirty days, and where its alerts were let go of."""
    incoming.alert(STRANGE)
    tended(incoming)
    incoming.service.now.at += timedelta(days=31)  # type: ignore[attr-defined]  # the clock of the tests
    tended(incoming)
    assert not waiting(incoming)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer("maybe"), "say what it is"),
        (Answer("system", system="none"), "choose a system"),
        (Answer("new_system", activities=("none",)), "choose processing activities"),
        (Answer("not_ours", reason=" "), "give the reason"),
        (Answer("no_personal_data"), "give the reason"),
        (Answer("system", system="application", written="web-*"), "does not find stage-07"),
        (Answer("system", system="application", written="*"), "too wide"),
        (Answer("new_system", reason="x" * 3000), "too long"),
    ],
)
def test_what_is_missing_is_said(sqlite_incoming: Incoming, answer: Answer, why: str) -> None:
    """Nothing is written: neither inventory nor incident."""
    sqlite_incoming.alert(STRANGE)
    tended(sqlite_incoming)
    before = sqlite_incoming.service.knowledge().inventory_revision
    with pytest.raises(InvalidCommand, match=why):
        answered(sqlite_incoming, "stage-07.us.example", answer)
    assert sqlite_incoming.service.knowledge().inventory_revision == before
    assert waiting(sqlite_incoming)


def test_only_who_may_change_the_inventory_answers(sqlite_incoming: Incoming) -> None:
    """And a name that was answered is answered once."""
    sqlite_incoming.alert(STRANGE)
    tended(sqlite_incoming)
    number = waiting(sqlite_incoming)["stage-07.us.example"].id
    with pytest.raises(NotAllowed):
        answered(sqlite_incoming, "stage-07.us.example", Answer("not_ours", reason="x"), Actor("R", UserRole.RESPONDER))
    answered(sqlite_incoming, "stage-07.us.example", Answer("not_ours", reason="Theirs."))
    knowledge, now = sqlite_incoming.service.knowledge(), sqlite_incoming.now
    again: Any = Answer("not_ours", reason="Theirs.")
    with pytest.raises(NotFound):
        sqlite_incoming.service.database.write(
            lambda session: answer_unknown(session, DPO, number, again, knowledge, now)
        )


@pytest.mark.parametrize("signal", [Signal.HEARTBEAT])
def test_a_sign_of_life_asks_nothing(sqlite_incoming: Incoming, signal: Signal) -> None:
    """It says that a sender is alive, not that something happened to a machine."""
    sqlite_incoming.alert({"title": "Watchdog", "signal": str(signal), "host": "prometheus-1", "id": "w"})
    tended(sqlite_incoming)
    assert not waiting(sqlite_incoming)
