"""An exercise: the 72 hours rehearsed in an hour, with what arrives, what is decided, and the report by role.

The story runs on the real service (both databases) with the clock of the machine frozen.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
from sqlmodel import select

from breach_service.acts import drills as acts
from breach_service.acts import incidents
from breach_service.acts.decisions import deciding, duties
from breach_service.acts.decisions.deciding import Opinion
from breach_service.acts.decisions.duties import DutyDecision
from breach_service.acts.drills import NewDrill
from breach_service.acts.incidents import Awareness, Declaration, FactCommand, FilingCommand
from breach_service.acts.work import evidence
from breach_service.acts.work.evidence import NewEvidence
from breach_service.app import Service
from breach_service.clock import utc_now
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.deadlines import OPEN_STATES, state_of
from breach_service.domain.dossier import Dossier
from breach_service.domain.drills import DrillReport, Outcome, report_of
from breach_service.domain.incident import EntryKind, IncidentStatus
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.drafting import draft_of, text_as_filed
from breach_service.pipeline.opening import SERVICE
from breach_service.store import drills, outbox, timeline
from breach_service.store.tables import OutboxRow
from breach_service.web.drills.drill_api import report_out
from tests.deciders import DPO, approve, let_decide

RESPONDER = Actor("Yanis Ferrachat", UserRole.RESPONDER)
BEGAN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1) / 72
"""An hour of the story: fifty seconds."""
EX = "EX-2026-0001"


class Exercise:
    """A service that plays an exercise; `at` moves to an hour of the story."""

    def __init__(self, service: Service, time: FrozenDateTimeFactory) -> None:
        self.service = service
        self.time = time
        self.worker = service.worker()
        let_decide(service)

    def begin(self, scenario: str = "credential-stuffing-data-taken", **more: Any) -> str:
        new = NewDrill(scenario, **more)
        return str(self.write(acts.start_drill, RESPONDER, new))

    def write(self, act: Callable[..., Any], *command: Any) -> Any:
        knowledge, now = self.service.knowledge(), utc_now()
        return self.service.database.write(lambda session: act(session, *command, knowledge, now))

    def at(self, hour: float) -> None:
        """It is this hour of the story, and the worker has looked at it."""
        self.time.move_to(BEGAN + hour * HOUR)
        for _ in range(2):
            while self.worker.turn(utc_now()):
                pass
            self.time.tick(timedelta(seconds=5))

    @property
    def dossier(self) -> Dossier:
        with self.service.database.reading() as session:
            return dossier_of(session, EX, self.service.knowledge(), now=utc_now())

    @property
    def report(self) -> DrillReport:
        with self.service.database.reading() as session:
            drill = drills.one(session, EX)
        return report_of(drill, self.dossier.timeline, self.dossier.obligations, SERVICE, utc_now())

    @property
    def outcomes(self) -> dict[str, Outcome]:
        return {one.expected.expect: one.outcome for role in self.report.roles for one in role.lines}

    @property
    def said(self) -> list[str]:
        return [text for text, _ in self.service.channels["fake"].said]  # type: ignore[attr-defined]

    def obligation(self, recipient: str) -> int:
        return next(one.id for one in self.dossier.obligations if one.recipient == recipient and one.due_at)

    def text_of(self, dossier: Dossier, obligation: int) -> str:
        return text_as_filed(self.service.knowledge(), self.service.renderer, utc_now(), dossier, obligation)

    def send(self, recipient: str) -> None:
        """The text is approved and its sending recorded, as in earnest."""
        number, now = self.obligation(recipient), utc_now()
        approve(self.service, number, self.text_of, now, reference=EX)
        knowledge, cipher = self.service.knowledge(), self.service.cipher
        command = FilingCommand(number, now, "portal", "EX")
        self.service.database.write(
            lambda session: incidents.record_filing(
                session, DPO, EX, command, knowledge, cipher, self.text_of, now
            )
        )  # fmt: skip


@pytest.fixture
def exercise(service: Service) -> Iterator[Exercise]:
    """It is Monday morning."""
    with freeze_time(BEGAN, ignore=["sqlalchemy", "concurrent", "threading", "queue"]) as time:
        service.now = utc_now
        yield Exercise(service, time)


def test_the_seventy_two_hours_take_one(exercise: Exercise) -> None:
    """Every term is shortened alike, the clock is not touched, and the numbers of real incidents are not used."""
    assert exercise.begin("ransomware-shared-platform") == EX
    found = exercise.dossier
    assert found.incident.is_drill
    assert found.incident.qualify_by == BEGAN + 24 * HOUR
    terms = {one.recipient: one.due_at for one in found.obligations}
    assert terms["cnil"] is not None
    assert abs(terms["cnil"] - (BEGAN + timedelta(hours=1))) < timedelta(milliseconds=1)
    real = exercise.write(incidents.declare, RESPONDER, Declaration("Something real."))
    assert real == "INC-2026-0001"
    with exercise.service.database.reading() as session:
        assert not dossier_of(session, real, exercise.service.knowledge()).incident.is_drill


def test_what_arrives_arrives_at_its_hour_and_is_told_by_role(exercise: Exercise) -> None:
    """Each once, to everybody, marked; nothing is told before its time."""
    exercise.begin()
    exercise.at(0.5)
    assert any("EX-2026-0001 commence" in one for one in exercise.said)
    assert not any("Quarante comptes" in one for one in exercise.said)
    exercise.at(4.1)
    exercise.at(4.2)
    told = [one for one in exercise.said if "Quarante comptes" in one]
    assert len(told) == 1
    assert "pour l’astreinte" in told[0]
    assert all(one.startswith("EXERCICE – ") for one in exercise.said)
    assert exercise.dossier.facts[-1].name in ("loss.confidentiality", "exfiltration.state")
    cards = exercise.service.channels["fake"].cards  # type: ignore[attr-defined]
    assert {card.headline for card, _ in cards} == {"EXERCICE – Bourrage d’identifiants, données volées"}


def test_a_worker_that_was_down_lets_arrive_all_that_it_missed_once(exercise: Exercise) -> None:
    """In the order of the story."""
    exercise.begin()
    exercise.at(31)
    exercise.at(32)
    arrived = [one.words or {} for one in exercise.dossier.timeline if one.kind is EntryKind.DRILL_INJECTED]
    assert [one["inject"] for one in arrived] == ["accounts-open", "export", "journalist", "passwords-reset"]


def rehearse(exercise: Exercise) -> None:
    """A team that does what is expected, once too late and once otherwise."""
    exercise.begin()
    exercise.at(1)
    exercise.write(incidents.record_fact, RESPONDER, EX, FactCommand("incident.malicious", "yes"))
    exercise.at(6)
    kept, cipher = NewEvidence("Journal", "pare-feu", "copie", utc_now(), content=b"log"), exercise.service.cipher
    exercise.service.database.write(
        lambda session: evidence.record_evidence(session, RESPONDER, EX, kept, cipher, 1000, utc_now())
    )
    exercise.at(18)
    aware = Awareness(utc_now() - 10 * HOUR, "L’export est dans les journaux.")
    exercise.write(incidents.record_awareness, RESPONDER, EX, aware)
    persons = FactCommand("persons.number", {"at_least": "10", "at_most": "40"})
    exercise.write(incidents.record_fact, RESPONDER, EX, persons)
    exercise.at(20)
    exercise.write(deciding.give_opinion, DPO, EX, Opinion("Des données ont été exportées.", is_breach=False))
    exercise.at(26)
    exercise.write(incidents.confirm, DPO, EX, "Des données sont sorties.")
    exercise.at(40)
    exercise.write(duties.decide_duty, DPO, EX, DutyDecision("own", "authority", True, "Risque d’hameçonnage."))
    exercise.at(60)
    exercise.send("cnil")


def test_the_report_says_what_was_done_when_and_what_otherwise(exercise: Exercise) -> None:
    """In hours of the story, by role."""
    rehearse(exercise)
    assert exercise.outcomes == {
        "first-look": Outcome.IN_TIME,
        "evidence": Outcome.IN_TIME,
        "aware": Outcome.LATE,
        "persons": Outcome.IN_TIME,
        "opinion": Outcome.OTHERWISE,
        "qualification": Outcome.IN_TIME,
        "tell-the-authority": Outcome.IN_TIME,
        "file-with-the-authority": Outcome.IN_TIME,
    }
    milestones = {str(deed): after for deed, after in exercise.report.milestones}
    assert milestones["qualify"] == pytest.approx(26, abs=0.4)
    assert milestones["file"] == pytest.approx(60, abs=0.4)
    assert [one.role for one in exercise.report.roles] == ["responder", "dpo", "decider"]


def test_the_report_names_nobody(exercise: Exercise) -> None:
    """By role, never by person: no name, no address, and no client."""
    rehearse(exercise)
    text = json.dumps(report_out(exercise.report, "fr"), default=str, ensure_ascii=False)
    assert len(text) > 1000
    inventory = exercise.service.knowledge().inventory
    names = {RESPONDER.name, DPO.name, *RESPONDER.name.split(), *DPO.name.split(), "@"}
    names |= {one.name for one in inventory.clients} | {one.name for one in inventory.providers}
    assert not [one for one in names if one in text]


def test_what_nobody_does_is_missing_once_its_hour_has_passed(exercise: Exercise) -> None:
    """And waits before."""
    exercise.begin()
    exercise.at(1)
    assert set(exercise.outcomes.values()) == {Outcome.WAITING}
    exercise.at(73)
    assert set(exercise.outcomes.values()) == {Outcome.MISSING}


def test_the_letters_say_on_top_that_they_are_an_exercise(exercise: Exercise) -> None:
    """In both languages, in the subject too; what is kept as sent says so as well."""
    rehearse(exercise)
    knowledge, renderer = exercise.service.knowledge(), exercise.service.renderer
    number = exercise.obligation("cnil")
    for language, word in (("fr", "EXERCICE"), ("en", "EXERCISE")):
        draft = draft_of(exercise.dossier, number, language, knowledge, renderer, utc_now())
        assert draft.subject.startswith(f"{word} – ")
        assert draft.as_text().startswith(f"{word} – {word} – {word}.")
    kept = exercise.dossier.filings
    assert len(kept) == 1


def test_what_is_no_message_to_the_team_may_not_leave(exercise: Exercise) -> None:
    """Whatever is queued about an exercise, for whomever: it is refused at the door, and stays visible as given up."""
    exercise.begin()
    exercise.at(1)
    before, now = list(exercise.said), utc_now()
    incident = exercise.dossier.incident.id
    exercise.service.database.write(
        lambda session: outbox.enqueue(session, "notice:1", "notice", "fake", now, incident_id=incident)
    )
    exercise.at(1.2)
    assert exercise.said == before
    with exercise.service.database.reading() as session:
        (row,) = [one for one in session.exec(select(OutboxRow)) if one.kind == "notice"]
    assert (row.given_up_at is not None, row.done_at) == (True, None)


def test_an_exercise_that_is_stopped_asks_for_nothing_more(exercise: Exercise) -> None:
    """Its incident is closed, nothing arrives, nobody is reminded, and the report stands."""
    exercise.begin()
    exercise.at(2)
    exercise.write(acts.stop_drill, RESPONDER, EX, "Alerte incendie.")
    exercise.at(3)
    before = list(exercise.said)
    exercise.at(80)
    assert exercise.said == before
    assert exercise.dossier.incident.status is IncidentStatus.CLOSED
    with exercise.service.database.reading() as session:
        assert drills.running(session) == []
    assert Outcome.WAITING in exercise.outcomes.values()


def test_an_exercise_that_is_forgotten_ends_by_itself(exercise: Exercise) -> None:
    """After twice its length."""
    exercise.begin()
    exercise.at(143)
    assert exercise.dossier.incident.status is not IncidentStatus.CLOSED
    exercise.at(145)
    assert exercise.dossier.incident.status is IncidentStatus.CLOSED
    assert [one.kind for one in exercise.dossier.timeline].count(EntryKind.DRILL_ENDED) == 1


def test_an_exercise_that_is_dismissed_is_over(exercise: Exercise) -> None:
    """It was decided that there is nothing to do: what comes after would be another story."""
    exercise.begin()
    exercise.at(2)
    exercise.write(incidents.dismiss, DPO, EX, "Fausse alerte.")
    exercise.at(2.5)
    assert exercise.outcomes["qualification"] is Outcome.OTHERWISE
    with exercise.service.database.reading() as session:
        assert drills.running(session) == []


def test_all_scenarios_can_be_played_to_their_end(exercise: Exercise) -> None:
    """Every one that ships finds its systems in the example inventory, and its duties are owed."""
    scenarios = exercise.service.knowledge().catalogue.drills
    begun = [exercise.begin(one.id) for one in scenarios]
    assert begun == [f"EX-2026-{number:04d}" for number, _ in enumerate(scenarios, 1)]
    exercise.at(71)
    with exercise.service.database.reading() as session:
        assert timeline.broken_seals(session) == []
        for scenario, reference in zip(scenarios, begun, strict=True):
            assert len(drills.one(session, reference).delivered) == len(scenario.injects)
            dossier = dossier_of(session, reference, exercise.service.knowledge())
            assert dossier.incident.systems, scenario.id
            expected = {one.duty for one in scenario.expects if one.duty}
            owed = {str(one.duty) for one in dossier.obligations if state_of(one, utc_now()) in OPEN_STATES}
            assert expected <= owed, scenario.id
