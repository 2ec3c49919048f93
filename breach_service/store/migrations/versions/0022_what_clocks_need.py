"""What clocks need: filings in phases."""

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Every notice of earlier releases was recorded as complete: there was no other word."""
    op.add_column("filing", sa.Column("phase", sa.String(), nullable=False, server_default="complete"))
