"""Two processes of one service on PostgreSQL at the same time: everything once, nothing twice, nothing lost."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from breach_service.app import Service
from breach_service.pipeline import process
from breach_service.settings import Settings
from breach_service.store import timeline
from breach_service.store.tables import AlertRow, InboxRow, QuarantineRow, SealRow, TimelineEntryRow
from tests.pipeline.incoming import SCAN, WEB_SHELL, Incoming

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
PATIENCE = 60


@pytest.fixture
def both(settings: Settings, make_service: Callable[[Settings], Service]) -> tuple[Service, Service]:
    """Two services on one database."""
    return make_service(settings), make_service(settings)


def together(*works: Callable[[], None]) -> None:
    """Do them at the same time; the first failure of any of them."""
    start = threading.Barrier(len(works))
    failures: list[Exception] = []

    def one(work: Callable[[], None]) -> None:
        start.wait(PATIENCE)
        try:
            work()
        except Exception as error:  # noqa: BLE001  # raised below, in the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=one, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        raise failure


def processing(service: Service, slice_of: int) -> Callable[[], None]:
    def work() -> None:
        while process(service.database, service.cipher, service.knowledge(), service.now(), slice_of):
            pass

    return work


def test_one_inbox_is_processed_once(both: tuple[Service, Service]) -> None:
    """Each alert counts once, references are unique and without a gap, nothing is set aside."""
    incoming = Incoming(both[0])
    for number in range(60):
        incoming.send({**WEB_SHELL, "host": f"machine-{number % 6}", "id": f"alert-{number % 20}-{number % 6}"})
    together(processing(both[0], 4), processing(both[1], 3))
    assert (incoming.count(InboxRow), incoming.count(QuarantineRow)) == (0, 0)
    assert sum(one.count for one in incoming.rows(AlertRow)) == 60
    found = incoming.incidents()
    assert [one.reference for one in found] == [f"INC-2026-{number:04d}" for number in range(1, 7)]
    assert [one.alerts for one in found] == [10] * 6


def test_both_may_receive_while_both_process(both: tuple[Service, Service]) -> None:
    """What comes in during the work is worked on as well."""
    one, other = Incoming(both[0]), Incoming(both[0], "second")

    def send(incoming: Incoming) -> Callable[[], None]:
        def work() -> None:
            for number in range(20):
                incoming.send({**SCAN, "id": f"scan-{number}"})

        return work

    together(send(one), send(other), processing(both[0], 4), processing(both[1], 4))
    one.process()
    assert Counter(row.count for row in one.rows(AlertRow)) == Counter({1: 40})


def test_two_workers_seal_one_unbroken_chain(both: tuple[Service, Service]) -> None:
    """Every entry has one seal, and each seal points at the one before it."""
    incoming = Incoming(both[0])
    for number in range(6):
        incoming.alert({**WEB_SHELL, "host": f"machine-{number}", "id": f"alert-{number}"})

    def sealing(service: Service) -> Callable[[], None]:
        worker = service.worker()

        def work() -> None:
            for _ in range(5):
                worker.seal(service.now())

        return work

    together(sealing(both[0]), sealing(both[1]), processing(both[0], 1))
    both[0].worker().seal(incoming.now)
    with both[0].database.reading() as session:
        assert timeline.broken_seals(session) == []
        sealed = sorted(session.exec(select(SealRow.entry_id)))
        assert sealed == sorted(session.exec(select(TimelineEntryRow.id)))


def test_two_workers_send_each_message_once(both: tuple[Service, Service], channel: Any) -> None:
    """A message that one of them has claimed is not seen by the other."""
    incoming = Incoming(both[0])
    for number in range(8):
        incoming.alert({**WEB_SHELL, "host": f"machine-{number}", "id": f"alert-{number}"})

    def delivering(service: Service) -> Callable[[], None]:
        worker = service.worker()

        def work() -> None:
            while worker.deliver_one_message(service.knowledge(), service.now()):
                pass

        return work

    together(delivering(both[0]), delivering(both[1]))
    assert sorted(card.reference for card, _ in channel.cards) == [f"INC-2026-{number:04d}" for number in range(1, 9)]


def test_a_card_that_is_being_posted_is_not_posted_by_the_other(both: tuple[Service, Service], channel: Any) -> None:
    """What changes while the first card is under way waits until it stands, and is then shown by an edit."""
    incoming = Incoming(both[0])
    incoming.alert(WEB_SHELL)
    begun, release = threading.Event(), threading.Event()

    class Slow:
        name = "fake"

        def show_card(self, card: Any, external_id: str | None) -> str:
            begun.set()
            release.wait(PATIENCE)
            return str(channel.show_card(card, external_id))

        def say(self, text: str, external_id: str | None, key: str) -> None:
            raise AssertionError(text)

        def call(self, *_: Any) -> None:
            """People are woken besides."""

    both[0].channels = {"fake": Slow()}
    slow = both[0].worker()
    posting = threading.Thread(target=slow.deliver_one_message, args=(both[0].knowledge(), incoming.now))
    posting.start()
    begun.wait(PATIENCE)
    incoming.alert({**WEB_SHELL, "id": "more"})
    other = both[1].worker()
    assert not other.deliver_one_message(both[1].knowledge(), incoming.now)
    release.set()
    posting.join()
    assert other.deliver_one_message(both[1].knowledge(), incoming.now)
    assert [external_id for _, external_id in channel.cards] == [None, "fake:1"]
