"""As what an incident ended, which one it duplicates, and what opened it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None

NEW = ("closing_reason", "duplicate_of", "opened_by_rule", "opened_by_signal")


def upgrade() -> None:
    """Add the columns, empty for what ended before, and what the lists are found by."""
    for name in NEW:
        op.add_column("incident", sa.Column(name, sa.String(), server_default="", nullable=False))
    op.create_index("ix_incident_closing_reason", "incident", ["closing_reason", "qualified_at"])
    op.create_index("ix_incident_opened_at", "incident", ["opened_at"])
