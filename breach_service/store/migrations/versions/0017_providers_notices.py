"""What providers told us, and what they were asked."""

import sqlalchemy as sa
from alembic import op

from breach_service.store.columns import UtcDateTime

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add the tables; a notice stays as it was written down."""
    op.create_table(
        "provider_notice",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("incident_id", BIG, nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("systems", sa.JSON(), nullable=False),
        sa.Column("activities", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_provider_notice_incident_id", "provider_notice", ["incident_id"])
    op.create_index("ix_provider_notice_received_at", "provider_notice", ["received_at"])

    op.create_table(
        "provider_question",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("notice_id", BIG, nullable=False),
        sa.Column("fact", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("means", sa.String(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["provider_notice.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("notice_id", "fact"),
    )
    op.create_index("ix_provider_question_notice_id", "provider_question", ["notice_id"])
    op.create_index("ix_provider_question_due_at", "provider_question", ["due_at"])
    _keep(is_sqlite=op.get_bind().dialect.name == "sqlite")


def _keep(*, is_sqlite: bool) -> None:
    """What a provider told us, and when, is insert-only; so is that a question was put."""
    asked = "notice_id, fact, asked_at, asked_by, means, due_at"
    for name, act, table in (
        ("provider_notice_refuses_update", "UPDATE", "provider_notice"),
        ("provider_notice_refuses_delete", "DELETE", "provider_notice"),
        ("provider_question_refuses_update", f"UPDATE OF {asked}", "provider_question"),
        ("provider_question_refuses_delete", "DELETE", "provider_question"),
    ):
        if is_sqlite:
            action = f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
            op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} {action}")
        else:
            op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
