"""A sender whose own format was taught: its mapping speaks for all that it says."""

from typing import Any

from breach_service.acts import senders
from breach_service.app import OPERATOR
from breach_service.domain.alert import AlertStatus
from breach_service.store import sources
from breach_service.store.tables import AlertRow, QuarantineRow, TimelineEntryRow
from tests.pipeline.incoming import SCAN, Incoming

MAPPING = """
each: rows
title: what
host: where
identity: no
state: state
test_words: trial
always: {signal: malware}
"""
ONE = {"rows": [{"what": "Odd program", "where": "app-01", "no": "1"}]}


def taught(incoming: Incoming, text: str | None) -> None:
    incoming.service.database.write(
        lambda session: senders.set_mapping(session, OPERATOR, incoming.source, text, incoming.now)
    )


def heard(incoming: Incoming, body: dict[str, Any]) -> None:
    incoming.send(body)
    incoming.process()


def test_a_mapping_reads_what_its_sender_says(incoming: Incoming) -> None:
    """The operator's word for the signal, and one identity for what is said again."""
    taught(incoming, MAPPING)
    heard(incoming, ONE)
    heard(incoming, {"rows": [{**ONE["rows"][0], "state": "resolved"}]})
    (alert,) = incoming.rows(AlertRow)
    assert (alert.title, alert.signal, alert.count, alert.status) == ("Odd program", "malware", 2, "resolved")


def test_what_a_mapping_cannot_read_is_not_guessed_at(incoming: Incoming) -> None:
    """Quarantine, with the key that finds nothing; played again after mending it is understood."""
    taught(incoming, MAPPING)
    heard(incoming, SCAN)
    (kept,) = incoming.rows(QuarantineRow)
    assert kept.reason.startswith("each: ")
    assert incoming.count(AlertRow) == 0
    taught(incoming, None)
    incoming.service.database.write(
        lambda session: senders.replay_quarantined(
            session, OPERATOR, kept.id or 0, incoming.service.cipher, incoming.now
        )
    )
    incoming.process()
    assert [one.title for one in incoming.rows(AlertRow)] == [SCAN["title"]]


def test_a_trial_that_a_mapping_names_never_counts_as_the_problem(incoming: Incoming) -> None:
    """Two rows: the problem, and the trial that plays it."""
    taught(incoming, MAPPING)
    heard(incoming, ONE)
    heard(incoming, {"rows": [{**ONE["rows"][0], "state": "trial"}]})
    assert {one.status for one in incoming.rows(AlertRow)} == {AlertStatus.FIRING, AlertStatus.TEST}
    assert len({one.fingerprint for one in incoming.rows(AlertRow)}) == 2


def test_a_stored_mapping_with_a_fault_keeps_what_comes(incoming: Incoming) -> None:
    """A later release may know a fault that an earlier one did not: nothing is lost by it."""

    def spoil(session: Any) -> None:
        row = sources.named(session, incoming.source)
        assert row is not None
        row.mapping = "title: ["
        session.add(row)

    incoming.service.database.write(spoil)
    heard(incoming, ONE)
    (kept,) = incoming.rows(QuarantineRow)
    assert "has faults" in kept.reason


def test_who_taught_a_format_stands_in_the_chronology(incoming: Incoming) -> None:
    """With the digest of the text, so that it can be told which one was in force."""
    taught(incoming, MAPPING)
    taught(incoming, None)
    assert incoming.count(TimelineEntryRow) >= 3
