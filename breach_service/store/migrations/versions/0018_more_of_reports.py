"""What reports need further: a link to follow one, a link for mails that are handed on, letting go of what is over."""

import sqlalchemy as sa
from alembic import op

from breach_service.store.columns import UtcDateTime

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add the columns; what is there already has no link to follow it and is of the link of the organisation."""
    op.add_column("report", sa.Column("status_hash", sa.String(), nullable=True))
    op.add_column("report", sa.Column("let_go_at", UtcDateTime(), nullable=True))
    op.add_column("report", sa.Column("attachments", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_report_status_hash", "report", ["status_hash"], unique=True)
    op.create_index("ix_report_settled_at", "report", ["settled_at"])
    op.add_column("report_link", sa.Column("purpose", sa.String(), server_default="people", nullable=False))
