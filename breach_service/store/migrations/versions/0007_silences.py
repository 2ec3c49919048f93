"""Silences, and which of them kept an alert from waking anybody."""

import sqlalchemy as sa
from alembic import op

from breach_service.store.columns import UtcDateTime

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add the table and the column."""
    op.create_table(
        "silence",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("scanners", sa.JSON(), nullable=False),
        sa.Column("recurrence", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(), server_default="", nullable=False),
        sa.Column("silenced", BIG, server_default="0", nullable=False),
        sa.Column("last_silenced_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_silence_ends_at", "silence", ["ends_at"])
    op.add_column("alert", sa.Column("silenced_by", BIG, nullable=True))
