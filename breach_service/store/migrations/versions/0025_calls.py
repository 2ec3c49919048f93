"""Calls: who was woken, when, and who answered."""

import sqlalchemy as sa
from alembic import op

from breach_service.store.columns import UtcDateTime

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STEPS = "call_step"

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add the tables, and to each incident how urgent it is; nobody was called so far."""
    op.add_column("incident", sa.Column("urgency", sa.String(), nullable=False, server_default=""))
    op.add_column("incident", sa.Column("urgency_rule", sa.String(), nullable=False, server_default=""))
    op.add_column("incident", sa.Column("urgency_signals", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "call",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("incident_id", BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("acknowledged_by", sa.String(), nullable=False, server_default=""),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("why_ended", sa.String(), nullable=False, server_default=""),
        sa.Column("steps", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("shown_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("incident_id", "key"),
    )
    op.create_index("ix_call_began_at", "call", ["began_at"])
    not_over = sa.text("ended_at IS NULL")
    op.create_index("ix_call_not_over", "call", ["incident_id"], sqlite_where=not_over, postgresql_where=not_over)
    op.create_table(
        STEPS,
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("call_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id", "number"),
    )
    _never_changed(is_sqlite=op.get_bind().dialect.name == "sqlite")


def _never_changed(*, is_sqlite: bool) -> None:
    for act in ("UPDATE", "DELETE"):
        name = f"{STEPS}_refuses_{act.lower()}"
        if is_sqlite:
            action = f"BEGIN SELECT RAISE(ABORT, '{STEPS} is insert-only'); END"
            op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {STEPS} {action}")
        else:
            op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {STEPS} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
