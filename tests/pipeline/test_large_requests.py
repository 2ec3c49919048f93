"""A small request may unfold into very many alerts: it is taken in portions, and others are not kept waiting by it."""

import gzip
import json

import pytest

from breach_service.acts import senders
from breach_service.app import OPERATOR, Service
from breach_service.pipeline import process
from breach_service.pipeline.normalising import MOST_IN_SLICE, MOST_WHOLE
from breach_service.sources.parts.portions import MOST_MEMBERS
from breach_service.store.tables import AlertRow, InboxRow, QuarantineRow, SourceRow
from tests.pipeline.incoming import SCAN, WEB_SHELL, Incoming


@pytest.fixture
def incoming(service: Service) -> Incoming:
    """On each database in turn."""
    return Incoming(service)


def scans(count: int, first: int = 0) -> list[dict[str, str]]:
    return [{**SCAN, "id": f"scan-{number}"} for number in range(first, first + count)]


def one_slice(incoming: Incoming) -> bool:
    service = incoming.service
    return process(service.database, service.cipher, service.knowledge(), incoming.now)


def counted(incoming: Incoming) -> tuple[int, int]:
    """Rows, and how often they were said in all."""
    rows = incoming.rows(AlertRow)
    return len(rows), sum(one.count for one in rows)


def test_every_alert_of_a_large_request_is_counted_once(incoming: Incoming) -> None:
    """Different ones are rows of their own, whatever portion they came in; nothing is left waiting."""
    body = gzip.compress(json.dumps(scans(2 * MOST_MEMBERS + 1)).encode())
    incoming.send_bytes(body, content_encoding="gzip")
    incoming.process()
    assert counted(incoming) == (2 * MOST_MEMBERS + 1,) * 2
    assert incoming.count(InboxRow) == incoming.count(QuarantineRow) == 0
    assert incoming.rows(SourceRow)[0].received == 2 * MOST_MEMBERS + 1


def test_the_same_alert_many_times_in_one_request_counts_as_often(incoming: Incoming) -> None:
    """A kilobyte that unfolds into thousands of the same is one row with its count."""
    incoming.send_bytes(gzip.compress(json.dumps([{**WEB_SHELL}] * (4 * MOST_MEMBERS)).encode()))
    incoming.process()
    assert counted(incoming) == (1, 4 * MOST_MEMBERS)
    assert len(incoming.incidents()) == 1


def test_another_alert_is_not_kept_waiting_by_a_large_request(incoming: Incoming) -> None:
    """What came after it is placed after its first portion, and not after all of it."""
    incoming.send_bytes(gzip.compress(json.dumps(scans(4 * MOST_MEMBERS)).encode()))
    incoming.send(WEB_SHELL)
    assert one_slice(incoming)
    assert len(incoming.incidents()) == 1
    assert counted(incoming)[0] == MOST_MEMBERS + 1
    assert incoming.count(InboxRow) == 1


def test_a_slice_has_a_bound_whatever_its_requests_unfold_into(incoming: Incoming) -> None:
    """Many small requests with many alerts each: those that a slice has no room for wait for the next one."""
    for number in range(8):
        incoming.send_bytes(gzip.compress(json.dumps(scans(MOST_MEMBERS, number * MOST_MEMBERS)).encode()))
    assert one_slice(incoming)
    assert counted(incoming)[0] == MOST_IN_SLICE
    incoming.process()
    assert counted(incoming) == (8 * MOST_MEMBERS,) * 2


def test_a_large_delivery_sent_again_is_not_counted_again(incoming: Incoming) -> None:
    """Neither while its portions wait, nor when they are through."""
    incoming.connect("hub", "github", "bearer")
    body = json.dumps(scans(2 * MOST_MEMBERS + 1)).encode()
    for _ in range(2):
        incoming.send_bytes(body, "hub", **{"x-github-delivery": "7"})
        assert one_slice(incoming)
    incoming.process()
    incoming.send_bytes(body, "hub", **{"x-github-delivery": "7"})
    incoming.process()
    assert counted(incoming)[1] == 2 * MOST_MEMBERS + 1


def test_a_portion_that_cannot_be_read_is_set_aside_and_no_other(incoming: Incoming) -> None:
    """With the sentence; the portions before and after it are alerts, and it can be played again by itself."""
    taught = "each: rows\ntitle: what\nidentity: no"
    rows: list[object] = [{"what": "Odd program", "no": number} for number in range(3 * MOST_MEMBERS)]
    rows[MOST_MEMBERS : 2 * MOST_MEMBERS] = [["no object"]] * MOST_MEMBERS
    service = incoming.service
    service.database.write(lambda session: senders.set_mapping(session, OPERATOR, "probe", taught, incoming.now))
    incoming.send_bytes(json.dumps({"rows": rows}).encode())
    incoming.process()
    assert counted(incoming) == (2 * MOST_MEMBERS,) * 2
    (kept,) = incoming.rows(QuarantineRow)
    service.database.write(
        lambda session: senders.replay_quarantined(session, OPERATOR, kept.id or 0, service.cipher, incoming.now)
    )
    incoming.process()
    assert counted(incoming) == (2 * MOST_MEMBERS,) * 2
    assert len(incoming.rows(QuarantineRow)) == 2


def test_a_list_that_is_evidence_of_one_alert_is_not_cut(incoming: Incoming) -> None:
    """One alert that names a thousand lines is said once."""
    lines = [{"line": {"number": number}} for number in range(2 * MOST_MEMBERS)]
    incoming.send_bytes(json.dumps({**WEB_SHELL, "evidence": lines}).encode())
    incoming.process()
    assert counted(incoming) == (1, 1)


def test_what_cannot_be_cut_is_taken_up_to_a_bound_and_kept_whole(incoming: Incoming) -> None:
    """The first thousands become alerts; the body is in quarantine with the sentence that says how many there are."""
    incoming.connect("am", "alertmanager")
    alerts = [{"status": "firing", "labels": {"alertname": f"A{number}"}} for number in range(MOST_WHOLE + 1)]
    half = MOST_WHOLE // 2
    texts = "".join(json.dumps({"version": "4", "alerts": some}) for some in (alerts[:half], alerts[half:]))
    incoming.send_bytes(texts.encode(), "am")
    incoming.process()
    assert counted(incoming) == (MOST_WHOLE, MOST_WHOLE)
    (kept,) = incoming.rows(QuarantineRow)
    assert str(MOST_WHOLE + 1) in kept.reason
