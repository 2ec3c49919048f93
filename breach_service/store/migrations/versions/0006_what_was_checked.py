"""What was checked before: a start reads and checks only files that are new to it."""

import sqlalchemy as sa
from alembic import op

from breach_service.store.columns import UtcDateTime

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add a table that may be emptied at any time."""
    op.create_table(
        "checked_content",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.Column("parsed", sa.Text(), nullable=False),
    )
