"""What alerts name and the inventory does not know, and what was answered."""

import sqlalchemy as sa
from alembic import op

from breach_service.store.columns import UtcDateTime

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add the tables; answers that were given stay as they are."""
    op.create_table(
        "alert_labels",
        sa.Column("alert_id", BIG, nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alert_id"),
    )
    op.create_table(
        "unknown_name",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("episodes", BIG, nullable=False),
        sa.Column("alerts", BIG, nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        sa.Column("asked_of", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "value"),
    )
    for column in ("alerts", "counted_at", "asked_of"):
        op.create_index(f"ix_unknown_name_{column}", "unknown_name", [column])
    op.create_table(
        "unknown_alert",
        sa.Column("alert_id", BIG, nullable=False),
        sa.Column("name_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["name_id"], ["unknown_name.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alert_id", "name_id"),
    )
    op.create_index("ix_unknown_alert_name", "unknown_alert", ["name_id", "alert_id"])
    _create_answers()
    _keep_answers(is_sqlite=op.get_bind().dialect.name == "sqlite")


def _create_answers() -> None:
    op.create_table(
        "unknown_answer",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False, server_default=""),
        sa.Column("reason", sa.String(), nullable=False, server_default=""),
        sa.Column("revision", BIG, nullable=False),
        sa.Column("names", BIG, nullable=False),
        sa.Column("gained", sa.JSON(), nullable=False),
        sa.Column("ended", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_unknown_answer_at", "unknown_answer", ["at"])


def _keep_answers(*, is_sqlite: bool) -> None:
    for what in ("UPDATE", "DELETE"):
        trigger = f"unknown_answer_refuses_{what.lower()}"
        if is_sqlite:
            action = "BEGIN SELECT RAISE(ABORT, 'unknown_answer is insert-only'); END"
            op.execute(f"CREATE TRIGGER {trigger} BEFORE {what} ON unknown_answer {action}")
        else:
            op.execute(
                f"CREATE TRIGGER {trigger} BEFORE {what} ON unknown_answer "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
