"""The schema comes about by migrations, once, and the database itself keeps evidence from being rewritten."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from breach_service.store.database import Database
from breach_service.store.inbox import insert_received
from breach_service.store.migrations import differences, is_newest, migrate

NEVER_CHANGED = (
    "timeline_entry", "timeline_detail", "seal", "fact", "instant", "filing", "delivery", "position", "counsel_note",
    "audit_entry", "decision_basis", "drill_inject", "provider_notice", "unknown_answer",
    "plan_change", "step_record", "attached_playbook",
    "evidence", "evidence_content", "evidence_handling", "review", "call_step", "reminder_mute",
    "clock_proposal", "clock_outcome", "delay_reason",
)  # fmt: skip
NEVER_DELETED = tuple(table for table in NEVER_CHANGED if table not in ("timeline_detail", "evidence_content"))
COLUMN = {
    "clock_proposal": "reason", "clock_outcome": "reason", "delay_reason": "reason",
    "timeline_entry": "actor", "timeline_detail": "salt", "seal": "digest", "fact": "name", "instant": "reason",
    "drill_inject": "inject", "provider_notice": "digest", "unknown_answer": "reason",
    "filing": "means", "delivery": "result", "position": "reason", "counsel_note": "digest", "audit_entry": "what",
    "decision_basis": "facts_digest", "reminder_mute": "reason",
    "evidence": "digest", "evidence_content": "sealed", "evidence_handling": "why", "review": "causes",
    "call_step": "stage",
    "plan_change": "reason", "step_record": "result", "attached_playbook": "playbook",
}  # fmt: skip


def execute(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def test_the_migrated_schema_is_what_the_code_expects(database: Database) -> None:
    """On both engines there is nothing to migrate after migrating."""
    assert differences(database.engine) == []


def test_a_database_knows_whether_it_is_migrated(database: Database, tmp_path: Path) -> None:
    """By the number of the newest file of a revision; an empty database and an older one are not."""
    assert is_newest(database.engine)
    execute(database.engine, "UPDATE alembic_version SET version_num = '0005'")
    assert not is_newest(database.engine)
    assert not is_newest(create_engine(f"sqlite:///{tmp_path}/empty.sqlite3", poolclass=NullPool))


def test_migrating_again_is_harmless(evidence: Database) -> None:
    """A second start migrates nothing and loses nothing."""
    migrate(evidence.engine)
    with evidence.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM fact")).scalar_one() == 1


def test_whoever_is_signed_in_stays_so_through_a_migration(tmp_path: Path) -> None:
    """Rows point at the accounts while the table of the accounts loses columns."""
    database = Database(f"sqlite:///{tmp_path}/old.sqlite3", insert_received)
    try:
        migrate(database.engine, "0011")
        execute(
            database.engine,
            "INSERT INTO user_account (id, email, name, role, language, created_at, failed_sign_ins)"
            " VALUES (1, 'maud@example.com', 'Maud', 'dpo', 'fr', '2026-11-22 09:00:00', 3)",
        )
        execute(
            database.engine,
            "INSERT INTO session (token_hash, user_id, created_at, expires_at)"
            " VALUES ('h', 1, '2026-11-22 09:00:00', '2026-11-23 09:00:00')",
        )
        migrate(database.engine)
        with database.engine.connect() as connection:
            joined = "SELECT email FROM session JOIN user_account ON user_account.id = session.user_id"
            assert connection.execute(text(joined)).scalars().all() == ["maud@example.com"]
        assert differences(database.engine) == []
    finally:
        database.close()


MIGRATE = """
import sys
from breach_service.store.database import Database
from breach_service.store.inbox import insert_received
from breach_service.store.migrations import migrate

database = Database(sys.argv[1], insert_received)
print("ready", flush=True)
sys.stdin.readline()
migrate(database.engine)
database.close()
"""


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_processes_that_start_together_on_an_empty_database_wait_for_each_other(
    open_database: Callable[[], Database],
) -> None:
    """Two replicas that start at the same moment both end up migrated, and neither fails."""
    engine = open_database().engine
    url = engine.url.render_as_string(hide_password=False)
    children = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATE, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, cwd=Path(__file__).parents[2],
        )
        for _ in range(2)
    ]  # fmt: skip
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        _, said = child.communicate(timeout=60)
        assert child.returncode == 0, said
    assert differences(engine) == []


@pytest.mark.parametrize("table", NEVER_CHANGED)
def test_evidence_cannot_be_changed(evidence: Database, table: str) -> None:
    """The database refuses to change a line of the chronology, its words, a seal, a fact, an instant, a filing."""
    with pytest.raises(DBAPIError, match="insert-only"):
        execute(evidence.engine, f"UPDATE {table} SET {COLUMN[table]} = 'altered'")


@pytest.mark.parametrize("table", NEVER_DELETED)
def test_evidence_cannot_be_deleted(evidence: Database, table: str) -> None:
    """The database refuses to delete them."""
    with pytest.raises(DBAPIError, match="insert-only"):
        execute(evidence.engine, f"DELETE FROM {table}")


def test_the_words_of_a_chronology_line_can_be_erased(evidence: Database) -> None:
    """Lawful erasure removes the words; the line and its seal stay."""
    execute(evidence.engine, "DELETE FROM timeline_detail")
    with evidence.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM timeline_detail")).scalar_one() == 0
        assert connection.execute(text("SELECT count(*) FROM timeline_entry")).scalar_one() == 1
