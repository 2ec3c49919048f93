"""What an incident may still claim is found by an index of its own, however much stands in incidents already."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"
branch_labels: str | None = None
depends_on: str | None = None

MAY_BE_CLAIMED = sa.text("claim_rank > 0 AND slot > 0")


def upgrade() -> None:
    """Add the indexes, partial: a flood of what opens incidents pays nothing for them."""
    for column in ("group_key", "link_key"):
        op.create_index(
            f"ix_alert_claimed_by_{column}", "alert", [column, "last_seen_at"],
            sqlite_where=MAY_BE_CLAIMED, postgresql_where=MAY_BE_CLAIMED,
        )  # fmt: skip
