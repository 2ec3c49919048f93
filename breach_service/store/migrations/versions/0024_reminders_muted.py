"""Reminders that were muted; what each reminder spoke of."""

import sqlalchemy as sa
from alembic import op

from breach_service.store.columns import UtcDateTime

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | None = None
depends_on: str | None = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "reminder_mute"


def upgrade() -> None:
    """Reminders of before name no marks: what is open then is spoken of once more."""
    op.add_column("reminder", sa.Column("speaks_for", sa.JSON(), server_default="[]", nullable=False))
    op.create_table(
        TABLE,
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("incident_id", BIG, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False, server_default=""),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_reminder_mute_incident_id", TABLE, ["incident_id"])
    op.create_index("ix_reminder_mute_until", TABLE, ["until"])
    for what in ("UPDATE", "DELETE"):
        name = f"{TABLE}_refuses_{what.lower()}"
        if op.get_bind().dialect.name == "sqlite":
            action = f"BEGIN SELECT RAISE(ABORT, '{TABLE} is insert-only'); END"
            op.execute(f"CREATE TRIGGER {name} BEFORE {what} ON {TABLE} {action}")
        else:
            op.execute(f"CREATE TRIGGER {name} BEFORE {what} ON {TABLE} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
