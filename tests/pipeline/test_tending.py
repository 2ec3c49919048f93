"""Senders are looked after: observed first, told of when refused, their old secrets let go of."""

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from breach_service.acts import incidents as acts
from breach_service.acts import senders
from breach_service.acts.incidents import FactCommand
from breach_service.app import OPERATOR, Service
from breach_service.errors import InvalidCommand, WrongCredential
from breach_service.pipeline.tending import NOTE, tend
from breach_service.store import sources
from breach_service.store.tables import AlertRow, OutboxRow, SourceRow
from tests.conftest import Clock
from tests.deciders import DPO
from tests.pipeline.incoming import WEB_SHELL, Incoming

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
ANOMALY = {"title": "An odd request", "signal": "anomaly", "host": "app-01", "id": "odd"}


@pytest.fixture
def incoming(service: Service) -> Incoming:
    """On each database in turn."""
    return Incoming(service)


def turn(incoming: Incoming) -> None:
    """What the worker does every few seconds."""
    knowledge, now = incoming.service.knowledge(), incoming.now
    incoming.service.database.write(lambda session: tend(session, knowledge, now))


def messages(incoming: Incoming, kind: str) -> list[OutboxRow]:
    return [one for one in incoming.rows(OutboxRow) if one.kind == kind]


def source(incoming: Incoming, name: str = "new") -> SourceRow:
    with incoming.service.database.reading() as session:
        return session.exec(select(SourceRow).where(SourceRow.name == name)).one()


def refuse(incoming: Incoming, name: str = "probe") -> None:
    with pytest.raises(WrongCredential):
        incoming.gate.receive(name, None, {"authorization": "Bearer wrong"}, "", b"{}", incoming.now)
    incoming.gate.flush_refusals(incoming.now)


def test_what_an_observed_sender_says_is_kept_and_judged_and_nothing_is_sent(incoming: Incoming) -> None:
    """Nobody is woken by a sender that was connected an hour ago, and nothing of it is lost."""
    incoming.connect("new", observe=DAY)
    incoming.alert(ANOMALY, source="new")
    incident = incoming.incident()
    assert incident.is_muted
    assert incoming.dossier().obligations, "it is judged like any other"
    assert incoming.rows(OutboxRow) == []


def test_what_is_grave_is_told_even_under_observation(incoming: Incoming) -> None:
    """A web shell does not wait for a day."""
    incoming.connect("new", observe=DAY)
    incoming.alert(WEB_SHELL, source="new")
    assert not incoming.incident().is_muted
    assert [one.kind for one in incoming.rows(OutboxRow)] == ["card"]


def test_another_sender_that_joins_lifts_the_silence(incoming: Incoming) -> None:
    """Only what observed senders say alone is silent."""
    incoming.connect("new", observe=DAY)
    incoming.alert(ANOMALY, source="new")
    incoming.alert({**ANOMALY, "id": "odd-too"})
    assert not incoming.incident().is_muted
    assert len(messages(incoming, "card")) == 1


def test_a_person_who_takes_it_up_lifts_the_silence(incoming: Incoming) -> None:
    """From then on it is an incident like any other."""
    incoming.connect("new", observe=DAY)
    incoming.alert(ANOMALY, source="new")
    incoming.act(acts.record_fact, DPO, FactCommand("incident.malicious", "yes"))
    assert not incoming.incident().is_muted


def test_a_released_sender_is_told_of_from_its_next_alert_on(incoming: Incoming, clock: Clock) -> None:
    """What it opened before stays silent until it speaks again: a release is no flood."""
    incoming.connect("new", observe=DAY)
    incoming.alert(ANOMALY, source="new")
    incoming.service.database.write(lambda session: senders.release_source(session, OPERATOR, "new", incoming.now))
    assert incoming.rows(OutboxRow) == []
    clock.at += timedelta(minutes=5)
    incoming.alert(ANOMALY, source="new")
    assert len(messages(incoming, "card")) == 1
    with pytest.raises(InvalidCommand, match="not under observation"):
        incoming.service.database.write(lambda session: senders.release_source(session, OPERATOR, "new", incoming.now))


def test_observation_ends_by_itself_and_says_what_it_would_have_opened(incoming: Incoming, clock: Clock) -> None:
    """After a day the team is told once how many incidents wait to be looked at."""
    incoming.connect("new", observe=DAY)
    incoming.alert(ANOMALY, source="new")
    clock.at += DAY - HOUR
    turn(incoming)
    assert messages(incoming, NOTE) == []
    clock.at += HOUR
    turn(incoming)
    turn(incoming)
    (told,) = messages(incoming, NOTE)
    assert (told.payload["about"], told.payload["source"], told.payload["what"]) == ("observed", "new", "1")
    assert source(incoming).observed_until is None


def test_the_team_is_told_at_the_first_refusal_after_successes(incoming: Incoming, clock: Clock) -> None:
    """Once; again only after it was accepted in between, and never more than once an hour."""
    incoming.alert(ANOMALY)
    clock.at += HOUR
    for _ in range(3):
        refuse(incoming)
        turn(incoming)
    assert [one.payload["what"] for one in messages(incoming, NOTE)] == ["wrong_credential"]
    incoming.alert(ANOMALY)
    clock.at += timedelta(minutes=5)
    refuse(incoming)
    turn(incoming)
    assert len(messages(incoming, NOTE)) == 1, "it was told of less than an hour ago"
    clock.at += HOUR
    turn(incoming)
    assert len(messages(incoming, NOTE)) == 2


def test_a_full_backlog_is_no_refusal_to_be_told_of(incoming: Incoming) -> None:
    """The sender comes again by itself."""
    incoming.gate.refuse("probe", "backlog_full")
    incoming.gate.flush_refusals(incoming.now)
    turn(incoming)
    assert messages(incoming, NOTE) == []
    assert source(incoming, "probe").refusing_since is None


def rotate(incoming: Incoming, *, is_forced: bool = False) -> str:
    service = incoming.service
    new = service.database.write(
        lambda session: senders.rotate_source(
            session, OPERATOR, "probe", service.cipher, incoming.now, is_forced=is_forced
        )
    )
    incoming.gate.renew()
    return new.secret


def test_both_secrets_are_good_until_the_old_one_was_unused_for_a_day(incoming: Incoming, clock: Clock) -> None:
    """Whoever still sends with the old secret keeps it alive; a day after the last use it is let go of."""
    rotate(incoming)
    clock.at += timedelta(hours=23)
    incoming.send(ANOMALY)  # with the old secret
    incoming.gate.flush_refusals(incoming.now)
    clock.at += timedelta(hours=23)
    turn(incoming)
    incoming.gate.renew()
    incoming.send(ANOMALY)
    incoming.gate.flush_refusals(incoming.now)
    clock.at += DAY
    turn(incoming)
    incoming.gate.renew()
    with pytest.raises(WrongCredential):
        incoming.send(ANOMALY)
    assert len(source(incoming, "probe").secret_hashes) == 1


def test_a_third_secret_does_not_end_one_that_is_in_use(incoming: Incoming) -> None:
    """Unless it is asked for: then the oldest one is refused at once."""
    rotate(incoming)
    incoming.send(ANOMALY)  # with the old secret
    incoming.gate.flush_refusals(incoming.now)
    with pytest.raises(InvalidCommand, match="still in use"):
        rotate(incoming)
    rotate(incoming, is_forced=True)
    with pytest.raises(WrongCredential):
        incoming.send(ANOMALY)


DEPENDABOT = json.dumps(
    {
        "action": "created",
        "alert": {
            "number": 7,
            "security_advisory": {"summary": "A flaw in a parser", "severity": "high"},
            "html_url": "https://github.example/acme/shop/security/dependabot/7",
        },
        "repository": {"full_name": "acme/shop"},
    }
).encode()


def connect_github(incoming: Incoming) -> None:
    incoming.connect("forge", "github", "bearer")


def redelivered(incoming: Incoming, name: str) -> int:
    with incoming.service.database.reading() as session:
        (found,) = [one.redelivered for one in sources.summaries(session) if one.name == name]
        return found


def send_github(incoming: Incoming, delivery: str, body: bytes = DEPENDABOT) -> None:
    incoming.send_bytes(body, "forge", x_github_event="dependabot_alert", x_github_delivery=delivery)
    incoming.process()


def counts(incoming: Incoming) -> list[int]:
    return [one.count for one in incoming.rows(AlertRow)]


def test_a_delivery_that_comes_again_is_not_counted_again(incoming: Incoming) -> None:
    """The same id is the same delivery, in one slice and later; another id is the problem said again."""
    connect_github(incoming)
    for delivery in ("one", "one", "two"):
        send_github(incoming, delivery)
    assert counts(incoming) == [2]
    assert redelivered(incoming, "forge") == 1


def test_a_delivery_that_was_not_understood_can_be_played_again(incoming: Incoming) -> None:
    """Quarantine does not remember it as seen."""
    connect_github(incoming)
    for _ in range(2):
        send_github(incoming, "one", b"\x00\xff\x00\xfe")
    assert redelivered(incoming, "forge") == 0


def test_without_an_identity_everything_counts(incoming: Incoming) -> None:
    """Plain JSON says the same thing twice: twice it is."""
    incoming.alert(ANOMALY)
    incoming.alert(ANOMALY)
    assert counts(incoming) == [2]
