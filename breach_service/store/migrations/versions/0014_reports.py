"""Reports of people without an account, their attachments, and the link of the organisation."""

import sqlalchemy as sa
from alembic import op

from breach_service.store.columns import UtcDateTime

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add the tables; the original of a report cannot be changed."""
    op.create_table(
        "report",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=True),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("waits_because", sa.String(), nullable=False),
        sa.Column("incident_id", BIG, nullable=True),
        sa.Column("answers_id", BIG, nullable=True),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.Column("settled_because", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.ForeignKeyConstraint(["answers_id"], ["report.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_report_channel_received_at", "report", ["channel", "received_at"])
    op.create_index("ix_report_standing", "report", ["standing"])
    op.create_index("ix_report_incident_id", "report", ["incident_id"])
    op.create_index("ix_report_answers_id", "report", ["answers_id"])

    op.create_table(
        "report_attachment",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("report_id", BIG, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("is_inline", sa.Boolean(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_report_attachment_report_id", "report_attachment", ["report_id"])
    op.create_index("ix_report_attachment_digest", "report_attachment", ["digest"])

    op.create_table(
        "report_link",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    _keep_originals(is_sqlite=op.get_bind().dialect.name == "sqlite")


def _keep_originals(*, is_sqlite: bool) -> None:
    """When, by which channel and with which digest we were told stays as it was written down."""
    columns = "number, digest, channel, told_at, received_at"
    if is_sqlite:
        action = "BEGIN SELECT RAISE(ABORT, 'what was told stays as it was'); END"
        op.execute(f"CREATE TRIGGER report_refuses_update BEFORE UPDATE OF {columns} ON report {action}")
    else:
        op.execute(
            f"CREATE TRIGGER report_refuses_update BEFORE UPDATE OF {columns} ON report "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
