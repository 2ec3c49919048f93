"""Evidence is insert-only: the database itself refuses to change or delete it.

The words of a chronology line (`timeline_detail`) may be deleted, never changed: that is lawful erasure.
"""

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

NEVER_CHANGED = ("timeline_entry", "timeline_detail", "seal", "fact", "instant", "filing", "delivery")
NEVER_DELETED = tuple(table for table in NEVER_CHANGED if table != "timeline_detail")


def upgrade() -> None:
    """Put the triggers on."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if not is_sqlite:
        op.execute(
            """
            CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END $$
            """
        )
    for act, tables in (("UPDATE", NEVER_CHANGED), ("DELETE", NEVER_DELETED)):
        for table in tables:
            name = f"{table}_refuses_{act.lower()}"
            if is_sqlite:
                action = f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
                op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} {action}")
            else:
                op.execute(
                    f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
                )
