"""Who is woken: a night in which somebody sleeps through two calls, and nights in which nobody need wake.

The stories run on the real service with a clock that is told the time; pagers and ways are doubles that remember.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from freezegun import freeze_time

from breach_service.acts import incidents as acts
from breach_service.acts.on_call import calls as call_acts
from breach_service.acts.on_call import rota
from breach_service.app import Service
from breach_service.clock import utc_now
from breach_service.domain.access import Actor, Standing, UserRole
from breach_service.domain.contact_ways import WayKind
from breach_service.domain.incident import EntryKind
from breach_service.domain.waking import CallEnd, CallState, WakeReason
from breach_service.errors import InvalidCommand
from breach_service.notify.channel import DeliveryFailed, DeliveryFault
from breach_service.notify.pagers.pager import Page, PageAction
from breach_service.notify.ways import WayMessage
from breach_service.pipeline.waking import wake
from breach_service.store import calls, compartments, incidents, people
from breach_service.store.database import lock_placing
from breach_service.store.tables import IncidentRow, UserRow
from breach_service.worker.loop import Worker
from breach_service.worker.waking import Wakers
from tests.conftest import FakeChannel
from tests.deciders import DPO
from tests.pipeline.incoming import WEB_SHELL, Incoming

PARIS = ZoneInfo("Europe/Paris")
ROTA = """\
zone: Europe/Paris
first:
  people: [maud@us.example]
  hand_over_at: 09:00
  starts_on: 2026-11-02
second:
  people: [yanis@us.example]
  hand_over_at: 09:00
  starts_on: 2026-11-02
dpo: noe@us.example
"""
OUTAGE = {"title": "No answer", "signal": "unavailability", "host": "app-01", "id": "down"}
PROBE = {"title": "Path traversal tried", "signal": "web_exploit", "host": "app-01", "id": "probe"}
ANOMALY = {"title": "Odd traffic", "signal": "anomaly", "host": "app-01", "id": "odd"}
REFERENCE = "INC-2026-0001"


class FakePager:
    """A pager that remembers what it was told; fails as it is told to."""

    is_forgetful = True

    def __init__(self, name: str = "alertmanager") -> None:
        self.name = name
        self.pages: list[Page] = []
        self.failures: list[Exception] = []

    def send(self, page: Page) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.pages.append(page)

    def check(self) -> None:
        """Nothing to ask."""


class FakeWays:
    """Ways of persons that remember."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, WayMessage]] = []

    def can(self, kind: WayKind) -> bool:
        return True

    def send(self, kind: WayKind, address: str, message: WayMessage, now: datetime) -> None:
        self.sent.append((address, message))

    def send_mail(self, address: str, message: WayMessage, now: datetime) -> None:
        self.sent.append((address, message))


class NoMail:
    """A mail server that takes everything else."""

    def send(self, mail: Any) -> None:
        """Forget it."""


class Night:
    """A team that sleeps, and what reaches it."""

    def __init__(self, service: Service, frozen: Any, worker: Worker, pager: FakePager, ways: FakeWays) -> None:
        self.service, self._frozen, self.worker, self.pager, self.ways = service, frozen, worker, pager, ways
        self.incoming = Incoming(service)
        self.people: dict[str, Actor] = {}

    def at(self, hour: int, minute: int = 0, day: int = 24) -> None:
        """It is that time in Paris, and the loop has turned until nothing was left to do."""
        self._frozen.move_to(datetime(2026, 11, day, hour, minute, tzinfo=PARIS).astimezone(UTC))
        self.turn()

    def turn(self) -> None:
        while self.worker.turn(utc_now()):
            pass

    def woken(self) -> list[str]:
        """Who was told since this was asked last, by the address of their account."""
        found = [address.partition("@")[0] for address, _ in self.ways.sent]
        self.ways.sent.clear()
        return found

    def call(self) -> Any:
        with self.service.database.reading() as session:
            found = calls.not_over(session)
            return calls.one(session, found[0].call.id) if found else None

    def calls(self) -> list[Any]:
        with self.service.database.reading() as session:
            numbers = [one.id or 0 for one in incidents.rows_by_id(session, range(1, 50))]
            return [one for found in calls.of_incidents(session, numbers).values() for one in found]

    def acknowledge(self, who: str, reference: str = REFERENCE) -> int:
        return self.service.database.write(
            lambda session: call_acts.acknowledge(session, self.people[who], reference, utc_now())
        )

    def wake(self, key: str) -> None:
        def work(session: Any) -> None:
            lock_placing(session)
            wake(session, 1, WakeReason.DEADLINE, key, utc_now())

        self.service.database.write(work)

    def change(self, **values: Any) -> None:
        """Something of the incident is otherwise."""

        def work(session: Any) -> None:
            row = session.get(IncidentRow, 1)
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)

        self.service.database.write(work)


@pytest.fixture
def night(service: Service, channel: FakeChannel) -> Any:
    """Tuesday, two in the morning; Maud is on call, Yanis after her, Noé is the officer, and Ada keeps the machines."""
    with freeze_time(datetime(2026, 11, 24, 1, 0, tzinfo=UTC)) as frozen:
        service.now = utc_now
        pager, ways = FakePager(), FakeWays()
        worker = Worker(
            service.database, service.cipher, service.knowledge, service.channels, service.renderer,
            "https://breach.us.example", mail=NoMail(), wakers=Wakers(ways, {pager.name: pager}),  # type: ignore[arg-type]
        )  # fmt: skip
        story = Night(service, frozen, worker, pager, ways)
        roles = {
            "maud": UserRole.RESPONDER, "yanis": UserRole.RESPONDER, "noe": UserRole.DPO, "zoe": UserRole.DECIDER,
            "ada": UserRole.ADMIN,
        }  # fmt: skip
        for name, role in roles.items():
            row = UserRow(email=f"{name}@us.example", name=name.title(), role=role, language="en", created_at=utc_now())
            service.database.write(lambda session, row=row: people.add(session, row))
        with service.database.reading() as session:
            held = {one.email.partition("@")[0]: one for one in people.users(session)}
        for name, role in roles.items():
            story.people[name] = Actor(name.title(), role, person=held[name].id)
        service.database.write(lambda session: rota.set_rota_from_text(session, story.people["zoe"], ROTA, utc_now()))
        yield story


def test_a_night_in_which_somebody_sleeps_through_two_calls(night: Night, channel: FakeChannel) -> None:
    """On call at two, the next level at ten past, everybody at twenty past; Yanis answers at twenty-five past."""
    night.incoming.send(WEB_SHELL)
    night.at(2)
    assert night.woken() == ["maud"]
    night.at(2, 9)
    assert night.woken() == []
    night.at(2, 10)
    assert night.woken() == ["maud", "yanis"]
    night.at(2, 20)
    assert set(night.woken()) >= {"maud", "yanis", "noe", "zoe"}
    assert night.call().state is CallState.OPEN
    night.at(2, 25)
    assert night.acknowledge("yanis") == 1
    night.at(3, 30)
    assert night.woken() == []
    assert night.call().acknowledged_by == "Yanis"
    kinds = night.incoming.kinds()
    assert [kinds.count(one) for one in (EntryKind.CALLED, EntryKind.CALL_ACKNOWLEDGED)] == [3, 1]
    stages = [one.words["stage"] for one in night.incoming.dossier().timeline if one.kind is EntryKind.CALLED]
    assert stages == ["first", "second", "everyone"]
    actions = [(one.stage, one.action) for one in night.pager.pages if one.action is not PageAction.TRIGGER]
    assert [action for _, action in actions] == [PageAction.ACKNOWLEDGE]
    assert [text.partition(" – ")[0] for text in channel.called[:3]] == [
        f"{REFERENCE} · quelqu’un est attendu maintenant"
    ] * 3
    assert "quelqu’un a répondu" in channel.called[3]
    with pytest.raises(InvalidCommand):
        night.acknowledge("maud")


def test_everybody_is_called_again_until_somebody_answers(night: Night) -> None:
    """Every half hour; nobody is forgotten because they slept through the first ring."""
    night.incoming.send(WEB_SHELL)
    for hour, minute in ((2, 0), (2, 10), (2, 20)):
        night.at(hour, minute)
    night.woken()
    night.at(2, 49)
    assert night.woken() == []
    night.at(2, 50)
    assert set(night.woken()) >= {"maud", "yanis", "noe", "zoe"}
    night.at(3, 20)
    assert set(night.woken()) >= {"maud", "yanis", "noe", "zoe"}


@pytest.mark.parametrize("alert", [OUTAGE, PROBE], ids=["an outage", "an attempt"])
def test_ordinary_noise_wakes_nobody(night: Night, alert: dict[str, Any]) -> None:
    """It is told in the channel, and waits for the morning."""
    night.incoming.send(alert)
    night.at(2)
    night.at(3)
    assert night.incoming.incident().reference == REFERENCE
    assert (night.woken(), night.pager.pages, night.calls()) == ([], [], [])


def test_what_nobody_understands_wakes_where_personal_data_are(night: Night) -> None:
    """Unknown is no silent no; on a machine that nobody knows it waits."""
    night.incoming.send({**ANOMALY, "host": "nobody-knows-it"})
    night.at(2)
    assert night.woken() == []
    night.incoming.send(ANOMALY, occurred_at=utc_now().isoformat())
    night.at(2, 1)
    assert night.woken() == ["maud"]


def test_a_new_sender_that_is_observed_wakes_nobody(night: Night) -> None:
    """What it opens is kept and judged; nobody is told."""
    night.incoming.connect("new", observe=timedelta(days=1))
    night.incoming.send(ANOMALY, source="new")
    night.at(2)
    assert (night.woken(), night.calls()) == ([], [])


def test_qualifying_ends_the_call(night: Night) -> None:
    """Whoever says what it is has been there: nobody else is called, and the pager is told."""
    night.incoming.send(WEB_SHELL)
    night.at(2)
    night.woken()
    night.incoming.act(acts.confirm, DPO, "it is a breach")
    assert [one.end for one in night.calls()] == [CallEnd.QUALIFIED]
    night.at(2, 30)
    assert night.woken() == []
    assert night.pager.pages[-1].action is PageAction.RESOLVE


def test_an_answer_does_not_cover_what_comes_later(night: Night) -> None:
    """Somebody answered for the attack; six hours before a date people are woken again, once."""
    night.incoming.send(WEB_SHELL)
    night.at(2)
    night.acknowledge("maud")
    night.woken()
    night.wake("six-hours")
    night.wake("six-hours")
    night.at(2, 1)
    assert night.woken() == ["maud"]
    assert [one.state for one in night.calls()] == [CallState.ACKNOWLEDGED, CallState.OPEN]
    night.acknowledge("maud")
    night.wake("six-hours")
    night.at(5)
    assert night.woken() == []


def test_after_an_outage_of_ours_whoever_should_have_been_called_is_called_once(night: Night) -> None:
    """The loop was down for an hour: one step, the latest."""
    night.incoming.send(WEB_SHELL)
    night.at(2)
    night.woken()
    night.at(3)
    woken = night.woken()
    assert set(woken) >= {"maud", "yanis", "noe", "zoe"}
    assert len(woken) == len(set(woken))


def test_a_pager_that_fails_is_tried_again_and_stays_visible(night: Night) -> None:
    """The others are told all the same."""
    night.pager.failures = [DeliveryFailed(DeliveryFault.UNREACHABLE, "Alertmanager cannot be reached")]
    night.incoming.send(WEB_SHELL)
    night.at(2)
    assert night.woken() == ["maud"]
    with night.service.database.reading() as session:
        (step,) = calls.steps_of(session, [night.call().id])[night.call().id]
        keys = {one.way: one.key for one in step.told}
        assert calls.outcomes(session, list(keys.values()))[keys["alertmanager"]] == "failed"
    night.at(2, 1)
    assert [one.action for one in night.pager.pages] == [PageAction.TRIGGER]


def test_a_message_that_comes_late_calls_nobody_who_need_not_come(night: Night) -> None:
    """The pager was away; meanwhile somebody answered: it is not rung any more."""
    night.pager.failures = [DeliveryFailed(DeliveryFault.UNREACHABLE, "away")]
    night.incoming.send(WEB_SHELL)
    night.at(2)
    night.acknowledge("maud")
    night.at(2, 5)
    assert PageAction.TRIGGER not in [one.action for one in night.pager.pages]


def test_a_pager_that_forgets_is_told_again(night: Night) -> None:
    """Alertmanager keeps alerts in memory: every five minutes it hears that the call goes on, and nobody else does."""
    night.incoming.send(WEB_SHELL)
    night.at(2)
    night.woken()
    night.at(2, 5)
    night.at(2, 6)
    assert [one.stage for one in night.pager.pages] == ["first", "first"]
    assert night.woken() == []


def test_an_exercise_rings_no_pager(night: Night, channel: FakeChannel) -> None:
    """The team is told in the channel, with the word in front; nobody is woken."""
    night.incoming.send(WEB_SHELL)
    night.incoming.process()
    night.change(is_drill=True)
    night.at(2)
    night.at(2, 30)
    assert (night.woken(), night.pager.pages) == ([], [])
    assert all(text.startswith("EXERCICE – ") for text in channel.called)
    assert len(channel.called) == 2
    with night.service.database.reading() as session:
        assert calls.unacknowledged(session) == 0


def test_an_incident_that_points_at_who_is_on_call_wakes_somebody_else(night: Night) -> None:
    """Restricted to Noé: neither Maud nor Yanis hear of it, whoever is on call."""
    night.incoming.send(WEB_SHELL)
    night.incoming.process()

    def work(session: Any) -> None:
        row = session.get(IncidentRow, 1)
        row.is_restricted = True
        session.add(row)
        compartments.stand(session, 1, [night.people["noe"].person or 0], Standing.NAMED, "Zoe", "", utc_now())

    night.service.database.write(work)
    night.at(2)
    assert night.woken() == ["noe"]


def test_nothing_but_reference_urgency_and_link_leaves(night: Night, channel: FakeChannel) -> None:
    """To persons, to pagers, to the team."""
    night.incoming.send({**WEB_SHELL, "title": "Dossier de Mme Durand exposé"})
    night.at(2)
    (_, message), *_ = night.ways.sent
    assert message.subject == "INC-2026-0001 · somebody is needed now"
    assert message.text == "https://breach.us.example/incidents/INC-2026-0001"
    (page,) = night.pager.pages
    assert (page.reference, page.link) == (REFERENCE, message.text)
    said = " ".join([*channel.called, *(text for text, _ in channel.said)])
    assert "Durand" not in f"{said} {page} {message}"


def test_who_is_away_is_passed_over(night: Night) -> None:
    """Maud is on leave: on the first level whoever stands in, else the second, at once."""
    now = utc_now()
    night.service.database.write(
        lambda session: rota.add_absence(
            session, night.people["zoe"], night.people["maud"].person, now, now + timedelta(days=2), now
        )
    )
    night.incoming.send(WEB_SHELL)
    night.at(2, 1)
    assert night.woken() == ["yanis"]
