"""The 72 hours told with dates: what the service says before, at and after each hour that counts.

The story runs on the real service (both databases) with the clock of the machine frozen.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from breach_service.acts import incidents as acts
from breach_service.acts import senders
from breach_service.acts.incidents import Awareness, FactCommand, FilingCommand
from breach_service.acts.senders import Connection
from breach_service.app import OPERATOR, Service
from breach_service.clock import utc_now
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.deadlines import Obligation, state_of
from breach_service.domain.dossier import Dossier
from breach_service.domain.facts import Scope, ScopeKind
from breach_service.domain.incident import ClockState, IncidentStatus
from breach_service.pipeline import Gate, process
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.drafting import draft_of, text_as_filed
from breach_service.worker import Worker
from tests.deciders import DPO, approve, let_decide

RESPONDER = Actor("Yanis Ferrachat", UserRole.RESPONDER)
NIGHT = "2026-11-21T02:12:00+00:00"
"""Saturday, 03:12 in Paris: the first alert."""
MINUTE = timedelta(minutes=1)


class Story:
    """A service in which time is told, not waited for."""

    def __init__(self, service: Service, time: FrozenDateTimeFactory) -> None:
        self.service = service
        self.time = time
        self.gate = Gate(service.database, service.cipher, 1000)
        self.worker: Worker = service.worker()
        let_decide(service)
        new = service.database.write(
            lambda session: senders.add_source(
                session, OPERATOR, Connection("wazuh", "json"), service.cipher, utc_now()
            )
        )
        self.secret = new.secret
        self.gate.renew()

    def at(self, instant: str | datetime) -> None:
        """It is this instant now, and the worker has looked at it."""
        self.time.move_to(instant)
        while self.worker.turn(utc_now()):
            pass
        self.time.tick(timedelta(seconds=11))  # reminders are looked at every ten seconds
        self.worker.turn(utc_now())
        while self.worker.turn(utc_now()):
            pass
        self.time.move_to(instant)

    def alert(self, **body: Any) -> None:
        """The sender reports something, now."""
        body.setdefault("occurred_at", utc_now().isoformat())
        headers = {"authorization": f"Bearer {self.secret}"}
        self.gate.receive("wazuh", None, headers, "", json.dumps(body).encode(), utc_now()).result()
        process(self.service.database, self.service.cipher, self.service.knowledge(), utc_now())

    def act(self, act: Callable[..., None], actor: Actor, *command: Any) -> None:
        """A person does something, now."""
        knowledge, now = self.service.knowledge(), utc_now()
        self.service.database.write(lambda session: act(session, actor, self.reference, *command, knowledge, now))

    @property
    def reference(self) -> str:
        return "INC-2026-0001"

    @property
    def dossier(self) -> Dossier:
        with self.service.database.reading() as session:
            return dossier_of(session, self.reference, self.service.knowledge())

    def owed_to(self, recipient: str) -> Obligation:
        return next(one for one in self.dossier.obligations if one.recipient == recipient)

    def state(self, recipient: str) -> ClockState:
        return state_of(self.owed_to(recipient), utc_now())

    @property
    def said(self) -> list[str]:
        return [text for text, _ in self.service.channels["fake"].said]  # type: ignore[attr-defined]


@pytest.fixture
def story(service: Service) -> Iterator[Story]:
    """It is Saturday night."""
    with freeze_time(NIGHT, ignore=["sqlalchemy", "concurrent", "threading", "queue"]) as time:
        service.now = utc_now
        yield Story(service, time)


def a_web_shell(story: Story) -> None:
    story.alert(title="PHP file in the upload folder", signal="web_shell", severity="critical", host="app-01", id="a")


def test_before_anybody_has_looked_only_the_qualification_speaks(story: Story) -> None:
    """Until somebody says what it is: every date provisional, one clock, one series of reminders, each said once."""
    a_web_shell(story)
    story.at(NIGHT)
    assert story.dossier.incident.status is IncidentStatus.SUSPECTED
    assert all(one.is_provisional for one in story.dossier.obligations)
    assert story.owed_to("cnil").due_at == datetime(2026, 11, 24, 2, 12, tzinfo=UTC)
    assert story.said == []
    soon = datetime(2026, 11, 21, 20, 12, tzinfo=UTC)  # the last quarter of 24 h
    story.at(soon - MINUTE)
    assert story.dossier.qualification_state(utc_now()) is ClockState.RUNNING
    assert story.said == []
    story.at(soon)
    assert story.dossier.qualification_state(utc_now()) is ClockState.DUE_SOON
    assert len(story.said) == 1
    story.at(soon + 30 * MINUTE)
    assert len(story.said) == 1
    story.at(datetime(2026, 11, 22, 2, 12, tzinfo=UTC))
    assert story.dossier.qualification_state(utc_now()) is ClockState.OVERDUE
    assert len(story.said) == 2
    story.at(datetime(2026, 11, 25, tzinfo=UTC))
    assert story.state("cnil") is ClockState.OVERDUE
    assert len(story.said) == 3, "said again each day; the qualification speaks for all provisional dates"


def test_from_awareness_to_a_filing_in_time(story: Story) -> None:
    """Aware on Saturday 11:40: 72 hours end on Tuesday 11:40, near from Monday 17:40 on, fulfilled by the filing."""
    a_web_shell(story)
    aware_at = datetime(2026, 11, 21, 10, 40, tzinfo=UTC)
    story.at(aware_at + 5 * MINUTE)
    story.act(acts.record_awareness, RESPONDER, Awareness(aware_at, "The access log shows that accounts were read."))
    story.act(acts.confirm, DPO, "Names and addresses of participants were read.")
    owed = story.owed_to("cnil")
    assert not owed.is_provisional
    assert owed.due_at == datetime(2026, 11, 24, 10, 40, tzinfo=UTC)
    story.at(datetime(2026, 11, 23, 16, 39, tzinfo=UTC))
    assert story.state("cnil") is ClockState.RUNNING
    story.at(datetime(2026, 11, 23, 16, 40, tzinfo=UTC))
    assert story.state("cnil") is ClockState.DUE_SOON
    story.at(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
    knowledge, now = story.service.knowledge(), utc_now()
    filing = FilingCommand(owed.id, now, "portal", "CNIL-2026-1234")
    renderer = story.service.renderer

    def text_of(dossier: Dossier, obligation: int) -> str:
        return text_as_filed(knowledge, renderer, now, dossier, obligation)

    approve(story.service, owed.id, text_of, now)
    story.service.database.write(
        lambda session: acts.record_filing(
            session, DPO, story.reference, filing, knowledge, story.service.cipher, text_of, now
        )
    )
    story.at(datetime(2026, 11, 24, 11, 0, tzinfo=UTC))
    assert story.state("cnil") is ClockState.FULFILLED
    assert story.dossier.filing_for(story.owed_to("cnil")) is not None


def test_the_hour_itself_is_overdue_and_said_once(story: Story) -> None:
    """A minute before the end it is near, at the end it is overdue; one sentence for all recipients of that hour."""
    a_web_shell(story)
    aware_at = datetime(2026, 11, 21, 10, 40, tzinfo=UTC)
    story.at(aware_at)
    story.act(acts.record_awareness, DPO, Awareness(aware_at, "Seen in the log."))
    story.act(acts.confirm, DPO, "Data were read.")
    end = aware_at + timedelta(hours=72)
    story.at(end - MINUTE)
    assert story.state("cnil") is ClockState.DUE_SOON
    before = len(story.said)
    story.at(end)
    assert story.state("cnil") is ClockState.OVERDUE
    assert len(story.said) == before + 1
    story.at(end + timedelta(hours=6))
    assert len(story.said) == before + 1


def test_each_client_has_its_own_hour(story: Story) -> None:
    """A contract of 24 or 48 hours is nearer than the 72 hours of the policy, and the nearest stands first."""
    a_web_shell(story)
    found_at = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
    aware_at = datetime(2026, 11, 21, 10, 40, tzinfo=UTC)
    story.at(aware_at)
    story.act(acts.record_awareness, DPO, Awareness(aware_at, "Seen in the log.", flaw_discovered_at=found_at))
    hours = {
        one.recipient: (one.due_at - found_at) / timedelta(hours=1)
        for one in story.dossier.obligations
        if one.recipient.startswith("client:") and one.due_at
    }
    assert sorted(hours.values()) == [24, 48, 72, 72]
    nearest = story.dossier.next_due(utc_now())
    assert nearest is not None
    assert hours[nearest.recipient] == 24


def test_a_client_whose_data_are_safe_is_owed_nothing_any_more(story: Story) -> None:
    """What is excluded for one client withdraws that client's notice alone, and is given back when it was wrong."""
    a_web_shell(story)
    story.at(NIGHT)
    others = {one.recipient for one in story.dossier.obligations} - {"client:mutuelle-exemple"}
    for name in ("loss.confidentiality", "loss.integrity", "loss.availability", "flaw.reaches_client_data"):
        assert story.state("client:mutuelle-exemple") is ClockState.RUNNING
        scope = client_scope("mutuelle-exemple")
        story.act(acts.record_fact, RESPONDER, FactCommand(name, "no", scope, "Kept on another database."))
    assert story.state("client:mutuelle-exemple") is ClockState.WITHDRAWN
    assert all(story.state(one) is ClockState.RUNNING for one in others)
    scope = client_scope("mutuelle-exemple")
    story.act(acts.record_fact, RESPONDER, FactCommand("loss.confidentiality", "yes", scope, "Found in the dump."))
    assert story.state("client:mutuelle-exemple") is ClockState.RUNNING


def client_scope(client: str) -> Scope:
    return Scope(ScopeKind.CLIENT, f"*/{client}")


def test_what_turns_out_to_be_nothing_is_dismissed_in_one_act(story: Story) -> None:
    """Dismissed with a reason: every date withdrawn at once, nothing said afterwards, the reason kept."""
    a_web_shell(story)
    story.at("2026-11-21T09:00:00+00:00")
    story.act(acts.dismiss, DPO, "A test of the backup tool, announced on Friday.")
    assert {story.state(one.recipient) for one in story.dossier.obligations} == {ClockState.WITHDRAWN}
    story.at("2026-11-25T09:00:00+00:00")
    assert story.said == []
    assert any("announced on Friday" in str(one.words) for one in story.dossier.timeline)


@pytest.mark.parametrize(
    ("aware_at", "due_in_paris"),
    [
        ("2026-10-23T18:30:00+02:00", "2026-10-26T17:30:00+01:00"),
        ("2026-03-27T18:30:00+01:00", "2026-03-30T19:30:00+02:00"),
    ],
)
def test_72_hours_are_72_hours_when_the_clocks_change(story: Story, aware_at: str, due_in_paris: str) -> None:
    """Elapsed hours, not the same time of day: an hour earlier in autumn, an hour later in spring."""
    at = datetime.fromisoformat(aware_at)
    story.at(at)
    a_web_shell(story)
    story.act(acts.record_awareness, DPO, Awareness(at, "Seen in the log."))
    assert story.owed_to("cnil").due_at == datetime.fromisoformat(due_in_paris)
    with story.service.database.reading() as session:
        dossier = dossier_of(session, story.reference, story.service.knowledge())
    draft = draft_of(
        dossier, story.owed_to("cnil").id, "fr", story.service.knowledge(), story.service.renderer, utc_now()
    )
    assert "18 h 30" in draft.as_text().replace("\u00a0", " ").replace("\u202f", " ")
