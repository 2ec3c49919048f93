"""What each message of a sender must carry, besides the credential."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add a column; nothing that exists is changed."""
    op.add_column("source", sa.Column("expected_encrypted", sa.String(), nullable=True))
