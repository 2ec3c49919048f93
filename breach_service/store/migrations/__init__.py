"""Schema migrations, small and named by intent; from the first release on they only add."""

import warnings
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from breach_service.store.tables import METADATA

MIGRATION_LOCK = 7_220_034
"""Key of the PostgreSQL advisory lock under which the schema is migrated; on SQLite BEGIN IMMEDIATE is that lock."""


def migrate(engine: Engine) -> None:
    """Bring the database to the newest schema; safe to run again, and from several processes at once."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def differences(engine: Engine) -> list[object]:
    """What the migrated schema lacks against the tables of the code; empty when they agree."""
    with engine.connect() as connection, warnings.catch_warnings():
        # SQLite cannot tell the expression of an index: alembic leaves such an index out on both sides, and says so.
        warnings.filterwarnings("ignore", message="(Skipped unsupported reflection|autogenerate skipping)")
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))
