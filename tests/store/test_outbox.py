"""Messages that wait to get out: claimed by one worker at a time, taken over from one that died, never lost."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from breach_service.store import outbox
from breach_service.store.database import Database, Session
from breach_service.store.outbox import LEASE, Claim, Message
from breach_service.store.tables import DeliveryRow, OutboxRow

SECOND = timedelta(seconds=1)


def enqueue(
    database: Database, key: str, now: datetime, *, kind: str = "reminder", run_at: datetime | None = None
) -> None:
    message = Message(key, kind, "fake", run_at or now, incident_id=1)
    database.write(lambda session: outbox.enqueue_all(session, [message], now))


def claim(database: Database, now: datetime) -> Claim | None:
    return next(iter(database.write(lambda session: outbox.claim(session, now))), None)


def message(database: Database, key: str) -> OutboxRow:
    with database.reading() as session:
        return session.exec(select(OutboxRow).where(OutboxRow.key == key)).one()


@pytest.fixture(autouse=True)
def an_incident(incident_id: int) -> int:
    """What the messages are about."""
    return incident_id


def test_a_key_is_queued_once(database: Database, now: datetime) -> None:
    """However often it is said."""
    for _ in range(3):
        enqueue(database, "a", now)
    assert claim(database, now) is not None
    assert claim(database, now) is None


def test_the_message_that_has_waited_longest_goes_first(database: Database, now: datetime) -> None:
    """And none before its time."""
    enqueue(database, "later", now, kind="a", run_at=now + SECOND)
    enqueue(database, "sooner", now, kind="b")
    enqueue(database, "much later", now, kind="c", run_at=now + 60 * SECOND)
    keys = [found.key for _ in range(3) if (found := claim(database, now + SECOND))]
    assert keys == ["sooner", "later"]


def test_a_claimed_message_is_nobody_else_s(database: Database, now: datetime) -> None:
    """Until it is finished, or its lease has lapsed."""
    enqueue(database, "a", now)
    assert claim(database, now) is not None
    assert claim(database, now + LEASE) is None
    taken_over = claim(database, now + LEASE + SECOND)
    assert taken_over is not None
    assert taken_over.attempts == 2


def test_who_finishes_late_changes_nothing(database: Database, now: datetime) -> None:
    """The message belongs to the worker that took over; the late attempt is only recorded."""
    enqueue(database, "a", now)
    late = claim(database, now)
    taken_over = claim(database, now + LEASE + SECOND)
    assert late is not None
    assert taken_over is not None
    for settle in (
        lambda session: outbox.finish(session, late, now),
        lambda session: outbox.put_off(session, late, now, now + 9 * LEASE, "unreachable"),
        lambda session: outbox.give_up(session, late, now, "refused"),
    ):
        assert not database.write(settle)
    held = message(database, "a")
    assert (held.done_at, held.given_up_at, held.error, held.run_at) == (None, None, "", now)
    assert database.write(lambda session: outbox.finish(session, taken_over, now + LEASE))
    assert message(database, "a").done_at == now + LEASE


def test_a_finished_message_is_never_sent_again(database: Database, now: datetime) -> None:
    """Nor does it wait any more."""
    enqueue(database, "a", now)
    claimed = claim(database, now)
    assert claimed is not None
    assert database.write(lambda session: outbox.finish(session, claimed, now))
    assert claim(database, now + 100 * LEASE) is None
    with database.reading() as session:
        assert outbox.pending(session) == {}
        assert outbox.deliveries(session) == {("fake", "sent", ""): 1}


def test_a_message_that_was_put_off_comes_back_at_its_time(database: Database, now: datetime) -> None:
    """With the reason beside it, and visible as waiting since it was queued."""
    enqueue(database, "a", now)
    claimed = claim(database, now)
    assert claimed is not None
    database.write(lambda session: outbox.put_off(session, claimed, now, now + 5 * SECOND, "unreachable"))
    assert claim(database, now + 4 * SECOND) is None
    with database.reading() as session:
        assert outbox.pending(session) == {"fake": (1, now)}
    again = claim(database, now + 5 * SECOND)
    assert again is not None
    assert again.attempts == 2


def test_a_message_that_was_given_up_stays_visible(database: Database, now: datetime) -> None:
    """With its reason; it is not tried again."""
    enqueue(database, "a", now)
    claimed = claim(database, now)
    assert claimed is not None
    database.write(lambda session: outbox.give_up(session, claimed, now, "refused"))
    assert claim(database, now + 100 * LEASE) is None
    held = message(database, "a")
    assert (held.given_up_at, held.error) == (now, "refused")
    with database.reading() as session:
        assert outbox.deliveries(session) == {("fake", "given_up", "refused"): 1}


def test_messages_of_one_kind_about_one_incident_go_out_one_at_a_time(database: Database, now: datetime) -> None:
    """Two workers never show its card at the same moment; other kinds do not wait for it."""
    for key, kind in (("card 1", "card"), ("card 2", "card"), ("reminder", "reminder")):
        enqueue(database, key, now, kind=kind)
    first, second = claim(database, now), claim(database, now)
    assert first is not None
    assert second is not None
    assert (first.key, second.key, claim(database, now)) == ("card 1", "reminder", None)
    database.write(lambda session: outbox.finish(session, first, now))
    third = claim(database, now)
    assert third is not None
    assert third.key == "card 2"


def test_an_attempt_is_recorded_each_time(database: Database, now: datetime) -> None:
    """Failures as well."""
    enqueue(database, "a", now)
    for number in range(3):
        at = now + number * SECOND
        claimed = claim(database, at)
        assert claimed is not None
        database.write(lambda session, one=claimed, at=at: outbox.put_off(session, one, at, at, "unreachable"))  # type: ignore[misc]
    with database.reading() as session:
        assert [one.reason for one in session.exec(select(DeliveryRow))] == ["unreachable"] * 3


def test_a_card_is_remembered_where_it_stands(database: Database, now: datetime) -> None:
    """And where it stands now, once it was posted anew."""

    def keep(external_id: str) -> None:
        database.write(lambda session: outbox.keep_card(session, 1, "fake", external_id, now))

    def stands() -> str | None:
        with database.reading() as session:
            return outbox.cards_of(session, [1]).get((1, "fake"))

    assert stands() is None
    keep("C1:1")
    assert stands() == "C1:1"
    keep("C1:2")
    assert stands() == "C1:2"


def test_what_was_said_is_remembered_by_incident(database: Database, now: datetime) -> None:
    """Each thing once."""

    def work(session: Session) -> None:
        outbox.remember_said(session, 1, "overdue", now)

    database.write(work)
    with database.reading() as session:
        assert outbox.said(session, 1) == {"overdue"}
        assert outbox.said(session, 2) == frozenset()
