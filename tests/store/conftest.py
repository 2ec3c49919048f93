"""An empty, migrated database on each engine in turn, and a row of everything that counts as evidence."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from breach_service.settings import Settings
from breach_service.store.access_tables import AuditEntryRow, CounselNoteRow, PositionRow
from breach_service.store.calls_tables import CallRow, CallStepRow
from breach_service.store.cipher import Cipher
from breach_service.store.clock_tables import ClockOutcomeRow, ClockProposalRow, DelayReasonRow
from breach_service.store.database import Database, Session
from breach_service.store.deciding_tables import DecisionBasisRow
from breach_service.store.drill_tables import DrillInjectRow, DrillRow
from breach_service.store.inbox import insert_received
from breach_service.store.playbook_tables import AttachedPlaybookRow, PlanChangeRow, StepRecordRow
from breach_service.store.provider_tables import ProviderNoticeRow
from breach_service.store.reminder_tables import ReminderMuteRow
from breach_service.store.tables import (
    DeliveryRow,
    FactRow,
    FilingRow,
    IncidentRow,
    InstantRow,
    ObligationRow,
    OutboxRow,
    SealRow,
    SourceRow,
    TimelineDetailRow,
    TimelineEntryRow,
)
from breach_service.store.unknown_tables import UnknownAnswerRow
from breach_service.store.work_tables import EvidenceContentRow, EvidenceHandlingRow, EvidenceRow, ReviewRow
from tests.conftest import Prepared

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """A Monday morning."""
    return NOW


@pytest.fixture
def cipher() -> Cipher:
    """A cipher with a key of the tests."""
    return Cipher(bytes(range(32)))


@pytest.fixture
def open_database(settings: Settings) -> Iterator[Callable[[], Database]]:
    """Opens the same database again, as another process would; without migrating it."""
    opened: list[Database] = []

    def open_it() -> Database:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        opened.append(Database(settings.sqlalchemy_url(), insert_received))
        return opened[-1]

    yield open_it
    for one in opened:
        one.close()


@pytest.fixture
def database(open_database: Callable[[], Database], migrated: Prepared, settings: Settings) -> Database:
    """Empty, migrated."""
    migrated.copy_to(settings)
    return open_database()


@pytest.fixture
def source_id(database: Database) -> int:
    """A sender to hang requests on."""

    def work(session: Session) -> int:
        row = SourceRow(name="probe", kind="json", auth="bearer", created_at=NOW)
        session.add(row)
        session.flush()
        return row.id or 0

    return database.write(work)


@pytest.fixture
def incident_id(database: Database) -> int:
    """An open incident."""

    def work(session: Session) -> int:
        row = IncidentRow(
            reference="INC-2026-0001", title="", status="suspected", organisation="us", opened_at=NOW, detected_at=NOW,
            qualify_by=NOW, group_key="system:application", first_alert_at=NOW, last_alert_at=NOW,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id or 0

    return database.write(work)


@pytest.fixture
def evidence(database: Database, incident_id: int) -> Database:
    """The database with one row in every table that holds evidence."""

    def work(session: Session) -> None:
        obligation = ObligationRow(
            incident_id=incident_id, perimeter="own", recipient="cnil", public_id="a", duty="authority", terms={},
            advice="required", is_provisional=False, triggered_at=NOW, created_at=NOW, regime="gdpr-art33-authority",
        )  # fmt: skip
        entry = TimelineEntryRow(incident_id=incident_id, at=NOW, kind="noted", actor="a", digest="d")
        message = OutboxRow(key="k", kind="card", channel="fake", created_at=NOW, run_at=NOW)
        piece = EvidenceRow(
            incident_id=incident_id, digest="d", sealed_name=b"x", collected_by="a", collected_at=NOW, recorded_at=NOW,
            recorded_by="a",
        )  # fmt: skip
        call = CallRow(incident_id=incident_id, key="urgent", reason="urgent", began_at=NOW)
        proposal = ClockProposalRow(
            incident_id=incident_id, move="later", perimeter="", kind="aware_at", at=NOW, before_record=1,
            before_at=NOW, reason="r", by="a", ground="delegation", proposed_at=NOW,
        )  # fmt: skip
        session.add_all([obligation, entry, message, piece, call, proposal])
        session.add(DrillRow(incident_id=incident_id, scenario={}, began_at=NOW))
        session.flush()
        session.add_all(
            [
                TimelineDetailRow(entry_id=entry.id, salt="s", words={"note": "a"}),
                DrillInjectRow(incident_id=incident_id, inject="first", at=NOW),
                SealRow(seq=1, entry_id=entry.id, prev="0", digest="d", sealed_at=NOW),
                FactRow(
                    incident_id=incident_id, name="loss.confidentiality", value="yes", scope_kind="incident",
                    scope_key="", provenance="person", by="a", established_at=NOW,
                ),
                InstantRow(incident_id=incident_id, kind="aware_at", at=NOW, reason="r", by="a", recorded_at=NOW),
                FilingRow(
                    obligation_id=obligation.id, sent_at=NOW, by="a", means="portal", recorded_at=NOW,
                    text_sealed=b"x", text_digest="d",
                ),
                ClockOutcomeRow(proposal_id=proposal.id, outcome="declined", reason="r", by="b", at=NOW),
                DelayReasonRow(obligation_id=obligation.id, reason="r", by="a", at=NOW),
                DeliveryRow(outbox_id=message.id, at=NOW, channel="fake", result="sent", reason=""),
                PositionRow(
                    incident_id=incident_id, kind="opinion", subject="breach", value="yes", reason="r", by="a",
                    ground="", at=NOW,
                ),
                CounselNoteRow(
                    incident_id=incident_id, entry_id=entry.id, at=NOW, by="a", sealed=b"x", digest="d"
                ),
                PlanChangeRow(
                    incident_id=incident_id, kind="attached", subject="ransomware", reason="r", content={}, by="a",
                    at=NOW,
                ),
                StepRecordRow(
                    incident_id=incident_id, name="open-log", step={}, state="done", result="r", by="a", at=NOW
                ),
                AttachedPlaybookRow(incident_id=incident_id, playbook="ransomware", content_digest="d", at=NOW),
                ProviderNoticeRow(
                    incident_id=incident_id, provider="hosting", name="Host", channel="mail", received_at=NOW,
                    recorded_at=NOW, recorded_by="a", digest="d", systems=[], activities={},
                ),
                ReminderMuteRow(incident_id=incident_id, at=NOW, by="a", reason="r", until=NOW),
                ReviewRow(incident_id=incident_id, revision=1, is_closed=False, at=NOW, by="a"),
                CallStepRow(call_id=call.id, number=1, stage="first", due_at=NOW, at=NOW, told=[]),
                EvidenceContentRow(evidence_id=piece.id, sealed=b"x"),
                EvidenceHandlingRow(
                    evidence_id=piece.id, kind="copied", at=NOW, by="a", recorded_at=NOW, recorded_by="a"
                ),
                UnknownAnswerRow(
                    at=NOW, by="a", kind="host", value="x", answer="not_ours", reason="r", revision=1, names=1
                ),
                AuditEntryRow(at=NOW, actor="a", kind="read", incident_id=incident_id, what="page", via="page"),
            ]
        )  # fmt: skip
        session.flush()
        session.add(
            DecisionBasisRow(
                position_id=session.exec(select(PositionRow.id)).one(), content_digest="d", inventory_revision=1,
                facts_digest="d", last_fact=0,
            )
        )  # fmt: skip

    database.write(work)
    return database
