"""Clocks that people want moved, who agreed, and the reasons for a delay."""

import sqlalchemy as sa
from alembic import op

from breach_service.store.columns import UtcDateTime

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEVER_CHANGED = ("clock_proposal", "clock_outcome", "delay_reason")

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """No instant was taken back so far; the database itself keeps what is said from being rewritten."""
    op.add_column("instant", sa.Column("is_taken_back", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "clock_proposal",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("incident_id", BIG, nullable=False),
        sa.Column("move", sa.String(), nullable=False),
        sa.Column("perimeter", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=True),
        sa.Column("obligation_id", BIG, nullable=True),
        sa.Column("before_record", BIG, nullable=False),
        sa.Column("before_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("ground_id", BIG, nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_clock_proposal_incident_id", "clock_proposal", ["incident_id"])
    op.create_table(
        "clock_outcome",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("proposal_id", BIG, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["clock_proposal.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("proposal_id"),
    )
    op.create_table(
        "delay_reason",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("obligation_id", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_delay_reason_obligation_id", "delay_reason", ["obligation_id"])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in NEVER_CHANGED:
        for act in ("UPDATE", "DELETE"):
            name = f"{table}_refuses_{act.lower()}"
            if is_sqlite:
                action = f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
                op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} {action}")
            else:
                action = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
                op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} {action}")
