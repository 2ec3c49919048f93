"""What a channel that everybody reads says of a restricted incident: its reference, and that something is due."""

from datetime import timedelta

from breach_service.acts.seeing import compartments
from breach_service.app import OPERATOR, Service
from breach_service.notify.channel import Card
from tests.conftest import FakeChannel
from tests.pipeline.incoming import WEB_SHELL, Incoming


def words_of(card: Card) -> str:
    return " ".join((card.headline, card.status, *(two for one in card.pairs for two in one), *card.clocks))


def work(service: Service) -> None:
    worker = service.worker()
    while worker.turn(service.now()):
        pass


def test_the_card_that_stands_there_already_is_emptied(sqlite_service: Service, channel: FakeChannel) -> None:
    """No title, no system, no sender, no date; the reminders neither."""
    incoming = Incoming(sqlite_service)
    incoming.alert(WEB_SHELL)
    work(sqlite_service)
    (shown, _), *_ = channel.cards
    reference = incoming.incident().reference
    telling = [shown.headline, *(value for _, value in shown.pairs[:1])]
    sqlite_service.database.write(
        lambda session: compartments.restrict(
            session, OPERATOR, reference, [], [], "Staff.", sqlite_service.knowledge(), sqlite_service.now()
        )
    )
    clock = sqlite_service.now
    clock.at += timedelta(minutes=1)  # type: ignore[attr-defined]
    work(sqlite_service)
    card, stands_at = channel.cards[-1]
    assert stands_at is not None
    assert (card.reference, card.pairs) == (reference, ())
    assert not any(one in words_of(card) for one in telling if one)
    clock.at += timedelta(hours=23)  # type: ignore[attr-defined]
    work(sqlite_service)
    assert (
        channel.said[-1][0].replace("\u202f", " ").replace("\xa0", " ") == f"{reference} : une échéance est en cours."
    )
