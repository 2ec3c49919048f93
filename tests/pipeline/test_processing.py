"""A slice of the inbox: everything that can be understood becomes what it is, the rest is kept and said."""

from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts import senders
from breach_service.app import OPERATOR
from breach_service.domain.incident import EntryKind
from breach_service.errors import InvalidCommand, NotFound
from breach_service.pipeline import process
from breach_service.pipeline.processing import SLICE, process_slice
from breach_service.store import inbox
from breach_service.store.cipher import Cipher
from breach_service.store.database import Closed, Session, is_connection_lost
from breach_service.store.tables import AlertRow, InboxRow, OutboxRow, QuarantineRow, SourceRow, TimelineEntryRow
from tests.pipeline.incoming import SCAN, WEB_SHELL, Incoming

JUNK = b"\x00\xff\x00\xfe"
"""No kind makes anything of it."""


def test_one_bad_body_among_many_good_ones_is_kept_with_the_sentence(incoming: Incoming) -> None:
    """The others become what they are in the same slice; the sender is counted as seen and as not understood."""
    for number in range(SLICE):
        if number == 40:
            incoming.send_bytes(JUNK)
        else:
            incoming.send(SCAN, id=f"scan-{number}")
    incoming.process()
    assert (incoming.count(InboxRow), incoming.count(AlertRow)) == (0, SLICE - 1)
    (kept,) = incoming.rows(QuarantineRow)
    assert kept.reason
    assert inbox.opened(incoming.service.cipher, kept.sealed)[2] == JUNK
    (source,) = incoming.rows(SourceRow)
    assert (source.received, source.quarantined, source.last_seen_at) == (SLICE, 1, incoming.now)


def test_a_slice_takes_a_hundred_at_most(incoming: Incoming) -> None:
    """So that receivers are never held up for long; the rest stays for the next one."""
    for number in range(SLICE + 1):
        incoming.send(SCAN, id=f"scan-{number}")
    service = incoming.service
    assert process(service.database, service.cipher, service.knowledge(), incoming.now)
    assert incoming.count(InboxRow) == 1
    assert process(service.database, service.cipher, service.knowledge(), incoming.now)
    assert not process(service.database, service.cipher, service.knowledge(), incoming.now)


def test_requests_leave_the_inbox_with_their_effects_or_not_at_all(incoming: Incoming) -> None:
    """A failure after the work and before the commit: nothing has happened, and the next try does it once."""
    incoming.send(WEB_SHELL)
    service, knowledge = incoming.service, incoming.service.knowledge()

    def fail_at_the_end(session: Session) -> None:
        assert process_slice(session, service.cipher, knowledge, incoming.now, SLICE) == 1
        raise OSError("the machine stops here")

    with pytest.raises(OSError, match="stops here"):
        service.database.write(fail_at_the_end)
    assert (incoming.count(InboxRow), incoming.count(AlertRow), incoming.count(OutboxRow)) == (1, 0, 0)
    assert incoming.incidents() == []
    incoming.process()
    assert (incoming.count(InboxRow), incoming.incident().reference[-4:]) == (0, "0001")


def test_a_body_that_makes_processing_fail_is_set_aside_and_the_rest_processed(incoming: Incoming) -> None:
    """Here one of a kind of sender that this release does not know any more, in the middle of thirty good ones."""
    incoming.connect("former", "wazuh")

    def forget_the_kind(session: Session) -> None:
        row = session.get(SourceRow, 2)
        assert row is not None
        row.kind = "of-another-release"
        session.add(row)

    incoming.service.database.write(forget_the_kind)
    for number in range(30):
        incoming.send(SCAN, id=f"scan-{number}", source="former" if number == 17 else None)
    incoming.process()
    assert (incoming.count(InboxRow), incoming.count(AlertRow)) == (0, 29)
    (kept,) = incoming.rows(QuarantineRow)
    assert "of-another-release" in kept.reason


def test_a_body_sealed_with_another_key_does_not_hold_the_others_up(incoming: Incoming) -> None:
    """After a change of the key: it is set aside as it is, with the sentence that says which key it needs."""
    incoming.send(SCAN)
    foreign = inbox.sealed(Cipher(bytes(32)), {}, "", b"{}")
    incoming.service.database.receive({"source_id": 1, "received_at": incoming.now, "sealed": foreign}).result(30)
    incoming.send(SCAN)
    incoming.process()
    assert (incoming.count(InboxRow), [one.count for one in incoming.rows(AlertRow)]) == (0, [2])
    (kept,) = incoming.rows(QuarantineRow)
    assert kept.sealed == foreign
    assert "another BREACH_SECRET_KEY" in kept.reason


def test_while_the_database_is_away_nothing_is_set_aside(sqlite_incoming: Incoming) -> None:
    """No body is at fault: it waits."""
    sqlite_incoming.send(SCAN)
    service, knowledge = sqlite_incoming.service, sqlite_incoming.service.knowledge()
    service.database.close()
    with pytest.raises(Closed):
        process(service.database, service.cipher, knowledge, sqlite_incoming.now)
    assert (sqlite_incoming.count(InboxRow), sqlite_incoming.count(QuarantineRow)) == (1, 0)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_connection_that_breaks_while_processing_sets_nothing_aside(incoming: Incoming) -> None:
    """PostgreSQL ends our session in the middle of a slice: the next try processes everything."""
    for number in range(3):
        incoming.send(SCAN, id=f"scan-{number}")
    service, knowledge = incoming.service, incoming.service.knowledge()

    def end_our_own_session(session: Session) -> int:
        process_slice(session, service.cipher, knowledge, incoming.now, SLICE)
        session.connection().exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        return 0

    with pytest.raises(Exception, match="terminat") as caught:
        service.database.write(end_our_own_session)
    assert is_connection_lost(caught.value)
    incoming.process()
    assert (incoming.count(AlertRow), incoming.count(QuarantineRow)) == (3, 0)


def test_what_was_set_aside_can_be_played_again(incoming: Incoming, clock: Any) -> None:
    """With the instant at which it came; the sender does not look silent because of it, and it is played once only."""
    teach(incoming, "each: alarms\ntitle: descr")
    incoming.send_bytes(b'{"descr": "Pump stands still", "unit": "app-01"}')
    received_at = clock.at
    incoming.process()
    assert incoming.count(AlertRow) == 0
    teach(incoming, "title: descr\nhost: unit")
    clock.at += timedelta(days=1)
    incoming.send_bytes(b'{"descr": "Valve is open", "unit": "app-01"}')
    incoming.process()
    replay(incoming, 1)
    incoming.process()
    assert {one.received_at for one in incoming.rows(AlertRow)} == {received_at, clock.at}
    (source,) = incoming.rows(SourceRow)
    assert source.last_seen_at == clock.at
    assert incoming.rows(QuarantineRow)[0].replayed_at == clock.at
    with pytest.raises(InvalidCommand, match="played again already"):
        replay(incoming, 1)
    with pytest.raises(NotFound, match="number 99"):
        replay(incoming, 99)
    assert incoming.count(InboxRow) == 0
    (told,) = [one for one in incoming.rows(TimelineEntryRow) if one.kind == EntryKind.NOTED and one.at == clock.at]
    assert told.actor == OPERATOR.name


def teach(incoming: Incoming, mapping: str) -> None:
    """Say how the sender's own format is read."""
    incoming.service.database.write(
        lambda session: senders.set_mapping(session, OPERATOR, "probe", mapping, incoming.now)
    )


def replay(incoming: Incoming, item: int) -> None:
    service = incoming.service
    service.database.write(
        lambda session: senders.replay_quarantined(session, OPERATOR, item, service.cipher, incoming.now)
    )


def test_what_still_cannot_be_understood_is_set_aside_again(sqlite_incoming: Incoming) -> None:
    """Under a new number, so that the history of the first one stays."""
    sqlite_incoming.send_bytes(b"?")
    sqlite_incoming.process()
    replay(sqlite_incoming, 1)
    sqlite_incoming.process()
    assert [one.replayed_at is None for one in sqlite_incoming.rows(QuarantineRow)] == [False, True]


@pytest.mark.parametrize(
    "title",
    [
        "\x00",
        "a\x00b",
        "\ud800",
        "’«»\u202e",
        "<script>alert(1)</script>",
        "x" * 100_000,
        "Robert'); DROP TABLE alert;--",
    ],
)
def test_hostile_texts_are_processed_like_any_other(incoming: Incoming, title: str) -> None:
    """Controls, halves of characters, markup, length: none of them makes a body unreadable or processing fail."""
    incoming.alert({"title": f"hostile {title}", "signal": "web_shell", "host": title, "user": title, "id": title})
    assert incoming.count(QuarantineRow) == 0
    assert len(incoming.rows(AlertRow)[0].title) <= 300


def test_bodies_are_kept_encrypted_wherever_they_stand(incoming: Incoming) -> None:
    """The first body of an episode and what is in quarantine can be opened, and not be read as they stand."""
    incoming.alert(WEB_SHELL, user="marie.curie")
    incoming.send_bytes(b"marie.curie" + JUNK)
    incoming.process()
    sample, kept = incoming.rows(AlertRow)[0].sample, incoming.rows(QuarantineRow)[0].sealed
    assert sample is not None
    assert b"marie.curie" not in sample + kept
    assert b"marie.curie" in inbox.opened(incoming.service.cipher, sample)[2]
    assert inbox.opened(incoming.service.cipher, kept)[2] == b"marie.curie" + JUNK


def test_a_large_body_is_kept_once_and_not_once_for_each_of_its_alerts(sqlite_incoming: Incoming) -> None:
    """The first alert keeps it; a small body stands beside each of its alerts."""
    small = [{**SCAN, "id": f"small-{number}"} for number in range(3)]
    large = [{**SCAN, "id": f"large-{number}", "summary": "x" * 1500} for number in range(60)]
    sqlite_incoming.alert(*small)
    sqlite_incoming.alert(*large)
    kept = [one.fingerprint for one in sqlite_incoming.rows(AlertRow) if one.sample is not None]
    assert kept == ["small-0", "small-1", "small-2", "large-0"]
