"""The time loop: what is due is a row, and the loop looks at rows; whatever fails, it goes on."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from breach_service.acts import content
from breach_service.acts import incidents as acts
from breach_service.acts.incidents import Awareness
from breach_service.app import OPERATOR, Service
from breach_service.domain.incident import EntryKind
from breach_service.notify.channel import DeliveryFailed, DeliveryFault
from breach_service.pipeline.judging import EDIT_PAUSE
from breach_service.pipeline.waking import WAKE_TEAM
from breach_service.store import outbox, reference, timeline
from breach_service.store.tables import OutboxRow
from breach_service.worker import Worker
from breach_service.worker.delivering import FIRST_PAUSE, LONGEST_PAUSE
from breach_service.worker.loop import WORKER_LEASE
from tests.deciders import DPO
from tests.pipeline.incoming import WEB_SHELL, Incoming

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
PATIENCE = 60


@pytest.fixture
def worker(service: Service) -> Worker:
    """The loop, turned by hand."""
    return service.worker()


def run_dry(incoming: Incoming) -> None:
    """Turn until there is nothing to do; a fresh loop, which looks at the reminders at once."""
    worker = incoming.service.worker()
    while worker.turn(incoming.now):
        pass


def messages(service: Service) -> list[OutboxRow]:
    with service.database.reading() as session:
        found = session.exec(select(OutboxRow).order_by(OutboxRow.id))  # type: ignore[arg-type]
        return [one for one in found if one.kind != WAKE_TEAM]  # people are woken besides: tests/stories


# Turning --------------------------------------------------------------------------------------------------------------


def test_a_turn_says_whether_there_was_work(incoming: Incoming, worker: Worker) -> None:
    """From the inbox to the channel, then nothing."""
    assert worker.turn(incoming.now), "the chronology of the first start is sealed"
    assert not worker.turn(incoming.now)
    incoming.send(WEB_SHELL)
    turns = 0
    while worker.turn(incoming.now):
        turns += 1
    assert turns >= 1
    assert not worker.turn(incoming.now)


def test_everything_is_sealed_and_the_worker_was_seen(incoming: Incoming, clock: Any) -> None:
    """One unbroken chain, and a sign of life."""
    incoming.send(WEB_SHELL)
    run_dry(incoming)
    with incoming.service.database.reading() as session:
        assert timeline.unsealed(session) == []
        assert timeline.broken_seals(session) == []
        assert timeline.chain_head(session)[0] == timeline.count(session)
        assert reference.last_tick(session, WORKER_LEASE) == clock.at


def test_a_new_inventory_is_in_force_from_the_next_turn_on(incoming: Incoming, worker: Worker, clock: Any) -> None:
    """Nobody restarts anything."""
    worker.turn(incoming.now)
    service = incoming.service
    inventory = service.knowledge().inventory
    fewer = inventory.model_copy(update={"clients": inventory.clients[:1]})
    service.database.write(lambda session: content.import_inventory(session, OPERATOR, fewer, clock.at))
    incoming.send(WEB_SHELL)
    worker.turn(incoming.now)
    assert [one.perimeter.key for one in incoming.dossier().assessment.perimeters] == ["own", "client:atelier-exemple"]


def test_the_loop_goes_on_whatever_fails(sqlite_incoming: Incoming) -> None:
    """A mistake of ours in one message stops neither the processing nor the next message."""
    posted = threading.Event()

    class Broken:
        name = "fake"

        def show_card(self, card: Any, external_id: str | None) -> str:
            if card.reference.endswith("1"):
                raise RuntimeError("a mistake of ours")
            posted.set()
            return "fake:1"

        def say(self, text: str, external_id: str | None, key: str) -> None:
            raise AssertionError(text)

        def call(self, *_: Any) -> None:
            """People are woken besides."""

    service = sqlite_incoming.service
    service.channels = {"fake": Broken()}
    worker = service.worker()
    sqlite_incoming.send(WEB_SHELL, {**WEB_SHELL, "host": "db-01", "id": "other"})
    thread = threading.Thread(target=worker.run, args=(service.now,))
    thread.start()
    assert posted.wait(PATIENCE)
    worker.stop()
    thread.join(PATIENCE)
    assert not thread.is_alive()


# Cards ----------------------------------------------------------------------------------------------------------------


def test_a_card_is_posted_once_and_then_edited_in_place(incoming: Incoming, channel: Any, clock: Any) -> None:
    """Whatever changes shows on the card that stands there."""
    incoming.send(WEB_SHELL)
    run_dry(incoming)
    assert [external_id for _, external_id in channel.cards] == [None]
    incoming.act(acts.confirm, DPO, "Seen.")
    clock.at += EDIT_PAUSE
    run_dry(incoming)
    assert [external_id for _, external_id in channel.cards] == [None, "fake:1"]
    assert channel.cards[0][0].status != channel.cards[1][0].status


def test_what_changes_at_the_very_moment_of_posting_is_shown_too(incoming: Incoming, channel: Any, clock: Any) -> None:
    """The card never stays behind what is known."""
    incoming.alert(WEB_SHELL)
    worker = incoming.service.worker()
    assert worker.deliver_one_message(incoming.service.knowledge(), clock.at)
    incoming.act(acts.confirm, DPO, "Seen.")
    clock.at += EDIT_PAUSE
    run_dry(incoming)
    assert len(channel.cards) == 2


def test_a_flood_edits_the_card_once(incoming: Incoming, channel: Any, clock: Any) -> None:
    """A hundred changes within the pause are one edit, which shows the last state."""
    incoming.send(WEB_SHELL)
    run_dry(incoming)
    for _ in range(20):
        incoming.send(WEB_SHELL)
        run_dry(incoming)
    assert len(channel.cards) == 1
    clock.at += EDIT_PAUSE
    run_dry(incoming)
    assert [dict(card.pairs)["Alertes"] for card, _ in channel.cards] == ["1", "21"]


def test_failures_back_off_and_are_tried_again(incoming: Incoming, channel: Any, clock: Any) -> None:
    """Twice as long each time, ten minutes at most, until it works; the reason is visible meanwhile."""
    incoming.alert(WEB_SHELL)
    channel.failures = [DeliveryFailed(DeliveryFault.UNREACHABLE, "no answer") for _ in range(12)]
    pauses = []
    while channel.failures:
        run_dry(incoming)
        (waiting,) = messages(incoming.service)
        assert waiting.error == "unreachable"
        pauses.append(waiting.run_at - clock.at)
        clock.at = waiting.run_at
    assert pauses[:4] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, 8 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE
    run_dry(incoming)
    assert len(channel.cards) == 1
    (sent,) = messages(incoming.service)
    assert (sent.done_at, sent.error) == (clock.at, "")
    with incoming.service.database.reading() as session:
        assert outbox.deliveries(session) == {
            ("fake", "failed", "unreachable"): 12, ("fake", "sent", ""): 1 + len(channel.called),
        }  # fmt: skip


def test_who_asks_to_wait_is_waited_for(incoming: Incoming, channel: Any, clock: Any) -> None:
    """Longer than our own pause, where the other side says so."""
    incoming.alert(WEB_SHELL)
    channel.failures = [DeliveryFailed(DeliveryFault.RATE_LIMITED, "wait", retry_after=90)]
    run_dry(incoming)
    (waiting,) = messages(incoming.service)
    assert waiting.run_at == clock.at + 90 * SECOND
    clock.at += 89 * SECOND
    run_dry(incoming)
    assert channel.cards == []
    clock.at += SECOND
    run_dry(incoming)
    assert len(channel.cards) == 1


def test_what_can_never_go_out_is_given_up_and_visible(incoming: Incoming, channel: Any, clock: Any) -> None:
    """It is tried once; the next change is a new message."""
    incoming.alert(WEB_SHELL)
    channel.failures = [DeliveryFailed(DeliveryFault.REFUSED, "no such token", is_permanent=True)]
    run_dry(incoming)
    clock.at += 24 * HOUR - SECOND
    (given_up,) = [one for one in messages(incoming.service) if one.given_up_at]
    assert given_up.error == "refused"
    incoming.act(acts.confirm, DPO, "Seen.")
    run_dry(incoming)
    assert len(channel.cards) == 1
    with incoming.service.database.reading() as session:
        assert outbox.deliveries(session)["fake", "given_up", "refused"] == 1


def test_a_channel_that_is_not_set_up_any_more_is_said(incoming: Incoming, clock: Any) -> None:
    """Its messages are given up; another channel takes the next ones."""
    incoming.alert(WEB_SHELL)
    incoming.service.channels = {}
    worker = incoming.service.worker()
    assert worker.deliver_one_message(incoming.service.knowledge(), clock.at)
    (given_up,) = messages(incoming.service)
    assert (given_up.given_up_at, given_up.error) == (clock.at, "refused")


def test_a_worker_that_died_while_sending_is_taken_over(incoming: Incoming, channel: Any, clock: Any) -> None:
    """After its lease, by another; the message is sent at least once."""
    incoming.alert(WEB_SHELL)
    [claimed] = incoming.service.database.write(lambda session: outbox.claim(session, clock.at))
    assert claimed is not None
    run_dry(incoming)
    assert channel.cards == []
    clock.at += outbox.LEASE + SECOND
    run_dry(incoming)
    assert len(channel.cards) == 1
    assert not incoming.service.database.write(lambda session: outbox.finish(session, claimed, clock.at))


# Reminders ------------------------------------------------------------------------------------------------------------


def test_the_qualification_is_called_in_and_daily_while_overdue(incoming: Incoming, channel: Any, clock: Any) -> None:
    """A quarter of its day before its end (02:00: so at 17:00), at its end, and daily; however often one looks."""
    incoming.send(WEB_SHELL)
    began_at = clock.at
    said: list[int] = []
    for hours in (0, 7.9, 8, 19, 23, 24, 25, 47, 48, 96):
        clock.at = began_at + hours * HOUR
        run_dry(incoming)
        run_dry(incoming)
        said.append(len(channel.said))
    assert said == [0, 0, 1, 1, 1, 2, 2, 2, 3, 4]
    assert all("INC-2026-0001" in text for text, _ in channel.said)
    assert [kind for kind in incoming.kinds() if kind is EntryKind.REMINDED] == [EntryKind.REMINDED] * 4


def test_a_service_that_was_down_says_what_is_overdue_when_it_is_back(
    incoming: Incoming, channel: Any, clock: Any
) -> None:
    """No deadline is lost, and what has passed meanwhile is said once, not as if it were still to come."""
    incoming.alert(WEB_SHELL)
    clock.at += 40 * HOUR
    run_dry(incoming)
    run_dry(incoming)
    assert len(channel.said) == 1
    (reminded,) = [one for one in incoming.dossier().timeline if one.kind is EntryKind.REMINDED]
    assert (reminded.words or {})["about"] == "qualification_overdue"


def test_after_confirmation_each_date_is_called_in_once_for_all_recipients(
    incoming: Incoming, channel: Any, clock: Any
) -> None:
    """Clients of 24 h, 48 h and 72 h and the authority: one sentence for all whose moment came, in its thread."""
    incoming.send(WEB_SHELL)
    run_dry(incoming)
    began_at = clock.at
    incoming.act(acts.record_awareness, DPO, Awareness(clock.at, "Seen."))
    incoming.act(acts.confirm, DPO, "Accounts were read.")
    said = []
    for hours in range(73):
        clock.at = began_at + hours * HOUR
        run_dry(incoming)
        run_dry(incoming)
        said.append(len(channel.said))
    moments = [hours for hours in range(1, 73) if said[hours] > said[hours - 1]]
    assert moments == [8, 18, 23, 24, 32, 42, 47, 48, 56, 66, 71, 72]
    assert said[72] == len(moments), "one sentence each time, whatever the number of recipients"
    assert {external_id for _, external_id in channel.said} == {"fake:1"}
    reasons = [(one.words or {})["about"] for one in incoming.dossier().timeline if one.kind is EntryKind.REMINDED]
    assert [reasons[moments.index(hours)] for hours in (24, 48, 72)] == ["overdue"] * 3


def test_nothing_is_said_of_what_is_over(incoming: Incoming, channel: Any, clock: Any) -> None:
    """Dismissed: silence."""
    incoming.send(WEB_SHELL)
    run_dry(incoming)
    incoming.act(acts.dismiss, DPO, "A test.")
    clock.at += 100 * HOUR
    run_dry(incoming)
    assert channel.said == []


def test_looking_at_reminders_writes_nothing_where_nothing_is_due(sqlite_incoming: Incoming) -> None:
    """Hundreds of open incidents do not hold up whoever waits to be stored."""
    sqlite_incoming.alert(WEB_SHELL)
    service = sqlite_incoming.service
    writes: list[Callable[..., Any]] = []

    class Watching:
        def reading(self) -> Any:
            return service.database.reading()

        def write(self, work: Callable[..., Any]) -> Any:
            writes.append(work)
            return service.database.write(work)

    worker = Worker(Watching(), service.cipher, service.knowledge, service.channels, service.renderer, "")  # type: ignore[arg-type]
    assert not worker.remind(service.knowledge(), sqlite_incoming.now)
    assert writes == []
    worker = Worker(Watching(), service.cipher, service.knowledge, service.channels, service.renderer, "")  # type: ignore[arg-type]
    assert not worker.remind(service.knowledge(), sqlite_incoming.now + 30 * HOUR)
    assert len(writes) == 1
