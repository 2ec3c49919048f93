"""Reminders told with dates: over a weekend, over both changes of the clocks, after an outage, muted, and in a flood.

The story runs on the real service with the clock of the machine frozen.
"""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from freezegun import freeze_time

from breach_service.acts import content, incidents
from breach_service.acts import reminders as acts
from breach_service.acts.incidents import Awareness
from breach_service.app import OPERATOR, Service
from breach_service.clock import utc_now
from breach_service.domain.incident import EntryKind
from breach_service.domain.inventory import Client, ClientActivity, Contract
from breach_service.errors import InvalidCommand
from breach_service.store import calls, reminders
from breach_service.store import incidents as stored
from tests.deciders import DPO
from tests.stories.test_the_72_hours import NIGHT, RESPONDER, Story, a_web_shell

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.fixture
def story(sqlite_service: Service) -> Iterator[Story]:
    with freeze_time(NIGHT, ignore=["sqlalchemy", "concurrent", "threading", "queue"]) as time:
        sqlite_service.now = utc_now
        yield Story(sqlite_service, time)


def only_the_authority(story: Story) -> None:
    """Without clients there is one date: that of the CNIL."""
    inventory = story.service.knowledge().inventory.model_copy(update={"clients": ()})
    story.service.database.write(lambda session: content.import_inventory(session, OPERATOR, inventory, utc_now()))


def a_breach(story: Story, aware_at: datetime) -> None:
    """Confirmed at once."""
    story.at(aware_at)
    only_the_authority(story)
    a_web_shell(story)
    story.act(incidents.record_awareness, DPO, Awareness(aware_at, "Seen in the log."))
    story.act(incidents.confirm, DPO, "Data were read.")


def moments(story: Story, since: datetime, hours: float) -> list[str]:
    """When something is said, as Paris reads its clocks, if the worker looks every half hour."""
    found = []
    for number in range(int(hours * 2) + 1):
        now, before = since + number * HOUR / 2, len(story.said)
        story.at(now)
        assert len(story.said) - before in (0, 1), "one message a look"
        if len(story.said) > before:
            found.append(f"{now.astimezone(PARIS):%a %d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("aware_at", "said"),
    [
        (
            "2026-11-23T10:00",
            ["Tue 24 17:00", "Wed 25 10:00", "Wed 25 17:00", "Thu 26 04:00", "Thu 26 09:00", "Thu 26 10:00"],
        ),
        ("2026-11-27T14:30", ["Fri 27 17:00", "Mon 30 08:30", "Mon 30 13:30", "Mon 30 14:30"]),
        ("2026-10-23T14:30", ["Fri 23 17:00", "Mon 26 07:30", "Mon 26 12:30", "Mon 26 13:30"]),
        ("2026-03-27T14:30", ["Fri 27 17:00", "Mon 30 09:30", "Mon 30 14:30", "Mon 30 15:30"]),
    ],
    ids=["a week", "a weekend", "into winter", "into summer"],
)
def test_72_hours_are_spoken_of(story: Story, aware_at: str, said: list[str]) -> None:
    """Early ones while people are at work, before the weekend rather than in it; the last six hours to the minute."""
    at = paris(aware_at).astimezone(UTC)
    a_breach(story, at)
    assert moments(story, at + HOUR / 2, 72) == said
    assert "CNIL" in story.said[-1]
    assert "(UTC" in story.said[-1], "an absolute date with its offset"


def test_what_is_overdue_is_said_each_day_until_it_is_settled(story: Story) -> None:
    """At the same hour; nobody mutes it."""
    at = paris("2026-11-23T10:00").astimezone(UTC)
    a_breach(story, at)
    end = at + 72 * HOUR
    story.at(end)
    story.act(lambda session, actor, ref, knowledge, now: acts.mute_reminders(
        session, actor, ref, now + 60 * HOUR, "We know.", now), RESPONDER)  # fmt: skip
    assert moments(story, end + HOUR, 50) == ["Fri 27 10:00", "Sat 28 10:00"]


def test_twenty_hours_without_the_service_are_caught_up_in_one_message(story: Story) -> None:
    """Three moments passed meanwhile; what is urgent among them wakes."""
    at = paris("2026-11-23T10:00").astimezone(UTC)
    a_breach(story, at)
    story.at(at + 47 * HOUR)
    before = len(story.said)
    story.at(at + 67 * HOUR)
    assert len(story.said) == before + 1
    kept = [one for one in story.dossier.timeline if one.kind is EntryKind.REMINDED]
    assert len(kept) == 2
    with story.service.database.reading() as session:
        number = stored.row_of(session, story.reference).id or 0
        marks = reminders.marks(session, [number])[number]
    assert {"-24h", "-12h", "-6h"} <= {one.partition(":")[0] for one in marks}


def test_muting_is_shown_kept_and_ended(story: Story) -> None:
    """Who, until when and why stand in the chronology; the early ones wait for its end and come as one."""
    at = paris("2026-11-23T10:00").astimezone(UTC)
    a_breach(story, at)

    def mute(hours: float, reason: str = "The DPO is on it.") -> None:
        story.act(lambda session, actor, ref, knowledge, now: acts.mute_reminders(
            session, actor, ref, now + hours * HOUR, reason, now), RESPONDER)  # fmt: skip

    for hours, reason in ((4, " "), (0, "x"), (-1, "x"), (73, "x")):
        with pytest.raises(InvalidCommand):
            mute(hours, reason)
    mute(60)
    assert moments(story, at + HOUR, 50) == []
    story.act(lambda session, actor, ref, knowledge, now: acts.unmute_reminders(session, actor, ref, now), RESPONDER)
    assert moments(story, at + 52 * HOUR, 0) == ["Wed 25 14:00"]
    with pytest.raises(InvalidCommand, match="not muted"):
        story.act(lambda session, actor, ref, knowledge, now: acts.unmute_reminders(session, actor, ref, now), DPO)
    kinds = [one.kind for one in story.dossier.timeline]
    assert kinds.count(EntryKind.REMINDERS_MUTED) == kinds.count(EntryKind.REMINDERS_UNMUTED) == 1


def three_hundred_clients(story: Story) -> None:
    clients = tuple(
        Client(
            id=f"client-{number}", name=f"Client {number}", contract=Contract(notice_hours=(None, 24, 48)[number % 3]),
            activities=(ClientActivity(activity="training-attendance", number_of_persons=(10, 10)),),
        )
        for number in range(300)
    )  # fmt: skip
    inventory = story.service.knowledge().inventory.model_copy(update={"clients": clients})
    story.service.database.write(lambda session: content.import_inventory(session, OPERATOR, inventory, utc_now()))


def noise(story: Story, number: int) -> None:
    """A burst of attempts, or a short outage, on the system that all clients share."""
    signal = ("web_exploit", "unavailability")[number % 2]
    story.alert(title=f"Noise {number}", signal=signal, severity="high", host="app-01", id=f"noise-{number}")


def messages(story: Story) -> int:
    """What appeared in the channel: cards that were posted (edits notify nobody), reminders, calls."""
    channel: Any = story.service.channels["fake"]
    return sum(1 for _, stands_at in channel.cards if stands_at is None) + len(channel.said) + len(channel.called)


def nobody_was_woken(story: Story) -> bool:
    channel: Any = story.service.channels["fake"]
    with story.service.database.reading() as session:
        return not channel.called and not calls.not_over(session)


DAY = [paris("2026-11-24T00:00") + timedelta(hours=2.5) * number for number in range(10)]
"""Ten noise incidents, around the clock."""


@pytest.mark.parametrize("is_triaged", [True, False], ids=["triaged by day", "left alone"])
def test_ten_noise_incidents_a_day_on_a_system_of_300_clients(story: Story, is_triaged: bool) -> None:
    """At most ten messages and nobody woken at night: a card each, and no reminder of what is dismissed in its day.

    Where nobody looks at all, each is spoken of once within its day, by day, never once for each client.
    """
    story.at("2026-11-23T12:00:00+00:00")
    three_hundred_clients(story)
    waiting, reminded, open_ones = iter(DAY), 0, list[str]()
    following = next(waiting, None)
    for step in itertools.count():
        now = paris("2026-11-24T00:00").astimezone(UTC) + step * HOUR / 2
        if now >= paris("2026-11-25T00:00"):
            break
        story.at(now)
        while following is not None and following <= now:
            noise(story, DAY.index(following))
            open_ones.append(f"INC-2026-{DAY.index(following) + 1:04d}")
            following = next(waiting, None)
        is_day = 9 <= now.astimezone(PARIS).hour < 18
        if is_triaged and is_day:
            for reference in open_ones:
                knowledge = story.service.knowledge()
                story.service.database.write(
                    lambda session, reference=reference, knowledge=knowledge, now=now: incidents.dismiss(
                        session, DPO, reference, "Attempts that the firewall turned away.", knowledge, now
                    )
                )
            open_ones.clear()
        said = len(story.said)
        assert said == reminded or is_day or now.astimezone(PARIS).hour == 18, "nothing is said at night"
        reminded = said
    assert len(DAY) == 10
    with story.service.database.reading() as session:
        assert len(stored.open_ids(session)) == (2 if is_triaged else 10)
    assert nobody_was_woken(story)
    assert len(story.said) <= 10
    if is_triaged:
        assert story.said == []
        assert messages(story) <= 10
