"""What senders say in full, what they sent already, and who is only observed."""

import sqlalchemy as sa
from alembic import op

from breach_service.store.columns import UtcDateTime

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add columns and tables; nothing that exists is changed."""
    for name in ("observed_until", "rotated_at", "former_used_at", "refusing_since", "refusal_told_at"):
        op.add_column("source", sa.Column(name, UtcDateTime(), nullable=True))
    op.add_column("source", sa.Column("redelivered", BIG, server_default="0", nullable=False))
    op.add_column("source", sa.Column("mapping", sa.String(), nullable=True))
    op.add_column("incident", sa.Column("is_muted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("alert", sa.Column("said_at", UtcDateTime(), nullable=True))
    op.add_column("alert", sa.Column("vendor_reference", sa.String(), server_default="", nullable=False))
    op.add_column("alert", sa.Column("link", sa.String(), server_default="", nullable=False))
    op.add_column("alert", sa.Column("facts", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("alert", sa.Column("is_unverified", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "delivery_seen",
        sa.Column("source_id", BIG, sa.ForeignKey("source.id"), primary_key=True, autoincrement=False),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_delivery_seen_expires_at", "delivery_seen", ["expires_at"])
    op.create_table(
        "signing_key",
        sa.Column("url", sa.String(), primary_key=True),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("fetched_at", UtcDateTime(), nullable=False),
    )
