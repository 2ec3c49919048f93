"""Evidence: known by its digest, every handling kept, its content sealed and checked when it is taken out."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from breach_service.acts.work import evidence as acts
from breach_service.acts.work.evidence import NewEvidence, NewHandling
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.evidence import Evidence, HandlingKind, digest_of
from breach_service.errors import ConfigurationError, InvalidCommand, NotFound
from breach_service.store import evidence, timeline
from breach_service.store.work_tables import EvidenceContentRow
from tests.pipeline.incoming import WEB_SHELL, Incoming

ZOE = Actor("Zoé", UserRole.RESPONDER)
LOG = b"GET /shell.php 200\n"
MOST = 1000
HOUR = timedelta(hours=1)


class Case:
    """An open incident from which somebody collects evidence."""

    def __init__(self, incoming: Incoming) -> None:
        self.incoming, self.service = incoming, incoming.service
        incoming.alert(WEB_SHELL)
        incoming.process()

    @property
    def now(self) -> datetime:
        return self.incoming.now

    def record(self, **changes: Any) -> Evidence:
        values = {
            "what": "Access log", "place": "app-01:/var/log/nginx", "method": "scp -p", "collected_at": self.now - HOUR,
            "content": LOG, "file_name": "access.log", **changes,
        }  # fmt: skip
        return self.service.database.write(
            lambda session: acts.record_evidence(
                session, ZOE, "INC-2026-0001", NewEvidence(**values), self.service.cipher, MOST, self.now
            )
        )

    def handle(self, number: int, kind: HandlingKind, **changes: Any) -> Evidence:
        new = NewHandling(**{"kind": kind, "why": "For the police.", "at": self.now, **changes})
        return self.service.database.write(
            lambda session: acts.record_handling(
                session, ZOE, "INC-2026-0001", number, new, self.service.cipher, self.now
            )
        )

    def take_out(self, number: int) -> bytes:
        with self.service.database.reading() as session:
            return acts.content_of_evidence(session, ZOE, "INC-2026-0001", number, self.service.cipher, self.now)[1]


@pytest.fixture
def case(sqlite_incoming: Incoming) -> Case:
    return Case(sqlite_incoming)


def test_a_file_is_kept_sealed_and_comes_out_as_it_was_on_each_database(incoming: Incoming) -> None:
    """Neither its content nor its name can be read in the database; its digest is in the chronology."""
    case = Case(incoming)
    piece = case.record()
    assert (piece.digest, piece.size, piece.has_content) == (digest_of(LOG), len(LOG), True)
    with case.service.database.reading() as session:
        (sealed,) = session.execute(text("SELECT sealed FROM evidence_content")).scalars()
        (name,) = session.execute(text("SELECT sealed_name FROM evidence")).scalars()
        entries = [one for one in timeline.entries_of(session, piece.incident) if one.kind == "evidence_handled"]
    assert b"shell" not in bytes(sealed)
    assert b"access" not in bytes(name)
    assert entries[0].words is not None
    assert (entries[0].words["what"], entries[0].words["digest"]) == ("collected", piece.digest)
    assert case.take_out(piece.id) == LOG
    case.handle(piece.id, HandlingKind.DESTROYED)
    with pytest.raises(NotFound, match="not kept here"):
        case.take_out(piece.id)


def test_of_what_is_kept_elsewhere_only_the_digest_is_taken(case: Case) -> None:
    """A disk image stays in its safe; it is verified by whoever computes its digest there."""
    digest = digest_of(b"a disk")
    piece = case.record(content=None, digest=f"{digest.upper()}  image.dd", kept_at="Safe 2", size=512_000_000_000)
    assert (piece.digest, piece.has_content, piece.kept_at) == (digest, False, "Safe 2")
    with pytest.raises(InvalidCommand, match="kept elsewhere"):
        case.handle(piece.id, HandlingKind.VERIFIED)
    assert not case.handle(piece.id, HandlingKind.VERIFIED, digest=digest).differs
    assert case.handle(piece.id, HandlingKind.VERIFIED, digest="0" * 64).differs


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"what": ""}, "what the piece"),
        ({"place": " "}, "from where"),
        ({"method": ""}, "how it was collected"),
        ({"content": None}, "give its digest"),
        ({"content": None, "kept_at": "Safe"}, "give its digest"),
        ({"content": None, "kept_at": "Safe", "digest": "md5"}, "no SHA-256"),
        ({"content": b""}, "empty"),
        ({"content": b"x" * (MOST + 1)}, "larger than"),
        ({"digest": "0" * 64}, "another SHA-256"),
    ],
)
def test_what_a_piece_of_evidence_lacks_is_said(case: Case, changes: dict[str, Any], said: str) -> None:
    """Who, when, from where, how, and the digest: without one of them it proves nothing."""
    with pytest.raises(InvalidCommand, match=said):
        case.record(**changes)


def test_evidence_is_not_collected_ahead_of_now(case: Case) -> None:
    """Nor handled before it was collected."""
    with pytest.raises(InvalidCommand, match="future"):
        case.record(collected_at=case.now + HOUR)
    piece = case.record()
    with pytest.raises(InvalidCommand, match="before it was collected"):
        case.handle(piece.id, HandlingKind.COPIED, at=case.now - 2 * HOUR)


def test_the_same_file_is_one_piece_of_evidence(case: Case) -> None:
    """What is done with it later is a handling of the first."""
    piece = case.record()
    with pytest.raises(InvalidCommand, match=f"number {piece.id} already"):
        case.record(what="The log again")


def test_every_handling_stands_in_its_order(case: Case) -> None:
    """Who did it, to whom it went and why; the service checks its own copy by itself."""
    number = case.record().id
    with pytest.raises(InvalidCommand, match="to whom"):
        case.handle(number, HandlingKind.HANDED_OVER)
    case.handle(number, HandlingKind.HANDED_OVER, whom="Brigade numérique", by="Ali")
    piece = case.handle(number, HandlingKind.VERIFIED)
    assert [(one.kind, one.by, one.whom, one.recorded_by) for one in piece.handlings] == [
        ("handed_over", "Ali", "Brigade numérique", "Zoé"), ("verified", "Zoé", "", "Zoé"),
    ]  # fmt: skip
    assert piece.handlings[1].digest == digest_of(LOG)


def test_what_was_destroyed_is_gone_and_its_history_stays(case: Case) -> None:
    """Its digest too: that it existed is not denied."""
    number = case.record().id
    piece = case.handle(number, HandlingKind.DESTROYED)
    assert (piece.has_content, piece.digest, piece.destroyed is not None) == (False, digest_of(LOG), True)
    with pytest.raises(InvalidCommand, match="was destroyed"):
        case.handle(number, HandlingKind.COPIED)


def test_a_content_that_was_exchanged_is_not_given_out(case: Case) -> None:
    """Somebody with the key and the database could replace it; its digest tells."""
    number, cipher = case.record().id, case.service.cipher

    def exchange(content: bytes) -> None:
        def work(session: Any) -> None:
            evidence.delete_content(session, number)
            session.add(EvidenceContentRow(evidence_id=number, sealed=content))

        case.service.database.write(work)

    exchange(cipher.seal(b"nothing to see"))
    with pytest.raises(InvalidCommand, match="SHA-256 differs"):
        case.take_out(number)
    assert case.handle(number, HandlingKind.VERIFIED).differs
    exchange(cipher.seal(LOG)[:-1] + b"?")
    with pytest.raises(ConfigurationError, match="altered"):
        case.take_out(number)
