"""Schema migrations, small and named by intent; from the first release on they only add."""

import warnings
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from breach_service.store.tables import METADATA

MIGRATION_LOCK = 7_220_034
"""Key of the PostgreSQL advisory lock under which the schema is migrated; on SQLite BEGIN IMMEDIATE is that lock."""


def migrate(engine: Engine, until: str = "head") -> None:
    """Bring the database to the newest schema, or to a revision; safe to run again, from several processes at once."""
    if is_newest(engine):
        return
    from alembic import command  # only here: reading it takes a tenth of a start, and most starts have no use for it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, until)


def is_newest(engine: Engine) -> bool:
    """True where the database has the newest schema of this release; files of revisions begin with their number."""
    newest = max(revisions())
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return list(connection.execute(text("SELECT version_num FROM alembic_version")).scalars()) == [newest]


def revisions() -> frozenset[str]:
    """Every revision that this release knows."""
    return frozenset(one.name.partition("_")[0] for one in (Path(__file__).parent / "versions").glob("[0-9]*_*.py"))


def differences(engine: Engine) -> list[object]:
    """What the migrated schema lacks against the tables of the code; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with engine.connect() as connection, warnings.catch_warnings():
        # SQLite cannot tell the expression of an index: alembic leaves such an index out on both sides, and says so.
        warnings.filterwarnings("ignore", message="(Skipped unsupported reflection|autogenerate skipping)")
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))
