"""What is let go of after its time is found by an index, however much there is."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None

OBSERVED, WITH_BODY = sa.text("incident_id IS NULL"), sa.text("sample IS NOT NULL")


def upgrade() -> None:
    """Add the indexes; those of the episodes are partial, so that what joins an incident pays little for them."""
    op.create_index(
        "ix_alert_observed", "alert", ["incident_id", "last_seen_at"], sqlite_where=OBSERVED, postgresql_where=OBSERVED
    )  # fmt: skip
    op.create_index(
        "ix_alert_with_body", "alert", ["incident_id"], sqlite_where=WITH_BODY, postgresql_where=WITH_BODY
    )  # fmt: skip
    op.create_index("ix_quarantine_received_at", "quarantine", ["received_at"])
