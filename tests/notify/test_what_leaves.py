"""What leaves the service by its channels: closed words, references, dates and counts, and nothing else."""

import json
from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts import incidents as acts
from breach_service.acts.incidents import Awareness, Declaration, FactCommand
from breach_service.demo.playing import ATTACK, dated
from breach_service.notify.channel import Card
from breach_service.notify.console import Console
from breach_service.store.tables import AlertRow
from tests.deciders import DPO
from tests.pipeline.incoming import Incoming

HOUR = timedelta(hours=1)


def play(incoming: Incoming) -> None:
    """The recorded attack, as its senders send it."""
    now = incoming.now
    for step in json.loads(ATTACK.read_text(encoding="utf-8")):
        incoming.connect(step["source"], step["source"].removeprefix("demo-"))
        for count in range(min(step.get("repeat", 1), 3)):
            at = now - timedelta(minutes=step["minutes_before"], seconds=-count)
            incoming.send_bytes(json.dumps(dated(step["body"], at)).encode(), step["source"])
    incoming.process()


def look(incoming: Incoming) -> None:
    worker = incoming.service.worker()
    while worker.turn(incoming.now):
        pass


def everything(channel: Any) -> str:
    return repr(channel.cards) + repr(channel.said)


@pytest.fixture
def told(sqlite_incoming: Incoming, clock: Any) -> Incoming:
    """The attack, people who work on it, and time that passes until everything is overdue."""
    play(sqlite_incoming)
    look(sqlite_incoming)
    act = sqlite_incoming.act
    act(acts.record_fact, DPO, FactCommand("loss.confidentiality", "yes", note="Marie Curie’s account was read."))
    act(acts.record_awareness, DPO, Awareness(clock.at, "Told by pierre.curie@example.org."))
    act(acts.confirm, DPO, "Irène Joliot saw it.")
    service = sqlite_incoming.service
    declaration = Declaration("Hélène Langevin lost her laptop.", "Laptop of Hélène Langevin", told_by="Paul Langevin")
    service.database.write(
        lambda session: acts.declare(session, DPO, declaration, service.knowledge(), sqlite_incoming.now)
    )
    for hours in (1, 20, 30, 80):
        clock.at += hours * HOUR
        look(sqlite_incoming)
    return sqlite_incoming


def test_no_text_of_a_sender_leaves(told: Incoming, channel: Any) -> None:
    """No title, summary, machine, account, address, file or fingerprint of any alert."""
    left = everything(channel)
    assert len(channel.cards) >= 3
    assert len(channel.said) >= 3
    texts = {"www-data", "root", "203.0.113", "10.20.1", "upload", "Watchdog", "crowdsecurity", "demo0000"}
    for row in told.rows(AlertRow):
        texts |= {row.title, row.summary, row.fingerprint, row.vendor_severity}
        texts |= {value for _, value, *_ in row.entities}
    assert [one for one in texts if len(one) > 3 and one in left] == []


def test_no_word_of_a_person_leaves(told: Incoming, channel: Any) -> None:
    """Neither what they wrote, nor who they are."""
    left = everything(channel)
    words = ("Curie", "pierre", "Joliot", "Langevin", "laptop", "Laptop", "Camille", "Vauzelle")
    assert [one for one in words if one in left] == []


def test_no_client_is_named(told: Incoming, channel: Any) -> None:
    """Nor the contacts, nor the organisation's own people: who reads the channel is not who may read the incident."""
    left = everything(channel)
    inventory = told.service.knowledge().inventory
    names = {text for one in inventory.clients for text in (one.id, one.name, *(two.name for two in one.contacts))}
    names |= {two.email for one in inventory.clients for two in one.contacts}
    names |= {one.dpo.email for one in inventory.organisations}
    assert [one for one in names if one and one in left] == []


def test_the_team_learns_what_it_needs(told: Incoming, channel: Any) -> None:
    """Which incident, what kind, where, how bad, until when."""
    first = channel.cards[0][0]
    assert first.reference == "INC-2026-0001"
    assert "Application (la solution)" in first.headline
    assert any(line.startswith("CNIL") for card, _ in channel.cards for line in card.clocks)
    assert "Incident" in next(card for card, _ in channel.cards if card.reference.endswith("2")).headline


def test_the_card_counts_the_recipients_that_it_does_not_show(told: Incoming, channel: Any) -> None:
    """Four dates at most, and how many more there are."""
    last = [card for card, _ in channel.cards if card.reference == "INC-2026-0001"][-1]
    assert len(last.clocks) == 5
    assert "1" in last.clocks[-1]


def test_the_link_leads_to_the_incident(sqlite_incoming: Incoming) -> None:
    """Where the public address is set; without one there is no link."""
    service, channel = sqlite_incoming.service, sqlite_incoming.service.channels["fake"]
    play(sqlite_incoming)
    look(sqlite_incoming)
    assert channel.cards[0][0].link == ""  # type: ignore[attr-defined]
    service.settings.public_url = "https://breach.example/"
    sqlite_incoming.act(acts.confirm, DPO, "Seen.")
    service.now.at += timedelta(minutes=1)  # type: ignore[attr-defined]
    look(sqlite_incoming)
    assert channel.cards[-1][0].link == "https://breach.example/incidents/INC-2026-0001"  # type: ignore[attr-defined]


def test_without_any_channel_the_console_takes_everything() -> None:
    """It never fails, and remembers no place but the reference."""
    card = Card("INC-2026-0001", "a", "b", (), ())
    console = Console()
    assert console.show_card(card, None) == "INC-2026-0001"
    assert console.show_card(card, "INC-2026-0001") == "INC-2026-0001"
    console.say("INC-2026-0001 must be qualified.", None, "key")
