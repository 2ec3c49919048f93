"""How often senders are expected to speak; calendar feeds; backups that were made."""

import sqlalchemy as sa
from alembic import op

from breach_service.store.columns import UtcDateTime

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Of every sender it is learned from now on; none is silent yet."""
    op.add_column("source", sa.Column("expected_every", BIG, nullable=True))
    op.add_column("source", sa.Column("silent_since", UtcDateTime(), nullable=True))
    op.add_column("source", sa.Column("silence_told_at", UtcDateTime(), nullable=True))
    op.create_table(
        "heartbeat",
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("gaps", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source_id", "fingerprint"),
    )
    op.create_table(
        "listening",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "calendar_feed",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_calendar_feed_user_id", "calendar_feed", ["user_id"])
    op.create_table(
        "backup",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("seals", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_backup_at", "backup", ["at"])
