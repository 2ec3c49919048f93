"""Exercises: what their terms are multiplied by."""

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Everything there is so far is no exercise."""
    op.add_column("incident", sa.Column("drill_scale", sa.Float(), nullable=False, server_default="1"))
