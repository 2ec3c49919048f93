"""The kinds of personal data that alerts show, and what was compared before a content was put in force."""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add the two tables."""
    op.create_table(
        "spotted",
        sa.Column("alert_id", BIG, sa.ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("count", BIG, nullable=False),
    )
    op.create_table(
        "content_comparison",
        sa.Column("version_id", BIG, sa.ForeignKey("content_version.id"), primary_key=True),
        sa.Column("former_digest", sa.String(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("differing", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
    )
