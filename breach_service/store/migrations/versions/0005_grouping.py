"""Strands, tallies and links: what makes alerts one incident."""

import sqlalchemy as sa
from alembic import op

from breach_service.store.columns import UtcDateTime

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add tables and columns; incidents that are open go on as strands of their key."""
    op.create_table(
        "strand",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("first_minute", BIG, nullable=False),
        sa.Column("last_minute", BIG, nullable=False),
        sa.Column("incident_id", BIG, sa.ForeignKey("incident.id"), nullable=False),
    )
    op.create_index("ix_strand_key", "strand", ["key", "last_minute"])
    op.create_index("ix_strand_incident_id", "strand", ["incident_id"])
    op.create_table(
        "tally",
        sa.Column("pattern", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("step", BIG, primary_key=True, autoincrement=False),
        sa.Column("minute", BIG, primary_key=True, autoincrement=False),
        sa.Column("value", sa.String(), primary_key=True),
        sa.Column("count", BIG, nullable=False),
    )
    op.create_index("ix_tally_minute", "tally", ["minute"])
    op.create_table(
        "entity_use",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("day", BIG, primary_key=True, autoincrement=False),
        sa.Column("beside", sa.String(), primary_key=True),
    )
    op.create_index("ix_entity_use_day", "entity_use", ["day"])
    op.create_table(
        "merge_proposal",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("first_id", BIG, sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("second_id", BIG, sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decision", sa.String(), nullable=False, server_default=""),
        sa.UniqueConstraint("first_id", "second_id"),
    )
    op.create_index("ix_merge_proposal_first_id", "merge_proposal", ["first_id"])
    op.create_index("ix_merge_proposal_second_id", "merge_proposal", ["second_id"])
    op.add_column("incident", sa.Column("is_held", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("incident", sa.Column("patterns", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("source", sa.Column("newest_minute", BIG, server_default="0", nullable=False))
    op.add_column("alert", sa.Column("link_key", sa.String(), server_default="", nullable=False))
    op.add_column("alert", sa.Column("slot", BIG, server_default="0", nullable=False))
    op.add_column("alert", sa.Column("minutes", BIG, server_default="0", nullable=False))
    op.add_column("alert", sa.Column("claim_rank", BIG, server_default="0", nullable=False))
    op.create_index("ix_alert_link_key", "alert", ["link_key"])
    op.drop_index("ix_alert_identity", "alert")
    op.create_index(
        "ix_alert_identity",
        "alert",
        ["source_id", "fingerprint", sa.text("coalesce(incident_id, 0)"), "slot"],
        unique=True,
    )
    _carry_over()


def _carry_over() -> None:
    """An incident that a person touched is held; open ones keep taking in what is of their key."""
    connection = op.get_bind()
    connection.execute(sa.text("UPDATE incident SET is_held = TRUE WHERE status <> 'suspected'"))
    seconds = "strftime('%s', {0})" if connection.dialect.name == "sqlite" else "EXTRACT(EPOCH FROM {0})"
    minute = f"CAST({seconds} AS INTEGER) / 60" if connection.dialect.name == "sqlite" else f"FLOOR({seconds} / 60)"
    connection.execute(
        sa.text(
            "INSERT INTO strand (key, first_minute, last_minute, incident_id) "  # noqa: S608  # names of columns only
            f"SELECT group_key, {minute.format('first_alert_at')}, {minute.format('last_alert_at')}, id FROM incident "
            "WHERE status IN ('suspected', 'assessing', 'confirmed') AND group_key NOT LIKE 'declared:%'"
        )
    )
